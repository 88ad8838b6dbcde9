//! How often a service is asked: so many requests in any span of so long, across restarts where a note is kept.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// At most so many requests in any span of this length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How many.
    pub requests: u32,
    /// In how long.
    pub within: Duration,
}

/// The limits of one service, and what was used of them.
#[derive(Debug)]
pub struct Rate {
    limits: Vec<Limit>,
    /// When requests were sent, the oldest first; none that no limit counts any more.
    sent: Mutex<VecDeque<Timestamp>>,
    /// Where the next process finds them.
    note: Option<PathBuf>,
}

impl Rate {
    /// These limits; what earlier processes used of them stands in `note`.
    pub fn new(limits: &[Limit], note: Option<PathBuf>) -> Self {
        let usable = |limit: &&Limit| limit.requests > 0 && !limit.within.is_zero();
        Self {
            limits: limits.iter().filter(usable).copied().collect(),
            sent: Mutex::new(note.as_deref().map(noted).unwrap_or_default()),
            note,
        }
    }

    /// Waits until a request may be sent, and counts it.
    pub async fn turn(&self) {
        while let Some(pause) = self.take_turn(Timestamp::now()) {
            tokio::time::sleep(pause).await;
        }
    }

    /// Counts a request sent at this moment; how long to wait instead where that is one too many.
    fn take_turn(&self, now: Timestamp) -> Option<Duration> {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back must not stop everything: what lies ahead was just now.
        for moment in sent.iter_mut().rev().take_while(|moment| **moment > now) {
            *moment = now;
        }
        let longest = self.limits.iter().map(|limit| limit.within).max()?;
        while sent
            .front()
            .is_some_and(|moment| left(*moment, longest, now).is_none())
        {
            sent.pop_front();
        }
        let pauses = self.limits.iter().filter_map(|limit| {
            let counted = usize::try_from(limit.requests).unwrap_or(usize::MAX);
            // The last one that still leaves room, were it not in the span any more.
            let in_the_way = sent
                .len()
                .checked_sub(counted)
                .and_then(|place| sent.get(place))?;
            left(*in_the_way, limit.within, now)
        });
        if let Some(pause) = pauses.max() {
            return Some(pause);
        }
        sent.push_back(now);
        if let Some(note) = &self.note
            && let Err(untold) = leave(note, &sent)
        {
            // A process that comes after this one asks too early, and is told so by the service.
            tracing::debug!("noting how often a service was asked: {untold}");
        }
        None
    }
}

/// How much of a span is left that began at a moment.
fn left(began: Timestamp, span: Duration, now: Timestamp) -> Option<Duration> {
    let passed = Duration::try_from(now.duration_since(began)).unwrap_or_default();
    span.checked_sub(passed).filter(|left| !left.is_zero())
}

/// What is older than a day, or of another time, counts for no limit.
fn noted(note: &Path) -> VecDeque<Timestamp> {
    let now = Timestamp::now();
    let counts = |moment: &Timestamp| now.duration_since(*moment).abs() < SignedDuration::from_hours(24);
    let text = std::fs::read_to_string(note).unwrap_or_default();
    let mut sent: Vec<Timestamp> = text
        .lines()
        .filter_map(|line| line.parse().ok())
        .filter(counts)
        .collect();
    sent.sort_unstable();
    sent.into()
}

/// The folder is made, but not the one it is in: a state directory is made by what writes a state.
fn leave(note: &Path, sent: &VecDeque<Timestamp>) -> std::io::Result<()> {
    if let Some(folder) = note.parent().filter(|folder| !folder.exists()) {
        std::fs::create_dir(folder)?;
    }
    let lines: String = sent.iter().map(|moment| format!("{moment}\n")).collect();
    std::fs::write(note, lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    #[test]
    fn no_span_holds_more_than_its_limit() {
        let limit = |requests, within| Limit { requests, within };
        let rate = Rate::new(&[limit(3, MINUTE), limit(4, MINUTE * 60)], None);
        for second in [0, 10, 20] {
            assert_eq!(rate.take_turn(at(second)), None);
        }
        assert_eq!(
            rate.take_turn(at(30)),
            Some(Duration::from_secs(30)),
            "the first leaves the minute"
        );
        assert_eq!(rate.take_turn(at(60)), None);
        assert_eq!(
            rate.take_turn(at(90)),
            Some(Duration::from_secs(3_510)),
            "the hour is full"
        );
        assert_eq!(rate.take_turn(at(3_600)), None);
    }

    #[test]
    fn a_clock_set_back_waits_no_longer_than_the_span() {
        let limit = Limit {
            requests: 1,
            within: MINUTE,
        };
        let rate = Rate::new(&[limit], None);
        assert_eq!(rate.take_turn(at(86_400)), None);
        assert_eq!(rate.take_turn(at(0)), Some(MINUTE));
        assert_eq!(rate.take_turn(at(61)), None);
    }

    #[test]
    fn the_next_process_knows_what_this_one_used() {
        let folder = tempfile::tempdir().unwrap();
        let note = folder.path().join("rates").join("crm");
        let limit = Limit {
            requests: 2,
            within: MINUTE,
        };
        let now = Timestamp::now();
        let rate = || Rate::new(&[limit], Some(note.clone()));
        assert_eq!(rate().take_turn(now), None);
        assert_eq!(rate().take_turn(now), None);
        assert!(rate().take_turn(now).is_some());
        std::fs::write(&note, "soon\n2001-01-01T00:00:00Z\n").unwrap();
        assert_eq!(rate().take_turn(now), None, "of no use");
    }
}
