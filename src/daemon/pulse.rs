//! Whether the work in hand moves, for the watchdog.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use crate::source::{Progress, Unit};

type LastBeat = Arc<Mutex<Instant>>;

/// Every work in hand and when it last moved. Clones are the same pulse.
///
/// Each work beats for itself: of two shops that are read side by side, the one that moves does not
/// hide the one that hangs.
#[derive(Debug, Clone, Default)]
pub struct Pulse(Arc<Mutex<Vec<Weak<Mutex<Instant>>>>>);

impl Pulse {
    /// Something is in hand from now on, until what is returned and all its clones are dropped. It
    /// has to beat whenever it moves.
    pub fn begin(&self) -> InHand {
        let beat = LastBeat::new(Mutex::new(Instant::now()));
        let mut works = locked(&self.0);
        works.retain(|work| work.strong_count() > 0);
        works.push(Arc::downgrade(&beat));
        InHand(beat)
    }

    /// For how long the stillest work in hand has not moved; `None` when nothing is in hand.
    pub fn longest_silence(&self) -> Option<Duration> {
        let works = locked(&self.0);
        let beats = works.iter().filter_map(Weak::upgrade);
        beats.map(|beat| locked(&beat).elapsed()).max()
    }
}

/// One work in hand. Clones are the same work.
#[derive(Debug, Clone)]
pub struct InHand(LastBeat);

impl InHand {
    /// It moved.
    pub fn beat(&self) {
        *locked(&self.0) = Instant::now();
    }
}

/// Passes progress on; whatever tells how far it is, moves.
pub struct Beating<'a> {
    /// What moves.
    pub in_hand: InHand,
    /// Who hears of it.
    pub progress: &'a dyn Progress,
}

impl Progress for Beating<'_> {
    fn report(&self, phase: &str, done: u64, total: Option<u64>, unit: Unit) {
        self.in_hand.beat();
        self.progress.report(phase, done, total, unit);
    }

    fn tell(&self, words: &str) {
        self.in_hand.beat();
        self.progress.tell(words);
    }
}

/// What is locked here is whole at every moment, whoever panicked.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
