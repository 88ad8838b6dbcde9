//! With nothing new, nothing is written.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn with_nothing_new_not_a_row_changes() {
    for (customers, orders) in [
        (Customers::Snapshot, Orders::Snapshot),
        (Customers::Xml, Orders::Xml),
    ] {
        let trial = Trial::by(World::generate(3, 30, 80), customers, orders).await;
        trial.import().await;
        let before = std::fs::read(trial.contacts()).unwrap();
        for _ in 0..3 {
            let report = trial.sync().await;
            assert_eq!((report.customers_changed, report.orders_changed), (0, 0));
            assert!(report.targets.is_empty(), "{:?}", report.targets);
        }
        assert!(
            before == std::fs::read(trial.contacts()).unwrap(),
            "a byte changed"
        );
    }
}
