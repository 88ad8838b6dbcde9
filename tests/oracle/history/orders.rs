//! Orders: whose they are, when that is decided again, and whom they leave behind.

use super::emails::Owner;
use super::{History, KnownOrder};
use crate::shops::World;

/// Why an order goes where it goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Its guid or a log-in of now says so.
    AtOnce(usize),
    /// Something else does.
    Found(usize),
    /// To a guest of its own.
    Own,
}

impl History {
    pub(super) fn told_orders(&mut self, world: &World, shop: usize) {
        let mut again = Vec::new();
        let mut new = Vec::new();
        let listed = world.orders.iter().filter(|order| order.shop == shop);
        for record in listed.clone() {
            let known = self
                .orders
                .iter()
                .position(|known| known.shop == shop && known.code == record.code);
            let Some(place) = known else {
                let order = self.orders.len();
                self.orders.push(KnownOrder {
                    shop,
                    code: record.code.clone(),
                    placed: record.placed,
                    guid: record.guid.clone(),
                    email: record.known_email(),
                    phone: record.known_phone(),
                    contact: None,
                    is_missing: false,
                    is_gone: false,
                    is_left_out: false,
                });
                match self.place_of(order) {
                    Place::AtOnce(contact) => self.put(order, contact),
                    _ => new.push(order),
                }
                continue;
            };
            let known = &self.orders[place];
            let names_another = record.guid.is_some()
                && record.guid != known.guid
                && self.named(shop, record.guid.as_deref()).is_some();
            let another_email = record.known_email().is_some() && record.known_email() != known.email;
            if names_another || another_email {
                again.push(place);
            }
            // What is only not told any more stays known; a guid as long as its customer is there.
            let named = self.customers.iter().find(|customer| {
                customer.record.shop == shop && Some(&customer.record.guid) == known.guid.as_ref()
            });
            let guid = known
                .guid
                .clone()
                .filter(|_| named.is_none_or(|customer| !customer.is_gone));
            let known = &mut self.orders[place];
            known.guid = record.guid.clone().or(guid);
            known.email = record.known_email().or(known.email);
            known.phone = record.known_phone();
            (known.is_missing, known.is_gone) = (false, known.is_left_out);
            if known.is_left_out {
                again.push(place);
            }
        }
        for known in self
            .orders
            .iter_mut()
            .filter(|known| known.shop == shop && !known.is_gone)
        {
            if !listed.clone().any(|record| record.code == known.code) {
                known.is_gone = known.is_missing;
                known.is_missing = true;
            }
        }
        self.place_orders(&again, &new);
    }

    fn place_orders(&mut self, again: &[usize], new: &[usize]) {
        let by_date = |orders: &[usize]| {
            let mut orders = orders.to_vec();
            orders.sort_by_key(|order| (self.orders[*order].placed, self.orders[*order].code.clone()));
            orders
        };
        let (mut again, new) = (by_date(again), by_date(new));
        again.dedup();
        let mut left = Vec::new();
        for at_once in [true, false] {
            for order in &again {
                let place = self.place_of(*order);
                if matches!(place, Place::AtOnce(_)) == at_once {
                    let from = self.orders[*order].contact.unwrap();
                    let is_left_out = self.is_left_out(*order, place);
                    (self.orders[*order].is_left_out, self.orders[*order].is_gone) =
                        (is_left_out, is_left_out);
                    if is_left_out {
                        continue;
                    }
                    let contact = self.go(*order, place);
                    if from != contact {
                        left.retain(|(contact, _)| *contact != from);
                        left.push((from, contact));
                    }
                }
            }
        }
        for with_email in [true, false] {
            for order in &new {
                if self.orders[*order].email.is_some() == with_email {
                    let place = self.place_of(*order);
                    if !self.is_left_out(*order, place) {
                        self.go(*order, place);
                    }
                }
            }
            if with_email {
                self.settle_emails();
            }
        }
        for (from, to) in left {
            self.left_behind(from, to);
        }
        self.settle_phones();
        // Whoever was left out from the beginning was never there.
        self.orders.retain(|order| order.contact.is_some());
    }

    fn is_left_out(&self, order: usize, place: Place) -> bool {
        let KnownOrder { shop, guid, .. } = &self.orders[order];
        let is_named = self.named(*shop, guid.as_deref()).is_some();
        let is_a_guests = match place {
            Place::Own => true,
            Place::AtOnce(contact) | Place::Found(contact) => self.is_guest(contact) && !is_named,
        };
        self.settings.skips_guests && is_a_guests
    }

