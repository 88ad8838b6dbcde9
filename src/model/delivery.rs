//! Values on their way into a target.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A value as a target takes it.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Value {
    /// Nothing is known.
    #[default]
    Empty,
    /// Text; never empty.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// An exact decimal.
    Decimal(Decimal),
    /// Yes or no.
    Bool(bool),
    /// A moment.
    Time(Timestamp),
    /// A JSON document.
    Json(String),
}

/// The type a field is written as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ValueType {
    /// Text.
    #[default]
    Text,
    /// A whole number.
    Integer,
    /// An exact decimal.
    Decimal,
    /// Yes or no.
    Bool,
    /// A moment.
    Time,
    /// A JSON document.
    Json,
}

/// When a field that already has a value in the target is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WritePolicy {
    /// Whatever stands there.
    Always,
    /// While no person changed it since we wrote it, or it is empty.
    #[default]
    IfUnchanged,
    /// While it is empty.
    IfEmpty,
    /// When the record is created, never again.
    CreateOnly,
}

/// What an empty value does to the target's field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnEmpty {
    /// Absent is not empty: the field stays.
    #[default]
    Keep,
    /// The field is emptied, under the same write policy.
    Clear,
}

/// One mapped field of a target: its name and how it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldSpec {
    /// Name in the target.
    pub name: String,
    /// When it is written.
    pub write: WritePolicy,
    /// What emptiness does.
    pub on_empty: OnEmpty,
    /// How it is written.
    pub kind: ValueType,
}

/// A record in a target that might be the one looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// The target's own identifier.
    pub remote_id: String,
    /// By what it was found: `key` or `email`.
    pub found_by: String,
}
