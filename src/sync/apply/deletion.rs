//! A customer that the shop deleted, and one that comes back.

use super::{Apply, lost};
use crate::error::Result;
use crate::merge::identity::{ContactId, Role};
use crate::model::Customer;
use crate::source::settings::Deleted;
use crate::state::unsettled::{Clue, UNDECIDED};
use crate::sync::intake;

impl Apply<'_> {
    /// The shop confirmed that a customer was deleted: the contact becomes a guest's.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn customer_gone(&mut self, guid: &str) -> Result<()> {
        let state = self.state;
        let find = || {
            let row = state.customer(self.shop.id, guid)?;
            row.ok_or_else(|| lost("a deleted customer"))
        };
        let mut row = find()?;
        if row.gone_at.is_some() {
            return Ok(());
        }
        if row.contact == UNDECIDED {
            // The run that read it first was killed.
            self.place_customer(row.id, &state.undecided_customer(row.id)?)?;
            row = find()?;
        }
        self.report.customers_gone += 1;
        let contact = state.survivor(row.contact)?;
        let people = self.people();
        // Its own count no longer, or only until they are erased.
        people.unsettle_phones_of(contact)?;
        state.customer_is_gone(row.id, self.now)?;
        for (hash, email) in state.emails_of_customer(row.id)? {
            if email.role == Role::LogIn as u8 {
                state.change_email(email.row, Role::OnceLogIn as u8, email.first_at, email.last_at)?;
            }
            // Somebody may have registered with it meanwhile who is the same person.
            state.unsettle(people.group, Clue::Email, hash)?;
        }
        let told = format!("deleted in {}", self.shop.settings.name);
        state.tell(contact, self.now, &told)?;
        let deleted = self.shop.settings.customers.deleted;
        if deleted == Deleted::Erase {
            self.empty(row.id, self.shop.id, &state.undecided_customer(row.id)?.customer)?;
        }
        if !people.is_registered(contact)? {
            match deleted {
                Deleted::Keep => {}
                Deleted::Mark => state.mark_contact(contact, Some(self.now), false)?,
                Deleted::Erase => self.erase(contact)?,
            }
            // A guest's phones are those of its orders.
            for phone in state.orders_of(contact)?.iter().filter_map(|order| order.phone) {
                people.note_phone(phone, contact, None)?;
            }
            people.unsettle_emails_of_orders(contact)?;
        }
        state.make_due(self.targets, contact, None)
    }

    /// Nothing is left of a contact but key and marks, nor of customers it had in other shops.
    fn erase(&self, contact: ContactId) -> Result<()> {
        let state = self.state;
        state.mark_contact(contact, Some(self.now), true)?;
        for former in state.customers_of(contact)? {
            self.empty(former.id, former.shop, &former.customer)?;
        }
        Ok(())
    }

    fn empty(&self, id: i64, shop: i64, record: &Customer) -> Result<()> {
        if let Some(shop) = self.shops.iter().find(|known| known.id == shop) {
            for phone in intake::phones_of(shop, record) {
                self.state.remove_phone(&shop.settings.group, phone, id)?;
            }
        }
        self.state.empty_customer(id)
    }

    /// A deleted customer is there again; answers with its contact. That of before may have become
    /// another customer's of the same shop: then it gets one of its own, and past orders stay.
    pub(super) fn comes_back(&self, id: i64, guid: &str, contact: ContactId) -> Result<ContactId> {
        let (state, people) = (self.state, self.people());
        let told = "is a customer again";
        if !state.has_live_customer(contact, Some(self.shop.id), Some(id))? {
            state.mark_contact(contact, None, false)?;
            state.tell(contact, self.now, told)?;
            people.unsettle_phones_of(contact)?;
            people.unsettle_emails_of_orders(contact)?;
            return Ok(contact);
        }
        let own = state.add_contact(people.group, &self.key_of_customer(guid)?)?;
        state.move_customer(id, own)?;
        state.place_emails(id, own)?;
        state.make_due(self.targets, contact, None)?;
        state.tell(own, self.now, told)?;
        Ok(own)
    }
}
