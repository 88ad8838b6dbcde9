//! Orders that change.

use super::{e, p, people, whose};
use crate::imported::Home;
use crate::written::{Customer, Order, customer, customers, order, orders};

fn jane() -> Customer {
    customer("g1").login("jane@shop.example")
}

fn joe() -> Customer {
    customer("g2").login("joe@shop.example")
}

/// Imports the same customers twice, with the orders before and after.
fn changed(registered: &[Customer], before: &[Order], after: &[Order]) -> Home {
    let mut home = Home::new();
    home.import(&customers(registered), &orders(before));
    home.import(&customers(registered), &orders(after));
    home
}

#[test]
fn an_order_is_decided_anew_when_it_gets_another_e_mail() {
    let before = [
        order("1").email("jane@shop.example"),
        order("2").email("jane@shop.example"),
    ];
    let after = [order("1").email("joe@shop.example"), before[1].clone()];
    let home = changed(&[jane(), joe()], &before, &after);
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", "main:2"), ("main:c:g2", "main:1")])
    );
    let shown = home.shown();
    assert_eq!(&shown.contact("main:c:g1")["orders_count"], "1");
    assert_eq!(&shown.contact("main:c:g2")["orders_count"], "1");
}

#[test]
fn an_order_is_decided_anew_when_it_gets_another_guid() {
    let before = [order("1").of("g1").email("guest@shop.example")];
    let after = [order("1").of("g2").email("guest@shop.example")];
    let home = changed(&[jane(), joe()], &before, &after);
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", ""), ("main:c:g2", "main:1")])
    );
}

#[test]
fn losing_guid_or_e_mail_moves_nothing() {
    let before = [
        order("1").of("g1").email("typo@shop.example"),
        order("2").email("jane@shop.example"),
        order("3").email("guest@shop.example"),
    ];
    let after = [
        order("1").email("typo@shop.example"),
        order("2").phone("601123456"),
        order("3"),
    ];
    let home = changed(&[jane()], &before, &after);
    let expected = people(&[
        ("main:c:g1", "main:1 main:2"),
        (&e("guest@shop.example"), "main:3"),
    ]);
    assert_eq!(whose(&home), expected);
}

#[test]
fn gaining_an_e_mail_decides_anew_and_the_empty_guest_is_merged() {
    let before = [order("1").phone("601123456"), order("2")];
    let after = [
        order("1").phone("601123456").email("jane@shop.example"),
        order("2").email("new@shop.example"),
    ];
    let home = changed(&[jane()], &before, &after);
    let shown = home.shown();
    assert_eq!(&shown.contact(&p("+420601123456"))["merged_into"], "main:c:g1");
    // Nobody had the new guest's record before, so it takes over that of the one it follows.
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", "main:1"), ("main:o:2", "main:2")])
    );
    assert_eq!(&shown.contact("main:o:2")["email"], "new@shop.example");
}

#[test]
fn a_guest_left_without_orders_is_merged_into_the_one_that_took_the_last() {
    let before = [
        order("1").email("typo@shop.example"),
        order("2").email("typo@shop.example"),
        order("3").email("guest@shop.example"),
    ];
    let half = [
        order("1").email("jane@shop.example"),
        before[1].clone(),
        before[2].clone(),
    ];
    let all = [
        half[0].clone(),
        order("2").email("guest@shop.example"),
        before[2].clone(),
    ];
    let mut home = changed(&[jane()], &before, &half);
    let (typo, guest) = (e("typo@shop.example"), e("guest@shop.example"));
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", "main:1"), (&typo, "main:2"), (&guest, "main:3")])
    );
    home.import(&customers(&[jane()]), &orders(&all));
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", "main:1"), (&guest, "main:2 main:3")])
    );
    assert_eq!(&home.shown().contact(&typo)["merged_into"], guest);
    // What it was known by leads to the one that stays.
    let more = [
        all[0].clone(),
        all[1].clone(),
        all[2].clone(),
        order("4").email("typo@shop.example"),
    ];
    home.import(&customers(&[jane()]), &orders(&more));
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", "main:1"), (&guest, "main:2 main:3 main:4")])
    );
}

#[test]
fn a_customer_left_without_orders_stays() {
    let home = changed(&[jane(), joe()], &[order("1").of("g1")], &[order("1").of("g2")]);
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", ""), ("main:c:g2", "main:1")])
    );
}

