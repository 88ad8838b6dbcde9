//! What a full listing holds, kept aside while it is compared with the state.

use jiff::Timestamp;
use rusqlite::params;

use super::shops::seconds;
use super::{Query, State};
use crate::error::Result;

/// A record that the state has and a listing has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingRow {
    /// Its number.
    pub id: i64,
    /// Guid or order code.
    pub key: String,
    /// Its contact.
    pub contact: i64,
    /// When the listing was requested in which it was missing first; `None`: it never was.
    pub missing_since: Option<Timestamp>,
    /// When an order was placed.
    pub placed_at: Option<Timestamp>,
}

impl State {
    /// Begins a listing.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn begin_listing(&self) -> Result<()> {
        self.connection
            .execute_batch(
                "CREATE TEMP TABLE IF NOT EXISTS listed(key TEXT PRIMARY KEY, times INTEGER NOT NULL DEFAULT 0,
                 parked INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
                 DELETE FROM temp.listed;",
            )
            .query(self, "listing records")
    }

    /// Adds a key to the listing.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn list(&self, key: &str) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO temp.listed(key, times) VALUES (?1, 1) ON CONFLICT DO UPDATE SET times = times + 1",
            )
            .and_then(|mut statement| statement.execute([key]))
            .map(drop)
            .query(self, "listing records")
    }

    /// The keys that the listing holds more than once.
    ///
    /// # Errors
    /// When the state cannot be read, or what `each` answers with.
    pub fn each_listed_twice(&self, each: &mut dyn FnMut(String) -> Result<()>) -> Result<()> {
        let doing = "reading a listing";
        let mut statement = self
            .connection
            .prepare("SELECT key FROM temp.listed WHERE times > 1 ORDER BY key")
            .query(self, doing)?;
        let mut rows = statement.query([]).query(self, doing)?;
        while let Some(row) = rows.next().query(self, doing)? {
            each(row.get(0).query(self, doing)?)?;
        }
        Ok(())
    }

    /// A key of the listing has something about it that is parked.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn list_parked(&self, key: &str) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO temp.listed(key, parked) VALUES (?1, 1) ON CONFLICT(key) DO UPDATE SET parked = 1",
            )
            .and_then(|mut statement| statement.execute([key]))
            .map(drop)
            .query(self, "listing records")
    }

    /// What is parked of a section and is fine in the listing is parked no longer; with `complete` neither
    /// is what the listing does not hold.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn unpark_listed(&self, kind: &str, shop: &str, complete: bool) -> Result<()> {
        self.connection
            .execute(
                "DELETE FROM parked WHERE kind = ?1 AND shop = ?2 AND target = ''
                 AND coalesce((SELECT NOT (listed.parked OR listed.times > 1) FROM temp.listed WHERE listed.key = parked.key), ?3)",
                params![kind, shop, complete],
            )
            .map(drop)
            .query(self, "taking records out of the parked ones")
    }

    /// Customers of a shop that are not in the listing and were read before it was requested; what was read
    /// later than `now`, by a clock that was ahead, counts as read before.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn missing_customers(
        &self,
        shop: i64,
        listed_at: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<MissingRow>> {
        self.missing(
            "SELECT id, guid, contact, missing, NULL FROM customers WHERE shop = ?1 AND gone_at IS NULL
             AND (read_at <= ?2 OR read_at > ?3) AND guid NOT IN (SELECT key FROM temp.listed) ORDER BY id",
            shop,
            listed_at,
            now,
        )
    }

    /// Orders of a shop that are not in the listing and were read before it was requested; what was read
    /// later than `now`, by a clock that was ahead, counts as read before.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn missing_orders(&self, shop: i64, listed_at: Timestamp, now: Timestamp) -> Result<Vec<MissingRow>> {
        self.missing(
            "SELECT id, code, contact, missing, placed_at FROM orders WHERE shop = ?1 AND gone_at IS NULL
             AND (read_at <= ?2 OR read_at > ?3) AND code NOT IN (SELECT key FROM temp.listed) ORDER BY id",
            shop,
            listed_at,
            now,
        )
    }

    fn missing(&self, sql: &str, shop: i64, listed_at: Timestamp, now: Timestamp) -> Result<Vec<MissingRow>> {
        let read = || {
            self.connection
                .prepare_cached(sql)?
                .query_map(
                    params![shop, listed_at.as_second(), now.max(listed_at).as_second()],
                    |row| {
                        Ok(MissingRow {
                            id: row.get(0)?,
                            key: row.get(1)?,
                            contact: row.get(2)?,
                            missing_since: match row.get(3)? {
                                0 => None,
                                since => Timestamp::from_millisecond(since).ok(),
                            },
                            placed_at: row.get::<_, Option<i64>>(4)?.and_then(seconds),
                        })
                    },
                )?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, "comparing a listing")
    }

    /// How many orders of a shop are not deleted.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn count_orders(&self, shop: i64) -> Result<u64> {
        self.connection
            .query_row(
                "SELECT count(*) FROM orders WHERE shop = ?1 AND gone_at IS NULL",
                [shop],
                |row| row.get::<_, i64>(0),
            )
            .map(i64::unsigned_abs)
            .query(self, "counting orders")
    }

    /// Notes that a customer or an order (`section`) was missing in a complete listing for the first time.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn note_missing(&self, section: &'static str, id: i64, listed_at: Timestamp) -> Result<()> {
        self.connection
            .execute(
                &format!("UPDATE {section} SET missing = ?2 WHERE id = ?1"),
                [id, listed_at.as_millisecond()],
            )
            .map(drop)
            .query(self, "noting what is missing")
    }

    /// A customer was in a listing (its stamp in milliseconds); writes only when it had been missing in
    /// an earlier one.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn customer_is_there(&self, id: i64, listed_at: i64) -> Result<()> {
        self.connection
            .prepare_cached("UPDATE customers SET missing = 0 WHERE id = ?1 AND missing > 0 AND missing < ?2")
            .and_then(|mut statement| statement.execute([id, listed_at]))
            .map(drop)
            .query(self, "noting what is there")
    }

    /// The same of an order.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn order_is_there(&self, id: i64, listed_at: i64) -> Result<()> {
        self.connection
            .prepare_cached("UPDATE orders SET missing = 0 WHERE id = ?1 AND missing > 0 AND missing < ?2")
            .and_then(|mut statement| statement.execute([id, listed_at]))
            .map(drop)
            .query(self, "noting what is there")
    }

    /// Which rule an order was placed by; the caller's number.
    ///
    /// # Errors
    /// When there is no such order, or the state cannot be read.
    pub fn rule_of_order(&self, id: i64) -> Result<u8> {
        self.connection
            .prepare_cached("SELECT rule FROM orders WHERE id = ?1")
            .and_then(|mut statement| statement.query_row([id], |row| row.get(0)))
            .query(self, "reading why an order is where it is")
    }

    /// The shop deleted an order.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn order_is_gone(&self, id: i64, at: Timestamp) -> Result<()> {
        self.connection
            .execute(
                "UPDATE orders SET gone_at = ?2, missing = 0 WHERE id = ?1",
                params![id, at.as_second()],
            )
            .map(drop)
            .query(self, "marking an order as deleted")
    }
}
