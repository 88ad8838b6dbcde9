//! A contact that is one person.

use super::*;

#[test]
fn the_row_stays_empty_and_the_orders_stay_as_figures() {
    let shop = shop();
    let home = imported(&shop);
    let before = home.shown();
    assert_eq!(&before.contact("main:c:g1")["orders_total"], "350.00");
    let forgotten = home.forget(JANE);
    assert_eq!(forgotten.contacts.len(), 1);
    assert_eq!(
        (forgotten.contacts[0].key.as_str(), forgotten.contacts[0].orders),
        ("main:c:g1", 2)
    );
    assert_eq!(
        (forgotten.targets[0].emptied, forgotten.targets[0].orders),
        (1, 2)
    );
    let shown = home.shown();
    let left: Vec<&str> = shown.contact("main:c:g1").0.keys().map(String::as_str).collect();
    assert_eq!(left, ["created_at", "gone_at", "key", "updated_at"]);
    for key in ["main:1", "main:2"] {
        let (mut was, mut is) = (before.order(key).clone(), shown.order(key).clone());
        for row in [&mut was, &mut is] {
            row.0.remove("updated_at");
        }
        assert_eq!(was, is, "{key}: nothing of the table's own columns is personal");
    }
    for key in ["main:c:g2", &by_email("main", "eve@shop.example")] {
        assert_eq!(before.contact(key), shown.contact(key), "nobody else is touched");
    }
    // The state knows Joe with one order, and Eve with one.
    for (table, rows) in [
        ("contacts", "2"),
        ("customers", "1"),
        ("orders", "2"),
        ("emails", "2"),
        ("phones", "1"),
        ("contact_links", "2"),
        ("order_links", "2"),
        ("history", "0"),
        ("due_contacts", "0"),
    ] {
        assert_eq!(
            home.in_state(&format!("SELECT count(*) FROM {table}")),
            [rows],
            "{table}"
        );
    }
}

#[test]
fn nothing_brings_them_back() {
    let shop = shop();
    let mut home = imported(&shop);
    home.forget(JANE);
    let before = home.shown();
    // A customer and two orders; once more, and once more with what she does next.
    assert_eq!(home.again(&shop), 3);
    assert_eq!(home.again(&shop), 3);
    let mut more = shop.clone();
    more.customers.push(customer("g9").login(JANE).billing(janes()));
    more.orders
        .push(order("5").email(&JANE.to_uppercase()).total("9.00"));
    more.orders
        .push(order("6").phone("+420 777 666 555").billing(janes()));
    more.orders
        .push(order("7").of("g1").email("other@shop.example").billing(janes()));
    assert_eq!(home.again(&more), 7);
    assert_eq!(home.shown(), before, "not a row is written");
    assert_eq!(told_in(&home.state_dir()), [""; 0]);
    // The same as files with another order of the rows, into a state that is built from nothing.
    std::fs::remove_file(home.state_dir().join("state.db")).unwrap();
    std::fs::remove_file(home.state_dir().join("contacts.db")).unwrap();
    more.customers.reverse();
    more.orders.reverse();
    assert_eq!(home.again(&more), 7);
    let rebuilt = home.shown();
    assert_eq!(
        rebuilt.grouping(),
        format!(
            "main:c:g2: main:3; {}: main:4",
            by_email("main", "eve@shop.example")
        )
    );
    assert_eq!(told_in(&home.state_dir()), [""; 0]);
}

#[test]
fn whoever_is_forgotten_is_named_by_whatever_names_them() {
    for who in [
        "g1",
        "1",
        "main:2",
        "main:c:g1",
        " Jane.Kanarkova@Priklad.example ",
    ] {
        let shop = shop();
        let mut home = imported(&shop);
        assert_eq!(home.forget(who).contacts[0].key, "main:c:g1", "{who}");
        assert_eq!(home.again(&shop), 3, "{who}");
        assert_eq!(told_in(&home.state_dir()), [""; 0], "{who}");
    }
}

#[test]
fn a_guest_goes_with_all_that_was_merged_into_them() {
    let mut shop = shop();
    shop.customers.remove(0);
    shop.orders[1] = order("2")
        .email("stare.kanarkova@priklad.example")
        .billing(janes());
    let mut home = imported(&shop);
    // Two guests are one, once the shop says that the second order has the first one's e-mail.
    let mut later = shop.clone();
    later.orders[1].email = JANE.to_owned();
    home.import(&later.customers(), &later.orders());
    let old = by_email("main", "stare.kanarkova@priklad.example");
    let merged = home
        .shown()
        .contacts
        .values()
        .filter(|row| !row["merged_into"].is_empty())
        .count();
    assert_eq!(merged, 1, "{:?}", home.shown().grouping());
    home.forget(JANE);
    let shown = home.shown();
    for key in [&old, &by_email("main", JANE)] {
        assert_eq!(&shown.contact(key)["email"], "", "{key}");
    }
    // An export of before the change still tells the old e-mail.
    assert_eq!(home.again(&shop), 2);
    assert_eq!(told_in(&home.state_dir()), [""; 0]);
}

#[test]
fn an_order_that_tells_nothing_of_its_buyer_is_forgotten_by_its_code() {
    let mut shop = shop();
    shop.orders.push(order("77").billing(janes()));
    let mut home = imported(&shop);
    assert_eq!(home.forget("77").contacts[0].key, "main:o:77");
    assert_eq!(&home.shown().contact("main:o:77")["full_name"], "");
    let before = home.shown();
    assert_eq!(home.again(&shop), 1);
    assert_eq!(home.shown(), before);
    assert_eq!(
        &home.shown().contact("main:c:g1")["full_name"],
        "Jane Kanárková",
        "she only shares a name"
    );
}

#[test]
fn forgetting_twice_is_forgetting_once() {
    let shop = shop();
    let mut home = imported(&shop);
    assert!(home.forget(JANE).hashes > 0);
    let before = home.shown();
    let again = home.forget(JANE);
    assert_eq!((again.contacts.len(), again.hashes), (0, 0));
    assert_eq!(home.shown(), before);
    assert_eq!(home.again(&shop), 3);
}

#[test]
fn a_customer_whom_the_shop_deleted_can_be_forgotten_too() {
    let shop = shop();
    let mut home = imported(&shop);
    let mut without = shop.clone();
    without.customers.remove(0);
    for _ in 0..2 {
        home.import(&without.customers(), &without.orders());
    }
    assert_ne!(&home.shown().contact("main:c:g1")["gone_at"], "");
    home.forget("g1");
    assert_eq!(&home.shown().contact("main:c:g1")["email"], "");
    home.again(&shop);
    assert_eq!(told_in(&home.state_dir()), [""; 0]);
}
