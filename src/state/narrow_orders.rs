//! The narrow part of our copy of an order: what lists and statistics of a contact are computed from.
//!
//! All of it stands in one index, so that the wide rows are not fetched.

use rusqlite::Row;
use rust_decimal::Decimal;

use super::orders::{decimal, unsigned};
use super::shops::seconds;
use super::{Query, State};
use crate::error::Result;
use crate::model::Order;

/// One order of a contact, its narrow part opened.
#[derive(Debug, Clone)]
pub struct NarrowOrder {
    /// Its number.
    pub id: i64,
    /// Number of its shop.
    pub shop: i64,
    /// Number of its status.
    pub status: i64,
    /// Code, date, currency and total.
    pub order: Order,
    /// Total in the shop's currency.
    pub total_home: Option<Decimal>,
    /// The e-mail that identifies the buyer.
    pub email: Option<u64>,
    /// The phone that identifies the buyer.
    pub phone: Option<u64>,
    /// What it can give a contact.
    pub has: u8,
}

/// The columns of [`scanned`]: those of the index by contact.
const NARROW: &str =
    "contact, id, shop, status, code, placed_at, currency, total, total_home, has, email, phone, url";

/// The scan of all orders that are not deleted, by contact, from the oldest.
pub(super) fn scan() -> String {
    format!("SELECT {NARROW} FROM orders WHERE gone_at IS NULL ORDER BY contact, placed_at, code")
}

pub(super) fn scanned(row: &Row<'_>) -> rusqlite::Result<(i64, NarrowOrder)> {
    let found = NarrowOrder {
        id: row.get(1)?,
        shop: row.get(2)?,
        status: row.get(3)?,
        order: Order {
            code: row.get(4)?,
            placed_at: row.get::<_, Option<i64>>(5)?.and_then(seconds),
            currency: row.get(6)?,
            total: decimal(row, 7)?,
            url: row.get(12)?,
            ..Order::default()
        },
        total_home: decimal(row, 8)?,
        has: row.get(9)?,
        email: unsigned(row.get(10)?),
        phone: unsigned(row.get(11)?),
    };
    Ok((row.get(0)?, found))
}

impl State {
    /// The orders of a contact that are not deleted, newest first: by date, then by code. Reads the
    /// index alone.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn orders_of(&self, contact: i64) -> Result<Vec<NarrowOrder>> {
        let read = || {
            self.connection
                .prepare_cached(&format!(
                    "SELECT {NARROW} FROM orders WHERE contact = ?1 AND gone_at IS NULL ORDER BY placed_at DESC, code DESC"
                ))?
                .query_map([contact], |row| scanned(row).map(|(_, order)| order))?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, "reading the orders of a contact")
    }
}
