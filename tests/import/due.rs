//! What waits for delivery is delivered, once, to the right contact, whatever comes between.

use super::*;

fn only(who: &str) -> ImportOptions {
    ImportOptions {
        only: vec![who.to_owned()],
        ..ImportOptions::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_run_delivers_some_and_the_next_the_rest() {
    let trial = Trial::of(World::generate(71, 30, 80)).await;
    let limited = ImportOptions {
        limit: Some(5),
        ..ImportOptions::default()
    };
    let report = trial.import_as(&limited).await.unwrap();
    assert_eq!(report.targets["contacts"].created, 5);
    assert_eq!(trial.database().people(), 5);
    trial.import_as(&limited).await.unwrap();
    assert_eq!(trial.database().people(), 10);
    let who = trial
        .shop
        .change(|world| world.customers[20].accounts[0].email.clone());
    trial.import_as(&only(&who)).await.unwrap();
    assert_eq!(trial.database().people(), 11);
    let report = trial.import().await;
    assert_eq!(report.targets["contacts"].waiting, 0);
    trial.agrees("the rest");
    let unknown = trial.import_as(&only("nobody@posta.example")).await.unwrap_err();
    assert_eq!(unknown.exit_code(), 2);
    assert!(!unknown.to_string().contains("nobody"), "{unknown}");
}

/// An order that waits under a contact which is merged meanwhile belongs to the one that stays.
#[tokio::test(flavor = "multi_thread")]
async fn what_waits_follows_a_merge() {
    let trial = Trial::by(World::generate(72, 30, 80), Customers::Xml, Orders::Xml).await;
    trial.import().await;
    let somebody = trial
        .shop
        .change(|world| world.customers[0].accounts[0].email.clone());
    // A guest's order changes, and is not delivered.
    let (guest, code) = trial.shop.change(|world| {
        let order = world.known_guest_orders_again().unwrap().orders.remove(0);
        (world.order(&order).unwrap().email.clone().unwrap(), order)
    });
    trial.import_as(&only(&somebody)).await.unwrap();
    assert!(
        !trial.database().orders.contains_key(&format!("main:{code}")),
        "it waits"
    );
    // Then the guest turns out to be a customer of old.
    let customer = trial.shop.change(|world| {
        let customer = world.customers[1].guid.clone();
        world.customer_mut(&customer).unwrap().accounts[0].email = guest;
        world.touch_customer(&customer);
        customer
    });
    trial.import().await;
    let database = trial.database();
    let contact = &database.orders[&format!("main:{code}")].contact;
    assert_eq!(database.contacts[contact].merged_into, "", "{contact} stays");
    let on_merged: Vec<_> = database
        .orders
        .iter()
        .filter(|(_, order)| !database.contacts[&order.contact].merged_into.is_empty())
        .collect();
    assert!(on_merged.is_empty(), "{on_merged:?}");
    let merged: Vec<_> = database
        .contacts
        .iter()
        .filter(|(_, row)| !row.merged_into.is_empty())
        .collect();
    assert_eq!(merged.len(), 1, "{customer} and the guest are one: {merged:?}");
}

/// What stood in the contact database before is linked by its e-mail, not doubled; of several none is
/// taken, and nobody's record becomes somebody else's.
#[tokio::test(flavor = "multi_thread")]
async fn rows_of_before_are_adopted() {
    let trial = Trial::by(World::generate(73, 30, 80), Customers::Xml, Orders::Xml).await;
    let logins = trial.shop.change(|world| {
        let logins = world
            .customers
            .iter()
            .map(|customer| customer.accounts[0].email.to_lowercase());
        logins.collect::<Vec<_>>()
    });
    std::fs::create_dir(trial.state()).unwrap();
    let connection = Connection::open(trial.contacts()).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE contacts(key TEXT PRIMARY KEY NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
             gone_at TEXT, merged_into TEXT, email TEXT, full_name TEXT, mine TEXT)",
        )
        .unwrap();
    let insert = "INSERT INTO contacts(key, created_at, updated_at, email, full_name, mine) VALUES (?1, 'then', 'then', ?2, ?3, 'mine')";
    for (key, email, name) in [
        (
            "row-1",
            format!(" {} ", logins[4].to_uppercase()),
            "Typed By Hand",
        ),
        ("row-2", logins[5].clone(), "One Of Two"),
        ("row-3", logins[5].clone(), "The Other"),
        ("row-4", "somebody.else@posta.example".to_owned(), "Somebody Else"),
    ] {
        connection.execute(insert, [key, &email, name]).unwrap();
    }
    drop(connection);
    let report = trial.import().await;
    assert_eq!((report.exit_code(), report.parked), (3, 1));
    let database = trial.database();
    let adopted = &database.contacts["row-1"];
    assert_eq!(adopted.name, "Typed By Hand", "what a person typed stays");
    assert!(!adopted.registered_at.is_empty(), "what was empty is filled");
    assert_eq!(database.contacts["row-4"].registered_at, "");
    let told = parked(&trial.state());
    assert!(
        told[0].contains("2 records could be this contact: row-2, row-3"),
        "{told:?}"
    );
    let orders_of_adopted = database
        .orders
        .values()
        .filter(|order| order.contact == "row-1")
        .count();
    let truth = trial.shop.change(|world| Truth::of(world, &trial.reading()));
    assert_eq!(orders_of_adopted, truth.contacts[4].orders.len());
    assert_eq!(
        database.people(),
        truth.contacts.len() - 1 + 3,
        "one adopted, one parked"
    );
}

/// A row that holds the e-mail but is another contact's is nobody to choose between.
#[tokio::test(flavor = "multi_thread")]
async fn rows_of_others_are_no_candidates() {
    let trial = Trial::by(World::generate(74, 30, 80), Customers::Xml, Orders::Xml).await;
    trial.import().await;
    let connection = Connection::open(trial.contacts()).unwrap();
    // A person typed one e-mail into two rows that are ours; then somebody new registers with it.
    let rows: Vec<String> = trial.database().contacts.keys().take(2).cloned().collect();
    for row in &rows {
        connection
            .execute(
                "UPDATE contacts SET email = 'typed@posta.example' WHERE key = ?1",
                [row],
            )
            .unwrap();
    }
    drop(connection);
    let guid = trial.shop.change(|world| {
        let like = world.orders[0].clone();
        world.add_customer("typed@posta.example", &like)
    });
    let report = trial.import().await;
    assert_eq!((report.exit_code(), parked(&trial.state())), (0, Vec::new()));
    assert!(trial.database().contacts.contains_key(&format!("main:c:{guid}")));
}
