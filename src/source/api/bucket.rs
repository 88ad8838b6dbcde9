//! The leaky bucket: each answer tells how full it is, and we slow down before it is full.
//!
//! Capacity 200 drops per token and shop, draining ten a second; what a request costs is computed
//! by the shop after it ran (developers.shoptet.com, rate limiter).

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::header::HeaderMap;

const FILLING: &str = "X-RateLimit-Bucket-Filling";

/// Below this share of the capacity we ask at full speed.
const COMFORTABLE_PERCENT: u32 = 80;

/// What the last answer said about the bucket.
pub(super) struct Bucket {
    drop_time: Duration,
    seen: Mutex<Option<Seen>>,
}

#[derive(Clone, Copy)]
struct Seen {
    used: u32,
    capacity: u32,
    at: Instant,
}

impl Bucket {
    /// `drop_time`: how long the bucket takes to lose one drop.
    pub fn new(drop_time: Duration) -> Self {
        Self {
            drop_time,
            seen: Mutex::new(None),
        }
    }

    /// Takes note of an answer's `used/capacity`.
    pub fn note(&self, headers: &HeaderMap) {
        let filling = headers.get(FILLING).and_then(|filling| filling.to_str().ok());
        let Some((used, capacity)) = filling.and_then(|filling| filling.split_once('/')) else {
            return;
        };
        if let (Ok(used), Ok(capacity)) = (used.trim().parse(), capacity.trim().parse()) {
            let seen = Seen {
                used,
                capacity,
                at: Instant::now(),
            };
            *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
        }
    }

    /// How long to wait until the bucket has drained to a comfortable level.
    pub fn pause(&self) -> Duration {
        let Some(seen) = *self.seen.lock().unwrap_or_else(PoisonError::into_inner) else {
            return Duration::ZERO;
        };
        let comfortable = seen.capacity / 100 * COMFORTABLE_PERCENT;
        let surplus = seen.used.min(seen.capacity).saturating_sub(comfortable);
        self.drop_time
            .saturating_mul(surplus)
            .saturating_sub(seen.at.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn a_full_bucket_slows_down_and_a_half_full_one_does_not() {
        let bucket = Bucket::new(Duration::from_millis(100));
        assert_eq!(bucket.pause(), Duration::ZERO);
        let mut headers = HeaderMap::new();
        headers.insert(FILLING, HeaderValue::from_static("100/200"));
        bucket.note(&headers);
        assert_eq!(bucket.pause(), Duration::ZERO);
        headers.insert(FILLING, HeaderValue::from_static("200/200"));
        bucket.note(&headers);
        let pause = bucket.pause();
        assert!(
            pause > Duration::from_secs(3) && pause <= Duration::from_secs(4),
            "{pause:?}"
        );
        headers.insert(FILLING, HeaderValue::from_static("nonsense"));
        bucket.note(&headers);
        assert!(
            bucket.pause() > Duration::from_secs(3),
            "nonsense changes nothing"
        );
    }
}
