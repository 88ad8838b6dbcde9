//! A second import: it writes what is new, and nothing else.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn with_nothing_new_not_a_byte_changes() {
    let ways = [
        (Customers::Snapshot, Orders::Snapshot),
        (Customers::Snapshot, Orders::Xml),
        (Customers::Csv, Orders::Csv),
    ];
    for (customers, orders) in ways {
        let trial = Trial::by(World::generate(3, 70, 200), customers, orders).await;
        trial.import().await;
        let (bytes, rows) = (std::fs::read(trial.contacts()).unwrap(), trial.dump());
        for _ in 0..3 {
            // A wrong `updated_at` would hide inside one second.
            tokio::time::sleep(Duration::from_millis(400)).await;
            let report = trial.import().await;
            assert_eq!((report.customers_changed, report.orders_changed), (0, 0));
            assert!(report.targets.is_empty(), "{:?}", report.targets);
        }
        same(&rows, &trial.dump(), &format!("{customers:?} and {orders:?}"));
        assert!(
            bytes == std::fs::read(trial.contacts()).unwrap(),
            "{customers:?} and {orders:?}"
        );
    }
}

/// Only what an event concerns is written, and its rows alone get another `updated_at`.
#[tokio::test(flavor = "multi_thread")]
async fn one_event_touches_one_contact() {
    let trial = Trial::of(World::generate(4, 70, 200)).await;
    trial.import().await;
    let before = trial.dump();
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let order = trial
        .shop
        .change(|world| world.known_guest_orders_again())
        .unwrap()
        .orders
        .remove(0);
    let report = trial.import().await;
    let done = &report.targets["contacts"];
    assert_eq!(
        (
            done.created,
            done.updated,
            done.orders_created,
            done.orders_updated
        ),
        (0, 1, 1, 0)
    );
    let changed = difference(&before, &trial.dump());
    assert_eq!(
        changed.len(),
        3,
        "the contact before and after, and the order: {changed:#?}"
    );
    assert_eq!(
        changed
            .iter()
            .filter(|row| row.starts_with("+ orders") && row.contains(&order))
            .count(),
        1
    );
}
