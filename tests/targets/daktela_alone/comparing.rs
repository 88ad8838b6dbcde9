//! What is shown otherwise than it was sent is the same all the same; what an agent added stays.

use serde_json::json;
use shoptet_sync::sync::import::ImportOptions;

use super::{JANE, contacts, home, home_with, jane, lose_state, text, values};
use crate::fake_daktela::{Daktela, Manners};
use crate::written::{customer, customers, order, orders, party};

/// A state that was lost remembers nothing: everything is looked at, and what differs would be told apart.
fn look_at_everything(home: &crate::imported::Home, customers: &str, orders: &str) {
    lose_state(home);
    let options = ImportOptions {
        accept: true,
        agreed: true,
        ..ImportOptions::default()
    };
    let report = home
        .try_import("main", Some(customers), Some(orders), home.now(), options)
        .unwrap();
    assert_eq!(report.failures, [""; 0]);
}

#[test]
fn nothing_is_written_again_however_it_is_shown() {
    let ways: [fn(&mut Manners); 9] = [
        |_| {},
        |manners| manners.empty_is_null = true,
        |manners| manners.empty_fields_are_a_list = true,
        |manners| manners.shows_otherwise = true,
        |manners| manners.times_have_t = true,
        |manners| manners.lists_are_objects = true,
        |manners| manners.minds_case = false,
        |manners| manners.tells_timezone = false,
        |manners| manners.most_on_a_page = 1,
    ];
    for (way, set) in ways.into_iter().enumerate() {
        for reverses in [false, true] {
            let fake = Daktela::start();
            fake.change(|world| {
                set(&mut world.manners);
                world.databases.insert("default".to_owned(), reverses);
                world.add_field("since", "DATETIME");
                world.add_field("day", "DATE");
                world.add_record_field("sum", "TEXT");
            });
            let fields = format!(
                "{}[target.fields]\ntitle = \"contact.name\"\nfirstname = \"contact.first_name\"\n\
                 lastname = \"contact.last_name\"\n\"customFields.email\" = \"contact.emails\"\n\
                 \"customFields.number\" = \"contact.phones\"\n\"customFields.since\" = \"customer.created_at\"\n\
                 \"customFields.day\" = \"customer.created_at[:10]\"\n\"customFields.note\" = \"contact.city\"\n\
                 [target.order_fields]\ntitle = \"order.code\"\n\"customFields.sum\" = \"order.total\"\n",
                super::STATUSES
            );
            let mut home = home_with(&fake, super::ORDERS, &fields);
            let jane = |city: &str| {
                jane()
                    .login("jane.nova@shop.example")
                    .billing(party("Jana Nová", "Dlouhá 1", city))
            };
            let joe = customer("g2");
            let people = customers(&[jane(" Nový  Jičín"), joe.clone()]);
            let placed = orders(&[order("1").of("g1").total("100.00"), order("2").of("g2")]);
            home.import(&people, &placed);
            let before = (
                fake.writes(),
                fake.change(|world| (world.contacts.clone(), world.records.clone())),
            );
            assert_eq!(before.0, 4, "way {way}");
            look_at_everything(&home, &people, &placed);
            let after = (
                fake.writes(),
                fake.change(|world| (world.contacts.clone(), world.records.clone())),
            );
            assert_eq!(before, after, "way {way}, reversed {reverses}");
            // It is known as ours again, and follows.
            let report = home.import(&customers(&[jane("Brno"), joe]), &placed);
            assert_eq!(
                report.targets["callcentre"].updated, 1,
                "way {way}, reversed {reverses}"
            );
            assert_eq!(fake.writes(), before.0 + 1);
            assert_eq!(text(&fake, JANE, "customFields.note"), "Brno");
        }
    }
}

#[test]
fn what_an_agent_added_to_a_list_stays_and_ours_is_added() {
    let fake = Daktela::start();
    let mut home = home(&fake);
    home.import(&customers(&[jane()]), "");
    let phones = ["+420601123456", "+420 777 888 999"];
    fake.change(|world| {
        world.agent_types(JANE, "customFields.number", &phones);
        world.agent_types(
            JANE,
            "customFields.email",
            &["Jane@Shop.example", "jane@home.example"],
        );
    });
    fake.forget_requests();
    home.import(&customers(&[jane().login("jane.nova@shop.example")]), "");
    assert_eq!(
        values(&fake, JANE, "customFields.email"),
        ["Jane@Shop.example", "jane@home.example", "jane.nova@shop.example"]
    );
    assert_eq!(values(&fake, JANE, "customFields.number"), phones);
    let sent: Vec<_> = fake
        .asked()
        .into_iter()
        .filter(|asked| asked.is_write())
        .collect();
    let emails = json!(["Jane@Shop.example", "jane@home.example", "jane.nova@shop.example"]);
    assert_eq!(
        sent.iter().map(|asked| &asked.body).collect::<Vec<_>>(),
        [&json!({"customFields": {"email": emails}})],
        "nothing but what changed"
    );
}

