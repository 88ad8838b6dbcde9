//! Several shops: one group shares people, two groups do not.

use super::people;
use crate::imported::{Home, TARGET, by_email, by_phone};
use crate::written::{Account, Customer, customer, customers, order, orders, party};

fn shop(name: &str, group: &str, more: &str) -> String {
    format!(
        "[[shop]]\nname = \"{name}\"\ngroup = \"{group}\"\nurl = \"https://{name}.example\"\ncountry = \"CZ\"\n\
         timezone = \"UTC\"\n{more}\n[shop.exports]\ncustomers_hash = \"x\"\norders_hash = \"x\"\n"
    )
}

/// Two shops of one group.
fn one_group() -> Home {
    Home::with(&format!(
        "{}{}{TARGET}",
        shop("cz", "both", ""),
        shop("outlet", "both", "")
    ))
}

fn whose(home: &Home) -> String {
    home.shown().grouping()
}

#[test]
fn the_same_log_in_in_two_shops_is_one_contact() {
    let mut home = one_group();
    let jane = customer("g1").created("2024-02-01").login("jane@shop.example");
    let there = customer("g2").created("2024-01-01").login("JANE@shop.example");
    home.import_of(
        "cz",
        Some(&customers(&[jane])),
        Some(&orders(&[order("1").of("g1")])),
    );
    home.import_of(
        "outlet",
        Some(&customers(&[there])),
        Some(&orders(&[order("1").of("g2")])),
    );
    assert_eq!(whose(&home), "both:c:g1: cz:1 outlet:1", "a key never changes");
    assert_eq!(
        home.in_state("SELECT guid FROM customers ORDER BY guid"),
        ["g1", "g2"],
        "all guids are kept"
    );
    assert_eq!(&home.shown().contact("both:c:g1")["orders_count"], "2");
}

#[test]
fn values_come_from_the_shop_listed_first_then_from_the_next() {
    let mut home = one_group();
    let mut first = customer("g1")
        .login("jane@shop.example")
        .billing(party("Jana Malá", "", ""));
    first.accounts.push(Account {
        email: "jana@work.example".to_owned(),
        ..Account::default()
    });
    let second = customer("g2")
        .login("home@shop.example")
        .login("jane@shop.example")
        .phone("601123456")
        .billing(party("Jane Small", "Dlouhá 1", "Praha"));
    home.import_of("outlet", Some(&customers(&[second])), None);
    home.import_of("cz", Some(&customers(&[first])), None);
    let shown = home.shown();
    let row = shown.contact("both:c:g2");
    assert_eq!(
        (&row["full_name"], &row["street"], &row["city"]),
        ("Jana Malá", "Dlouhá 1", "Praha")
    );
    assert_eq!(
        (&row["email"], &row["phone"]),
        ("jane@shop.example", "+420601123456")
    );
    assert_eq!(
        &row["emails"],
        "jane@shop.example, jana@work.example, home@shop.example"
    );
    assert_eq!(&row["shop"], "cz");
}

#[test]
fn two_customers_of_one_shop_stay_apart_though_another_shop_ties_them() {
    let mut home = one_group();
    let here = [
        customer("a1").created("2024-01-01").login("one@shop.example"),
        customer("a2").created("2024-01-02").login("two@shop.example"),
    ];
    let there = customer("b1")
        .created("2024-01-03")
        .login("one@shop.example")
        .login("two@shop.example");
    home.import_of("cz", Some(&customers(&here)), None);
    let placed = [
        order("1").email("one@shop.example"),
        order("2").email("two@shop.example"),
    ];
    home.import_of("outlet", Some(&customers(&[there])), Some(&orders(&placed)));
    // One of them has to be it; the older registration decides. The other e-mail is ambiguous now.
    assert_eq!(
        whose(&home),
        people(&[
            ("both:c:a1", "outlet:1"),
            ("both:c:a2", ""),
            (&by_email("both", "two@shop.example"), "outlet:2")
        ])
    );
}

#[test]
fn an_e_mail_that_two_customers_of_one_shop_share_joins_nobody_of_another() {
    let mut home = one_group();
    let twins = [
        customer("a1").login("family@shop.example"),
        customer("a2").login("family@shop.example"),
    ];
    home.import_of("cz", Some(&customers(&twins)), None);
    let there = customer("b1").login("family@shop.example");
    home.import_of("outlet", Some(&customers(&[there])), None);
    assert_eq!(
        whose(&home),
        people(&[("both:c:a1", ""), ("both:c:a2", ""), ("both:c:b1", "")])
    );
}

#[test]
fn a_log_in_that_changes_to_that_of_another_shops_customer_makes_them_one() {
    let mut home = one_group();
    let here = customer("a1").created("2024-01-01").login("jane@shop.example");
    let there = customer("b1")
        .created("2023-01-01")
        .login("jane.old@shop.example");
    home.import_of(
        "cz",
        Some(&customers(&[here])),
        Some(&orders(&[order("1").of("a1")])),
    );
    home.import_of(
        "outlet",
        Some(&customers(&[there])),
        Some(&orders(&[order("1").of("b1")])),
    );
    assert_eq!(
        whose(&home),
        people(&[("both:c:a1", "cz:1"), ("both:c:b1", "outlet:1")])
    );
    let there = customer("b1").created("2023-01-01").login("jane@shop.example");
    home.import_of("outlet", Some(&customers(&[there])), None);
    assert_eq!(
        whose(&home),
        "both:c:b1: cz:1 outlet:1",
        "the older registration gives the key"
    );
    assert_eq!(&home.shown().contact("both:c:a1")["merged_into"], "both:c:b1");
}

