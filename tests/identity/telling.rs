//! The order of telling: readings are stamped, and the later one wins whenever it is told.

use jiff::{Timestamp, ToSpan};
use shoptet_sync::sync::import::ImportOptions;

use super::{e, people, whose};
use crate::imported::Home;
use crate::written::{Order, customer, customers, order, orders};

/// Tells a document of customers and one of orders as of a day in June.
fn tell(home: &Home, day: i64, registered: &str, placed: &str) {
    let begin: Timestamp = "2024-06-01T00:00:00Z".parse().unwrap();
    let as_of = begin.checked_add((24 * day).hours()).unwrap();
    home.try_import(
        "main",
        Some(registered),
        Some(placed),
        as_of,
        ImportOptions::default(),
    )
    .unwrap();
}

fn by_jane(code: &str) -> Order {
    order(code).email("jane@shop.example")
}

#[test]
fn an_earlier_reading_told_later_changes_nothing() {
    let jane = customer("g1").login("jane@shop.example");
    let (early, late) = (
        customers(&[jane.clone().phone("601123456")]),
        customers(&[jane.phone("602123456")]),
    );
    let (early_orders, late_orders) = (orders(&[by_jane("1")]), orders(&[by_jane("1").total("7.00")]));
    let told = |days: &[(i64, &str, &str)]| {
        let home = Home::new();
        for (day, registered, placed) in days {
            tell(&home, *day, registered, placed);
        }
        home.shown().without_times()
    };
    let (early, late) = (
        (1, early.as_str(), early_orders.as_str()),
        (2, late.as_str(), late_orders.as_str()),
    );
    let straight = told(&[early, late]);
    assert_eq!(&straight.order("main:1")["total"], "7.00");
    assert_eq!(&straight.contact("main:c:g1")["phone"], "+420602123456");
    assert_eq!(told(&[late, early]), straight);
    assert_eq!(told(&[late, early, late, early]), straight);
}

#[test]
fn the_shops_own_time_of_change_comes_before_the_stamp() {
    let mut order_of = by_jane("1").total("7.00");
    order_of.changed = Some("2024-05-20 12:00:00".to_owned());
    let newer = orders(&[order_of.clone()]);
    order_of.changed = Some("2024-05-10 12:00:00".to_owned());
    order_of.total = "100.00".to_owned();
    let older = orders(&[order_of]);
    let home = Home::new();
    tell(&home, 1, "", &newer);
    tell(&home, 2, "", &older);
    assert_eq!(&home.shown().order("main:1")["total"], "7.00");
}

#[test]
fn an_e_mail_told_by_an_earlier_reading_was_the_customers() {
    let before = customers(&[customer("g1").login("old@shop.example")]);
    let after = customers(&[customer("g1").login("new@shop.example")]);
    let placed = orders(&[order("1").email("old@shop.example").placed("2024-05-01")]);
    let straight = Home::new();
    tell(&straight, 1, &before, &placed);
    tell(&straight, 2, &after, &placed);
    assert_eq!(whose(&straight), "main:c:g1: main:1");
    let turned = Home::new();
    tell(&turned, 2, &after, &placed);
    assert_eq!(
        whose(&turned),
        people(&[("main:c:g1", ""), (&e("old@shop.example"), "main:1")])
    );
    tell(&turned, 1, &before, &placed);
    assert_eq!(whose(&turned), "main:c:g1: main:1");
}

#[test]
fn an_earlier_listing_deletes_nothing() {
    let (jane, joe) = (
        customer("g1").login("jane@shop.example"),
        customer("g2").login("joe@shop.example"),
    );
    let home = Home::new();
    tell(
        &home,
        0,
        &customers(&[jane.clone(), joe.clone()]),
        &orders(&[by_jane("1"), by_jane("2")]),
    );
    tell(
        &home,
        9,
        &customers(&[jane.clone(), joe]),
        &orders(&[by_jane("1"), by_jane("2")]),
    );
    for _ in 0..2 {
        tell(
            &home,
            5,
            &customers(std::slice::from_ref(&jane)),
            &orders(&[by_jane("1")]),
        );
    }
    let shown = home.shown();
    assert_eq!(
        (
            &shown.contact("main:c:g2")["gone_at"],
            &shown.order("main:2")["gone_at"]
        ),
        ("", "")
    );
}

#[test]
fn orders_told_before_their_customers_end_the_same() {
    let registered = [
        customer("g1")
            .login("jane@shop.example")
            .login("work@shop.example")
            .phone("601123456"),
        customer("g2").login("joe@shop.example"),
    ];
    let placed = [
        by_jane("1"),
        order("2").email("work@shop.example").placed("2024-05-02"),
        order("3").phone("601123456"),
        order("4")
            .of("g2")
            .email("typo@shop.example")
            .placed("2024-05-03"),
        order("5").email("typo@shop.example").placed("2024-05-04"),
        order("6").email("guest@shop.example"),
    ];
    let mut turned = Home::new();
    turned.import_of("main", None, Some(&orders(&placed)));
    turned.import_of("main", Some(&customers(&registered)), None);
    let shown = turned.shown();
    let people = shown.people();
    let mut groups: Vec<Vec<&str>> = people
        .values()
        .map(|orders| orders.iter().copied().collect())
        .collect();
    groups.sort();
    assert_eq!(
        groups,
        [
            vec!["main:1", "main:2", "main:3"],
            vec!["main:4", "main:5"],
            vec!["main:6"]
        ]
    );
}
