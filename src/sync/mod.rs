//! One run: pull, then push. The only module that knows all stages.

pub mod build;
pub mod intake;
pub mod pull;
pub mod report;
pub mod shop;
mod stream;
