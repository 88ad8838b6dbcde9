//! Our copy of the shop's customers.

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{OptionalExtension, Row, params};

use super::shops::seconds;
use super::{Query, State};
use crate::error::{Doing, Kind, Result};
use crate::model::Customer;

/// What is known of a customer without opening its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerRow {
    /// Its number.
    pub id: i64,
    /// The contact it belongs to.
    pub contact: i64,
    /// When the shop says it changed last.
    pub changed_at: Option<Timestamp>,
    /// When the reading that is stored was requested.
    pub read_at: Timestamp,
    /// When the first reading that held it was requested, in milliseconds.
    pub listed_from: i64,
    /// Whether the last listing did not hold it.
    pub is_missing: bool,
    /// The shop confirmed that it was deleted.
    pub gone_at: Option<Timestamp>,
    /// Hash of the record.
    pub content: i64,
}

/// Where a customer stands among those it shares something with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Number of its shop.
    pub shop: i64,
    /// The shop's identifier.
    pub guid: String,
    /// When it registered.
    pub registered: Option<i64>,
}

/// A customer as it is stored.
#[derive(Debug, Clone)]
pub struct StoredCustomer {
    /// Number of the shop.
    pub shop: i64,
    /// The shop's identifier.
    pub guid: String,
    /// When it registered.
    pub created_at: Option<i64>,
    /// When the shop says it changed last.
    pub changed_at: Option<i64>,
    /// When the reading was requested.
    pub read_at: i64,
    /// The same in milliseconds.
    pub listed_at: i64,
    /// Hash of the record.
    pub content: i64,
    /// The record as JSON.
    pub body: String,
}

impl StoredCustomer {
    /// Prepares a record for the state.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn new(shop: i64, customer: &Customer, read_at: Timestamp) -> Result<Self> {
        let body =
            serde_json::to_string(customer).doing(Kind::BadRecord, || "storing a customer".to_owned())?;
        Ok(Self {
            shop,
            guid: customer.guid.clone(),
            created_at: customer.created_at.map(Timestamp::as_second),
            changed_at: customer.changed_at.map(Timestamp::as_second),
            read_at: read_at.as_second(),
            listed_at: read_at.as_millisecond(),
            content: content_hash(&[&body]),
            body,
        })
    }
}

/// A stable hash of a record's stored texts.
pub(super) fn content_hash(texts: &[&str]) -> i64 {
    let mut hasher = xxhash_rust::xxh3::Xxh3Default::new();
    for text in texts {
        hasher.update(text.as_bytes());
        hasher.update(&[0]);
    }
    hasher.digest().cast_signed()
}

/// A stored customer, opened.
#[derive(Debug, Clone)]
pub struct CustomerOf {
    /// Its number.
    pub id: i64,
    /// Number of its shop.
    pub shop: i64,
    /// The record.
    pub customer: Customer,
    /// The shop confirmed that it was deleted.
    pub gone: bool,
}

/// The scan of all customers, by contact.
pub(super) const SCAN: &str =
    "SELECT contact, id, shop, gone_at IS NOT NULL, body FROM customers ORDER BY contact";

pub(super) fn scanned(row: &Row<'_>) -> rusqlite::Result<(i64, CustomerOf)> {
    let customer = serde_json::from_str(row.get_ref(4)?.as_str()?)
        .map_err(|cause| rusqlite::Error::FromSqlConversionFailure(4, Type::Text, Box::new(cause)))?;
    let found = CustomerOf {
        id: row.get(1)?,
        shop: row.get(2)?,
        customer,
        gone: row.get(3)?,
    };
    Ok((row.get(0)?, found))
}

/// Whether two customers, `a` and `b`, were listed by one shop at the same time. Nobody is twice in a
/// listing: whoever is missing in the first one that holds the other may have become that one.
const TOGETHER: &str = "a.shop = b.shop AND (a.gone_at IS NULL OR b.listed_from < a.missing)
    AND (b.gone_at IS NULL OR a.listed_from < b.missing)";

impl State {
    /// What decides between customers who share a log-in.
    ///
    /// # Errors
    /// When there is none, or the state cannot be read.
    pub fn standing_of_customer(&self, id: i64) -> Result<Standing> {
        self.connection
            .prepare_cached("SELECT shop, guid, created_at FROM customers WHERE id = ?1")
            .and_then(|mut statement| {
                statement.query_row([id], |row| {
                    Ok(Standing {
                        shop: row.get(0)?,
                        guid: row.get(1)?,
                        registered: row.get(2)?,
                    })
                })
            })
            .query(self, "reading a customer")
    }

