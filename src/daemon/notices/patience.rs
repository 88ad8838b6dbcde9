//! How long is waited for those who are told.

use std::time::Duration;

use crate::http::Pace;

/// The intervals, in one place so that tests can run the same code a thousand times faster.
#[derive(Debug, Clone)]
pub struct Patience {
    /// Of one call and its attempts.
    pub http: Pace,
    /// Until a command is killed.
    pub command: Duration,
    /// The pause before what could not be told is tried again, though nothing new happened; it doubles.
    pub again_first: Duration,
    /// The longest such pause.
    pub again_longest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        const MINUTE: u64 = 60;
        let http = Pace {
            // A chat service answers within a second; nothing waits for it.
            answer: Duration::from_secs(15),
            retry_first: Duration::from_secs(2),
            retry_longest: Duration::from_secs(30),
            retry_attempts: 4,
            retry_total: Duration::from_secs(2 * MINUTE),
            retry_after_longest: Duration::from_secs(2 * MINUTE),
            ..Pace::default()
        };
        Self {
            http,
            command: Duration::from_secs(MINUTE),
            again_first: Duration::from_secs(5 * MINUTE),
            again_longest: Duration::from_secs(4 * 60 * MINUTE),
        }
    }
}
