//! What a target without `[target.fields]` shows of a contact.

use super::settings::FieldSettings;
use crate::model::{FieldSpec, OnEmpty};

/// Raised when a default mapping changes its meaning, so that every contact is due again.
pub const VERSION: u32 = 2;

/// What is computed from the orders is known even when it is nothing: the last one was cancelled or
/// deleted. Everything else stays as it was when the shop no longer says it.
fn is_computed(path: &str) -> bool {
    ["stats.", "last_order."]
        .iter()
        .any(|begin| path.starts_with(begin))
}

/// These fields, as if they stood in the configuration.
pub fn fields(fields: &[(&str, &str)]) -> Vec<FieldSettings> {
    fields
        .iter()
        .map(|(name, path)| {
            let on_empty = match is_computed(path) {
                true => OnEmpty::Clear,
                false => OnEmpty::Keep,
            };
            field(name, path, on_empty)
        })
        .collect()
}

/// Those that a record cannot do without and that nobody mapped: they show what the contact is called.
pub fn missing(required: &[&str], mapped: &[FieldSettings]) -> Vec<FieldSettings> {
    let is_missing = |name: &&&str| mapped.iter().all(|field| field.spec.name != **name);
    let missing = required.iter().filter(is_missing);
    missing
        .map(|name| field(name, "contact.name", OnEmpty::Keep))
        .collect()
}

fn field(name: &str, path: &str, on_empty: OnEmpty) -> FieldSettings {
    FieldSettings {
        spec: FieldSpec {
            name: name.to_owned(),
            on_empty,
            ..FieldSpec::default()
        },
        typed: false,
        expression: path.to_owned(),
        place: "the default mapping".to_owned(),
    }
}
