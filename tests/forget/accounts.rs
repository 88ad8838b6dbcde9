//! A customer with several log-ins: only the person goes, the customer stays and its sums with it.

use super::*;

/// A company of which Jane is the main log-in and Bob another, with an order of each; and Joe.
fn company() -> Shop {
    let mut firm = customer("g1")
        .login(JANE)
        .phone("777666555")
        .login("bob@firm.example")
        .phone("601000111");
    firm.accounts[0].name = "Jane Kanárková".to_owned();
    firm.accounts[1].name = "Bob".to_owned();
    firm.billing = party("Jane Kanárková", "Firemní 1", "Brno");
    firm.billing.company = "Firma".to_owned();
    firm.billing.company_id = "11112222".to_owned();
    let mut hers = order("1")
        .email(JANE)
        .phone("777666555")
        .total("100.00")
        .placed("2024-05-01")
        .billing(janes());
    hers.remark = "zvonek nefunguje".to_owned();
    Shop {
        customers: vec![firm, customer("g2").login("joe@shop.example")],
        orders: vec![
            hers,
            order("2")
                .email("bob@firm.example")
                .total("50.00")
                .placed("2024-05-02")
                .billing(party("Bob", "Firemní 1", "Brno")),
            order("3")
                .email("joe@shop.example")
                .total("70.00")
                .placed("2024-05-03"),
        ],
    }
}

#[test]
fn only_the_person_goes_and_no_sum_changes() {
    let shop = company();
    let mut home = imported(&shop);
    let before = home.shown();
    assert_eq!(&before.contact("main:c:g1")["email"], JANE);
    let forgotten = home.forget(JANE);
    assert_eq!(
        (
            forgotten.contacts[0].whole,
            forgotten.contacts[0].orders,
            forgotten.targets[0].rewritten
        ),
        (false, 1, 1)
    );
    let is_right = |home: &Home, about: &str| {
        let shown = home.shown();
        let row = shown.contact("main:c:g1");
        for (column, value) in [
            ("email", "bob@firm.example"),
            ("emails", "bob@firm.example"),
            ("phone", "+420601000111"),
            ("full_name", "Bob"),
            ("company", "Firma"),
            ("street", "Firemní 1"),
            ("orders_count", "2"),
            ("orders_total", "150.00"),
            ("gone_at", ""),
        ] {
            assert_eq!(&row[column], value, "{about}: {column}");
        }
        assert_eq!(&shown.order("main:1")["contact_key"], "main:c:g1", "{about}");
        let (shown, before) = (shown.without_times(), before.without_times());
        assert_eq!(shown.contact("main:c:g2"), before.contact("main:c:g2"), "{about}");
        assert_eq!(told_in(&home.state_dir()), [""; 0], "{about}");
    };
    is_right(&home, "forgotten");
    let after = home.shown();
    for times in 0..3 {
        // The customer, and her order.
        assert_eq!(home.again(&shop), 2);
        assert_eq!(home.shown(), after, "import {times}");
    }
    // What the company does next, through her log-in too, is the company's.
    let mut more = shop.clone();
    more.orders.push(
        order("4")
            .email(JANE)
            .total("1000.00")
            .placed("2024-05-20")
            .billing(janes()),
    );
    home.again(&more);
    assert_eq!(&home.shown().contact("main:c:g1")["orders_total"], "1150.00");
    assert_eq!(told_in(&home.state_dir()), [""; 0]);
    // A state that is built from nothing knows her no more than before, and sums the same.
    std::fs::remove_file(home.state_dir().join("state.db")).unwrap();
    std::fs::remove_file(home.state_dir().join("contacts.db")).unwrap();
    assert_eq!(home.again(&shop), 2);
    is_right(&home, "rebuilt");
}

#[test]
fn who_is_meant_has_to_be_said_or_that_all_are() {
    let shop = company();
    let mut home = imported(&shop);
    for who in ["g1", "main:c:g1"] {
        let refused = home.try_forget(who, false).unwrap_err();
        assert_eq!(refused.exit_code(), 2);
        assert!(refused.cause().contains("2 log-ins"), "{refused}");
        assert!(refused.hint().contains("--whole"), "{refused}");
    }
    assert!(
        !home.state_dir().join("suppressed.db").exists(),
        "nothing was decided"
    );
    // An order says who: whoever's e-mail stands on it.
    assert!(!home.forget("1").contacts[0].whole);
    home.try_forget("g1", true).unwrap();
    let shown = home.shown();
    assert_eq!(&shown.contact("main:c:g1")["company"], "");
    assert_eq!(
        (&shown.order("main:1")["total"], &shown.order("main:2")["total"]),
        ("100.00", "50.00")
    );
    // The customer, and the orders of both of them.
    assert_eq!(home.again(&shop), 3);
}

#[test]
fn what_a_write_policy_keeps_goes_all_the_same_but_not_what_somebody_typed() {
    let fields = "[target.fields]\nemail = \"contact.email\"\n\
        name = { value = \"contact.name\", write = \"create_only\" }\n\
        phone = { value = \"contact.phone\", write = \"if_empty\" }\n\
        birth = { value = \"customer.birth_date\", on_empty = \"keep\" }\n\
        city = \"contact.city\"\n\
        [target.order_fields]\nnote = { value = \"order.remark\", on_empty = \"keep\" }\nstatus_then = \"order.status\"\n";
    let shop = company();
    let mut home = Home::with(&format!("{SHOP}{TARGET}{fields}"));
    home.import(&shop.customers(), &shop.orders());
    home.by_hand("UPDATE contacts SET city = 'typed' WHERE key = 'main:c:g1'");
    assert_eq!(&home.shown().order("main:1")["note"], "zvonek nefunguje");
    home.forget(JANE);
    let shown = home.shown();
    let row = shown.contact("main:c:g1");
    assert_eq!(
        (&row["email"], &row["name"], &row["phone"], &row["city"]),
        ("bob@firm.example", "Bob", "+420601000111", "typed")
    );
    let order = shown.order("main:1");
    assert_eq!((&order["note"], &order["status_then"]), ("", "Vyřízena"));
    assert_eq!(told_in(&home.state_dir()), [""; 0]);
}

#[test]
fn the_same_log_in_in_two_shops_of_a_group_is_one_person() {
    let two = SHOP
        .replace("\"main\"", "\"one\"\ngroup = \"g\"")
        .replace("main.example", "one.example")
        + &SHOP
            .replace("\"main\"", "\"two\"\ngroup = \"g\"")
            .replace("main.example", "two.example");
    let mut home = Home::with(&format!("{two}{TARGET}"));
    let (mine, yours) = (
        [customer("g1").login(JANE).billing(janes())],
        [customer("g2").login(JANE).billing(janes())],
    );
    let bought = orders(&[order("1").email(JANE)]);
    let read = |home: &mut Home| {
        let first = home.import_of("one", Some(&customers(&mine)), Some(&bought));
        let second = home.import_of("two", Some(&customers(&yours)), Some(&bought));
        first.suppressed + second.suppressed
    };
    read(&mut home);
    let forgotten = home.forget(JANE);
    assert_eq!((forgotten.contacts.len(), forgotten.contacts[0].whole), (1, true));
    assert_eq!(read(&mut home), 4);
    assert_eq!(told_in(&home.state_dir()), [""; 0]);
}
