//! Whose order is this, and what does a contact show. Pure: no clock, no file, no network.

pub mod assemble;
pub mod consent;
pub mod email;
pub mod identity;
pub mod index;
pub mod key;
pub mod name;
pub mod phone;
