//! What agents delete and merge, and what the shop does.

use shoptet_sync::source::Silent;

use super::{JANE, ORDERS, STATUSES, contacts, history, home, home_with, jane, text, values};
use crate::e;
use crate::fake_daktela::Daktela;
use crate::imported::Home;
use crate::written::{customer, customers, order, orders};

const MARKER: &str = "order_type = \"shop_orders\"\nmarker = \"customFields.shoptet_state\"\n";

fn marked(fake: &Daktela, more: &str) -> Home {
    fake.change(|world| world.add_field("shoptet_state", "TEXT"));
    home_with(fake, &format!("{MARKER}{more}"), STATUSES)
}

fn mark(fake: &Daktela, contact: &str) -> String {
    text(fake, contact, "customFields.shoptet_state")
}

fn name(email: &str) -> String {
    format!("shoptet_{}", e(email).replace(':', "_"))
}

fn of_jane(code: &str) -> crate::written::Order {
    order(code).of("g1").email("jane@shop.example")
}

fn orders_of_jane() -> String {
    orders(&[of_jane("1"), of_jane("2")])
}

#[test]
fn who_was_deleted_there_stays_away_and_so_do_their_orders() {
    let fake = Daktela::start();
    let mut home = home(&fake);
    home.import(&customers(&[jane()]), &orders(&[of_jane("1")]));
    fake.change(|world| world.agent_deletes(JANE));
    let before = fake.writes();
    let report = home.import(
        &customers(&[jane().login("more@shop.example")]),
        &orders(&[of_jane("1"), of_jane("2")]),
    );
    assert_eq!(report.targets["callcentre"].left_gone, 1);
    assert_eq!((fake.writes(), contacts(&fake).len()), (before, 0));
    assert!(
        history(&home).contains("left alone in callcentre"),
        "{}",
        history(&home)
    );
    fake.forget_requests();
    home.import(
        &customers(&[jane().login("more@shop.example")]),
        &orders(&[of_jane("1"), of_jane("2")]),
    );
    assert_eq!(fake.counts().get("GET contacts"), Some(&1), "{:?}", fake.counts());
}

/// Nobody looks at a contact that has not changed: that it is gone shows when an order is to hang on it.
#[test]
fn an_order_of_somebody_who_was_deleted_there_shows_that_they_are_gone() {
    for policy in ["leave", "recreate"] {
        let fake = Daktela::start();
        let mut home = home_with(&fake, &format!("{ORDERS}on_gone = \"{policy}\"\n"), STATUSES);
        home.import(&customers(&[jane()]), &orders(&[of_jane("1")]));
        fake.change(|world| world.agent_deletes(JANE));
        let orders = orders(&[of_jane("1"), of_jane("2")]);
        let report = home
            .try_import("main", None, Some(&orders), home.now(), Default::default())
            .unwrap();
        assert_eq!(report.failures, [""; 0]);
        assert!(home.in_state("SELECT * FROM parked").is_empty(), "{policy}");
        let records = fake.change(|world| world.records.clone());
        match policy {
            "leave" => assert_eq!((contacts(&fake).len(), records.len()), (0, 0)),
            _ => {
                assert_eq!(contacts(&fake), [JANE]);
                assert_eq!(records.len(), 2, "all of them, for the first one went with her");
                assert!(records.values().all(|record| record.get("contact") == JANE));
            }
        }
    }
}

#[test]
fn who_was_merged_there_is_not_made_again() {
    for old_names_lead_on in [false, true] {
        for policy in ["leave", "recreate"] {
            let fake = Daktela::start();
            fake.change(|world| world.manners.old_names_lead_on = old_names_lead_on);
            let mut home = home_with(&fake, &format!("{ORDERS}on_gone = \"{policy}\"\n"), STATUSES);
            home.import(&customers(&[jane()]), &orders(&[of_jane("1")]));
            fake.change(|world| {
                world.agent_makes("nova", "Nová", "nova@home.example");
                world.agent_merges(JANE, "nova");
            });
            let people = customers(&[jane().login("more@shop.example")]);
            home.import(&people, &orders_of_jane());
            assert_eq!(contacts(&fake), ["nova"], "{policy}, {old_names_lead_on}");
            let orders = fake.change(|world| {
                world
                    .records
                    .values()
                    .map(|one| one.get("contact"))
                    .collect::<Vec<_>>()
            });
            let emails = values(&fake, "nova", "customFields.email");
            match policy {
                "leave" => assert_eq!((orders.len(), emails.len()), (1, 2)),
                _ => assert_eq!(
                    (orders.concat(), emails.len()),
                    ("novanova".to_owned(), 3),
                    "found by e-mail"
                ),
            }
            let before = fake.writes();
            home.import(&people, &orders_of_jane());
            assert_eq!(fake.writes(), before);
        }
    }
}

