//! Customers who log in with the same e-mail, settled as if they had registered one after the other:
//! whoever comes to an e-mail that exactly one contact logs in with, and was never a customer of the same
//! shop beside it, is that contact; what is taken in the same shop, or by several, joins nobody.

use super::people::People;
use crate::error::Result;
use crate::merge::identity::{ContactId, Role};
use crate::state::customers::Standing;
use crate::state::unsettled::UNDECIDED;

/// One who logs in with the e-mail.
pub(super) struct Sharer {
    /// Number of the customer.
    customer: i64,
    standing: Standing,
    /// `None` for a customer that waits for its contact.
    contact: Option<ContactId>,
}

/// Sharers who are one contact.
pub(super) type Union = Vec<Sharer>;

impl People<'_> {
    /// Those who log in with an e-mail now.
    pub(super) fn sharers(&self, email: u64) -> Result<Vec<Sharer>> {
        let mut sharers = Vec::new();
        for row in self.state.email_evidence(self.group, email)? {
            if let (true, Some(customer)) = (row.role == Role::LogIn as u8, row.customer) {
                sharers.push(Sharer {
                    customer,
                    standing: self.state.standing_of_customer(customer)?,
                    contact: Some(row.contact).filter(|contact| *contact != UNDECIDED),
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
                [one] if !self.were_together(one, &sharer)? => one.push(sharer),
                _ => unions.push(vec![sharer]),
            }
        }
        Ok(unions)
    }

    fn were_together(&self, union: &Union, sharer: &Sharer) -> Result<bool> {
        for known in union {
            let together = match (known.contact, sharer.contact) {
                (Some(one), Some(other)) => self.state.were_customers_together(one, other)?,
                (Some(one), None) => self.state.was_customer_together(sharer.customer, one)?,
                (None, Some(other)) => self.state.was_customer_together(known.customer, other)?,
                (None, None) => known.standing.shop == sharer.standing.shop,
            };
            if together {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Sharer {
    /// Whether it is the customer with this number.
    pub(super) fn is(&self, customer: i64) -> bool {
        self.customer == customer
    }

    /// Its contact, once it has one.
    pub(super) fn contact(&self) -> Option<ContactId> {
        self.contact
    }
}
