//! `[shop.customers]` and `[shop.orders]`: which records are followed.

use super::{e, people, whose};
use crate::imported::{Home, SHOP, TARGET};
use crate::written::{Order, customer, customers, order, orders};

fn with_orders(lines: &str) -> Home {
    Home::with(&format!("{SHOP}[shop.orders]\n{lines}\n{TARGET}"))
}

#[test]
fn since_and_until_are_days_in_the_shops_zone() {
    let shop = SHOP.replace("\"UTC\"", "\"Europe/Prague\"");
    let mut home = Home::with(&format!(
        "{shop}[shop.orders]\nsince = 2024-05-02\nuntil = 2024-05-03\n{TARGET}"
    ));
    let at = |code: &str, placed: &str| order(code).email("guest@shop.example").placed(placed);
    let placed = orders(&[
        at("1", "2024-05-01 21:59:59"),
        // Midnight in Prague.
        at("2", "2024-05-01 22:00:00"),
        at("3", "2024-05-03 21:59:59"),
        at("4", "2024-05-03 22:00:00"),
    ]);
    for _ in 0..2 {
        home.import("", &placed);
        assert_eq!(
            whose(&home),
            people(&[(&e("guest@shop.example"), "main:2 main:3")])
        );
    }
}

#[test]
fn guests_may_be_left_out() {
    let registered = customers(&[customer("g1").login("jane@shop.example").phone("601123456")]);
    let placed = [
        order("1").email("jane@shop.example"),
        order("2").email("guest@shop.example").phone("602123456"),
        order("3").phone("601123456"),
        order("4").phone("602123456"),
        order("5"),
        order("6").of("g1").email("work@shop.example"),
        // Seen on a customer's order, so it is the customer's.
        order("7").email("work@shop.example").placed("2024-05-02"),
    ];
    let mut reversed = placed.clone();
    reversed.reverse();
    for placed in [placed, reversed] {
        let mut home = with_orders("guests = \"skip\"");
        for _ in 0..2 {
            home.import(&registered, &orders(&placed));
            assert_eq!(whose(&home), "main:c:g1: main:1 main:3 main:6 main:7");
        }
        assert_eq!(
            home.in_state("SELECT count(*) FROM contacts WHERE merged_into IS NULL"),
            ["1"],
            "nothing is left of them"
        );
    }
}

#[test]
fn guests_that_are_left_out_come_when_they_register() {
    let mut home = with_orders("guests = \"skip\"");
    let placed: Vec<Order> = vec![order("1").email("jane@shop.example")];
    home.import("", &orders(&placed));
    assert_eq!(whose(&home), "");
    home.import(
        &customers(&[customer("g1").login("jane@shop.example")]),
        &orders(&placed),
    );
    assert_eq!(whose(&home), "main:c:g1: main:1");
}

#[test]
fn new_follows_what_is_new_and_no_change() {
    let mut home = Home::with(&format!(
        "{SHOP}[shop.customers]\nmode = \"new\"\n[shop.orders]\nmode = \"new\"\n{TARGET}"
    ));
    let jane = customer("g1").login("jane@shop.example");
    home.import(
        &customers(std::slice::from_ref(&jane)),
        &orders(&[order("1").email("jane@shop.example")]),
    );
    let changed = customers(&[jane.phone("601123456"), customer("g2").login("joe@shop.example")]);
    let placed = [
        order("1").email("joe@shop.example").total("7.00"),
        order("2").email("joe@shop.example"),
    ];
    home.import(&changed, &orders(&placed));
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", "main:1"), ("main:c:g2", "main:2")])
    );
    let shown = home.shown();
    assert_eq!(
        (
            &shown.contact("main:c:g1")["phone"],
            &shown.order("main:1")["total"]
        ),
        ("", "100.00")
    );
    for _ in 0..2 {
        home.import(
            &customers(&[customer("g2").login("joe@shop.example")]),
            &orders(&placed[1..]),
        );
    }
    assert_eq!(
        &home.shown().contact("main:c:g1")["gone_at"],
        "",
        "nor a deletion"
    );
}

#[test]
fn off_follows_nothing() {
    let mut home = Home::with(&format!("{SHOP}[shop.customers]\nmode = \"off\"\n{TARGET}"));
    let jane = customers(&[customer("g1").login("jane@shop.example")]);
    home.import(&jane, &orders(&[order("1").email("jane@shop.example")]));
    assert_eq!(whose(&home), people(&[(&e("jane@shop.example"), "main:1")]));
}
