//! Whether a backup can be relied on, and what it holds.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::backup::MADE_AT;
use super::shops::seconds;
use super::{kind_of, schema};
use crate::error::{Error, Kind, Result};

/// Faults of one kind that are told; more of them tell no more.
const FAULTS: usize = 5;

/// Tables beside those of every state: of a backup, and of a state in which somebody is being forgotten.
const BESIDE: [&str; 5] = [
    "suppressed_keys",
    "suppressed_people",
    "suppressed_hashes",
    "suppressed_meta",
    "forgetting",
];

/// What must be there because something refers to it.
const REFERENCES: [(&str, &str); 4] = [
    (
        "customers whose contact is missing",
        "customers WHERE contact <> 0 AND contact NOT IN (SELECT id FROM contacts)",
    ),
    (
        "orders whose contact is missing",
        "orders WHERE contact <> 0 AND contact NOT IN (SELECT id FROM contacts)",
    ),
    (
        "contacts that were merged into one that is missing",
        "contacts WHERE merged_into NOT IN (SELECT id FROM contacts)",
    ),
    (
        "records of contacts that are missing",
        "contact_links WHERE contact NOT IN (SELECT id FROM contacts)",
    ),
];

/// What a backup holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// When it was made; `None` for a file that `backup` did not make.
    pub made_at: Option<Timestamp>,
    /// Version of its tables.
    pub version: i64,
    /// The id of the state.
    pub state: String,
    /// Names of its shops.
    pub shops: Vec<String>,
    /// When the newest reading of a whole section was requested.
    pub read_at: Option<Timestamp>,
    /// Contacts that were not merged away.
    pub contacts: u64,
    /// Customers, deleted ones included.
    pub customers: u64,
    /// Orders, deleted ones included.
    pub orders: u64,
    /// People who must not be imported again.
    pub suppressed: u64,
}

/// Looks through a backup. Writes nothing.
///
/// # Errors
/// When it is damaged, of a newer version, or no state of this program.
pub fn verify(file: &Path) -> Result<Verified> {
    let doing = || format!("verifying {}", file.display());
    if !file.exists() {
        return Err(Error::new(Kind::Unknown, doing(), "there is no such file")
            .with_hint("name a file that `backup` made"));
    }
    let failed = |cause: rusqlite::Error| {
        Error::new(kind_of(&cause), doing(), cause).with_hint("do not rely on it: make another backup")
    };
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
    let version: i64 = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(failed)?;
    schema::check_version(&connection, file).map_err(|error| {
        let error = error.seen_as(Kind::Database, doing());
        match version {
            0 => error.with_hint("name a file that `backup` made"),
            _ => error,
        }
    })?;
    let faults = faults(&connection, version).map_err(failed)?;
    if !faults.is_empty() {
        let error = Error::new(Kind::Database, doing(), faults.join("; "));
        return Err(error.with_hint("do not rely on it: make another backup"));
    }
    held(&connection, version).map_err(failed)
}

fn faults(connection: &Connection, version: i64) -> rusqlite::Result<Vec<String>> {
    let mut faults = connection
        .prepare(&format!("PRAGMA integrity_check({FAULTS})"))?
        .query_map([], |row| row.get::<_, String>(0))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    faults.retain(|fault| fault != "ok");
    if !faults.is_empty() {
        return Ok(faults);
    }
    let there = tables(connection)?;
    let model = Connection::open_in_memory()?;
    let ours = match schema::create_tables(&model) {
        Ok(()) => tables(&model)?,
        Err(_) => BTreeSet::new(),
    };
    // An earlier version had fewer of them, and is brought up to date when it is put back.
    if version == schema::VERSION {
        faults.extend(
            ours.difference(&there)
                .map(|table| format!("the table {table} is missing")),
        );
    }
    let foreign = there
        .difference(&ours)
        .filter(|table| !BESIDE.contains(&table.as_str()));
    faults.extend(foreign.map(|table| format!("the table {table} is not this program's")));
    if !faults.is_empty() {
        faults.truncate(FAULTS);
        return Ok(faults);
    }
    for (what, dangling) in REFERENCES {
        let count: i64 =
            connection.query_row(&format!("SELECT count(*) FROM {dangling}"), [], |row| row.get(0))?;
        if count > 0 {
            faults.push(format!("{what}: {count}"));
        }
    }
    Ok(faults)
}

fn tables(connection: &Connection) -> rusqlite::Result<BTreeSet<String>> {
    connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")?
        .query_map([], |row| row.get(0))?
        .collect()
}

fn held(connection: &Connection, version: i64) -> rusqlite::Result<Verified> {
    let count = |from: &str| -> rusqlite::Result<u64> {
        let count: i64 =
            connection.query_row(&format!("SELECT count(*) FROM {from}"), [], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    };
    let noted = |name: &str| -> rusqlite::Result<Option<String>> {
        connection
            .query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0))
            .optional()
    };
    let made_at = noted(MADE_AT)?.and_then(|at| at.parse().ok()).and_then(seconds);
    let read_at: Option<i64> =
        connection.query_row("SELECT max(read_at) FROM readings", [], |row| row.get(0))?;
    Ok(Verified {
        made_at,
        version,
        state: noted("id")?.unwrap_or_default(),
        shops: connection
            .prepare("SELECT name FROM shops ORDER BY id")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?,
        read_at: read_at.and_then(seconds),
        contacts: count("contacts WHERE merged_into IS NULL")?,
        customers: count("customers")?,
        orders: count("orders")?,
        suppressed: if made_at.is_some() {
            count("suppressed_people")?
        } else {
            0
        },
    })
}
