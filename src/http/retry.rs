//! The pauses between attempts. The `backoff` crate gives the intervals and nothing else: its own
//! retry loop never ends against a server that always sends `Retry-After`. This file is the only
//! one that knows the crate.

use std::time::{Duration, Instant, SystemTime};

use backoff::ExponentialBackoff;
use backoff::backoff::Backoff as _;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use super::Pace;
use crate::error::{Call, Error};

/// A third both ways, so that two programs that failed together do not come back together.
const SPREAD: f64 = 0.33;

/// Pauses that double up to a longest one and never run out.
pub struct Intervals {
    growing: ExponentialBackoff,
    longest: Duration,
}

impl Intervals {
    /// Starts at `first`; no pause is longer than `longest`.
    pub fn new(first: Duration, longest: Duration) -> Self {
        let growing = ExponentialBackoff {
            current_interval: first,
            initial_interval: first,
            randomization_factor: SPREAD,
            multiplier: 2.0,
            max_interval: longest,
            max_elapsed_time: None,
            ..ExponentialBackoff::default()
        };
        Self { growing, longest }
    }

    /// How long to wait now.
    pub fn next_pause(&mut self) -> Duration {
        self.growing
            .next_backoff()
            .unwrap_or(self.longest)
            .min(self.longest)
    }
}

/// One pause of about `pause`.
pub fn jittered(pause: Duration) -> Duration {
    Intervals::new(pause, pause.saturating_mul(2)).next_pause()
}

/// How often and how long one request may still be tried.
pub struct Attempts {
    intervals: Intervals,
    left: u32,
    ends_at: Option<Instant>,
    longest_asked: Duration,
    /// The pause from which on it is told; `None` once it was.
    told_pause: Option<Duration>,
}

impl Attempts {
    /// A fresh budget; the first attempt is already part of it.
    pub fn new(pace: &Pace) -> Self {
        Self {
            intervals: Intervals::new(pace.retry_first, pace.retry_longest),
            left: pace.retry_attempts.saturating_sub(1),
            ends_at: Instant::now().checked_add(pace.retry_total),
            longest_asked: pace.retry_after_longest,
            told_pause: Some(pace.told_pause),
        }
    }

    /// How long to pause after `error` before the next attempt; `None` when its kind calls for no
    /// other attempt or the budget is spent.
    pub fn pause_after(&mut self, error: &Error, asked: Option<Duration>) -> Option<Duration> {
        if error.kind().calls_for() == Call::Retry {
            self.next_pause(asked)
        } else {
            None
        }
    }

    /// How long to pause before the next attempt (`asked`: what the service asked for), or `None`
    /// when the budget is spent or the service asks for more patience than a run has.
    pub fn next_pause(&mut self, asked: Option<Duration>) -> Option<Duration> {
        self.left = self.left.checked_sub(1)?;
        if asked.is_some_and(|asked| asked > self.longest_asked) {
            return None;
        }
        let pause = asked.unwrap_or_else(|| self.intervals.next_pause());
        let resumes_at = Instant::now().checked_add(pause)?;
        self.ends_at.is_none_or(|end| resumes_at <= end).then_some(pause)
    }

    /// What to tell a person about a pause after `error`; `None` while pauses are short, and once it was
    /// told of this request.
    pub fn words_for(&mut self, pause: Duration, error: &Error) -> Option<String> {
        self.told_pause.take_if(|told| pause > *told)?;
        Some(format!(
            "{}: {}; it is asked again in {} s, and later if need be",
            error.doing(),
            error.cause(),
            pause.as_secs_f64().round()
        ))
    }
}

/// `Retry-After`, as seconds or as a date (the shop sends a date). The date is read against the
/// answer's own clock where it has one: ours may be wrong.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let asked = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = asked.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(asked).ok()?;
    let now = headers
        .get(DATE)
        .and_then(|date| date.to_str().ok())
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .unwrap_or_else(SystemTime::now);
    Some(until.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;
    use crate::error::Kind;

    #[test]
    fn the_first_long_pause_is_told_and_no_other() {
        let mut attempts = Attempts::new(&Pace::default());
        let error = Error::new(Kind::ServerFault, "asking", "503");
        let told = [2, 5, 8, 16].map(|seconds| attempts.words_for(Duration::from_secs(seconds), &error));
        let words = "asking: 503; it is asked again in 8 s, and later if need be";
        assert_eq!(told, [None, None, Some(words.to_owned()), None]);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_on_the_services_own_clock() {
        let mut headers = HeaderMap::new();
        assert_eq!(retry_after(&headers), None);
        headers.insert(RETRY_AFTER, HeaderValue::from_static("7"));
        assert_eq!(retry_after(&headers), Some(Duration::from_secs(7)));
        headers.insert(
            RETRY_AFTER,
            HeaderValue::from_static("Mon, 01 Jul 2024 12:01:11 GMT"),
        );
        assert_eq!(
            retry_after(&headers),
            Some(Duration::ZERO),
            "long past on our clock"
        );
        headers.insert(DATE, HeaderValue::from_static("Mon, 01 Jul 2024 12:01:00 GMT"));
        assert_eq!(retry_after(&headers), Some(Duration::from_secs(11)));
        headers.insert(RETRY_AFTER, HeaderValue::from_static("soon"));
        assert_eq!(retry_after(&headers), None);
    }

    #[test]
    fn pauses_grow_to_the_longest_and_attempts_run_out() {
        let second = Duration::from_secs(1);
        let mut intervals = Intervals::new(second, second * 8);
        let pauses: Vec<_> = (0..50).map(|_| intervals.next_pause()).collect();
        assert!(pauses[0] < second * 2 && pauses[0] > second / 2, "{pauses:?}");
        assert!(pauses[10] > second * 5, "{pauses:?}");
        assert!(pauses.iter().all(|pause| *pause <= second * 8), "{pauses:?}");

        let mut attempts = Attempts::new(&Pace {
            retry_attempts: 3,
            ..Pace::default()
        });
        assert!(attempts.next_pause(None).is_some());
        assert_eq!(attempts.next_pause(Some(second)), Some(second));
        assert_eq!(attempts.next_pause(None), None);
        assert_eq!(
            Attempts::new(&Pace::default()).next_pause(Some(second * 3600)),
            None,
            "too long"
        );
    }
}
