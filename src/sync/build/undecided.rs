//! Orders that only a phone can place.

use super::group::{Group, KnownSoFar};
use crate::error::Result;
use crate::merge::identity::{Verdict, whose};
use crate::state::State;
use crate::state::orders::StoredOrder;
use crate::sync::order_clues::{clues, own_key};
use crate::sync::shop::ShopInRun;

/// Decides whose an order without e-mail is, now that everybody's phone is known.
///
/// # Errors
/// When the state cannot be read or written.
pub fn decide_by_phone(
    state: &State,
    shop: &ShopInRun,
    group: &Group,
    id: i64,
    order: &StoredOrder,
) -> Result<()> {
    let known = KnownSoFar {
        state,
        group,
        shop: shop.id,
    };
    let (contact, rule) = match whose(&clues(order), &known)? {
        Verdict::Existing(contact, rule) => {
            if shop.skips_guests() && !state.has_live_customer(contact, None, None)? {
                return state.drop_order(id);
            }
            (contact, rule)
        }
        Verdict::Own(_) if shop.skips_guests() => return state.drop_order(id),
        Verdict::Own(rule) => {
            let key = own_key(rule, &group.name, shop, order);
            let contact = match state.contact_by_key(&key)? {
                Some(known) => known.id,
                None => state.add_contact(&group.name, &key)?,
            };
            (contact, rule)
        }
    };
    state.move_order(id, contact, rule as u8)
}
