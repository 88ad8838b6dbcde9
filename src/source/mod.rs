//! Where customers and orders come from. Wire types stay behind this door.

pub mod document;
pub mod settings;

mod shop;
mod facts;
mod api;
mod snapshot;
mod export;
mod site;
mod spool;
mod progress;
mod check;

pub use check::{Checked, Finding};
pub use facts::ShopFactsRead;
pub use progress::{Progress, Silent, Unit};
pub use shop::Shop;
pub use spool::{Download, DownloadSource, Section, Spool};
