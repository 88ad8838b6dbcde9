//! What the state knows of a group's people, for the five rules.

use crate::error::{Error, Result};
use crate::merge::identity::{ContactId, EmailEvidence, EmailOwner, Known, PhoneOwner, Role, owner_of};
use crate::state::State;

/// The state as the rules ask it.
pub struct KnownInState<'a> {
    /// The state.
    pub state: &'a State,
    /// The group of the order's shop.
    pub group: &'a str,
    /// The order's shop.
    pub shop: i64,
}

impl Known for KnownInState<'_> {
    type Error = Error;

    fn customer(&self, guid: &str) -> Result<Option<ContactId>> {
        Ok(self.state.customer(self.shop, guid)?.map(|row| row.contact))
    }

    fn email(&self, email: u64, placed_at: Option<i64>) -> Result<EmailOwner> {
        let mut evidence = Vec::new();
        for row in self.state.email_evidence(self.group, email)? {
            // What was erased on purpose finds nobody any more.
            if self
                .state
                .contact(row.contact)?
                .is_some_and(|contact| contact.erased)
            {
                continue;
            }
            let role = match row.role {
                0 => Role::LogIn,
                1 => Role::OnceLogIn,
                _ => Role::OnOrder,
            };
            evidence.push(EmailEvidence {
                contact: row.contact,
                role,
                first_at: row.first_at,
                last_at: row.last_at,
            });
        }
        Ok(owner_of(&evidence, placed_at))
    }

    fn phone(&self, phone: u64) -> Result<PhoneOwner> {
        Ok(
            match self.state.contacts_with_phone(self.group, phone)?.as_slice() {
                [] => PhoneOwner::Nobody,
                [one] => PhoneOwner::One(*one),
                _ => PhoneOwner::Several,
            },
        )
    }
}
