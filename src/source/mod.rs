//! Where customers and orders come from. Wire types stay behind this door.
//!
//! A first reading downloads everything ([`Shop::download_customers`], [`Shop::download_orders`]).
//! The later ones ask what changed since: [`Shop::changes`] lists it and [`Shop::customer_details`]
//! and [`Shop::order_details`] read it, or it comes as a document ([`Shop::download_changed_orders`]).
//! Each tells the cursor that the next one is asked with; it is for the caller to keep it, in one step
//! with what was read.

pub mod document;
pub mod settings;

mod shop;
mod facts;
mod api;
mod budgets;
mod snapshot;
mod changes;
mod details;
mod consent;
mod export;
mod site;
mod clock;
mod spool;
mod refused;
mod progress;
mod check;

pub use budgets::Budgets;
pub use changes::{Change, ChangeKind, Changed, Changes, ReadAll};
pub use check::{Checked, Finding};
pub use consent::{Consent, ConsentPages, Consents};
pub use details::{Detail, Told};
pub use export::OrdersLink;
pub use facts::ShopFactsRead;
pub use progress::{Progress, Silent, Unit};
pub use shop::Shop;
pub use spool::{Download, DownloadSource, Extent, Section, Spool};