#[test]
fn guests_are_the_same_in_all_shops_of_a_group() {
    let mut home = one_group();
    let placed = orders(&[
        order("1").email("guest@shop.example"),
        order("2").phone("601123456"),
        order("3"),
    ]);
    home.import_of("cz", None, Some(&placed));
    home.import_of("outlet", None, Some(&placed));
    let (email, phone) = (
        by_email("both", "guest@shop.example"),
        by_phone("both", "+420601123456"),
    );
    let expected = people(&[
        (&email, "cz:1 outlet:1"),
        (&phone, "cz:2 outlet:2"),
        ("both:o:cz:3", "cz:3"),
        ("both:o:outlet:3", "outlet:3"),
    ]);
    assert_eq!(whose(&home), expected);
}

#[test]
fn a_deletion_in_one_shop_leaves_the_customer_of_the_other() {
    let mut home = one_group();
    let jane = |guid: &str| customer(guid).login("jane@shop.example");
    let joe = customer("a2").login("joe@shop.example");
    home.import_of("cz", Some(&customers(&[jane("a1"), joe.clone()])), None);
    home.import_of("outlet", Some(&customers(&[jane("b1")])), None);
    for _ in 0..2 {
        home.import_of("cz", Some(&customers(std::slice::from_ref(&joe))), None);
    }
    let shown = home.shown();
    assert_eq!(
        &shown.contact("both:c:a1")["gone_at"],
        "",
        "she is a customer of the outlet"
    );
    assert_eq!(&shown.contact("both:c:a1")["shop"], "outlet");
}

#[test]
fn a_guid_that_two_shops_gave_out_is_two_people() {
    let copied = |email: &str| customers(&[customer("g1").login(email)]);
    let expected = people(&[("both:c:g1", ""), ("both:c:outlet:g1", "")]);
    let mut home = one_group();
    home.import_of("cz", Some(&copied("jane@shop.example")), None);
    home.import_of("outlet", Some(&copied("joe@shop.example")), None);
    assert_eq!(whose(&home), expected);
}

#[test]
fn people_of_two_groups_are_never_one() {
    let mut home = Home::with(&format!(
        "{}{}{TARGET}",
        shop("cz", "cz", ""),
        shop("sk", "sk", "")
    ));
    let jane = |guid: &str| customer(guid).login("jane@shop.example").phone("+420601123456");
    let placed = orders(&[
        order("1").email("jane@shop.example"),
        order("2").email("guest@shop.example"),
        order("3").phone("+420601123456"),
    ]);
    home.import_of("cz", Some(&customers(&[jane("a1")])), Some(&placed));
    home.import_of("sk", Some(&customers(&[jane("b1")])), Some(&placed));
    let guests = ["cz", "sk"].map(|group| by_email(group, "guest@shop.example"));
    assert_eq!(
        whose(&home),
        people(&[
            ("cz:c:a1", "cz:1 cz:3"),
            ("sk:c:b1", "sk:1 sk:3"),
            (&guests[0], "cz:2"),
            (&guests[1], "sk:2")
        ]),
        "the second group adopts no record of the first"
    );
}

#[test]
fn three_groups_with_the_same_person_are_three_contacts() {
    let names = ["cz", "sk", "hu"];
    let shops: String = names.iter().map(|name| shop(name, name, "")).collect();
    let mut home = Home::with(&format!("{shops}{TARGET}"));
    for name in names {
        let jane: Customer = customer("g1").login("jane@shop.example");
        let report = home.import_of(name, Some(&customers(&[jane])), None);
        assert_eq!(report.parked, 0, "records of others are not candidates");
    }
    assert_eq!(
        whose(&home),
        people(&[("cz:c:g1", ""), ("hu:c:g1", ""), ("sk:c:g1", "")])
    );
}

#[test]
fn a_target_shows_the_shops_it_is_for() {
    let both = "[[target]]\nname = \"both\"\nkind = \"sqlite\"\npath = \"both.db\"\n";
    let outlet =
        "[[target]]\nname = \"outlet\"\nkind = \"sqlite\"\npath = \"outlet.db\"\nshops = [\"outlet\"]\n";
    let shops = shop("cz", "both", "") + &shop("outlet", "both", "");
    let mut home = Home::with(&format!("{shops}{both}{outlet}"));
    let jane = |guid: &str| customer(guid).login("jane@shop.example");
    home.import_of(
        "cz",
        Some(&customers(&[jane("a1")])),
        Some(&orders(&[
            order("1").of("a1"),
            order("2").email("guest@shop.example"),
        ])),
    );
    home.import_of(
        "outlet",
        Some(&customers(&[jane("b1")])),
        Some(&orders(&[order("1").of("b1")])),
    );
    let guest = by_email("both", "guest@shop.example");
    assert_eq!(
        home.shown_in("both.db").grouping(),
        people(&[("both:c:a1", "cz:1 outlet:1"), (&guest, "cz:2")])
    );
    let shown = home.shown_in("outlet.db");
    assert_eq!(shown.grouping(), "both:c:a1: outlet:1");
    assert_eq!(&shown.contact("both:c:a1")["orders_count"], "1");
}