#[test]
fn what_an_agent_added_to_a_field_of_several_stays_where_a_single_value_is_mapped_to_it() {
    for write in ["if_unchanged", "always"] {
        let fake = Daktela::start();
        let fields = format!(
            "[target.fields]\ntitle = \"contact.name\"\nlastname = \"contact.last_name\"\n\
             \"customFields.email\" = {{ value = \"contact.email\", write = \"{write}\" }}\n\
             \"customFields.number\" = {{ value = \"contact.phone\", write = \"{write}\" }}\n"
        );
        let mut home = home_with(&fake, "", &fields);
        home.import(&customers(&[jane()]), "");
        fake.change(|world| {
            world.agent_types(
                JANE,
                "customFields.email",
                &["jane@shop.example", "jane@home.example"],
            );
            world.agent_types(JANE, "customFields.number", &["+420601123456", "+420777888999"]);
        });
        home.import(&customers(&[jane().phone("602123456")]), "");
        assert_eq!(
            values(&fake, JANE, "customFields.email"),
            ["jane@shop.example", "jane@home.example"],
            "{write}"
        );
        let phones = values(&fake, JANE, "customFields.number");
        for phone in ["+420602123456", "+420777888999"] {
            assert!(phones.contains(&phone.to_owned()), "{write}: {phones:?}");
        }
    }
}

#[test]
fn what_must_not_be_empty_never_is() {
    let fake = Daktela::start();
    let mut home = home(&fake);
    let company = customer("g3").billing(crate::written::Party {
        company: "Nová s.r.o.".to_owned(),
        ..crate::written::Party::default()
    });
    let placed = orders(&[
        order("1").email("jane@shop.example"),
        order("2").phone("601123456"),
        order("3"),
    ]);
    let report = home.import(&customers(&[company]), &placed);
    assert_eq!(report.parked, 0);
    let titles = fake.change(|world| {
        let titles = world
            .contacts
            .values()
            .map(|one| [one.get("title"), one.get("lastname")]);
        titles.collect::<std::collections::BTreeSet<_>>()
    });
    let both = |text: &str| [text.to_owned(), text.to_owned()];
    let expected = ["+420601123456", "Nová s.r.o.", "jane@shop.example", "main:o:3"];
    assert_eq!(titles, expected.map(both).into());
}

#[test]
fn a_hit_is_it_only_when_it_is_exactly_it() {
    for minds_case in [true, false] {
        let fake = Daktela::start();
        fake.change(|world| {
            world.manners.minds_case = minds_case;
            world.databases.insert("other".to_owned(), false);
            world.agent_makes("longer", "Longer", "xjane@shop.example");
            world.agent_makes("elsewhere", "Elsewhere", "jane@shop.example");
            world.agent_types("elsewhere", "database", &["other"]);
            world.agent_makes("note", "Note", "");
            world.agent_types("note", "customFields.note", &["jane@shop.example"]);
        });
        let mut home = home(&fake);
        home.import(&customers(&[jane()]), "");
        assert!(contacts(&fake).contains(&JANE.to_owned()), "none of them is Jane");
        fake.change(|world| world.agent_makes("joe", "Joe", "\tJOE@Shop.example"));
        home.import(
            &customers(&[jane(), customer("g2").login("joe@shop.example")]),
            "",
        );
        assert!(
            !contacts(&fake).contains(&"shoptet_main_c_g2".to_owned()),
            "that is Joe"
        );
        assert_eq!(values(&fake, "joe", "customFields.email"), ["\tJOE@Shop.example"]);
        assert_eq!(
            text(&fake, "joe", "title"),
            "Joe",
            "who was there before us keeps their name"
        );
    }
}

#[test]
fn more_hits_than_a_page_are_all_looked_at() {
    for lists_are_objects in [false, true] {
        let fake = Daktela::start();
        fake.change(|world| {
            world.manners.most_on_a_page = 2;
            world.manners.lists_are_objects = lists_are_objects;
            for number in 0..5 {
                world.agent_makes(
                    &format!("a{number}"),
                    "Other",
                    &format!("{number}jane@shop.example"),
                );
            }
            world.agent_makes("z", "Jane", "jane@shop.example");
        });
        let mut home = home(&fake);
        home.import(&customers(&[jane()]), "");
        assert!(!contacts(&fake).contains(&JANE.to_owned()), "not doubled");
        assert_eq!(values(&fake, "z", "customFields.number"), ["+420601123456"]);
        // All contacts but ours were there before, and that is nothing strange.
        home.import(&customers(&[jane().phone("602123456")]), "");
        assert_eq!(values(&fake, "z", "customFields.number"), ["+420602123456"]);
    }
}
