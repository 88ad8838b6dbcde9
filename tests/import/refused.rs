//! A listing that was refused is kept, and `--accept` believes that one: what a person could look at.

use super::*;

/// A shop of 60 orders, imported, that shows a third of them now, and one that is new.
async fn shrunk(seed: u64) -> Trial {
    let trial = Trial::by(World::generate(seed, 12, 60), Customers::Xml, Orders::Xml).await;
    trial.import().await;
    trial.shop.change(|world| {
        let mut new = world.orders[0].clone();
        new.code = "NEW1".to_owned();
        world.orders.truncate(20);
        world.orders.push(new);
    });
    trial
}

/// Imports; the shop wants a pause of a quarter of an hour between two exports.
async fn outcome(trial: &Trial, accept: bool, pause: u64) -> Report {
    let mut setup = trial.setup();
    let exports = setup.shops[0].exports.as_mut().unwrap();
    exports.min_interval = Duration::from_secs(60 * pause);
    let options = ImportOptions {
        accept,
        ..ImportOptions::default()
    };
    import(&setup, &options, &Silent).await.unwrap()
}

fn is_refused(report: &Report) -> &str {
    assert_eq!(report.exit_code(), 2, "{report:?}");
    assert_eq!(report.failures.len(), 1, "{report:?}");
    &report.failures[0]
}

fn kept(trial: &Trial, section: &str) -> std::path::PathBuf {
    let folder = trial.state().join("spool").join("main");
    folder.join(format!("{section}.refused.data"))
}

/// How many orders were missing in the last listing.
fn missing(trial: &Trial) -> i64 {
    let state = Connection::open(trial.state().join("state.db")).unwrap();
    let count = "SELECT count(*) FROM orders WHERE missing > 0";
    state.query_row(count, [], |row| row.get(0)).unwrap()
}

fn knows(trial: &Trial, code: &str) -> bool {
    trial.database().orders.contains_key(&format!("main:{code}"))
}

/// Whatever the shop says by now, and without another export.
#[tokio::test(flavor = "multi_thread")]
async fn accepting_believes_what_was_refused_and_nothing_else() {
    let trial = shrunk(61).await;
    let refused = outcome(&trial, false, 0).await;
    let told = is_refused(&refused);
    let file = kept(&trial, "orders");
    assert!(
        told.contains("40 of 60 known are missing in it, and it holds 21"),
        "{told}"
    );
    assert!(told.contains(file.to_str().unwrap()), "{told}");
    assert!(told.contains(" kB, read at 2"), "{told}");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("NEW1"), "it can be looked at");

    trial.shop.change(|world| world.orders.clear());
    let accepted = outcome(&trial, true, 15).await;
    assert_eq!((accepted.exit_code(), &accepted.failures[..]), (0, &[][..]));
    let notes = accepted.notes.join("; ");
    assert!(
        notes.contains("the orders of main are accepted as read at 2"),
        "{notes}"
    );
    assert!(notes.contains("40 of 60 known are missing"), "{notes}");
    assert!(knows(&trial, "NEW1"));
    assert_eq!(missing(&trial), 40);
    assert!(!file.exists(), "it is committed");
}

/// Who says so before anything was refused knows what comes.
#[tokio::test(flavor = "multi_thread")]
async fn accepting_beforehand_believes_what_is_read() {
    let trial = shrunk(62).await;
    let accepted = outcome(&trial, true, 0).await;
    assert_eq!((accepted.exit_code(), &accepted.failures[..]), (0, &[][..]));
    assert!(knows(&trial, "NEW1"));
    assert_eq!(missing(&trial), 40);
}

