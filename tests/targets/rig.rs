//! What a scenario needs of a target, so that the same ones run against each.
//!
//! A new target implements [`Rig`] in a file beside this one and stands in a line of `every_target!`, and in
//! one of `over_a_network!` when answers can get lost on the way to it.

use crate::imported::{Home, SHOP, Shown};

/// A target that nobody else uses, and what people do in it.
pub trait Rig: Sized {
    /// `None`, told on the way, where such a target cannot be had.
    fn new() -> Option<Self>;

    /// Its `[[target]]`, named `contacts`, without a mapping.
    fn target(&self) -> String;

    /// All contacts and orders as it shows them, by key.
    fn shown(&self, home: &Home) -> Shown;

    /// A person types a value into a field of a contact.
    fn edit(&self, home: &Home, record: &str, field: &str, value: &str);

    /// A person makes a contact of their own.
    fn insert(&self, home: &Home, record: &str, email: &str);

    /// A person deletes a contact, with its orders.
    fn delete(&self, home: &Home, record: &str);

    /// What it calls a record that a person made.
    fn called(&self, record: &str) -> String {
        record.to_owned()
    }

    /// Whether an order that is there can be hung on another contact.
    fn moves_orders(&self) -> bool {
        true
    }

    /// From now on it refuses contacts that have this value in a field.
    fn refuse(&self, home: &Home, field: &str, value: &str);

    /// A part of the words with which it refuses them.
    fn refusal(&self) -> &'static str {
        "rule"
    }

    /// Fields of a mapping, called as this target calls them.
    fn mapping(&self, fields: &str) -> String {
        fields.to_owned()
    }

    /// How much was written into it so far; it grows with every write, and with nothing else.
    fn writes(&self, home: &Home) -> u64;

    /// A home with one shop and this target, with `more` behind the section of each.
    fn home(&self, shop: &str, target: &str) -> Home {
        Home::with(&format!("{SHOP}{shop}{}{}", self.target(), self.mapping(target)))
    }
}

/// A target on the way to which answers can get lost.
pub trait Network: Rig {
    /// From now on the answers to these writes get lost, counted from 1: they are carried out, and the
    /// connection breaks.
    fn lose(&self, writes: impl IntoIterator<Item = u64>);

    /// How many got lost since.
    fn lost(&self) -> u64;

    /// How many writes were carried out so far.
    fn carried_out(&self) -> u64;
}

/// Runs a scenario against a target.
pub fn run<R: Rig>(scenario: fn(R)) {
    if let Some(rig) = R::new() {
        scenario(rig);
    }
}

/// Each of these scenarios against every target.
macro_rules! every_target {
    ($($scenario:ident),* $(,)?) => {
        every_target!(@of sqlite, crate::sqlite::Sqlite, $($scenario),*);
        every_target!(@of postgres, crate::postgres::Postgres, $($scenario),*);
        every_target!(@of daktela, crate::daktela::Daktela, $($scenario),*);
        every_target!(@of minicrm, crate::minicrm::MiniCrm, $($scenario),*);
    };
    (@of $name:ident, $rig:ty, $($scenario:ident),*) => {
        mod $name {
            $(#[test] fn $scenario() { crate::rig::run::<$rig>(super::$scenario); })*
        }
    };
}

/// Each of these scenarios against every target that is reached over a network.
macro_rules! over_a_network {
    ($($scenario:ident),* $(,)?) => {
        every_target!(@of postgres, crate::postgres::Postgres, $($scenario),*);
        every_target!(@of daktela, crate::daktela::Daktela, $($scenario),*);
        every_target!(@of minicrm, crate::minicrm::MiniCrm, $($scenario),*);
    };
}
