//! Customers: listed, missing, deleted, back, and whose contact they get.

use super::contacts::were_together;
use super::{History, KnownCustomer};
use crate::shops::World;

impl History {
    pub(super) fn told_customers(&mut self, world: &World, shop: usize, day: u32) {
        let listed = world.customers.iter().filter(|customer| customer.shop == shop);
        for record in listed.clone() {
            let known = self
                .customers
                .iter()
                .position(|known| known.record.shop == shop && known.record.guid == record.guid);
            let place = known.unwrap_or_else(|| {
                self.customers.push(KnownCustomer {
                    record: record.clone(),
                    contact: None,
                    listed: (day, day),
                    is_missing: false,
                    is_gone: false,
                    had: Default::default(),
                });
                self.customers.len() - 1
            });
            self.comes_back(place);
            let known = &mut self.customers[place];
            known.record = record.clone();
            known.listed.1 = day;
            known.is_missing = false;
            for email in record.log_ins() {
                known.had.entry(email).or_insert((day, day)).1 = day;
            }
        }
        for known in self
            .customers
            .iter_mut()
            .filter(|known| known.record.shop == shop && !known.is_gone)
        {
            if !listed.clone().any(|record| record.guid == known.record.guid) {
                known.is_gone = known.is_missing;
                known.is_missing = true;
            }
        }
        for contact in 0..self.contacts.len() {
            let all_are_gone = self.customers_of(contact).all(|known| known.is_gone);
            let is_customers = self.customers_of(contact).next().is_some();
            self.contacts[contact].is_erased = self.settings.erases && is_customers && all_are_gone;
        }
    }

    /// Who was taken over meanwhile by another customer of the shop is somebody else now.
    fn comes_back(&mut self, place: usize) {
        let known = &self.customers[place];
        if !known.is_gone {
            return;
        }
        let contact = known.contact.unwrap();
        let is_taken = self
            .customers_of(contact)
            .any(|other| other.record.shop == known.record.shop && !other.is_gone);
        if is_taken {
            let own = self.own_contact(place);
            self.customers[place].contact = Some(own);
        }
        self.customers[place].is_gone = false;
    }

    fn own_contact(&mut self, place: usize) -> usize {
        let (shop, guid) = (
            self.customers[place].record.shop,
            self.customers[place].record.guid.clone(),
        );
        let (group, name) = (self.group_of(shop), self.shops[shop].name);
        let mut keys = [format!("{group}:c:{guid}"), format!("{group}:c:{name}:{guid}")]
            .into_iter()
            .chain((2..).map(|times| format!("{group}:c:{name}:{guid}:{times}")));
        let key = keys.find(|key| self.contact_by_key(key).is_none()).unwrap();
        self.new_contact(group, key)
    }

    /// New customers, the oldest registration first.
    pub(super) fn place_newcomers(&mut self) {
        let mut newcomers: Vec<usize> = (0..self.customers.len())
            .filter(|place| self.customers[*place].contact.is_none())
            .collect();
        newcomers.sort_by_key(|place| self.seniority(*place));
        for place in newcomers {
            let mut mine: Option<usize> = None;
            for contact in self.who_it_is(place) {
                let contact = self.end(contact);
                let is_beside = |known: &KnownCustomer| were_together(known, &self.customers[place]);
                if self.customers_of(contact).any(is_beside) {
                    continue;
                }
                mine = Some(match mine {
                    Some(joined) if joined == contact || self.are_two(joined, contact) => joined,
                    Some(joined) => self.join(joined, contact),
                    None => contact,
                });
            }
            let contact = mine.unwrap_or_else(|| self.own_contact(place));
            self.customers[place].contact = Some(contact);
            self.take_orders_that_name(place, contact);
        }
    }

    fn seniority(&self, place: usize) -> (u32, String, usize) {
        let record = &self.customers[place].record;
        (record.registered, record.guid.clone(), record.shop)
    }

    /// Contacts that a newcomer is by its log-ins, the oldest first.
    fn who_it_is(&self, place: usize) -> Vec<usize> {
        let group = self.group_of(self.customers[place].record.shop);
        let (mut found, mut guests) = (Vec::new(), Vec::new());
        for email in self.customers[place].record.log_ins() {
            let unions = self.unions(group, email);
            let union = unions.iter().find(|union| union.contains(&place)).unwrap();
            found.extend(union.iter().filter_map(|member| self.customers[*member].contact));
            let all_are_new = unions
                .iter()
                .flatten()
                .all(|member| self.customers[*member].contact.is_none());
            if all_are_new && unions.len() == 1 {
                guests.extend(self.guests_who_are(None, Some(place), group, email));
            }
        }
        found.extend(self.can_be_one(&guests));
        found.sort_by_key(|contact| self.age(*contact));
        found
    }

    /// Customers who log in with an e-mail, by who is one: as if they had come one after the other.
    pub(super) fn unions(&self, group: &str, email: &str) -> Vec<Vec<usize>> {
        let mut holders: Vec<usize> = (0..self.customers.len())
            .filter(|place| {
                let known = &self.customers[*place];
                let is_here = self.group_of(known.record.shop) == group && !known.is_gone;
                is_here && known.record.log_ins().any(|log_in| log_in == email)
            })
            .collect();
        holders.sort_by_key(|place| self.seniority(*place));
        let mut unions: Vec<Vec<usize>> = Vec::new();
        for holder in holders {
            let contact = self.customers[holder].contact;
            let same = |other: &usize| contact.is_some() && self.customers[*other].contact == contact;
            if let Some(union) = unions.iter_mut().find(|union| union.iter().any(same)) {
                union.push(holder);
            } else if unions.len() == 1 && !unions[0].iter().any(|other| self.stand_apart(*other, holder)) {
                unions[0].push(holder);
            } else {
                unions.push(vec![holder]);
            }
        }
        unions
    }

    fn stand_apart(&self, one: usize, other: usize) -> bool {
        let (one, other) = (&self.customers[one], &self.customers[other]);
        match (one.contact, other.contact) {
            (Some(one), Some(other)) => self.are_two(one, other),
            (Some(contact), None) => self
                .customers_of(contact)
                .any(|known| were_together(known, other)),
            (None, Some(contact)) => self.customers_of(contact).any(|known| were_together(known, one)),
            (None, None) => were_together(one, other),
        }
    }

    fn take_orders_that_name(&mut self, place: usize, contact: usize) {
        let (shop, guid) = (
            self.customers[place].record.shop,
            self.customers[place].record.guid.clone(),
        );
        for order in 0..self.orders.len() {
            let known = &self.orders[order];
            let from = known.contact.unwrap();
            if known.shop == shop && known.guid.as_ref() == Some(&guid) && from != contact {
                self.put(order, contact);
                self.left_behind(from, contact);
            }
        }
    }
}
