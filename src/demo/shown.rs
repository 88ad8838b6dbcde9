//! A contact database as anybody can read it: with nothing but SQLite and the default mapping's columns.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, OpenFlags, Row};
use rust_decimal::Decimal;

use super::world::Money;
use crate::error::{Doing, Kind, Result};

/// What a contact database shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactDatabase {
    /// Contacts by key, those that were merged away included.
    pub contacts: BTreeMap<String, ShownContact>,
    /// Orders by key (`SHOP:CODE`), deleted ones included.
    pub orders: BTreeMap<String, ShownOrder>,
}

/// A row of `contacts`. What the database does not know is the empty text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShownContact {
    /// The main e-mail.
    pub email: String,
    /// All e-mails, in the words of the column.
    pub emails: String,
    /// The name.
    pub name: String,
    /// When the customer registered; empty for a guest.
    pub registered_at: String,
    /// Orders that count.
    pub orders_count: u64,
    /// Their sum in the shop's currency.
    pub orders_total: String,
    /// Status of the newest order.
    pub last_order_status: String,
    /// When the customer was deleted.
    pub gone_at: String,
    /// The key of the contact that took it over.
    pub merged_into: String,
}

/// A row of `orders`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShownOrder {
    /// Key of its contact.
    pub contact: String,
    /// The code in the shop.
    pub code: String,
    /// The shop's status.
    pub status: String,
    /// Total with VAT.
    pub total: Money,
    /// ISO 4217.
    pub currency: String,
    /// When it was deleted; empty while it is there.
    pub gone_at: String,
}

impl ContactDatabase {
    /// Reads the whole database.
    ///
    /// # Errors
    /// [`Kind::Database`] when it cannot be read or lacks the default mapping's columns.
    pub fn read(path: &Path) -> Result<Self> {
        let read = || -> rusqlite::Result<Self> {
            let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            let contacts = connection
                .prepare(
                    "SELECT key, email, emails, full_name, registered_at, orders_count, orders_total, last_order_status,
                     gone_at, merged_into FROM contacts",
                )?
                .query_map([], |row| Ok((row.get(0)?, contact(row)?)))?
                .collect::<rusqlite::Result<_>>()?;
            let orders = connection
                .prepare("SELECT key, contact_key, code, status, total, currency, gone_at FROM orders")?
                .query_map([], |row| Ok((row.get(0)?, order(row)?)))?
                .collect::<rusqlite::Result<_>>()?;
            Ok(Self { contacts, orders })
        };
        read().doing(Kind::Database, || format!("reading {}", path.display()))
    }

    /// How many contacts there are, those that were merged away left aside.
    pub fn people(&self) -> usize {
        let people = self.contacts.values();
        people.filter(|contact| contact.merged_into.is_empty()).count()
    }
}

fn contact(row: &Row<'_>) -> rusqlite::Result<ShownContact> {
    Ok(ShownContact {
        email: text(row, 1)?,
        emails: text(row, 2)?,
        name: text(row, 3)?,
        registered_at: text(row, 4)?,
        orders_count: row.get::<_, Option<i64>>(5)?.unwrap_or(0).unsigned_abs(),
        orders_total: text(row, 6)?,
        last_order_status: text(row, 7)?,
        gone_at: text(row, 8)?,
        merged_into: text(row, 9)?,
    })
}

fn order(row: &Row<'_>) -> rusqlite::Result<ShownOrder> {
    Ok(ShownOrder {
        contact: text(row, 1)?,
        code: text(row, 2)?,
        status: text(row, 3)?,
        total: hundredths(&text(row, 4)?),
        currency: text(row, 5)?,
        gone_at: text(row, 6)?,
    })
}

fn text(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    Ok(row.get::<_, Option<String>>(column)?.unwrap_or_default())
}

/// What is no amount counts as none: the sums tell that it is missing.
fn hundredths(amount: &str) -> Money {
    let amount: Decimal = amount.parse().unwrap_or_default();
    let hundredths = amount.checked_mul(Decimal::ONE_HUNDRED).unwrap_or_default();
    hundredths.normalize().try_into().unwrap_or_default()
}
