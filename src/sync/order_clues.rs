//! By what the buyer of an order is known, and the key of the contact it would start.

use super::shop::ShopInRun;
use crate::merge::identity::{Clues, Rule};
use crate::merge::key;
use crate::state::orders::StoredOrder;

/// The clues of a prepared order.
pub(super) fn clues(stored: &StoredOrder) -> Clues<'_> {
    Clues {
        guid: &stored.guid,
        email: stored.email,
        phone: stored.phone,
        placed_at: stored.placed_at,
    }
}

/// The key of an order's own guest contact.
pub(super) fn own_key(rule: Rule, group: &str, shop: &ShopInRun, order: &StoredOrder) -> String {
    match (rule, order.email, order.phone) {
        (Rule::OwnEmail | Rule::AmbiguousEmail, Some(email), _) => key::by_email_hash(group, email),
        (Rule::OwnPhone | Rule::AmbiguousPhone, _, Some(phone)) => key::by_phone(group, &format!("+{phone}")),
        _ => key::by_order(group, &shop.settings.name, &order.code),
    }
}
