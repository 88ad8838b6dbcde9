//! A listing that an incremental run refused, and that a person believes afterwards.

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
