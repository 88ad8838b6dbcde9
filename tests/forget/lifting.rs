//! `--lift` ends it.

use super::*;

fn lift(home: &Home, who: &str) -> Result<usize, Error> {
    home.with_engine(async |engine| engine.lift(who).await)
}

#[test]
fn whoever_is_lifted_comes_back_as_the_same_contact() {
    for who in [JANE, "g1", "2", "main:c:g1"] {
        let shop = shop();
        let mut home = imported(&shop);
        let before = home.shown().without_times();
        home.forget(if who == "2" { "main:2" } else { JANE });
        home.again(&shop);
        let lifted = lift(&home, who);
        if who == "2" {
            // Her orders were told by her e-mail, so their codes were not taken down.
            assert_eq!(lifted.unwrap_err().exit_code(), 2);
            continue;
        }
        assert_eq!(lifted.unwrap(), 1, "{who}");
        assert_eq!(home.again(&shop), 0, "{who}");
        assert_eq!(home.shown().without_times(), before, "{who}");
    }
}

/// What stands in an export as it did before is not read again, unless there is more to learn from it now.
#[test]
fn the_orders_of_an_export_come_back_whole() {
    let shop = shop();
    let mut home = Home::with(&format!(
        "{SHOP}{TARGET}[target.order_fields]\nnote = \"order.remark\"\n"
    ));
    let exported = |home: &mut Home| home.import(&shop.customers(), &orders_as_xml(&shop.orders));
    exported(&mut home);
    let before = home.shown().without_times();
    home.forget(JANE);
    exported(&mut home);
    exported(&mut home);
    assert_ne!(home.shown().without_times(), before);
    assert_eq!(lift(&home, JANE).unwrap(), 1);
    exported(&mut home);
    assert_eq!(home.shown().without_times(), before);
}

#[test]
fn one_person_of_a_customer_comes_back_to_it() {
    let mut shop = shop();
    shop.customers[0] = customer("g1")
        .login(JANE)
        .login("bob@firm.example")
        .billing(party("Firma", "A 1", "B"));
    let mut home = imported(&shop);
    let before = home.shown().without_times();
    home.forget(JANE);
    home.again(&shop);
    assert_ne!(home.shown().without_times(), before);
    assert_eq!(lift(&home, JANE).unwrap(), 1);
    home.again(&shop);
    assert_eq!(home.shown().without_times(), before);
}

#[test]
fn who_was_never_forgotten_cannot_be_lifted() {
    let home = imported(&shop());
    let refused = lift(&home, JANE).unwrap_err();
    assert_eq!(refused.exit_code(), 2);
    assert!(!refused.to_string().contains("jane"), "{refused}");
    home.forget("joe@shop.example");
    assert_eq!(lift(&home, JANE).unwrap_err().exit_code(), 2);
    assert_eq!(lift(&home, "joe@shop.example").unwrap(), 1);
}
