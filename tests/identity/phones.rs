//! Whose phone it is: that of an account, and for a guest that of an order.

use super::{e, p, people, whose};
use crate::imported::Home;
use crate::written::{Order, customer, customers, order, orders};

const X: &str = "+420601123456";
const Y: &str = "+420602123456";

fn by_guest(code: &str, phone: &str) -> Order {
    order(code).email("guest@shop.example").phone(phone)
}

/// What each import holds after the last one: the customers, then the orders.
fn told(days: &[(&str, &[Order])]) -> Home {
    let mut home = Home::new();
    for (registered, placed) in days {
        home.import(registered, &orders(placed));
    }
    home
}

#[test]
fn a_guest_who_registers_has_the_phones_of_the_account_alone() {
    let guest = e("guest@shop.example");
    let placed = [by_guest("1", X)];
    let registered = customers(&[customer("g1")
        .created("2024-05-20")
        .login("guest@shop.example")
        .phone(Y)]);
    let more = [
        placed[0].clone(),
        order("2").phone(X).placed("2024-05-21"),
        order("3").phone(Y).placed("2024-05-21"),
    ];
    let home = told(&[("", &placed), (&registered, &placed), (&registered, &more)]);
    assert_eq!(
        whose(&home),
        people(&[(&guest, "main:1 main:3"), (&p(X), "main:2")])
    );
    // The same in one import, under a customer's key.
    let home = told(&[(&registered, &more)]);
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", "main:1 main:3"), (&p(X), "main:2")])
    );
    // What belonged to the guest by the phone before stays.
    let early = [placed[0].clone(), order("2").phone(X).placed("2024-05-02")];
    let home = told(&[("", &early), (&registered, &early)]);
    assert_eq!(whose(&home), people(&[(&guest, "main:1 main:2")]));
    let later = [
        early[0].clone(),
        early[1].clone(),
        order("4").phone(X).placed("2024-05-22"),
    ];
    let home = told(&[("", &early), (&registered, &early), (&registered, &later)]);
    assert_eq!(
        whose(&home),
        people(&[(&guest, "main:1 main:2"), (&p(X), "main:4")])
    );
}

#[test]
fn a_phone_of_two_guests_is_the_others_when_one_registers_without_it() {
    let placed = [
        by_guest("1", X),
        order("2")
            .email("other@shop.example")
            .phone(X)
            .placed("2024-05-03"),
        order("3").phone(X).placed("2024-05-04"),
    ];
    let registered = customers(&[customer("g1").created("2024-05-20").login("guest@shop.example")]);
    let home = told(&[("", &placed), (&registered, &placed)]);
    let expected = people(&[
        (&e("guest@shop.example"), "main:1"),
        (&e("other@shop.example"), "main:2 main:3"),
    ]);
    assert_eq!(whose(&home), expected);
}

#[test]
fn nor_when_a_customer_takes_over_the_e_mail_of_one_of_the_guests() {
    let placed = [
        by_guest("1", X),
        order("2")
            .email("other@shop.example")
            .phone(X)
            .placed("2024-05-03"),
        order("3").phone(X).placed("2024-05-04"),
    ];
    let before = customers(&[customer("g1").created("2024-05-20")]);
    let after = customers(&[customer("g1").created("2024-05-20").login("guest@shop.example")]);
    let home = told(&[(&before, &placed), (&after, &placed)]);
    let expected = people(&[
        (&e("guest@shop.example"), "main:1"),
        (&e("other@shop.example"), "main:2 main:3"),
    ]);
    assert_eq!(whose(&home), expected);
}

#[test]
fn nor_when_the_order_turns_out_to_be_another_customers() {
    let placed = [
        by_guest("1", X).of("g1"),
        by_guest("4", ""),
        order("2")
            .email("other@shop.example")
            .phone(X)
            .placed("2024-05-03"),
        order("3").phone(X).placed("2024-05-04"),
    ];
    // The e-mail is nobody's alone.
    let twins = ["g8", "g9"].map(|guid| customer(guid).login("guest@shop.example"));
    let registered = customers(&twins) + &customers(&[customer("g1").created("2024-05-20")]);
    let home = told(&[(&customers(&twins), &placed), (&registered, &placed)]);
    let expected = people(&[
        ("main:c:g1", "main:1"),
        ("main:c:g8", ""),
        ("main:c:g9", ""),
        (&e("guest@shop.example"), "main:4"),
        (&e("other@shop.example"), "main:2 main:3"),
    ]);
    assert_eq!(whose(&home), expected);
}