/// Customers were refused; orders of which nobody was told are not believed with them.
#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_has_seen_is_not_believed() {
    let trial = shrunk(62).await;
    let orders = trial.shop.change(|world| world.orders.clone());
    let before = trial.dump();
    trial.shop.change(|world| {
        world.customers.clear();
        world.orders = World::generate(62, 12, 60).orders;
    });
    is_refused(&outcome(&trial, false, 0).await);
    let put_off = trial.state().join("spool").join("main").join("orders.data");
    std::fs::remove_file(put_off).unwrap();
    trial.shop.change(|world| world.orders = orders);
    let told = outcome(&trial, true, 0).await;
    assert!(is_refused(&told).contains("40 of 60 known are missing in it"));
    assert_eq!(missing(&trial), 0);
    assert_eq!(before.len(), trial.dump().len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_listing_is_believed_for_a_day() {
    let trial = shrunk(63).await;
    is_refused(&outcome(&trial, false, 0).await);
    let description = kept(&trial, "orders").with_extension("json");
    let text = std::fs::read_to_string(&description).unwrap();
    let mut told: serde_json::Value = serde_json::from_str(&text).unwrap();
    let yesterday = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(25);
    told["requested_at"] = yesterday.to_string().into();
    std::fs::write(&description, told.to_string()).unwrap();

    trial.shop.change(|world| world.orders.truncate(5));
    let accepted = outcome(&trial, true, 0).await;
    assert_eq!(accepted.exit_code(), 0);
    assert_eq!(missing(&trial), 55, "it is forgotten: what is read now is meant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_listing_takes_its_place() {
    let trial = shrunk(64).await;
    let orders = trial.shop.change(|world| world.orders.clone());
    is_refused(&outcome(&trial, false, 0).await);
    let all = World::generate(64, 12, 60).orders;
    trial.shop.change(|world| world.orders = all);
    assert_eq!(outcome(&trial, false, 0).await.exit_code(), 0);
    assert!(!kept(&trial, "orders").exists());
    trial.shop.change(|world| world.orders = orders);
    is_refused(&outcome(&trial, false, 0).await);
    assert!(!knows(&trial, "NEW1"));
}

/// A file that a person gives they can have looked at.
#[tokio::test(flavor = "multi_thread")]
async fn files_are_accepted_at_once() {
    let trial = shrunk(65).await;
    is_refused(&outcome(&trial, false, 0).await);
    let file = trial.folder.path().join("orders.xml");
    std::fs::copy(kept(&trial, "orders"), &file).unwrap();
    let files = shoptet_sync::sync::import::Files {
        shop: "main".to_owned(),
        orders: Some(file),
        ..Default::default()
    };
    let options = ImportOptions {
        accept: true,
        files: Some(files),
        ..ImportOptions::default()
    };
    assert_eq!(trial.import_as(&options).await.unwrap().exit_code(), 0);
    assert!(knows(&trial, "NEW1"));
}

/// The orders that were downloaded beside refused customers are not asked for again either.
#[tokio::test(flavor = "multi_thread")]
async fn accepted_customers_have_the_orders_that_came_with_them() {
    let trial = Trial::by(World::generate(66, 12, 60), Customers::Xml, Orders::Xml).await;
    trial.import().await;
    // What was read is known by the second, and this has to be later.
    tokio::time::sleep(Duration::from_secs(1)).await;
    trial.shop.change(|world| {
        world.customers.clear();
        world.known_guest_orders_again()
    });
    let before = trial.dump();
    is_refused(&outcome(&trial, false, 0).await);
    same(&before, &trial.dump(), "orders wait for their customers");
    let accepted = outcome(&trial, true, 15).await;
    assert_eq!((accepted.exit_code(), &accepted.failures[..]), (0, &[][..]));
    assert_eq!(trial.database().orders.len(), 61);
}

/// Reading all customers takes hours where it goes one by one: what cannot be had is told before.
#[tokio::test(flavor = "multi_thread")]
async fn orders_that_cannot_be_had_are_told_before_the_customers_are_read() {
    let trial = Trial::by(World::generate(64, 12, 30), Customers::Paged, Orders::Snapshot).await;
    let error = trial.try_import().await.unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert!(error.cause().contains("job:finished"), "{error}");
    let asked = trial.shop.requests();
    assert!(
        asked
            .iter()
            .all(|request| !request.path.starts_with("/api/customers")),
        "{asked:?}"
    );
}
