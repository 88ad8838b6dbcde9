//! What is generated, what happens to it, and the truth about it.

use std::collections::BTreeMap;

use shoptet_sync::demo::render::{csv, json, xml};
use shoptet_sync::demo::world::{Customer, Order};

use super::*;

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let directory = tempfile::tempdir().unwrap();
    let files = |name: &str, seed: u64| {
        let path = directory.path().join(name);
        write_files(seed, 50, 200, &path).unwrap();
        ["customers.jsonl.gz", "orders.xml"].map(|file| std::fs::read(path.join(file)).unwrap())
    };
    let (first, second, other) = (files("a", 5), files("b", 5), files("c", 6));
    assert!(first == second);
    assert!(first[0] != other[0] && first[1] != other[1]);
}

#[tokio::test]
async fn files_and_links_say_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let written = write_files(15, 40, 300, directory.path()).unwrap();
    let file = std::fs::read(directory.path().join("orders.xml")).unwrap();
    assert_eq!(written.orders_xml, file.len() as u64);
    let visitor = Visitor::of(World::generate(15, 40, 300)).await;
    assert!(
        visitor
            .download("/export/orders.xml?patternId=-11", "orders")
            .await
            == file
    );
    let lines = unpack(&std::fs::read(directory.path().join("customers.jsonl.gz")).unwrap()).unwrap();
    assert_eq!(
        (lines.lines().count(), lines.len() as u64),
        (40, written.customers_json)
    );
}

#[test]
fn a_generated_shop_is_a_mixed_one() {
    let world = World::generate(16, 1000, 4000);
    let share = |count: usize| count * 100 / world.orders.len();
    let logins: BTreeSet<String> = world
        .customers
        .iter()
        .flat_map(|customer| &customer.accounts)
        .map(|account| account.email.to_lowercase())
        .collect();
    let accounts: usize = world
        .customers
        .iter()
        .map(|customer| customer.accounts.len())
        .sum();
    assert_eq!(logins.len(), accounts, "a log-in is unique");
    assert!(accounts > 1050, "some customers have several");
    let codes: BTreeSet<&String> = world.orders.iter().map(|order| &order.code).collect();
    assert_eq!(codes.len(), 4000);
    assert!(world.orders.is_sorted_by_key(|order| order.created));

    let email = |order: &shoptet_sync::demo::world::Order| order.email.clone().unwrap_or_default();
    let guests = world.orders.iter().filter(|o| {
        let email = email(o).trim().to_lowercase();
        email.contains('@') && !logins.contains(&email)
    });
    assert!((20..30).contains(&share(guests.count())), "a quarter by guests");
    assert!(
        world
            .orders
            .iter()
            .any(|o| o.email.is_none() && o.phone.is_some())
    );
    assert!(
        world
            .orders
            .iter()
            .any(|o| o.email.is_none() && o.phone.is_none())
    );
    assert!(world.orders.iter().any(|o| email(o).starts_with(' ')));
    assert!(world.orders.iter().any(|o| email(o).starts_with("ucetni")));
    let kinds: BTreeSet<&str> = world
        .orders
        .iter()
        .flat_map(|o| &o.items)
        .map(|item| item.kind.as_str())
        .collect();
    assert_eq!(
        kinds,
        BTreeSet::from(["billing", "discount-coupon", "product", "shipping"])
    );
    let currencies: BTreeSet<&str> = world.orders.iter().map(|order| order.currency.as_str()).collect();
    assert_eq!(currencies, BTreeSet::from(["CZK", "EUR", "HUF"]));
    let statuses: BTreeSet<i64> = world.orders.iter().map(|order| order.status).collect();
    assert_eq!(statuses.len(), world.shop.statuses.len());
    assert!(world.orders.iter().any(|order| order.code.starts_with("00000")));
}

#[test]
fn the_truth_follows_the_rules() {
    let mut world = World::generate(17, 2, 0);
    let like = World::generate(18, 1, 1).orders.remove(0);
    let login = world.customers[0].accounts[0].email.clone();
    let guid = world.customers[0].guid.clone();
    let second = world.customers[1].guid.clone();
    let customers_phone = world.customers[1].accounts[0].phone.clone();
    let mut add = |guid: Option<&str>, email: &str, phone: Option<&str>, country: &str| {
        let mut order = like.clone();
        order.phone = phone.map(str::to_owned);
        order.billing.country = country.to_owned();
        let email = (!email.is_empty()).then(|| email.to_owned());
        world.add_order(&order, guid.map(str::to_owned), email)
    };
    let logged_in = add(Some(&guid), "somebody@else.example", None, "CZ");
    let as_guest = add(None, &format!(" {} ", login.to_uppercase()), None, "CZ");
    let guest = add(None, "host@posta.example", Some("+421 961 000 001"), "SK");
    let guest_by_phone = add(None, "nemám", Some("0961 000 001"), "SK");
    let phone_only = add(None, "", Some("06 61 000 0002"), "HU");
    let phone_again = add(None, "", Some("+36610000002"), "CZ");
    let nobody = add(None, "", Some("777777777"), "CZ");
    let nobody_either = add(None, "info@obchod.example", None, "CZ");
    let of_second = add(None, "", customers_phone.as_deref(), "CZ");
    world.order_mut(&phone_again).unwrap().status = -4;
    let country = world.customers[1].billing.country.clone();
    world.order_mut(&of_second).unwrap().billing.country = country;

    let truth = Truth::of(
        &world,
        &Reading {
            orders_name_customers: true,
            ..Reading::default()
        },
    );
    let same = |a: &str, b: &str| truth.contact_of(a) == truth.contact_of(b);
    assert!(same(&logged_in, &as_guest) && same(&guest, &guest_by_phone) && same(&phone_only, &phone_again));
    assert_eq!(truth.contact_of(&as_guest).unwrap().customer, Some(guid));
    assert_eq!(truth.contact_of(&of_second).unwrap().customer, Some(second));
    assert_eq!(truth.contact_of(&guest).unwrap().keys.len(), 2);
    let alone = truth.contact_of(&nobody).unwrap();
    assert_eq!(alone.keys, BTreeSet::from([format!("main:o:{nobody}")]));
    assert!(!same(&nobody, &nobody_either));
    assert_eq!(
        (truth.registered(), truth.guests(), truth.orders_of_registered()),
        (2, 4, 3)
    );
    let counted = truth.contact_of(&phone_only).unwrap();
    assert_eq!((counted.orders.len(), counted.counted), (2, 1));
    let sum = like.total() * 8;
    assert_eq!(truth.totals().into_values().collect::<Vec<_>>(), [sum]);

    // An export does not name the customer: the foreign e-mail is somebody of its own.
    let exported = Truth::of(&world, &Reading::default());
    assert_eq!((exported.registered(), exported.guests()), (2, 5));
}

