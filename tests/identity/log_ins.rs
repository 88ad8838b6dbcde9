//! E-mails that customers log in with, give up and take over: past orders stay, new ones go to whoever has
//! it now.

use super::{e, people, whose};
use crate::imported::Home;
use crate::written::{Customer, Order, customer, customers, order, orders};

fn jane() -> Customer {
    customer("g1").login("jane@shop.example")
}

fn joe() -> Customer {
    customer("g2").login("joe@shop.example")
}

fn by(code: &str, email: &str, placed: &str) -> Order {
    order(code).email(email).placed(placed)
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
    let (jane, joe) = (self::jane(), joe.login("office@shop.example"));
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
fn new_orders_of_the_import_in_which_it_moves_go_to_the_present_owner() {
    let office = "office@shop.example";
    let before = [jane().login(office), joe()];
    let after = [jane(), joe().login(office)];
    let past = by("1", office, "2024-05-01");
    let present = by("2", office, "2024-06-03");
    for turned in [false, true] {
        let mut home = Home::new();
        home.import(&customers(&before), &orders(std::slice::from_ref(&past)));
        let mut placed = [past.clone(), present.clone()];
        let mut registered = after.clone();
        if turned {
            placed.reverse();
            registered.reverse();
        }
        home.import(&customers(&registered), &orders(&placed));
        assert_eq!(
            whose(&home),
            people(&[("main:c:g1", "main:1"), ("main:c:g2", "main:2")])
        );
    }
}

#[test]
fn two_who_swap_their_e_mails_keep_their_past_and_have_each_others_future() {
    let mut home = Home::new();
    let mut placed = vec![
        by("1", "jane@shop.example", "2024-05-01"),
        by("2", "joe@shop.example", "2024-05-01"),
    ];
    home.import(&customers(&[jane(), joe()]), &orders(&placed));
    placed.push(by("3", "jane@shop.example", "2024-06-03"));
    placed.push(by("4", "joe@shop.example", "2024-06-03"));
    let swapped = customers(&[
        customer("g1").login("joe@shop.example"),
        customer("g2").login("jane@shop.example"),
    ]);
    home.import(&swapped, &orders(&placed));
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", "main:1 main:4"), ("main:c:g2", "main:2 main:3")])
    );
}

#[test]
fn through_three_hands_and_back() {
    let mut home = Home::new();
    let office = "office@shop.example";
    let mut placed = Vec::new();
    for (day, holder) in [(2, 0), (3, 1), (4, 2), (5, 0)] {
        let mut registered = [jane(), joe(), customer("g3").login("ann@shop.example")];
        registered[holder] = registered[holder].clone().login(office);
        placed.push(by(&day.to_string(), office, &format!("2024-06-0{day}")));
        home.import(&customers(&registered), &orders(&placed));
    }
    assert_eq!(
        whose(&home),
        people(&[
            ("main:c:g1", "main:2 main:5"),
            ("main:c:g2", "main:3"),
            ("main:c:g3", "main:4")
        ])
    );
}

#[test]
fn an_order_of_the_time_when_two_had_it_is_given_to_neither_of_them() {
    let mut home = Home::new();
    let office = "office@shop.example";
    home.import(&customers(&[jane().login(office), joe().login(office)]), "");
    home.import(&customers(&[jane(), joe().login(office)]), "");
    let placed = [by("1", office, "2024-05-01"), by("2", office, "2024-06-04")];
    home.import(&customers(&[jane(), joe().login(office)]), &orders(&placed));
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", ""), ("main:c:g2", "main:2"), (&e(office), "main:1")])
    );
}

#[test]
fn a_guests_e_mail_that_two_customers_pass_on_is_the_firsts() {
    let mut home = Home::new();
    let office = "office@shop.example";
    let placed = [by("1", office, "2024-05-01")];
    home.import(&customers(&[jane(), joe()]), &orders(&placed));
    home.import(&customers(&[jane().login(office), joe()]), &orders(&placed));
    home.import(&customers(&[jane(), joe().login(office)]), &orders(&placed));
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", "main:1"), ("main:c:g2", "")])
    );
}
