//! Customers and orders that the shop deletes; with files, two complete listings have to lack them.

use super::{e, people, whose};
use crate::imported::{Home, SHOP, TARGET};
use crate::written::{Customer, Order, customer, customers, order, orders};

fn jane() -> Customer {
    customer("g1").login("jane@shop.example").phone("601123456")
}

fn joe() -> Customer {
    customer("g2").login("joe@shop.example")
}

fn placed() -> Vec<Order> {
    vec![order("1").email("jane@shop.example").placed("2024-05-01")]
}

fn plus(order: Order) -> Vec<Order> {
    [placed(), vec![order]].concat()
}

/// Jane and Joe are customers, then Jane is deleted.
fn deleted(home: &mut Home) {
    home.import(&customers(&[jane(), joe()]), &orders(&placed()));
    for _ in 0..2 {
        home.import(&customers(&[joe()]), &orders(&placed()));
    }
}

#[test]
fn one_listing_is_not_enough() {
    let mut home = Home::new();
    home.import(&customers(&[jane(), joe()]), &orders(&placed()));
    home.import(&customers(&[joe()]), &orders(&placed()));
    assert_eq!(&home.shown().contact("main:c:g1")["gone_at"], "");
    home.import(&customers(&[jane(), joe()]), &orders(&placed()));
    home.import(&customers(&[joe()]), &orders(&placed()));
    assert_eq!(
        &home.shown().contact("main:c:g1")["gone_at"],
        "",
        "it was there in between"
    );
    home.import(&customers(&[joe()]), &orders(&placed()));
    assert_ne!(&home.shown().contact("main:c:g1")["gone_at"], "");
}

/// What cannot be read and does not say who it is may be anybody: then nobody counts as deleted.
#[test]
fn a_record_that_cannot_be_read_is_no_deletion() {
    for (with, section) in [("erase", "customers"), ("mark", "customers"), ("mark", "orders")] {
        let mut home = Home::with(&format!("{SHOP}[shop.customers]\ndeleted = \"{with}\"\n{TARGET}"));
        let (both, one) = (customers(&[jane(), joe()]), customers(&[joe()]));
        let second = order("2").email("joe@shop.example").placed("2024-05-02");
        let (all, some) = (orders(&plus(second.clone())), orders(&[second]));
        home.import(&both, &all);
        let before = home.shown();
        for _ in 0..3 {
            let report = match section {
                "customers" => home.import(&format!("{one}{{\"guid\": \"g1\n"), &all),
                _ => home.import(&both, &format!("{some}{{\"code\": \n")),
            };
            assert_eq!((report.customers_gone, report.orders_gone), (0, 0), "{section}");
            let noted = report.notes.concat();
            assert!(noted.contains("may be among them"), "{section}: {noted}");
            assert_eq!(report.exit_code(), 3);
        }
        assert_eq!(home.shown(), before, "{section}");
    }
}

#[test]
fn a_deleted_customer_is_a_guest_with_key_orders_and_e_mails() {
    let mut home = Home::new();
    deleted(&mut home);
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", "main:1"), ("main:c:g2", "")])
    );
    let shown = home.shown();
    let row = shown.contact("main:c:g1");
    assert_eq!((&row["email"], &row["orders_count"]), ("jane@shop.example", "1"));
    assert_ne!(&row["gone_at"], "");
}

#[test]
fn a_new_order_clears_the_mark() {
    let mut home = Home::new();
    deleted(&mut home);
    let more = plus(order("2").email("jane@shop.example").placed("2024-06-20"));
    home.import(&customers(&[joe()]), &orders(&more));
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", "main:1 main:2"), ("main:c:g2", "")])
    );
    assert_eq!(&home.shown().contact("main:c:g1")["gone_at"], "");
}

#[test]
fn a_new_customer_with_one_of_the_e_mails_takes_over() {
    let mut home = Home::new();
    deleted(&mut home);
    let again = customer("g9").created("2024-06-20").login("jane@shop.example");
    home.import(&customers(&[joe(), again]), &orders(&placed()));
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", "main:1"), ("main:c:g2", "")])
    );
    let shown = home.shown();
    assert_eq!(&shown.contact("main:c:g1")["gone_at"], "");
    assert_eq!(
        &shown.contact("main:c:g1")["registered_at"],
        "2024-06-20T12:00:00Z"
    );
}

#[test]
fn the_same_customer_that_comes_back_is_itself_again() {
    let mut home = Home::new();
    deleted(&mut home);
    home.import(&customers(&[jane(), joe()]), &orders(&placed()));
    let shown = home.shown();
    assert_eq!(&shown.contact("main:c:g1")["gone_at"], "");
    let more = plus(order("2").email("jane@shop.example").placed("2024-06-20"));
    home.import(&customers(&[jane(), joe()]), &orders(&more));
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", "main:1 main:2"), ("main:c:g2", "")])
    );
}

#[test]
fn who_registers_anew_before_the_deletion_is_confirmed_is_one_person_in_the_end() {
    let mut home = Home::new();
    home.import(&customers(&[jane(), joe()]), &orders(&placed()));
    let again = customer("g9").created("2024-06-02").login("jane@shop.example");
    home.import(&customers(&[joe(), again.clone()]), &orders(&placed()));
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", "main:1"), ("main:c:g2", ""), ("main:c:g9", "")])
    );
    home.import(&customers(&[joe(), again]), &orders(&placed()));
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", "main:1"), ("main:c:g2", "")])
    );
    let shown = home.shown();
    assert_eq!(&shown.contact("main:c:g9")["merged_into"], "main:c:g1");
    assert_eq!(&shown.contact("main:c:g1")["gone_at"], "");
}

