//! Customers of two shops of a group who come to share a log-in.

use super::people;
use crate::imported::{Home, Shown, TARGET};
use crate::open_shops::OpenShops;
use crate::written::{Customer, customer, customers, order, orders, party};

const OUTLET: &str =
    "[[target]]\nname = \"outlet\"\nkind = \"sqlite\"\npath = \"outlet.db\"\nshops = [\"outlet\"]\n";

/// The older one, of the outlet, which is listed last.
fn there() -> Customer {
    customer("b1")
        .created("2023-01-01")
        .login("there@shop.example")
        .phone("602123456")
        .billing(party("Jane There", "Dlouhá 1", "Praha"))
}

fn here() -> Customer {
    customer("a1")
        .created("2024-01-01")
        .login("jane@shop.example")
        .billing(party("Jane Here", "", ""))
}

/// Both with an order, read at once; then what they have become, in so many more imports.
fn lived(more_target: &str, then: &[(Customer, Customer)]) -> (OpenShops, Home) {
    let shops = OpenShops::open([("cz", "both"), ("outlet", "both")]);
    let mut home = shops.home("");
    if !more_target.is_empty() {
        let configuration = home.configuration().to_owned() + more_target;
        home.configure(&configuration);
    }
    let start = [(here(), there())];
    for (cz, outlet) in start.iter().chain(then) {
        shops.show(
            "cz",
            &customers(std::slice::from_ref(cz)),
            &orders(&[order("1").of("a1")]),
        );
        shops.show(
            "outlet",
            &customers(std::slice::from_ref(outlet)),
            &orders(&[order("1").of("b1")]),
        );
        home.import_all(&Default::default());
    }
    (shops, home)
}

fn is_one(shown: &Shown) {
    assert_eq!(shown.grouping(), "both:c:b1: cz:1 outlet:1");
    let row = shown.contact("both:c:b1");
    assert_eq!(
        (&row["full_name"], &row["street"], &row["shop"]),
        ("Jane Here", "Dlouhá 1", "cz"),
        "values come from the shop listed first, then from the next"
    );
    assert_eq!(&row["phone"], "+420602123456");
    assert_eq!(&row["orders_count"], "2");
    assert_eq!(&shown.contact("both:c:a1")["merged_into"], "both:c:b1");
}

#[test]
fn whichever_of_them_changes_they_are_one_and_the_older_gives_the_key() {
    let older_changes = (here(), there().login("jane@shop.example"));
    let younger_changes = (here().login("there@shop.example"), there());
    let both_change = (
        here().login("new@shop.example"),
        there().login("new@shop.example"),
    );
    for change in [older_changes, younger_changes, both_change] {
        let (_shops, home) = lived("", &[change]);
        is_one(&home.shown());
        assert_eq!(
            home.in_state("SELECT guid FROM customers JOIN contacts ON contacts.id = contact WHERE key = 'both:c:b1' ORDER BY guid"),
            ["a1", "b1"],
            "all guids are kept"
        );
    }
}

#[test]
fn once_one_they_stay_one() {
    let shared = (here(), there().login("jane@shop.example"));
    let (_shops, home) = lived("", &[shared, (here(), there())]);
    is_one(&home.shown());
}

#[test]
fn in_a_target_that_knows_only_the_other_its_record_is_taken_over() {
    let shared = (here().created("2022-01-01"), there().login("jane@shop.example"));
    let before = (here().created("2022-01-01"), there());
    let (_shops, home) = lived(OUTLET, &[before, shared]);
    let shown = home.shown();
    assert_eq!(shown.grouping(), "both:c:a1: cz:1 outlet:1");
    assert_eq!(&shown.contact("both:c:b1")["merged_into"], "both:c:a1");
    // The outlet's database has never seen the one that stays.
    let outlet = home.shown_in("outlet.db");
    assert_eq!(outlet.grouping(), "both:c:b1: outlet:1");
    assert_eq!(
        home.in_state(
            "SELECT remote_id AS a, contacts.key AS b FROM contact_links
             JOIN contacts ON contacts.id = contact JOIN targets ON targets.id = target
             WHERE targets.name = 'outlet' AND merged_into IS NULL"
        ),
        ["both:c:b1 | both:c:a1"]
    );
}