/// Two guests by two e-mails; then the shop gives an order of the one the e-mail of the other.
fn merged(home: &mut Home) -> String {
    let first = order("1").email("first@shop.example").placed("2024-05-01");
    let second = order("2").email("second@shop.example").placed("2024-05-02");
    home.import("", &orders(&[first.clone(), second.clone()]));
    let one = orders(&[first, second.email("first@shop.example")]);
    home.import("", &one);
    one
}

#[test]
fn the_record_of_a_merged_contact_is_marked_deleted_or_left_by_configuration() {
    let (stays, goes) = (name("first@shop.example"), name("second@shop.example"));
    for (keys, left, words) in [
        ("", 2, format!("merged into {stays}")),
        ("on_merge = \"delete\"\n", 1, String::new()),
    ] {
        let fake = Daktela::start();
        let mut home = marked(&fake, keys);
        let one = merged(&mut home);
        let people = contacts(&fake);
        assert_eq!(people.len(), left, "{keys}");
        if people.contains(&goes) {
            assert_eq!(mark(&fake, &goes), words);
            assert_eq!(
                text(&fake, &goes, "customFields.email"),
                "second@shop.example",
                "what it held stays"
            );
        }
        let on: Vec<String> =
            fake.change(|world| world.records.values().map(|one| one.get("contact")).collect());
        assert_eq!(on, [stays.clone(), stays.clone()], "{keys}");
        let before = fake.writes();
        home.import("", &one);
        assert_eq!(fake.writes(), before);
    }
    let fake = Daktela::start();
    let mut home = super::home(&fake);
    merged(&mut home);
    assert_eq!(contacts(&fake).len(), 2, "without a marker it is left");
    let fake = Daktela::start();
    let mut home = home_with(&fake, "on_merge = \"delete\"\n", "");
    merged(&mut home);
    assert_eq!(contacts(&fake), [stays], "deleted, though there is no marker");
}

#[test]
fn a_mark_comes_and_goes_and_comes_again_when_somebody_typed_over_it() {
    let fake = Daktela::start();
    fake.change(|world| world.add_field("shoptet_state", "TEXT"));
    let target = home_with(&fake, MARKER, STATUSES).configuration().to_owned();
    let mut home =
        Home::with(&target.replace("[[target]]", "[shop.customers]\ndeleted = \"mark\"\n[[target]]"));
    let joe = customer("g2").login("joe@shop.example");
    home.import(&customers(&[jane(), joe.clone()]), "");
    for _ in 0..2 {
        home.import(&customers(std::slice::from_ref(&joe)), "");
    }
    assert!(
        mark(&fake, JANE).starts_with("deleted in the shop 20"),
        "{}",
        mark(&fake, JANE)
    );
    fake.change(|world| world.agent_types(JANE, "customFields.shoptet_state", &["call her"]));
    let later = orders(&[order("9").email("joe@shop.example")]);
    home.import(&customers(std::slice::from_ref(&joe)), &later);
    assert_eq!(mark(&fake, JANE), "call her", "nobody looked");
    home.configure(&home.configuration().replace("database = \"default\"\n", "").replace(
        "[target.statuses]",
        "[target.fields]\ntitle = \"contact.name\"\nlastname = \"contact.last_name\"\n\
         \"customFields.email\" = \"contact.emails\"\n\"customFields.note\" = \"contact.kind\"\n[target.statuses]",
    ));
    home.import(&customers(std::slice::from_ref(&joe)), &later);
    assert!(
        mark(&fake, JANE).starts_with("call her; deleted in the shop 20"),
        "{}",
        mark(&fake, JANE)
    );
    let more = orders(&[
        order("9").email("joe@shop.example"),
        order("1").email("jane@shop.example"),
    ]);
    home.import(&customers(std::slice::from_ref(&joe)), &more);
    assert_eq!(
        mark(&fake, JANE),
        "call her",
        "a new order takes it off, and what was typed stays"
    );
}

