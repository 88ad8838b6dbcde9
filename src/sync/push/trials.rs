//! What failed in a way that may pass: when it is tried again, and when the target is given up for now.
//!
//! Where others arrive it is the record that fails: it is put off, longer each time, across restarts, and set aside
//! in the end. Where nothing arrives it is the target that is out of order: the delivery ends, and no record is
//! blamed for it, but for those that failed before while others arrived.

use std::collections::{HashMap, HashSet};
use std::mem::{replace, take};
use std::time::Duration;

use jiff::Timestamp;

use crate::error::{Error, Kind, Result};
use crate::http::Pace;
use crate::state::State;
use crate::state::due::DueContact;

/// So many failures with no success among them, and the target is out of order.
const IN_A_ROW: usize = 5;

/// A contact that failed so often is set aside: by then hours have passed.
const MOST_TRIES: u32 = 10;

/// The pauses grow fourfold, up to this many times the first.
const LONGEST: u32 = 3_600;

/// What became of a batch of which something failed.
pub struct BatchFailed {
    /// Of whom nobody knows what became of them.
    pub troubles: HashMap<i64, Error>,
    /// About whom the target answered.
    pub reached: HashSet<i64>,
    /// Whether anything was written, were it of a contact with something else that failed.
    pub has_written: bool,
}

/// The failures of one delivery.
pub struct Trials {
    target: i64,
    pace: Pace,
    /// Failures since the last success of those that never failed before: the target's fault, or theirs.
    suspects: Vec<(DueContact, Error)>,
    /// The same of those that failed before while others arrived: theirs, unless it is the target's this time.
    known: Vec<(DueContact, Error)>,
    has_arrived: bool,
    /// Whether those at the other end of the queue have their try now.
    asks_others: bool,
    /// Whether the cause of any failure was told: one stands for all, which may be many.
    has_told: bool,
}

impl Trials {
    /// None yet.
    pub const fn new(target: i64, pace: Pace) -> Self {
        Self {
            target,
            pace,
            suspects: Vec::new(),
            known: Vec::new(),
            has_arrived: false,
            asks_others: false,
            has_told: false,
        }
    }

    /// Whether a contact waits for its failure to be judged.
    pub fn holds(&self, contact: i64) -> bool {
        let mut held = self.suspects.iter().chain(&self.known);
        held.any(|(due, _)| due.id == contact)
    }

    /// Whether so many failed in a row that those at the other end of the queue are to be tried: what fails may be of
    /// one kind, and stand in front of everybody else for ever.
    pub const fn asks_others(&self) -> bool {
        self.asks_others
    }

    /// How many do.
    pub fn held(&self) -> usize {
        self.suspects.len() + self.known.len()
    }

    /// Takes what failed of a batch; Answers with those that have failed too often now.
    ///
    /// # Errors
    /// When the target is out of order, with its own words; or when the state cannot be written.
    pub fn take(
        &mut self,
        state: &State,
        batch: &[DueContact],
        BatchFailed {
            mut troubles,
            reached,
            has_written,
        }: BatchFailed,
        now: Timestamp,
    ) -> Result<Vec<(DueContact, Error)>> {
        // Whoever says that a record is not there works.
        let answers = |error: &Error| error.kind() == Kind::NotFound;
        let arrived = has_written
            || reached.iter().any(|contact| !troubles.contains_key(contact))
            || troubles.values().any(answers);
        let failed = batch
            .iter()
            .filter_map(|due| troubles.remove(&due.id).map(|error| (*due, error)));
        let (known, suspects): (Vec<_>, Vec<_>) = failed.partition(|(due, _)| due.tries > 0);
        self.known.extend(known);
        self.suspects.extend(suspects);
        if arrived {
            self.has_arrived = true;
            self.asks_others = false;
            return self.judge(state, now);
        }
        match self.suspects.first() {
            Some((_, error)) if self.suspects.len() >= IN_A_ROW => {
                if self.asks_others {
                    return Err(error.clone());
                }
                self.asks_others = true;
            }
            _ => {}
        }
        Ok(Vec::new())
    }

    /// Judges what failed so far; answers with those that have failed too often now.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn judge(&mut self, state: &State, now: Timestamp) -> Result<Vec<(DueContact, Error)>> {
        if !self.has_arrived && !self.suspects.is_empty() {
            // Nobody can say whose fault it is.
            return Ok(Vec::new());
        }
        let mut failed = take(&mut self.suspects);
        failed.append(&mut self.known);
        self.blame(state, failed, now)
    }

    /// How long to wait for the next one that was put off, once all were judged; `None` when that is not worth a run's
    /// while.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn pause(&self, state: &State, now: Timestamp) -> Result<Option<Duration>> {
        if !self.has_arrived {
            return Ok(None);
        }
        let next = state.next_try(self.target)?;
        let pause = next.and_then(|next| Duration::try_from(next.duration_since(now)).ok());
        Ok(pause.filter(|pause| !pause.is_zero() && *pause <= self.pace.retry_longest))
    }

    /// At the end of a delivery: how many contacts are tried again later.
    ///
    /// # Errors
    /// When the target was out of order all the time, with its own words; or when the state cannot be read.
    pub fn end(self, state: &State) -> Result<u64> {
        match self.suspects.into_iter().next() {
            Some((_, error)) => Err(error),
            None => state.count_put_off(self.target),
        }
    }

    /// It is them: they are put off, but for those that have failed too often.
    fn blame(
        &mut self,
        state: &State,
        failed: Vec<(DueContact, Error)>,
        now: Timestamp,
    ) -> Result<Vec<(DueContact, Error)>> {
        let mut too_often = Vec::new();
        for (due, error) in failed {
            if due.tries + 1 >= MOST_TRIES {
                too_often.push((due, error));
                continue;
            }
            match replace(&mut self.has_told, true) {
                false => tracing::warn!("tried again later: {}: {}", error.doing(), error.cause()),
                true => tracing::debug!(cause = error.cause(), tries = due.tries + 1, "tried again later"),
            }
            let times = 4_u32.saturating_pow(due.tries).min(LONGEST);
            let pause = self.pace.retry_first.saturating_mul(times);
            let not_before = now.checked_add(pause).unwrap_or(Timestamp::MAX);
            state.put_off(self.target, due, not_before)?;
        }
        Ok(too_often)
    }
}
