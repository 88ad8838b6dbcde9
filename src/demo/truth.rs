//! What a full import of a world has to end with, worked out the slow and obvious way.
//!
//! It follows the rules "whose order is this" once over everything, with its own normal forms, so
//! that a fault of the product is not repeated here. It answers for a fresh import; what a contact
//! keeps from earlier runs (a key, an e-mail it once had) is not its business.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::world::{Money, Order, World};

/// What is known about the reading that the truth is compared with.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Name of the shop in the configuration.
    pub shop: String,
    /// Its group.
    pub group: String,
    /// Whether orders tell the customer's guid: the API does, exports do not.
    pub orders_name_customers: bool,
    /// E-mails that identify nobody, `*` for any text; the shop's own is always one of them.
    pub not_people: Vec<String>,
    /// Ids of statuses whose orders are not counted.
    pub cancelled: Vec<i64>,
}

/// One contact as it should be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpectedContact {
    /// The guid of the registered customer; `None` for a guest.
    pub customer: Option<String>,
    /// The keys it may have. A guest found by phone and by e-mail has the key of whichever came first.
    pub keys: BTreeSet<String>,
    /// Codes of its orders.
    pub orders: BTreeSet<String>,
    /// Sums of its orders' totals with VAT per currency, cancelled ones left out.
    pub totals: BTreeMap<String, Money>,
    /// How many orders are counted.
    pub counted: usize,
}

/// All contacts as they should be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Truth {
    /// Registered customers first, in the shop's order.
    pub contacts: Vec<ExpectedContact>,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            shop: "main".to_owned(),
            group: "main".to_owned(),
            orders_name_customers: false,
            not_people: Vec::new(),
            cancelled: vec![-4],
        }
    }
}

impl Truth {
    /// The truth about a world.
    pub fn of(world: &World, reading: &Reading) -> Self {
        let mut people = People::registered(world, reading);
        let mut without_email = Vec::new();
        for order in &world.orders {
            if let Some(contact) = people.by_guid_or_email(order) {
                people.give(contact, order);
            } else {
                without_email.push(order);
            }
        }
        // Who has which phone is known only when all orders with an e-mail have found their contact.
        let known = people.phones.clone();
        for order in without_email {
            let contact = people.by_phone(order, &known);
            people.give(contact, order);
        }
        Self {
            contacts: people.contacts,
        }
    }

    /// How many contacts are registered customers.
    pub fn registered(&self) -> usize {
        self.contacts
            .iter()
            .filter(|contact| contact.customer.is_some())
            .count()
    }

    /// How many are guests.
    pub fn guests(&self) -> usize {
        self.contacts.len().saturating_sub(self.registered())
    }

    /// How many orders are on contacts of registered customers.
    pub fn orders_of_registered(&self) -> usize {
        let registered = self.contacts.iter().filter(|contact| contact.customer.is_some());
        registered.map(|contact| contact.orders.len()).sum()
    }

    /// Sums of all totals with VAT per currency, cancelled orders left out.
    pub fn totals(&self) -> BTreeMap<String, Money> {
        let mut sums = BTreeMap::new();
        for (currency, total) in self.contacts.iter().flat_map(|contact| &contact.totals) {
            let sum: &mut Money = sums.entry(currency.clone()).or_default();
            *sum = sum.saturating_add(*total);
        }
        sums
    }

    /// The contact that has this order.
    pub fn contact_of(&self, code: &str) -> Option<&ExpectedContact> {
        self.contacts.iter().find(|contact| contact.orders.contains(code))
    }
}

struct People<'a> {
    world: &'a World,
    reading: &'a Reading,
    contacts: Vec<ExpectedContact>,
    guids: BTreeMap<&'a str, usize>,
    emails: BTreeMap<String, usize>,
    phones: BTreeMap<String, BTreeSet<usize>>,
    by_phone_only: BTreeMap<String, usize>,
}

impl<'a> People<'a> {
    fn registered(world: &'a World, reading: &'a Reading) -> Self {
        let mut people = Self {
            world,
            reading,
            contacts: Vec::new(),
            guids: BTreeMap::new(),
            emails: BTreeMap::new(),
            phones: BTreeMap::new(),
            by_phone_only: BTreeMap::new(),
        };
        for customer in &world.customers {
            let contact = people.contacts.len();
            people.contacts.push(ExpectedContact {
                customer: Some(customer.guid.clone()),
                keys: BTreeSet::from([format!("{}:c:{}", reading.group, customer.guid)]),
                ..ExpectedContact::default()
            });
            people.guids.insert(&customer.guid, contact);
            for account in &customer.accounts {
                if let Some(email) = people.identifying_email(&account.email) {
                    people.emails.entry(email).or_insert(contact);
                }
                let phone = account.phone.as_deref().unwrap_or_default();
                if let Some(phone) = people.identifying_phone(phone, &customer.billing.country) {
                    people.phones.entry(phone).or_default().insert(contact);
                }
            }
        }
        people
    }

