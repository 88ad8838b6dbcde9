//! How a source tells how far it has come.

use serde::{Deserialize, Serialize};

/// What a source counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Bytes of a download.
    Bytes,
    /// Customers or orders.
    Records,
    /// Seconds of waiting for the shop.
    Seconds,
}

/// Where a source reports to: the terminal, the log, or the socket of a daemon.
pub trait Progress: Send + Sync {
    /// How far `phase` ("downloading orders") has come, and out of how much where that is known.
    /// Called often; the receiver decides how often it shows.
    fn report(&self, phase: &str, done: u64, total: Option<u64>, unit: Unit);

    /// A sentence that a person should read: what is missing, what takes long and why.
    fn tell(&self, words: &str);
}

/// Reports to nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn report(&self, _phase: &str, _done: u64, _total: Option<u64>, _unit: Unit) {}

    fn tell(&self, _words: &str) {}
}
