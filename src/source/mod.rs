//! Where customers and orders come from. Wire types stay behind this door.

pub mod document;
pub mod settings;
