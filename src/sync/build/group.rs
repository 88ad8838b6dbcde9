//! The people of one group of shops while a state is built: who they are as far as is known.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::error::{Error, Result};
use crate::merge::identity::{ContactId, EmailOwner, Known, PhoneOwner, Role, Rule};
use crate::merge::index::{Claim, PeopleIndex};
use crate::merge::key;
use crate::state::State;
use crate::state::orders::StoredOrder;
use crate::state::unsettled::UNDECIDED;

/// What is known of the people of one group of shops.
#[derive(Default)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) people: PeopleIndex,
    pub(super) claims: Vec<Claim>,
    /// Guests with an e-mail that several customers log in with.
    pub(super) outsiders: HashMap<u64, ContactId>,
    /// E-mails seen on orders that name their customer: the earliest of each.
    pub(super) seen: HashMap<u64, (Option<i64>, ContactId)>,
}

/// A group's people while a build goes on, for the five rules.
pub(super) struct KnownSoFar<'a> {
    pub(super) state: &'a State,
    pub(super) group: &'a Group,
    pub(super) shop: i64,
}

impl Known for KnownSoFar<'_> {
    type Error = Error;

    fn customer(&self, guid: &str) -> Result<Option<ContactId>> {
        Ok(self.state.customer(self.shop, guid)?.map(|row| row.contact))
    }

    fn email(&self, email: u64, _placed_at: Option<i64>) -> Result<EmailOwner> {
        Ok(self.group.people.owner(email))
    }

    fn phone(&self, phone: u64) -> Result<PhoneOwner> {
        Ok(
            match self
                .state
                .contacts_with_phone(&self.group.name, phone)?
                .as_slice()
            {
                [] => PhoneOwner::Nobody,
                [one] => PhoneOwner::One(*one),
                _ => PhoneOwner::Several,
            },
        )
    }
}

impl Group {
    /// Forgets who logs in with what, and learns it from the state: customers came twice, and what the
    /// earlier one said is void.
    pub(super) fn learn_log_ins_again(&mut self, state: &State) -> Result<()> {
        (self.people, self.claims) = (PeopleIndex::default(), Vec::new());
        let (people, claims) = (&mut self.people, &mut self.claims);
        state.each_log_in(&self.name, &mut |email, contact| {
            claims.extend(people.log_in(email, contact));
        })
    }

    /// Notes an e-mail on an order that is on a customer by its guid, unless it is the customer's log-in,
    /// and remembers the earliest; of two placed at the same moment, the one whose customer has the lesser
    /// key.
    pub(super) fn see(
        &mut self,
        state: &State,
        email: u64,
        placed_at: Option<i64>,
        contact: ContactId,
    ) -> Result<()> {
        let contact = self.people.survivor(contact);
        if self.people.owner(email) == EmailOwner::LogIn(contact) {
            return Ok(());
        }
        let known = self.seen.get(&email).copied();
        if known.is_none_or(|(_, known)| known != contact) {
            let (role, at) = (Role::OnOrder as u8, (placed_at, placed_at));
            state.add_email(&self.name, email, contact, None, role, at)?;
        }
        let at = |placed_at: Option<i64>| placed_at.unwrap_or(i64::MAX);
        let key_of = |id| Ok::<_, Error>(state.contact(id)?.map(|row| row.key));
        let is_earlier = match known {
            None => true,
            Some((first, known)) => match at(placed_at).cmp(&at(first)) {
                Ordering::Less => true,
                Ordering::Greater => false,
                Ordering::Equal => known != contact && key_of(contact)? < key_of(known)?,
            },
        };
        if is_earlier {
            self.seen.insert(email, (placed_at, contact));
        }
        Ok(())
    }

    /// A guest contact by e-mail; it may be there already when the e-mail is ambiguous.
    pub(super) fn own_contact(
        &mut self,
        state: &State,
        order: &StoredOrder,
        rule: Rule,
    ) -> Result<ContactId> {
        let Some(email) = order.email else {
            return Ok(UNDECIDED);
        };
        if let Some(known) = self.outsiders.get(&email) {
            return Ok(*known);
        }
        let contact = state.add_contact(&self.name, &key::by_email_hash(&self.name, email))?;
        if rule == Rule::AmbiguousEmail {
            self.outsiders.insert(email, contact);
        } else {
            self.people.guest(email, contact);
        }
        let at = (order.placed_at, order.placed_at);
        state.add_email(&self.name, email, contact, None, Role::OnOrder as u8, at)?;
        Ok(contact)
    }
}