/// Nobody is deleted here, so there is nothing to be marked.
#[test]
fn what_was_typed_into_the_field_for_marks_stays_until_the_person_is_forgotten() {
    for marker in ["customFields.shoptet_state", "description"] {
        let fake = Daktela::start();
        fake.change(|world| world.add_field("shoptet_state", "TEXT"));
        let mut home = home_with(&fake, &format!("marker = \"{marker}\"\n"), "");
        home.import(&customers(&[jane()]), "");
        fake.change(|world| world.agent_types(JANE, marker, &["call Jane"]));
        home.import(&customers(&[jane().phone("602123456")]), "");
        assert_eq!(values(&fake, JANE, "customFields.number"), ["+420602123456"]);
        assert_eq!(text(&fake, JANE, marker), "call Jane");
        home.with_engine(async |engine| engine.forget("jane@shop.example", true, &Silent).await.unwrap());
        let left = text(&fake, JANE, marker);
        assert!(left.starts_with("deleted in the shop 20"), "{left}");
    }
}

#[test]
fn nothing_of_who_was_erased_is_left() {
    let fake = Daktela::start();
    fake.change(|world| world.add_field("shoptet_state", "TEXT"));
    let target = home_with(&fake, MARKER, STATUSES).configuration().to_owned();
    let mut home =
        Home::with(&target.replace("[[target]]", "[shop.customers]\ndeleted = \"erase\"\n[[target]]"));
    let joe = customers(&[customer("g2").login("joe@shop.example")]);
    let all = customers(&[
        jane().billing(crate::written::party("Jane Doe", "Long 1", "Brno")),
        customer("g2").login("joe@shop.example"),
    ]);
    home.import(&all, &orders(&[of_jane("1")]));
    assert_eq!(text(&fake, JANE, "title"), "Jane Doe");
    for _ in 0..2 {
        home.import(&joe, &orders(&[of_jane("1")]));
    }
    let left = fake.change(|world| format!("{:?}", world.contacts[JANE]));
    for told in ["Jane", "Doe", "jane@", "601123456"] {
        assert!(!left.contains(told), "{left}");
    }
    assert_eq!(text(&fake, JANE, "title"), "main:c:g1");
    let record = fake.change(|world| world.records["shoptet_main_o_1"].clone());
    assert_eq!(record.get("contact"), JANE, "the order stays as a figure");
    let before = fake.writes();
    home.import(&joe, &orders(&[of_jane("1")]));
    assert_eq!(fake.writes(), before);
}

#[test]
fn whoever_is_forgotten_is_emptied_and_a_person_is_told_what_is_left_to_do() {
    let fake = Daktela::start();
    fake.change(|world| world.add_record_field("remark", "TEXT"));
    let fields = format!(
        "[target.order_fields]\ntitle = \"order.code\"\n\"customFields.remark\" = \"order.remark\"\n{STATUSES}"
    );
    let mut home = home_with(&fake, ORDERS, &fields);
    let mut placed = of_jane("1");
    placed.remark = "for Jane".to_owned();
    home.import(
        &customers(&[jane().billing(crate::written::party("Jane Doe", "Long 1", "Brno"))]),
        &orders(&[placed]),
    );
    fake.change(|world| {
        world.agent_types(JANE, "description", &["Jane likes tea"]);
        world.agent_types(JANE, "customFields.note", &["Jane called"]);
        world.agent_types(JANE, "account", &["jane_ltd"]);
        world.add_field("score", "TEXT");
        world.contact_scheme.get_mut("score").unwrap().readonly = true;
        world.agent_types(JANE, "customFields.score", &["12"]);
    });
    let forgotten =
        home.with_engine(async |engine| engine.forget("jane@shop.example", true, &Silent).await.unwrap());
    let by_hand = format!("{forgotten:?}");
    assert!(
        by_hand.contains("GDPR") && by_hand.contains(JANE) && by_hand.contains(": score"),
        "{by_hand}"
    );
    let left = fake.change(|world| format!("{:?}{:?}", world.contacts, world.records));
    for told in ["Jane", "Doe", "jane@", "601123456", "jane_ltd"] {
        assert!(!left.contains(told), "{told}: {left}");
    }
    let record = fake.change(|world| world.records["shoptet_main_o_1"].clone());
    assert_eq!(
        (record.get("title"), record.get("contact")),
        ("1".to_owned(), JANE.to_owned())
    );
}

