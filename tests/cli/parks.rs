//! `parked`.

use insta::assert_snapshot;

use crate::{Place, settings, shop};

#[test]
fn parked_lists_what_was_set_aside() {
    let place = shop::imported();
    let _settings = settings(&place);
    assert_snapshot!(place.prints(0, &["parked"]));
    assert_snapshot!("parked_json", place.prints(0, &["parked", "--json"]));
}

#[test]
fn nothing_surprising_is_printed_when_nothing_is_parked() {
    let place = shop::fresh();
    place.write("shoptet-sync.toml", &shop::CONFIG.replace("\"park\"", "\"keep\""));
    place.write("orders.xml", &shop::orders(&shop::ORDERS[..5]));
    place.prints(0, &shop::IMPORT);
    assert_eq!(place.prints(0, &["parked"]), "nothing is parked\n");
    assert_eq!(
        place.prints(0, &["parked", "retry", "--all"]),
        "nothing is parked\n"
    );
    assert_eq!(
        place.prints(0, &["parked", "dismiss", "--all"]),
        "nothing is parked\n"
    );
    assert_eq!(
        place.json(0, &["parked", "--json"]),
        serde_json::json!({ "parked": [] })
    );
}

#[test]
fn what_is_put_away_is_no_reason_for_exit_code_3() {
    let place = shop::imported();
    let _settings = settings(&place);
    assert_snapshot!(place.prints(0, &["parked", "dismiss", "main:2025000003"]));
    assert!(!place.prints(0, &["parked"]).contains("2025000003"));
    place.prints(3, &shop::IMPORT);
    place.prints(0, &["parked", "dismiss", "--all"]);
    assert_eq!(place.prints(0, &["parked"]), "nothing is parked\n");
    assert_snapshot!("put_away", place.prints(0, &["parked", "--dismissed"]));
    place.prints(0, &shop::IMPORT);
    assert_snapshot!(place.refuses(2, &["parked", "dismiss", "main:2025000009"]));
    place.refuses(2, &["parked", "dismiss"]);
    place.refuses(2, &["parked", "retry", "main:2025000003", "--all"]);
}

/// A trigger stands for whatever a contact database may have against an order for a while.
fn refuse_orders(place: &Place) {
    place
        .contacts()
        .execute_batch(
            "CREATE TRIGGER refuse BEFORE INSERT ON orders BEGIN SELECT raise(ABORT, 'not today'); END",
        )
        .unwrap();
}

#[test]
fn what_is_retried_is_delivered_by_the_next_run() {
    let place = shop::imported();
    let _settings = settings(&place);
    let stage = || -> Option<String> {
        place
            .contacts()
            .query_row("SELECT stage FROM orders WHERE code = '2025000003'", [], |row| {
                row.get(0)
            })
            .ok()
    };
    assert_eq!(stage(), None);
    assert_snapshot!(place.prints(0, &["parked", "retry", "--all"]));
    assert_snapshot!(
        "retry_json",
        place.prints(0, &["parked", "retry", "--all", "--json"])
    );
    assert_snapshot!(place.prints(0, &["plan"]));
    // Nothing has changed that would help it.
    place.prints(3, &shop::IMPORT);
    assert_eq!(stage(), None);
    assert!(place.prints(0, &["parked"]).contains("main:2025000003"));
    // A mapped status helps without being asked.
    place.write(
        "shoptet-sync.toml",
        &format!(
            "{}\n",
            shop::CONFIG.replace("\"Stornována\" =", "\"*\" = \"open\"\n\"Stornována\" =")
        ),
    );
    place.prints(3, &shop::IMPORT);
    assert_eq!(stage().as_deref(), Some("open"));
    assert!(!place.prints(0, &["parked"]).contains("main:2025000003"));
}

#[test]
fn a_contact_that_could_not_be_mapped_comes_with_all_its_orders() {
    // A field that cannot be computed for a name of nine letters.
    let picky = shop::CONFIG.replace(
        "full_name     = \"contact.name\"",
        "name_length = { value = \"1 // (contact.name | length - 9)\", type = \"integer\" }",
    );
    let place = shop::fresh();
    place.write("shoptet-sync.toml", &picky);
    place.prints(3, &shop::IMPORT);
    let parked = place.prints(0, &["parked"]);
    assert!(parked.contains("main:p:"), "{parked}");
    assert!(parked.contains("name_length"), "it names the field: {parked}");
    let on_contact = || -> i64 {
        place
            .contacts()
            .query_row(
                "SELECT count(*) FROM orders WHERE code IN ('2025000004', '2025000006')",
                [],
                |row| row.get(0),
            )
            .unwrap()
    };
    assert_eq!(on_contact(), 0);
    // A new order gives the guest another name, so the contact can be mapped: the old order comes too.
    let mut later = shop::ORDERS;
    later[5].code = "2025000006";
    later[5].phone = "600000004";
    later[5].name = "Bez Mailu Dlouhá";
    place.write("orders.xml", &shop::orders(&later));
    let mut words = shop::IMPORT;
    words[6] = "2026-02-04T04:05:06Z";
    place.prints(3, &words);
    let parked = place.prints(0, &["parked"]);
    assert!(!parked.contains("main:p:"), "{parked}");
    assert_eq!(on_contact(), 2, "no order of theirs is left behind");
}

#[test]
fn a_contact_that_only_kept_out_comes_with_all_its_orders() {
    let place = shop::imported();
    let loyal = || -> (i64, i64) {
        let loyal = rusqlite::Connection::open(place.state_dir().join("loyal.db")).unwrap();
        let count = |table: &str| {
            loyal
                .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))
                .unwrap()
        };
        (count("contacts"), count("orders"))
    };
    assert_eq!(loyal(), (1, 3), "Jana and her orders, the cancelled one included");
    // Karel comes back: now he belongs there, with his first order too.
    let mut later = shop::ORDERS;
    later[5].code = "2025000006";
    later[5].email = "karel@priklad.example";
    place.write("orders.xml", &shop::orders(&later));
    let mut words = shop::IMPORT;
    words[6] = "2026-02-04T04:05:06Z";
    place.prints(3, &words);
    assert_eq!(loyal(), (2, 5));
}

#[test]
fn an_order_that_the_database_refuses_does_not_pass_for_delivered() {
    let place = shop::imported();
    refuse_orders(&place);
    let mut later = shop::ORDERS;
    later[5].code = "2025000006";
    later[5].email = "jana@priklad.example";
    place.write("orders.xml", &shop::orders(&later));
    let mut words = shop::IMPORT;
    words[6] = "2026-02-04T04:05:06Z";
    let ended = place.run(&words);
    assert_eq!(ended.code, 3, "{}", ended.stdout);
    place.contacts().execute_batch("DROP TRIGGER refuse").unwrap();
    assert!(place.run(&["parked"]).stdout.contains("2025000006"));
    place.run(&["parked", "retry", "--all"]);
    place.prints(3, &words);
    let there: i64 = place
        .contacts()
        .query_row(
            "SELECT count(*) FROM orders WHERE code = '2025000006'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(there, 1);
}
