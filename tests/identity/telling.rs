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

/// A reading: its day, customers and orders.
type Told = (i64, Option<String>, Option<String>);

/// Who is together and what they show, whatever the keys, after these readings in this order.
fn ends(readings: &[&Told]) -> Vec<(Vec<String>, crate::imported::Row)> {
    let begin: Timestamp = "2024-06-01T00:00:00Z".parse().unwrap();
    let home = Home::new();
    for (day, registered, placed) in readings {
        let as_of = begin.checked_add((24 * day).hours()).unwrap();
        let (registered, placed) = (registered.as_deref(), placed.as_deref());
        home.try_import("main", registered, placed, as_of, ImportOptions::default())
            .unwrap();
    }
    let shown = home.shown().without_times();
    let people = shown.people();
    let mut all: Vec<_> = people
        .into_iter()
        .map(|(key, orders)| {
            let mut row = shown.contact(key).clone();
            row.0.remove("key");
            (orders.into_iter().map(str::to_owned).collect(), row)
        })
        .collect();
    all.sort();
    all
}

/// All orders in which readings can be told.
fn permutations<T>(all: &[T]) -> Vec<Vec<&T>> {
    let mut found = vec![Vec::new()];
    for each in all {
        let longer = found.iter().flat_map(|known: &Vec<&T>| {
            (0..=known.len()).map(|place| {
                let mut longer = known.clone();
                longer.insert(place, each);
                longer
            })
        });
        found = longer.collect();
    }
    found
}

fn ends_the_same_in_any_order(readings: &[Told]) {
    let straight = ends(&readings.iter().collect::<Vec<_>>());
    for told in permutations(readings) {
        let days: Vec<i64> = told.iter().map(|(day, ..)| *day).collect();
        assert_eq!(ends(&told), straight, "told in the order {days:?}");
        // Once more, each of them.
        let twice: Vec<&Told> = told.iter().chain(&told).copied().collect();
        assert_eq!(ends(&twice), straight, "told twice in the order {days:?}");
    }
}

#[test]
fn customers_and_orders_in_any_order() {
    let jane = customer("g1")
        .created("2024-05-10")
        .login("jane@shop.example")
        .login("work@shop.example")
        .phone("601123456");
    let joe = customer("g2")
        .created("2024-01-01")
        .login("joe@shop.example")
        .phone("602123456");
    let early = [
        by_jane("1"),
        order("2").email("work@shop.example").placed("2024-05-20"),
        order("3").phone("601123456"),
        order("4")
            .of("g2")
            .email("typo@shop.example")
            .placed("2024-05-03"),
        order("5").email("typo@shop.example").placed("2024-05-02"),
        order("6").email("guest@shop.example").phone("603123456"),
        order("7").phone("603 123 456").placed("2024-05-04"),
        order("8"),
    ];
    let late: Vec<Order> = early
        .iter()
        .cloned()
        .chain([
            order("9")
                .of("g1")
                .email("jane.typo@shop.example")
                .placed("2024-06-02"),
            order("10").email("jane.typo@shop.example").placed("2024-06-02"),
            order("11").phone("602123456").placed("2024-06-02"),
        ])
        .collect();
    ends_the_same_in_any_order(&[
        (1, None, Some(orders(&early))),
        (2, Some(customers(&[jane, joe])), None),
        (3, None, Some(orders(&late))),
    ]);
}

#[test]
fn a_log_in_that_changes_in_any_order() {
    let as_of = |email: &str| Some(customers(&[customer("g1").login(email)]));
    let placed = [
        order("1").email("old@shop.example").placed("2024-05-01"),
        order("2").email("new@shop.example").placed("2024-06-03"),
        order("3").email("last@shop.example").placed("2024-06-03"),
        order("4").email("old@shop.example").placed("2024-06-03"),
    ];
    ends_the_same_in_any_order(&[
        (1, as_of("old@shop.example"), None),
        (2, as_of("new@shop.example"), None),
        (3, as_of("last@shop.example"), None),
        (4, None, Some(orders(&placed))),
    ]);
}

#[test]
fn values_are_those_of_the_last_reading_in_any_order() {
    let as_of = |phone: &str| {
        Some(customers(&[customer("g1")
            .login("jane@shop.example")
            .phone(phone)]))
    };
    let order_of = |total: &str, status: &str| Some(orders(&[by_jane("1").total(total).status(status)]));
    ends_the_same_in_any_order(&[
        (1, as_of("601123456"), order_of("1.00", "Nová")),
        (2, as_of("602123456"), order_of("2.00", "Vyřízena")),
        (3, as_of("603123456"), order_of("3.00", "Stornována")),
    ]);
}

#[test]
fn a_listing_told_again_does_not_bring_back_what_a_later_one_lacks() {
    let (jane, joe) = (customer("g1").login("jane@shop.example"), customer("g2"));
    let (with, without) = (customers(&[jane, joe.clone()]), customers(&[joe]));
    let (both, one) = (orders(&[by_jane("1"), by_jane("2")]), orders(&[by_jane("1")]));
    let home = Home::new();
    tell(&home, 1, &with, &both);
    tell(&home, 2, &without, &one);
    tell(&home, 1, &with, &both);
    tell(&home, 3, &without, &one);
    let gone = home.shown();
    assert_ne!(&gone.contact("main:c:g1")["gone_at"], "");
    assert_ne!(&gone.order("main:2")["gone_at"], "");
    tell(&home, 1, &with, &both);
    assert_eq!(home.shown(), gone);
}

#[test]
fn what_was_deleted_is_not_back_because_a_reading_of_before_knows_a_later_change() {
    let changed = |at: &str, total: &str| {
        let mut order = by_jane("2").total(total);
        order.changed = Some(at.to_owned());
        order
    };
    let first = [by_jane("1"), changed("2024-05-10 12:00:00", "1.00")];
    let second = [by_jane("1"), changed("2024-05-20 12:00:00", "2.00")];
    let home = Home::new();
    tell(&home, 1, "", &orders(&first));
    tell(&home, 3, "", &orders(&first[..1]));
    tell(&home, 4, "", &orders(&first[..1]));
    let gone = home.shown();
    assert_ne!(&gone.order("main:2")["gone_at"], "");
    tell(&home, 2, "", &orders(&second));
    assert_eq!(
        &home.shown().order("main:2")["gone_at"],
        &gone.order("main:2")["gone_at"]
    );
}