#[test]
fn whoever_is_forgotten_is_emptied_although_the_state_was_lost() {
    let fake = Daktela::start();
    let mut home = home(&fake);
    let joe = customer("g2").login("joe@shop.example");
    home.import(&customers(&[jane(), joe]), &orders(&[of_jane("1")]));
    fake.change(|world| {
        world.agent_makes("typed", "Jane", "jane@shop.example");
        world.agent_makes("shoptet_other_e_8911f29841d783b7", "Jane", "jane@shop.example");
    });
    super::lose_state(&home);
    home.with_engine(async |engine| engine.forget("jane@shop.example", true, &Silent).await.unwrap());
    for (contact, left) in [
        (JANE, 0),
        ("typed", 0),
        ("shoptet_main_c_g2", 1),
        ("shoptet_other_e_8911f29841d783b7", 1),
    ] {
        assert_eq!(
            values(&fake, contact, "customFields.email").len(),
            left,
            "{contact}"
        );
    }
}

#[test]
fn one_whose_making_was_never_answered_is_emptied_too() {
    let fake = Daktela::start();
    let home = home(&fake);
    let mut is_made = false;
    fake.plan(move |asked| {
        let hides = is_made && asked.name.as_deref() == Some(JANE);
        is_made |= asked.method == "POST";
        match asked.method.as_str() {
            "POST" => Some(crate::fake_daktela::Fault::LostAnswer),
            _ => hides.then_some(crate::fake_daktela::Fault::Status(500)),
        }
    });
    // Nothing but the name leads to her.
    let jane = customer("g1").phone("601123456");
    home.try_import(
        "main",
        Some(&customers(&[jane])),
        Some(""),
        home.now(),
        Default::default(),
    )
    .unwrap();
    assert_eq!(contacts(&fake), [JANE]);
    fake.mend();
    home.with_engine(async |engine| engine.forget("main:c:g1", true, &Silent).await.unwrap());
    assert_eq!(text(&fake, JANE, "customFields.number"), "");
    assert_eq!(text(&fake, JANE, "title"), "-");
}

/// A state that was made anew knows who was forgotten, and empties whatever leads to them: in our database alone.
#[test]
fn strays_of_who_was_forgotten_are_emptied_by_name_and_by_any_e_mail_and_nobody_elses() {
    let guid = "d7cc9ff4-9a15-11e5-8d7b-ac162d8a2454";
    let ours = format!("shoptet_main_c_{}", guid.replace('-', "_"));
    let fake = Daktela::start();
    fake.change(|world| world.databases.extend([("other".to_owned(), false)]));
    let mut home = home(&fake);
    home.import(&customers(&[jane(), customer(guid).phone("601123457")]), "");
    let whole = fake.change(|world| world.contacts.clone());
    home.with_engine(async |engine| engine.forget(guid, true, &Silent).await.unwrap());
    home.with_engine(async |engine| engine.forget("jane@shop.example", true, &Silent).await.unwrap());
    // Daktela is put back from before, and the state is gone.
    fake.change(|world| {
        world.contacts = whole;
        for name in ["typed", "elsewhere"] {
            world.agent_makes(name, "Jane", "");
            world.agent_types(
                name,
                "customFields.email",
                &["jane@home.example", "jane@shop.example"],
            );
        }
        world.agent_types("elsewhere", "database", &["other"]);
    });
    super::lose_state(&home);
    let options = shoptet_sync::sync::import::ImportOptions {
        accept: true,
        agreed: true,
        ..Default::default()
    };
    home.try_import("main", Some(""), Some(""), home.now(), options)
        .unwrap();
    assert_eq!(text(&fake, &ours, "customFields.number"), "", "by name");
    assert_eq!(text(&fake, JANE, "customFields.email"), "");
    assert_eq!(
        text(&fake, "typed", "customFields.email"),
        "",
        "by the second e-mail"
    );
    assert_eq!(
        values(&fake, "elsewhere", "customFields.email").len(),
        2,
        "another database"
    );
}

/// A complete reading finds who was deleted there, page by page, and nobody else is touched.
#[test]
fn who_was_deleted_there_comes_again_where_that_is_configured_and_nobody_else_is_touched() {
    let fake = Daktela::start();
    fake.change(|world| world.manners.most_on_a_page = 2);
    let mut home = home_with(&fake, &format!("{ORDERS}on_gone = \"recreate\"\n"), STATUSES);
    let placed: Vec<_> = (0..7)
        .map(|code| order(&code.to_string()).email(&format!("guest{code}@shop.example")))
        .collect();
    home.import("", &orders(&placed));
    let all = fake.change(|world| world.contacts.keys().cloned().collect::<Vec<_>>());
    fake.change(|world| world.agent_deletes(&all[4]));
    fake.forget_requests();
    home.import("", &orders(&placed));
    assert_eq!(contacts(&fake), all);
    assert_eq!(fake.change(|world| world.records.len()), 7);
    assert_eq!(fake.writes(), 2, "a contact and its order");
}
