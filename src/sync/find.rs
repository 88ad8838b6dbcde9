//! Whom does a person mean? By contact key, order code, guid or e-mail.

use crate::error::{Error, Kind, Result};
use crate::merge::{email, key};
use crate::state::State;

/// The contacts that `who` names: by key, `SHOP:CODE`, order code, customer guid or e-mail, in this order.
/// Several when shops share a code or groups share an e-mail.
///
/// # Errors
/// [`Kind::Unknown`] when nobody is found, or the state cannot be read.
pub fn find(state: &State, who: &str) -> Result<Vec<i64>> {
    let who = who.trim();
    if let Some(row) = state.contact_by_key(who)? {
        return Ok(vec![state.survivor(row.id)?]);
    }
    let mut found = Vec::new();
    let shops = state.shops()?;
    for shop in &shops {
        let code = who.strip_prefix(&format!("{}:", shop.name)).unwrap_or(who);
        if let Some(order) = state.order(shop.id, code)? {
            found.push(state.survivor(order.contact)?);
        }
        if let Some(customer) = state.customer(shop.id, who)? {
            found.push(state.survivor(customer.contact)?);
        }
    }
    if let (true, Some(address)) = (found.is_empty(), email::normalise(who)) {
        let hash = key::hash64(&address);
        let mut groups: Vec<&str> = shops.iter().map(|shop| shop.group.as_str()).collect();
        groups.dedup();
        for group in groups {
            found.extend(
                state
                    .email_evidence(group, hash)?
                    .into_iter()
                    .map(|row| row.contact),
            );
            if let Some(row) = state.contact_by_key(&key::by_email_hash(group, hash))? {
                found.push(state.survivor(row.id)?);
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    if found.is_empty() {
        let cause = "nothing is known of it";
        return Err(
            Error::new(Kind::Unknown, "looking for a contact", cause).with_hint(
                "name an e-mail, a customer's guid, an order code or a contact key as the shop writes it",
            ),
        );
    }
    Ok(found)
}
