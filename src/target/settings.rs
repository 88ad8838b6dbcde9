//! What every `[[target]]` has in common; the rest stands beside each kind's code.

pub use super::postgres::settings::{Guard, PostgresSettings, SCHEMA as POSTGRES_SCHEMA, has_password};
pub use super::sqlite::SqliteSettings;

/// One `[[target]]`.
#[derive(Debug, Clone)]
pub struct TargetSettings {
    /// Its name: the key of its ID map in the state.
    pub name: String,
    /// Shops that are delivered there; empty: all.
    pub shops: Vec<String>,
    /// The kind with its own keys.
    pub connection: Connection,
}

/// The kinds of target.
#[derive(Debug, Clone)]
pub enum Connection {
    /// The embedded database.
    Sqlite(SqliteSettings),
    /// A schema of a PostgreSQL database.
    Postgres(Box<PostgresSettings>),
}
