//! Whether the state agrees with `suppressed.db`, and the traces that removed values leave in a file.
//!
//! What is deleted in SQLite stands in the file until its place is used again, and in the log behind it.
//! So after people were forgotten the file is written anew.

use super::{Query, State};
use crate::error::{Error, Kind, Result};

/// Under which the state remembers with how much of `suppressed.db` it agrees.
const AGREES: &str = "suppressed";

/// Under which it remembers that values were removed whose traces are still in the file.
const TRACES: &str = "traces";

const DOING: &str = "leaving no traces of who was forgotten";

impl State {
    /// With how much of `suppressed.db` this state agrees.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn agrees_with_suppressed(&self) -> Result<i64> {
        Ok(self
            .note(AGREES)?
            .and_then(|known| known.parse().ok())
            .unwrap_or(0))
    }

    /// This state holds nobody who is suppressed.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn agree_with_suppressed(&self) -> Result<()> {
        let generation = self.suppressed().generation();
        if generation == self.agrees_with_suppressed()? {
            return Ok(());
        }
        self.put_note(AGREES, &generation.to_string())
    }

    /// Values are about to be removed, and leave traces in the file. What is deleted from now on is
    /// overwritten, should the rest have to wait.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn note_traces(&self) -> Result<()> {
        self.connection
            .execute_batch("PRAGMA secure_delete = ON")
            .query(self, DOING)?;
        self.put_note(TRACES, "1")
    }

    /// Whether something that was begun about people who are forgotten has still to be finished.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn has_to_finish_forgetting(&self) -> Result<bool> {
        Ok(self.note(TRACES)?.is_some() || self.is_forgetting()?)
    }

    /// Writes the file anew, so that nothing is left in it of what was removed, and empties the log behind it.
    ///
    /// # Errors
    /// When there is no room, or somebody who reads the state does not end.
    pub fn leave_no_traces(&self) -> Result<()> {
        self.drop_forgetting_when_done()?;
        let rewrite = || -> rusqlite::Result<bool> {
            self.connection.execute_batch("VACUUM")?;
            // Answers whether somebody else was in the way.
            self.connection
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        };
        if rewrite().query(self, DOING)? {
            let cause = "somebody is reading the state";
            return Err(Error::new(Kind::Busy, DOING, cause)
                .with_hint("run the command again once other commands and the status page have ended"));
        }
        self.connection
            .execute("DELETE FROM meta WHERE name = ?1", [TRACES])
            .map(drop)
            .query(self, DOING)
    }
}
