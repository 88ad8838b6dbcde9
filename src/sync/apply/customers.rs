//! A customer that is new, changed, there again, or deleted.

use jiff::Timestamp;

use super::Apply;
use crate::error::Result;
use crate::merge::identity::{ContactId, Role};
use crate::source::Section;
use crate::source::settings::Mode;
use crate::state::customers::{CustomerRow, StoredCustomer};
use crate::state::unsettled::{Clue, UNDECIDED};
use crate::sync::intake::{self, CustomerIntake};

impl Apply<'_> {
    /// Applies one reading of a customer. A new one is placed when all are read.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn customer(&mut self, customer: &CustomerIntake) -> Result<()> {
        let Some(customer) = &self.admit_customer(customer)? else {
            return Ok(());
        };
        let stored = &customer.stored;
        let state = self.state;
        let Some(row) = state.customer(self.shop.id, &stored.guid)? else {
            let id = state.add_customer(stored, UNDECIDED)?;
            self.report.customers_changed += 1;
            return self.note_new_log_ins(customer, id);
        };
        if stored.listed_at < row.listed_from {
            state.customer_was_listed(row.id, stored.listed_at)?;
        }
        if row.contact == UNDECIDED {
            state.replace_customer(row.id, stored)?;
            state.remove_emails(row.id)?;
            return self.note_new_log_ins(customer, row.id);
        }
        if self.shop.settings.customers.mode == Mode::New {
            return Ok(());
        }
        if row.content == stored.content && row.gone_at.is_none() {
            return state.customer_is_there(row.id, stored.listed_at);
        }
        if self.is_older_customer(stored, &row)? {
            return self.earlier_reading(customer, &row);
        }
        self.changed_customer(customer, &row)
    }

    /// Others who come with the same e-mail have to know of this one before it is placed.
    fn note_new_log_ins(&self, customer: &CustomerIntake, id: i64) -> Result<()> {
        let at = Some(customer.stored.read_at);
        let (group, role) = (&self.shop.settings.group, Role::LogIn as u8);
        customer.log_ins.iter().try_for_each(|email| {
            self.state
                .add_email(group, *email, UNDECIDED, Some(id), role, (at, at))
        })
    }

    fn is_older_customer(&self, stored: &StoredCustomer, row: &CustomerRow) -> Result<bool> {
        // Who was deleted is a customer again only by a reading of after that.
        let known = (row.changed_at.filter(|_| row.gone_at.is_none()), row.read_at);
        self.is_older(Section::Customers, (stored.changed_at, stored.read_at), known)
    }

    /// What an earlier reading says of log-ins is true of its time, whenever it is told.
    fn earlier_reading(&mut self, customer: &CustomerIntake, row: &CustomerRow) -> Result<()> {
        let state = self.state;
        let group = &self.shop.settings.group;
        let read_at = Some(customer.stored.read_at);
        let known = state.emails_of_customer(row.id)?;
        for email in &customer.log_ins {
            match known.iter().find(|(hash, _)| hash == email) {
                Some((_, known)) => {
                    let first = [known.first_at, read_at].into_iter().flatten().min();
                    state.change_email(known.row, known.role, first, known.last_at.max(read_at))?;
                }
                None => {
                    let role = Role::OnceLogIn as u8;
                    state.add_email(group, *email, row.contact, Some(row.id), role, (read_at, read_at))?;
                    state.unsettle(group, Clue::Email, *email)?;
                }
            }
        }
        Ok(())
    }

    fn changed_customer(&mut self, customer: &CustomerIntake, row: &CustomerRow) -> Result<()> {
        let state = self.state;
        let mut contact = state.survivor(row.contact)?;
        let before = state.undecided_customer(row.id)?;
        state.replace_customer(row.id, &customer.stored)?;
        if row.gone_at.is_some() {
            contact = self.comes_back(row.id, &customer.stored.guid, contact)?;
        }
        self.report.customers_changed += 1;
        for email in self.note_log_ins(customer, row, contact)? {
            state.unsettle(&self.shop.settings.group, Clue::Email, email)?;
        }
        let phones_before = intake::phones_of(self.shop, &before.customer);
        self.note_phones(&customer.phones, &phones_before, contact, row.id)?;
        state.make_due(self.targets, contact, None)
    }

    pub(super) fn note_phones(
        &self,
        phones: &[u64],
        before: &[u64],
        contact: ContactId,
        customer: i64,
    ) -> Result<()> {
        let people = self.people();
        for phone in before.iter().filter(|phone| !phones.contains(phone)) {
            self.state.remove_phone(people.group, *phone, customer)?;
            people.unsettle_phone(*phone)?;
        }
        phones
            .iter()
            .try_for_each(|phone| people.note_phone(*phone, contact, Some(customer)))
    }

    /// Notes what a customer logs in with now; answers with what it did not log in with before, and with
    /// what it no longer does: others may be the only ones who do now.
    fn note_log_ins(
        &mut self,
        customer: &CustomerIntake,
        row: &CustomerRow,
        contact: ContactId,
    ) -> Result<Vec<u64>> {
        let (state, id) = (self.state, row.id);
        let read_at = customer.stored.read_at;
        let known = state.emails_of_customer(id)?;
        let mut changed = Vec::new();
        for email in &customer.log_ins {
            match known.iter().find(|(hash, _)| hash == email) {
                Some((_, row)) => {
                    let last = row.last_at.map_or(read_at, |last| last.max(read_at));
                    state.change_email(row.row, Role::LogIn as u8, row.first_at, Some(last))?;
                    if row.role != Role::LogIn as u8 {
                        changed.push(*email);
                    }
                }
                None => {
                    let (role, at) = (Role::LogIn as u8, (Some(read_at), Some(read_at)));
                    state.add_email(&self.shop.settings.group, *email, contact, Some(id), role, at)?;
                    changed.push(*email);
                }
            }
        }
        // The last reading still had those it lost, unless it did not hold the customer.
        let confirmed = self.confirmed(Section::Customers)?.filter(|_| !row.is_missing);
        let confirmed = confirmed.map(Timestamp::as_second);
        for (email, lost) in known {
            if lost.role == Role::LogIn as u8 && !customer.log_ins.contains(&email) {
                let last = lost.last_at.max(confirmed);
                state.change_email(lost.row, Role::OnceLogIn as u8, lost.first_at, last)?;
                changed.push(email);
                let told = "an e-mail is no longer a log-in; past orders stay";
                state.tell(contact, self.now, told)?;
            }
        }
        Ok(changed)
    }
}
