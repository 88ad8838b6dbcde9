//! Seals: what tells a row that nobody has changed since this program wrote it.
//!
//! They stand in tables of their own, by the number of the row. Compacting a database may number its rows
//! anew; a seal is over the key as well, so that one which then stands by another row fits nothing.

use rusqlite::{Connection, params};

use super::tables::columns;

/// The tables of seals, made when missing.
pub const TABLES: &str = "
CREATE TABLE IF NOT EXISTS shoptet_sync_contacts(id INTEGER PRIMARY KEY, seal INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS shoptet_sync_orders(id INTEGER PRIMARY KEY, seal INTEGER NOT NULL);
";

/// Stands in for the tables of seals in a database that must not be written and has none yet.
pub fn stand_in(connection: &Connection) -> rusqlite::Result<()> {
    for (_, seals) in [Sealed::Contacts, Sealed::Orders].map(Sealed::tables) {
        if columns(connection, seals)?.is_empty() {
            connection.execute_batch(&format!(
                "CREATE TEMP TABLE {seals}(id INTEGER PRIMARY KEY, seal)"
            ))?;
        }
    }
    Ok(())
}

/// The two tables that are sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealed {
    /// `contacts`
    Contacts,
    /// `orders`
    Orders,
}

impl Sealed {
    const fn tables(self) -> (&'static str, &'static str) {
        match self {
            Self::Contacts => ("contacts", "shoptet_sync_contacts"),
            Self::Orders => ("orders", "shoptet_sync_orders"),
        }
    }

    /// The seal as a column of a query over the sealed table.
    pub fn column(self) -> String {
        let (sealed, seals) = self.tables();
        format!("(SELECT seal FROM {seals} WHERE id = {sealed}.rowid)")
    }

    /// Seals the row that was inserted just now.
    pub fn add(self, connection: &Connection, seal: i64) -> rusqlite::Result<()> {
        let (_, seals) = self.tables();
        connection
            .prepare_cached(&format!(
                "INSERT OR REPLACE INTO {seals}(id, seal) VALUES (?1, ?2)"
            ))?
            .execute([connection.last_insert_rowid(), seal])
            .map(drop)
    }

    /// Seals a row anew.
    pub fn set(self, connection: &Connection, key: &str, seal: i64) -> rusqlite::Result<()> {
        let (sealed, seals) = self.tables();
        let set =
            format!("INSERT OR REPLACE INTO {seals}(id, seal) SELECT rowid, ?2 FROM {sealed} WHERE key = ?1");
        connection
            .prepare_cached(&set)?
            .execute(params![key, seal])
            .map(drop)
    }

    /// Takes the seal off rows whose column has this value.
    pub fn take_off(self, connection: &Connection, column: &str, value: &str) -> rusqlite::Result<()> {
        let (sealed, seals) = self.tables();
        let remove =
            format!("DELETE FROM {seals} WHERE id IN (SELECT rowid FROM {sealed} WHERE {column} = ?1)");
        connection.prepare_cached(&remove)?.execute([value]).map(drop)
    }
}
