//! Waiting for another program that locks the file.
//!
//! SQLite would wait by itself, but on the thread that all the other work is done on. So it hardly waits at
//! all, and whoever was refused comes again.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::error::{Kind, Result};

/// How long another program may hold up a call in all.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long SQLite itself waits at each try, during which nothing else is done.
pub const AT_ONCE: Duration = Duration::from_millis(50);

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(150);

/// What is left of it for one call.
pub struct Patience(Instant);

impl Patience {
    /// All of it.
    pub fn begin() -> Self {
        Self(Instant::now())
    }

    /// Whether what came of a try is a reason to try again.
    pub fn lasts<T>(&self, done: &Result<T>) -> bool {
        let is_locked = done.as_ref().is_err_and(|error| error.kind() == Kind::Busy);
        is_locked && self.0.elapsed() < PATIENCE
    }

    /// Waits until the next try.
    pub async fn pause(&self) {
        sleep(PAUSE).await;
    }
}
