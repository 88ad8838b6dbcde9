//! Orders and log-ins that change.

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
fn an_e_mail_belongs_to_whoever_logs_in_with_it_now() {
    let mut home = Home::new();
    let (jane, joe) = (jane().login("office@shop.example"), joe());
    let past = order("1").email("office@shop.example").placed("2024-05-01");
    home.import(
        &customers(&[jane, joe.clone()]),
        &orders(std::slice::from_ref(&past)),
    );
    let (jane, joe) = (super::changes::jane(), joe.login("office@shop.example"));
    let present = order("2").email("office@shop.example").placed("2024-06-02");
    home.import(
        &customers(&[jane.clone(), joe.clone()]),
        &orders(&[past.clone(), present.clone()]),
    );
    let expected = people(&[("main:c:g1", "main:1"), ("main:c:g2", "main:2")]);
    assert_eq!(
        whose(&home),
        expected,
        "the past stays, what is new goes to the new holder"
    );
    // An order of the past that is told late was placed with the former holder.
    let late = order("3").email("office@shop.example").placed("2024-05-02");
    home.import(&customers(&[jane, joe]), &orders(&[past, present, late]));
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", "main:1 main:3"), ("main:c:g2", "main:2")])
    );
}

#[test]
fn an_e_mail_that_a_customer_gave_up_still_leads_to_it() {
    let mut home = Home::new();
    home.import(&customers(&[jane()]), "");
    let renamed = customer("g1").login("jane.new@shop.example");
    home.import(
        &customers(&[renamed]),
        &orders(&[order("1").email("jane@shop.example").placed("2024-06-02")]),
    );
    assert_eq!(whose(&home), "main:c:g1: main:1");
    assert_eq!(
        &home.shown().contact("main:c:g1")["email"],
        "jane.new@shop.example"
    );
}

#[test]
fn a_customer_who_takes_over_a_guests_e_mail_is_that_guest() {
    let mut home = Home::new();
    let placed = [order("1").email("new@shop.example").placed("2024-05-01")];
    home.import(&customers(&[jane()]), &orders(&placed));
    home.import(
        &customers(&[customer("g1").login("new@shop.example")]),
        &orders(&placed),
    );
    assert_eq!(
        whose(&home),
        "main:c:g1: main:1",
        "registered in January, ordered as a guest in May"
    );
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
fn a_guest_known_by_phone_joins_the_only_one_who_turns_out_to_have_it() {
    let mut home = Home::new();
    let placed = [order("1").phone("601123456").placed("2024-05-01")];
    home.import("", &orders(&placed));
    let more = [
        placed[0].clone(),
        order("2")
            .email("guest@shop.example")
            .phone("601123456")
            .placed("2024-05-02"),
    ];
    home.import("", &orders(&more));
    let phone = p("+420601123456");
    assert_eq!(
        whose(&home),
        people(&[(&phone, "main:1 main:2")]),
        "the older stays"
    );
    assert_eq!(&home.shown().contact(&phone)["email"], "guest@shop.example");
}

#[test]
fn a_guest_known_by_phone_is_not_guessed_between_two_who_come_at_once() {
    for turned in [false, true] {
        let mut home = Home::new();
        let placed = [order("1").phone("601123456").placed("2024-05-01")];
        home.import("", &orders(&placed));
        let mut more = vec![
            placed[0].clone(),
            order("2").email("one@shop.example").phone("601123456"),
            order("3").email("two@shop.example").phone("601123456"),
            order("4").phone("601123456"),
        ];
        if turned {
            more.reverse();
        }
        home.import("", &orders(&more));
        let phone = p("+420601123456");
        let expected = people(&[
            (&phone, "main:1 main:4"),
            (&e("one@shop.example"), "main:2"),
            (&e("two@shop.example"), "main:3"),
        ]);
        assert_eq!(whose(&home), expected);
    }
}

#[test]
fn a_phone_that_becomes_ambiguous_leads_to_nobody_any_more() {
    let mut home = Home::new();
    let mut placed = vec![
        order("1").email("one@shop.example").phone("601123456"),
        order("2").phone("601123456"),
    ];
    home.import("", &orders(&placed));
    let one = e("one@shop.example");
    assert_eq!(whose(&home), people(&[(&one, "main:1 main:2")]));
    placed.push(order("3").email("two@shop.example").phone("601123456"));
    placed.push(order("4").phone("601123456"));
    home.import("", &orders(&placed));
    let (two, phone) = (e("two@shop.example"), p("+420601123456"));
    assert_eq!(
        whose(&home),
        people(&[(&one, "main:1 main:2"), (&two, "main:3"), (&phone, "main:4")]),
        "what was joined stays"
    );
}

#[test]
fn an_ambiguous_phone_is_not_guessed_though_its_guest_became_somebody() {
    let mut home = Home::new();
    let mut placed = vec![order("1").phone("601123456").placed("2024-05-01")];
    home.import("", &orders(&placed));
    placed.push(
        order("2")
            .email("one@shop.example")
            .phone("601123456")
            .placed("2024-05-02"),
    );
    home.import("", &orders(&placed));
    placed.push(
        order("3")
            .email("two@shop.example")
            .phone("601123456")
            .placed("2024-05-03"),
    );
    placed.push(order("4").phone("601123456").placed("2024-05-04"));
    home.import("", &orders(&placed));
    let phone = p("+420601123456");
    assert_eq!(
        whose(&home),
        people(&[
            (&phone, "main:1 main:2"),
            (&e("two@shop.example"), "main:3"),
            ("main:o:4", "main:4")
        ])
    );
}

#[test]
fn two_guests_found_to_be_one_leave_a_phone_to_exactly_one() {
    let mut home = Home::new();
    let placed = [
        order("1")
            .email("one@shop.example")
            .phone("601123456")
            .placed("2024-05-01"),
        order("2")
            .email("two@shop.example")
            .phone("601123456")
            .placed("2024-05-02"),
        order("3").phone("601123456").placed("2024-05-03"),
    ];
    home.import("", &orders(&placed));
    assert_eq!(home.shown().people().len(), 3);
    let both = customer("g1")
        .created("2024-05-20")
        .login("one@shop.example")
        .login("two@shop.example");
    home.import(&customers(&[both.phone("601123456")]), &orders(&placed));
    assert_eq!(
        whose(&home),
        people(&[(&e("one@shop.example"), "main:1 main:2 main:3")])
    );
}