#[test]
fn who_shared_an_e_mail_does_not_inherit_from_the_deleted() {
    let mut home = Home::new();
    let twin = customer("g9").login("jane@shop.example");
    let own = [order("1").of("g1").email("jane@shop.example")];
    home.import(&customers(&[jane(), twin.clone()]), &orders(&own));
    for _ in 0..2 {
        home.import(&customers(std::slice::from_ref(&twin)), &orders(&own));
    }
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", "main:1"), ("main:c:g9", "")])
    );
}

fn with_deleted(how: &str) -> Home {
    Home::with(&format!("{SHOP}[shop.customers]\ndeleted = \"{how}\"\n{TARGET}"))
}

#[test]
fn keep_leaves_the_contact_as_it_is() {
    let mut home = with_deleted("keep");
    deleted(&mut home);
    let shown = home.shown();
    assert_eq!(&shown.contact("main:c:g1")["gone_at"], "");
    assert_eq!(&shown.contact("main:c:g1")["email"], "jane@shop.example");
}

#[test]
fn erase_empties_every_value_also_what_a_person_typed() {
    let mut home = with_deleted("erase");
    home.import(&customers(&[jane(), joe()]), &orders(&placed()));
    home.by_hand("UPDATE contacts SET city = 'Brno' WHERE key = 'main:c:g1'");
    for _ in 0..2 {
        home.import(&customers(&[joe()]), &orders(&placed()));
    }
    let shown = home.shown();
    let row = shown.contact("main:c:g1");
    let left: Vec<&str> = row.0.keys().map(String::as_str).collect();
    assert_eq!(left, ["created_at", "gone_at", "key", "updated_at"]);
    assert_eq!(&shown.order("main:1")["contact_key"], "main:c:g1");
    assert_eq!(
        home.in_state("SELECT body FROM customers WHERE guid = 'g1'"),
        [r#"{"guid":"g1"}"#]
    );
    let before = home.shown();
    home.import(&customers(&[joe()]), &orders(&placed()));
    assert_eq!(home.shown(), before, "erased once is enough");
}

#[test]
fn after_erase_nobody_takes_over() {
    let mut home = with_deleted("erase");
    deleted(&mut home);
    let again = customer("g9").created("2024-06-20").login("jane@shop.example");
    let more = plus(order("2").email("jane@shop.example").placed("2024-06-21"));
    home.import(&customers(&[joe(), again]), &orders(&more));
    assert_eq!(
        whose(&home),
        people(&[
            ("main:c:g1", "main:1"),
            ("main:c:g2", ""),
            ("main:c:g9", "main:2")
        ])
    );
}

#[test]
fn after_erase_new_orders_are_a_new_guests() {
    let mut home = with_deleted("erase");
    home.import("", &orders(&placed()));
    home.import(&customers(&[jane(), joe()]), &orders(&placed()));
    for _ in 0..2 {
        home.import(&customers(&[joe()]), &orders(&placed()));
    }
    let mut more = plus(order("2").email("jane@shop.example").placed("2024-06-21"));
    home.import(&customers(&[joe()]), &orders(&more));
    more.push(order("3").email("jane@shop.example").placed("2024-06-22"));
    home.import(&customers(&[joe()]), &orders(&more));
    // Her guest's key was the erased contact's, and is never used again.
    assert_eq!(
        whose(&home),
        people(&[
            (&e("jane@shop.example"), "main:1"),
            ("main:c:g2", ""),
            ("main:o:2", "main:2 main:3")
        ])
    );
    assert_eq!(&home.shown().contact("main:o:2")["email"], "jane@shop.example");
}

#[test]
fn a_deleted_order_counts_for_nothing_and_comes_back() {
    let mut home = Home::new();
    let all = plus(
        order("2")
            .email("jane@shop.example")
            .total("50.00")
            .placed("2024-05-02"),
    );
    home.import(&customers(&[jane()]), &orders(&all));
    for _ in 0..2 {
        home.import(&customers(&[jane()]), &orders(&placed()));
    }
    let shown = home.shown();
    assert_ne!(&shown.order("main:2")["gone_at"], "");
    let row = shown.contact("main:c:g1");
    assert_eq!(
        (
            &row["orders_count"],
            &row["orders_total"],
            &row["last_order_code"]
        ),
        ("1", "100.00", "1")
    );
    home.import(&customers(&[jane()]), &orders(&all));
    let shown = home.shown();
    assert_eq!(&shown.order("main:2")["gone_at"], "");
    assert_eq!(&shown.contact("main:c:g1")["orders_total"], "150.00");
}

#[test]
fn a_shop_with_an_api_loses_its_customers_by_files_too() {
    let api = "[shop.api]\nprivate_token = \"x\"\n";
    let mut home = Home::with(&format!("{SHOP}{api}{TARGET}"));
    deleted(&mut home);
    assert_ne!(&home.shown().contact("main:c:g1")["gone_at"], "");
}
