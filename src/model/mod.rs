//! What the stages share, free of any wire form and of any database.
//!
//! A missing text is the empty string, here as in the expressions of the field mapping; a missing
//! time or amount is `None`, because "no time" and "midnight" must never be confused.

mod consent;
mod contact;
mod conventions;
mod delivery;
mod shop;

pub use consent::ConsentListed;
pub use contact::{Contact, ContactKind, OrderOf, ShopFacts, Stats};
pub use conventions::{Conventions, DATABASE};
pub use delivery::{
    Ask, Candidate, ContactWrite, Erased, Erasure, FieldSpec, Look, Marks, OnEmpty, OrderFacts, OrderWrite,
    Shown, Value, ValueType, WritePolicy, Written, one_per_line,
};
pub use shop::{
    Account, Address, BadRecord, Company, Customer, Item, Items, Order, OrderStatus, Party, Reading,
};
