//! What a contact shows.

use super::e;
use crate::imported::{Home, SHOP, TARGET};
use crate::written::{Order, Party, customer, customers, order, orders, party};

fn company(name: &str, id: &str) -> Party {
    Party {
        company: name.to_owned(),
        company_id: id.to_owned(),
        ..Party::default()
    }
}

fn guest_of(placed: &[Order]) -> crate::imported::Row {
    let mut home = Home::new();
    home.import("", &orders(placed));
    home.shown().contact(&e("guest@shop.example")).clone()
}

fn by_guest(code: &str) -> Order {
    order(code).email("guest@shop.example")
}

#[test]
fn a_customers_values_come_from_the_customer_record() {
    let mut home = Home::new();
    let mut jane = customer("g1")
        .login("jane@shop.example")
        .phone("601123456")
        .billing(party("Ing. Jana Malá", "Dlouhá 1", "Praha"));
    jane.group = "VIP".to_owned();
    let newer = order("1")
        .of("g1")
        .email("other@shop.example")
        .phone("609123456")
        .billing(party("Jan Velký", "Krátká 9", "Brno"));
    home.import(&customers(&[jane]), &orders(&[newer]));
    let shown = home.shown();
    let row = shown.contact("main:c:g1");
    assert_eq!(
        (&row["full_name"], &row["first_name"], &row["last_name"]),
        ("Ing. Jana Malá", "Jana", "Malá")
    );
    assert_eq!((&row["street"], &row["city"]), ("Dlouhá 1", "Praha"));
    assert_eq!(
        (&row["email"], &row["phone"]),
        ("jane@shop.example", "+420601123456")
    );
    assert_eq!(&row["customer_group"], "VIP");
}

#[test]
fn what_a_customer_lacks_comes_from_the_newest_order_that_has_it() {
    let mut home = Home::new();
    let jane = customer("g1").billing(party("Jana Malá", "", ""));
    let placed = [
        order("1")
            .of("g1")
            .email("old@shop.example")
            .phone("601123456")
            .placed("2024-05-01")
            .billing(party("", "Dlouhá 1", "Praha")),
        order("2")
            .of("g1")
            .email("new@shop.example")
            .placed("2024-05-02")
            .billing(party("Jan", "Krátká 9", "")),
        order("3")
            .of("g1")
            .placed("2024-05-03")
            .billing(company("Malá s.r.o.", "12345678")),
    ];
    home.import(&customers(&[jane]), &orders(&placed));
    let shown = home.shown();
    let row = shown.contact("main:c:g1");
    assert_eq!(&row["full_name"], "Jana Malá");
    assert_eq!(
        (&row["email"], &row["phone"]),
        ("new@shop.example", "+420601123456")
    );
    assert_eq!(
        (&row["street"], &row["city"]),
        ("Krátká 9", ""),
        "an address is taken whole"
    );
    assert_eq!((&row["company"], &row["company_id"]), ("Malá s.r.o.", "12345678"));
}

#[test]
fn the_main_account_comes_first_wherever_it_stands() {
    let mut home = Home::new();
    let mut jane = customer("g1")
        .login("second@shop.example")
        .phone("602123456")
        .login("main@shop.example");
    jane = jane.phone("601123456");
    (jane.accounts[0].main, jane.accounts[1].main) = (false, true);
    let mut joe = customer("g2")
        .login("first@shop.example")
        .login("other@shop.example");
    joe.accounts[0].main = false;
    home.import(&customers(&[jane, joe]), "");
    let shown = home.shown();
    let row = shown.contact("main:c:g1");
    assert_eq!(
        (&row["email"], &row["phone"]),
        ("main@shop.example", "+420601123456")
    );
    assert_eq!(&row["emails"], "main@shop.example, second@shop.example");
    assert_eq!(
        &shown.contact("main:c:g2")["email"],
        "first@shop.example",
        "without a main one the first"
    );
}

