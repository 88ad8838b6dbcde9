//! The first import: one person, one contact, by whatever way the shop is read.

use shoptet_sync::demo::generate::write_files;
use shoptet_sync::demo::random::Random;
use shoptet_sync::demo::world::Encoding;
use shoptet_sync::sync::import::Files;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn every_way_of_reading_ends_with_the_truth() {
    let ways = [
        (Customers::Snapshot, Orders::Snapshot),
        (Customers::Snapshot, Orders::Xml),
        (Customers::Paged, Orders::Xml),
        (Customers::Xml, Orders::Xml),
        (Customers::Csv, Orders::Csv),
        (Customers::Xml, Orders::Csv),
    ];
    for encoding in [Encoding::Utf8, Encoding::Windows1250] {
        for (customers, orders) in ways {
            let mut world = World::generate(11, 60, 180);
            world.links.xml_encoding = encoding;
            world.links.csv_encoding = encoding;
            world.links.xml_decimal_comma = encoding == Encoding::Windows1250;
            let trial = Trial::by(world, customers, orders).await;
            let report = trial.import().await;
            let about = format!("{customers:?} and {orders:?} in {encoding:?}");
            assert_eq!(
                (report.customers_read, report.orders_read, report.parked),
                (60, 180, 0),
                "{about}"
            );
            trial.agrees(&about);
            assert!(trial.shop.leaked_tokens().is_empty());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_shop_ends_with_the_truth() {
    let sizes = [
        (0, 0),
        (0, 40),
        (40, 0),
        (1, 1),
        (3, 400),
        (400, 30),
        (700, 2_500),
    ];
    for (seed, (customers, orders)) in (1..).zip(sizes) {
        let trial = Trial::of(World::generate(seed, customers, orders)).await;
        trial.import().await;
        trial.agrees(&format!(
            "seed {seed} with {customers} customers and {orders} orders"
        ));
    }
    for seed in 20..26 {
        let trial = Trial::by(
            World::generate(seed, 80, 240),
            Customers::Snapshot,
            Orders::Snapshot,
        )
        .await;
        trial.import().await;
        trial.agrees(&format!("seed {seed}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn downloaded_files_end_with_the_truth() {
    for (seed, customers, orders) in [(1, 50, 200), (2, 0, 60), (3, 300, 900)] {
        let trial = Trial::of(World::generate(seed, customers, orders)).await;
        let files = trial.folder.path().join("files");
        write_files(seed, customers, orders, &files).unwrap();
        let options = ImportOptions {
            files: Some(Files {
                shop: "main".to_owned(),
                customers: Some(files.join("customers.jsonl.gz")),
                orders: Some(files.join("orders.xml")),
                as_of: None,
            }),
            ..ImportOptions::default()
        };
        trial.import_as(&options).await.unwrap();
        trial.agrees(&format!("seed {seed} from files"));
        assert!(trial.shop.requests().is_empty(), "nobody asked the shop");
    }
}

/// Promise 7: the order of telling does not matter.
#[tokio::test(flavor = "multi_thread")]
async fn shuffled_documents_give_the_same_contacts() {
    for seed in [5, 6, 7] {
        let told = Trial::of(World::generate(seed, 90, 400)).await;
        told.import().await;
        let expected = told.dump_without_times();
        for shuffle in 0..3 {
            let mut world = World::generate(seed, 90, 400);
            let mut chance = Random::new(shuffle);
            let mut key = || chance.next();
            world.customers.sort_by_cached_key(|_| key());
            world.orders.sort_by_cached_key(|_| key());
            let shuffled = Trial::of(world).await;
            shuffled.import().await;
            let found = shuffled.dump_without_times();
            // The shop's address, which stands in no row of its own, is another port.
            same(
                &without_port(&expected, &told),
                &without_port(&found, &shuffled),
                &format!("seed {seed}"),
            );
        }
    }
}

/// A contact database that is there already keeps the first import from building one: each record is
/// then told one by one, as to any later import.
#[tokio::test(flavor = "multi_thread")]
async fn told_one_by_one_it_is_the_same() {
    for (seed, customers, orders) in [(1, 60, 180), (2, 0, 60), (8, 200, 700)] {
        let built = Trial::of(World::generate(seed, customers, orders)).await;
        built.import().await;
        // Whose phone was told before the e-mail keeps the key of the phone; who has which order, `agrees` tells.
        let without = ["created_at", "updated_at", "key", "contact_key"];
        let expected = without_port(&dump(&built.contacts(), &without), &built);
        let told = Trial::of(World::generate(seed, customers, orders)).await;
        std::fs::create_dir(told.state()).unwrap();
        Connection::open(told.contacts())
            .unwrap()
            .execute_batch("CREATE TABLE mine(x)")
            .unwrap();
        told.import().await;
        told.agrees(&format!("seed {seed}, one by one"));
        same(
            &expected,
            &without_port(&dump(&told.contacts(), &without), &told),
            &format!("seed {seed}"),
        );
    }
}

fn without_port(dump: &[String], trial: &Trial) -> Vec<String> {
    dump.iter()
        .map(|row| row.replace(trial.shop.url(), "SHOP"))
        .collect()
}
