//! What both ways of reading a shop share: the file that is read, and the progress that is told.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::source::document;
use crate::source::{Progress, Unit};

/// A document on the disk and the moment it speaks of.
#[derive(Debug, Clone)]
pub struct ReadFile {
    /// Where it is.
    pub path: PathBuf,
    /// When its request was sent; for a file its modification time or `--as-of`.
    pub read_at: Timestamp,
    /// From where, in words.
    pub source: String,
    /// Whether what is missing in it is missing in the shop.
    pub complete: bool,
}

/// Tells how far a document is read, not oftener than anybody can see.
pub struct Meter<'a> {
    progress: &'a dyn Progress,
    phase: String,
    records: u64,
}

impl<'a> Meter<'a> {
    /// How many records lie between two reports.
    const EVERY: u64 = 512;

    /// A meter for one document.
    pub fn new(progress: &'a dyn Progress, phase: String) -> Self {
        Self {
            progress,
            phase,
            records: 0,
        }
    }

    /// One more record is in the state.
    pub fn record(&mut self, at: document::Progress) {
        self.records += 1;
        if self.records.is_multiple_of(Self::EVERY) {
            // The share of the file that is read tells how many records there will be.
            let total = (at.read > 0).then(|| {
                let share = u128::from(self.records) * u128::from(at.size) / u128::from(at.read);
                u64::try_from(share).unwrap_or(u64::MAX).max(self.records)
            });
            self.progress
                .report(&self.phase, self.records, total, Unit::Records);
        }
    }
}
