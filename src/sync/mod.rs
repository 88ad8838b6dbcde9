//! One run: pull, then push. The only module that knows all stages.

pub mod answer;
pub mod apply;
pub mod build;
pub mod check;
pub mod compose;
pub mod draft;
pub mod explain;
pub mod fields;
pub mod fill;
pub mod find;
pub mod import;
pub mod intake;
pub mod leftovers;
pub mod parked;
pub mod plan;
pub mod pull;
pub mod push;
pub mod recognise;
pub mod report;
pub mod shop;
pub mod status;
pub mod statuses;
mod stream;
pub mod target;
