//! What a target without `[target.fields]` shows of a contact.

use super::settings::FieldSettings;
use crate::model::{FieldSpec, OnEmpty};

/// Raised when the list below changes its meaning, so that every contact is due again.
pub const VERSION: u32 = 2;

/// Field of the target and its path. `last_order_*` is the newest order that is not deleted,
/// cancelled or not; counts, sums and the first order leave cancelled ones out.
const FIELDS: [(&str, &str); 24] = [
    ("email", "contact.email"),
    ("emails", "contact.emails"),
    ("phone", "contact.phone"),
    ("full_name", "contact.name"),
    ("first_name", "contact.first_name"),
    ("last_name", "contact.last_name"),
    ("company", "contact.company"),
    ("company_id", "contact.company_id"),
    ("vat_id", "contact.vat_id"),
    ("street", "contact.street"),
    ("house_number", "contact.house_number"),
    ("city", "contact.city"),
    ("zip", "contact.zip"),
    ("country_code", "contact.country_code"),
    ("customer_group", "customer.group"),
    ("registered_at", "customer.created_at"),
    ("orders_count", "stats.orders_count"),
    ("orders_total", "stats.total"),
    ("first_order_at", "stats.first_order_at"),
    ("last_order_at", "last_order.placed_at"),
    ("last_order_code", "last_order.code"),
    ("last_order_status", "last_order.status"),
    ("last_order_url", "last_order.url"),
    ("shop", "shop.name"),
];

/// What is computed from the orders is known even when it is nothing: the last one was cancelled or
/// deleted. Everything else stays as it was when the shop no longer says it.
fn is_computed(path: &str) -> bool {
    ["stats.", "last_order."]
        .iter()
        .any(|begin| path.starts_with(begin))
}

/// The default mapping, as if it stood in the configuration.
pub fn fields() -> Vec<FieldSettings> {
    FIELDS
        .iter()
        .map(|(name, path)| FieldSettings {
            spec: FieldSpec {
                name: (*name).to_owned(),
                on_empty: if is_computed(path) {
                    OnEmpty::Clear
                } else {
                    OnEmpty::Keep
                },
                ..FieldSpec::default()
            },
            typed: false,
            expression: (*path).to_owned(),
            place: "the default mapping".to_owned(),
        })
        .collect()
}
