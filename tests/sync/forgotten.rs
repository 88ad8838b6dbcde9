//! Somebody was forgotten: the shop goes on telling of them, and nothing of it is stored.

use std::path::Path;

use shoptet_sync::demo::shown::ContactDatabase;
use shoptet_sync::demo::world::{Customer, Order};
use shoptet_sync::sync::full_plan::plan_in_full;

use super::*;

const EMAIL: &str = "kanarek@posta.example";
const CANARIES: [&str; 5] = ["kanarek@", "Kanárek", "777666555", "777 666 555", "Tajnosti"];

/// One customer with orders becomes the canary; answers with the guid.
fn plant(world: &mut World) -> String {
    let guid = world
        .orders
        .iter()
        .find_map(|order| order.customer_guid.clone())
        .unwrap();
    let customer = world.customer_mut(&guid).unwrap();
    customer.accounts.truncate(1);
    customer.accounts[0].email = EMAIL.to_owned();
    customer.accounts[0].phone = Some("777666555".to_owned());
    customer.accounts[0].full_name = Some("Kanárek Žlutý".to_owned());
    customer.delivery.clear();
    let mut billing = customer.billing.clone();
    billing.full_name = "Kanárek Žlutý".to_owned();
    billing.street = "V Tajnosti".to_owned();
    customer.billing = billing.clone();
    for order in world
        .orders
        .iter_mut()
        .filter(|order| order.customer_guid.as_deref() == Some(&guid))
    {
        theirs(order, &billing);
    }
    guid
}

fn theirs(order: &mut Order, billing: &shoptet_sync::demo::world::Address) {
    order.email = Some(EMAIL.to_owned());
    order.phone = Some("+420 777 666 555".to_owned());
    order.billing = billing.clone();
    order.delivery = None;
}

/// Takes the canary out of the shop.
fn take_out(world: &mut World, guid: &str) -> (Vec<Customer>, Vec<Order>) {
    let is_theirs = |order: &Order| order.email.as_deref() == Some(EMAIL);
    let orders = world
        .orders
        .iter()
        .filter(|order| is_theirs(order))
        .cloned()
        .collect();
    world.orders.retain(|order| !is_theirs(order));
    let customers = world
        .customers
        .iter()
        .filter(|one| one.guid == guid)
        .cloned()
        .collect();
    world.customers.retain(|one| one.guid != guid);
    (customers, orders)
}

/// Others live on; and the canary orders again, once as a guest, changes, and their orders move on.
fn live_on(world: &mut World, guid: &str, round: u64) {
    let (customers, orders) = take_out(world, guid);
    for _ in 0..3 {
        world.anything_happens();
    }
    world.customers.extend(customers);
    world.orders.extend(orders);
    let mut again = world.orders.last().unwrap().clone();
    again.id += 1_000_000 + round;
    again.code = format!("K{round:06}");
    again.guid = None;
    again.customer_guid = again.customer_guid.filter(|_| round.is_multiple_of(2));
    let code = again.code.clone();
    world.orders.push(again);
    world.touch_order(&code);
    let first = world
        .orders
        .iter()
        .find(|order| order.email.as_deref() == Some(EMAIL))
        .unwrap()
        .code
        .clone();
    world.touch_order(&first);
    world.customer_mut(guid).unwrap().billing.city = format!("Kanárek {round}");
    world.touch_customer(guid);
}

fn told_in(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for path in std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
    {
        if path.is_dir() {
            found.extend(told_in(&path));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let told = CANARIES.iter().filter(|canary| {
            bytes
                .windows(canary.len())
                .any(|window| window == canary.as_bytes())
        });
        found.extend(told.map(|canary| format!("{} tells {canary}", path.display())));
    }
    found
}

/// The rest of the shop is as it should be, and the canary's row as it was.
fn holds_for_all_others(trial: &Trial, guid: &str, about: &str) {
    let key = format!("main:c:{guid}");
    let mut database: ContactDatabase = trial.database();
    let row = database.contacts.remove(&key).unwrap();
    assert_eq!((row.email.as_str(), row.name.as_str()), ("", ""), "{about}");
    assert_ne!(row.gone_at, "", "{about}");
    database.orders.retain(|_, order| order.contact != key);
    let wrong = trial.shop.change(|world| {
        let mut others = world.clone();
        take_out(&mut others, guid);
        broken_promises(&others, &database)
    });
    assert!(wrong.is_empty(), "{about}: {wrong:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_shop_tells_of_them_nothing_is_stored() {
    for (customers, orders) in [
        (Customers::Snapshot, Orders::Snapshot),
        (Customers::Paged, Orders::Xml),
        (Customers::Xml, Orders::Xml),
    ] {
        for seed in 0..rounds(2) {
            let mut world = World::generate(500 + seed, 30, 90);
            let guid = plant(&mut world);
            let trial = Trial::by(world, customers, orders).await;
            trial.import().await;
            assert_ne!(told_in(&trial.state()), [""; 0]);
            let engine = Engine::open(trial.setup(), "forget").await.unwrap();
            let forgotten = engine.forget(EMAIL, false, &Silent).await.unwrap();
            drop(engine);
            assert_eq!((forgotten.exit_code(), forgotten.contacts.len()), (0, 1));
            let about = format!("seed {seed} by {customers:?} and {orders:?}");
            assert_eq!(told_in(&trial.state()), [""; 0], "{about}");
            for round in 0..4 {
                trial.shop.change(|world| live_on(world, &guid, round));
                let report = trial.sync().await;
                assert!(report.suppressed > 0, "{about}: they were told of");
                assert_eq!(told_in(&trial.state()), [""; 0], "{about}, round {round}");
            }
            for _ in 0..2 {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                assert!(trial.import().await.suppressed > 0, "{about}");
            }
            holds_for_all_others(&trial, &guid, &about);
            assert_eq!(told_in(&trial.state()), [""; 0], "{about}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_reads_everything_does_not_want_them_back() {
    let mut world = World::generate(510, 20, 60);
    plant(&mut world);
    let trial = Trial::by(world, Customers::Xml, Orders::Xml).await;
    trial.import().await;
    let engine = Engine::open(trial.setup(), "forget").await.unwrap();
    engine.forget(EMAIL, false, &Silent).await.unwrap();
    drop(engine);
    let mut named = Vec::new();
    let mut each = |target: &str, contact: &shoptet_sync::sync::planned::ContactPlan| {
        named.push(format!("{target} {contact:?}"));
        Ok(())
    };
    plan_in_full(&trial.setup(), &mut each, &Silent).await.unwrap();
    assert_eq!(named, [""; 0]);
    assert_eq!(told_in(&trial.state()), [""; 0]);
}
