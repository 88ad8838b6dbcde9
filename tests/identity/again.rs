//! Deleted, and registered anew with another guid: one person.

use super::{e, p, people, whose};
use crate::imported::{Home, SHOP, TARGET};
use crate::open_shops::OpenShops;
use crate::written::{Customer, customer, customers, order, orders};

pub fn jane() -> Customer {
    customer("g1").login("jane@shop.example")
}

pub fn joe() -> Customer {
    customer("g2").login("joe@shop.example")
}

pub fn ann() -> Customer {
    customer("g3").login("ann@shop.example")
}

/// Jane once more, under another guid.
pub fn anew() -> Customer {
    customer("g9").created("2024-06-20").login("jane@shop.example")
}

fn with_deleted(how: &str) -> Home {
    Home::with(&format!("{SHOP}[shop.customers]\ndeleted = \"{how}\"\n{TARGET}"))
}

fn jane_orders() -> String {
    orders(&[order("1").email("jane@shop.example")])
}

/// Tells the customers of each day, with Jane's order.
pub fn told(home: &mut Home, days: &[&[Customer]]) {
    for registered in days {
        home.import(&customers(registered), &jane_orders());
    }
}

#[test]
fn between_two_imports_and_one_by_one_it_ends_the_same() {
    let expected = people(&[("main:c:g1", "main:1"), ("main:c:g2", "")]);
    let before = [jane(), joe()];
    let after = [anew(), joe()];
    let gone = [joe()];
    for days in [
        vec![&before[..], &after, &after],
        vec![&before, &gone, &after],
        vec![&before, &gone, &gone, &after],
        vec![&before, &after, &before[1..], &after],
    ] {
        let mut home = Home::new();
        told(&mut home, &days);
        assert_eq!(whose(&home), expected);
        let shown = home.shown();
        let row = shown.contact("main:c:g1");
        assert_eq!(
            (&row["gone_at"], &row["registered_at"]),
            ("", "2024-06-20T12:00:00Z")
        );
    }
}

#[test]
fn somebody_known_by_a_log_in_of_before_is_recognised_too() {
    for days in [
        [[joe()].as_slice(), &[joe()], &[anew(), joe()]],
        [&[anew(), joe()], &[anew(), joe()], &[anew(), joe()]],
    ] {
        let mut home = Home::new();
        let renamed = customer("g1").login("new@shop.example");
        told(&mut home, &[&[jane(), joe()], &[renamed, joe()]]);
        told(&mut home, &days);
        assert_eq!(
            whose(&home),
            people(&[("main:c:g1", "main:1"), ("main:c:g2", "")])
        );
    }
}

#[test]
fn somebody_known_by_the_e_mail_of_an_order_alone_is_recognised_too() {
    let without = customer("g1");
    let placed = orders(&[order("1").of("g1").email("jane@shop.example")]);
    for days in [
        [[joe()].as_slice(), &[joe()], &[anew(), joe()]],
        [&[anew(), joe()], &[anew(), joe()], &[anew(), joe()]],
    ] {
        let mut home = Home::new();
        home.import(&customers(&[without.clone(), joe()]), &placed);
        for registered in days {
            home.import(&customers(registered), &placed);
        }
        assert_eq!(
            whose(&home),
            people(&[("main:c:g1", "main:1"), ("main:c:g2", "")])
        );
    }
}

#[test]
fn whatever_the_new_one_says_of_when_it_registered() {
    // An export that tells no date, a clock that is wrong: who was never listed together is one person.
    let mut undated = anew();
    undated.created = String::new();
    for again in [
        undated,
        anew().created("2024-01-01"),
        anew().created("2030-01-01"),
    ] {
        let mut home = Home::new();
        let after = [again, joe()];
        told(&mut home, &[&[jane(), joe()], &after, &after]);
        assert_eq!(
            whose(&home),
            people(&[("main:c:g1", "main:1"), ("main:c:g2", "")])
        );
    }
}

#[test]
fn orders_that_came_in_between_come_along() {
    let mut home = Home::new();
    home.import(&customers(&[jane(), joe()]), &jane_orders());
    let placed = orders(&[
        order("1").email("jane@shop.example"),
        order("2").email("jane@shop.example").placed("2024-06-21"),
        order("3")
            .of("g9")
            .email("jane@shop.example")
            .placed("2024-06-22"),
    ]);
    for _ in 0..2 {
        home.import(&customers(&[joe(), anew()]), &placed);
    }
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", "main:1 main:2 main:3"), ("main:c:g2", "")])
    );
}

