//! What is in the simulated shop: plain structs, to be changed by a test as it likes.

mod behaviour;
mod changes;
mod mailing;
mod reads;
mod records;

pub use behaviour::{
    Bucket, Doors, Encoding, FeedSends, Job, JobEnd, JobsTake, Limits, Links, Webhook, WrongHash,
};
pub use changes::{ChangesOrder, ChangesTold, TooOld};
pub use mailing::Mailing;
pub use reads::FeedRead;
pub use records::{Account, Address, Customer, Gone, Item, Money, Order, Record};

use std::collections::VecDeque;

use jiff::tz::TimeZone;

use super::clock::Clock;
use super::faults::Fault;
use super::random::Random;

/// The whole shop: its records, its doors, and how it behaves.
#[derive(Debug, Clone)]
pub struct World {
    /// The shop itself.
    pub shop: Shop,
    /// Its present.
    pub clock: Clock,
    /// Registered customers, oldest first.
    pub customers: Vec<Customer>,
    /// Orders, oldest first.
    pub orders: Vec<Order>,
    /// What was deleted.
    pub gone: Vec<Gone>,
    /// Tokens, hashes and rights.
    pub doors: Doors,
    /// How the permanent links behave.
    pub links: Links,
    /// How the API behaves.
    pub limits: Limits,
    /// How the API tells changes.
    pub changes: ChangesTold,
    /// Who wants the newsletter.
    pub mailing: Mailing,
    /// Registered webhooks.
    pub webhooks: Vec<Webhook>,
    /// Jobs, oldest first.
    pub jobs: Vec<Job>,
    /// How the next jobs end; when empty they complete.
    pub next_jobs_end: VecDeque<JobEnd>,
    /// How long a job takes.
    pub jobs_take: JobsTake,
    /// What goes wrong, first match first.
    pub faults: Vec<Fault>,
    /// Chance in what happens later.
    pub random: Random,
}

/// Who the shop is.
#[derive(Debug, Clone)]
pub struct Shop {
    /// The shop's number at its provider.
    pub eshop_id: u32,
    /// Name.
    pub name: String,
    /// Address; set to the loopback one when a server starts.
    pub url: String,
    /// The shop's own e-mail: it identifies no customer.
    pub email: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// ISO 4217.
    pub currency: String,
    /// IANA name.
    pub timezone: String,
    /// The statuses an order can have.
    pub statuses: Vec<Status>,
    /// The status of a new order.
    pub default_status: i64,
}

/// A status of orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Negative: the system's own; positive: the merchant's.
    pub id: i64,
    /// The name the merchant gave it.
    pub name: String,
}

const STATUSES: [(i64, &str); 8] = [
    (-1, "Nevyřízená"),
    (-2, "Vyřizuje se"),
    (-3, "Vyřízena"),
    (-4, "Stornována"),
    (26, "Balí se"),
    (27, "Odesláno – Zásilkovna"),
    (28, "Čeká na platbu"),
    (29, "Vráceno"),
];

impl Shop {
    /// The shop of all demonstrations: Czech, with customers in Slovakia and Hungary too.
    pub fn simulated() -> Self {
        Self {
            eshop_id: 123_456,
            name: "Obchod u simulace".to_owned(),
            url: "https://www.obchod.example".to_owned(),
            email: "info@obchod.example".to_owned(),
            country: "CZ".to_owned(),
            currency: "CZK".to_owned(),
            timezone: "Europe/Prague".to_owned(),
            statuses: STATUSES
                .iter()
                .map(|&(id, name)| Status {
                    id,
                    name: name.to_owned(),
                })
                .collect(),
            default_status: -1,
        }
    }

    /// The name of a status; empty when the shop does not know it.
    pub fn status_name(&self, id: i64) -> &str {
        self.statuses
            .iter()
            .find(|status| status.id == id)
            .map_or("", |status| status.name.as_str())
    }

    /// The shop's zone. Where the machine has no zone data, that of Central Europe.
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.timezone)
            .or_else(|_| TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3"))
            .unwrap_or(TimeZone::UTC)
    }
}

impl World {
    /// The customer with this guid.
    pub fn customer(&self, guid: &str) -> Option<&Customer> {
        self.customers.iter().find(|customer| customer.guid == guid)
    }

    /// The same, to be changed; [`World::touch_customer`] tells the shop that it was.
    pub fn customer_mut(&mut self, guid: &str) -> Option<&mut Customer> {
        self.customers.iter_mut().find(|customer| customer.guid == guid)
    }

    /// The order with this code.
    pub fn order(&self, code: &str) -> Option<&Order> {
        self.orders.iter().find(|order| order.code == code)
    }

    /// The same, to be changed; [`World::touch_order`] tells the shop that it was.
    pub fn order_mut(&mut self, code: &str) -> Option<&mut Order> {
        self.orders.iter_mut().find(|order| order.code == code)
    }

    /// Gives a customer the present as its time of change.
    pub fn touch_customer(&mut self, guid: &str) {
        let now = self.clock.now();
        if let Some(customer) = self.customer_mut(guid) {
            customer.changed = now;
        }
    }

    /// Gives an order the present as its time of change.
    pub fn touch_order(&mut self, code: &str) {
        let now = self.clock.now();
        if let Some(order) = self.order_mut(code) {
            order.changed = now;
        }
    }

    /// The customer who logs in with this e-mail, whatever its case.
    pub fn customer_by_login(&self, email: &str) -> Option<&Customer> {
        let wanted = email.trim().to_lowercase();
        self.customers.iter().find(|customer| {
            customer
                .accounts
                .iter()
                .any(|account| account.email.trim().to_lowercase() == wanted)
        })
    }
}
