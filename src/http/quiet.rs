//! Until when a service wants to hear nothing from us. `Retry-After` is meant for whoever asks next, not
//! only for whoever was told.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::Pace;
use crate::error::{Error, Kind, Result};

/// What is asked for beyond this is a note of another clock, or of another time.
const LONGEST_NOTED: SignedDuration = SignedDuration::from_hours(24);

/// Until when one service wants to hear nothing from us, whoever of us was told.
#[derive(Debug)]
pub struct Quiet {
    until: Mutex<Option<Instant>>,
    longest: Duration,
    /// Where the next process finds it.
    note: Option<PathBuf>,
}

impl Quiet {
    /// A service that may be asked at once, unless the `note` of an earlier process says otherwise.
    pub fn new(pace: &Pace, note: Option<PathBuf>) -> Self {
        let left = note.as_deref().and_then(noted);
        Self {
            until: Mutex::new(left.and_then(|left| Instant::now().checked_add(left))),
            longest: pace.retry_after_longest,
            note,
        }
    }

    /// The service asked for so much patience.
    pub fn asked_for(&self, patience: Duration) {
        let until = Instant::now().checked_add(patience);
        let mut known = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if until <= *known {
            return;
        }
        *known = until;
        if let Some(note) = &self.note
            && let Err(untold) = leave(note, patience)
        {
            // Whoever comes next asks too early, and is told again.
            tracing::debug!("noting how long a service wants to hear nothing: {untold}");
        }
    }

    /// How long it still wants to hear nothing.
    pub fn left(&self) -> Duration {
        let until = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.map_or(Duration::ZERO, |until| {
            until.saturating_duration_since(Instant::now())
        })
    }

    /// Waits until it may be asked.
    ///
    /// # Errors
    /// [`Kind::Busy`] when that takes more patience than a run has; the service is not asked then.
    pub async fn end(&self, doing: &str) -> Result<()> {
        loop {
            let left = self.left();
            if left.is_zero() {
                return Ok(());
            }
            if left > self.longest {
                let cause = format!("it asked to be left alone for {} s more", left.as_secs());
                return Err(Error::new(Kind::Busy, doing, cause));
            }
            tokio::time::sleep(left).await;
        }
    }
}

/// How long a note says that the service still wants to hear nothing.
fn noted(note: &Path) -> Option<Duration> {
    let until: Timestamp = std::fs::read_to_string(note).ok()?.trim().parse().ok()?;
    let left = until.duration_since(Timestamp::now());
    (left <= LONGEST_NOTED)
        .then(|| Duration::try_from(left).ok())
        .flatten()
}

/// The folder is made, but not the one it is in: a state directory is made by what writes a state.
fn leave(note: &Path, patience: Duration) -> std::io::Result<()> {
    let Ok(until) = Timestamp::now().checked_add(patience) else {
        return Ok(());
    };
    if let Some(folder) = note.parent().filter(|folder| !folder.exists()) {
        std::fs::create_dir(folder)?;
    }
    std::fs::write(note, format!("{until}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_process_knows_what_this_one_was_told() {
        let folder = tempfile::tempdir().unwrap();
        let note = folder.path().join("quiet").join("main.api");
        let quiet = || Quiet::new(&Pace::default(), Some(note.clone()));
        assert!(quiet().left().is_zero());
        quiet().asked_for(Duration::from_secs(90));
        let left = quiet().left();
        assert!(
            left > Duration::from_secs(80) && left <= Duration::from_secs(90),
            "{left:?}"
        );

        for of_no_use in ["", "soon", "2001-01-01T00:00:00Z", "2999-01-01T00:00:00Z"] {
            std::fs::write(&note, of_no_use).unwrap();
            assert!(quiet().left().is_zero(), "{of_no_use}");
        }
    }
}
