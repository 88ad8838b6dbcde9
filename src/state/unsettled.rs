//! What is put off until a document is read to its end, so that the order of its records does not
//! matter: whose a new customer or order is, and who has which e-mail and phone now.
//!
//! It stands in the state, so that a run that was killed leaves nothing undecided for ever.

use jiff::Timestamp;
use rusqlite::params;

use super::orders::StoredOrder;
use super::shops::seconds;
use super::{Query, State};
use crate::error::{Doing, Kind, Result};
use crate::model::Customer;

/// The contact of customers and orders that wait for theirs: nobody's number.
pub const UNDECIDED: i64 = 0;

/// What has to be looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Clue {
    /// Who has an e-mail, by its hash.
    Email = 0,
    /// Who has a phone, by its digits.
    Phone = 1,
    /// Whether a customer that is missing was deleted, by its number: somebody else registered with
    /// one of its log-ins meanwhile.
    MissingCustomer = 2,
}

/// A customer that waits for its contact.
#[derive(Debug, Clone)]
pub struct UndecidedCustomer {
    /// Number of its shop.
    pub shop: i64,
    /// The record.
    pub customer: Customer,
    /// When the reading was requested.
    pub read_at: Timestamp,
}

impl State {
    /// Customers that wait for their contact, the oldest registration first, then by guid.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn undecided_customers(&self) -> Result<Vec<i64>> {
        let read = || {
            self.connection
                .prepare_cached("SELECT id FROM customers WHERE contact = ?1 ORDER BY created_at IS NULL, created_at, guid, shop")?
                .query_map([UNDECIDED], |row| row.get(0))?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, "reading customers that are not decided yet")
    }

    /// One of them.
    ///
    /// # Errors
    /// When there is none, or it is damaged.
    pub fn undecided_customer(&self, id: i64) -> Result<UndecidedCustomer> {
        let read = || {
            self.connection
                .prepare_cached("SELECT shop, read_at, body FROM customers WHERE id = ?1")?
                .query_row([id], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?))
                })
        };
        let (shop, read_at, body) = read().query(self, "reading a customer that is not decided yet")?;
        Ok(UndecidedCustomer {
            shop,
            read_at: seconds(read_at).unwrap_or_default(),
            customer: serde_json::from_str(&body)
                .doing(Kind::Database, || "reading a stored customer".to_owned())?,
        })
    }

    /// Orders of a shop that wait for their contact, with or without an e-mail, at most so many: the
    /// number of each, and what decides whose it is.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn undecided_orders(
        &self,
        shop: i64,
        with_email: bool,
        limit: u32,
    ) -> Result<Vec<(i64, StoredOrder)>> {
        let read = || {
            self.connection
                .prepare_cached(
                    "SELECT id, code, placed_at, email, phone, guid FROM orders
                     WHERE contact = ?1 AND shop = ?2 AND (email IS NOT NULL) = ?3 ORDER BY placed_at, code LIMIT ?4",
                )?
                .query_map(params![UNDECIDED, shop, with_email, limit], |row| {
                    let order = StoredOrder {
                        shop,
                        code: row.get(1)?,
                        placed_at: row.get(2)?,
                        email: row.get::<_, Option<i64>>(3)?.map(i64::cast_unsigned),
                        phone: row.get::<_, Option<i64>>(4)?.map(i64::cast_unsigned),
                        guid: row.get::<_, Option<String>>(5)?.unwrap_or_default(),
                        ..StoredOrder::default()
                    };
                    Ok((row.get(0)?, order))
                })?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, "reading orders that are not decided yet")
    }

    /// Notes that something has to be looked at again.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn unsettle(&self, group: &str, clue: Clue, value: u64) -> Result<()> {
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO unsettled VALUES (?1, ?2, ?3)")
            .and_then(|mut statement| statement.execute(params![group, clue as u8, value.cast_signed()]))
            .map(drop)
            .query(self, "noting what has to be looked at again")
    }

    /// What has to be looked at again, at most so much: group and value of each.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn unsettled(&self, clue: Clue, limit: u32) -> Result<Vec<(String, u64)>> {
        let read = || {
            self.connection
                .prepare_cached(
                    "SELECT grp, clue FROM unsettled WHERE kind = ?1 ORDER BY grp, clue LIMIT ?2",
                )?
                .query_map(params![clue as u8, limit], |row| {
                    Ok((row.get(0)?, row.get::<_, i64>(1)?.cast_unsigned()))
                })?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, "reading what has to be looked at again")
    }

    /// It was looked at. Answers whether it had to be.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn settled(&self, group: &str, clue: Clue, value: u64) -> Result<bool> {
        self.connection
            .prepare_cached("DELETE FROM unsettled WHERE grp = ?1 AND kind = ?2 AND clue = ?3")
            .and_then(|mut statement| statement.execute(params![group, clue as u8, value.cast_signed()]))
            .map(|removed| removed > 0)
            .query(self, "noting what was looked at again")
    }
}
