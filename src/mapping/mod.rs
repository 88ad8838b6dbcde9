//! Fields and statuses: a contact becomes what a target shall hold. Pure.

pub mod settings;
