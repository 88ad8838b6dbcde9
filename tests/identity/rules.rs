//! The five rules, in their order.

use super::{e, p, people, whose};
use crate::imported::Home;
use crate::written::{Customer, Order, customer, customers, order, orders, orders_as_xml};

/// Whose each order is after one import of all.
fn fresh(registered: &[Customer], placed: &[Order]) -> String {
    let mut home = Home::new();
    home.import(&customers(registered), &orders(placed));
    whose(&home)
}

fn jane() -> Customer {
    customer("g1").login("jane@shop.example").phone("601123456")
}

fn joe() -> Customer {
    customer("g2").login("joe@shop.example").phone("602123456")
}

#[test]
fn a_guid_comes_before_the_e_mail_and_the_phone() {
    let placed = [order("1").of("g1").email("joe@shop.example").phone("602123456")];
    assert_eq!(
        fresh(&[jane(), joe()], &placed),
        people(&[("main:c:g1", "main:1"), ("main:c:g2", "")])
    );
}

#[test]
fn a_log_in_comes_before_the_phone() {
    let placed = [order("1").email("jane@shop.example").phone("602123456")];
    assert_eq!(
        fresh(&[jane(), joe()], &placed),
        people(&[("main:c:g1", "main:1"), ("main:c:g2", "")])
    );
}

#[test]
fn any_account_of_a_customer_leads_to_it() {
    let company = jane()
        .login("accounting@shop.example")
        .login("stock@shop.example");
    let placed = [
        order("1").email("jane@shop.example"),
        order("2").email("accounting@shop.example"),
        order("3").email("STOCK@shop.example"),
    ];
    assert_eq!(fresh(&[company], &placed), "main:c:g1: main:1 main:2 main:3");
}

#[test]
fn a_guid_that_nobody_has_says_nothing() {
    let placed = [
        order("1").of("nobody").email("jane@shop.example"),
        order("2").of("nobody"),
    ];
    assert_eq!(
        fresh(&[jane()], &placed),
        people(&[("main:c:g1", "main:1"), ("main:o:2", "main:2")])
    );
}

#[test]
fn an_e_mail_seen_on_a_customers_order_leads_to_it() {
    let placed = [
        order("1")
            .of("g1")
            .email("jane.work@shop.example")
            .placed("2024-05-01"),
        order("2").email("jane.work@shop.example").placed("2024-05-02"),
    ];
    assert_eq!(
        fresh(&[jane(), joe()], &placed),
        people(&[("main:c:g1", "main:1 main:2"), ("main:c:g2", "")])
    );
}

#[test]
fn of_several_customers_whose_orders_show_an_e_mail_the_first_by_date_has_it() {
    let placed = [
        order("1").email("shared@shop.example").placed("2024-05-03"),
        order("2")
            .of("g2")
            .email("shared@shop.example")
            .placed("2024-05-02"),
        order("3")
            .of("g1")
            .email("shared@shop.example")
            .placed("2024-05-01"),
    ];
    let expected = people(&[("main:c:g1", "main:1 main:3"), ("main:c:g2", "main:2")]);
    assert_eq!(fresh(&[jane(), joe()], &placed), expected);
    let other_order = [placed[1].clone(), placed[2].clone(), placed[0].clone()];
    assert_eq!(fresh(&[joe(), jane()], &other_order), expected);
}

#[test]
fn of_orders_placed_at_the_same_moment_the_lesser_key_has_the_e_mail() {
    let placed = [
        order("1").of("g2").email("shared@shop.example"),
        order("2").of("g1").email("shared@shop.example"),
        order("3").email("shared@shop.example"),
    ];
    for people_told in [[jane(), joe()], [joe(), jane()]] {
        let expected = people(&[("main:c:g1", "main:2 main:3"), ("main:c:g2", "main:1")]);
        assert_eq!(fresh(&people_told, &placed), expected);
    }
}

