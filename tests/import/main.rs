//! `import` from end to end: a simulated shop behind real HTTP, real files, real SQLite databases.
#![allow(clippy::unwrap_used)] // the helpers of a test may fail like the test

mod fresh;
mod again;
mod life;
mod crash;
mod stopped;
mod faults;
mod filling;
mod refused;
mod deleted_there;
mod parked;
mod due;
mod strange;
mod several;
mod private;
mod disk;

#[path = "../support/trial.rs"]
mod trial;

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use shoptet_sync::demo::shown::ContactDatabase;
use shoptet_sync::demo::truth::{Reading, Truth};
use shoptet_sync::demo::{Fault, FaultKind, SimulatedShop, World};
use shoptet_sync::source::Silent;
use shoptet_sync::state::State;
use shoptet_sync::sync::import::{ImportOptions, Setup, import};
use shoptet_sync::sync::report::Report;
use trial::*;
