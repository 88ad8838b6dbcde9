//! The targets: everything that is not the table's own goes, whoever wrote it, and what cannot be done is told.

use super::*;

const ORDER_FIELDS: &str = "[target.order_fields]\nnote = \"order.remark\"\nparcel = \"order.tracking_number\"\n\
    buyer = \"contact.name\"\nhow = \"order.shipping ~ ' ' ~ order.currency\"\nin_shop = \"shop.name\"\n";

#[test]
fn columns_of_an_earlier_mapping_and_those_that_somebody_added_go_too() {
    let mut shop = shop();
    shop.orders[0].remark = "zvonek nefunguje".to_owned();
    let old = "[target.fields]\nemail = \"contact.email\"\nstreet = \"contact.street\"\n[target.order_fields]\nold = \"order.remark\"\n";
    let mut home = Home::with(&format!("{SHOP}{TARGET}{old}"));
    home.import(&shop.customers(), &shop.orders());
    home.configure(&format!(
        "{SHOP}{TARGET}[target.fields]\nemail = \"contact.email\"\n{ORDER_FIELDS}"
    ));
    home.import(&shop.customers(), &shop.orders());
    home.with_contacts(
        "ALTER TABLE contacts ADD COLUMN \"my \"\" notes\" TEXT; ALTER TABLE orders ADD COLUMN mine TEXT;",
    );
    home.by_hand("UPDATE contacts SET \"my \"\" notes\" = 'Kanarkova' WHERE key = 'main:c:g1'");
    home.by_hand("UPDATE orders SET mine = 'Kanarkova' WHERE key = 'main:1'");
    assert_eq!(&home.shown().order("main:1")["buyer"], "Jane Kanárková");
    assert_eq!(&home.shown().order("main:1")["old"], "zvonek nefunguje");
    home.forget(JANE);
    let shown = home.shown();
    let row = shown.order("main:1");
    for gone in ["note", "parcel", "buyer", "old", "mine"] {
        assert_eq!(&row[gone], "", "{gone}");
    }
    assert_eq!(
        (row["how"].trim(), &row["in_shop"], &row["total"]),
        ("CZK", "main", "100.00")
    );
    assert_eq!(&shown.order("main:3")["buyer"], "Joe", "nobody else's");
    let left: Vec<&str> = shown.contact("main:c:g1").0.keys().map(String::as_str).collect();
    assert_eq!(left, ["created_at", "gone_at", "key", "updated_at"]);
    assert_eq!(told_in(&home.state_dir()), [""; 0]);
}

#[test]
fn a_record_that_was_there_before_us_is_emptied_under_its_own_key() {
    let shop = shop();
    let mut home = Home::new();
    home.import(&customers(&[]), &orders(&[]));
    home.with_contacts(&format!(
        "INSERT INTO contacts(key, created_at, updated_at, email, city) VALUES ('crm-7', '2020-01-01T00:00:00Z', '2020-01-01T00:00:00Z', '{JANE}', 'Tajnov')"
    ));
    home.import(&shop.customers(), &shop.orders());
    assert_eq!(&home.shown().order("main:1")["contact_key"], "crm-7");
    home.forget("g1");
    assert_eq!(&home.shown().contact("crm-7")["city"], "");
    assert_eq!(told_in(&home.state_dir()), [""; 0]);
}

#[test]
fn records_that_only_the_e_mail_leads_to_are_emptied_too() {
    let shop = shop();
    let home = imported(&shop);
    for key in ["mine-1", "mine-2"] {
        home.with_contacts(&format!(
            "INSERT INTO contacts(key, created_at, updated_at, email, full_name) VALUES ('{key}', 'x', 'x', '{JANE}', 'Kanarkova')"
        ));
    }
    let forgotten = home.forget(JANE);
    assert_eq!(forgotten.targets[0].emptied, 3);
    assert_eq!(told_in(&home.state_dir()), [""; 0]);
    // Of a state that was lost, too.
    let home = imported(&shop);
    std::fs::remove_file(home.state_dir().join("state.db")).unwrap();
    assert_eq!(home.forget(JANE).targets[0].emptied, 1);
    assert_eq!(told_in(&home.state_dir()), [""; 0]);
}

#[test]
fn every_target_is_done_and_one_that_is_configured_no_more_is_told() {
    let second = TARGET.replace("contacts", "second");
    let shop = shop();
    let mut home = Home::with(&format!("{SHOP}{TARGET}{second}"));
    home.import(&shop.customers(), &shop.orders());
    home.forget("joe@shop.example");
    for file in ["contacts.db", "second.db"] {
        assert_eq!(&home.shown_in(file).contact("main:c:g2")["email"], "", "{file}");
    }
    home.configure(&format!("{SHOP}{TARGET}"));
    let forgotten = home.try_forget(JANE, false).unwrap();
    assert_eq!(forgotten.exit_code(), 2, "somebody has to act");
    assert_eq!(
        forgotten.targets[1].by_hand,
        ["second is not in the configuration: empty its record main:c:g1"]
    );
    assert_eq!(&home.shown_in("second.db").contact("main:c:g1")["email"], JANE);
}

#[test]
fn a_row_that_the_database_guards_is_left_to_a_person() {
    let shop = shop();
    let home = imported(&shop);
    home.with_contacts(
        "CREATE TRIGGER guard BEFORE UPDATE ON contacts WHEN old.key = 'main:c:g1' BEGIN SELECT raise(ABORT, 'no'); END",
    );
    let forgotten = home.try_forget(JANE, false).unwrap();
    assert_eq!(forgotten.exit_code(), 2);
    let by_hand = &forgotten.targets[0].by_hand;
    assert!(by_hand[0].contains("empty the record main:c:g1:"), "{by_hand:?}");
    assert_eq!(
        home.in_state("SELECT count(*) FROM contacts"),
        ["2"],
        "the state has nothing of her"
    );
}

#[test]
fn a_target_that_is_away_is_done_when_it_is_back() {
    let shop = shop();
    let mut home = imported(&shop);
    let (here, away) = (
        home.state_dir().join("contacts.db"),
        home.state_dir().join("away"),
    );
    std::fs::rename(&here, &away).unwrap();
    let forgotten = home.try_forget(JANE, false).unwrap();
    assert_eq!(forgotten.exit_code(), 2, "it was delivered to, and is not there");
    assert!(forgotten.targets[0].failed.is_some());
    // Meanwhile the state holds nothing of her but what leads to her record.
    assert_eq!(
        home.in_state("SELECT key, erased FROM contacts WHERE erased"),
        ["1 | main:c:g1"]
    );
    std::fs::rename(&away, &here).unwrap();
    assert_ne!(told_in(&home.state_dir()), [""; 0]);
    assert_eq!(home.again(&shop), 3, "any run goes on");
    assert_eq!(&home.shown().contact("main:c:g1")["email"], "");
    assert_eq!(home.in_state("SELECT count(*) FROM contacts"), ["2"]);
    assert_eq!(told_in(&home.state_dir()), [""; 0]);
}
