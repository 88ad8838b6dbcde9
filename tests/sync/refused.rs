//! A listing that an incremental run refused, and that a person believes afterwards.

use shoptet_sync::sync::incremental::How;

use super::*;

fn accepting() -> DeliveryOptions {
    DeliveryOptions {
        accept: true,
        ..DeliveryOptions::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accepting_believes_the_customers_that_were_refused() {
    let trial = Trial::by(World::generate(67, 12, 30), Customers::Xml, Orders::Xml).await;
    trial.import().await;
    let all = trial.shop.change(|world| world.customers.clone());
    trial.shop.change(|world| world.customers.truncate(1));
    trial
        .shop
        .change(|world| world.customers[0].guid = "somebody-else".to_owned());
    let report = trial.try_sync().await.unwrap();
    assert_eq!(report.exit_code(), 2, "{report:?}");
    assert!(
        report.failures[0].contains("customers.refused.data"),
        "{report:?}"
    );

    trial.shop.change(|world| world.customers = all);
    let accepted = trial.sync_as(&accepting()).await.unwrap();
    assert_eq!((accepted.exit_code(), &accepted.failures[..]), (0, &[][..]));
    assert!(
        accepted.notes[0].contains("are accepted as read at 2"),
        "{accepted:?}"
    );
    let key = "main:c:somebody-else";
    assert!(trial.database().contacts.contains_key(key));
    trial.sync().await;
}

/// What a person believes need not be said again at the next run, which confirms it.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_is_not_refused_again() {
    for left in [15, 0] {
        let trial = Trial::by(World::generate(70, 60, 30), Customers::Xml, Orders::Xml).await;
        trial.import().await;
        trial.shop.change(|world| world.customers.truncate(left));
        assert_eq!(trial.try_sync().await.unwrap().exit_code(), 2, "{left}");
        let accepted = trial.sync_as(&accepting()).await.unwrap();
        assert_eq!(accepted.exit_code(), 0, "{left}");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        let confirmed = trial.sync().await;
        assert_eq!(confirmed.customers_gone, 60 - left as u64, "{left}");
    }
}

/// Full listings of orders are read rarely; one that was refused then does not wait for the next.
#[tokio::test(flavor = "multi_thread")]
async fn accepting_believes_the_orders_that_an_import_refused() {
    let trial = Trial::by(World::generate(68, 12, 60), Customers::Xml, Orders::Xml).await;
    trial.import().await;
    trial.shop.change(|world| {
        let mut new = world.orders[0].clone();
        new.code = "NEW1".to_owned();
        world.orders.truncate(20);
        world.orders.push(new);
    });
    assert_eq!(trial.try_import().await.unwrap().exit_code(), 2);
    trial.shop.change(|world| world.orders.pop());
    let accepted = trial.sync_as(&accepting()).await.unwrap();
    assert_eq!((accepted.exit_code(), &accepted.failures[..]), (0, &[][..]));
    assert!(trial.database().orders.contains_key("main:NEW1"));
}

/// An import puts orders off with the customers that it refuses; who reads everything afterwards reads them
/// anew.
#[tokio::test(flavor = "multi_thread")]
async fn orders_that_were_put_off_are_not_taken_for_what_the_shop_says_now() {
    let trial = Trial::by(World::generate(69, 12, 30), Customers::Xml, Orders::Xml).await;
    trial.import().await;
    // What was read is known by the second, and this has to be later.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let all = trial.shop.change(|world| std::mem::take(&mut world.customers));
    assert_eq!(trial.try_import().await.unwrap().exit_code(), 2);
    let put_off = trial.state().join("spool").join("main").join("orders.data");
    assert!(
        put_off.exists(),
        "they wait for a person who believes the customers"
    );
    trial.shop.change(|world| {
        world.customers = all;
        world.known_guest_orders_again().unwrap();
    });
    let engine = Engine::open(trial.setup(), "reconcile").await.unwrap();
    let mut report = Report::default();
    engine
        .follow(0, How::Everything, false, &Silent, &mut report)
        .await
        .unwrap();
    assert_eq!((report.orders_changed, report.failures), (1, Vec::new()));
    assert!(!put_off.exists());
}
