//! Counts and lists for people: what `status`, `explain` and `fields` show beside single records.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::links::Linked;
use super::shops::seconds;
use super::{Query, State};
use crate::error::Result;

/// Parked records that have everything but their key in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedAlike {
    /// What kind of record.
    pub kind: String,
    /// The target, empty for records that could not be read.
    pub target: String,
    /// Why.
    pub reason: String,
    /// How many.
    pub count: u64,
}

impl State {
    /// How many contacts, not merged away, have a customer that is not deleted.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn count_registered_contacts(&self) -> Result<u64> {
        self.count(
            "SELECT count(DISTINCT contact) FROM customers WHERE gone_at IS NULL",
            "counting contacts",
        )
    }

    /// Parked records that nobody put away, alike ones together, the most first.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn parked_alike(&self) -> Result<Vec<ParkedAlike>> {
        let read = || {
            self.connection
                .prepare(
                    "SELECT kind, target, reason, count(*) AS alike FROM parked WHERE dismissed = 0
                     GROUP BY kind, target, reason ORDER BY alike DESC, kind, target, reason",
                )?
                .query_map([], |row| {
                    Ok(ParkedAlike {
                        kind: row.get(0)?,
                        target: row.get(1)?,
                        reason: row.get(2)?,
                        count: row.get::<_, i64>(3)?.unsigned_abs(),
                    })
                })?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, "counting what is parked")
    }

    /// The numbers of a contact's orders, deleted ones included, newest first.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn order_numbers_of(&self, contact: i64) -> Result<Vec<i64>> {
        self.numbers(
            "SELECT id FROM orders WHERE contact = ?1 ORDER BY placed_at DESC, code DESC",
            contact,
            "reading the orders of a contact",
        )
    }

    /// Contacts that were merged into this one, directly or by way of another.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn merged_into(&self, contact: i64) -> Result<Vec<i64>> {
        self.numbers(
            "WITH RECURSIVE gone(id) AS (SELECT id FROM contacts WHERE merged_into = ?1
             UNION SELECT contacts.id FROM contacts JOIN gone ON contacts.merged_into = gone.id)
             SELECT id FROM gone ORDER BY id",
            contact,
            "reading what was merged",
        )
    }

    /// Contacts of which much is known: those of the newest customers with orders, then of the newest orders.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn well_known_contacts(&self, limit: i64) -> Result<Vec<i64>> {
        self.numbers(
            "SELECT contact FROM (
               SELECT * FROM (SELECT contact FROM customers WHERE gone_at IS NULL
                 AND EXISTS(SELECT 1 FROM orders WHERE orders.contact = customers.contact) ORDER BY id DESC LIMIT ?1)
               UNION ALL SELECT * FROM (SELECT contact FROM orders WHERE gone_at IS NULL ORDER BY id DESC LIMIT ?1)
             ) LIMIT ?1",
            limit,
            "looking for an example",
        )
    }

    /// Whether a contact is due in a target.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn is_due(&self, target: i64, contact: i64) -> Result<bool> {
        self.connection
            .query_row(
                "SELECT EXISTS(SELECT 1 FROM due_contacts WHERE target = ?1 AND contact = ?2)",
                [target, contact],
                |row| row.get(0),
            )
            .query(self, "reading what is due")
    }

    /// The record of a contact or an order in a target, and when it was last written.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn record_of(&self, target: i64, of: Linked) -> Result<Option<(String, Option<Timestamp>)>> {
        let (sql, id) = match of {
            Linked::Contact(id) => (
                "SELECT remote_id, written_at FROM contact_links WHERE target = ?1 AND contact = ?2",
                id,
            ),
            Linked::Order(id) => (
                "SELECT remote_id, written_at FROM order_links WHERE target = ?1 AND order_id = ?2",
                id,
            ),
        };
        let found: Option<(Option<String>, Option<i64>)> = self
            .connection
            .prepare_cached(sql)
            .and_then(|mut statement| {
                statement
                    .query_row(params![target, id], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()
            })
            .query(self, "reading the ID map")?;
        Ok(found.and_then(|(record, at)| record.map(|record| (record, at.and_then(seconds)))))
    }

    fn count(&self, sql: &str, doing: &str) -> Result<u64> {
        self.connection
            .query_row(sql, [], |row| row.get::<_, i64>(0))
            .map(i64::unsigned_abs)
            .query(self, doing)
    }

    fn numbers(&self, sql: &str, parameter: i64, doing: &str) -> Result<Vec<i64>> {
        let read = || {
            self.connection
                .prepare_cached(sql)?
                .query_map([parameter], |row| row.get(0))?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, doing)
    }
}
