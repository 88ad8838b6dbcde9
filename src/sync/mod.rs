//! One run: pull, then push. The only module that knows all stages.

pub mod apply;
pub mod build;
pub mod compose;
pub mod draft;
pub mod fill;
pub mod find;
pub mod import;
pub mod intake;
pub mod leftovers;
pub mod pull;
pub mod push;
pub mod report;
pub mod shop;
mod stream;
pub mod target;
