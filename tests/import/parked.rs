//! One bad record never stops the rest: it is parked with its place, and leaves when it is mended.

use jiff::Timestamp;
use shoptet_sync::demo::agreement::broken_promises;
use shoptet_sync::demo::generate::write_files;
use shoptet_sync::sync::import::Files;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_record_without_its_key_is_parked_until_it_has_one() {
    for (customers, orders) in [
        (Customers::Xml, Orders::Xml),
        (Customers::Snapshot, Orders::Snapshot),
    ] {
        let trial = Trial::by(World::generate(61, 20, 50), customers, orders).await;
        let (code, guid) = trial.shop.change(|world| {
            let code = std::mem::take(&mut world.orders[6].code);
            (code, std::mem::take(&mut world.customers[3].guid))
        });
        for round in 0..3 {
            let report = trial.import().await;
            assert_eq!(
                (report.exit_code(), report.parked, report.bad_records),
                (3, 2, 2),
                "round {round}"
            );
            let told = parked(&trial.state());
            assert!(told[0].starts_with("customer #customers-4-"), "{told:?}");
            assert!(told[1].starts_with("order #orders-7-"), "{told:?}");
            assert!(told[1].contains(": record 7: "), "{told:?}");
            assert_eq!(trial.database().orders.len(), 49, "the others are there");
        }
        trial.shop.change(|world| {
            world.orders[6].code = code;
            world.customers[3].guid = guid;
        });
        let report = trial.import().await;
        assert_eq!((report.exit_code(), parked(&trial.state())), (0, Vec::new()));
        // Whose customer record came later keeps the key of a guest.
        let wrong = trial
            .shop
            .change(|world| broken_promises(world, &trial.database()));
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

/// Files in which one order is broken in several ways; each is read at a later moment than the one before.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_broken_inside_one_order_is_told_with_its_place() {
    let trial = Trial::of(World::generate(62, 20, 60)).await;
    let files = trial.folder.path().join("files");
    write_files(62, 20, 60, &files).unwrap();
    let whole = std::fs::read_to_string(files.join("orders.xml")).unwrap();
    let broken = |change: &dyn Fn(&str) -> String| {
        let mut orders = whole.split("<ORDER>").map(str::to_owned).collect::<Vec<_>>();
        orders[30] = change(&orders[30]);
        orders.join("<ORDER>")
    };
    let documents = [
        (
            "an element that is not closed",
            broken(&|order| order.replace("</EMAIL>", "")),
        ),
        (
            "an unknown entity",
            broken(&|order| order.replace("<EMAIL>", "<EMAIL>&nobody;")),
        ),
        (
            "a date that is none",
            broken(&|order| order.replace("<DATE>2", "<DATE>x2")),
        ),
        (
            "a total that is none",
            broken(&|order| order.replace("<WITH_VAT>", "<WITH_VAT>x")),
        ),
        (
            "an element of 10 MB",
            broken(&|order| order.replace("<EMAIL>", &format!("<EMAIL>{}", "x".repeat(10 << 20)))),
        ),
    ];
    let mut told = String::new();
    for (hour, (name, document)) in documents.iter().enumerate() {
        let report = import_file(&trial, &files, document, hour).await;
        told.push_str(&format!(
            "{name}\n   {} {}\n",
            report.exit_code(),
            parked(&trial.state()).join("; ")
        ));
        let rows = trial.database().orders.len();
        assert!(rows >= 59, "{name}: {rows} orders");
    }
    let report = import_file(&trial, &files, &whole, 10).await;
    assert_eq!((report.exit_code(), parked(&trial.state())), (0, Vec::new()));
    trial.agrees("mended");
    insta::assert_snapshot!(told);
}

/// The later one is used and the fact is parked, in the first import and in any other, until a person
/// puts it away.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_code_twice() {
    for first in [true, false] {
        let trial = Trial::by(World::generate(63, 20, 50), Customers::Xml, Orders::Xml).await;
        if !first {
            trial.import().await;
        }
        let (order_code, guid) = trial.shop.change(|world| {
            let mut order = world.orders[8].clone();
            order.status = -4;
            world.orders.push(order);
            let customer = world.customers[2].clone();
            world.customers.push(customer);
            (world.orders[8].code.clone(), world.customers[2].guid.clone())
        });
        let twice = "it stands twice in the document; the later one was used";
        let told = [
            format!("customer {guid}: {twice}"),
            format!("order {order_code}: {twice}"),
        ];
        for _ in 0..3 {
            let report = trial.import().await;
            assert_eq!((report.exit_code(), report.parked), (3, 2), "{first}");
            assert_eq!(parked(&trial.state()), told);
            assert_eq!(
                trial.database().orders[&format!("main:{order_code}")].status,
                "Stornována"
            );
            assert_eq!(trial.database().orders.len(), 50);
        }
        let state = State::open(&trial.state()).unwrap();
        for record in state.parked().unwrap() {
            state.set_dismissed(&record, true).unwrap();
        }
        drop(state);
        assert_eq!(trial.import().await.exit_code(), 0, "put away is put away");
        trial.shop.change(|world| {
            let order = world.orders.pop().unwrap();
            world.orders[8] = order;
            world.customers.pop();
        });
        trial.import().await;
        trial.agrees("mended");
    }
}

/// An order whose status nobody mapped waits in the target alone; everything else goes on.
#[tokio::test(flavor = "multi_thread")]
async fn an_unmapped_status_parks_the_order_until_it_changes() {
    let mut trial = Trial::by(World::generate(64, 20, 50), Customers::Xml, Orders::Xml).await;
    trial.more.target =
        "unmapped_status = \"park\"\n[target.statuses]\n\"Balí se\" = \"open\"\n\"*\" = \"any\"";
    trial.import().await;
    trial.agrees("all are mapped");
    let mut trial = trial.anew();
    trial.more.target = "unmapped_status = \"park\"\n[target.statuses]\n\"Vyřízena\" = \"done\"\n\"Stornována\" = \"cancelled\"";
    let unmapped = trial.shop.change(|world| {
        world
            .orders
            .iter()
            .filter(|order| ![-3, -4].contains(&order.status))
            .count()
    });
    for _ in 0..2 {
        let report = trial.import().await;
        assert_eq!((report.exit_code(), report.parked), (3, unmapped as u64));
        assert_eq!(trial.database().orders.len(), 50 - unmapped);
    }
    assert!(
        parked(&trial.state())[0].contains("add to [target.statuses]"),
        "{:?}",
        parked(&trial.state())
    );
    trial.shop.change(|world| world.orders_are_updated_in_bulk(100));
    let report = trial.import().await;
    assert_eq!((report.exit_code(), report.parked), (0, 0));
    trial.agrees("done");
}

async fn import_file(trial: &Trial, files: &Path, orders: &str, hour: usize) -> Report {
    std::fs::write(files.join("orders.xml"), orders).unwrap();
    let as_of = Timestamp::from_second(1_767_225_600 + 3_600 * i64::try_from(hour).unwrap()).unwrap();
    let options = ImportOptions {
        files: Some(Files {
            shop: "main".to_owned(),
            customers: Some(files.join("customers.jsonl.gz")),
            orders: Some(files.join("orders.xml")),
            as_of: Some(as_of),
        }),
        ..ImportOptions::default()
    };
    let report = trial.import_as(&options).await.unwrap();
    assert_eq!(report.failures, [""; 0]);
    report
}
