//! A customer that is new, changed, or there again.

use super::{Apply, lost};
use crate::error::Result;
use crate::merge::identity::{ContactId, Role, Rule};
use crate::merge::key;
use crate::source::Section;
use crate::source::settings::{Deleted, Mode};
use crate::state::customers::CustomerRow;
use crate::sync::intake::CustomerIntake;

impl Apply<'_> {
    /// Applies one reading of a customer.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn customer(&mut self, customer: &CustomerIntake) -> Result<()> {
        let stored = &customer.stored;
        let state = self.state;
        match state.customer(self.shop.id, &stored.guid)? {
            None => self.new_customer(customer),
            Some(_) if self.shop.settings.customers.mode == Mode::New => Ok(()),
            Some(row) if row.content == stored.content && row.gone_at.is_none() => {
                state.customer_is_there(row.id)
            }
            Some(row) => {
                let reading = (stored.changed_at, stored.read_at);
                if self.is_older(Section::Customers, reading, (row.changed_at, row.read_at))? {
                    return Ok(());
                }
                self.changed_customer(customer, &row)
            }
        }
    }

    fn new_customer(&mut self, customer: &CustomerIntake) -> Result<()> {
        let stored = &customer.stored;
        let state = self.state;
        let group = self.shop.settings.group.clone();
        let mut contact: Option<ContactId> = None;
        for email in &customer.log_ins {
            for row in state.email_evidence(&group, *email)? {
                // An earlier turn may have merged it already.
                let other = state.survivor(row.contact)?;
                if contact == Some(other) || !self.may_join(other, row.role == Role::LogIn as u8)? {
                    continue;
                }
                contact = Some(match contact {
                    Some(known) if state.share_a_shop(known, other)? => known,
                    Some(known) => self.merge_older_stays(known, other)?,
                    None => other,
                });
            }
        }
        let contact = match contact {
            Some(known) => {
                state.tell(
                    known,
                    self.now,
                    &format!("registered in {} as {}", self.shop.settings.name, stored.guid),
                )?;
                known
            }
            // Another shop of the group may have the same guid: a copied shop keeps those of the original.
            None => {
                let key = key::customer(&group, &stored.guid);
                match state.contact_by_key(&key)? {
                    Some(row) => state.survivor(row.id)?,
                    None => state.add_contact(&group, &key)?,
                }
            }
        };
        let id = state.add_customer(stored, contact)?;
        state.mark_contact(contact, None, false)?;
        self.report.customers_changed += 1;
        let since = stored.created_at.or(stored.changed_at);
        self.note_log_ins(customer, id, contact, since)?;
        self.after_change(customer, contact)
    }

    /// Whether a new customer may join a contact: a guest's, or, in a group, that of a customer of
    /// another shop who logs in with the same e-mail.
    fn may_join(&self, contact: ContactId, is_log_in: bool) -> Result<bool> {
        let erased = self.state.contact(contact)?.is_none_or(|row| row.erased);
        let same_shop = self.state.has_live_customer(contact, Some(self.shop.id), None)?;
        let registered = self.state.has_live_customer(contact, None, None)?;
        Ok(!erased && !same_shop && (!registered || is_log_in))
    }

    fn changed_customer(&mut self, customer: &CustomerIntake, row: &CustomerRow) -> Result<()> {
        let state = self.state;
        state.replace_customer(row.id, &customer.stored)?;
        let contact = state.survivor(row.contact)?;
        if row.gone_at.is_some() {
            state.mark_contact(contact, None, false)?;
            state.tell(contact, self.now, "is a customer again")?;
        }
        self.report.customers_changed += 1;
        let since = customer.stored.changed_at.or(Some(customer.stored.read_at));
        let mut contact = contact;
        for lost in self.note_log_ins(customer, row.id, contact, since)? {
            contact = self.settle_ambiguous_guest(lost, contact)?;
        }
        self.after_change(customer, contact)
    }

    /// What a new or changed customer means for others: guests with its e-mails and phones, customers of
    /// other shops with its log-ins, and orders that named it before it was known.
    fn after_change(&mut self, customer: &CustomerIntake, contact: ContactId) -> Result<()> {
        let state = self.state;
        let mut contact = contact;
        for email in &customer.log_ins {
            contact = self.absorb_guests_with_email(*email, contact)?;
            contact = self.unite_with_log_in(*email, contact)?;
            contact = self.settle_ambiguous_guest(*email, contact)?;
        }
        for phone in &customer.phones {
            contact = self.note_phone(*phone, contact)?;
        }
        for (order, from) in state.orders_naming(self.shop.id, &customer.stored.guid)? {
            if from != contact {
                state.move_order(order, contact, Rule::Guid as u8)?;
                state.make_due(self.targets, contact, Some(order))?;
                self.left_behind(from, contact)?;
            }
        }
        state.make_due(self.targets, contact, None)
    }

    /// Notes the customer's log-ins; answers with those it has lost.
    fn note_log_ins(
        &mut self,
        customer: &CustomerIntake,
        id: i64,
        contact: ContactId,
        since: Option<i64>,
    ) -> Result<Vec<u64>> {
        let state = self.state;
        let read_at = customer.stored.read_at;
        let known = state.emails_of_customer(id)?;
        for email in &customer.log_ins {
            match known.iter().find(|(hash, _)| hash == email) {
                Some((_, row)) => {
                    let last = row.last_at.map_or(read_at, |last| last.max(read_at));
                    state.change_email(row.row, Role::LogIn as u8, row.first_at, Some(last))?;
                }
                None => {
                    let at = (since, Some(read_at));
                    state.add_email(
                        &self.shop.settings.group,
                        *email,
                        contact,
                        Some(id),
                        Role::LogIn as u8,
                        at,
                    )?;
                }
            }
        }
        // The last full reading still had those it lost.
        let confirmed = state.full_reading(self.shop.id, Section::Customers.as_str())?;
        let confirmed = confirmed.map(|full| full.read_at.as_second());
        let mut lost = Vec::new();
        for (email, row) in known {
            if row.role == Role::LogIn as u8 && !customer.log_ins.contains(&email) {
                state.change_email(
                    row.row,
                    Role::OnceLogIn as u8,
                    row.first_at,
                    row.last_at.max(confirmed),
                )?;
                state.tell(
                    contact,
                    self.now,
                    "an e-mail is no longer a log-in; past orders stay",
                )?;
                lost.push(email);
            }
        }
        Ok(lost)
    }

    /// The shop confirmed that a customer was deleted: the contact becomes a guest's.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn customer_gone(&mut self, guid: &str) -> Result<()> {
        let state = self.state;
        let row = state
            .customer(self.shop.id, guid)?
            .ok_or_else(|| lost("a deleted customer"))?;
        if row.gone_at.is_some() {
            return Ok(());
        }
        let mut contact = state.survivor(row.contact)?;
        state.customer_is_gone(row.id, self.now)?;
        let mut lost_log_ins = Vec::new();
        for (hash, email) in state.emails_of_customer(row.id)? {
            if email.role == Role::LogIn as u8 {
                state.change_email(email.row, Role::OnceLogIn as u8, email.first_at, email.last_at)?;
                lost_log_ins.push(hash);
            }
        }
        self.report.customers_gone += 1;
        state.tell(
            contact,
            self.now,
            &format!("deleted in {}", self.shop.settings.name),
        )?;
        let erases = self.shop.settings.customers.deleted == Deleted::Erase;
        if !erases || state.has_live_customer(contact, None, None)? {
            // Who registered again was read before the deletion was known.
            for email in lost_log_ins {
                contact = self.unite_with_log_in(email, contact)?;
                contact = self.settle_ambiguous_guest(email, contact)?;
            }
        }
        if !state.has_live_customer(contact, None, None)? {
            match self.shop.settings.customers.deleted {
                Deleted::Keep => {}
                Deleted::Mark => state.mark_contact(contact, Some(self.now), false)?,
                Deleted::Erase => {
                    state.mark_contact(contact, Some(self.now), true)?;
                    state.empty_customers_of(contact)?;
                }
            }
        }
        state.make_due(self.targets, contact, None)
    }
}
