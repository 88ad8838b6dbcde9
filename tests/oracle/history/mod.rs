//! The oracle of lives: what becomes of people while shops are told reading by reading, from the rules
//! as they are written, and slowly. It looks at everything after each reading; nothing is noted as due.

mod contacts;
mod customers;
mod emails;
mod orders;

use std::collections::{BTreeMap, BTreeSet};

use super::shops::{Customer, Settings, Shop, World};

/// Everything that was ever told.
#[derive(Default)]
pub struct History {
    settings: Settings,
    shops: Vec<Shop>,
    contacts: Vec<Contact>,
    customers: Vec<KnownCustomer>,
    orders: Vec<KnownOrder>,
}

struct Contact {
    group: &'static str,
    key: String,
    merged_into: Option<usize>,
    /// Its customers were deleted, and what is known of them with them.
    is_erased: bool,
    /// E-mails of orders that are or were on it, with the day of the first.
    seen: BTreeMap<&'static str, u32>,
}

struct KnownCustomer {
    record: Customer,
    /// `None`: it was only just told.
    contact: Option<usize>,
    /// Days of the first and the last listing that held it.
    listed: (u32, u32),
    is_missing: bool,
    is_gone: bool,
    /// Log-ins, with the days of the first and the last listing that had it.
    had: BTreeMap<&'static str, (u32, u32)>,
}

struct KnownOrder {
    shop: usize,
    code: String,
    placed: u32,
    guid: Option<String>,
    email: Option<&'static str>,
    phone: Option<&'static str>,
    contact: Option<usize>,
    is_missing: bool,
    is_gone: bool,
    /// It became a guest's, and guests are left out.
    is_left_out: bool,
}

impl History {
    pub fn of(world: &World) -> Self {
        Self {
            settings: world.settings,
            shops: world.shops.clone(),
            ..Self::default()
        }
    }

    /// A complete listing of one shop, as it was on a day.
    pub fn told(&mut self, world: &World, shop: usize, day: u32) {
        self.told_customers(world, shop, day);
        self.place_newcomers();
        self.settle_emails();
        self.told_orders(world, shop);
    }

    /// The keys of all contacts that have something, and who they are.
    pub fn contacts(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let live = self.customers.iter().filter(|customer| !customer.is_gone);
        for known in live {
            let who = format!(
                "customer {}:{}",
                self.shops[known.record.shop].name, known.record.guid
            );
            let key = &self.contacts[known.contact.unwrap()].key;
            found.entry(key.clone()).or_default().insert(who);
        }
        for known in self.orders.iter().filter(|order| !order.is_gone) {
            let who = format!("order {}:{}", self.shops[known.shop].name, known.code);
            let key = &self.contacts[known.contact.unwrap()].key;
            found.entry(key.clone()).or_default().insert(who);
        }
        found
    }

    fn group_of(&self, shop: usize) -> &'static str {
        self.shops[shop].group
    }

    /// All groups, each once.
    fn groups(&self) -> BTreeSet<&'static str> {
        self.shops.iter().map(|shop| shop.group).collect()
    }
}
