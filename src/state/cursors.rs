//! How far each section of each shop is read.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::shops::seconds;
use super::{Query, State};
use crate::error::Result;

/// How far a section is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Everything the shop changed until then is stored.
    pub read_to: Timestamp,
    /// Whether nothing was asked of the shop since that was not stored. Where it was, what the shop told
    /// then may not come again by itself.
    pub is_sure: bool,
}

impl State {
    /// How far a section is read; `None` before the first full reading.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn cursor(&self, shop: i64, section: &str) -> Result<Option<Cursor>> {
        self.connection
            .prepare_cached("SELECT read_to, is_sure FROM cursors WHERE shop = ?1 AND section = ?2")
            .and_then(|mut statement| {
                statement
                    .query_row(params![shop, section], |row| {
                        Ok(Cursor {
                            read_to: seconds(row.get(0)?).unwrap_or_default(),
                            is_sure: row.get(1)?,
                        })
                    })
                    .optional()
            })
            .query(self, "reading how far the shop was read")
    }

    /// Moves the cursor of a section forward, in the transaction that stores what was read. It never
    /// moves backward: what is known stays known.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn move_cursor(&self, shop: i64, section: &str, to: Cursor) -> Result<()> {
        self.connection
            .execute(
                "INSERT INTO cursors(shop, section, read_to, is_sure) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT(shop, section) DO UPDATE SET read_to = max(read_to, ?3), is_sure = ?4",
                params![shop, section, to.read_to.as_second(), to.is_sure],
            )
            .map(drop)
            .query(self, "noting how far the shop was read")
    }

    /// Something is about to be asked of the shop that moves its own mark of the last download. Durable
    /// before the request is sent: when what it answers is not stored, the gap is known.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn intend_to_read(&self, shop: i64, section: &str) -> Result<()> {
        self.connection
            .execute(
                "UPDATE cursors SET is_sure = 0 WHERE shop = ?1 AND section = ?2 AND is_sure",
                params![shop, section],
            )
            .map(drop)
            .query(self, "noting what is about to be read")
    }
}
