//! A guest registers: the contact, its key and its record stay; customers of one shop stay apart.

use super::{e, p, people, whose};
use crate::imported::Home;
use crate::written::{customer, customers, order, orders};

#[test]
fn a_guest_who_registers_keeps_contact_key_and_record() {
    let mut home = Home::new();
    let placed = [order("1").email("jane@shop.example")];
    home.import("", &orders(&placed));
    let created = home.shown().contact(&e("jane@shop.example"))["created_at"].to_owned();
    let jane = customer("g1").created("2024-05-20").login("jane@shop.example");
    let more = [
        placed[0].clone(),
        order("2")
            .of("g1")
            .email("jane@shop.example")
            .placed("2024-05-21"),
    ];
    home.import(&customers(&[jane]), &orders(&more));
    assert_eq!(
        whose(&home),
        people(&[(&e("jane@shop.example"), "main:1 main:2")])
    );
    let shown = home.shown();
    assert_eq!(shown.contacts.len(), 1, "no second record");
    let row = shown.contact(&e("jane@shop.example"));
    assert_eq!(&row["created_at"], created);
    assert_eq!(&row["registered_at"], "2024-05-20T12:00:00Z");
    assert_eq!(&row["orders_count"], "2");
}

#[test]
fn who_was_a_customer_before_we_saw_the_orders_has_a_customers_key() {
    let mut home = Home::new();
    let jane = customer("g1").created("2024-05-20").login("jane@shop.example");
    home.import(
        &customers(&[jane]),
        &orders(&[order("1").email("jane@shop.example").placed("2024-05-01")]),
    );
    assert_eq!(whose(&home), "main:c:g1: main:1");
}

#[test]
fn a_customer_takes_over_every_guest_with_one_of_its_accounts() {
    let mut home = Home::new();
    let placed = [
        order("1").email("jane@shop.example").placed("2024-05-02"),
        order("2").email("jane.home@shop.example").placed("2024-05-01"),
    ];
    home.import("", &orders(&placed));
    let jane = customer("g1")
        .created("2024-05-20")
        .login("jane@shop.example")
        .login("jane.home@shop.example");
    home.import(&customers(&[jane]), &orders(&placed));
    let (younger, older) = (e("jane@shop.example"), e("jane.home@shop.example"));
    assert_eq!(whose(&home), people(&[(&older, "main:1 main:2")]));
    assert_eq!(&home.shown().contact(&younger)["merged_into"], older);
}

#[test]
fn a_secondary_account_added_later_takes_the_guest_with_it() {
    let mut home = Home::new();
    let jane = customer("g1").created("2024-01-01").login("jane@shop.example");
    let placed = [order("1").email("second@shop.example").placed("2024-05-01")];
    home.import(&customers(std::slice::from_ref(&jane)), &orders(&placed));
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", ""), (&e("second@shop.example"), "main:1")])
    );
    home.import(&customers(&[jane.login("second@shop.example")]), &orders(&placed));
    // The customer is the older one.
    assert_eq!(whose(&home), "main:c:g1: main:1");
    assert_eq!(
        &home.shown().contact(&e("second@shop.example"))["merged_into"],
        "main:c:g1"
    );
}

#[test]
fn a_guest_older_than_the_customer_stays() {
    let mut home = Home::new();
    let jane = customer("g1").created("2024-05-20").login("jane@shop.example");
    let placed = [order("1").email("second@shop.example").placed("2024-05-01")];
    home.import(&customers(std::slice::from_ref(&jane)), &orders(&placed));
    home.import(&customers(&[jane.login("second@shop.example")]), &orders(&placed));
    let guest = e("second@shop.example");
    assert_eq!(whose(&home), people(&[(&guest, "main:1")]));
    let shown = home.shown();
    assert_eq!(&shown.contact("main:c:g1")["merged_into"], guest);
    assert_eq!(&shown.contact(&guest)["registered_at"], "2024-05-20T12:00:00Z");
}

