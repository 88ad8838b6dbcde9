//! What a forgotten person shares with others stays theirs.

use super::*;

#[test]
fn a_phone_that_somebody_else_has_too_is_not_suppressed() {
    let mut shop = shop();
    shop.customers[1] = customer("g2").login("joe@shop.example").phone("777666555");
    // Without an e-mail, and two have the phone: it was given to neither.
    shop.orders.push(order("5").phone("777666555").total("5.00"));
    let mut home = imported(&shop);
    let before = home.shown();
    home.forget(JANE);
    assert_eq!(home.again(&shop), 3, "a customer and two orders");
    let after = home.shown();
    for key in ["main:c:g2", &by_email("main", "eve@shop.example")] {
        assert_eq!(before.contact(key), after.contact(key), "{key}");
    }
    assert_eq!(&after.order("main:5")["total"], "5.00");
}

#[test]
fn an_order_that_only_a_shared_phone_leads_to_does_not_go_to_the_other() {
    let mut shop = shop();
    // It was Jane's while she alone had the phone.
    shop.orders
        .push(order("5").phone("777666555").total("5.00").billing(janes()));
    let mut home = imported(&shop);
    assert_eq!(&home.shown().order("main:5")["contact_key"], "main:c:g1");
    shop.customers[1] = customer("g2").login("joe@shop.example").phone("777666555");
    home.import(&shop.customers(), &shop.orders());
    let before = home.shown();
    home.forget(JANE);
    assert_eq!(home.again(&shop), 4);
    assert_eq!(home.shown().contact("main:c:g2"), before.contact("main:c:g2"));
    assert_eq!(
        &home.shown().order("main:5")["contact_key"],
        "main:c:g1",
        "it stays a figure of hers"
    );
}

#[test]
fn an_e_mail_that_another_logs_in_with_is_not_suppressed() {
    let mut shop = shop();
    // She was logged in, and wrote down Joe's.
    shop.orders[1] = order("2")
        .of("g1")
        .email("joe@shop.example")
        .total("250.00")
        .billing(janes());
    let mut home = imported(&shop);
    let before = home.shown();
    assert_eq!(&before.order("main:2")["contact_key"], "main:c:g1");
    home.forget("g1");
    home.again(&shop);
    assert_eq!(home.shown().contact("main:c:g2"), before.contact("main:c:g2"));
    assert_eq!(told_in(&home.state_dir()), [""; 0]);
    // An export does not name the customer: it still does not become Joe's.
    shop.orders[1].guid = String::new();
    home.again(&shop);
    assert_eq!(&home.shown().contact("main:c:g2")["orders_total"], "70.00");
    assert_eq!(told_in(&home.state_dir()), [""; 0]);
}

#[test]
fn an_order_of_somebody_else_with_their_e_mail_stays_and_loses_what_is_personal() {
    let mut shop = shop();
    let mut joes = order("5").of("g2").email(JANE).total("11.00").billing(janes());
    joes.remark = "zvonek nefunguje".to_owned();
    shop.orders.push(joes);
    let mut home = imported(&shop);
    let total = |home: &Home| home.shown().contact("main:c:g2")["orders_total"].to_owned();
    assert_eq!(total(&home), "81.00");
    home.forget(JANE);
    assert_eq!(total(&home), "81.00");
    assert_eq!(told_in(&home.state_dir()), [""; 0]);
    home.again(&shop);
    assert_eq!(total(&home), "81.00");
    assert_eq!(told_in(&home.state_dir()), [""; 0]);
}

#[test]
fn two_customers_who_share_a_log_in_are_told_apart_by_key() {
    let mut shop = shop();
    shop.customers
        .push(customer("g3").login(JANE).login("twin@shop.example"));
    let mut home = imported(&shop);
    let refused = home.try_forget(JANE, false).unwrap_err();
    assert_eq!(refused.exit_code(), 2);
    assert!(refused.cause().contains("main:c:g1, main:c:g3"), "{refused}");
    assert!(!refused.to_string().contains("jane"), "{refused}");
    let twin = home.shown().contact("main:c:g3").clone();
    home.forget("main:c:g1");
    home.again(&shop);
    let shown = home.shown();
    assert_eq!(&shown.contact("main:c:g1")["email"], "");
    assert_eq!(shown.contact("main:c:g3"), &twin, "she logs in with it, too");
}

#[test]
fn a_code_of_two_shops_is_nobodys_until_it_is_said_whose() {
    let two = format!("{SHOP}{}", SHOP.replace("main", "other"));
    let mut home = Home::with(&format!("{two}{TARGET}"));
    for shop in ["main", "other"] {
        home.import_of(
            shop,
            Some(&customers(&[])),
            Some(&orders(&[order("1").email("a@shop.example")])),
        );
    }
    let refused = home.try_forget("1", false).unwrap_err();
    assert!(refused.cause().contains("2 contacts are meant"), "{refused}");
    assert_eq!(home.forget("other:1").contacts.len(), 1);
    let shown = home.shown();
    assert_eq!(
        &shown.contact(&by_email("main", "a@shop.example"))["email"],
        "a@shop.example"
    );
    assert_eq!(&shown.contact(&by_email("other", "a@shop.example"))["email"], "");
    // By e-mail it is the same person in both.
    assert_eq!(home.forget("a@shop.example").contacts.len(), 1);
    assert_eq!(
        &home.shown().contact(&by_email("main", "a@shop.example"))["email"],
        ""
    );
}
