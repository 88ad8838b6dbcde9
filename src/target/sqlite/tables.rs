//! The tables: made when missing, grown when the mapping grows, never shrunk.

use rusqlite::{Connection, OptionalExtension};

use super::super::Layout;
use super::{by_email, seals};
use crate::model::{FieldSpec, ValueType};

/// Version of the fixed part of the tables.
const VERSION: i64 = 1;

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS shoptet_sync(name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS contacts(key TEXT PRIMARY KEY NOT NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL, gone_at TEXT, merged_into TEXT);
CREATE TABLE IF NOT EXISTS orders(key TEXT PRIMARY KEY NOT NULL,
  contact_key TEXT NOT NULL REFERENCES contacts(key), shop TEXT NOT NULL, code TEXT NOT NULL, placed_at TEXT,
  status TEXT NOT NULL, stage TEXT, total TEXT, currency TEXT NOT NULL, paid INTEGER, coupons TEXT NOT NULL,
  items TEXT NOT NULL, url TEXT, updated_at TEXT NOT NULL, gone_at TEXT);
";

/// Columns that the tables have by themselves; no field may be called so.
pub const OWN_CONTACT_COLUMNS: [&str; 5] = ["key", "created_at", "updated_at", "gone_at", "merged_into"];
pub const OWN_ORDER_COLUMNS: [&str; 15] = [
    "key",
    "contact_key",
    "shop",
    "code",
    "placed_at",
    "status",
    "stage",
    "total",
    "currency",
    "paid",
    "coupons",
    "items",
    "url",
    "updated_at",
    "gone_at",
];

/// What makes the layout impossible; a problem a line.
pub fn problems(layout: &Layout) -> Vec<String> {
    let mut problems = of_section("fields", &layout.contact, &OWN_CONTACT_COLUMNS);
    problems.extend(of_section(
        "order_fields",
        mapped_order_fields(layout),
        &OWN_ORDER_COLUMNS,
    ));
    problems
}

fn of_section(section: &str, specs: &[FieldSpec], own: &[&str]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for spec in specs {
        let name = spec.name.to_lowercase();
        if own.contains(&name.as_str()) {
            problems.push(format!(
                "[target.{section}] `{}`: the table has a column of that name of its own",
                spec.name
            ));
        }
        if seen.contains(&name) {
            problems.push(format!(
                "[target.{section}] `{}`: column names do not tell capitals apart",
                spec.name
            ));
        }
        seen.push(name);
    }
    problems
}

/// The stage is a column of the table itself.
fn mapped_order_fields(layout: &Layout) -> &[FieldSpec] {
    layout.order.get(1..).unwrap_or_default()
}

/// Makes tables and columns that are missing, and gives a new database its id.
pub fn create(connection: &Connection, layout: &Layout) -> rusqlite::Result<()> {
    connection.execute_batch(TABLES)?;
    connection.execute_batch(seals::TABLES)?;
    add_missing_columns(connection, "contacts", &layout.contact)?;
    add_missing_columns(connection, "orders", mapped_order_fields(layout))?;
    let mut insert = connection.prepare("INSERT OR IGNORE INTO shoptet_sync VALUES (?1, ?2)")?;
    insert.execute(["version", &VERSION.to_string()])?;
    insert.execute(["id", &format!("{:016x}", fresh_id())])?;
    Ok(())
}

/// What stands under a name in the program's own table.
pub fn remembered(connection: &Connection, name: &str) -> rusqlite::Result<Option<String>> {
    connection
        .query_row("SELECT value FROM shoptet_sync WHERE name = ?1", [name], |row| {
            row.get(0)
        })
        .optional()
}

/// Puts a value under a name in the program's own table.
pub fn remember(connection: &Connection, name: &str, value: &str) -> rusqlite::Result<()> {
    connection
        .execute(
            "INSERT INTO shoptet_sync VALUES (?1, ?2) ON CONFLICT(name) DO UPDATE SET value = ?2",
            [name, value],
        )
        .map(drop)
}

/// The name under which a state leaves the number of its last delivery.
pub fn delivery_of(writer: &str) -> String {
    format!("delivery of {writer}")
}

/// The indexes that people and adoption look by.
pub fn create_indexes(connection: &Connection, layout: &Layout) -> rusqlite::Result<()> {
    if let Some(email) = layout.email.and_then(|place| layout.contact.get(place)) {
        by_email::create_indexes(connection, &email.name)?;
    }
    connection.execute_batch("CREATE INDEX IF NOT EXISTS orders_by_contact ON orders(contact_key, placed_at)")
}

/// Lets a connection that must not write be asked all the same: tables that are not there yet are stood
/// in for by empty ones of the connection's own.
pub fn stand_in(connection: &Connection) -> rusqlite::Result<()> {
    for (table, own) in [
        ("contacts", &OWN_CONTACT_COLUMNS[..]),
        ("orders", &OWN_ORDER_COLUMNS[..]),
    ] {
        if columns(connection, table)?.is_empty() {
            connection.execute_batch(&format!("CREATE TEMP TABLE {table}({})", own.join(", ")))?;
        }
    }
    seals::stand_in(connection)
}

/// Tables of our names that another program made, told by the columns they lack; a problem a line.
pub fn foreign(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut problems = Vec::new();
    for (table, own) in [
        ("contacts", &OWN_CONTACT_COLUMNS[..]),
        ("orders", &OWN_ORDER_COLUMNS[..]),
    ] {
        let known = columns(connection, table)?;
        let missing: Vec<&str> = own
            .iter()
            .copied()
            .filter(|own| !known.contains(&(*own).to_owned()))
            .collect();
        if !known.is_empty() && !missing.is_empty() {
            problems.push(format!(
                "its table `{table}` is another program's, it has no {}: name another file",
                missing.join(", ")
            ));
        }
    }
    Ok(problems)
}

/// The columns a table has, in lower case; none when there is no such table.
pub fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare("SELECT lower(name) FROM pragma_table_info(?1)")?
        .query_map([table], |row| row.get(0))?
        .collect()
}

/// An identifier that may hold anything.
pub fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

fn add_missing_columns(connection: &Connection, table: &str, specs: &[FieldSpec]) -> rusqlite::Result<()> {
    let known = columns(connection, table)?;
    for spec in specs
        .iter()
        .filter(|spec| !known.contains(&spec.name.to_lowercase()))
    {
        let (name, kind) = (quoted(&spec.name), column_type(spec.kind));
        connection.execute_batch(&format!("ALTER TABLE {table} ADD COLUMN {name} {kind}"))?;
    }
    Ok(())
}

const fn column_type(kind: ValueType) -> &'static str {
    match kind {
        ValueType::Integer | ValueType::Bool => "INTEGER",
        // Exact decimals would become floating point in any other column.
        ValueType::Text | ValueType::Decimal | ValueType::Time | ValueType::Json | ValueType::List => "TEXT",
    }
}

/// Tells one database file from another; it need not be secret.
fn fresh_id() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::hash::RandomState::new().build_hasher().finish()
}
