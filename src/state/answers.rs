//! What a person answered when several records could have been a contact.

use rusqlite::{OptionalExtension, params};

use super::{Query, State};
use crate::error::Result;

impl State {
    /// A person's answer to an ambiguous match: this record, or (`None`) none of them.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn answer(&self, target: i64, contact: i64, remote_id: Option<&str>) -> Result<()> {
        self.connection
            .execute(
                "INSERT INTO answers VALUES (?1, ?2, ?3) ON CONFLICT(target, contact) DO UPDATE SET remote_id = ?3",
                params![target, contact, remote_id],
            )
            .map(drop)
            .query(self, "storing an answer")
    }

    /// The answer a person gave, if any.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn answered(&self, target: i64, contact: i64) -> Result<Option<Option<String>>> {
        self.connection
            .prepare_cached("SELECT remote_id FROM answers WHERE target = ?1 AND contact = ?2")
            .and_then(|mut statement| {
                statement
                    .query_row([target, contact], |row| row.get(0))
                    .optional()
            })
            .query(self, "reading an answer")
    }
}
