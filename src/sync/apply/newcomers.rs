//! A customer that is new: whose contact it gets, once all customers of a run are read.

use super::Apply;
use super::joining::Owner;
use super::sharing::Sharer;
use crate::error::Result;
use crate::merge::identity::{ContactId, Rule};
use crate::merge::key;
use crate::state::unsettled::UndecidedCustomer;
use crate::sync::intake;

impl Apply<'_> {
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
            if state.was_customer_together(id, known)? {
                continue;
            }
            contact = Some(match contact {
                Some(joined) if joined == known || state.were_customers_together(joined, known)? => joined,
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
        state.place_emails(id, contact)?;
        state.mark_contact(contact, None, false)?;
        self.note_phones(&customer.phones, &[], contact, id)?;
        self.take_orders_naming(guid, contact)
    }

    /// The contacts that a new customer is one with by its log-ins, the oldest first: the customers of
    /// other shops who log in with one of them, else the guests who have it. Guests are nobody's where
    /// several come to their e-mail at once.
    fn known_as(&self, id: i64, log_ins: &[u64]) -> Result<Vec<ContactId>> {
        let people = self.people();
        let (mut customers, mut guests) = (Vec::new(), Vec::new());
        for email in log_ins {
            let sharers = people.sharers(*email)?;
            let is_newcomer = sharers.iter().all(|sharer| sharer.contact().is_none());
            let unions = people.unions(sharers)?;
            let is_only = unions.len() == 1;
            let mine = unions
                .into_iter()
                .find(|union| union.iter().any(|sharer| sharer.is(id)));
            customers.extend(mine.iter().flatten().filter_map(Sharer::contact));
            if is_newcomer && is_only {
                let rows = people.evidence(*email)?;
                guests.extend(people.guests_who_are(Owner::Newcomer(id), *email, &rows)?);
            }
        }
        let mut found = Vec::new();
        for contact in customers.into_iter().chain(people.who_can_be_one(guests)?) {
            found.push((people.age(contact)?, contact));
        }
        found.sort();
        Ok(found.into_iter().map(|(_, contact)| contact).collect())
    }

    pub(super) fn key_of_customer(&self, guid: &str) -> Result<String> {
        let (group, shop) = (&self.shop.settings.group, &self.shop.settings.name);
        let (mut key, mut times) = (key::customer(group, guid), 0);
        while self.state.contact_by_key(&key)?.is_some() {
            times += 1;
            key = match times {
                1 => key::customer_of(group, shop, guid),
                times => key::customer_again(group, shop, guid, times),
            };
        }
        Ok(key)
    }

    /// Orders that named a customer before it was known.
    fn take_orders_naming(&mut self, guid: &str, contact: ContactId) -> Result<()> {
        let state = self.state;
        for (id, from, order) in state.orders_naming(self.shop.id, guid)? {
            if from != contact {
                state.move_order(id, contact, Rule::Guid as u8)?;
                self.note_clues(&order, contact)?;
                if let Some(phone) = order.phone {
                    self.people().unsettle_phone(phone)?;
                }
                state.make_due(self.targets, contact, Some(id))?;
                self.people().left_behind(state.survivor(from)?, contact)?;
            }
        }
        state.make_due(self.targets, contact, None)
    }
}
