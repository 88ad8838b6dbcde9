//! Which orders are stored just as they stand in a document, told beside whoever writes the state.

use std::path::PathBuf;

use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use super::{Query, State, failure};
use crate::error::Result;

/// A second connection, for the thread that reads a document. It sees what is committed.
#[derive(Debug)]
pub struct Prints {
    connection: Connection,
    path: PathBuf,
    shop: i64,
}

impl State {
    /// Opens the prints of a shop's orders.
    ///
    /// # Errors
    /// When the state cannot be opened a second time.
    pub fn prints(&self, shop: i64) -> Result<Prints> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)
            .and_then(|connection| {
                connection
                    .execute_batch("PRAGMA cache_size = -1024")
                    .map(|()| connection)
            })
            .map_err(|cause| self.failed("opening the prints of orders", &cause))?;
        Ok(Prints {
            connection,
            path: self.path.clone(),
            shop,
        })
    }

    /// An order says the same as before in other bytes.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn order_stands_otherwise(&self, id: i64, print: Option<i64>) -> Result<()> {
        self.connection
            .prepare_cached("UPDATE orders SET print = ?2 WHERE id = ?1")
            .and_then(|mut statement| statement.execute(params![id, print]))
            .map(drop)
            .query(self, "noting the print of an order")
    }
}

impl Prints {
    /// Whether an order is stored from just these bytes, is there, and is somebody's.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn holds(&self, code: &str, print: i64) -> Result<bool> {
        self.connection
            .prepare_cached(
                "SELECT print = ?3 FROM orders WHERE shop = ?1 AND code = ?2
                 AND gone_at IS NULL AND missing = 0 AND contact <> 0",
            )
            .and_then(|mut statement| {
                statement
                    .query_row(params![self.shop, code, print], |row| {
                        row.get::<_, Option<bool>>(0)
                    })
                    .optional()
            })
            .map(|found| found.flatten() == Some(true))
            .map_err(|cause| failure("looking up the print of an order", &self.path, &cause))
    }
}
