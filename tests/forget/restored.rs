//! What is put back from before they were forgotten does not bring them back.

use jiff::Timestamp;
use shoptet_sync::state::{backup, verify};

use super::*;

fn back_up(home: &Home, name: &str) -> std::path::PathBuf {
    let file = home.state_dir().with_file_name(name);
    backup::make(&home.state_dir(), &file, Timestamp::now(), &|_, _| {}).unwrap();
    file
}

/// As the documentation says it is done.
fn restore(home: &Home, file: &Path) {
    for gone in ["state.db", "state.db-wal", "state.db-shm"] {
        let _ = std::fs::remove_file(home.state_dir().join(gone));
    }
    std::fs::copy(file, home.state_dir().join("state.db")).unwrap();
}

fn accepting(home: &mut Home, shop: &Shop) {
    let options = shoptet_sync::sync::import::ImportOptions {
        accept: true,
        ..Default::default()
    };
    let (customers, orders) = (shop.customers(), shop.orders());
    let now = "2025-01-01T00:00:00Z".parse().unwrap();
    let report = home
        .try_import("main", Some(&customers), Some(&orders), now, options)
        .unwrap();
    assert_eq!(report.failures, [""; 0]);
}

#[test]
fn a_backup_of_before_is_put_right_by_the_next_run() {
    let shop = shop();
    let mut home = imported(&shop);
    let before = back_up(&home, "before.db");
    home.forget(JANE);
    let keys = |home: &Home| home.in_state("SELECT key FROM contacts ORDER BY key");
    let (shown, known) = (home.shown(), keys(&home));
    restore(&home, &before);
    assert_ne!(told_in(&home.state_dir()), [""; 0]);
    accepting(&mut home, &shop);
    let restored = home.shown();
    for key in ["main:c:g2", &by_email("main", "eve@shop.example")] {
        assert_eq!(restored.contact(key), shown.contact(key), "{key}");
    }
    assert_eq!(restored.without_times().orders, shown.without_times().orders);
    assert_eq!(&restored.contact("main:c:g1")["email"], "");
    assert_eq!(keys(&home), known);
    assert_eq!(told_in(&home.state_dir()), [""; 0]);
}

/// The folder was put back from an older copy, and a newer backup of the state on top of it.
#[test]
fn a_backup_that_knows_more_than_the_list_beside_it_counts() {
    let shop = shop();
    let mut home = imported(&shop);
    home.forget("joe@shop.example");
    let list = home.state_dir().join("suppressed.db");
    let older = list.with_file_name("older");
    std::fs::copy(&list, &older).unwrap();
    home.forget(JANE);
    let after = back_up(&home, "after.db");
    std::fs::rename(&older, &list).unwrap();
    restore(&home, &after);
    accepting(&mut home, &shop);
    assert_eq!(&home.shown().contact("main:c:g1")["email"], "");
    assert_eq!(&home.shown().contact("main:c:g2")["email"], "");
    assert_eq!(told_in(&home.state_dir()), [""; 0]);
}

#[test]
fn a_backup_of_afterwards_knows_whom_nobody_must_import_wherever_it_is_put() {
    let shop = shop();
    let home = imported(&shop);
    home.forget(JANE);
    let after = back_up(&home, "after.db");
    assert_eq!(
        told_in(home.state_dir().parent().unwrap())
            .iter()
            .filter(|told| told.contains("after.db"))
            .count(),
        0
    );
    assert_eq!(verify::verify(&after).unwrap().suppressed, 1);
    let mut elsewhere = Home::new();
    std::fs::create_dir_all(elsewhere.state_dir()).unwrap();
    restore(&elsewhere, &after);
    accepting(&mut elsewhere, &shop);
    assert_eq!(elsewhere.shown().contacts.len(), 2);
    assert_eq!(told_in(&elsewhere.state_dir()), [""; 0]);
    // What was taken up is the state's own no more.
    assert_eq!(
        elsewhere.in_state("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'suppressed_%'"),
        ["0"]
    );
    assert_eq!(
        elsewhere
            .with_engine(async |engine| engine.lift(JANE).await)
            .unwrap(),
        1
    );
}

#[test]
fn two_lists_of_suppressed_people_become_one() {
    let shop = shop();
    let home = imported(&shop);
    home.forget(JANE);
    let after = back_up(&home, "after.db");
    let mut other = imported(&shop);
    other.forget("joe@shop.example");
    restore(&other, &after);
    accepting(&mut other, &shop);
    let left = other.in_state("SELECT key FROM contacts");
    assert_eq!(left, [by_email("main", "eve@shop.example")]);
    assert_eq!(told_in(&other.state_dir()), [""; 0]);
    for who in [JANE, "joe@shop.example"] {
        assert_eq!(
            other.with_engine(async |engine| engine.lift(who).await).unwrap(),
            1,
            "{who}"
        );
    }
}

