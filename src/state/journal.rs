//! What happened, for people: runs, and the history of each contact.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::shops::seconds;
use super::{Query, State};
use crate::error::Result;

/// Runs of before are forgotten: two months of them, at one in a quarter of an hour.
const REMEMBERED_RUNS: i64 = 6_000;

/// A run as `status` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The command.
    pub command: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; `None`: it was killed, or is still going on.
    pub ended_at: Option<Timestamp>,
    /// How it ended, in a few words.
    pub outcome: String,
    /// Counts, a JSON object.
    pub counts: String,
}

impl State {
    /// Notes that a run begins; answers with its number.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn begin_run(&self, command: &str, at: Timestamp) -> Result<i64> {
        self.connection
            .query_row(
                "INSERT INTO runs(command, started_at) VALUES (?1, ?2) RETURNING id",
                params![command, at.as_second()],
                |row| row.get(0),
            )
            .query(self, "noting a run")
    }

    /// Notes how a run ended.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn end_run(&self, run: i64, at: Timestamp, outcome: &str, counts: &str) -> Result<()> {
        self.connection
            .execute(
                "UPDATE runs SET ended_at = ?2, outcome = ?3, counts = ?4 WHERE id = ?1",
                params![run, at.as_second(), outcome, counts],
            )
            .and_then(|_| {
                self.connection
                    .execute("DELETE FROM runs WHERE id <= ?1", [run - REMEMBERED_RUNS])
            })
            .map(drop)
            .query(self, "noting a run")
    }

    /// The last runs, the newest first.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn last_runs(&self, count: u32) -> Result<Vec<Run>> {
        let read = || {
            self.connection
                .prepare_cached(
                    "SELECT command, started_at, ended_at, coalesce(outcome, ''), counts FROM runs ORDER BY id DESC LIMIT ?1",
                )?
                .query_map([count], |row| {
                    Ok(Run {
                        command: row.get(0)?,
                        started_at: seconds(row.get(1)?).unwrap_or_default(),
                        ended_at: row.get::<_, Option<i64>>(2)?.and_then(seconds),
                        outcome: row.get(3)?,
                        counts: row.get(4)?,
                    })
                })?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, "reading the runs")
    }

    /// Remembers when a shop was last begun to be read by the schedule, in full or for its changes.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn remember_begun(&self, shop: &str, in_full: bool, at: Timestamp) -> Result<()> {
        self.put_note(&begun(shop, in_full), &at.as_second().to_string())
    }

    /// When a shop was last begun to be read by the schedule.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn last_begun(&self, shop: &str, in_full: bool) -> Result<Option<Timestamp>> {
        let stored = self.note(&begun(shop, in_full))?;
        Ok(stored.and_then(|at| at.parse().ok()).and_then(seconds))
    }

    /// Puts down a small note under a name.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn put_note(&self, name: &str, note: &str) -> Result<()> {
        self.connection
            .execute(
                "INSERT INTO meta(name, value) VALUES (?1, ?2) ON CONFLICT(name) DO UPDATE SET value = ?2",
                [name, note],
            )
            .map(drop)
            .query(self, "putting down a note")
    }

    /// The note under a name.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn note(&self, name: &str) -> Result<Option<String>> {
        self.connection
            .query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0))
            .optional()
            .query(self, "reading a note")
    }

    /// Adds a sentence to the history of a contact. It names keys and codes, never people.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn tell(&self, contact: i64, at: Timestamp, what: &str) -> Result<()> {
        self.connection
            .prepare_cached("INSERT INTO history(contact, at, what) VALUES (?1, ?2, ?3)")
            .and_then(|mut statement| statement.execute(params![contact, at.as_second(), what]))
            .map(drop)
            .query(self, "noting what happened")
    }

    /// The same, unless it is what was told of the contact last.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn tell_news(&self, contact: i64, at: Timestamp, what: &str) -> Result<()> {
        self.connection
            .execute(
                "INSERT INTO history(contact, at, what) SELECT ?1, ?2, ?3
                 WHERE ?3 IS NOT (SELECT what FROM history WHERE contact = ?1 ORDER BY id DESC LIMIT 1)",
                params![contact, at.as_second(), what],
            )
            .map(drop)
            .query(self, "noting what happened")
    }

    /// The history of a contact, the oldest first.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn history(&self, contact: i64) -> Result<Vec<(Timestamp, String)>> {
        let read = || {
            self.connection
                .prepare_cached("SELECT at, what FROM history WHERE contact = ?1 ORDER BY id")?
                .query_map([contact], |row| {
                    Ok((seconds(row.get(0)?).unwrap_or_default(), row.get(1)?))
                })?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, "reading the history of a contact")
    }
}

fn begun(shop: &str, in_full: bool) -> String {
    let what = if in_full { "everything" } else { "changes" };
    format!("{what} of {shop} begun")
}
