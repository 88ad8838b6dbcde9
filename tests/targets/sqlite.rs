//! The embedded database.

use std::path::PathBuf;

use rusqlite::{Connection, params};

use crate::imported::{Home, Shown, TARGET};
use crate::rig::Rig;

pub struct Sqlite;

fn file(home: &Home) -> PathBuf {
    home.state_dir().join("contacts.db")
}

impl Rig for Sqlite {
    fn new() -> Option<Self> {
        Some(Self)
    }

    fn target(&self) -> String {
        TARGET.to_owned()
    }

    fn shown(&self, home: &Home) -> Shown {
        Shown::read(&file(home))
    }

    fn edit(&self, home: &Home, record: &str, field: &str, value: &str) {
        let edit = format!("UPDATE contacts SET {field} = ?2 WHERE key = ?1");
        let edited = Connection::open(file(home))
            .unwrap()
            .execute(&edit, [record, value]);
        assert_eq!(edited.unwrap(), 1);
    }

    fn insert(&self, home: &Home, record: &str, email: &str) {
        let insert =
            "INSERT INTO contacts(key, created_at, updated_at, email) VALUES (?1, '2020', '2020', ?2)";
        Connection::open(file(home))
            .unwrap()
            .execute(insert, [record, email])
            .unwrap();
    }

    fn delete(&self, home: &Home, record: &str) {
        let connection = Connection::open(file(home)).unwrap();
        connection
            .execute("DELETE FROM orders WHERE contact_key = ?1", [record])
            .unwrap();
        assert_eq!(
            connection
                .execute("DELETE FROM contacts WHERE key = ?1", [record])
                .unwrap(),
            1
        );
    }

    fn refuse(&self, home: &Home, field: &str, value: &str) {
        for (name, event) in [("made", "INSERT"), ("changed", "UPDATE")] {
            let trigger = format!(
                "CREATE TRIGGER {name} BEFORE {event} ON contacts WHEN NEW.{field} = '{value}'
                 BEGIN SELECT RAISE(ABORT, 'no'); END"
            );
            Connection::open(file(home))
                .unwrap()
                .execute(&trigger, params![])
                .unwrap();
        }
    }

    /// The counter that SQLite raises with every transaction that changes the file (file format, 1.3.7).
    fn writes(&self, home: &Home) -> u64 {
        let bytes = std::fs::read(file(home)).unwrap_or_default();
        bytes.get(24..28).map_or(0, |counter| {
            u32::from_be_bytes(counter.try_into().unwrap()).into()
        })
    }
}