#[test]
fn a_list_that_has_moved_on_is_not_set_back() {
    let shop = shop();
    let mut home = imported(&shop);
    home.forget(JANE);
    let then = back_up(&home, "then.db");
    home.with_engine(async |engine| engine.lift(JANE).await).unwrap();
    home.forget("joe@shop.example");
    restore(&home, &then);
    accepting(&mut home, &shop);
    let keys = home.in_state("SELECT key FROM contacts ORDER BY key");
    assert_eq!(
        keys,
        ["main:c:g1".to_owned(), by_email("main", "eve@shop.example")]
    );
}

#[test]
fn a_list_that_is_lost_stops_every_import_until_somebody_accepts_it() {
    let shop = shop();
    let mut home = imported(&shop);
    home.forget(JANE);
    let list = home.state_dir().join("suppressed.db");
    let kept = std::fs::read(&list).unwrap();
    std::fs::remove_file(&list).unwrap();
    let try_again = |home: &Home| {
        let (customers, orders) = (shop.customers(), shop.orders());
        let now = "2025-01-01T00:00:00Z".parse().unwrap();
        home.try_import("main", Some(&customers), Some(&orders), now, Default::default())
    };
    let refused = try_again(&home).unwrap_err();
    assert_eq!(refused.exit_code(), 2);
    assert!(refused.cause().contains("suppressed.db"), "{refused}");
    assert_eq!(
        home.try_forget("joe@shop.example", false)
            .unwrap_err()
            .exit_code(),
        2
    );
    std::fs::write(&list, b"").unwrap();
    assert_eq!(
        try_again(&home).unwrap_err().exit_code(),
        2,
        "an empty one is none"
    );
    std::fs::write(&list, b"not a database at all, however long it is").unwrap();
    let refused = home.try_open().unwrap_err();
    assert_eq!(refused.exit_code(), 2);
    assert!(refused.hint().contains("put it back"), "{refused}");
    std::fs::write(&list, &kept).unwrap();
    assert_eq!(try_again(&home).unwrap().suppressed, 3);
    std::fs::remove_file(&list).unwrap();
    accepting(&mut home, &shop);
    assert_eq!(&home.shown().contact("main:c:g1")["email"], JANE);
    try_again(&home).unwrap();
}

/// The same of one person of a customer that stays: what was mapped of their orders goes again.
#[test]
fn a_contact_database_of_before_loses_what_was_a_colleagues() {
    let mut shop = shop();
    shop.customers[0] = customer("g1")
        .login("firm@shop.example")
        .login(JANE)
        .billing(party("Firma", "A 1", "B"));
    let note = "[target.order_fields]\nnote = \"order.remark\"\n";
    let mut home = Home::with(&format!("{SHOP}{TARGET}{note}"));
    home.import(&shop.customers(), &shop.orders());
    let (here, copy) = (
        home.state_dir().join("contacts.db"),
        home.state_dir().with_file_name("copy"),
    );
    std::fs::copy(&here, &copy).unwrap();
    home.forget(JANE);
    assert_eq!(&home.shown().order("main:1")["note"], "");
    std::fs::copy(&copy, &here).unwrap();
    assert_eq!(&home.shown().order("main:1")["note"], "zvonek nefunguje");
    accepting(&mut home, &shop);
    assert_eq!(&home.shown().order("main:1")["note"], "");
    assert_eq!(told_in(&home.state_dir()), [""; 0]);
}

#[test]
fn a_contact_database_of_before_that_is_accepted_loses_them_again() {
    let shop = shop();
    let mut home = imported(&shop);
    let (here, copy) = (
        home.state_dir().join("contacts.db"),
        home.state_dir().with_file_name("copy"),
    );
    home.with_contacts(&format!(
        "INSERT INTO contacts(key, created_at, updated_at, email, full_name) VALUES ('mine', 'x', 'x', '{JANE}', 'Kanarkova')"
    ));
    std::fs::copy(&here, &copy).unwrap();
    home.forget(JANE);
    std::fs::copy(&copy, &here).unwrap();
    accepting(&mut home, &shop);
    assert_eq!(told_in(&home.state_dir()), [""; 0]);
    let shown = home.shown();
    assert_eq!(
        (
            &shown.contact("main:c:g1")["email"],
            &shown.contact("mine")["email"]
        ),
        ("", "")
    );
    assert_eq!(&shown.contact("main:c:g2")["email"], "joe@shop.example");
    assert_eq!(&shown.order("main:1")["total"], "100.00");
}
