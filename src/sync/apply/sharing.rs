//! Customers who log in with the same e-mail, settled as if they had registered one after the other:
//! whoever comes to an e-mail that exactly one contact logs in with, and is of another shop, is that
//! contact; what is taken in the same shop, or by several, joins nobody.

use super::people::People;
use crate::error::Result;
use crate::merge::identity::{ContactId, Role};
use crate::state::customers::Standing;
use crate::state::evidence::EmailRow;

/// One who logs in with the e-mail.
pub(super) struct Sharer {
    /// Number of the customer.
    customer: i64,
    standing: Standing,
    /// `None` for a customer that has no contact yet.
    contact: Option<ContactId>,
}

/// Sharers who are one contact.
pub(super) type Union = Vec<Sharer>;

impl People<'_> {
    /// Those who log in with an e-mail now, by what is known of it.
    pub(super) fn sharers(&self, rows: &[EmailRow]) -> Result<Vec<Sharer>> {
        let mut sharers = Vec::new();
        for row in rows.iter().filter(|row| row.role == Role::LogIn as u8) {
            if let Some(customer) = row.customer {
                sharers.push(Sharer {
                    customer,
                    standing: self.state.standing_of_customer(customer)?,
                    contact: Some(row.contact),
                });
            }
        }
        Ok(sharers)
    }

    /// Who of them is one.
    pub(super) fn unions(&self, mut sharers: Vec<Sharer>) -> Result<Vec<Union>> {
        let age = |sharer: &Sharer| {
            let Standing {
                registered,
                guid,
                shop,
                ..
            } = &sharer.standing;
            (registered.unwrap_or(i64::MAX), guid.clone(), *shop)
        };
        sharers.sort_by_key(age);
        let mut unions: Vec<Union> = Vec::new();
        for sharer in sharers {
            let same = |known: &Sharer| known.contact.is_some() && known.contact == sharer.contact;
            if let Some(union) = unions.iter_mut().find(|union| union.iter().any(same)) {
                union.push(sharer);
                continue;
            }
            match unions.as_mut_slice() {
                [one] if !self.share_a_shop(one, &sharer)? => one.push(sharer),
                _ => unions.push(vec![sharer]),
            }
        }
        Ok(unions)
    }

    fn share_a_shop(&self, union: &Union, sharer: &Sharer) -> Result<bool> {
        for known in union {
            let shares = match (known.contact, sharer.contact) {
                (Some(one), Some(other)) => self.state.share_a_shop(one, other)?,
                (Some(one), None) => self
                    .state
                    .has_live_customer(one, Some(sharer.standing.shop), None)?,
                (None, Some(other)) => {
                    self.state
                        .has_live_customer(other, Some(known.standing.shop), None)?
                }
                (None, None) => known.standing.shop == sharer.standing.shop,
            };
            if shares {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Sharer {
    /// A customer on its way to a contact.
    pub(super) fn newcomer(customer: i64, standing: Standing) -> Self {
        Self {
            customer,
            standing,
            contact: None,
        }
    }

    pub(super) fn contact(&self) -> Option<ContactId> {
        self.contact
    }

    /// The customer's number, when its shop's last listing did not hold it.
    pub(super) fn missing_in(&self, shop: i64) -> Option<i64> {
        (self.standing.is_missing && self.standing.shop == shop).then_some(self.customer)
    }
}
