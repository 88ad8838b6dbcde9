//! What goes to a target at all, and what is parked.

use super::{e, people, whose};
use crate::imported::{Home, SHOP, TARGET};
use crate::written::{Order, customer, customers, order, orders};

fn by_guest(code: &str) -> Order {
    order(code).email("guest@shop.example")
}

const STATUSES: &str = "unmapped_status = \"park\"\n[target.statuses]\n\"Vyřízena\" = \"done\"\n";

#[test]
fn an_unmapped_status_parks_that_order_in_that_target_and_names_the_status() {
    let other = "[[target]]\nname = \"other\"\nkind = \"sqlite\"\npath = \"other.db\"\n";
    let mut home = Home::with(&format!("{SHOP}{TARGET}{STATUSES}{other}"));
    let placed = orders(&[by_guest("1"), by_guest("2").status("Čeká na platbu")]);
    let report = home.import("", &placed);
    assert_eq!((report.parked, report.exit_code()), (1, 3));
    assert_eq!(
        home.in_state("SELECT key AS a, target AS b, reason AS c FROM parked"),
        [
            "main:2 | contacts | the status \"Čeká na platbu\" is not mapped; add to [target.statuses]: \"Čeká na platbu\" = \"…\""
        ]
    );
    let (shown, other) = (home.shown(), home.shown_in("other.db"));
    assert_eq!(shown.grouping(), people(&[(&e("guest@shop.example"), "main:1")]));
    assert_eq!(
        &shown.contact(&e("guest@shop.example"))["orders_count"],
        "2",
        "statistics go on"
    );
    assert_eq!(&shown.order("main:1")["stage"], "done");
    assert_eq!(
        &other.order("main:2")["stage"],
        "Čeká na platbu",
        "the other target keeps the shop's name"
    );
    let report = home.import("", &placed);
    assert_eq!(report.parked, 1, "it stays parked");
}

#[test]
fn a_parked_order_comes_when_its_status_is_mapped() {
    let mut home = Home::with(&format!("{SHOP}{TARGET}{STATUSES}"));
    let placed = orders(&[by_guest("1").status("Nová")]);
    home.import("", &placed);
    assert_eq!(home.shown().orders.len(), 0);
    home.configure(&format!("{SHOP}{TARGET}{STATUSES}\"*\" = \"open\"\n"));
    let report = home.import("", &placed);
    assert_eq!((report.parked, report.exit_code()), (0, 0));
    assert_eq!(&home.shown().order("main:1")["stage"], "open");
}

#[test]
fn a_parked_order_comes_when_the_shop_changes_its_status() {
    let mut home = Home::with(&format!("{SHOP}{TARGET}{STATUSES}"));
    home.import("", &orders(&[by_guest("1").status("Nová")]));
    let report = home.import("", &orders(&[by_guest("1")]));
    assert_eq!(report.parked, 0);
    assert_eq!(&home.shown().order("main:1")["stage"], "done");
}

#[test]
fn only_decides_who_goes_there_and_whoever_came_is_followed() {
    let only = "only = \"stats.orders_count > 1\"\n";
    let mut home = Home::with(&format!("{SHOP}{TARGET}{only}"));
    let first = by_guest("1").placed("2024-05-01");
    let other = order("9").email("once@shop.example");
    home.import("", &orders(&[first.clone(), other.clone()]));
    assert_eq!(whose(&home), "");
    let second = by_guest("2").placed("2024-05-02");
    home.import("", &orders(&[first.clone(), second.clone(), other.clone()]));
    let guest = e("guest@shop.example");
    assert_eq!(
        whose(&home),
        people(&[(&guest, "main:1 main:2")]),
        "with the order it was left out with"
    );
    let cancelled = second.status("Stornována");
    home.import("", &orders(&[first, cancelled, other]));
    assert_eq!(whose(&home), people(&[(&guest, "main:1 main:2")]));
    assert_eq!(&home.shown().contact(&guest)["orders_count"], "1");
}

#[test]
fn a_new_target_is_filled_from_the_state() {
    let mut home = Home::new();
    let registered = customers(&[customer("g1").login("jane@shop.example")]);
    let placed = orders(&[order("1").email("jane@shop.example"), by_guest("2")]);
    home.import(&registered, &placed);
    let second = "[[target]]\nname = \"second\"\nkind = \"sqlite\"\npath = \"second.db\"\n";
    home.configure(&format!("{SHOP}{TARGET}{second}"));
    home.import(&registered, &placed);
    assert_eq!(
        home.shown_in("second.db").without_times(),
        home.shown().without_times()
    );
}

#[test]
fn a_target_that_was_left_out_for_a_while_catches_up() {
    let second = "[[target]]\nname = \"second\"\nkind = \"sqlite\"\npath = \"second.db\"\n";
    let mut home = Home::with(&format!("{SHOP}{TARGET}{second}"));
    home.import("", &orders(&[by_guest("1")]));
    home.configure(&format!("{SHOP}{TARGET}"));
    let more = orders(&[by_guest("1"), by_guest("2")]);
    home.import("", &more);
    home.configure(&format!("{SHOP}{TARGET}{second}"));
    home.import("", &more);
    assert_eq!(
        home.shown_in("second.db").without_times(),
        home.shown().without_times()
    );
}

#[test]
fn nothing_new_writes_nothing() {
    let mut home = Home::new();
    let registered = customers(&[customer("g1").login("jane@shop.example")]);
    let placed = orders(&[
        order("1").email("jane@shop.example"),
        by_guest("2"),
        order("3").phone("601123456"),
    ]);
    home.import(&registered, &placed);
    let before = std::fs::read(home.state_dir().join("contacts.db")).unwrap();
    home.import(&registered, &placed);
    assert!(
        std::fs::read(home.state_dir().join("contacts.db")).unwrap() == before,
        "not a byte"
    );
}

