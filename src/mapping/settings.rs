//! What the configuration says about fields and statuses: resolved, not yet compiled.

use crate::model::{Conventions, FieldSpec};

/// One entry of `[target.fields]` or `[target.order_fields]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldSettings {
    /// The target's field, and how it is written. `kind` is what the configuration says or the
    /// natural type of the path (see `fields`); text for computed expressions.
    pub spec: FieldSpec,
    /// Whether the configuration named a type.
    pub typed: bool,
    /// The expression.
    pub expression: String,
    /// Where it stands, for error messages: `file:line:column`.
    pub place: String,
}

/// What happens to an order whose status is not mapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnmappedStatus {
    /// The order is parked in that target.
    Park,
    /// The shop's own name is written.
    Keep,
}

/// `[target.fields]`, `[target.order_fields]`, `[target.statuses]`, `only`, `unmapped_status`.
#[derive(Debug, Clone)]
pub struct MappingSettings {
    /// Name of the target, for messages.
    pub target: String,
    /// Fields of a contact, in the order of the configuration.
    pub fields: Vec<FieldSettings>,
    /// Fields of an order.
    pub order_fields: Vec<FieldSettings>,
    /// Shop status (name, id, `shop/id`, `*`, `@deleted`) → the target's own word, in file order.
    pub statuses: Vec<(String, String)>,
    /// Who goes there at all, with its place.
    pub only: Option<(String, String)>,
    /// Unmapped statuses.
    pub unmapped_status: UnmappedStatus,
    /// What the kind of target expects.
    pub conventions: &'static Conventions,
}
