//! The state as a plan uses it: read as it is, written only beside it.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::Backup;

use super::{Query, State, restrict};
use crate::error::{Doing, Kind, Result};

/// What a run writes before it delivers anything: which targets and fields there are, what is due,
/// what has to be parked no longer.
const WRITTEN_BESIDE: [&str; 5] = ["targets", "layouts", "due_contacts", "due_orders", "parked"];

/// Pages copied at once.
const COPIED_AT_ONCE: i32 = 4096;

impl State {
    /// Opens an existing state to work out what a run would do, beside whoever writes it.
    ///
    /// It shows one moment of the file. What a run notes before it delivers goes to temporary tables
    /// that stand before the real ones and end with this connection; so a plan and a run share their
    /// code, and a plan cannot write by mistake.
    ///
    /// # Errors
    /// When there is none yet, or it cannot be read.
    pub fn open_to_rehearse(directory: &Path) -> Result<Self> {
        let state = Self::open_to_read(directory)?;
        let doing = "reading the state for a plan";
        state.connection.execute_batch("BEGIN").query(&state, doing)?;
        for table in WRITTEN_BESIDE {
            let made: String = state
                .connection
                .query_row(
                    "SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name = ?1",
                    [table],
                    |row| row.get(0),
                )
                .query(&state, doing)?;
            let beside = made.replacen("CREATE TABLE", "CREATE TEMP TABLE", 1);
            state
                .connection
                .execute_batch(&format!(
                    "{beside}; INSERT INTO temp.{table} SELECT * FROM main.{table}"
                ))
                .query(&state, doing)?;
        }
        // The ID map is too large to copy: a target that is forgotten is hidden instead.
        state
            .connection
            .execute_batch("CREATE TEMP TABLE forgotten(target INTEGER PRIMARY KEY)")
            .query(&state, doing)?;
        for table in ["contact_links", "order_links"] {
            state
                .connection
                .execute_batch(&format!(
                    "CREATE TEMP VIEW {table} AS SELECT * FROM main.{table}
                       WHERE target NOT IN (SELECT target FROM temp.forgotten);
                     CREATE TEMP TRIGGER forget_{table} INSTEAD OF DELETE ON temp.{table}
                       BEGIN INSERT OR IGNORE INTO forgotten VALUES (OLD.target); END"
                ))
                .query(&state, doing)?;
        }
        Ok(state)
    }

    /// Copies the state to a file that must not exist, as it is at one moment.
    ///
    /// # Errors
    /// When it cannot be read, or the copy not be written.
    pub fn copy_to(&self, path: &Path) -> Result<()> {
        let doing = || format!("copying the state to {}", path.display());
        let mut copy = Connection::open(path).doing(Kind::Disk, doing)?;
        restrict(path)?;
        Backup::new(&self.connection, &mut copy)
            .and_then(|backup| backup.run_to_completion(COPIED_AT_ONCE, Duration::ZERO, None))
            .doing(Kind::Disk, doing)
    }
}
