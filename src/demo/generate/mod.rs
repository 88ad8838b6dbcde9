//! Makes a shop out of a seed.
//!
//! Each customer and each order is a pure function of the seed and its number, so that a shop of any
//! size can be written record by record without being held.

mod catalogue;
mod files;
mod names;
mod people;

pub use files::{Written, write_files};
use people::{Crowd, Person, as_typed};

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use super::clock::Clock;
use super::random::Random;
use super::world::{
    Account, ChangesTold, Customer, Doors, JobsTake, Limits, Links, Mailing, Order, Shop, World,
};

/// 2016-01-01: the shop opens.
const OPENED: i64 = 1_451_606_400;
/// Ten years of seconds: everything generated lies before 2026, in anybody's past.
const YEARS: u64 = 315_000_000;
const GROUPS: [(u32, &str); 4] = [
    (1, "Koncový zákazník"),
    (2, "Velkoobchod"),
    (3, "VIP – věrní"),
    (4, "Zaměstnanci"),
];
const PRICE_LISTS: [(u32, &str); 2] = [(1, "Výchozí ceník"), (2, "Velkoobchodní ceník")];

/// Customers and orders of one seed, made one by one.
#[derive(Debug, Clone)]
pub struct Generator {
    seed: u64,
    customers: u64,
    orders: u64,
    /// Guests there are to choose from: fewer than their orders, so that some come back.
    guests: u64,
}

impl World {
    /// A shop with so many customers and orders.
    pub fn generate(seed: u64, customers: usize, orders: usize) -> Self {
        let generator = Generator::new(seed, customers, orders);
        let customers: Vec<Customer> = (0..generator.customers).map(|n| generator.customer(n)).collect();
        Self {
            shop: Shop::simulated(),
            clock: Clock::real(),
            mailing: Mailing::of(&customers),
            customers,
            orders: (0..generator.orders).map(|n| generator.order(n)).collect(),
            gone: Vec::new(),
            doors: Doors::simulated(),
            links: Links::simulated(),
            limits: Limits::simulated(),
            changes: ChangesTold::simulated(),
            webhooks: Vec::new(),
            jobs: Vec::new(),
            next_jobs_end: VecDeque::new(),
            jobs_take: JobsTake {
                polls: 1,
                time: SignedDuration::ZERO,
            },
            faults: Vec::new(),
            random: Random::of(seed, 9, 9),
        }
    }
}

impl Generator {
    /// For a shop with so many customers and orders.
    pub fn new(seed: u64, customers: usize, orders: usize) -> Self {
        let (customers, orders) = (customers as u64, orders as u64);
        let as_guests = if customers == 0 { orders } else { orders / 4 };
        Self {
            seed,
            customers,
            orders,
            guests: 1 + as_guests * 2 / 3,
        }
    }

    /// The `n`-th customer.
    pub fn customer(&self, n: u64) -> Customer {
        let person = Person::new(self.seed, Crowd::Customers, n);
        let mut chance = Random::of(self.seed, 1, n);
        let created = self.registered(n);
        let accounts = self.accounts(&person);
        let mut delivery = vec![(chance.guid(), person.address.clone())];
        if chance.chance(120) {
            let mut second = person.address.clone();
            second.street.push_str(" \"u kina\"");
            delivery.push((chance.guid(), second));
        }
        Customer {
            id: n + 1,
            guid: self.customer_guid(n),
            created,
            changed: later(created, chance.below(20_000_000)),
            billing: person.address,
            delivery,
            group: chance.chance(900).then(|| named(chance.pick(&GROUPS))),
            price_list: Some(named(chance.pick(&PRICE_LISTS))),
            remark: chance
                .chance(50)
                .then(|| "Volat předem; platí převodem".to_owned()),
            price_ratio: if chance.chance(900) { "1.0000" } else { "0.9500" }.to_owned(),
            birth_date: chance.chance(300).then(|| {
                format!(
                    "{}-{:02}-{:02}",
                    1940 + chance.below(65),
                    1 + chance.below(12),
                    1 + chance.below(28)
                )
            }),
            accounts,
            newsletter: chance.chance(400),
        }
    }

