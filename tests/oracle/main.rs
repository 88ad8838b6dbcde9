//! Random small shops against an oracle: people written down naively from the rules, with nothing
//! shared with the code that is tested.
//!
//! The shops are small and their e-mails, phones and guids few, so that everything collides.
#![allow(clippy::unwrap_used, clippy::panic)] // the helpers of a test may fail like the test
#![allow(dead_code)] // what the tests share, not every one uses

#[path = "../support/imported.rs"]
mod imported;
#[path = "../support/written.rs"]
mod written;

mod shops;
mod naive;
mod history;
mod found;
mod fresh;
mod telling;
mod histories;
mod events;
mod lives;

use proptest::test_runner::Config;

/// So many cases; `SHOPTET_SYNC_TEST_ROUNDS` times as many for a campaign.
fn cases(usual: u32) -> Config {
    let rounds = std::env::var("SHOPTET_SYNC_TEST_ROUNDS").ok();
    let rounds: u32 = rounds.and_then(|rounds| rounds.parse().ok()).unwrap_or(1);
    Config {
        cases: usual.saturating_mul(rounds),
        failure_persistence: None,
        max_shrink_iters: 2000,
        ..Config::default()
    }
}
