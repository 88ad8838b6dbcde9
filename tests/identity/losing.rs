//! An order that loses its guid or its e-mail, or whose source does not tell it, stays where it is.

use super::{e, people, whose};
use crate::imported::Home;
use crate::written::{Order, customer, customers, order, orders, orders_as_xml};

fn registered() -> String {
    customers(&[
        customer("g1").login("jane@shop.example").phone("601123456"),
        customer("g2").login("joe@shop.example").phone("602123456"),
    ])
}

/// The places after telling one order in all these ways, one after the other.
fn told(ways: &[Order]) -> String {
    let mut home = Home::new();
    for way in ways {
        home.import(&registered(), &orders(std::slice::from_ref(way)));
    }
    whose(&home)
}

fn janes() -> String {
    people(&[("main:c:g1", "main:1"), ("main:c:g2", "")])
}

fn joes() -> String {
    people(&[("main:c:g1", ""), ("main:c:g2", "main:1")])
}

#[test]
fn losing_moves_nothing_whatever_is_left() {
    let named = order("1").of("g1");
    assert_eq!(
        told(&[
            named.clone().email("joe@shop.example"),
            order("1").email("joe@shop.example")
        ]),
        janes()
    );
    assert_eq!(told(&[named.clone(), order("1")]), janes());
    assert_eq!(told(&[named.clone(), order("1").phone("602123456")]), janes());
    let by_email = order("1").email("jane@shop.example");
    assert_eq!(told(&[by_email.clone(), order("1")]), janes());
    assert_eq!(told(&[by_email.clone(), order("1").phone("602123456")]), janes());
    assert_eq!(
        told(&[by_email.clone(), order("1").email("-").phone("602123456")]),
        janes()
    );
    // And again.
    assert_eq!(
        told(&[by_email.clone(), order("1"), by_email.clone(), order("1")]),
        janes()
    );
}

#[test]
fn what_it_is_given_later_decides_as_if_nothing_was_lost() {
    let named = order("1").of("g1").email("jane@shop.example");
    let lost = order("1");
    assert_eq!(told(&[named.clone(), lost.clone(), order("1").of("g2")]), joes());
    assert_eq!(
        told(&[
            order("1").email("jane@shop.example"),
            lost,
            order("1").email("joe@shop.example")
        ]),
        joes()
    );
}

#[test]
fn an_e_mail_that_changes_does_not_outweigh_a_guid_that_is_only_not_told() {
    let named = order("1").of("g1").email("jane@shop.example");
    let untold = order("1").email("joe@shop.example");
    assert_eq!(told(&[named.clone(), untold.clone()]), janes());
    // The API tells it again.
    assert_eq!(
        told(&[named, untold, order("1").of("g1").email("joe@shop.example")]),
        janes()
    );
}

#[test]
fn an_export_that_names_nobody_moves_nothing_the_api_has_placed() {
    let mut home = Home::new();
    let named = order("1").of("g1").email("work@shop.example");
    let corrected = order("1").of("g1").email("joe@shop.example");
    home.import(&registered(), &orders(&[named]));
    home.import(&registered(), &orders_as_xml(std::slice::from_ref(&corrected)));
    assert_eq!(whose(&home), janes());
    home.import(&registered(), &orders(&[corrected]));
    assert_eq!(whose(&home), janes());
}

#[test]
fn a_guid_that_nobody_has_moves_nothing_and_counts_from_when_somebody_has_it() {
    let mut home = Home::new();
    home.import(&registered(), &orders(&[order("1").email("jane@shop.example")]));
    let placed = orders(&[order("1").of("g3").email("jane@shop.example")]);
    home.import(&registered(), &placed);
    assert_eq!(whose(&home), janes());
    let ann = customers(&[customer("g3").login("ann@shop.example")]);
    home.import(&(registered() + &ann), &placed);
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", ""), ("main:c:g2", ""), ("main:c:g3", "main:1")])
    );
}

#[test]
fn with_its_customer_gone_the_next_e_mail_decides() {
    let mut home = Home::new();
    home.import(
        &registered(),
        &orders(&[order("1").of("g1").email("jane@shop.example")]),
    );
    let joe = customers(&[customer("g2").login("joe@shop.example").phone("602123456")]);
    for _ in 0..2 {
        home.import(&joe, &orders(&[order("1").email("jane@shop.example")]));
    }
    assert_eq!(whose(&home), janes(), "the shop takes the guid off the orders");
    home.import(&joe, &orders(&[order("1").email("joe@shop.example")]));
    assert_eq!(whose(&home), joes());
}

#[test]
fn a_guest_left_with_deleted_orders_alone_is_merged_into_the_one_that_took_its_last() {
    let mut home = Home::new();
    let typo = e("typo@shop.example");
    let both = [
        order("1").email("typo@shop.example"),
        order("2").email("typo@shop.example"),
    ];
    home.import(&registered(), &orders(&both));
    for _ in 0..2 {
        home.import(&registered(), &orders(&both[..1]));
    }
    assert_ne!(&home.shown().order("main:2")["gone_at"], "");
    home.import(&registered(), &orders(&[order("1").email("jane@shop.example")]));
    let shown = home.shown();
    assert_eq!(&shown.contact(&typo)["merged_into"], "main:c:g1");
    assert_eq!(&shown.contact("main:c:g1")["orders_count"], "1");
    assert_eq!(&shown.order("main:2")["contact_key"], "main:c:g1");
}

#[test]
fn a_deleted_customers_contact_left_without_orders_stays() {
    let mut home = Home::new();
    home.import(&registered(), &orders(&[order("1").email("jane@shop.example")]));
    let joe = customers(&[customer("g2").login("joe@shop.example").phone("602123456")]);
    for _ in 0..2 {
        home.import(&joe, &orders(&[order("1").email("jane@shop.example")]));
    }
    home.import(&joe, &orders(&[order("1").email("joe@shop.example")]));
    assert_eq!(
        whose(&home),
        joes(),
        "Jane and Joe were customers at the same time"
    );
}
