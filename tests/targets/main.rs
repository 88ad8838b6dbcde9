//! One contract for every target, over real connections: what is found, made, changed, refused, lost and
//! deleted there, and that nothing is doubled by any of it.
//!
//! A scenario is written once and runs against each target: see `rig.rs` for what a new one needs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // the helpers of a test may fail like the test

#[macro_use]
mod rig;
mod sqlite;
mod postgres;
mod daktela;
mod minicrm;

mod finding;
mod writing;
mod people;
mod deleting;
mod losing;

mod postgres_alone;
mod postgres_tls;
mod daktela_alone;
mod delivery;
mod minicrm_alone;

#[allow(dead_code)] // shared with tests that need more of it
#[path = "../support/imported.rs"]
mod imported;
#[path = "../support/daktela/mod.rs"]
mod fake_daktela;
#[path = "../support/open_shops.rs"]
mod open_shops;
#[path = "../support/minicrm/mod.rs"]
mod fake_minicrm;
#[path = "../support/postgres_server.rs"]
mod postgres_server;
#[path = "../support/sql_proxy.rs"]
mod sql_proxy;
#[allow(dead_code)] // shared with tests that need more of it
#[path = "../support/written.rs"]
mod written;

/// The key of a guest of the one shop.
fn e(email: &str) -> String {
    imported::by_email("main", email)
}
