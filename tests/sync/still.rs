//! With nothing new, nothing is written.

use shoptet_sync::sync::import::{Files, ImportOptions, import};
use shoptet_sync::sync::plan::plan;

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

/// What the API tells of the shop is not configured: a command that asks it, one that does not and one that
/// reads files find the same to be delivered.
#[tokio::test(flavor = "multi_thread")]
async fn whichever_command_comes_next_nothing_seems_reconfigured() {
    let trial = Trial::by(World::generate(4, 20, 40), Customers::Snapshot, Orders::Snapshot).await;
    let mut setup = trial.setup();
    (setup.shops[0].currency, setup.shops[0].timezone) = (None, None);
    "Europe/Lisbon".clone_into(&mut setup.timezone);
    let why_all = async || {
        let told = plan(&setup, &mut |_, _| Ok(()), &Silent).await.unwrap();
        (told.targets[0].why_all, told.targets[0].keep)
    };
    let file = trial.folder.path().join("orders.xml");
    std::fs::write(&file, "<ORDERS></ORDERS>").unwrap();
    let files = Files {
        shop: "main".to_owned(),
        orders: Some(file),
        as_of: Some("2019-01-01T00:00:00Z".parse().unwrap()),
        ..Files::default()
    };
    let options = ImportOptions::default();
    import(&setup, &options, &Silent).await.unwrap();
    assert_eq!(why_all().await, (None, 0), "after an import");
    let engine = Engine::open(setup.clone(), "sync").await.unwrap();
    engine.sync(&DeliveryOptions::default(), &Silent).await.unwrap();
    drop(engine);
    assert_eq!(why_all().await, (None, 0), "after a run");
    let of_files = ImportOptions {
        files: Some(files),
        ..ImportOptions::default()
    };
    import(&setup, &of_files, &Silent).await.unwrap();
    assert_eq!(why_all().await, (None, 0), "after files");
    let report = import(&setup, &options, &Silent).await.unwrap();
    assert!(report.targets.is_empty(), "{:?}", report.targets);
    assert_eq!(why_all().await, (None, 0), "after another import");
}
