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
    /// Whose an order is that got another guid or e-mail, by its number.
    Order = 2,
}

/// An order that is decided again.
#[derive(Debug, Clone)]
pub struct OrderAgain {
    /// Number of its shop.
    pub shop: i64,
    /// The contact it is on.
    pub contact: i64,
    /// What decides whose it is.
    pub order: StoredOrder,
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

    /// Orders that are decided again, by date, then by code.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn orders_to_decide_again(&self) -> Result<Vec<i64>> {
        let read = || {
            self.connection
                .prepare_cached(
                    "SELECT orders.id FROM unsettled JOIN orders ON orders.id = unsettled.clue
                     WHERE unsettled.kind = ?1 ORDER BY placed_at, code, orders.shop",
                )?
                .query_map([Clue::Order as u8], |row| row.get(0))?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, "reading orders that are decided again")
    }

    /// One of them.
    ///
    /// # Errors
    /// When there is none, or the state cannot be read.
    pub fn order_again(&self, id: i64) -> Result<OrderAgain> {
        self.connection
            .prepare_cached(
                "SELECT shop, contact, code, placed_at, email, phone, guid FROM orders WHERE id = ?1",
            )
            .and_then(|mut statement| {
                statement.query_row([id], |row| {
                    let shop = row.get(0)?;
                    Ok(OrderAgain {
                        shop,
                        contact: row.get(1)?,
                        order: StoredOrder {
                            shop,
                            code: row.get(2)?,
                            placed_at: row.get(3)?,
                            email: row.get::<_, Option<i64>>(4)?.map(i64::cast_unsigned),
                            phone: row.get::<_, Option<i64>>(5)?.map(i64::cast_unsigned),
                            guid: row.get::<_, Option<String>>(6)?.unwrap_or_default(),
                            ..StoredOrder::default()
                        },
                    })
                })
            })
            .query(self, "reading an order that is decided again")
    }

    /// An order no longer names its customer, who was deleted.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn forget_guid_of_order(&self, id: i64) -> Result<()> {
        self.connection
            .prepare_cached("UPDATE orders SET guid = NULL WHERE id = ?1")
            .and_then(|mut statement| statement.execute([id]))
            .map(drop)
            .query(self, "forgetting whom an order named")
    }

    /// An order of a contact moved to another one. The last to be told has taken its last order.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn leave_behind(&self, contact: i64, taken_by: i64) -> Result<()> {
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO left_behind VALUES (?1, ?2)")
            .and_then(|mut statement| statement.execute([contact, taken_by]))
            .map(drop)
            .query(self, "noting whose orders moved away")
    }

    /// Whose orders moved away, and who took the last of them; at most so many.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn left_behind(&self, limit: u32) -> Result<Vec<(i64, i64)>> {
        let read = || {
            self.connection
                .prepare_cached("SELECT contact, taken_by FROM left_behind ORDER BY contact LIMIT ?1")?
                .query_map([limit], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, "reading whose orders moved away")
    }

    /// It was looked after.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn looked_after(&self, contact: i64) -> Result<()> {
        self.connection
            .prepare_cached("DELETE FROM left_behind WHERE contact = ?1")
            .and_then(|mut statement| statement.execute([contact]))
            .map(drop)
            .query(self, "noting whom was looked after")
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

    /// It was looked at.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn settled(&self, group: &str, clue: Clue, value: u64) -> Result<()> {
        self.connection
            .prepare_cached("DELETE FROM unsettled WHERE grp = ?1 AND kind = ?2 AND clue = ?3")
            .and_then(|mut statement| statement.execute(params![group, clue as u8, value.cast_signed()]))
            .map(drop)
            .query(self, "noting what was looked at again")
    }
}
