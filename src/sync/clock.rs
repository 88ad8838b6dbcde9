//! Moments that our own clock has put down.

use jiff::Timestamp;

/// Whether a moment that was put down can be compared with that of a reading. One that lies ahead of now was
/// put down by a clock that was wrong; taken at its word, nothing that the shop tells until then would count.
/// Where the reading itself is of a moment to come, a person has said so, and means it.
pub fn is_credible(stored: Timestamp, reading: Timestamp, now: Timestamp) -> bool {
    stored <= now || reading > now
}
