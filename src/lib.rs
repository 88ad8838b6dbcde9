//! Keeps a contact database in step with a Shoptet shop: one person, one contact, all orders on it.
//!
//! ```text
//! shop ──▶ source ──▶ state ──▶ merge ──▶ mapping ──▶ plan ──▶ target ──▶ CRM
//!                       ▲                                        │
//!                       └───────── remote id, what we wrote ─────┘
//! ```
//!
//! Pull and push meet only in the state: the shop is read while a CRM is down, and a record that a
//! CRM refuses does not hold the cursor. The decision for each contact is a value, the same one
//! that `plan` prints and a run carries out.
//!
//! The modules in reading order. The import rule: what stands in the first group is used by
//! everybody and uses nobody; no stage uses another stage; [`sync`] alone knows all of them; above
//! it stand the ways to start it. `tests/architecture/` holds the rule to the code.

// What the stages share.
pub mod error;
pub mod http;
pub mod model;
pub mod secret;

// The stages, in the order of the picture.
pub mod source;
pub mod state;
pub mod merge;
pub mod mapping;
pub mod plan;
pub mod target;

// One run, and what starts it.
pub mod sync;
pub mod config;
pub mod daemon;
pub mod cli;
pub mod demo;