#[test]
fn a_guests_values_come_from_the_newest_order_that_has_them() {
    let row = guest_of(&[
        by_guest("1")
            .placed("2024-05-01")
            .phone("601123456")
            .billing(party("Jana Stará", "Dlouhá 1", "Praha")),
        by_guest("2")
            .placed("2024-05-03")
            .billing(party("Jana Nová", "", "")),
        by_guest("3")
            .placed("2024-05-02")
            .phone("602123456")
            .billing(party("Jana Střední", "Krátká 9", "Brno")),
    ]);
    assert_eq!(&row["full_name"], "Jana Nová");
    assert_eq!(
        (&row["street"], &row["city"], &row["phone"]),
        ("Krátká 9", "Brno", "+420602123456")
    );
    assert_eq!((&row["last_order_code"], &row["orders_count"]), ("2", "3"));
}

#[test]
fn newest_is_by_date_then_by_code() {
    let row = guest_of(&[
        by_guest("9").placed("2024-05-01").billing(party("Nine", "", "")),
        by_guest("10").placed("2024-05-01").billing(party("Ten", "", "")),
    ]);
    assert_eq!((&row["last_order_code"], &row["full_name"]), ("9", "Nine"));
}

#[test]
fn a_company_is_one_value() {
    let row = guest_of(&[
        by_guest("1")
            .placed("2024-05-01")
            .billing(company("Stará s.r.o.", "11111111")),
        by_guest("2")
            .placed("2024-05-02")
            .billing(company("Nová s.r.o.", "")),
    ]);
    assert_eq!(
        (&row["company"], &row["company_id"]),
        ("Nová s.r.o.", ""),
        "no number of another company"
    );
}

#[test]
fn a_country_alone_is_no_address() {
    let slovak = |street: &str| Party {
        country: "SK".to_owned(),
        street: street.to_owned(),
        ..Party::default()
    };
    let row = guest_of(&[
        by_guest("1").placed("2024-05-01").billing(slovak("Hlavná 1")),
        by_guest("2").placed("2024-05-02").billing(Party {
            country: "CZ".to_owned(),
            ..Party::default()
        }),
    ]);
    assert_eq!((&row["street"], &row["country_code"]), ("Hlavná 1", "SK"));
}

#[test]
fn the_delivery_address_stands_in_where_there_is_no_other() {
    let mut only_delivery = by_guest("1");
    only_delivery.delivery = party("Jana Malá", "Dlouhá 1", "Praha");
    let row = guest_of(&[only_delivery]);
    assert_eq!((&row["full_name"], &row["street"]), ("Jana Malá", "Dlouhá 1"));
}

#[test]
fn a_hungarian_shop_writes_the_surname_first() {
    let shop = SHOP.replace("\"CZ\"", "\"HU\"");
    let mut home = Home::with(&format!("{shop}{TARGET}"));
    home.import("", &orders(&[by_guest("1").billing(party("Nagy Anna", "", ""))]));
    let shown = home.shown();
    let row = shown.contact(&e("guest@shop.example"));
    assert_eq!((&row["first_name"], &row["last_name"]), ("Anna", "Nagy"));
}

#[test]
fn coupons_are_data_of_the_order() {
    let mut home = Home::new();
    let mut with_coupon = by_guest("1");
    with_coupon.coupon = "JARO-24".to_owned();
    home.import("", &orders(&[with_coupon, by_guest("2")]));
    let shown = home.shown();
    assert_eq!(&shown.order("main:1")["coupons"], r#"["JARO-24"]"#);
    assert_eq!(&shown.order("main:2")["coupons"], "[]");
}

#[test]
fn a_deleted_customer_shows_what_is_known_of_the_guest() {
    let mut home = Home::new();
    let jane = customer("g1")
        .login("jane@shop.example")
        .phone("601123456")
        .billing(party("Jana Malá", "", ""));
    let joe = customer("g2");
    let placed = orders(&[order("1")
        .email("jane@shop.example")
        .phone("602123456")
        .billing(party("Jana", "Krátká 9", ""))]);
    home.import(&customers(&[jane, joe.clone()]), &placed);
    for _ in 0..2 {
        home.import(&customers(std::slice::from_ref(&joe)), &placed);
    }
    let shown = home.shown();
    let row = shown.contact("main:c:g1");
    assert_eq!(
        (&row["email"], &row["full_name"], &row["street"]),
        ("jane@shop.example", "Jana", "Krátká 9")
    );
    assert_eq!(
        &row["phone"], "+420602123456",
        "a guest's phones are those of its orders"
    );
}