#[test]
fn an_order_that_changes_otherwise_stays_where_it_is() {
    let before = [order("1").email("guest@shop.example").phone("601123456")];
    let after = [order("1")
        .email("guest@shop.example")
        .phone("602123456")
        .total("250.00")
        .status("Nová")];
    let home = changed(&[jane().phone("602123456")], &before, &after);
    let guest = e("guest@shop.example");
    assert_eq!(whose(&home), people(&[("main:c:g1", ""), (&guest, "main:1")]));
    let shown = home.shown();
    assert_eq!(&shown.contact(&guest)["orders_total"], "250.00");
    assert_eq!(&shown.order("main:1")["status"], "Nová");
}

#[test]
fn an_e_mail_learned_from_an_order_makes_guest_and_customer_one() {
    let mut home = Home::new();
    let jane = customer("g1").created("2024-05-10").login("jane@shop.example");
    let placed = [order("1").email("home@shop.example").placed("2024-05-01")];
    home.import(&customers(std::slice::from_ref(&jane)), &orders(&placed));
    let more = [
        placed[0].clone(),
        order("2")
            .of("g1")
            .email("home@shop.example")
            .placed("2024-05-20"),
    ];
    home.import(&customers(&[jane]), &orders(&more));
    let guest = e("home@shop.example");
    assert_eq!(
        whose(&home),
        people(&[(&guest, "main:1 main:2")]),
        "the older stays"
    );
    assert_eq!(&home.shown().contact("main:c:g1")["merged_into"], guest);
}

#[test]
fn changes_of_one_import_do_not_depend_on_the_order_of_the_records() {
    let by = |code: &str, email: &str| order(code).email(email);
    let before = [by("1", "one@shop.example"), by("2", "two@shop.example")];
    let after = [by("1", "two@shop.example"), by("2", "one@shop.example")];
    // Nobody is left without orders when all have moved.
    let (one, two) = (e("one@shop.example"), e("two@shop.example"));
    for after in in_both_orders(&after) {
        let home = changed(&[], &before, &after);
        assert_eq!(whose(&home), people(&[(&one, "main:2"), (&two, "main:1")]));
    }
    // One leaves, another one comes.
    let after = [
        by("1", "two@shop.example"),
        by("2", "two@shop.example"),
        by("3", "one@shop.example"),
    ];
    let came = [
        before[0].clone(),
        before[1].clone(),
        by("3", "three@shop.example"),
    ];
    for after in in_both_orders(&after) {
        let home = changed(&[], &came, &after);
        assert_eq!(whose(&home), people(&[(&one, "main:3"), (&two, "main:1 main:2")]));
    }
}

#[test]
fn the_last_order_by_date_says_into_whom_an_empty_guest_is_merged() {
    let typo = e("typo@shop.example");
    let at = |code: &str, email: &str| order(code).email(email).placed(&format!("2024-05-0{code}"));
    let before = [at("1", "typo@shop.example"), at("2", "typo@shop.example")];
    let after = [at("1", "joe@shop.example"), at("2", "jane@shop.example")];
    for after in in_both_orders(&after) {
        let home = changed(&[jane(), joe()], &before, &after);
        assert_eq!(&home.shown().contact(&typo)["merged_into"], "main:c:g1");
    }
}

#[test]
fn an_e_mail_that_other_orders_of_the_import_tell_of_counts() {
    let before = [order("1").email("guest@shop.example").placed("2024-05-05")];
    let after = [
        order("1").email("shared@shop.example").placed("2024-05-05"),
        order("2")
            .of("g2")
            .email("shared@shop.example")
            .placed("2024-05-04"),
        order("3")
            .of("g1")
            .email("shared@shop.example")
            .placed("2024-05-03"),
    ];
    for after in in_both_orders(&after) {
        let home = changed(&[jane(), joe()], &before, &after);
        assert_eq!(
            whose(&home),
            people(&[("main:c:g1", "main:1 main:3"), ("main:c:g2", "main:2")])
        );
    }
}

fn in_both_orders(orders: &[Order]) -> [Vec<Order>; 2] {
    let turned = orders.iter().rev().cloned().collect();
    [orders.to_vec(), turned]
}