#[test]
fn a_guests_orders_are_one_contact() {
    let placed = [
        order("1").email("guest@shop.example"),
        order("2").email(" Guest@Shop.Example "),
        order("3").email("other@shop.example"),
    ];
    let (guest, other) = (e("guest@shop.example"), e("other@shop.example"));
    assert_eq!(
        fresh(&[], &placed),
        people(&[(&guest, "main:1 main:2"), (&other, "main:3")])
    );
}

#[test]
fn an_export_that_names_no_customer_ends_the_same() {
    let placed = [
        order("1").email("jane@shop.example"),
        order("2").email("guest@shop.example").phone("603 123 456"),
        order("3").phone("+420 603 123 456"),
        order("4"),
    ];
    let mut by_xml = Home::new();
    by_xml.import(&customers(&[jane()]), &orders_as_xml(&placed));
    let guest = e("guest@shop.example");
    let expected = people(&[
        ("main:c:g1", "main:1"),
        (&guest, "main:2 main:3"),
        ("main:o:4", "main:4"),
    ]);
    assert_eq!(whose(&by_xml), expected);
    assert_eq!(fresh(&[jane()], &placed), expected);
}

#[test]
fn a_phone_leads_to_the_only_contact_that_has_it() {
    let placed = [
        order("1").phone("601 123 456"),
        order("2").phone("00420 602 123 456"),
    ];
    assert_eq!(
        fresh(&[jane(), joe()], &placed),
        people(&[("main:c:g1", "main:1"), ("main:c:g2", "main:2")])
    );
}

#[test]
fn a_phone_of_several_contacts_leads_to_none_of_them() {
    let twin = customer("g3").login("twin@shop.example").phone("601123456");
    let placed = [order("1").phone("601123456"), order("2").phone("601123456")];
    let phone = p("+420601123456");
    assert_eq!(
        fresh(&[jane(), twin], &placed),
        people(&[("main:c:g1", ""), ("main:c:g3", ""), (&phone, "main:1 main:2")])
    );
}

#[test]
fn a_phone_of_a_customer_and_a_guest_leads_to_neither() {
    let placed = [
        order("1").email("guest@shop.example").phone("601123456"),
        order("2").phone("601123456"),
    ];
    let (guest, phone) = (e("guest@shop.example"), p("+420601123456"));
    assert_eq!(
        fresh(&[jane()], &placed),
        people(&[("main:c:g1", ""), (&guest, "main:1"), (&phone, "main:2")])
    );
}

#[test]
fn a_customers_phones_are_those_of_its_accounts_alone() {
    let placed = [
        order("1").email("jane@shop.example").phone("609123456"),
        order("2").phone("609123456"),
    ];
    let phone = p("+420609123456");
    assert_eq!(
        fresh(&[jane()], &placed),
        people(&[("main:c:g1", "main:1"), (&phone, "main:2")])
    );
}

#[test]
fn guests_without_e_mail_are_known_by_phone_else_by_the_order() {
    let placed = [
        order("1").phone("604 123 456"),
        order("2").phone("+420604123456"),
        order("3").phone("ask at the desk"),
        order("4"),
    ];
    let phone = p("+420604123456");
    assert_eq!(
        fresh(&[], &placed),
        people(&[
            (&phone, "main:1 main:2"),
            ("main:o:3", "main:3"),
            ("main:o:4", "main:4")
        ])
    );
}

#[test]
fn an_e_mail_that_two_customers_of_the_shop_log_in_with_is_never_guessed() {
    let twin = customer("g3").login("jane@shop.example");
    let placed = [
        order("1").email("jane@shop.example"),
        order("2").of("g3").email("jane@shop.example"),
        order("3").email("jane@shop.example"),
    ];
    let guest = e("jane@shop.example");
    assert_eq!(
        fresh(&[jane(), twin], &placed),
        people(&[
            ("main:c:g1", ""),
            ("main:c:g3", "main:2"),
            (&guest, "main:1 main:3")
        ])
    );
}
