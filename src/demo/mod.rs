//! A small simulated shop behind real HTTP, for `demo` and for the tests.
//!
//! ```text
//! generate ──▶ World ◀── life           what is in the shop, and what happens to it
//!                │
//!       render: XML, CSV, JSON          as the real shop writes it
//!                │
//!       server ◀── faults               two hosts on loopback: the shop, and its API
//!
//! politeness: what its log says against whoever read it
//!
//! truth: World ──▶ what a full import has to end with, worked out naively
//!   ▲
//! agreement ◀── shown: a contact database as anybody can read it
//! ```
//!
//! The shop host serves the permanent links (`/export/…`), the results of jobs (`/api-results/…`)
//! and access tokens; the API host serves the REST interface. They are two ports, so that a token
//! that is sent to the wrong one is seen. Both refuse what the real shop refuses: unknown query
//! parameters, missing rights, too many connections, a job without a registered webhook.
//!
//! A test changes the plain fields of [`world::World`], queues [`faults::Fault`]s, and reads the log
//! of requests afterwards. Nothing here uses a stage of the product, and no stage uses this: code
//! that is shared with what it tests would be wrong in the same place.

pub mod agreement;
pub mod clock;
pub mod faults;
pub mod generate;
pub mod life;
pub mod politeness;
pub mod random;
pub mod render;
pub mod server;
pub mod shown;
pub mod truth;
pub mod world;

pub use faults::{Fault, FaultKind};
pub use server::SimulatedShop;
pub use world::World;
