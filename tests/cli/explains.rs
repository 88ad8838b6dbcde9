//! `explain`.

use insta::assert_snapshot;

use crate::{settings, shop};

#[test]
fn a_customer_is_explained() {
    let place = shop::imported();
    let _settings = settings(&place);
    let text = place.prints(0, &["explain", "jana@priklad.example"]);
    assert_snapshot!(text);
    for who in [
        shop::JANA,
        "2025000002",
        "main:2025000002",
        &format!("main:c:{}", shop::JANA),
    ] {
        assert_eq!(place.prints(0, &["explain", who]), text, "{who}");
    }
    assert_snapshot!(
        "explain_json",
        place.prints(0, &["explain", shop::JANA, "--json"])
    );
}

#[test]
fn a_guest_whose_order_is_parked_is_explained() {
    let place = shop::imported();
    let _settings = settings(&place);
    assert_snapshot!(place.prints(0, &["explain", "karel@priklad.example"]));
}

#[test]
fn what_happened_later_is_told_and_what_waits() {
    let place = shop::imported();
    let _settings = settings(&place);
    let mut later = shop::ORDERS;
    // Karel's order turns out to be Jana's, and another of hers is brought.
    later[2].email = "jana@priklad.example";
    later[4].status = "Stornována";
    place.write("orders.xml", &shop::orders(&later));
    let mut words = shop::IMPORT;
    words[6] = "2026-02-04T04:05:06Z";
    place.prints(3, &[&words[..], &["--limit", "0"]].concat());
    assert_snapshot!("moved_and_due", place.prints(0, &["explain", shop::JANA]));
    words[6] = "2026-02-05T04:05:06Z";
    place.prints(3, &words);
    assert_snapshot!("moved_and_delivered", place.prints(0, &["explain", shop::JANA]));
}

#[test]
fn one_order_is_due_in_the_singular() {
    let place = shop::imported();
    let mut later = shop::ORDERS;
    later[0].total = "1332.00";
    place.write("orders.xml", &shop::orders(&later));
    let mut words = shop::IMPORT;
    words[6] = "2026-02-04T04:05:06Z";
    place.prints(3, &[&words[..], &["--limit", "0"]].concat());
    let told = place.prints(0, &["explain", shop::JANA]);
    assert!(told.contains("; 1 of its orders is due\n"), "{told}");
}

#[test]
fn an_emptied_target_is_told_and_not_guessed_about() {
    let place = shop::imported();
    let _settings = settings(&place);
    std::fs::remove_file(place.state_dir().join("contacts.db")).unwrap();
    let text = place.prints(0, &["explain", shop::JANA]);
    let told = text.lines().find(|line| line.starts_with("  contacts:")).unwrap();
    assert!(
        told.contains("it was delivered to before, and is not there or is empty now"),
        "{told}"
    );
}

#[test]
fn nobody_is_told_so() {
    let place = shop::imported();
    assert_snapshot!(place.refuses(2, &["explain", "nobody@priklad.example"]));
}

/// A run of changes does not look for what it has no news of; whoever asks is told.
#[test]
fn what_somebody_deleted_there_is_told() {
    let place = shop::imported();
    let contacts = rusqlite::Connection::open(place.state_dir().join("contacts.db")).unwrap();
    contacts
        .execute_batch(
            "DELETE FROM orders WHERE contact_key IN (SELECT key FROM contacts WHERE email = 'jana@priklad.example');
             DELETE FROM contacts WHERE email = 'jana@priklad.example'",
        )
        .unwrap();
    let told = place.prints(0, &["explain", shop::JANA]);
    assert!(
        told.contains("somebody deleted that; a full import or a reconcile makes it again"),
        "{told}"
    );
    let json = place.json(0, &["explain", shop::JANA, "--json"]);
    let json = &json["contacts"][0]["targets"][0];
    assert_eq!(json["deleted_there"], true, "{json}");
    assert!(json["orders_deleted_there"].as_u64().unwrap() > 0, "{json}");
    place.prints(3, &shop::IMPORT);
    let told = place.prints(0, &["explain", shop::JANA]);
    assert!(!told.contains("not there any more"), "{told}");
}
