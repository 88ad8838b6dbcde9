//! Guests with an e-mail who are found to be the one that has it now.
//!
//! A customer who was deleted is one of them, and is never joined with who was a customer of the same
//! shop at the same time: those two were two people.

use super::people::{People, pieces};
use crate::error::Result;
use crate::merge::identity::{ContactId, EmailOwner, Role, owner_of};
use crate::state::evidence::EmailRow;
use crate::state::unsettled::UNDECIDED;

/// Whoever has an e-mail now.
#[derive(Debug, Clone, Copy)]
pub(super) enum Owner {
    /// A contact.
    Contact(ContactId),
    /// The customer with this number, who has no contact yet.
    Newcomer(i64),
}

impl Owner {
    const fn contact(self) -> ContactId {
        match self {
            Self::Contact(contact) => contact,
            Self::Newcomer(_) => UNDECIDED,
        }
    }
}

impl People<'_> {
    /// The guests among those who have, or once had, an e-mail that the owner is.
    pub(super) fn guests_who_are(
        &self,
        owner: Owner,
        email: u64,
        rows: &[EmailRow],
    ) -> Result<Vec<ContactId>> {
        let mut log_ins = pieces(rows);
        log_ins.retain(|piece| piece.role != Role::OnOrder);
        if let Owner::Newcomer(customer) = owner {
            let own = self.state.emails_of_customer(customer)?;
            let own = own.into_iter().filter(|(hash, _)| *hash == email);
            log_ins.extend(pieces(&own.map(|(_, row)| row).collect::<Vec<_>>()));
        }
        let logged_in: Vec<ContactId> = log_ins.iter().map(|piece| piece.contact).collect();
        let former = self.who_may_be(owner, logged_in.iter().copied())?;
        for piece in &mut log_ins {
            if former.contains(&piece.contact) {
                piece.contact = owner.contact();
            }
        }
        let was_the_owners = |row: &&EmailRow| {
            let then = owner_of(&log_ins, row.first_at);
            !logged_in.contains(&row.contact)
                && match then {
                    EmailOwner::Nobody => true,
                    EmailOwner::LogIn(contact) | EmailOwner::Seen(contact) => contact == owner.contact(),
                    EmailOwner::Several => false,
                }
        };
        let by_order = rows.iter().filter(was_the_owners).map(|row| row.contact);
        self.who_may_be(owner, former.iter().copied().chain(by_order))
    }

    /// Those of the contacts who are guests and may be the owner, each once. Two of them who were
    /// customers at the same time are both left out: which of them it is cannot be told.
    fn who_may_be(&self, owner: Owner, contacts: impl Iterator<Item = ContactId>) -> Result<Vec<ContactId>> {
        let mut found = Vec::new();
        for contact in contacts {
            if contact == owner.contact() || found.contains(&contact) || !self.is_guest(contact)? {
                continue;
            }
            let are_two = match owner {
                Owner::Contact(owner) => self.state.were_customers_together(owner, contact)?,
                Owner::Newcomer(customer) => self.state.was_customer_together(customer, contact)?,
            };
            if !are_two {
                found.push(contact);
            }
        }
        self.who_can_be_one(found)
    }

    /// The contacts without those who are surely not one with another of them.
    pub(super) fn who_can_be_one(&self, contacts: Vec<ContactId>) -> Result<Vec<ContactId>> {
        let mut one = Vec::with_capacity(contacts.len());
        for contact in &contacts {
            let mut is_apart = false;
            for other in contacts.iter().filter(|other| *other != contact) {
                is_apart |= self.state.were_customers_together(*contact, *other)?;
            }
            if !is_apart {
                one.push(*contact);
            }
        }
        Ok(one)
    }
}
