//! `guests = "skip"`: orders of people without an account are left out, for as long as they are theirs.

use super::{e, people, whose};
use crate::imported::{Home, SHOP, TARGET};
use crate::open_shops::OpenShops;
use crate::written::{Order, customer, customers, order, orders};

fn skipping() -> Home {
    Home::with(&format!("{SHOP}[shop.orders]\nguests = \"skip\"\n{TARGET}"))
}

fn jane() -> String {
    customers(&[customer("g1").login("jane@shop.example").phone("601123456")])
}

fn first() -> Order {
    order("1").email("jane@shop.example")
}

fn second(email: &str) -> Order {
    order("2").email(email).placed("2024-05-02").total("7.00")
}

#[test]
fn a_strangers_order_that_becomes_a_customers_comes() {
    let mut home = skipping();
    home.import(&jane(), &orders(&[first(), second("guest@shop.example")]));
    assert_eq!(whose(&home), "main:c:g1: main:1");
    home.import(&jane(), &orders(&[first(), second("jane@shop.example")]));
    assert_eq!(whose(&home), "main:c:g1: main:1 main:2");
    assert_eq!(&home.shown().contact("main:c:g1")["orders_total"], "107.00");
}

#[test]
fn a_customers_order_that_becomes_a_strangers_is_gone() {
    let mut home = skipping();
    home.import(&jane(), &orders(&[first(), second("jane@shop.example")]));
    home.import(&jane(), &orders(&[first(), second("guest@shop.example")]));
    let shown = home.shown();
    assert_ne!(&shown.order("main:2")["gone_at"], "");
    let row = shown.contact("main:c:g1");
    assert_eq!(
        (
            &row["orders_count"],
            &row["orders_total"],
            &row["last_order_code"]
        ),
        ("1", "100.00", "1")
    );
    let known = home.in_state("SELECT count(*) FROM contacts WHERE merged_into IS NULL");
    assert_eq!(known, ["1"], "the stranger is nobody");
    home.import(&jane(), &orders(&[first(), second("guest@shop.example")]));
    assert_eq!(home.shown(), shown, "once is enough");
    // Whatever else changes in it.
    home.import(
        &jane(),
        &orders(&[first(), second("guest@shop.example").total("9.00")]),
    );
    assert_eq!(home.shown(), shown);
}

#[test]
fn what_became_a_strangers_comes_back_with_its_customer() {
    let became_a_strangers = || {
        let mut home = skipping();
        home.import(&jane(), &orders(&[first(), second("jane@shop.example")]));
        home.import(&jane(), &orders(&[first(), second("guest@shop.example")]));
        home
    };
    let mut home = became_a_strangers();
    home.import(&jane(), &orders(&[first(), second("jane@shop.example")]));
    assert_eq!(whose(&home), "main:c:g1: main:1 main:2");
    let shown = home.shown();
    assert_eq!(&shown.order("main:2")["gone_at"], "");
    assert_eq!(&shown.contact("main:c:g1")["orders_total"], "107.00");
    // Or with the stranger, who registers.
    let mut home = became_a_strangers();
    let joe = customers(&[customer("g2").login("guest@shop.example")]);
    home.import(
        &(jane() + &joe),
        &orders(&[first(), second("guest@shop.example")]),
    );
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", "main:1"), ("main:c:g2", "main:2")])
    );
    assert_eq!(&home.shown().order("main:2")["gone_at"], "");
}

#[test]
fn an_order_that_became_a_strangers_leads_nobody_anywhere() {
    let mut home = skipping();
    home.import(
        &jane(),
        &orders(&[second("jane@shop.example").phone("609123456")]),
    );
    let stranger = second("guest@shop.example").phone("609123456");
    home.import(&jane(), &orders(std::slice::from_ref(&stranger)));
    // Another one with the e-mail, and one with the phone.
    let more = [
        stranger,
        order("3").email("guest@shop.example"),
        order("4").phone("609123456"),
    ];
    for _ in 0..2 {
        home.import(&jane(), &orders(&more));
        let live: Vec<String> = home.in_state("SELECT code FROM orders WHERE gone_at IS NULL");
        assert_eq!(live, [""; 0]);
    }
}

#[test]
fn losing_the_e_mail_leaves_nothing_out() {
    let mut home = skipping();
    home.import(&jane(), &orders(&[first(), second("jane@shop.example")]));
    home.import(
        &jane(),
        &orders(&[first(), order("2").placed("2024-05-02").total("7.00")]),
    );
    assert_eq!(whose(&home), "main:c:g1: main:1 main:2");
    assert_eq!(&home.shown().contact("main:c:g1")["orders_total"], "107.00");
}

#[test]
fn an_order_that_names_its_customer_stays_whatever_its_e_mail() {
    let mut home = skipping();
    home.import(&jane(), &orders(&[first().of("g1")]));
    home.import(
        &jane(),
        &orders(&[order("1").of("g1").email("work@shop.example")]),
    );
    assert_eq!(whose(&home), "main:c:g1: main:1");
}

#[test]
fn a_guest_of_another_shop_gets_no_orders_of_the_shop_that_leaves_guests_out() {
    let shops = OpenShops::open([("cz", "both"), ("outlet", "both")]);
    let home = shops.home("");
    let mut home = {
        let configuration = home.configuration().replacen(
            "[shop.exports]",
            "[shop.orders]\nguests = \"skip\"\n[shop.exports]",
            1,
        );
        let mut home = home;
        home.configure(&configuration);
        home
    };
    let guest = |code: &str| orders(&[order(code).email("guest@shop.example")]);
    home.import_of("cz", Some(&jane()), Some(&orders(&[first()])));
    home.import_of("outlet", None, Some(&guest("1")));
    home.import_of(
        "cz",
        Some(&jane()),
        Some(&orders(&[order("1").email("guest@shop.example")])),
    );
    let shown = home.shown();
    assert_ne!(&shown.order("cz:1")["gone_at"], "");
    let guests = crate::imported::by_email("both", "guest@shop.example");
    assert_eq!(&shown.order("outlet:1")["contact_key"], guests);
    assert_eq!(&shown.contact(&guests)["orders_count"], "1");
    assert_ne!(guests, e("guest@shop.example"));
}
