//! Found, absent, ambiguous: what was there before is linked and not doubled.

use crate::e;
use crate::rig::Rig;
use crate::written::{Customer, customer, customers, order, orders};

every_target!(
    what_is_not_there_is_made,
    what_was_there_is_adopted_by_its_e_mail,
    an_unusual_spelling_is_found,
    several_that_could_be_meant_are_parked,
    a_second_log_in_finds_it_too,
    a_record_of_somebody_else_is_not_adopted,
    a_state_that_was_lost_finds_its_records_by_key,
);

fn jane() -> Customer {
    customer("g1").login("jane@shop.example")
}

/// Somebody else's order, which is there from the beginning: the tables have to be there for a person to type
/// into them.
fn and_first(more: &[crate::written::Order]) -> String {
    orders(&[&[order("0").email("first@shop.example")], more].concat())
}

fn begun(rig: &impl Rig) -> crate::imported::Home {
    let mut home = rig.home("", "");
    home.import("", &and_first(&[]));
    home
}

fn what_is_not_there_is_made<R: Rig>(rig: R) {
    let mut home = rig.home("", "");
    let report = home.import(
        &customers(&[jane()]),
        &orders(&[
            order("1").email("jane@shop.example"),
            order("2").email("guest@shop.example"),
        ]),
    );
    assert_eq!(report.parked, 0);
    let shown = rig.shown(&home);
    let guest = e("guest@shop.example");
    assert_eq!(shown.grouping(), format!("main:c:g1: main:1; {guest}: main:2"));
    let row = shown.contact("main:c:g1");
    assert_eq!(
        (&row["email"], &row["orders_count"], &row["orders_total"]),
        ("jane@shop.example", "1", "100.00")
    );
    let placed = shown.order("main:2");
    assert_eq!(
        (&placed["code"], &placed["status"], &placed["total"]),
        ("2", "Vyřízena", "100.00")
    );
}

fn what_was_there_is_adopted_by_its_e_mail<R: Rig>(rig: R) {
    let mut home = begun(&rig);
    rig.insert(&home, "typed-1", " Jane@Shop.example ");
    home.import(
        &customers(&[jane()]),
        &and_first(&[order("1").email("jane@shop.example")]),
    );
    let shown = rig.shown(&home);
    assert!(!shown.contacts.contains_key("main:c:g1"), "not doubled");
    let row = shown.contact("typed-1");
    assert_eq!(
        (&row["email"], &row["orders_count"]),
        (" Jane@Shop.example ", "1"),
        "what stands there stays"
    );
    assert_eq!(&shown.order("main:1")["contact_key"], "typed-1");
    let before = rig.writes(&home);
    home.import(
        &customers(&[jane()]),
        &and_first(&[order("1").email("jane@shop.example")]),
    );
    assert_eq!(rig.writes(&home), before);
}

fn an_unusual_spelling_is_found<R: Rig>(rig: R) {
    let mut home = begun(&rig);
    rig.insert(&home, "typed-1", "\u{a0}JOSÉ@shop.example\t");
    home.import("", &and_first(&[order("1").email("josé@shop.example")]));
    assert_eq!(&rig.shown(&home).order("main:1")["contact_key"], "typed-1");
}

fn several_that_could_be_meant_are_parked<R: Rig>(rig: R) {
    let mut home = begun(&rig);
    rig.insert(&home, "typed-1", "jane@shop.example");
    rig.insert(&home, "typed-2", "JANE@shop.example");
    let documents = (
        customers(&[jane()]),
        and_first(&[order("1").email("jane@shop.example")]),
    );
    let report = home.import(&documents.0, &documents.1);
    assert_eq!((report.parked, report.exit_code()), (1, 3));
    let reason = home
        .in_state("SELECT reason FROM parked WHERE key = 'main:c:g1'")
        .concat();
    let both = ["typed-1", "typed-2"].map(|record| rig.called(record)).join(", ");
    assert!(reason.contains(&both), "{reason}");
    let shown = rig.shown(&home);
    assert!(
        !shown.contacts.contains_key("main:c:g1") && !shown.orders.contains_key("main:1"),
        "none is made"
    );
    rig.delete(&home, "typed-2");
    home.import(&customers(&[jane().phone("601123456")]), &documents.1);
    assert_eq!(&rig.shown(&home).order("main:1")["contact_key"], "typed-1");
}

fn a_second_log_in_finds_it_too<R: Rig>(rig: R) {
    let mut home = begun(&rig);
    rig.insert(&home, "typed-1", "office@shop.example");
    home.import(
        &customers(&[jane().login("office@shop.example")]),
        &and_first(&[]),
    );
    let shown = rig.shown(&home);
    assert!(!shown.contacts.contains_key("main:c:g1"));
    // A field that holds several e-mails gets ours beside it.
    let email = &shown.contact("typed-1")["email"];
    assert_eq!(email.split(", ").next(), Some("office@shop.example"));
}

fn a_record_of_somebody_else_is_not_adopted<R: Rig>(rig: R) {
    let mut home = begun(&rig);
    rig.insert(&home, "typed-1", "jane@shop.example");
    home.import(&customers(&[jane()]), &and_first(&[]));
    rig.edit(&home, "typed-1", "email", "joe@shop.example");
    let joe = customer("g2").login("joe@shop.example");
    home.import(&customers(&[jane(), joe]), &and_first(&[]));
    let shown = rig.shown(&home);
    assert_eq!(
        &shown.contact("main:c:g2")["email"],
        "joe@shop.example",
        "Joe gets one of his own"
    );
    assert_eq!(&shown.contact("typed-1")["email"], "joe@shop.example");
}

/// Nobody knows any more what was written: it is asked for, believed, linked by key, and nothing is doubled or
/// written again; what a person typed meanwhile is told by the seals.
fn a_state_that_was_lost_finds_its_records_by_key<R: Rig>(rig: R) {
    let mut home = rig.home("", "");
    let documents = (
        customers(&[jane()]),
        orders(&[order("1").email("jane@shop.example")]),
    );
    home.import(&documents.0, &documents.1);
    rig.edit(&home, "main:c:g1", "city", "Olomouc");
    let before = rig.shown(&home);
    for entry in std::fs::read_dir(home.state_dir()).unwrap().map(Result::unwrap) {
        if entry.file_name().to_string_lossy().starts_with("state.db") {
            std::fs::remove_file(entry.path()).unwrap();
        }
    }
    let options = |accept| shoptet_sync::sync::import::ImportOptions {
        accept,
        agreed: true,
        ..Default::default()
    };
    let again = |accept| {
        let (customers, orders) = (Some(documents.0.as_str()), Some(documents.1.as_str()));
        home.try_import("main", customers, orders, home.now(), options(accept))
            .unwrap()
    };
    let refused = again(false).failures.concat();
    assert!(refused.contains("earlier state"), "{refused}");
    assert_eq!(again(true).failures, [""; 0]);
    assert_eq!(rig.shown(&home), before);
}
