//! The embedded contact database.

use std::path::PathBuf;

/// The keys of `kind = "sqlite"`.
#[derive(Debug, Clone)]
pub struct SqliteSettings {
    /// The database file; relative paths are relative to the state directory.
    pub path: PathBuf,
}