    /// Looks a customer up by the shop's identifier.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn customer(&self, shop: i64, guid: &str) -> Result<Option<CustomerRow>> {
        self.connection
            .prepare_cached(
                "SELECT id, contact, changed_at, read_at, gone_at, content, listed_from, missing > 0
                 FROM customers WHERE shop = ?1 AND guid = ?2",
            )
            .and_then(|mut statement| {
                statement
                    .query_row(params![shop, guid], |row| {
                        Ok(CustomerRow {
                            id: row.get(0)?,
                            contact: row.get(1)?,
                            changed_at: row.get::<_, Option<i64>>(2)?.and_then(seconds),
                            read_at: seconds(row.get(3)?).unwrap_or_default(),
                            gone_at: row.get::<_, Option<i64>>(4)?.and_then(seconds),
                            content: row.get(5)?,
                            listed_from: row.get(6)?,
                            is_missing: row.get(7)?,
                        })
                    })
                    .optional()
            })
            .query(self, "looking up a customer")
    }

    /// Adds a customer to a contact; answers with its number.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn add_customer(&self, stored: &StoredCustomer, contact: i64) -> Result<i64> {
        self.connection
            .prepare_cached(
                "INSERT INTO customers(shop, guid, contact, created_at, changed_at, read_at, content, body, listed_from)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )
            .and_then(|mut statement| {
                statement.insert(params![
                    stored.shop,
                    stored.guid,
                    contact,
                    stored.created_at,
                    stored.changed_at,
                    stored.read_at,
                    stored.content,
                    stored.body,
                    stored.listed_at,
                ])
            })
            .query(self, "adding a customer")
    }

    /// Replaces a customer's record; it is there (again), so it is not gone, nor missing unless a listing
    /// of after this reading did not hold it.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn replace_customer(&self, id: i64, stored: &StoredCustomer) -> Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE customers SET created_at = ?2, changed_at = ?3, read_at = ?4, content = ?5, body = ?6,
                 missing = iif(missing > ?7, missing, 0), gone_at = NULL WHERE id = ?1",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    id,
                    stored.created_at,
                    stored.changed_at,
                    stored.read_at,
                    stored.content,
                    stored.body,
                    stored.listed_at,
                ])
            })
            .map(drop)
            .query(self, "replacing a customer")
    }

    /// An earlier reading held a customer as well.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn customer_was_listed(&self, id: i64, listed_at: i64) -> Result<()> {
        self.connection
            .execute(
                "UPDATE customers SET listed_from = min(listed_from, ?2) WHERE id = ?1",
                [id, listed_at],
            )
            .map(drop)
            .query(self, "noting when a customer was listed")
    }

    /// Moves a customer to a contact.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn move_customer(&self, id: i64, contact: i64) -> Result<()> {
        self.connection
            .execute("UPDATE customers SET contact = ?2 WHERE id = ?1", [id, contact])
            .map(drop)
            .query(self, "moving a customer")
    }

    /// The shop confirmed that a customer was deleted. Since when it was missing stays known.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn customer_is_gone(&self, id: i64, at: Timestamp) -> Result<()> {
        self.connection
            .execute(
                "UPDATE customers SET gone_at = ?2, missing = iif(missing > 0, missing, ?3) WHERE id = ?1",
                params![id, at.as_second(), at.as_millisecond()],
            )
            .map(drop)
            .query(self, "marking a customer as deleted")
    }

    /// Empties the record of a customer that was deleted, and is to be erased here too.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn empty_customer(&self, id: i64) -> Result<()> {
        self.connection
            .execute(
                "UPDATE customers SET body = json_object('guid', guid), content = 0 WHERE id = ?1",
                [id],
            )
            .map(drop)
            .query(self, "erasing a customer")
    }

    /// Whether a customer of one contact and one of the other were customers of one shop at the same
    /// time: then they are two people, whatever they share later.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn were_customers_together(&self, one: i64, other: i64) -> Result<bool> {
        self.connection
            .prepare_cached(&format!(
                "SELECT EXISTS(SELECT 1 FROM customers AS a JOIN customers AS b ON {TOGETHER}
                 WHERE a.contact = ?1 AND b.contact = ?2)"
            ))
            .and_then(|mut statement| statement.query_row([one, other], |row| row.get(0)))
            .query(self, "comparing two contacts")
    }

    /// The same of a customer that has no contact yet.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn was_customer_together(&self, customer: i64, contact: i64) -> Result<bool> {
        self.connection
            .prepare_cached(&format!(
                "SELECT EXISTS(SELECT 1 FROM customers AS a JOIN customers AS b ON {TOGETHER}
                 WHERE a.id = ?1 AND b.contact = ?2)"
            ))
            .and_then(|mut statement| statement.query_row([customer, contact], |row| row.get(0)))
            .query(self, "comparing a customer and a contact")
    }

    /// All customers of a contact, opened, those deleted included.
    ///
    /// # Errors
    /// When the state cannot be read, or a stored record is damaged.
    pub fn customers_of(&self, contact: i64) -> Result<Vec<CustomerOf>> {
        let read = || {
            self.connection
                .prepare_cached(
                    "SELECT contact, id, shop, gone_at IS NOT NULL, body FROM customers WHERE contact = ?1 ORDER BY shop, id",
                )?
                .query_map([contact], |row| scanned(row).map(|(_, customer)| customer))?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, "reading the customers of a contact")
    }

    /// Whether a contact has a customer of this shop that is not deleted, other than `except`.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn has_live_customer(&self, contact: i64, shop: Option<i64>, except: Option<i64>) -> Result<bool> {
        self.connection
            .prepare_cached(
                "SELECT EXISTS(SELECT 1 FROM customers WHERE contact = ?1 AND gone_at IS NULL
                 AND (?2 IS NULL OR shop = ?2) AND id IS NOT ?3)",
            )
            .and_then(|mut statement| statement.query_row(params![contact, shop, except], |row| row.get(0)))
            .query(self, "reading the customers of a contact")
    }

    /// How many customers of a shop are not deleted.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn count_customers(&self, shop: i64) -> Result<u64> {
        self.connection
            .query_row(
                "SELECT count(*) FROM customers WHERE shop = ?1 AND gone_at IS NULL",
                [shop],
                |row| row.get::<_, i64>(0),
            )
            .map(i64::unsigned_abs)
            .query(self, "counting customers")
    }
}
