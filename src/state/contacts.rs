//! Contacts: their keys, marks and merges.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::shops::seconds;
use super::{Query, State};
use crate::error::Result;

/// A contact's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactRow {
    /// Its number.
    pub id: i64,
    /// Its group.
    pub group: String,
    /// Its key.
    pub key: String,
    /// When its customer was deleted.
    pub gone_at: Option<Timestamp>,
    /// The contact that took it over.
    pub merged_into: Option<i64>,
    /// Erased on purpose.
    pub erased: bool,
}

const COLUMNS: &str = "id, grp, key, gone_at, merged_into, erased";

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<ContactRow> {
    Ok(ContactRow {
        id: row.get(0)?,
        group: row.get(1)?,
        key: row.get(2)?,
        gone_at: row.get::<_, Option<i64>>(3)?.and_then(seconds),
        merged_into: row.get(4)?,
        erased: row.get(5)?,
    })
}

/// The scan of all contacts that were not merged away, by number.
pub(super) fn scan() -> String {
    format!("SELECT {COLUMNS} FROM contacts WHERE merged_into IS NULL ORDER BY id")
}

pub(super) fn scanned(row: &rusqlite::Row<'_>) -> rusqlite::Result<(i64, ContactRow)> {
    read(row).map(|contact| (contact.id, contact))
}

impl State {
    /// A new contact; its key must not exist.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn add_contact(&self, group: &str, key: &str) -> Result<i64> {
        self.connection
            .prepare_cached("INSERT INTO contacts(grp, key) VALUES (?1, ?2)")
            .and_then(|mut statement| statement.insert(params![group, key]))
            .query(self, "adding a contact")
    }

    /// The contact with this number.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn contact(&self, id: i64) -> Result<Option<ContactRow>> {
        self.connection
            .prepare_cached(&format!("SELECT {COLUMNS} FROM contacts WHERE id = ?1"))
            .and_then(|mut statement| statement.query_row([id], read).optional())
            .query(self, "reading a contact")
    }

    /// The contact with this key.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn contact_by_key(&self, key: &str) -> Result<Option<ContactRow>> {
        self.connection
            .prepare_cached(&format!("SELECT {COLUMNS} FROM contacts WHERE key = ?1"))
            .and_then(|mut statement| statement.query_row([key], read).optional())
            .query(self, "reading a contact by its key")
    }

    /// The contact that stands for this one now, after all merges.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn survivor(&self, id: i64) -> Result<i64> {
        let mut current = id;
        // Merges point from the younger to the older contact and never in a circle; the bound is for
        // a damaged state.
        for _ in 0..1000 {
            let next: Option<i64> = self
                .connection
                .prepare_cached("SELECT merged_into FROM contacts WHERE id = ?1")
                .and_then(|mut statement| statement.query_row([current], |row| row.get(0)).optional())
                .query(self, "following a merge")?
                .flatten();
            match next {
                Some(next) => current = next,
                None => break,
            }
        }
        Ok(current)
    }

    /// Changes the key of a contact that no target has seen: only while a build is going on.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn rename_unseen_contact(&self, id: i64, key: &str) -> Result<()> {
        self.connection
            .execute("UPDATE contacts SET key = ?2 WHERE id = ?1", params![id, key])
            .map(drop)
            .query(self, "naming a contact")
    }

    /// Marks a contact's customer as deleted, or takes the mark back.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn mark_contact(&self, id: i64, gone_at: Option<Timestamp>, erased: bool) -> Result<()> {
        self.connection
            .execute(
                "UPDATE contacts SET gone_at = ?2, erased = ?3 WHERE id = ?1",
                params![id, gone_at.map(Timestamp::as_second), erased],
            )
            .map(drop)
            .query(self, "marking a contact")
    }

    /// Moves everything of one contact to another, which stands for both from now on. Evidence rows
    /// keep their number; whoever reads them follows the merge.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn merge_contacts(&self, from: i64, into: i64) -> Result<()> {
        let merge = || {
            self.connection.execute(
                "UPDATE customers SET contact = ?2 WHERE contact = ?1",
                [from, into],
            )?;
            self.connection
                .execute("UPDATE orders SET contact = ?2 WHERE contact = ?1", [from, into])?;
            self.connection
                .execute("UPDATE contacts SET merged_into = ?2 WHERE id = ?1", [from, into])
        };
        merge().map(drop).query(self, "merging contacts")
    }

    /// The shop's dates by which a contact is older than another: its first registration and its first order.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn known_since(&self, id: i64) -> Result<(Option<i64>, Option<i64>)> {
        self.connection
            .prepare_cached(
                "SELECT (SELECT min(created_at) FROM customers WHERE contact = ?1),
                 (SELECT min(placed_at) FROM orders WHERE contact = ?1)",
            )
            .and_then(|mut statement| statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))))
            .query(self, "reading how old a contact is")
    }

    /// Whether nothing but a phone, or not even that, is known of a contact: no customer and no e-mail.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn is_without_email(&self, id: i64) -> Result<bool> {
        self.connection
            .prepare_cached(
                "SELECT NOT EXISTS(SELECT 1 FROM customers WHERE contact = ?1)
                 AND NOT EXISTS(SELECT 1 FROM orders WHERE contact = ?1 AND email IS NOT NULL)",
            )
            .and_then(|mut statement| statement.query_row([id], |row| row.get(0)))
            .query(self, "reading by what a contact is known")
    }

    /// Whether nothing is left of a contact: no customer, and no order that is not deleted.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn contact_is_empty(&self, id: i64) -> Result<bool> {
        self.connection
            .prepare_cached(
                "SELECT NOT EXISTS(SELECT 1 FROM customers WHERE contact = ?1)
                 AND NOT EXISTS(SELECT 1 FROM orders WHERE contact = ?1 AND gone_at IS NULL)",
            )
            .and_then(|mut statement| statement.query_row([id], |row| row.get(0)))
            .query(self, "reading what is left of a contact")
    }

    /// How many contacts there are that were not merged away.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn count_contacts(&self) -> Result<u64> {
        self.connection
            .query_row(
                "SELECT count(*) FROM contacts WHERE merged_into IS NULL",
                [],
                |row| row.get::<_, i64>(0),
            )
            .map(i64::unsigned_abs)
            .query(self, "counting contacts")
    }
}