#[test]
fn two_customers_of_one_shop_stay_apart_whatever_they_share() {
    let mut home = Home::new();
    let twins = [
        customer("g1").login("family@shop.example").phone("601123456"),
        customer("g2").login("family@shop.example").phone("601123456"),
    ];
    let placed = [
        order("1").of("g1").email("family@shop.example"),
        order("2").of("g2").email("family@shop.example"),
    ];
    let expected = people(&[("main:c:g1", "main:1"), ("main:c:g2", "main:2")]);
    for _ in 0..2 {
        home.import(&customers(&twins), &orders(&placed));
        assert_eq!(whose(&home), expected);
    }
}

#[test]
fn a_second_customer_with_the_e_mail_takes_nothing_and_makes_it_ambiguous() {
    let mut home = Home::new();
    let first = customer("g1").created("2024-01-01").login("family@shop.example");
    let second = customer("g2").created("2024-05-20").login("family@shop.example");
    let placed = [order("1").email("family@shop.example").placed("2024-05-01")];
    home.import(&customers(std::slice::from_ref(&first)), &orders(&placed));
    let more = [
        placed[0].clone(),
        order("2").email("family@shop.example").placed("2024-05-25"),
    ];
    home.import(&customers(&[first, second]), &orders(&more));
    let nobody = e("family@shop.example");
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", "main:1"), ("main:c:g2", ""), (&nobody, "main:2")])
    );
}

#[test]
fn an_ambiguous_e_mail_is_not_guessed_though_its_guest_became_a_customer() {
    let mut home = Home::new();
    let placed = [order("1").email("family@shop.example").placed("2024-05-01")];
    home.import("", &orders(&placed));
    let first = customer("g1").created("2024-05-10").login("family@shop.example");
    home.import(&customers(std::slice::from_ref(&first)), &orders(&placed));
    let second = customer("g2").created("2024-05-20").login("family@shop.example");
    let mut all = vec![
        placed[0].clone(),
        order("2").email("family@shop.example").placed("2024-05-25"),
    ];
    home.import(&customers(&[first.clone(), second.clone()]), &orders(&all));
    all.push(order("3").email("family@shop.example").placed("2024-05-26"));
    home.import(&customers(&[first, second]), &orders(&all));
    // The usual key belongs to the first customer by now: the order's code makes one.
    assert_eq!(
        whose(&home),
        people(&[
            (&e("family@shop.example"), "main:1"),
            ("main:c:g2", ""),
            ("main:o:2", "main:2 main:3")
        ])
    );
}

#[test]
fn of_two_who_register_with_a_guests_e_mail_at_once_the_older_registration_takes_it() {
    for turned in [false, true] {
        let mut home = Home::new();
        let placed = [order("1").email("family@shop.example").placed("2024-05-01")];
        home.import("", &orders(&placed));
        let mut both = [
            customer("g1").created("2024-05-20").login("family@shop.example"),
            customer("g2").created("2024-05-10").login("family@shop.example"),
        ];
        if turned {
            both.reverse();
        }
        home.import(&customers(&both), &orders(&placed));
        assert_eq!(
            whose(&home),
            people(&[(&e("family@shop.example"), "main:1"), ("main:c:g1", "")])
        );
        assert_eq!(
            home.in_state(
                "SELECT contacts.key FROM customers JOIN contacts ON contacts.id = contact WHERE guid = 'g2'"
            ),
            [e("family@shop.example")]
        );
    }
}

#[test]
fn an_order_that_named_its_customer_too_early_joins_it() {
    let mut home = Home::new();
    let placed = [
        order("1").of("g1").email("typo@shop.example"),
        order("2").of("g1").phone("601123456"),
        order("3").of("g1"),
    ];
    home.import("", &orders(&placed));
    let alone = people(&[
        (&e("typo@shop.example"), "main:1"),
        (&p("+420601123456"), "main:2"),
        ("main:o:3", "main:3"),
    ]);
    assert_eq!(whose(&home), alone);
    home.import(
        &customers(&[customer("g1").login("jane@shop.example")]),
        &orders(&placed),
    );
    // The customer had no record yet, and takes over that of the first guest it turns out to be.
    let record = e("typo@shop.example");
    assert_eq!(whose(&home), people(&[(&record, "main:1 main:2 main:3")]));
    let shown = home.shown();
    assert_eq!(&shown.contact(&record)["email"], "jane@shop.example");
    for guest in [&p("+420601123456"), "main:o:3"] {
        assert_eq!(&shown.contact(guest)["merged_into"], record);
    }
}
