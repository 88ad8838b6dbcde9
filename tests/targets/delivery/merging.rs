//! A contact that is merged into another one while it is being written.

use std::time::Duration;

use futures_util::future::join;
use shoptet_sync::source::Silent;
use shoptet_sync::sync::deliver::DeliveryOptions;
use shoptet_sync::sync::import::ImportOptions;
use shoptet_sync::sync::incremental::How;

use super::{email, home, placed, run};
use crate::fake_daktela::Daktela;
use crate::written::{customer, customers, orders};

const SERVICE: usize = 1;
const OWNER: &str = "SELECT contacts.key, remote_id FROM contact_links JOIN contacts ON contacts.id = contact \
    JOIN targets ON targets.id = target WHERE name = 'callcentre' ORDER BY contacts.key";

/// The guest of the second order turns out to be the customer while the record of one of them is being made.
#[test]
fn the_record_is_that_of_the_contact_that_is_left_and_there_is_no_twin() {
    for marker in [false, true] {
        let fake = Daktela::start();
        let mut home = home(&fake);
        if marker {
            fake.change(|world| world.add_field("shop_state", "TEXT"));
            let with = home.configuration().replace(
                super::FAST,
                &format!("{}marker = \"customFields.shop_state\"\n", super::FAST),
            );
            home.configure(&with);
        }
        let mut all = placed(1);
        run(&mut home, &all);
        // Somebody new, who is due and not delivered yet.
        all.push(crate::written::order("new").email(&email(7)));
        let now = home.next_day();
        let limited = ImportOptions {
            limit: Some(0),
            ..ImportOptions::default()
        };
        home.try_import("main", Some(""), Some(&orders(&all)), now, limited)
            .unwrap();
        assert_eq!(fake.change(|world| world.contacts.len()), 1);

        // Both are one customer.
        let one = customers(&[customer("g1").login(&email(0)).login(&email(7))]);
        let now = home.next_day();
        let files = home.files("main", Some(&one), Some(&orders(&all)), now);
        let options = ImportOptions {
            files: Some(files),
            ..ImportOptions::default()
        };
        fake.forget_requests();
        fake.slow_down(Duration::from_millis(120));
        home.with_engine(async |engine| {
            let is_writing = || fake.asked_or_under_way("POST", "contacts");
            let merge = async {
                while !is_writing() {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
                let report = engine.import(&options, &Silent).await.unwrap();
                assert_eq!(report.failures, [""; 0]);
            };
            let (delivered, ()) = join(engine.deliver(SERVICE, How::Changes, &Silent), merge).await;
            delivered.unwrap();
        });
        fake.slow_down(Duration::ZERO);
        let links = home.in_state(OWNER);
        let run_again = run_with(&mut home, &one, &all);
        assert_eq!(run_again, 0, "{links:?}");
        let (contacts, records) = fake.change(|world| (world.contacts.clone(), world.records.clone()));
        let on = records.values().map(|record| record.get("contact"));
        let on: std::collections::BTreeSet<String> = on.collect();
        assert_eq!(on.len(), 1, "all orders hang on one: {on:?}; {links:?}");
        // Whoever was made before the merge stays as a record, marked where there is room; nobody is made twice.
        let names: Vec<&String> = contacts.keys().collect();
        assert!(names.len() <= 2, "{names:?}");
        assert!(on.iter().all(|name| contacts.contains_key(name)));
        let known: Vec<String> = home.in_state(OWNER);
        for name in contacts.keys() {
            let owners = known.iter().filter(|link| link.ends_with(name.as_str())).count();
            assert_eq!(owners, 1, "{name} is somebody's: {known:?}");
        }
        let survivor = on.iter().next().unwrap();
        let emails = contacts[survivor].values("customFields.email");
        assert_eq!(emails, [email(0), email(7)], "{known:?}");
        if marker {
            let other = contacts.keys().find(|name| *name != survivor);
            let mark = other.map(|other| contacts[other].get("customFields.shop_state"));
            assert_eq!(mark, Some(format!("merged into {survivor}")), "{known:?}");
        }
    }
}

fn run_with(home: &mut crate::imported::Home, people: &str, all: &[crate::written::Order]) -> u8 {
    let now = home.next_day();
    let report = home.try_import(
        "main",
        Some(people),
        Some(&orders(all)),
        now,
        ImportOptions::default(),
    );
    let report = report.unwrap();
    assert_eq!(report.failures, [""; 0]);
    report.exit_code()
}

/// The customer has no record yet: the one that is being made is theirs.
#[test]
fn one_that_had_no_record_takes_the_one_that_was_just_made() {
    let fake = Daktela::start();
    let mut home = home(&fake);
    // Nobody reads this shop over the network.
    let (before, rest) = home.configuration().split_once("[shop.exports]").unwrap();
    let without = format!("{before}[[target]]{}", rest.split_once("[[target]]").unwrap().1);
    home.configure(&without);
    let all = vec![
        crate::written::order("0").email(&email(0)),
        crate::written::order("7").email(&email(7)),
    ];
    let known = customers(&[customer("g1").login(&email(0))]);
    let now = home.next_day();
    let limited = ImportOptions {
        limit: Some(0),
        ..ImportOptions::default()
    };
    home.try_import("main", Some(&known), Some(&orders(&all)), now, limited)
        .unwrap();

    let one = customers(&[customer("g1").login(&email(0)).login(&email(7))]);
    let now = home.next_day();
    let files = home.files("main", Some(&one), Some(&orders(&all)), now);
    let options = ImportOptions {
        files: Some(files),
        ..ImportOptions::default()
    };
    let guest = DeliveryOptions {
        only: vec![email(7)],
        ..DeliveryOptions::default()
    };
    fake.slow_down(Duration::from_millis(120));
    home.with_engine(async |engine| {
        let merge = async {
            while !fake.asked_or_under_way("POST", "contacts") {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            let report = engine.import(&options, &Silent).await.unwrap();
            assert_eq!(report.failures, [""; 0]);
        };
        let (synced, ()) = join(engine.sync(&guest, &Silent), merge).await;
        assert_eq!(synced.unwrap().failures, [""; 0]);
    });
    fake.slow_down(Duration::ZERO);
    let links = home.in_state(OWNER);
    assert_eq!(run_with(&mut home, &one, &all), 0, "{links:?}");
    let (contacts, records) = fake.change(|world| (world.contacts.clone(), world.records.clone()));
    assert_eq!(contacts.len(), 1, "{:?} {links:?}", contacts.keys());
    let (name, contact) = contacts.first_key_value().unwrap();
    assert_eq!(contact.values("customFields.email").len(), 2);
    assert!(records.values().all(|record| record.get("contact") == *name));
    assert_eq!(records.len(), 2);
    assert_eq!(home.in_state(OWNER), [format!("main:c:g1 | {name}")]);
}
