//! Whose order is this, and what does a contact show. Pure.

pub mod email;
pub mod key;
pub mod name;
pub mod phone;
