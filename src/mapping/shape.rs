//! What a part of an expression yields, as far as paths go on inside it.

use super::paths::{Element, Field, Holds, Root};
use crate::model::ValueType;

/// What a part of an expression yields, as far as paths go.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A value of its own.
    Plain,
    /// The same, a number that may be missing.
    Amount,
    /// `contact`, or one entry of `orders`.
    Record(Root),
    /// An entry of a list inside a record; the text is the list's path.
    Entry(String, &'static [Element]),
    /// A list of these; the text is its path, empty where a filter made it.
    List(String, Box<Shape>),
    /// `stats.totals`.
    Totals,
    /// Not followed further: whatever went in counts as named.
    Anything,
}

impl Shape {
    /// What a field of a record is; `path` is how it was reached.
    pub fn of_field(field: &Field, path: &str) -> Self {
        match field.holds {
            Holds::One => Self::of_value(field.kind),
            Holds::Texts => Self::list(path, Self::Plain),
            Holds::Totals => Self::Totals,
            Holds::Records(elements) => Self::list(path, Self::Entry(path.to_owned(), elements)),
        }
    }

    pub fn of_value(kind: ValueType) -> Self {
        if kind == ValueType::Decimal {
            Self::Amount
        } else {
            Self::Plain
        }
    }

    pub fn list(path: &str, entry: Self) -> Self {
        Self::List(path.to_owned(), Box::new(entry))
    }

    /// What one entry of a list is; `None` when it is no list.
    pub fn entry(&self) -> Option<Self> {
        match self {
            Self::List(_, entry) => Some((**entry).clone()),
            _ => None,
        }
    }
}
