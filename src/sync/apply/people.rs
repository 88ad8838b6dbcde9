//! The people of a group as the state knows them: who has what, and who turns out to be one.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::merge::identity::{ContactId, EmailEvidence, EmailOwner, Known, PhoneOwner, Role, owner_of};
use crate::merge::key;
use crate::state::State;
use crate::state::evidence::EmailRow;
use crate::state::links::Linked;
use crate::state::unsettled::{Clue, UNDECIDED};
use crate::sync::intake;
use crate::sync::shop::ShopInRun;

/// The people of one group.
#[derive(Clone, Copy)]
pub(super) struct People<'a> {
    pub(super) state: &'a State,
    /// All shops of the run.
    pub(super) shops: &'a [ShopInRun],
    pub(super) group: &'a str,
    /// Numbers of the targets that have to hear of changes.
    pub(super) targets: &'a [i64],
    pub(super) now: Timestamp,
}

/// How old a contact is by the shop's dates; what is not dated is younger than everything.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Age(i64, String);

impl People<'_> {
    /// Merges two contacts that turned out to be one: the older stays. Answers with it.
    pub(super) fn merge_older_stays(&self, one: ContactId, other: ContactId) -> Result<ContactId> {
        let (one, other) = (self.state.survivor(one)?, self.state.survivor(other)?);
        if one == other {
            return Ok(one);
        }
        let both_registered = self.is_registered(one)? && self.is_registered(other)?;
        let one_is_older = if both_registered {
            self.registered_since(one)? <= self.registered_since(other)?
        } else {
            self.age(one)? <= self.age(other)?
        };
        let (older, younger) = if one_is_older { (one, other) } else { (other, one) };
        self.merge(younger, older)?;
        Ok(older)
    }

    /// `from` is merged into `into`, whatever their age.
    ///
    /// The staying contact keeps its record in each target, or takes the other's if it has none; the
    /// other record, where there is one, is due to be marked.
    pub(super) fn merge(&self, from: ContactId, into: ContactId) -> Result<()> {
        let state = self.state;
        for target in self.targets {
            // One that is being made may be there already: it is looked for under its own key.
            let has_record = state.has_link(*target, Linked::Contact(into))?;
            if !has_record && state.key_of_delivered(*target, from)?.is_some() {
                state.hand_over_link(*target, from, into)?;
            } else if state.has_link(*target, Linked::Contact(from))? {
                state.make_due(&[*target], from, None)?;
            }
        }
        state.merge_contacts(from, into)?;
        // One less has them; and where a guest is a customer now, those of the orders count no longer.
        self.unsettle_phones_of(into)?;
        state.make_due(self.targets, into, None)?;
        state.make_orders_due(self.targets, into)?;
        if self.is_registered(into)? {
            state.mark_contact(into, None, false)?;
        }
        let key_of = |id| Ok::<_, Error>(state.contact(id)?.map(|row| row.key).unwrap_or_default());
        let (key_of_from, key_of_into) = (key_of(from)?, key_of(into)?);
        let told = format!("found to be the same person as {key_of_into}, which took everything over");
        state.tell(from, self.now, &told)?;
        state.tell(
            into,
            self.now,
            &format!("took over {key_of_from}, found to be the same person"),
        )
    }

    /// Orders moved from one contact to another: a guest without orders is merged into the one that took
    /// its last order, everybody else is looked at again.
    pub(super) fn left_behind(&self, from: ContactId, to: ContactId) -> Result<()> {
        let state = self.state;
        let to = state.survivor(to)?;
        if from == to || state.contact(from)?.is_none_or(|row| row.merged_into.is_some()) {
            return Ok(());
        }
        if state.contact_is_empty(from)? {
            self.merge(from, to)
        } else {
            state.make_due(self.targets, from, None)
        }
    }

    /// By registration or first order, whichever came first, then by key.
    pub(super) fn age(&self, contact: ContactId) -> Result<Age> {
        let (registered, ordered) = self.state.known_since(contact)?;
        self.aged([registered, ordered].into_iter().flatten().min(), contact)
    }

    /// Between customers of different shops the older registration decides, then the key.
    fn registered_since(&self, contact: ContactId) -> Result<Age> {
        let (registered, _) = self.state.known_since(contact)?;
        self.aged(registered, contact)
    }

    fn aged(&self, since: Option<i64>, contact: ContactId) -> Result<Age> {
        let key = self
            .state
            .contact(contact)?
            .map(|row| row.key)
            .unwrap_or_default();
        Ok(Age(since.unwrap_or(i64::MAX), key))
    }

    /// Whether a contact has a customer that is not deleted.
    pub(super) fn is_registered(&self, contact: ContactId) -> Result<bool> {
        self.state.has_live_customer(contact, None, None)
    }

    /// Whether a contact has no customer that is not deleted, and was not erased on purpose.
    pub(super) fn is_guest(&self, contact: ContactId) -> Result<bool> {
        let is_erased = self.state.contact(contact)?.is_none_or(|row| row.erased);
        Ok(!is_erased && !self.is_registered(contact)?)
    }

    /// What is known of an e-mail, in the order of the contacts' keys. What was erased on purpose
    /// finds nobody any more.
    pub(super) fn evidence(&self, email: u64) -> Result<Vec<EmailRow>> {
        let mut found = Vec::new();
        for row in self.state.email_evidence(self.group, email)? {
            if let Some(contact) = self.state.contact(row.contact)?.filter(|contact| !contact.erased) {
                found.push((contact.key, row));
            }
        }
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut rows: Vec<EmailRow> = found.into_iter().map(|(_, row)| row).collect();
        let first = rows.first().map(|row| row.contact);
        if rows.iter().any(|row| Some(row.contact) != first) {
            // Who had it first is asked only where there are several.
            for row in rows.iter_mut().filter(|row| row.role == Role::OnOrder as u8) {
                let ordered = self.state.first_order_with_email(row.contact, email)?;
                row.first_at = [row.first_at, ordered].into_iter().flatten().min();
            }
        }
        Ok(rows)
    }

    /// Notes that a contact has a phone: on an account of `customer`, else on an order.
    pub(super) fn note_phone(&self, phone: u64, contact: ContactId, customer: Option<i64>) -> Result<()> {
        if !self.state.knows_phone(self.group, phone, contact, customer)? {
            self.state.add_phone(self.group, phone, contact, customer)?;
        }
        self.unsettle_phone(phone)
    }

    /// Who has a phone may have changed, which matters where a guest is known by nothing else.
    pub(super) fn unsettle_phone(&self, phone: u64) -> Result<()> {
        self.state.unsettle(self.group, Clue::Phone, phone)
    }

    /// Guests of whom nothing but phones is known, and who have this one; first the one whose key it
    /// made.
    pub(super) fn guests_by_phone(&self, phone: u64) -> Result<Vec<ContactId>> {
        let mut guests = Vec::new();
        if let Some(usual) = self.state.contact_by_key(&self.key_by_phone(phone))? {
            let usual = self.state.survivor(usual.id)?;
            if self.state.is_guest_with_phone(usual, phone)? {
                guests.push(usual);
            }
        }
        for guest in self.state.guests_with_phone(self.group, phone)? {
            if !guests.contains(&guest) {
                guests.push(guest);
            }
        }
        Ok(guests)
    }

    /// Who has the e-mails of a contact's orders may have changed.
    pub(super) fn unsettle_emails_of_orders(&self, contact: ContactId) -> Result<()> {
        let orders = self.state.orders_of(contact)?;
        let mut emails = orders.iter().filter_map(|order| order.email);
        emails.try_for_each(|email| self.state.unsettle(self.group, Clue::Email, email))
    }

    /// Who has a phone of a contact may have changed.
    pub(super) fn unsettle_phones_of(&self, contact: ContactId) -> Result<()> {
        let mut phones: BTreeSet<u64> = self
            .state
            .orders_of(contact)?
            .iter()
            .filter_map(|order| order.phone)
            .collect();
        for found in self.state.customers_of(contact)? {
            if let Some(shop) = self.shops.iter().find(|shop| shop.id == found.shop) {
                phones.extend(intake::phones_of(shop, &found.customer));
            }
        }
        phones
            .into_iter()
            .try_for_each(|phone| self.unsettle_phone(phone))
    }

    pub(super) fn key_by_phone(&self, phone: u64) -> String {
        key::by_phone(self.group, &format!("+{phone}"))
    }
}

