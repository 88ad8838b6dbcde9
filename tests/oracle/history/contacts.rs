//! Contacts: who they have, how old they are, and how two become one.

use super::{Contact, History, KnownCustomer};
use crate::imported::{by_email, by_phone};

impl History {
    pub(super) fn contact_by_key(&self, key: &str) -> Option<usize> {
        let place = self.contacts.iter().position(|contact| contact.key == key)?;
        Some(self.end(place))
    }

    pub(super) fn new_contact(&mut self, group: &'static str, key: String) -> usize {
        assert_eq!(self.contact_by_key(&key), None, "a key is never used again");
        self.contacts.push(Contact {
            group,
            key,
            merged_into: None,
            is_erased: false,
            seen: Default::default(),
        });
        self.contacts.len() - 1
    }

    /// Who stands for a contact now.
    pub(super) fn end(&self, contact: usize) -> usize {
        match self.contacts[contact].merged_into {
            Some(into) => self.end(into),
            None => contact,
        }
    }

    /// The contacts of a group that stand for themselves and are known by something, in the order of
    /// their keys.
    pub(super) fn people(&self, group: &str) -> Vec<usize> {
        let mut people: Vec<usize> = (0..self.contacts.len())
            .filter(|place| {
                let contact = &self.contacts[*place];
                contact.merged_into.is_none() && !contact.is_erased && contact.group == group
            })
            .collect();
        people.sort_by_key(|place| &self.contacts[*place].key);
        people
    }

    pub(super) fn customers_of(&self, contact: usize) -> impl Iterator<Item = &KnownCustomer> {
        self.customers
            .iter()
            .filter(move |customer| customer.contact == Some(contact))
    }

    pub(super) fn is_guest(&self, contact: usize) -> bool {
        !self.contacts[contact].is_erased && self.customers_of(contact).all(|customer| customer.is_gone)
    }

    /// No customer, deleted or not, and no e-mail on any order.
    pub(super) fn is_without_email(&self, contact: usize) -> bool {
        let mut orders = self.orders.iter().filter(|order| order.contact == Some(contact));
        self.customers_of(contact).next().is_none() && orders.all(|order| order.email.is_none())
    }

    pub(super) fn is_without_orders(&self, contact: usize) -> bool {
        !self
            .orders
            .iter()
            .any(|order| order.contact == Some(contact) && !order.is_gone)
    }

    fn registered_since(&self, contact: usize) -> (u32, &str) {
        let days = self
            .customers_of(contact)
            .map(|customer| customer.record.registered);
        (days.min().unwrap_or(u32::MAX), &self.contacts[contact].key)
    }

    /// By registration or first order, then by key.
    pub(super) fn age(&self, contact: usize) -> (u32, &str) {
        let orders = self.orders.iter().filter(|order| order.contact == Some(contact));
        let first = orders.map(|order| order.placed).min().unwrap_or(u32::MAX);
        let (registered, key) = self.registered_since(contact);
        (registered.min(first), key)
    }

    /// Two contacts are one: the older stays.
    pub(super) fn join(&mut self, one: usize, other: usize) -> usize {
        let (one, other) = (self.end(one), self.end(other));
        if one == other {
            return one;
        }
        let one_is_older = if self.is_guest(one) || self.is_guest(other) {
            self.age(one) <= self.age(other)
        } else {
            self.registered_since(one) <= self.registered_since(other)
        };
        let (stays, goes) = if one_is_older { (one, other) } else { (other, one) };
        self.merge(goes, stays);
        stays
    }

    pub(super) fn merge(&mut self, from: usize, into: usize) {
        self.contacts[from].merged_into = Some(into);
        for customer in &mut self.customers {
            if customer.contact == Some(from) {
                customer.contact = Some(into);
            }
        }
        for order in &mut self.orders {
            if order.contact == Some(from) {
                order.contact = Some(into);
            }
        }
        for (email, day) in self.contacts[from].seen.clone() {
            self.see(into, email, day);
        }
    }

    pub(super) fn see(&mut self, contact: usize, email: &'static str, day: u32) {
        let first = self.contacts[contact].seen.entry(email).or_insert(day);
        *first = day.min(*first);
    }

    /// Two customers of one shop who were there at the same time are two people.
    pub(super) fn are_two(&self, one: usize, other: usize) -> bool {
        self.customers_of(one).any(|customer| {
            self.customers_of(other)
                .any(|beside| were_together(customer, beside))
        })
    }

    /// The contacts without those who surely are not one with another of them.
    pub(super) fn can_be_one(&self, contacts: &[usize]) -> Vec<usize> {
        let apart = |one: &usize| {
            contacts
                .iter()
                .any(|other| other != one && self.are_two(*one, *other))
        };
        contacts.iter().copied().filter(|one| !apart(one)).collect()
    }

    /// Contacts that have a phone; those of whom nothing but phones is known do not count.
    pub(super) fn with_phone(&self, group: &str, phone: &str) -> Vec<usize> {
        let has = |contact: &usize| {
            let is_guest = self.is_guest(*contact);
            let by_account = self.customers_of(*contact).any(|customer| {
                customer.is_gone == is_guest && customer.record.phones().any(|known| known == phone)
            });
            by_account
                || (is_guest && !self.is_without_email(*contact) && self.has_order_with(*contact, phone))
        };
        self.people(group).into_iter().filter(has).collect()
    }

    /// Guests of whom nothing but phones is known, and who have this one; the one it made first.
    pub(super) fn guests_by_phone(&self, group: &str, phone: &str) -> Vec<usize> {
        let has = |contact: &usize| self.is_without_email(*contact) && self.has_order_with(*contact, phone);
        let mut guests: Vec<usize> = self.people(group).into_iter().filter(has).collect();
        let usual = self.contact_by_key(&by_phone(group, phone));
        guests.sort_by_key(|guest| Some(*guest) != usual);
        guests
    }

    fn has_order_with(&self, contact: usize, phone: &str) -> bool {
        self.orders
            .iter()
            .any(|order| order.contact == Some(contact) && !order.is_gone && order.phone == Some(phone))
    }

    pub(super) fn key_by_email(&self, group: &str, email: &str) -> String {
        by_email(group, email)
    }

    pub(super) fn key_by_phone(&self, group: &str, phone: &str) -> String {
        by_phone(group, phone)
    }

    pub(super) fn key_by_code(&self, shop: usize, code: &str) -> String {
        let (group, shop) = (self.group_of(shop), self.shops[shop].name);
        if group == shop {
            format!("{group}:o:{code}")
        } else {
            format!("{group}:o:{shop}:{code}")
        }
    }
}

/// Whether two customers were listed by one shop at the same time, as far as listings tell.
pub(super) fn were_together(one: &KnownCustomer, other: &KnownCustomer) -> bool {
    let until = |customer: &KnownCustomer| {
        if customer.is_gone {
            customer.listed.1
        } else {
            u32::MAX
        }
    };
    one.record.shop == other.record.shop && one.listed.0 <= until(other) && other.listed.0 <= until(one)
}
