//! What was told through the links for orders, so that a test can hold that nothing of it was lost.

use jiff::Timestamp;

/// One download of orders that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedRead {
    /// Counts up.
    pub number: u64,
    /// When it was asked for.
    pub at: Timestamp,
    /// The partner.
    pub partner: String,
    /// Whether it came through the link made with "only new or updated".
    pub feed: bool,
    /// The `updateTimeFrom` of the request.
    pub asked_since: Option<Timestamp>,
    /// The moment from which changes were told; `None`: all orders.
    pub told_since: Option<Timestamp>,
    /// What it tells, where it tells changes only.
    pub codes: Vec<String>,
    /// Whether all of the answer was handed to the connection.
    pub delivered: bool,
}