#[test]
fn after_erase_the_new_one_is_somebody_new_in_whatever_order_it_is_told() {
    let after = [anew(), joe()];
    for days in [
        vec![&[jane(), joe()][..], &[joe()], &[joe()], &after],
        vec![&[jane(), joe()], &after, &after],
    ] {
        let mut home = with_deleted("erase");
        told(&mut home, &days);
        let more = orders(&[
            order("1").email("jane@shop.example"),
            order("2").email("jane@shop.example").placed("2024-06-21"),
        ]);
        for _ in 0..2 {
            home.import(&customers(&after), &more);
            assert_eq!(
                whose(&home),
                people(&[
                    ("main:c:g1", "main:1"),
                    ("main:c:g2", ""),
                    ("main:c:g9", "main:2")
                ])
            );
        }
        assert_eq!(&home.shown().contact("main:c:g1")["email"], "");
    }
}

#[test]
fn an_order_placed_before_an_erasure_was_confirmed_goes_to_the_new_one() {
    let mut home = with_deleted("erase");
    told(&mut home, &[&[jane(), joe()]]);
    let more = orders(&[
        order("1").email("jane@shop.example"),
        order("2").email("jane@shop.example").placed("2024-06-21"),
    ]);
    for _ in 0..2 {
        home.import(&customers(&[anew(), joe()]), &more);
    }
    let shown = home.shown();
    let with_order = &shown.order("main:2")["contact_key"];
    assert_eq!(
        &shown.contact(with_order)["registered_at"],
        "2024-06-20T12:00:00Z"
    );
    assert_eq!(&shown.order("main:1")["contact_key"], "main:c:g1");
}

#[test]
fn an_erased_customer_that_comes_back_is_itself_again() {
    let mut home = with_deleted("erase");
    told(
        &mut home,
        &[&[jane(), joe()], &[joe()], &[joe()], &[jane(), joe()]],
    );
    assert_eq!(&home.shown().contact("main:c:g1")["email"], "jane@shop.example");
    let more = orders(&[
        order("1").email("jane@shop.example"),
        order("2").email("jane@shop.example").placed("2024-06-21"),
    ]);
    home.import(&customers(&[jane(), joe()]), &more);
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", "main:1 main:2"), ("main:c:g2", "")])
    );
}

#[test]
fn who_comes_back_after_an_erasure_is_known_by_orders_again() {
    let mut home = with_deleted("erase");
    let mut placed = vec![order("1").email("guest@shop.example")];
    let tell = |home: &mut Home, registered: &[Customer], placed: &[crate::written::Order]| {
        home.import(&customers(registered), &orders(placed));
    };
    tell(&mut home, &[jane(), joe()], &placed);
    for _ in 0..2 {
        tell(&mut home, &[joe()], &placed);
    }
    placed.push(order("2").of("g1").email("guest@shop.example"));
    tell(&mut home, &[joe()], &placed);
    assert_eq!(
        whose(&home),
        people(&[
            ("main:c:g1", "main:2"),
            ("main:c:g2", ""),
            (&e("guest@shop.example"), "main:1")
        ])
    );
    tell(&mut home, &[jane(), joe()], &placed);
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", "main:1 main:2"), ("main:c:g2", "")])
    );
}

#[test]
fn who_comes_back_after_an_erasure_does_not_have_the_phones_of_before() {
    let mut home = with_deleted("erase");
    told(
        &mut home,
        &[&[jane().phone("601123456"), joe()], &[joe()], &[joe()]],
    );
    assert_eq!(home.in_state("SELECT count(*) FROM phones"), ["0"]);
    told(&mut home, &[&[jane().phone("602123456"), joe()]]);
    let more = orders(&[
        order("1").email("jane@shop.example"),
        order("2").phone("601123456"),
        order("3").phone("602123456"),
    ]);
    home.import(&customers(&[jane().phone("602123456"), joe()]), &more);
    assert_eq!(
        whose(&home),
        people(&[
            ("main:c:g1", "main:1 main:3"),
            ("main:c:g2", ""),
            (&p("+420601123456"), "main:2")
        ])
    );
}

#[test]
fn erase_empties_the_record_though_another_shop_still_has_the_person() {
    let shops = OpenShops::open([("cz", "both"), ("outlet", "both")]);
    let mut home = shops.home("[shop.customers]\ndeleted = \"erase\"\n");
    home.import_of("cz", Some(&customers(&[jane().phone("601123456"), joe()])), None);
    let there = customer("b1").login("jane@shop.example");
    home.import_of("outlet", Some(&customers(&[there])), None);
    for _ in 0..2 {
        home.import_of("cz", Some(&customers(&[joe()])), None);
    }
    let shown = home.shown();
    let row = shown.contact("both:c:g1");
    assert_eq!((&row["gone_at"], &row["email"]), ("", "jane@shop.example"));
    assert_eq!(
        home.in_state("SELECT body FROM customers WHERE guid = 'g1'"),
        [r#"{"guid":"g1"}"#]
    );
}
