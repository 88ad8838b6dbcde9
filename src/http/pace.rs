//! How long we wait, how often we ask: every interval of the conversation with a service.

use std::time::Duration;

/// The intervals, in one place so that tests can run the same code a thousand times faster.
#[derive(Debug, Clone)]
pub struct Pace {
    /// Until a connection stands.
    pub connect: Duration,
    /// Until a small answer is complete.
    pub answer: Duration,
    /// Until a download begins: the shop puts an export together before its first byte.
    pub first_byte: Duration,
    /// The window over which the speed of a download is judged.
    pub slow_window: Duration,
    /// Bytes that have to arrive in each window, lest the download counts as stalled.
    pub slow_bytes: u64,
    /// First pause after a fault of the service or the network; it doubles from there.
    pub retry_first: Duration,
    /// The longest such pause.
    pub retry_longest: Duration,
    /// How often one request is sent at most.
    pub retry_attempts: u32,
    /// How long all attempts of one request may take together, pauses included.
    pub retry_total: Duration,
    /// A pause between two attempts that is longer than this is told: by then somebody wonders.
    pub told_pause: Duration,
    /// The pause after a 429 that names none; spread by a third both ways, so 1 to 2 s.
    pub busy: Duration,
    /// The pause after a 423: the shop locks an address for at most 5 s.
    pub locked: Duration,
    /// A service that asks for more patience than this is left for the next run.
    pub retry_after_longest: Duration,
    /// How long the leaky bucket takes to lose one drop (the shop drains ten a second).
    pub bucket_drop: Duration,
    /// First pause between two looks at the list of jobs; it grows from there.
    pub job_poll_first: Duration,
    /// The longest such pause.
    pub job_poll_longest: Duration,
    /// How long a job is waited for: the shop itself gives a job up after 3 hours.
    pub job_longest: Duration,
    /// The longest time that a download waits for its turn at a permanent link.
    pub export_turn_longest: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        const MINUTE: u64 = 60;
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(MINUTE),
            first_byte: Duration::from_secs(10 * MINUTE),
            slow_window: Duration::from_secs(MINUTE),
            slow_bytes: 60 * 1024,
            retry_first: Duration::from_secs(1),
            retry_longest: Duration::from_secs(MINUTE),
            retry_attempts: 6,
            retry_total: Duration::from_secs(10 * MINUTE),
            told_pause: Duration::from_secs(5),
            busy: Duration::from_millis(1_500),
            locked: Duration::from_secs(5),
            retry_after_longest: Duration::from_secs(5 * MINUTE),
            bucket_drop: Duration::from_millis(100),
            job_poll_first: Duration::from_secs(1),
            job_poll_longest: Duration::from_secs(MINUTE),
            job_longest: Duration::from_secs(190 * MINUTE),
            export_turn_longest: Duration::from_secs(20 * MINUTE),
        }
    }
}