    fn by_guid_or_email(&mut self, order: &Order) -> Option<usize> {
        let guid = order
            .customer_guid
            .as_deref()
            .filter(|_| self.reading.orders_name_customers);
        if let Some(&contact) = guid.and_then(|guid| self.guids.get(guid)) {
            return Some(contact);
        }
        let email = self.identifying_email(order.email.as_deref()?)?;
        let contact = match self.emails.get(&email) {
            Some(&contact) => contact,
            None => {
                let contact = self.new_guest('e', &email);
                self.emails.insert(email, contact);
                contact
            }
        };
        if self.contacts.get(contact)?.customer.is_none()
            && let Some(phone) = self.phone_of(order)
        {
            self.phones.entry(phone).or_default().insert(contact);
        }
        Some(contact)
    }

    fn by_phone(&mut self, order: &Order, known: &BTreeMap<String, BTreeSet<usize>>) -> usize {
        let Some(phone) = self.phone_of(order) else {
            let Reading { shop, group, .. } = self.reading;
            let key = if shop == group {
                format!("{group}:o:{}", order.code)
            } else {
                format!("{group}:o:{shop}:{}", order.code)
            };
            return self.new_contact(key);
        };
        if let Some(holders) = known.get(&phone)
            && let (Some(&only), 1) = (holders.first(), holders.len())
        {
            let key = self.hashed_key('p', &phone);
            if let Some(contact) = self.contacts.get_mut(only)
                && contact.customer.is_none()
            {
                contact.keys.insert(key);
            }
            return only;
        }
        if let Some(&contact) = self.by_phone_only.get(&phone) {
            return contact;
        }
        let contact = self.new_guest('p', &phone);
        self.by_phone_only.insert(phone, contact);
        contact
    }

    fn give(&mut self, contact: usize, order: &Order) {
        let Some(contact) = self.contacts.get_mut(contact) else {
            return;
        };
        contact.orders.insert(order.code.clone());
        if !self.reading.cancelled.contains(&order.status) {
            contact.counted += 1;
            let sum = contact.totals.entry(order.currency.clone()).or_default();
            *sum = sum.saturating_add(order.total());
        }
    }

    fn new_guest(&mut self, kind: char, identifies: &str) -> usize {
        let key = self.hashed_key(kind, identifies);
        self.new_contact(key)
    }

    fn new_contact(&mut self, key: String) -> usize {
        self.contacts.push(ExpectedContact {
            keys: BTreeSet::from([key]),
            ..ExpectedContact::default()
        });
        self.contacts.len() - 1
    }

    fn hashed_key(&self, kind: char, identifies: &str) -> String {
        let hash = Sha256::digest(identifies.as_bytes());
        let hex: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("{}:{kind}:{hex}", self.reading.group)
    }

    fn identifying_email(&self, email: &str) -> Option<String> {
        let email = email.trim().to_lowercase();
        let (local, domain) = email.split_once('@')?;
        let dotted = domain.split('.').count() > 1 && domain.split('.').all(|part| !part.is_empty());
        let shops_own = email == self.world.shop.email.to_lowercase();
        let nobody = self
            .reading
            .not_people
            .iter()
            .any(|pattern| matches_pattern(pattern, &email));
        let person = !local.is_empty() && dotted && !domain.contains('@') && !shops_own && !nobody;
        person.then_some(email)
    }

    fn phone_of(&self, order: &Order) -> Option<String> {
        self.identifying_phone(order.phone.as_deref()?, &order.billing.country)
    }

    /// `+` and digits, for the three countries the simulated shop sells to.
    fn identifying_phone(&self, phone: &str, country: &str) -> Option<String> {
        let country = if country.is_empty() {
            self.world.shop.country.as_str()
        } else {
            country
        };
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        let international = if phone.trim_start().starts_with('+') {
            digits
        } else if let Some(rest) = digits.strip_prefix("00") {
            rest.to_owned()
        } else {
            match country {
                "SK" => format!("421{}", digits.strip_prefix('0').unwrap_or(&digits)),
                "HU" => format!("36{}", digits.strip_prefix("06").unwrap_or(&digits)),
                _ => format!("420{digits}"),
            }
        };
        let (national, lengths) = [("420", 9..=9), ("421", 9..=9), ("36", 8..=9)]
            .into_iter()
            .find_map(|(code, lengths)| Some((international.strip_prefix(code)?, lengths)))?;
        let mut letters = national.chars();
        let first = letters.next()?;
        let repeated = letters.all(|digit| digit == first);
        (lengths.contains(&national.len()) && !repeated).then(|| format!("+{international}"))
    }
}

fn matches_pattern(pattern: &str, email: &str) -> bool {
    let pattern = pattern.to_lowercase();
    match pattern.split_once('*') {
        Some((start, end)) => email.starts_with(start) && email.ends_with(end),
        None => pattern == email,
    }
}
