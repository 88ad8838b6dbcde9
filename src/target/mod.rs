//! Contact databases.

pub mod settings;
pub mod sqlite;
