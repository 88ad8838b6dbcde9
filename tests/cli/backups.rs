//! `backup`.

use std::os::unix::fs::PermissionsExt;

use insta::assert_snapshot;
use rusqlite::Connection;

use crate::{Place, settings, shop};

fn settings_of(place: &Place) -> insta::internals::SettingsBindDropGuard {
    let outer = settings(place);
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"\(\d+ KiB\)", "(N KiB)");
    settings.add_filter(r"\d+ seconds? ago", "N seconds ago");
    settings.add_filter(r#""(bytes|age_seconds)": \d+"#, r#""$1": N"#);
    settings.add_filter(r#""state": "[0-9a-f]{16}""#, r#""state": "…""#);
    drop(outer);
    settings.bind_to_scope()
}

#[test]
fn backup_copies_the_state_and_tells_what_a_copy_holds() {
    let place = shop::imported();
    let _settings = settings_of(&place);
    place.prints(0, &["forget", "karel@priklad.example", "--yes"]);
    assert_snapshot!(place.prints(0, &["backup", "state-backup.db"]));
    assert_snapshot!(
        "verified",
        place.prints(0, &["backup", "--verify", "state-backup.db"])
    );
    assert_snapshot!(
        "verified_json",
        place.prints(0, &["backup", "--verify", "state-backup.db", "--json"])
    );
    assert_snapshot!("backup_json", place.prints(0, &["backup", "second.db", "--json"]));
    let file = place.path("state-backup.db");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    // One file, and nothing beside it.
    let mut beside: Vec<String> = std::fs::read_dir(place.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("backup"))
        .collect();
    beside.sort();
    assert_eq!(beside, ["state-backup.db"]);
    let backup = Connection::open(&file).unwrap();
    let mode: String = backup
        .query_row("PRAGMA journal_mode", [], |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "delete", "it can be read from wherever it is put");
}

#[test]
fn a_file_that_is_there_is_never_overwritten() {
    let place = shop::imported();
    let _settings = settings(&place);
    place.write("precious.txt", "mine");
    assert_snapshot!(place.refuses(2, &["backup", "precious.txt"]));
    assert_eq!(
        std::fs::read_to_string(place.path("precious.txt")).unwrap(),
        "mine"
    );
    place.refuses(1, &["backup", "no/such/folder/state.db"]);
    // What a killed backup left behind is in nobody's way.
    place.write("state-backup.db.part", "half of it");
    place.prints(0, &["backup", "state-backup.db"]);
    place.prints(0, &["backup", "--verify", "state-backup.db"]);
    assert!(!place.path("state-backup.db.part").exists());
}

#[test]
fn what_cannot_be_relied_on_is_refused() {
    let place = shop::imported();
    let _settings = settings(&place);
    place.prints(0, &["backup", "sound.db"]);
    let damaged = |name: &str, sql: &str| {
        std::fs::copy(place.path("sound.db"), place.path(name)).unwrap();
        Connection::open(place.path(name))
            .unwrap()
            .execute_batch(sql)
            .unwrap();
    };
    damaged("newer.db", "PRAGMA user_version = 99");
    damaged("foreign.db", "CREATE TABLE invoices(id INTEGER)");
    damaged("lacking.db", "DROP TABLE history");
    damaged(
        "dangling.db",
        "DELETE FROM contacts WHERE id = (SELECT contact FROM orders LIMIT 1)",
    );
    place.write("empty.db", "");
    place.write("text.db", &"this is not a database ".repeat(200));
    std::fs::copy(place.path("sound.db"), place.path("torn.db")).unwrap();
    let torn = std::fs::OpenOptions::new()
        .write(true)
        .open(place.path("torn.db"))
        .unwrap();
    torn.set_len(place.path("sound.db").metadata().unwrap().len() / 2)
        .unwrap();
    let contacts = place.state_dir().join("contacts.db");
    std::fs::copy(contacts, place.path("contacts-copy.db")).unwrap();
    let mut told = String::new();
    for name in [
        "newer.db",
        "foreign.db",
        "lacking.db",
        "dangling.db",
        "empty.db",
        "text.db",
        "contacts-copy.db",
        "missing.db",
    ] {
        told.push_str(&place.refuses(2, &["backup", "--verify", name]));
    }
    assert_snapshot!(told);
    place.refuses(2, &["backup", "--verify", "torn.db"]);
    place.prints(0, &["backup", "--verify", "sound.db"]);
}

#[test]
fn a_backup_in_the_place_of_the_state_goes_on_as_the_state() {
    let place = shop::imported();
    place.prints(3, &shop::IMPORT);
    place.prints(0, &["backup", "state-backup.db"]);
    let parked = place.prints(0, &["parked"]);
    for gone in ["state.db", "state.db-wal", "state.db-shm"] {
        let _ = std::fs::remove_file(place.state_dir().join(gone));
    }
    std::fs::copy(place.path("state-backup.db"), place.state_dir().join("state.db")).unwrap();
    assert_eq!(place.prints(0, &["parked"]), parked);
    let before = std::fs::read(place.state_dir().join("contacts.db")).unwrap();
    place.prints(3, &shop::IMPORT);
    assert!(
        before == std::fs::read(place.state_dir().join("contacts.db")).unwrap(),
        "nothing was new"
    );
}
