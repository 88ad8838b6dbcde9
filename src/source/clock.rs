//! The shop's clock beside ours, and moments as the shop reads them.
//!
//! How far a shop has been read is compared with the shop's own times of change, so it has to be a
//! moment of the shop's clock. Where ours is ahead, what the shop changes in between would never be
//! asked for; so each answer's `Date` is looked at. Where ours is behind nothing is corrected: an
//! earlier moment asks for more, never for less.

use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{DATE, HeaderMap};

/// By how much the shop's clock is behind ours, as the last answer told.
#[derive(Debug, Default)]
pub(super) struct ShopClock {
    behind: Mutex<SignedDuration>,
}

impl ShopClock {
    /// Takes note of an answer that arrived just now. The time it took to arrive counts as being
    /// behind too, which is the safe side.
    pub fn note(&self, headers: &HeaderMap) {
        let date = headers
            .get(DATE)
            .and_then(|date| date.to_str().ok())
            .and_then(|date| httpdate::parse_http_date(date).ok());
        let Some(date) = date else { return };
        let behind = SystemTime::now().duration_since(date).unwrap_or_default();
        if let Ok(behind) = SignedDuration::try_from(behind) {
            *self.behind.lock().unwrap_or_else(PoisonError::into_inner) = behind;
        }
    }

    /// One of our moments by the shop's clock, where that is behind.
    pub fn of_ours(&self, ours: Timestamp) -> Timestamp {
        let behind = *self.behind.lock().unwrap_or_else(PoisonError::into_inner);
        ours.checked_sub(behind).unwrap_or(ours)
    }
}

/// A moment less an overlap, in whole seconds: finer is neither told to the shop nor kept by everyone.
pub(super) fn less(moment: Timestamp, overlap: SignedDuration) -> Timestamp {
    let earlier = moment.checked_sub(overlap).unwrap_or(moment);
    Timestamp::from_second(earlier.as_second()).unwrap_or(earlier)
}

/// As the API reads it: `2026-07-01T10:00:00+0000`.
pub(super) fn for_the_api(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S+0000").to_string()
}

/// As a link reads it: `2026-07-01 10:00:00`, in UTC. Which zone the shop takes it for is not
/// documented; taken for the shop's local time it asks for an hour or two more, never for less.
pub(super) fn for_a_link(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn a_clock_that_is_behind_moves_the_moment_back_and_one_that_is_ahead_does_not() {
        let (clock, now) = (ShopClock::default(), Timestamp::now());
        assert_eq!(clock.of_ours(now), now);
        let told = |minutes: i64| {
            let date = now.saturating_add(SignedDuration::from_mins(minutes)).unwrap();
            let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
            let mut headers = HeaderMap::new();
            headers.insert(DATE, HeaderValue::from_str(&date).unwrap());
            clock.note(&headers);
            now.duration_since(clock.of_ours(now))
        };
        let back = told(-10);
        let ten = SignedDuration::from_mins(10);
        assert!(back >= ten && back < ten + SignedDuration::from_mins(1), "{back}");
        assert_eq!(told(10), SignedDuration::ZERO);
        let mut nonsense = HeaderMap::new();
        nonsense.insert(DATE, HeaderValue::from_static("yesterday"));
        clock.note(&nonsense);
        assert_eq!(clock.of_ours(now), now);
    }
}
