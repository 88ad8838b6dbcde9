//! Until when a service wants to hear nothing from us. `Retry-After` is meant for whoever asks next, not
//! only for whoever was told.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Pace;
use crate::error::{Error, Kind, Result};

/// Until when one service wants to hear nothing from us, whoever of us was told.
#[derive(Debug)]
pub struct Quiet {
    until: Mutex<Option<Instant>>,
    longest: Duration,
}

impl Quiet {
    /// A service that may be asked at once.
    pub fn new(pace: &Pace) -> Self {
        Self {
            until: Mutex::new(None),
            longest: pace.retry_after_longest,
        }
    }

    /// The service asked for so much patience.
    pub fn asked_for(&self, patience: Duration) {
        let until = Instant::now().checked_add(patience);
        let mut known = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        *known = until.max(*known);
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
