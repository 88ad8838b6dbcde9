//! The targets that were ever delivered to, and the layouts their hashes were written with.

use rusqlite::{OptionalExtension, params};

use super::{Query, State};
use crate::error::Result;

/// What is remembered of a target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TargetMarks {
    /// Its identity, once it was delivered to.
    pub identity: Option<String>,
    /// Fingerprint of the configuration it was last delivered with; a former version's was of the mapping.
    pub fingerprint: Option<String>,
    /// Number of the last delivery that left its number there; 0 before the first.
    pub delivery: i64,
    /// Number of the last delivery that was about to: the same, or one that was killed in between.
    pub begun: i64,
}

impl State {
    /// The number of a target, given one when it is new.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn target(&self, name: &str) -> Result<i64> {
        self.connection
            .execute("INSERT OR IGNORE INTO targets(name) VALUES (?1)", [name])
            .and_then(|_| {
                self.connection
                    .query_row("SELECT id FROM targets WHERE name = ?1", [name], |row| row.get(0))
            })
            .query(self, "remembering a target")
    }

    /// The numbers of all targets that were ever delivered to. One that the configuration leaves out
    /// for a while has to hear of changes all the same.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn targets(&self) -> Result<Vec<i64>> {
        let read = || {
            self.connection
                .prepare_cached("SELECT id FROM targets ORDER BY id")?
                .query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, "reading the targets")
    }

    /// Targets that were delivered to before and are none of these: number and name.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn former_targets(&self, known: &[&str]) -> Result<Vec<(i64, String)>> {
        let read = || {
            self.connection
                .prepare_cached("SELECT id, name FROM targets ORDER BY id")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<Vec<(i64, String)>>>()
        };
        let mut targets = read().query(self, "reading the targets")?;
        targets.retain(|(_, name)| !known.contains(&name.as_str()));
        Ok(targets)
    }

    /// The number of a target that was delivered to before.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn known_target(&self, name: &str) -> Result<Option<i64>> {
        self.connection
            .query_row("SELECT id FROM targets WHERE name = ?1", [name], |row| row.get(0))
            .optional()
            .query(self, "reading a target")
    }

    /// What is remembered of a target.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn target_marks(&self, target: i64) -> Result<TargetMarks> {
        self.connection
            .query_row(
                "SELECT identity, mapping, delivery, begun FROM targets WHERE id = ?1",
                [target],
                |row| {
                    Ok(TargetMarks {
                        identity: row.get(0)?,
                        fingerprint: row.get(1)?,
                        delivery: row.get(2)?,
                        begun: row.get(3)?,
                    })
                },
            )
            .query(self, "reading a target")
    }

    /// A delivery of this number is about to write its first record, and to leave its number there.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn begin_delivery(&self, target: i64, number: i64) -> Result<()> {
        self.connection
            .execute("UPDATE targets SET begun = ?2 WHERE id = ?1", [target, number])
            .map(drop)
            .query(self, "remembering a delivery")
    }

    /// The number of the delivery that was begun stands in the target.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn confirm_delivery(&self, target: i64) -> Result<()> {
        self.connection
            .execute("UPDATE targets SET delivery = begun WHERE id = ?1", [target])
            .map(drop)
            .query(self, "remembering a delivery")
    }

    /// Whether a person has agreed to the first delivery to a target, or nobody had to.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn is_agreed(&self, target: i64) -> Result<bool> {
        self.connection
            .query_row("SELECT agreed FROM targets WHERE id = ?1", [target], |row| {
                row.get(0)
            })
            .query(self, "reading a target")
    }

    /// Notes that.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn agree(&self, target: i64) -> Result<()> {
        self.connection
            .execute("UPDATE targets SET agreed = 1 WHERE id = ?1", [target])
            .map(drop)
            .query(self, "remembering a target")
    }

    /// A target that was about to be filled holds nothing of it: everything is due there.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn forget_filling(&self, target: i64, name: &str) -> Result<()> {
        self.forget_links(target)?;
        self.connection
            .execute("DELETE FROM parked WHERE target = ?1", [name])
            .query(self, "remembering a target")?;
        self.make_all_due(target)
    }

    /// By what a target tells this state from another one that writes there too.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn id(&self) -> Result<String> {
        self.connection
            .query_row("SELECT value FROM meta WHERE name = 'id'", [], |row| row.get(0))
            .query(self, "reading the id of the state")
    }

    /// Remembers identity and configuration of a target.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn mark_target(&self, target: i64, identity: &str, fingerprint: &str) -> Result<()> {
        self.connection
            .execute(
                "UPDATE targets SET identity = ?2, mapping = ?3 WHERE id = ?1",
                params![target, identity, fingerprint],
            )
            .map(drop)
            .query(self, "remembering a target")
    }

    /// The number of a layout: the names of the fields, in order.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn layout(&self, fields: &[&str]) -> Result<i64> {
        let fields = fields.join("\n");
        self.connection
            .execute("INSERT OR IGNORE INTO layouts(fields) VALUES (?1)", [&fields])
            .and_then(|_| {
                self.connection
                    .query_row("SELECT id FROM layouts WHERE fields = ?1", [&fields], |row| {
                        row.get(0)
                    })
            })
            .query(self, "remembering the fields of a target")
    }

    /// The names of a layout's fields.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn layout_fields(&self, layout: i64) -> Result<Vec<String>> {
        self.connection
            .query_row("SELECT fields FROM layouts WHERE id = ?1", [layout], |row| {
                row.get::<_, String>(0)
            })
            .optional()
            .map(|fields| {
                fields
                    .map(|fields| fields.split('\n').map(str::to_owned).collect())
                    .unwrap_or_default()
            })
            .query(self, "reading the fields of a target")
    }
}
