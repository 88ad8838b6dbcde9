//! Records set aside, each with its reason.

use std::collections::HashSet;

use jiff::Timestamp;
use rusqlite::params;

use super::shops::seconds;
use super::{Query, State};
use crate::error::Result;

/// What was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// `customer`, `order` (could not be read), `contact`, `order-delivery` (could not be delivered).
    pub kind: String,
    /// Name of the shop; empty for a contact.
    pub shop: String,
    /// Guid, order code or contact key; where none could be read, `#` and the position in the document.
    pub key: String,
    /// Name of the target, empty for records that could not be read.
    pub target: String,
    /// The contact it concerns.
    pub contact: Option<i64>,
    /// Why, in the words of whoever refused it.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
    /// Put away by a person.
    pub dismissed: bool,
}

impl State {
    /// Sets a record aside, or renews the reason; `since` stays what it was.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn park(&self, parked: &Parked) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO parked(kind, shop, key, target, contact, reason, since) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT(kind, shop, key, target) DO UPDATE SET contact = ?5,
                 dismissed = CASE WHEN reason = ?6 THEN dismissed ELSE 0 END, reason = ?6",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    parked.kind,
                    parked.shop,
                    parked.key,
                    parked.target,
                    parked.contact,
                    parked.reason,
                    parked.since.as_second()
                ])
            })
            .map(drop)
            .query(self, "parking a record")
    }

    /// The keys of a shop's records that could not be read.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn parked_keys(&self, kind: &str, shop: &str) -> Result<HashSet<String>> {
        let read = || {
            self.connection
                .prepare_cached("SELECT key FROM parked WHERE kind = ?1 AND shop = ?2 AND target = ''")?
                .query_map([kind, shop], |row| row.get(0))?
                .collect::<rusqlite::Result<HashSet<_>>>()
        };
        read().query(self, "reading what is parked")
    }

    /// How many records are set aside in a target and not dismissed, and wait for nothing that is due.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn count_parked_in(&self, target: &str) -> Result<u64> {
        self.connection
            .query_row(
                "SELECT count(*) FROM parked WHERE target = ?1 AND NOT dismissed AND contact NOT IN
                   (SELECT contact FROM due_contacts WHERE target = (SELECT id FROM targets WHERE name = ?1))",
                [target],
                |row| row.get::<_, i64>(0),
            )
            .map(i64::unsigned_abs)
            .query(self, "counting what is parked")
    }

    /// A record is fine after all.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn unpark(&self, kind: &str, shop: &str, key: &str, target: &str) -> Result<()> {
        self.connection
            .prepare_cached("DELETE FROM parked WHERE kind = ?1 AND shop = ?2 AND key = ?3 AND target = ?4")
            .and_then(|mut statement| statement.execute(params![kind, shop, key, target]))
            .map(drop)
            .query(self, "taking a record out of the parked ones")
    }

    /// Everything that is set aside.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn parked(&self) -> Result<Vec<Parked>> {
        self.parked_where("TRUE", &[])
    }

    /// What is set aside of a contact and its orders.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn parked_of(&self, contact: i64) -> Result<Vec<Parked>> {
        self.parked_where("contact = ?1", &[&contact])
    }

    fn parked_where(&self, filter: &str, parameters: &[&dyn rusqlite::ToSql]) -> Result<Vec<Parked>> {
        let read = || {
            self.connection
                .prepare_cached(&format!(
                    "SELECT kind, shop, key, target, contact, reason, since, dismissed FROM parked
                     WHERE {filter} ORDER BY kind, shop, key, target"
                ))?
                .query_map(parameters, |row| {
                    Ok(Parked {
                        kind: row.get(0)?,
                        shop: row.get(1)?,
                        key: row.get(2)?,
                        target: row.get(3)?,
                        contact: row.get(4)?,
                        reason: row.get(5)?,
                        since: seconds(row.get(6)?).unwrap_or_default(),
                        dismissed: row.get(7)?,
                    })
                })?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, "reading what is parked")
    }

    /// How many records are set aside and not put away.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn count_parked(&self) -> Result<u64> {
        self.connection
            .query_row("SELECT count(*) FROM parked WHERE dismissed = 0", [], |row| {
                row.get::<_, i64>(0)
            })
            .map(i64::unsigned_abs)
            .query(self, "counting what is parked")
    }

    /// The mapping of a target has changed, and everything is due there: what was parked shows again
    /// whether it still has to be.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn retry_parked(&self, target: &str) -> Result<()> {
        self.connection
            .execute("DELETE FROM parked WHERE target = ?1", [target])
            .map(drop)
            .query(self, "trying parked records again")
    }

    /// Puts a parked record away, or takes it back from there; it still counts as the same one.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn set_dismissed(&self, parked: &Parked, dismissed: bool) -> Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE parked SET dismissed = ?5 WHERE kind = ?1 AND shop = ?2 AND key = ?3 AND target = ?4",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    parked.kind,
                    parked.shop,
                    parked.key,
                    parked.target,
                    dismissed
                ])
            })
            .map(drop)
            .query(self, "putting a parked record away")
    }
}