    /// The customer that an order names, by its contact.
    fn named(&self, shop: usize, guid: Option<&str>) -> Option<usize> {
        let mut customers = self.customers.iter();
        let named =
            customers.find(|known| known.record.shop == shop && Some(known.record.guid.as_str()) == guid);
        named.and_then(|known| known.contact)
    }

    fn place_of(&self, order: usize) -> Place {
        let KnownOrder {
            shop,
            guid,
            email,
            phone,
            placed,
            ..
        } = &self.orders[order];
        let group = self.group_of(*shop);
        if let Some(contact) = self.named(*shop, guid.as_deref()) {
            return Place::AtOnce(contact);
        }
        if let Some(email) = email {
            let logs_in = |contact: usize| {
                self.customers_of(contact)
                    .any(|known| !known.is_gone && known.record.log_ins().any(|log_in| log_in == *email))
            };
            return match self.owner(group, email, *placed) {
                Owner::Somebody(contact) if logs_in(contact) => Place::AtOnce(contact),
                Owner::Somebody(contact) => Place::Found(contact),
                Owner::Nobody | Owner::Several => Place::Own,
            };
        }
        let with_phone = phone
            .map(|phone| self.with_phone(group, phone))
            .unwrap_or_default();
        match with_phone.as_slice() {
            [one] => Place::Found(*one),
            _ => Place::Own,
        }
    }

    fn go(&mut self, order: usize, place: Place) -> usize {
        let contact = match place {
            Place::AtOnce(contact) | Place::Found(contact) => contact,
            Place::Own => self.own(order),
        };
        self.put(order, contact);
        contact
    }

    pub(super) fn put(&mut self, order: usize, contact: usize) {
        self.orders[order].contact = Some(contact);
        let (email, placed) = (self.orders[order].email, self.orders[order].placed);
        if let Some(email) = email {
            self.see(contact, email, placed);
        }
    }

    /// The guest contact of an order: one known by the same, or a new one.
    fn own(&mut self, order: usize) -> usize {
        let KnownOrder {
            shop,
            code,
            email,
            phone,
            ..
        } = &self.orders[order];
        let group = self.group_of(*shop);
        let by_code = self.key_by_code(*shop, code);
        let (known, usual) = match (email, phone) {
            (Some(email), _) => {
                let has = |contact: &usize| self.is_guest(*contact) && self.seen(*contact, email).is_some();
                (
                    self.people(group).into_iter().find(has),
                    self.key_by_email(group, email),
                )
            }
            (None, Some(phone)) => {
                let guests = self.guests_by_phone(group, phone);
                (guests.first().copied(), self.key_by_phone(group, phone))
            }
            (None, None) => (None, by_code.clone()),
        };
        if let Some(known) = known {
            return known;
        }
        let is_by_phone = email.is_none() && phone.is_some();
        match self.contact_by_key(&usual) {
            None => self.new_contact(group, usual),
            Some(contact)
                if self.is_guest(contact)
                    && (!is_by_phone
                        || (self.is_without_email(contact) && self.is_without_orders(contact))) =>
            {
                contact
            }
            Some(_) => match self.contact_by_key(&by_code) {
                Some(contact) => contact,
                None => self.new_contact(group, by_code),
            },
        }
    }

    /// A guest without orders is merged into the one that took its last order.
    pub(super) fn left_behind(&mut self, from: usize, to: usize) {
        let to = self.end(to);
        let is_gone = self.end(from) != from || from == to;
        if !is_gone && self.customers_of(from).next().is_none() && self.is_without_orders(from) {
            self.merge(from, to);
        }
    }

    /// Guests of whom nothing but a phone is known are the one contact that has it.
    fn settle_phones(&mut self) {
        let mut phones: Vec<&'static str> = self.orders.iter().filter_map(|order| order.phone).collect();
        phones.sort_unstable();
        phones.dedup();
        for group in self.groups() {
            for phone in &phones {
                let [mut one] = self.with_phone(group, phone)[..] else {
                    continue;
                };
                for guest in self.guests_by_phone(group, phone) {
                    let mut orders = self.orders.iter().filter(|order| order.contact == Some(guest));
                    if orders.all(|order| order.is_gone || order.phone == Some(phone)) {
                        one = self.join(guest, one);
                    }
                }
            }
        }
    }
}