#[test]
fn a_record_that_stands_twice_is_told_by_every_import() {
    let mut home = Home::new();
    let jane = customer("g1").login("old@shop.example");
    let twice = customers(&[
        jane,
        customer("g1").login("jane@shop.example"),
        customer("g2").login("old@shop.example"),
    ]);
    let placed = orders(&[
        order("1").email("jane@shop.example"),
        order("1").email("jane@shop.example").total("7.00"),
        order("2").email("old@shop.example"),
    ]);
    for _ in 0..2 {
        let report = home.import(&twice, &placed);
        assert_eq!((report.parked, report.exit_code()), (2, 3));
        assert_eq!(
            whose(&home),
            people(&[("main:c:g1", "main:1"), ("main:c:g2", "main:2")])
        );
        assert_eq!(
            &home.shown().order("main:1")["total"],
            "7.00",
            "the later one was used"
        );
    }
    let report = home.import(
        &customers(&[customer("g1").login("jane@shop.example")]),
        &orders(&[order("1")]),
    );
    assert_eq!(report.parked, 0, "they stand once now");
}

#[test]
fn records_that_were_there_before_are_linked_by_e_mail_not_doubled() {
    let mut home = Home::new();
    home.import("", &orders(&[order("0").email("first@shop.example")]));
    home.by_hand(
        "INSERT INTO contacts(key, created_at, updated_at, email, full_name) VALUES ('by hand', '', '', ' Jane@Shop.example', 'Jane')",
    );
    let jane = customer("g1").login("jane@shop.example").phone("601123456");
    home.import_of("main", Some(&customers(&[jane])), None);
    let shown = home.shown();
    assert_eq!(shown.contacts.len(), 2);
    let row = shown.contact("by hand");
    assert_eq!((&row["full_name"], &row["phone"]), ("Jane", "+420601123456"));
}

/// What SQLite itself does not lower, compose or trim.
const ZANETA: [&str; 5] = [
    "ŽANETA.NOVÁ@Shop.example",
    "z\u{30c}aneta.nova\u{301}@shop.example",
    "žaneta.nová@shop.example\u{a0}",
    "\tŽaneta.Nová@shop.example\n",
    " žaneta.nová@shop.example",
];

fn typed(home: &Home, key: &str, email: &str) {
    home.by_hand(&format!(
        "INSERT INTO contacts(key, created_at, updated_at, email) VALUES ('{key}', '', '', '{email}')"
    ));
}

#[test]
fn however_an_e_mail_was_typed_its_record_is_found() {
    let zaneta = || {
        customers(&[customer("g1")
            .login("žaneta.nová@shop.example")
            .phone("601123456")])
    };
    for email in ZANETA {
        let mut home = Home::new();
        home.import("", &orders(&[order("0").email("first@shop.example")]));
        typed(&home, "by hand", email);
        typed(&home, "another", "zaneta.nova@shop.example");
        home.import_of("main", Some(&zaneta()), None);
        let shown = home.shown();
        assert_eq!(shown.contacts.len(), 3, "{email:?}");
        assert_eq!(&shown.contact("by hand")["phone"], "+420601123456", "{email:?}");
    }
    let mut home = Home::new();
    home.import("", &orders(&[order("0").email("first@shop.example")]));
    typed(&home, "a", "\u{a0}jane@shop.example");
    typed(&home, "b", "jane@shop.example");
    let jane = customers(&[customer("g1").login("jane@shop.example")]);
    assert_eq!(
        home.import_of("main", Some(&jane), None).parked,
        1,
        "two are not guessed"
    );
}

/// The few that SQLite cannot compare are found without reading all the others, by any program.
#[test]
fn unusual_e_mails_have_an_index_of_their_own() {
    let mut home = Home::new();
    home.import("", &orders(&[order("0").email("first@shop.example")]));
    let file = home.state_dir().join("contacts.db");
    let plan: String = rusqlite::Connection::open(file)
        .unwrap()
        .query_row(
            "EXPLAIN QUERY PLAN SELECT key FROM contacts WHERE \"email\" GLOB '*[^ -~]*' AND merged_into IS NULL",
            [],
            |row| row.get(3),
        )
        .unwrap();
    assert!(plan.contains("contacts_by_unusual_email"), "{plan}");
}

#[test]
fn several_records_with_the_e_mail_are_parked_not_guessed() {
    let mut home = Home::new();
    home.import("", &orders(&[order("0").email("first@shop.example")]));
    for key in ["a", "b"] {
        home.by_hand(&format!(
            "INSERT INTO contacts(key, created_at, updated_at, email) VALUES ('{key}', '', '', 'jane@shop.example')"
        ));
    }
    let jane = customer("g1").login("jane@shop.example");
    let report = home.import_of("main", Some(&customers(&[jane])), None);
    assert_eq!(report.parked, 1);
    assert_eq!(home.shown().contacts.len(), 3);
}

#[test]
fn a_secondary_account_finds_a_record_when_the_main_one_is_anothers() {
    let mut home = Home::new();
    let twins = [customer("g1").login("family@shop.example")];
    home.import(&customers(&twins), "");
    home.by_hand(
        "INSERT INTO contacts(key, created_at, updated_at, email) VALUES ('by hand', '', '', 'second@shop.example')",
    );
    let more = [
        twins[0].clone(),
        customer("g2")
            .login("family@shop.example")
            .login("second@shop.example"),
    ];
    home.import_of("main", Some(&customers(&more)), None);
    assert_eq!(home.shown().grouping(), "by hand:; main:c:g1:");
}