#[test]
fn a_later_order_of_either_comes_to_the_one() {
    let shared = (here(), there().login("jane@shop.example"));
    let (shops, home) = lived("", &[shared]);
    let (cz, outlet) = (here(), there().login("jane@shop.example"));
    shops.show(
        "cz",
        &customers(&[cz]),
        &orders(&[order("1").of("a1"), order("2").email("there@shop.example")]),
    );
    shops.show(
        "outlet",
        &customers(&[outlet]),
        &orders(&[order("1").of("b1"), order("2").email("jane@shop.example")]),
    );
    home.import_all(&Default::default());
    assert_eq!(home.shown().grouping(), "both:c:b1: cz:1 cz:2 outlet:1 outlet:2");
}

#[test]
fn three_shops_come_together_one_after_the_other() {
    let names = ["cz", "outlet", "sk"];
    let shops = OpenShops::open(names.map(|name| (name, "both")));
    let home = shops.home("");
    let who = |guid: &str, created: &str, emails: &[&str]| {
        let who = customer(guid).created(created);
        customers(&[emails.iter().fold(who, |who, email| who.login(email))])
    };
    shops.show("cz", &who("a", "2024-01-03", &["a@shop.example"]), "");
    shops.show("outlet", &who("b", "2024-01-02", &["b@shop.example"]), "");
    shops.show("sk", &who("c", "2024-01-01", &["c@shop.example"]), "");
    home.import_all(&Default::default());
    assert_eq!(home.shown().people().len(), 3);
    // The one in the middle has something of both.
    shops.show(
        "outlet",
        &who(
            "b",
            "2024-01-02",
            &["b@shop.example", "a@shop.example", "c@shop.example"],
        ),
        "",
    );
    home.import_all(&Default::default());
    assert_eq!(home.shown().grouping(), "both:c:c:");
}

#[test]
fn a_second_customer_of_a_shop_does_not_come_along() {
    let mut home = Home::with(&format!(
        "{}{TARGET}",
        ["cz", "outlet"].map(|name| format!(
            "[[shop]]\nname = \"{name}\"\ngroup = \"both\"\nurl = \"https://{name}.example\"\ncountry = \"CZ\"\n\
             timezone = \"UTC\"\n[shop.exports]\ncustomers_hash = \"x\"\norders_hash = \"x\"\n"
        )).concat()
    ));
    let twins = [
        customer("a1").created("2024-01-01").login("one@shop.example"),
        customer("a2").created("2024-01-02").login("two@shop.example"),
    ];
    home.import_of("cz", Some(&customers(&twins)), None);
    let b1 = customer("b1").created("2023-01-01").login("one@shop.example");
    home.import_of("outlet", Some(&customers(std::slice::from_ref(&b1))), None);
    home.import_of("outlet", Some(&customers(&[b1.login("two@shop.example")])), None);
    assert_eq!(
        home.shown().grouping(),
        people(&[("both:c:a1", ""), ("both:c:a2", "")]),
        "the first to share is one with the outlet's; the second logs in with what two contacts have now"
    );
}

#[test]
fn who_shares_a_log_in_with_exactly_one_since_a_third_gave_it_up_is_that_one() {
    let shops = OpenShops::open([("cz", "both"), ("outlet", "both")]);
    let home = shops.home("");
    let twins = ["a1", "a2"].map(|guid| customer(guid).login("family@shop.example"));
    let there = customers(&[customer("b1").created("2024-02-01").login("family@shop.example")]);
    shops.show("cz", &customers(&twins), "");
    shops.show("outlet", &there, "");
    home.import_all(&Default::default());
    assert_eq!(home.shown().people().len(), 3);
    shops.show(
        "cz",
        &customers(&[twins[0].clone(), customer("a2").login("own@shop.example")]),
        "",
    );
    home.import_all(&Default::default());
    assert_eq!(
        home.shown().grouping(),
        people(&[("both:c:a1", ""), ("both:c:a2", "")])
    );
}
