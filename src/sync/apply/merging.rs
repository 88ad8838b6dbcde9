//! Two contacts that turn out to be one.

use super::Apply;
use crate::error::Result;
use crate::merge::identity::{ContactId, Role};
use crate::merge::key;
use crate::state::links::Linked;
use crate::sync::build::older_first;

impl Apply<'_> {
    /// The older contact stays; answers with it.
    pub(super) fn merge_older_stays(&mut self, one: ContactId, other: ContactId) -> Result<ContactId> {
        if one == other {
            return Ok(one);
        }
        let (older, younger) = older_first(self.state, one, other)?;
        self.merge(younger, older)?;
        Ok(older)
    }

    /// `from` is merged into `into`, whatever their age.
    ///
    /// The staying contact keeps its record in each target, or takes the other's if it has none; the
    /// other record, where there is one, is due to be marked.
    pub(super) fn merge(&mut self, from: ContactId, into: ContactId) -> Result<()> {
        let state = self.state;
        for target in self.targets {
            let has_record = state.key_of_delivered(*target, into)?.is_some();
            if !has_record && state.key_of_delivered(*target, from)?.is_some() {
                state.hand_over_link(*target, from, into)?;
            } else if state.has_link(*target, Linked::Contact(from))? {
                state.make_due(&[*target], from, None)?;
            }
        }
        state.merge_contacts(from, into)?;
        state.make_due(self.targets, into, None)?;
        state.make_orders_due(self.targets, into)?;
        if state.has_live_customer(into, None, None)? {
            state.mark_contact(into, None, false)?;
        }
        let key_of =
            |id| Ok::<_, crate::error::Error>(state.contact(id)?.map(|row| row.key).unwrap_or_default());
        state.tell(
            from,
            self.now,
            &format!(
                "found to be the same person as {}, which took everything over",
                key_of(into)?
            ),
        )?;
        state.tell(
            into,
            self.now,
            &format!("took over {}, found to be the same person", key_of(from)?),
        )
    }

    /// Guests with this e-mail are this contact: merge them, and answer with whoever stays.
    pub(super) fn absorb_guests_with_email(&mut self, email: u64, contact: ContactId) -> Result<ContactId> {
        let mut staying = contact;
        for row in self.state.email_evidence(&self.shop.settings.group, email)? {
            // An earlier turn may have merged it already.
            let other = self.state.survivor(row.contact)?;
            if other != staying && self.is_guest(other)? {
                staying = self.merge_older_stays(other, staying)?;
            }
        }
        Ok(staying)
    }

    /// Whoever logs in with this e-mail now is this contact, unless both are customers of one shop:
    /// merge them, and answer with whoever stays.
    pub(super) fn unite_with_log_in(&mut self, email: u64, contact: ContactId) -> Result<ContactId> {
        let mut staying = contact;
        for row in self.state.email_evidence(&self.shop.settings.group, email)? {
            let other = self.state.survivor(row.contact)?;
            let is_same = row.role == Role::LogIn as u8
                && other != staying
                && !self.state.share_a_shop(other, staying)?;
            if is_same {
                staying = self.merge_older_stays(other, staying)?;
            }
        }
        Ok(staying)
    }

    /// While an e-mail was a log-in of several customers, orders with it went to a guest contact of its
    /// own. Now that one customer is left to log in with it, or nobody but `otherwise` has it, the guest is
    /// that one.
    pub(super) fn settle_ambiguous_guest(&mut self, email: u64, otherwise: ContactId) -> Result<ContactId> {
        let group = &self.shop.settings.group;
        let guest = self.state.contact_by_key(&key::by_email_hash(group, email))?;
        let Some(guest) = guest.filter(|guest| guest.merged_into.is_none()) else {
            return Ok(otherwise);
        };
        let evidence = self.state.email_evidence(group, email)?;
        let mut holders = evidence.iter().filter(|row| row.role == Role::LogIn as u8);
        let holder = holders.next().map_or(otherwise, |row| row.contact);
        let is_settled = holders.all(|row| row.contact == holder);
        if !is_settled || holder == guest.id || !self.is_guest(guest.id)? {
            return Ok(otherwise);
        }
        self.merge_older_stays(guest.id, holder)?;
        self.state.survivor(otherwise)
    }

    /// A guest known by nothing but this phone is this contact, when nobody else has the phone.
    pub(super) fn absorb_guest_with_phone(&mut self, phone: u64, contact: ContactId) -> Result<ContactId> {
        let group = &self.shop.settings.group;
        let Some(guest) = self
            .state
            .contact_by_key(&key::by_phone(group, &format!("+{phone}")))?
        else {
            return Ok(contact);
        };
        let owners = self.state.contacts_with_phone(group, phone)?;
        if guest.merged_into.is_some() || guest.id == contact || owners != [contact] {
            return Ok(contact);
        }
        self.merge_older_stays(guest.id, contact)
    }

    /// Whether a contact has no customer that is not deleted, and was not erased on purpose.
    pub(super) fn is_guest(&self, contact: ContactId) -> Result<bool> {
        let erased = self.state.contact(contact)?.is_none_or(|row| row.erased);
        Ok(!erased && !self.state.has_live_customer(contact, None, None)?)
    }

    /// Notes that a contact has a phone; answers with the contact that stands for it then.
    pub(super) fn note_phone(&mut self, phone: u64, contact: ContactId) -> Result<ContactId> {
        let group = &self.shop.settings.group;
        if !self.state.contacts_with_phone(group, phone)?.contains(&contact) {
            self.state.add_phone(group, phone, contact)?;
        }
        self.absorb_guest_with_phone(phone, contact)
    }
}
