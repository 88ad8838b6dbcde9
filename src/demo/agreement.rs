//! Whether a contact database shows the truth: contact by contact, in words where it does not.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::shown::{ContactDatabase, ShownOrder};
use super::truth::{ExpectedContact, Truth};
use super::world::{Money, Order, World};

/// What a contact's orders add up to in the database.
#[derive(Debug, Default)]
struct Found {
    orders: BTreeSet<String>,
    totals: BTreeMap<String, Money>,
}

impl Truth {
    /// Everything in which the database differs; empty when it shows nothing but the truth.
    /// `cancelled` names the statuses that are not counted.
    pub fn disagreements(&self, database: &ContactDatabase, cancelled: &[&str]) -> Vec<String> {
        let found = by_contact(database, cancelled);
        let mut wrong = Vec::new();
        if self.contacts.len() != database.people() {
            wrong.push(format!(
                "there are {} people and {} contacts",
                self.contacts.len(),
                database.people()
            ));
        }
        for expected in &self.contacts {
            if let Err(difference) = compare(expected, database, &found) {
                wrong.push(difference);
            }
        }
        wrong
    }
}

fn compare(
    expected: &ExpectedContact,
    database: &ContactDatabase,
    found: &BTreeMap<&str, Found>,
) -> Result<(), String> {
    let who = expected.keys.first().map_or("", String::as_str);
    let key = expected
        .keys
        .iter()
        .find(|key| database.contacts.contains_key(*key));
    let (key, shown) = key
        .and_then(|key| Some((key, database.contacts.get(key)?)))
        .ok_or_else(|| format!("{who} is missing"))?;
    let nothing = Found::default();
    let found = found.get(key.as_str()).unwrap_or(&nothing);
    if found.orders != expected.orders {
        let lacks = expected.orders.difference(&found.orders).collect::<Vec<_>>();
        let more = found.orders.difference(&expected.orders).collect::<Vec<_>>();
        return Err(format!(
            "{who} lacks the orders {lacks:?} and has {more:?} instead"
        ));
    }
    if found.totals != expected.totals {
        let (found, expected) = (&found.totals, &expected.totals);
        return Err(format!(
            "the orders of {who} add up to {found:?} instead of {expected:?}"
        ));
    }
    if shown.orders_count != expected.counted as u64 {
        let (shown, counted) = (shown.orders_count, expected.counted);
        return Err(format!("{who} shows {shown} orders instead of {counted}"));
    }
    if shown.registered_at.is_empty() == expected.customer.is_some() {
        return Err(format!("{who} is taken for a guest, or the other way round"));
    }
    Ok(())
}

fn by_contact<'a>(database: &'a ContactDatabase, cancelled: &[&str]) -> BTreeMap<&'a str, Found> {
    let mut all: BTreeMap<&str, Found> = BTreeMap::new();
    for order in database.orders.values().filter(|order| order.gone_at.is_empty()) {
        let found = all.entry(&order.contact).or_default();
        found.orders.insert(order.code.clone());
        if !cancelled.contains(&order.status.as_str()) {
            let sum = found.totals.entry(order.currency.clone()).or_default();
            *sum = sum.saturating_add(order.total);
        }
    }
    all
}

/// What holds after any history, whatever a contact keeps of its past: each order of the shop is there
/// once, as the shop has it, on a contact that was not merged away; each customer is one contact,
/// with the orders that were placed with one of the log-ins. In words where it does not hold.
pub fn broken_promises(world: &World, database: &ContactDatabase) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut rows: BTreeMap<&str, Vec<&ShownOrder>> = BTreeMap::new();
    for row in database.orders.values().filter(|row| row.gone_at.is_empty()) {
        rows.entry(&row.code).or_default().push(row);
    }
    let holders = holders(world, database, &mut wrong);
    for order in &world.orders {
        let rows = rows.remove(order.code.as_str()).unwrap_or_default();
        let [row] = rows.as_slice() else {
            wrong.push(format!("order {} is there {} times", order.code, rows.len()));
            continue;
        };
        wrong.extend(wrong_with(world, database, order, row));
        let email = order.email.as_deref().unwrap_or_default().trim().to_lowercase();
        if let Some(holder) = holders.get(&email)
            && holder.contact != row.contact
            && (order.created >= holder.since || is_guest(database, &row.contact))
        {
            wrong.push(format!(
                "order {} is on {} although {} logs in with its e-mail",
                order.code, row.contact, holder.contact
            ));
        }
    }
    wrong.extend(
        rows.keys()
            .map(|code| format!("order {code} is shown although the shop has none")),
    );
    wrong
}

fn wrong_with(world: &World, database: &ContactDatabase, order: &Order, row: &ShownOrder) -> Vec<String> {
    let mut wrong = Vec::new();
    if (row.total, row.currency.as_str()) != (order.total(), order.currency.as_str()) {
        wrong.push(format!("order {} has another total", order.code));
    }
    if row.status != world.shop.status_name(order.status) {
        wrong.push(format!("order {} has another status", order.code));
    }
    let contact = database.contacts.get(&row.contact);
    if contact.is_none_or(|contact| !contact.merged_into.is_empty()) {
        wrong.push(format!(
            "order {} is on {}, which is no contact",
            order.code, row.contact
        ));
    }
    wrong
}

/// Who logs in with an e-mail, and since when: orders from before are another customer's who had it then.
struct Holder<'a> {
    contact: &'a str,
    since: Timestamp,
}

/// The one contact that shows an e-mail as its main one holds all log-ins of that customer. A contact whose
/// own customer was deleted may show what was its e-mail once, and is somebody else's log-in now.
fn holders<'a>(
    world: &World,
    database: &'a ContactDatabase,
    wrong: &mut Vec<String>,
) -> BTreeMap<String, Holder<'a>> {
    let mut shown: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for (key, contact) in &database.contacts {
        if contact.merged_into.is_empty() && contact.gone_at.is_empty() && !contact.email.is_empty() {
            shown.entry(&contact.email).or_default().push(key);
        }
    }
    let mut holders = BTreeMap::new();
    for customer in &world.customers {
        let log_ins = customer
            .accounts
            .iter()
            .map(|account| account.email.trim().to_lowercase());
        let log_ins: Vec<String> = log_ins.collect();
        let main = log_ins.first().map_or("", String::as_str);
        match shown.get(main).map(Vec::as_slice) {
            Some([contact]) => holders.extend(log_ins.into_iter().map(|email| {
                let since = customer.created;
                (email, Holder { contact, since })
            })),
            found => wrong.push(format!(
                "customer {} is {} contacts",
                customer.guid,
                found.map_or(0, <[&String]>::len)
            )),
        }
    }
    holders
}

fn is_guest(database: &ContactDatabase, contact: &str) -> bool {
    let contact = database.contacts.get(contact);
    contact.is_none_or(|contact| contact.registered_at.is_empty())
}
