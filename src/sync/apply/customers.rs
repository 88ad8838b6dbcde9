//! A customer that is new, changed, there again, or deleted.

use super::people::People;
use super::sharing::{Sharer, Union};
use super::{Apply, lost};
use crate::error::Result;
use crate::merge::identity::{ContactId, Role, Rule};
use crate::merge::key;
use crate::source::Section;
use crate::source::settings::{Deleted, Mode};
use crate::state::customers::CustomerRow;
use crate::state::unsettled::{Clue, UNDECIDED, UndecidedCustomer};
use crate::sync::intake::{self, CustomerIntake};

impl Apply<'_> {
    /// Applies one reading of a customer. A new one is placed when all are read.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn customer(&mut self, customer: &CustomerIntake) -> Result<()> {
        let stored = &customer.stored;
        let state = self.state;
        let Some(row) = state.customer(self.shop.id, &stored.guid)? else {
            state.add_customer(stored, UNDECIDED)?;
            self.report.customers_changed += 1;
            return Ok(());
        };
        if row.contact == UNDECIDED {
            return state.replace_customer(row.id, stored);
        }
        if self.shop.settings.customers.mode == Mode::New {
            return Ok(());
        }
        if row.content == stored.content && row.gone_at.is_none() {
            return self.is_there(row.id);
        }
        let reading = (stored.changed_at, stored.read_at);
        if self.is_older(Section::Customers, reading, (row.changed_at, row.read_at))? {
            return self.earlier_reading(customer, &row);
        }
        self.changed_customer(customer, &row)
    }

    /// It was missing perhaps, but was not deleted.
    fn is_there(&self, id: i64) -> Result<()> {
        if self.state.customer_is_there(id)? {
            let group = &self.shop.settings.group;
            self.state
                .settled(group, Clue::MissingCustomer, id.cast_unsigned())?;
        }
        Ok(())
    }

    /// Gives a new customer its contact: the one of a guest with its e-mail, or of the customer of
    /// another shop who logs in with it, else one of its own.
    pub(super) fn place_customer(&mut self, id: i64, waiting: &UndecidedCustomer) -> Result<()> {
        let customer = intake::customer(self.shop, &waiting.customer, waiting.read_at)?;
        let state = self.state;
        let people = self.people();
        let guid = &customer.stored.guid;
        let mut contact: Option<ContactId> = None;
        for known in self.known_as(id, &customer.log_ins)? {
            // An earlier turn may have merged it already.
            let known = state.survivor(known)?;
            if state.has_live_customer(known, Some(self.shop.id), None)? {
                continue;
            }
            contact = Some(match contact {
                Some(joined) if joined == known || state.share_a_shop(joined, known)? => joined,
                Some(joined) => people.merge_older_stays(joined, known)?,
                None => known,
            });
        }
        let contact = match contact {
            Some(known) => {
                let told = format!("registered in {} as {guid}", self.shop.settings.name);
                state.tell(known, self.now, &told)?;
                // A customer's phones are those of its accounts; its orders' count no longer.
                people.unsettle_phones_of(known)?;
                known
            }
            None => state.add_contact(&self.shop.settings.group, &self.key_of_customer(guid)?)?,
        };
        state.move_customer(id, contact)?;
        state.mark_contact(contact, None, false)?;
        let stored = &customer.stored;
        let since = stored.created_at.or(stored.changed_at);
        self.note_log_ins(&customer, id, contact, since)?;
        self.note_phones(&customer.phones, &[], contact, id)?;
        self.take_orders_naming(guid, contact)
    }

    /// The contacts that a new customer is one with by its log-ins, the oldest first: the customers of
    /// other shops who log in with one of them, else the guests who have it.
    fn known_as(&self, id: i64, log_ins: &[u64]) -> Result<Vec<ContactId>> {
        let (state, people) = (self.state, self.people());
        let mut found = Vec::new();
        for email in log_ins {
            let rows = people.evidence(*email)?;
            let mut sharers = people.sharers(&rows)?;
            if sharers.is_empty() {
                for row in &rows {
                    if people.is_guest(row.contact)? {
                        found.push((people.age(row.contact)?, row.contact));
                    }
                }
                continue;
            }
            for missing in sharers
                .iter()
                .filter_map(|sharer| sharer.missing_in(self.shop.id))
            {
                // When its deletion is confirmed, it was the same person who registered anew.
                state.unsettle(people.group, Clue::MissingCustomer, missing.cast_unsigned())?;
            }
            sharers.push(Sharer::newcomer(id, state.standing_of_customer(id)?));
            let mine = |union: &&Union| union.iter().any(|sharer| sharer.contact().is_none());
            let unions = people.unions(sharers)?;
            let mine = unions.iter().find(mine).into_iter().flatten();
            for contact in mine.filter_map(Sharer::contact) {
                found.push((people.age(contact)?, contact));
            }
        }
        found.sort();
        Ok(found.into_iter().map(|(_, contact)| contact).collect())
    }

    fn key_of_customer(&self, guid: &str) -> Result<String> {
        let group = &self.shop.settings.group;
        let usual = key::customer(group, guid);
        Ok(match self.state.contact_by_key(&usual)? {
            None => usual,
            Some(_) => key::customer_of(group, &self.shop.settings.name, guid),
        })
    }

    /// What an earlier reading says of log-ins is true of its time, whenever it is told.
    fn earlier_reading(&mut self, customer: &CustomerIntake, row: &CustomerRow) -> Result<()> {
        let state = self.state;
        let group = &self.shop.settings.group;
        let (read_at, since) = (Some(customer.stored.read_at), customer.stored.created_at);
        let known = state.emails_of_customer(row.id)?;
        for email in &customer.log_ins {
            match known.iter().find(|(hash, _)| hash == email) {
                Some((_, once)) if once.role == Role::OnceLogIn as u8 => {
                    state.change_email(once.row, once.role, once.first_at, once.last_at.max(read_at))?;
                }
                Some(_) => {}
                None => {
                    let role = Role::OnceLogIn as u8;
                    state.add_email(group, *email, row.contact, Some(row.id), role, (since, read_at))?;
                    state.unsettle(group, Clue::Email, *email)?;
                }
            }
        }
        Ok(())
    }

    fn changed_customer(&mut self, customer: &CustomerIntake, row: &CustomerRow) -> Result<()> {
        let state = self.state;
        let contact = state.survivor(row.contact)?;
        let before = state.undecided_customer(row.id)?;
        state.replace_customer(row.id, &customer.stored)?;
        self.is_there(row.id)?;
        if row.gone_at.is_some() {
            state.mark_contact(contact, None, false)?;
            state.tell(contact, self.now, "is a customer again")?;
            self.people().unsettle_phones_of(contact)?;
        }
        self.report.customers_changed += 1;
        let since = customer.stored.changed_at.or(Some(customer.stored.read_at));
        for email in self.note_log_ins(customer, row.id, contact, since)? {
            state.unsettle(&self.shop.settings.group, Clue::Email, email)?;
        }
        let phones_before = intake::phones_of(self.shop, &before.customer);
        self.note_phones(&customer.phones, &phones_before, contact, row.id)?;
        state.make_due(self.targets, contact, None)
    }

    fn note_phones(&self, phones: &[u64], before: &[u64], contact: ContactId, customer: i64) -> Result<()> {
        let people = self.people();
        for phone in before.iter().filter(|phone| !phones.contains(phone)) {
            self.state.remove_phone(people.group, *phone, customer)?;
            people.unsettle_phone(*phone)?;
        }
        phones
            .iter()
            .try_for_each(|phone| people.note_phone(*phone, contact, Some(customer)))
    }

    /// Orders that named a customer before it was known.
    fn take_orders_naming(&mut self, guid: &str, contact: ContactId) -> Result<()> {
        let state = self.state;
        for (id, from, order) in state.orders_naming(self.shop.id, guid)? {
            if from != contact {
                state.move_order(id, contact, Rule::Guid as u8)?;
                self.note_clues(&order, contact)?;
                state.make_due(self.targets, contact, Some(id))?;
                self.left_behind(from, contact)?;
            }
        }
        state.make_due(self.targets, contact, None)
    }

    /// Notes what a customer logs in with now; answers with what it did not log in with before.
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
        let mut gained = Vec::new();
        for email in &customer.log_ins {
            match known.iter().find(|(hash, _)| hash == email) {
                Some((_, row)) => {
                    let last = row.last_at.map_or(read_at, |last| last.max(read_at));
                    state.change_email(row.row, Role::LogIn as u8, row.first_at, Some(last))?;
                    if row.role != Role::LogIn as u8 {
                        gained.push(*email);
                    }
                }
                None => {
                    let (role, at) = (Role::LogIn as u8, (since, Some(read_at)));
                    state.add_email(&self.shop.settings.group, *email, contact, Some(id), role, at)?;
                    gained.push(*email);
                }
            }
        }
        // The last full reading still had those it lost.
        let confirmed = state.full_reading(self.shop.id, Section::Customers.as_str())?;
        let confirmed = confirmed.map(|full| full.read_at.as_second());
        for (email, row) in known {
            if row.role == Role::LogIn as u8 && !customer.log_ins.contains(&email) {
                let last = row.last_at.max(confirmed);
                state.change_email(row.row, Role::OnceLogIn as u8, row.first_at, last)?;
                let told = "an e-mail is no longer a log-in; past orders stay";
                state.tell(contact, self.now, told)?;
            }
        }
        Ok(gained)
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
        let contact = state.survivor(row.contact)?;
        state.customer_is_gone(row.id, self.now)?;
        let group = &self.shop.settings.group;
        let came_back = state.settled(group, Clue::MissingCustomer, row.id.cast_unsigned())?;
        for (hash, email) in state.emails_of_customer(row.id)? {
            if email.role == Role::LogIn as u8 {
                state.change_email(email.row, Role::OnceLogIn as u8, email.first_at, email.last_at)?;
                if came_back {
                    state.unsettle(group, Clue::Email, hash)?;
                }
            }
        }
        self.report.customers_gone += 1;
        let told = format!("deleted in {}", self.shop.settings.name);
        state.tell(contact, self.now, &told)?;
        let people = self.people();
        if !people.is_registered(contact)? {
            match self.shop.settings.customers.deleted {
                Deleted::Keep => {}
                Deleted::Mark => state.mark_contact(contact, Some(self.now), false)?,
                Deleted::Erase => {
                    state.mark_contact(contact, Some(self.now), true)?;
                    state.empty_customers_of(contact)?;
                }
            }
            self.note_phones_of_orders(people, contact)?;
        }
        state.make_due(self.targets, contact, None)
    }

    /// A guest's phones are those of its orders.
    fn note_phones_of_orders(&self, people: People<'_>, contact: ContactId) -> Result<()> {
        let orders = self.state.orders_of(contact)?;
        orders
            .iter()
            .filter(|order| order.email.is_some())
            .filter_map(|order| order.phone)
            .try_for_each(|phone| people.note_phone(phone, contact, None))
    }
}