    /// The `n`-th order; they are in the order of their dates.
    pub fn order(&self, n: u64) -> Order {
        let mut chance = Random::of(self.seed, 2, n);
        let step = YEARS / self.orders.max(1);
        let created = later(
            moment(OPENED),
            n.saturating_mul(step).saturating_add(chance.below(step.max(1))),
        );
        let (person, customer_guid, email, phone) = self.buyer(&mut chance, created);
        let status = match chance.below(100) {
            0..62 => -3,
            62..70 => -4,
            70..74 => -1,
            74..78 => -2,
            78..82 => 26,
            82..92 => 27,
            92..97 => 28,
            _ => 29,
        };
        let year = 2016 + n.saturating_mul(step) / 31_557_600;
        let code = match n % 10 {
            0..=5 => format!("{year}{n:06}"),
            6..=8 => format!("OBJ-{year}-{n:06}"),
            _ => format!("{n:010}"),
        };
        let country = person.country;
        let delivery = chance.chance(100).then(|| {
            let mut gift = person.address.clone();
            gift.full_name = person.relative(&mut chance);
            gift
        });
        Order {
            id: n + 1,
            code,
            guid: (n >= self.orders / 20).then(|| chance.guid()),
            created,
            changed: later(created, chance.below(1_700_000)),
            status,
            customer_guid,
            email,
            phone,
            billing: person.address,
            delivery,
            currency: country.currency.to_owned(),
            exchange_rate: country.exchange_rate.to_owned(),
            items: catalogue::basket(&mut chance, country),
            paid: match chance.below(10) {
                0..6 => Some(true),
                6..9 => Some(false),
                _ => None,
            },
            remark: if chance.chance(110) {
                "Prosím zabalit jako dárek & nepřikládat účtenku".to_owned()
            } else {
                String::new()
            },
            shop_remark: if chance.chance(20) {
                "<b>Stálý</b> zákazník".to_owned()
            } else {
                String::new()
            },
            tracking_number: if chance.chance(330) {
                format!("Z{:010}", n.wrapping_mul(13))
            } else {
                String::new()
            },
        }
    }

    /// Who buys, and what of themselves they tell: person, customer guid, e-mail, phone.
    fn buyer(
        &self,
        chance: &mut Random,
        at: Timestamp,
    ) -> (Person, Option<String>, Option<String>, Option<String>) {
        let per_mille = chance.below(1000);
        if per_mille < 20 {
            let (crowd, number) = match chance.below(100) {
                0..45 if self.customers > 0 => (Crowd::Customers, chance.below(self.customers)),
                0..65 => (Crowd::Guests, chance.below(self.guests)),
                _ => (Crowd::PhoneOnly, chance.below(1 + self.orders / 300)),
            };
            let person = Person::new(self.seed, crowd, number);
            let phone = chance.chance(900).then(|| person.phone(chance));
            // Some who have no e-mail write so into the field.
            let email = chance.chance(100).then(|| "nemám".to_owned());
            return (person, None, email, phone);
        }
        if per_mille < 270 || self.customers == 0 {
            let person = Person::new(self.seed, Crowd::Guests, chance.below(self.guests));
            let email = if chance.chance(100) {
                as_typed(&person.email, chance)
            } else {
                person.email.clone()
            };
            let phone = person.phone(chance);
            return (person, None, Some(email), Some(phone));
        }
        // The smaller of two draws: some customers buy much more often than others.
        let number = chance.below(self.customers).min(chance.below(self.customers));
        let person = Person::new(self.seed, Crowd::Customers, number);
        let accounts = self.accounts(&person);
        let login = match chance.index(accounts.len()) {
            Some(position) if chance.chance(300) => accounts.get(position),
            _ => accounts.first(),
        };
        let email = login.map_or_else(|| person.email.clone(), |account| account.email.clone());
        let email = if chance.chance(60) {
            as_typed(&email.to_lowercase(), chance)
        } else {
            email
        };
        let phone = chance.chance(970).then(|| person.phone(chance));
        // Before they registered they bought as guests, and some still do not log in.
        let guid = (at >= self.registered(number) && chance.chance(900)).then(|| self.customer_guid(number));
        (person, guid, Some(email), phone)
    }

    fn accounts(&self, person: &Person) -> Vec<Account> {
        let mut chance = Random::of(self.seed, 3, person.number);
        let email = if chance.chance(100) {
            person.email.to_uppercase()
        } else {
            person.email.clone()
        };
        let mut accounts = vec![Account {
            guid: chance.guid(),
            full_name: Some(person.full_name.clone()),
            email,
            phone: Some(person.phone(&mut chance)),
            main: true,
            email_verified: chance.chance(800),
        }];
        if chance.chance(80) {
            for k in 0..1 + u64::from(chance.chance(200)) {
                accounts.push(Account {
                    guid: chance.guid(),
                    full_name: Some(person.relative(&mut chance)),
                    email: person.second_login(k),
                    phone: None,
                    main: false,
                    email_verified: false,
                });
            }
        }
        accounts
    }

    fn customer_guid(&self, n: u64) -> String {
        Random::of(self.seed, 4, n).guid()
    }

    fn registered(&self, n: u64) -> Timestamp {
        let step = YEARS / self.customers.max(1);
        let jitter = Random::of(self.seed, 5, n).below(step.max(1));
        later(moment(OPENED), n.saturating_mul(step).saturating_add(jitter))
    }
}

fn named((id, name): (u32, &str)) -> (u32, String) {
    (id, name.to_owned())
}

fn moment(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn later(start: Timestamp, seconds: u64) -> Timestamp {
    moment(start.as_second().saturating_add_unsigned(seconds))
}
