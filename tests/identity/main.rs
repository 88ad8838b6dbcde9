//! Whose order is this, and what does a contact show: every rule, through files into a database.
#![allow(clippy::unwrap_used, clippy::panic)] // the helpers of a test may fail like the test

#[path = "../support/imported.rs"]
mod imported;
#[path = "../support/open_shops.rs"]
mod open_shops;
#[path = "../support/written.rs"]
mod written;

mod rules;
mod clues;
mod registering;
mod changes;
mod losing;
mod log_ins;
mod phones;
mod deletion;
mod again;
mod twins;
mod groups;
mod guids;
mod sharing;
mod shows;
mod sums;
mod delivery;
mod policies;
mod settings;
mod reconfigured;
mod renamed;
mod left_out;
mod telling;
mod unchanged;

use imported::{Home, by_email, by_phone};

/// The key of a guest of the one shop.
fn e(email: &str) -> String {
    by_email("main", email)
}

/// The key of a guest of the one shop without e-mail.
fn p(phone: &str) -> String {
    by_phone("main", phone)
}

/// Whose each order is: the keys of the contacts, each with its orders, in the order of the keys.
fn whose(home: &Home) -> String {
    home.shown().grouping()
}

/// The same of contacts given in any order: `(key, orders)`.
fn people(expected: &[(&str, &str)]) -> String {
    let mut lines: Vec<String> = expected
        .iter()
        .map(|(key, orders)| format!("{key}: {orders}").trim_end().to_owned())
        .collect();
    lines.sort();
    lines.join("; ")
}