#[test]
fn the_world_stays_whole_whatever_happens() {
    for life in [World::something_happens, World::anything_happens] {
        let mut world = World::generate(19, 60, 200);
        let mut sentences = BTreeSet::new();
        for _ in 0..400 {
            let before = (world.customers.clone(), world.orders.clone());
            let now = world.clock.now();
            let happening = life(&mut world);
            if let Some(happening) = &happening {
                assert!(happening.sentence.ends_with('.'));
                let kind: String = happening.sentence.chars().filter(|c| c.is_lowercase()).collect();
                sentences.insert(kind);
                told_by_its_time(&before, &world, now, &happening.sentence);
            }
            stays_whole(&world, &format!("{happening:?}"));
            world.time_passes(SignedDuration::from_secs(7));
        }
        assert!(world.gone.len() > 10 && sentences.len() > 10);
    }
}

/// What is not as it was has the present as its time of change; consent alone is told elsewhere, and an
/// order that loses its customer is not edited by anybody.
fn told_by_its_time(before: &(Vec<Customer>, Vec<Order>), after: &World, now: Timestamp, sentence: &str) {
    let known: BTreeMap<&str, &Customer> = before.0.iter().map(|c| (c.guid.as_str(), c)).collect();
    for customer in &after.customers {
        let same = known.get(customer.guid.as_str()).is_some_and(|before| {
            Customer {
                newsletter: before.newsletter,
                ..customer.clone()
            } == **before
        });
        assert!(same || customer.changed >= now, "{sentence}");
    }
    let known: BTreeMap<&str, &Order> = before.1.iter().map(|o| (o.code.as_str(), o)).collect();
    for order in &after.orders {
        let same = known.get(order.code.as_str()).is_some_and(|before| {
            Order {
                customer_guid: before.customer_guid.clone(),
                ..order.clone()
            } == **before
        });
        assert!(same || order.changed >= now, "{sentence}");
    }
}

fn stays_whole(world: &World, after: &str) {
    let codes: BTreeSet<&String> = world.orders.iter().map(|order| &order.code).collect();
    let guids: BTreeSet<&String> = world.customers.iter().map(|customer| &customer.guid).collect();
    assert_eq!(
        (codes.len(), guids.len()),
        (world.orders.len(), world.customers.len())
    );
    let mut logins = BTreeSet::new();
    for account in world.customers.iter().flat_map(|customer| &customer.accounts) {
        assert!(
            logins.insert(account.email.to_lowercase()),
            "a log-in twice after {after}"
        );
    }
    let named = world
        .orders
        .iter()
        .filter_map(|order| order.customer_guid.as_ref());
    assert!(named.into_iter().all(|guid| guids.contains(guid)));
    let truth = Truth::of(world, &Reading::default());
    let told: usize = truth.contacts.iter().map(|contact| contact.orders.len()).sum();
    assert_eq!(told, world.orders.len());
}

#[test]
fn records_as_the_shop_writes_them() {
    let world = World::generate(20, 40, 90);
    let order = world
        .orders
        .iter()
        .find(|order| order.items.len() == 3 && order.delivery.is_none())
        .unwrap();
    let customer = world.customers.iter().find(|c| c.accounts.len() == 2).unwrap();
    let style = xml::Style {
        encoding: Encoding::Utf8,
        decimal_comma: true,
    };
    let writer = xml::Writer::new(&world.shop, style);
    let mut text = writer.start("ORDERS");
    writer.order(&mut text, order);
    text.extend(writer.end("ORDERS"));
    insta::assert_snapshot!("order.xml", String::from_utf8(text).unwrap());
    let mut text = Vec::new();
    writer.customer(&mut text, customer);
    insta::assert_snapshot!("customer.xml", String::from_utf8(text).unwrap());
    let mut text = Vec::new();
    csv::Writer::new(&world.shop, Encoding::Utf8).order(&mut text, order);
    insta::assert_snapshot!("order.csv", String::from_utf8(text).unwrap());
    let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap();
    insta::assert_snapshot!("order.json", pretty(&json::order(&world.shop, order, true)));
    insta::assert_snapshot!("customer.json", pretty(&json::customer(&world.shop, customer)));
}
