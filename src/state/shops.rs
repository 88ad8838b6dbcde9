//! Shops, their statuses, and how far each section of them was read.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{Query, State};
use crate::error::Result;
use crate::model::OrderStatus;

/// A shop as the state knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShopRow {
    /// Its number.
    pub id: i64,
    /// Name in the configuration.
    pub name: String,
    /// Its group.
    pub group: String,
    /// Its address.
    pub url: String,
    /// ISO 4217 code.
    pub currency: String,
    /// IANA name.
    pub timezone: String,
    /// Its own e-mail addresses, which identify nobody.
    pub emails: Vec<String>,
}

/// When a section of a shop was last read from end to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FullReading {
    /// The moment the request was sent; for a file its modification time or `--as-of`.
    pub read_at: Timestamp,
    /// When it was committed.
    pub finished_at: Timestamp,
    /// From where, in words.
    pub source: String,
    /// How many records there were.
    pub records: u64,
}

impl State {
    /// Remembers a shop, or what has changed about it; answers with its number.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn remember_shop(&self, shop: &ShopRow) -> Result<i64> {
        self.connection
            .query_row(
                "INSERT INTO shops(name, grp, url, currency, timezone, emails) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT(name) DO UPDATE SET grp = ?2, url = ?3, currency = ?4, timezone = ?5, emails = ?6
                 RETURNING id",
                params![
                    shop.name,
                    shop.group,
                    shop.url,
                    shop.currency,
                    shop.timezone,
                    shop.emails.join("\n")
                ],
                |row| row.get(0),
            )
            .query(self, "remembering a shop")
    }

    /// Every shop that was ever read.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn shops(&self) -> Result<Vec<ShopRow>> {
        let read = || {
            self.connection
                .prepare_cached(
                    "SELECT id, name, grp, url, currency, timezone, emails FROM shops ORDER BY id",
                )?
                .query_map([], |row| {
                    Ok(ShopRow {
                        id: row.get(0)?,
                        name: row.get(1)?,
                        group: row.get(2)?,
                        url: row.get(3)?,
                        currency: row.get(4)?,
                        timezone: row.get(5)?,
                        emails: row.get::<_, String>(6)?.lines().map(str::to_owned).collect(),
                    })
                })?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, "reading the shops")
    }

    /// The number of a status, given one when it is new.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn status(&self, shop: i64, status: &OrderStatus) -> Result<i64> {
        let find = || {
            self.connection
                .prepare_cached("SELECT id FROM statuses WHERE shop = ?1 AND name = ?2 AND shop_id IS ?3")?
                .query_row(params![shop, status.name, status.id], |row| row.get(0))
                .optional()
        };
        if let Some(known) = find().query(self, "looking up a status")? {
            return Ok(known);
        }
        self.connection
            .query_row(
                "INSERT INTO statuses(shop, shop_id, name) VALUES (?1, ?2, ?3) RETURNING id",
                params![shop, status.id, status.name],
                |row| row.get(0),
            )
            .query(self, "remembering a status")
    }

    /// All statuses: number, shop, status.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn statuses(&self) -> Result<Vec<(i64, i64, OrderStatus)>> {
        let read = || {
            self.connection
                .prepare_cached("SELECT id, shop, shop_id, name FROM statuses ORDER BY shop, id")?
                .query_map([], |row| {
                    Ok((
                        row.get(0)?,
                        row.get(1)?,
                        OrderStatus {
                            id: row.get(2)?,
                            name: row.get(3)?,
                        },
                    ))
                })?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, "reading the statuses")
    }

    /// How many orders that are not deleted have each status, by its number.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn orders_per_status(&self) -> Result<Vec<(i64, u64)>> {
        let read = || {
            self.connection
                .prepare_cached("SELECT status, count(*) FROM orders WHERE gone_at IS NULL GROUP BY status")?
                .query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, "counting orders per status")
    }

    /// Notes that a section was read from end to end.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn note_full_reading(&self, shop: i64, section: &str, reading: &FullReading) -> Result<()> {
        self.connection
            .execute(
                "INSERT INTO readings VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(shop, section) DO UPDATE SET
                 read_at = max(read_at, ?3), finished_at = ?4, source = ?5, records = ?6",
                params![
                    shop,
                    section,
                    reading.read_at.as_second(),
                    reading.finished_at.as_second(),
                    reading.source,
                    i64::try_from(reading.records).unwrap_or(i64::MAX)
                ],
            )
            .map(drop)
            .query(self, "noting how far the shop was read")
    }

    /// When a section was last read from end to end.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn full_reading(&self, shop: i64, section: &str) -> Result<Option<FullReading>> {
        self.connection
            .prepare_cached(
                "SELECT read_at, finished_at, source, records FROM readings WHERE shop = ?1 AND section = ?2",
            )
            .and_then(|mut statement| {
                statement
                    .query_row(params![shop, section], |row| {
                        Ok(FullReading {
                            read_at: seconds(row.get(0)?).unwrap_or_default(),
                            finished_at: seconds(row.get(1)?).unwrap_or_default(),
                            source: row.get(2)?,
                            records: row.get::<_, i64>(3)?.unsigned_abs(),
                        })
                    })
                    .optional()
            })
            .query(self, "reading how far the shop was read")
    }
}

/// A stored moment.
pub(super) fn seconds(stored: i64) -> Option<Timestamp> {
    Timestamp::from_second(stored).ok()
}