/// A group's people as the five rules ask for them, for an order of one shop.
pub(super) struct KnownInState<'a> {
    pub(super) people: People<'a>,
    /// The order's shop.
    pub(super) shop: i64,
}

impl Known for KnownInState<'_> {
    type Error = Error;

    fn customer(&self, guid: &str) -> Result<Option<ContactId>> {
        let found = self.people.state.customer(self.shop, guid)?;
        Ok(found
            .map(|row| row.contact)
            .filter(|contact| *contact != UNDECIDED))
    }

    fn email(&self, email: u64, placed_at: Option<i64>) -> Result<EmailOwner> {
        Ok(owner_of(&pieces(&self.people.evidence(email)?), placed_at))
    }

    fn phone(&self, phone: u64) -> Result<PhoneOwner> {
        let people = self.people;
        Ok(
            match people.state.contacts_with_phone(people.group, phone)?.as_slice() {
                [] => PhoneOwner::Nobody,
                [one] => PhoneOwner::One(*one),
                _ => PhoneOwner::Several,
            },
        )
    }
}

/// Stored evidence as the rules weigh it.
pub(super) fn pieces(rows: &[EmailRow]) -> Vec<EmailEvidence> {
    let piece = |row: &EmailRow| EmailEvidence {
        contact: row.contact,
        role: match row.role {
            0 => Role::LogIn,
            1 => Role::OnceLogIn,
            _ => Role::OnOrder,
        },
        first_at: row.first_at,
        last_at: row.last_at,
    };
    rows.iter().map(piece).collect()
}