#[test]
fn the_phones_of_a_customers_orders_count_again_when_it_is_deleted() {
    let registered = customers(&[customer("g1").login("jane@shop.example"), customer("g2")]);
    let left = customers(&[customer("g2")]);
    let placed = [
        order("1").email("jane@shop.example").phone(X),
        order("5").of("g1").phone(Y),
    ];
    let more = [
        placed[0].clone(),
        placed[1].clone(),
        order("2").phone(X).placed("2024-06-20"),
        // It has no e-mail, but named its customer.
        order("3").phone(Y).placed("2024-06-20"),
    ];
    let home = told(&[
        (&registered, &placed),
        (&left, &placed),
        (&left, &placed),
        (&left, &more),
    ]);
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", "main:1 main:2 main:3 main:5"), ("main:c:g2", "")])
    );
}

#[test]
fn an_order_of_a_guest_without_an_e_mail_counts_like_the_others() {
    // Placed by its phone, then the shop corrects the phone.
    let before = [by_guest("1", X), order("2").phone(X).placed("2024-05-02")];
    let after = [before[0].clone(), order("2").phone(Y).placed("2024-05-02")];
    let more = [
        after[0].clone(),
        after[1].clone(),
        order("3").phone(Y).placed("2024-05-03"),
    ];
    let home = told(&[("", &before), ("", &after), ("", &more)]);
    assert_eq!(
        whose(&home),
        people(&[(&e("guest@shop.example"), "main:1 main:2 main:3")])
    );
}

#[test]
fn a_guest_known_by_a_phone_that_the_shop_corrects_has_the_new_one() {
    let before = [order("1").phone(X)];
    let after = [
        order("1").phone(Y),
        order("2").phone(Y).placed("2024-05-02"),
        order("3").phone(X).placed("2024-05-03"),
    ];
    let home = told(&[("", &before), ("", &after[..1]), ("", &after)]);
    // As in one import; only, the key of the first one never changes.
    assert_eq!(
        whose(&home),
        people(&[(&p(X), "main:1 main:2"), ("main:o:3", "main:3")])
    );
    assert_eq!(&home.shown().contact(&p(X))["phone"], Y);
    let home = told(&[("", &after)]);
    assert_eq!(
        whose(&home),
        people(&[(&p(Y), "main:1 main:2"), (&p(X), "main:3")])
    );
}

#[test]
fn a_guest_known_by_a_corrected_phone_joins_who_has_it() {
    let registered = customers(&[customer("g1").login("jane@shop.example").phone(Y)]);
    for days in [
        vec![
            ("", vec![order("1").phone(X)]),
            (registered.as_str(), vec![order("1").phone(Y)]),
        ],
        vec![
            (registered.as_str(), vec![order("1").phone(X)]),
            (registered.as_str(), vec![order("1").phone(Y)]),
        ],
        vec![(registered.as_str(), vec![order("1").phone(Y)])],
    ] {
        let mut home = Home::new();
        for (registered, placed) in &days {
            home.import(registered, &orders(placed));
        }
        let shown = home.shown();
        assert_eq!(shown.people().len(), 1, "after {} imports", days.len());
        let row = shown.contact(&shown.order("main:1")["contact_key"]);
        assert_eq!(&row["email"], "jane@shop.example");
    }
}

#[test]
fn a_deleted_order_gives_no_phone() {
    let placed = [
        by_guest("1", X),
        order("2")
            .email("other@shop.example")
            .phone(X)
            .placed("2024-05-03"),
        order("3").phone(X).placed("2024-05-04"),
    ];
    let left = [placed[0].clone(), placed[2].clone()];
    let home = told(&[("", &placed), ("", &left), ("", &left)]);
    // Exactly one contact has it now.
    assert_eq!(
        &home.shown().order("main:3")["contact_key"],
        e("guest@shop.example")
    );
    let more = [
        placed[0].clone(),
        placed[2].clone(),
        order("4").phone(X).placed("2024-05-05"),
    ];
    let home = told(&[("", &placed), ("", &left), ("", &left), ("", &more)]);
    let shown = home.shown();
    assert_eq!(
        &shown.order("main:4")["contact_key"],
        &shown.order("main:3")["contact_key"]
    );
}

#[test]
fn a_guest_whose_only_order_is_deleted_is_the_same_when_it_orders_again() {
    let placed = [order("1").phone(X), order("9").phone(Y)];
    let left = [placed[1].clone()];
    let more = [placed[1].clone(), order("2").phone(X).placed("2024-05-05")];
    let home = told(&[("", &placed), ("", &left), ("", &left), ("", &more)]);
    assert_eq!(
        whose(&home),
        people(&[(&p(X), "main:1 main:2"), (&p(Y), "main:9")])
    );
}

#[test]
fn an_account_that_loses_its_phone_leads_nobody_any_more() {
    let with = customers(&[customer("g1").login("jane@shop.example").phone(X)]);
    let without = customers(&[customer("g1").login("jane@shop.example")]);
    let first = [order("1").phone(X)];
    let both = [first[0].clone(), order("2").phone(X).placed("2024-05-02")];
    let home = told(&[(&with, &first), (&without, &first), (&without, &both)]);
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", "main:1"), (&p(X), "main:2")])
    );
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
