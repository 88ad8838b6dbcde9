//! The shop's clock: the real time, a time that stands still, or one that runs faster.

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

/// Tells the simulated shop what time it is, so that a rule of 30 minutes or 24 hours can be
/// tested without waiting.
#[derive(Debug, Clone)]
pub struct Clock {
    base: Timestamp,
    since: Instant,
    speed: f64,
}

impl Clock {
    /// The real time.
    pub fn real() -> Self {
        Self::at(Timestamp::now(), 1.0)
    }

    /// A clock that stands at `moment` until it is advanced.
    pub fn standing_at(moment: Timestamp) -> Self {
        Self::at(moment, 0.0)
    }

    /// A clock that shows `moment` now and runs `speed` times as fast as the real one.
    pub fn at(moment: Timestamp, speed: f64) -> Self {
        Self {
            base: moment,
            since: Instant::now(),
            speed,
        }
    }

    /// The shop's present, in whole seconds: the shop knows nothing finer.
    pub fn now(&self) -> Timestamp {
        let precise = self.precise();
        Timestamp::from_second(precise.as_second()).unwrap_or(precise)
    }

    /// Moves the present by `by`.
    pub fn advance(&mut self, by: SignedDuration) {
        self.base = self.base.saturating_add(by).unwrap_or(self.base);
    }

    /// Runs `speed` times as fast from now on.
    pub fn run_at(&mut self, speed: f64) {
        *self = Self::at(self.precise(), speed);
    }

    pub(super) fn precise(&self) -> Timestamp {
        let passed = SignedDuration::try_from_secs_f64(self.since.elapsed().as_secs_f64() * self.speed);
        passed
            .ok()
            .and_then(|passed| self.base.checked_add(passed).ok())
            .unwrap_or(self.base)
    }
}
