//! What identifies somebody, and what nobody.

use super::{e, p, people, whose};
use crate::imported::{Home, SHOP, TARGET};
use crate::written::{Party, customer, customers, order, orders};

fn abroad(country: &str) -> Party {
    Party {
        country: country.to_owned(),
        ..Party::default()
    }
}

#[test]
fn addresses_of_nobody_make_no_person() {
    let shop =
        format!("{SHOP}[shop.orders]\nnot_people = [\"*@market.example\", \"Desk@main.example\"]\n{TARGET}");
    let mut home = Home::with(&shop);
    let registered = [customer("g1").login("desk@main.example").phone("601123456")];
    let placed = [
        order("1").email("a1@market.example").phone("602123456"),
        order("2").email("A1@Market.Example").phone("602123456"),
        order("3").email("b2@market.example"),
        // The shop's own address, typed by its staff for a buyer without one.
        order("4").email("desk@main.example"),
        order("5").email("desk@main.example").phone("601123456"),
    ];
    home.import(&customers(&registered), &orders(&placed));
    let phone = p("+420602123456");
    let expected = [
        ("main:c:g1", "main:5"),
        (phone.as_str(), "main:1 main:2"),
        ("main:o:3", "main:3"),
        ("main:o:4", "main:4"),
    ];
    assert_eq!(whose(&home), people(&expected));
    let shown = home.shown();
    assert!(
        shown.contacts.values().all(|row| row["email"].is_empty()),
        "nobody's address is shown as theirs"
    );
}

#[test]
fn what_is_no_address_makes_no_person() {
    let mut home = Home::new();
    let placed = [
        order("1").email("jane"),
        order("2").email("jane"),
        order("3").email("jane@@shop.example"),
        order("4").email("jane@shop"),
        order("5").email("-").phone("601123456"),
        order("6").email("x").phone("601 123 456"),
    ];
    home.import("", &orders(&placed));
    let phone = p("+420601123456");
    let expected = [
        ("main:o:1", "main:1"),
        ("main:o:2", "main:2"),
        ("main:o:3", "main:3"),
        ("main:o:4", "main:4"),
        (phone.as_str(), "main:5 main:6"),
    ];
    assert_eq!(whose(&home), people(&expected));
}

#[test]
fn a_phone_is_read_with_the_orders_country_else_the_shops() {
    let mut home = Home::new();
    let placed = [
        order("1").phone("0903 123 456").billing(abroad("SK")),
        order("2").phone("+421 903 123 456"),
        order("3").phone("603 123 456"),
        order("4").phone("420603123456"),
    ];
    home.import("", &orders(&placed));
    let (slovak, czech) = (p("+421903123456"), p("+420603123456"));
    assert_eq!(
        whose(&home),
        people(&[(&slovak, "main:1 main:2"), (&czech, "main:3 main:4")])
    );
}

#[test]
fn one_digit_repeated_and_impossible_lengths_identify_nobody_but_are_shown() {
    let mut home = Home::new();
    let placed = [
        order("1").phone("777777777"),
        order("2").phone("777 777 777"),
        order("3").phone("12345"),
        order("4").phone("see remark"),
    ];
    home.import("", &orders(&placed));
    let expected = [1, 2, 3, 4].map(|code| (format!("main:o:{code}"), format!("main:{code}")));
    let expected = expected
        .each_ref()
        .map(|(key, orders)| (key.as_str(), orders.as_str()));
    assert_eq!(whose(&home), people(&expected));
    let shown = home.shown();
    assert_eq!(&shown.contact("main:o:1")["phone"], "+420777777777");
    assert_eq!(&shown.contact("main:o:4")["phone"], "see remark");
}

#[test]
fn one_mailbox_has_one_spelling() {
    let mut home = Home::new();
    let placed = [
        order("1").email("ŽOFIE@shop.example"),
        order("2").email("z\u{30c}ofie@shop.example"),
    ];
    home.import("", &orders(&placed));
    assert_eq!(
        whose(&home),
        people(&[(&e("žofie@shop.example"), "main:1 main:2")])
    );
}
