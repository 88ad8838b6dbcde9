//! What changed, when it is too much for a list.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use shoptet_sync::demo::world::World;
use shoptet_sync::model::Reading;
use shoptet_sync::source::document::{read_customers, read_orders};
use shoptet_sync::source::{Changes, Extent};

use super::changes::keys;
use super::simulated::{locale, now_of, pass_time, register_jobs, settings_of, shop_of, started};
use super::*;

/// Mass updates: the rest of a list is not paged twenty by twenty.
#[tokio::test]
async fn many_changes_come_as_a_snapshot_of_what_changed() {
    let simulated = started(World::generate(7, 700, 900)).await;
    register_jobs(&simulated);
    let last_read = now_of(&simulated);
    pass_time(&simulated, 60);
    let (deleted_customer, deleted_order) = simulated.change(|world| {
        let customer = world.customer_is_deleted().unwrap().customers.remove(0);
        let order = world.order_is_deleted().unwrap().orders.remove(0);
        touch_most_customers(world);
        let codes: Vec<String> = world.orders[100..]
            .iter()
            .map(|order| order.code.clone())
            .collect();
        codes.iter().for_each(|code| world.touch_order(code));
        (customer, order)
    });
    for (section, deleted, path) in [
        (Section::Customers, deleted_customer, "/api/customers/snapshot"),
        (Section::Orders, deleted_order, "/api/orders/snapshot"),
    ] {
        simulated.forget_requests();
        let folder = Folder::new();
        let spool = folder.spool();
        let product = shop_of(&simulated);
        let told = product
            .changes(section, last_read, &spool, &Silent)
            .await
            .unwrap();
        let Changes::Since(changed) = told else {
            panic!("{told:?}")
        };
        assert_eq!(
            keys(&changed.listed),
            [deleted.as_str()],
            "the deleted are no lines of a snapshot"
        );
        let download = changed.download.unwrap();
        let from = last_read - SignedDuration::from_mins(5);
        assert_eq!(
            (download.extent, download.complete),
            (Extent::ChangedSince(from), false)
        );
        let expected: BTreeSet<String> = simulated.change(|world| match section {
            Section::Customers => world
                .customers
                .iter()
                .filter(|c| c.changed >= from)
                .map(|c| c.guid.clone())
                .collect(),
            Section::Orders => world
                .orders
                .iter()
                .filter(|o| o.changed >= from)
                .map(|o| o.code.clone())
                .collect(),
        });
        assert_eq!(keys_in(section, &download.path), expected);
        assert!(expected.len() > 600);
        let requests = simulated.requests();
        assert!(requests.len() < 12, "{} requests", requests.len());
        let job = requests.iter().find(|request| request.path == path).unwrap();
        assert!(job.parameter("changeTimeFrom").unwrap().ends_with("+0000"));

        // Killed before it was stored: it is used again, and vouches for no more than then.
        pass_time(&simulated, 10);
        let again = product
            .changes(section, last_read, &spool, &Silent)
            .await
            .unwrap();
        let Changes::Since(again) = again else {
            panic!("{again:?}")
        };
        assert_eq!(again.download.unwrap(), download);
        assert_eq!(again.cursor, Some(download.cursor));

        // It is never taken for everything.
        let whole = match section {
            Section::Customers => product.download_customers(&spool, &Silent).await,
            Section::Orders => {
                let mut settings = settings_of(&simulated);
                settings.orders.source = OrdersSource::Api;
                shop(&settings).download_orders(&spool, &Silent).await
            }
        };
        let whole = whole.unwrap();
        assert_eq!((whole.extent, whole.complete), (Extent::Whole, true));
        assert!(keys_in(section, &whole.path).len() > expected.len());
    }
}

fn touch_most_customers(world: &mut World) {
    let guids: Vec<String> = world
        .customers
        .iter()
        .skip(20)
        .map(|customer| customer.guid.clone())
        .collect();
    guids.iter().for_each(|guid| world.touch_customer(guid));
}

fn keys_in(section: Section, path: &std::path::Path) -> BTreeSet<String> {
    let locale = locale();
    let mut keys = BTreeSet::new();
    match section {
        Section::Customers => read_customers(path, &locale, &mut |reading, _| {
            if let Reading::Record(customer) = reading {
                keys.insert(customer.guid);
            }
            Ok(())
        }),
        Section::Orders => read_orders(path, &locale, &mut |reading, _| {
            if let Reading::Record(order) = reading {
                keys.insert(order.code);
            }
            Ok(())
        }),
    }
    .unwrap();
    keys
}

#[tokio::test]
async fn without_a_job_many_changes_are_listed_all_the_same() {
    let simulated = started(World::generate(8, 650, 20)).await;
    let last_read = now_of(&simulated);
    pass_time(&simulated, 60);
    simulated.change(touch_most_customers);
    let told = Told::default();
    let folder = Folder::new();
    let changes = shop_of(&simulated)
        .changes(Section::Customers, last_read, &folder.spool(), &told)
        .await
        .unwrap();
    let Changes::Since(changed) = changes else {
        panic!("{changes:?}")
    };
    assert!(changed.listed.len() > 600 && changed.download.is_none() && changed.cursor.is_some());
    assert!(told.0.lock().unwrap()[0].contains("job:finished"));
}
