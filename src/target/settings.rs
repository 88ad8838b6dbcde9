//! What every `[[target]]` has in common; the rest stands beside each kind's code.

pub use super::daktela::scheme::{In as DaktelaRecord, fault as fault_of_daktela_field};
pub use super::daktela::settings::{
    CONVENTIONS as DAKTELA, DaktelaSettings, MOST_REQUESTS_PER_SECOND, OnGone, OnMerge, REQUESTS_PER_SECOND,
    STAGE_OF_DELETED, Word as DaktelaWord,
};
pub use super::minicrm::STAGE_WORDS;
pub use super::minicrm::settings::{
    CONVENTIONS as MINICRM, DELETED_STAGE, MOST_REQUESTS_PER_MINUTE, MiniCrmSettings, REQUESTS_PER_MINUTE,
};
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
    /// A Daktela.
    Daktela(Box<DaktelaSettings>),
    /// A MiniCRM system.
    MiniCrm(Box<MiniCrmSettings>),
}

impl Connection {
    /// Whether it is a service, where a status that nobody mapped stays as it is.
    pub const fn is_service(&self) -> bool {
        match self {
            Self::Sqlite(_) | Self::Postgres(_) => false,
            Self::Daktela(_) | Self::MiniCrm(_) => true,
        }
    }
}
