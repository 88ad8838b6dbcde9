//! What the modes and the interval mean for what is new, changed and deleted.

use super::*;

/// A trial with more lines in `[shop.customers]` and `[shop.orders]`, imported.
async fn trial(ways: (Customers, Orders), customers: &'static str, orders: &'static str) -> Trial {
    let mut trial = Trial::by(World::generate(9, 20, 50), ways.0, ways.1).await;
    (trial.more.customers, trial.more.orders) = (customers, orders);
    trial.import().await;
    trial
}

const WAYS: [(Customers, Orders); 2] = [
    (Customers::Snapshot, Orders::Snapshot),
    (Customers::Xml, Orders::Xml),
];

#[tokio::test(flavor = "multi_thread")]
async fn new_takes_what_is_new_and_leaves_what_is_known() {
    for ways in WAYS {
        let new = "mode = \"new\"";
        let trial = trial(ways, new, new).await;
        let before = trial.dump_without_times();
        trial.shop.change(|world| {
            world.customer_is_edited().unwrap();
            world.order_is_edited().unwrap();
            world.order_status_changes().unwrap();
        });
        for _ in 0..2 {
            trial.sync().await;
            same(
                &before,
                &trial.dump_without_times(),
                "what is known stays as it was",
            );
        }
        let order = trial
            .shop
            .change(|world| world.known_guest_orders_again().unwrap().orders[0].clone());
        let guid = trial
            .shop
            .change(|world| world.somebody_registers().unwrap().customers[0].clone());
        trial.sync().await;
        let database = trial.database();
        assert!(database.orders.contains_key(&format!("main:{order}")), "{ways:?}");
        assert!(
            database.contacts.contains_key(&format!("main:c:{guid}")),
            "{ways:?}"
        );
        let deleted = trial
            .shop
            .change(|world| world.customer_is_deleted().unwrap().customers[0].clone());
        for _ in 0..2 {
            trial.sync().await;
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let gone = &trial.database().contacts[&format!("main:c:{deleted}")].gone_at;
        assert_eq!(gone, "", "{ways:?}: a deletion is no news of what is new");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn off_is_not_even_asked_for() {
    for ways in WAYS {
        let trial = trial(ways, "", "mode = \"off\"").await;
        assert!(trial.database().orders.is_empty(), "{ways:?}");
        trial.shop.change(|world| world.customer_orders().unwrap());
        let guid = trial
            .shop
            .change(|world| world.somebody_registers().unwrap().customers[0].clone());
        trial.sync().await;
        assert!(trial.database().orders.is_empty(), "{ways:?}");
        assert!(
            trial.database().contacts.contains_key(&format!("main:c:{guid}")),
            "{ways:?}"
        );
        let asked = trial.shop.change(|world| world.links.reads.len());
        assert_eq!(asked, 0, "{ways:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_of_before_the_interval_are_not_followed() {
    for ways in WAYS {
        let trial = trial(ways, "", "since = \"2100-01-01\"").await;
        trial.shop.change(|world| world.order_is_edited().unwrap());
        trial.shop.change(|world| world.order_status_changes().unwrap());
        trial.sync().await;
        assert!(trial.database().orders.is_empty(), "{ways:?}");
    }
}

/// What an earlier interval passed over nobody tells again by itself: that is said, until it was read.
#[tokio::test(flavor = "multi_thread")]
async fn a_wider_interval_asks_for_an_import() {
    let mut trial = trial(WAYS[0], "", "since = \"2100-01-01\"\nguests = \"skip\"").await;
    assert_eq!(trial.sync().await.notes, [""; 0]);
    trial.more.orders = "since = \"2000-01-01\"\nguests = \"skip\"";
    let told = trial.sync().await.notes;
    assert!(told[0].contains("`since` became earlier"), "{told:?}");
    assert!(told[0].contains("import"), "{told:?}");
    trial.import().await;
    assert_eq!(trial.sync().await.notes, [""; 0]);
    trial.more.orders = "since = \"2000-01-01\"";
    let told = trial.sync().await.notes;
    assert!(told[0].contains("guests came to be taken"), "{told:?}");
}
