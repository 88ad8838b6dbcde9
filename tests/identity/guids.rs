//! One guid in two shops of a group, as in a shop that was copied with its customers.

use super::people;
use crate::imported::Home;
use crate::open_shops::OpenShops;
use crate::written::{Customer, customer, customers, order, orders};

const GROUP: [(&str, &str); 2] = [("cz", "both"), ("outlet", "both")];

/// Whose each order is when both shops are read at once: as the first import, as a later one, and when
/// they come one after the other.
fn in_every_way(cz: &Customer, outlet: &Customer) -> [String; 3] {
    let registered = |who: &Customer| customers(std::slice::from_ref(who));
    let placed = |who: &Customer, code: &str| orders(&[order(code).of(&who.guid)]);
    let show = |shops: &OpenShops| {
        shops.show("cz", &registered(cz), &placed(cz, "1"));
        shops.show("outlet", &registered(outlet), &placed(outlet, "2"));
    };
    let first = || {
        let shops = OpenShops::open(GROUP);
        show(&shops);
        let home = shops.home("");
        home.import_all(&Default::default());
        home.shown().grouping()
    };
    let later = || {
        let shops = OpenShops::open(GROUP);
        let home = shops.home("");
        home.import_all(&Default::default());
        show(&shops);
        home.import_all(&Default::default());
        home.shown().grouping()
    };
    let one_after_the_other = || {
        let mut home = OpenShops::open(GROUP).home("");
        home.import_of("cz", Some(&registered(cz)), Some(&placed(cz, "1")));
        home.import_of("outlet", Some(&registered(outlet)), Some(&placed(outlet, "2")));
        home.shown().grouping()
    };
    [first(), later(), one_after_the_other()]
}

#[test]
fn of_two_people_the_second_shop_has_a_key_with_its_name() {
    let jane = customer("g1").login("jane@shop.example");
    let joe = customer("g1").login("joe@shop.example");
    let expected = people(&[("both:c:g1", "cz:1"), ("both:c:outlet:g1", "outlet:2")]);
    for found in in_every_way(&jane, &joe) {
        assert_eq!(found, expected);
    }
}

#[test]
fn of_one_person_the_shop_listed_first_gives_the_key_whatever_the_guid() {
    // Copied, so registered at the same moment: `a` is before the shop's name, `z` behind it.
    for guid in ["a1", "z1"] {
        let jane = customer(guid).login("jane@shop.example");
        for found in in_every_way(&jane, &jane) {
            assert_eq!(found, format!("both:c:{guid}: cz:1 outlet:2"));
        }
    }
}

#[test]
fn the_older_registration_gives_the_key_of_one_person() {
    let here = customer("g1").created("2024-02-01").login("jane@shop.example");
    let there = customer("g1").created("2023-02-01").login("jane@shop.example");
    let [first, later, one_after_the_other] = in_every_way(&here, &there);
    assert_eq!(first, "both:c:outlet:g1: cz:1 outlet:2");
    assert_eq!(
        later, "both:c:g1: cz:1 outlet:2",
        "the older one was placed first"
    );
    assert_eq!(
        one_after_the_other, "both:c:g1: cz:1 outlet:2",
        "a key never changes"
    );
}

#[test]
fn an_order_names_a_customer_of_its_own_shop_alone() {
    let mut home = OpenShops::open(GROUP).home("");
    let jane = customer("g1").login("jane@shop.example");
    home.import_of("cz", Some(&customers(&[jane])), None);
    home.import_of("outlet", None, Some(&orders(&[order("1").of("g1")])));
    assert_eq!(
        home.shown().grouping(),
        people(&[("both:c:g1", ""), ("both:o:outlet:1", "outlet:1")])
    );
    // Then the outlet has one of its own.
    let joe = customer("g1").login("joe@shop.example");
    home.import_of(
        "outlet",
        Some(&customers(&[joe])),
        Some(&orders(&[order("1").of("g1"), order("2").of("g1")])),
    );
    assert_eq!(
        home.shown()
            .people()
            .values()
            .map(|orders| orders.len())
            .collect::<Vec<_>>(),
        [0, 2]
    );
}

#[test]
fn a_deletion_in_one_shop_does_not_concern_the_same_guid_in_another() {
    let mut home: Home = OpenShops::open(GROUP).home("");
    let other = |guid: &str, email: &str| customer(guid).login(email);
    let both = [other("g1", "jane@shop.example"), other("g2", "ann@shop.example")];
    home.import_of("cz", Some(&customers(&both)), None);
    home.import_of(
        "outlet",
        Some(&customers(&[other("g1", "joe@shop.example")])),
        None,
    );
    for _ in 0..2 {
        home.import_of("cz", Some(&customers(&both[1..])), None);
    }
    let shown = home.shown();
    assert_ne!(&shown.contact("both:c:g1")["gone_at"], "");
    assert_eq!(&shown.contact("both:c:outlet:g1")["gone_at"], "");
}
