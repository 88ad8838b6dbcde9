//! Somebody of whom nothing is stored is only suppressed.

use super::*;

#[test]
fn who_is_not_known_yet_never_comes_in() {
    let shop = shop();
    let mut known = shop.clone();
    (known.customers, known.orders) = (known.customers.split_off(1), known.orders.split_off(2));
    for who in [JANE, "main:c:g1"] {
        let mut home = imported(&known);
        let before = home.shown();
        let forgotten = home.forget(who);
        assert_eq!((forgotten.contacts.len(), forgotten.hashes), (0, 1), "{who}");
        let suppressed = home.again(&shop);
        // By guid alone an order is not told for hers: an export names nobody.
        assert_eq!(suppressed, if who == JANE { 3 } else { 2 }, "{who}");
        if who == JANE {
            assert_eq!(home.shown(), before);
        }
    }
}

#[test]
fn before_the_first_import_too() {
    let shop = shop();
    let mut home = Home::new();
    assert_eq!(home.forget(JANE).hashes, 1);
    let suppressed = home.state_dir().join("suppressed.db");
    let mode = std::os::unix::fs::PermissionsExt::mode(&suppressed.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(home.again(&shop), 3);
    assert_eq!(home.shown().contacts.len(), 2);
    assert_eq!(told_in(&home.state_dir()), [""; 0]);
    let mut more = shop.clone();
    more.orders.push(order("8").email(JANE));
    assert_eq!(home.again(&more), 4);
    assert_eq!(home.shown().contacts.len(), 2);
}

#[test]
fn an_order_code_is_one_and_a_name_is_not() {
    let shop = shop();
    let mut home = imported(&shop);
    assert_eq!(home.forget("2025-000 12".replace(' ', "").as_str()).hashes, 1);
    assert_eq!(home.forget("main:2025/13").hashes, 1);
    assert_eq!(home.forget("8a9a021e-0000-11e3-bb01-000000000001").hashes, 1);
    for who in ["Jane Kanárková", "", "jane", "main:p:0123456789abcdef"] {
        let refused = home.try_forget(who, false).unwrap_err();
        assert_eq!(refused.exit_code(), 2, "{who}");
        assert!(!refused.to_string().contains("Jane"), "{refused}");
    }
    let mut more = shop.clone();
    more.orders.push(order("2025-00012"));
    more.orders.push(order("2025/13").email("new@shop.example"));
    assert_eq!(home.again(&more), 2);
}

#[test]
fn an_e_mail_that_identifies_nobody_suppresses_nobody() {
    let not_people = SHOP.to_owned() + "[shop.orders]\nnot_people = [\"*@market.example\"]\n";
    let mut home = Home::with(&format!("{not_people}{TARGET}"));
    home.import(&customers(&[]), &orders(&[order("1").email("x@market.example")]));
    let refused = home.try_forget("x@market.example", false).unwrap_err();
    assert!(refused.cause().contains("not_people"), "{refused}");
    assert!(!refused.to_string().contains("x@"), "{refused}");
}

#[test]
fn a_record_that_nobody_reads_is_not_noted_either() {
    let shop = shop();
    let mut home = imported(&shop);
    home.forget(JANE);
    // Her order comes twice, and once more without anything in it that could be read.
    let twice = format!("{}{}", shop.orders(), shop.orders[1].json());
    home.import(&shop.customers(), &twice);
    let bad = shop.orders().replace(
        "\"code\":\"2\"",
        "\"code\":\"2\",\"creationTime\":\"never\",\"was\":1",
    );
    assert_ne!(bad, shop.orders());
    home.import(&shop.customers(), &bad);
    let parked = home.in_state("SELECT kind, key, reason FROM parked");
    assert!(parked.iter().all(|row| !row.contains("| 2 |")), "{parked:?}");
}

/// The shop writes guids in small letters; elsewhere they may stand in capitals.
#[test]
fn a_guid_in_capitals_is_the_same() {
    let mut shop = shop();
    let guid = "8a9a021e-0000-11e3-bb01-0000000000ab";
    shop.customers[0] = customer(guid).login(JANE).phone("777666555").billing(janes());
    shop.orders[1] = order("2")
        .of(guid)
        .email(JANE)
        .total("250.00")
        .placed("2024-05-02");
    let capitals = guid.to_ascii_uppercase();
    for who in [capitals.clone(), format!("main:c:{capitals}")] {
        let mut home = imported(&shop);
        let forgotten = home.forget(&who);
        assert_eq!(forgotten.contacts.len(), 1, "{who}");
        assert_eq!(told_in(&home.state_dir()), [""; 0], "{who}");
        assert_eq!(home.again(&shop), 3, "{who}");
        // Nobody knew her by then: what is written down is found again all the same.
        let mut home = Home::new();
        assert_eq!(home.forget(&who).hashes, 1, "{who}");
        home.again(&shop);
        let shown = home.shown().contacts;
        assert!(!shown.keys().any(|key| key.ends_with(guid)), "{who}");
    }
}
