//! Contacts that are gone: deleted, merged or forgotten.

use serde_json::json;

use super::{STATUSES, history, home, jane, target, until_it_is_done};
use crate::fake_minicrm::{MiniCrm as Fake, text};
use crate::imported::{Home, SHOP};
use crate::written::{customer, customers, order, orders};

#[test]
fn a_registered_customer_is_found_by_any_of_its_log_ins_and_marked_when_it_is_deleted() {
    let fake = Fake::start();
    let shop = format!("{SHOP}[shop.customers]\ndeleted = \"mark\"\n");
    let mut home = Home::with(&format!(
        "{shop}{}{STATUSES}",
        target(&fake, "marker = \"Card.ShoptetState\"\n")
    ));
    let both = customers(&[
        customer("g1").login("jane@shop.example"),
        customer("g2").login("joe@shop.example"),
    ]);
    home.import(&both, "");
    let left = customers(&[customer("g2").login("joe@shop.example")]);
    for _ in 0..2 {
        home.import(&left, "");
    }
    fake.change(|world| {
        let mut marks: Vec<String> = world
            .cards
            .values()
            .map(|card| card.get("ShoptetState").map(text).unwrap_or_default())
            .collect();
        marks.sort();
        assert_eq!((marks.len(), marks[0].as_str()), (2, ""));
        assert!(marks[1].starts_with("deleted in the shop since "), "{marks:?}");
    });
    let nothing = fake.carried_out();
    home.import(&left, "");
    assert_eq!(fake.carried_out(), nothing);
}

#[test]
fn contacts_that_somebody_merged_there_stay_one() {
    let fake = Fake::start();
    let mut home = home(&fake);
    let joe = || order("2").email("joe@shop.example").status("Nová");
    home.import("", &orders(&[jane("Nová"), joe()]));
    // A person makes one of Jane's contact and one of their own: the card goes with it.
    let (hers, theirs) = fake.change(|world| {
        let hers = *world
            .contacts
            .iter()
            .find(|(_, contact)| contact["Email"] == "jane@shop.example")
            .unwrap()
            .0;
        let mut contact = world.contacts.remove(&hers).unwrap();
        contact.insert("Position".to_owned(), json!("CEO"));
        let theirs = world.new_id();
        world.contacts.insert(theirs, contact);
        for card in world.cards.values_mut().filter(|card| card["ContactId"] == hers) {
            card.insert("ContactId".to_owned(), json!(theirs));
        }
        world
            .orders
            .values_mut()
            .filter(|order| order.customer == hers)
            .for_each(|order| order.customer = theirs);
        (hers, theirs)
    });
    let mut moved = jane("Nová");
    moved.phone = "601999999".to_owned();
    home.import("", &orders(&[moved.clone(), joe()]));
    fake.change(|world| {
        assert!(!world.contacts.contains_key(&hers));
        assert_eq!(
            world.contacts[&theirs]["Phone"], "+420601123456",
            "what the other one held counts as typed"
        );
        assert!(
            world
                .addresses
                .values()
                .any(|address| address["ContactId"] == theirs)
        );
        assert_eq!(world.contacts.len(), 2);
    });
    // And then of two of ours: neither is made again.
    fake.change(|world| {
        let his = *world
            .contacts
            .iter()
            .find(|(_, contact)| contact["Email"] == "joe@shop.example")
            .unwrap()
            .0;
        world.contacts.remove(&his);
        for card in world.cards.values_mut().filter(|card| card["ContactId"] == his) {
            card.insert("ContactId".to_owned(), json!(theirs));
        }
    });
    home.import("", &orders(&[moved.clone(), joe().phone("601888888")]));
    assert_eq!(fake.change(|world| world.contacts.len()), 1);
    assert!(history(&home).contains("left alone in crm"), "{}", history(&home));
}

#[test]
fn an_order_for_a_contact_that_somebody_deleted_makes_it_anew() {
    let fake = Fake::start();
    let mut home = home(&fake);
    let joe = || order("7").email("joe@shop.example").status("Nová");
    home.import("", &orders(&[jane("Nová"), joe()]));
    fake.change(|world| {
        let hers = *world
            .contacts
            .iter()
            .find(|(_, contact)| contact["Email"] == "jane@shop.example")
            .unwrap()
            .0;
        world.contacts.remove(&hers);
        world.addresses.clear();
        world.cards.retain(|_, card| card["ContactId"] != hers);
        world.orders.retain(|_, order| order.customer != hers);
    });
    // A run of changes does not list what is there: it is the order that shows it.
    let documents = orders(&[
        jane("Nová"),
        order("2").email("jane@shop.example").status("Nová"),
        joe(),
    ]);
    until_it_is_done(&home, &documents);
    assert_eq!(
        fake.change(|world| (world.contacts.len(), world.orders.len())),
        (2, 3)
    );
}

#[test]
fn whoever_is_forgotten_is_anonymised_and_the_rest_is_said() {
    let fake = Fake::start();
    let mut home = home(&fake);
    home.import(
        "",
        &orders(&[jane("Nová"), order("2").email("joe@shop.example").status("Nová")]),
    );
    fake.change(|world| {
        let contact = world
            .contacts
            .values_mut()
            .find(|contact| contact["Email"] == "jane@shop.example");
        contact
            .unwrap()
            .insert("Description".to_owned(), json!("called on Monday"));
    });
    let by_hand = home.with_engine(async |engine| {
        let forgotten = engine
            .forget("jane@shop.example", false, &shoptet_sync::source::Silent)
            .await;
        format!("{:?}", forgotten.unwrap())
    });
    assert!(
        by_hand.contains("e-mails, notes and to-dos on its cards"),
        "{by_hand}"
    );
    fake.change(|world| {
        let all = format!("{:?}{:?}{:?}", world.contacts, world.addresses, world.cards);
        for trace in ["jane@", "Jana", "601123456", "Dlouhá", "Monday"] {
            assert!(!all.contains(trace), "{trace} in {all}");
        }
        assert_eq!(world.orders.len(), 2);
        assert!(all.contains("joe@shop.example"));
    });
}
