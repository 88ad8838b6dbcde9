//! What happens in the simulated shop between two imports, and what the contacts show of it.

use serde::Serialize;

use super::words::money;
use crate::demo::World;
use crate::demo::life::Happening;
use crate::demo::shown::{ContactDatabase, ShownContact};

/// Something that happened in the shop, and what became of the contact.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Event {
    /// What happened, in a sentence.
    happened: String,
    /// Key of the contact it concerns.
    contact: String,
    /// What the contact database shows now, in a few words each.
    shows: Vec<String>,
}

impl Event {
    pub(super) fn happened(&self) -> &str {
        &self.happened
    }

    pub(super) fn shows(&self) -> String {
        self.shows.join("; ")
    }
}

/// Of so few customers none is deleted: a listing that lacks most of them is refused as suspicious.
const FEW: usize = 4;

/// The things worth seeing, once each, as far as the shop has somebody they can happen to.
pub(super) fn let_it_happen(world: &mut World) -> Vec<Happening> {
    let events = [
        World::known_guest_orders_again,
        World::guest_registers,
        World::customer_orders,
        World::somebody_registers,
        World::order_status_changes,
        World::order_is_cancelled,
        World::customer_changes_email,
    ];
    let deletions = [
        World::customer_is_deleted,
        World::customer_is_deleted_and_registers_again,
    ];
    let mut happened: Vec<Happening> = events.into_iter().filter_map(|happens| happens(world)).collect();
    for happens in deletions {
        if world.customers.len() > FEW {
            happened.extend(happens(world));
        }
    }
    happened
}

/// Puts what the contact database shows beside what happened. Where several things happened to one contact,
/// it shows what has come of all of them: that is told with the last.
pub(super) fn tell(
    happenings: Vec<Happening>,
    before: &ContactDatabase,
    after: &ContactDatabase,
    currency: &str,
) -> Vec<Event> {
    let contacts: Vec<Option<String>> = happenings
        .iter()
        .map(|happening| contact_of(happening, after))
        .collect();
    let tell_one = |(place, happening): (usize, Happening)| {
        let contact = contacts.get(place).cloned().flatten();
        let last = contacts.iter().rposition(|other| *other == contact);
        let shows = match (&contact, last.filter(|last| *last > place)) {
            (None, _) => vec!["no contact shows it".to_owned()],
            (Some(_), Some(last)) => vec![format!("told with {}, the last that happened to it", last + 1)],
            (Some(contact), None) => shown(&happening, contact, before, after, currency),
        };
        Event {
            happened: happening.sentence,
            contact: contact.unwrap_or_default(),
            shows,
        }
    };
    happenings.into_iter().enumerate().map(tell_one).collect()
}

fn shown(
    happening: &Happening,
    contact: &str,
    before: &ContactDatabase,
    after: &ContactDatabase,
    currency: &str,
) -> Vec<String> {
    let mut shows = after.contacts.get(contact).map_or_else(Vec::new, |now| {
        changes(before.contacts.get(contact), now, currency)
    });
    for code in &happening.orders {
        shows.extend(status_of(code, before, after));
    }
    if shows.is_empty() {
        shows.push("nothing that a contact shows has changed".to_owned());
    }
    shows
}

/// The contact that stands for whoever it happened to, by order, by e-mail, by guid.
fn contact_of(happening: &Happening, database: &ContactDatabase) -> Option<String> {
    let by_order = |code: &String| Some(database.orders.get(&format!("main:{code}"))?.contact.clone());
    let live = || {
        database
            .contacts
            .iter()
            .filter(|(_, contact)| contact.merged_into.is_empty())
    };
    let by_email = |email: &str| {
        let main = live().find(|(_, contact)| contact.email == email);
        let found = main.or_else(|| live().find(|(_, contact)| contact.emails.contains(email)))?;
        Some(found.0.clone())
    };
    let by_guid = |guid: &String| {
        let key = format!("main:c:{guid}");
        database.contacts.contains_key(&key).then_some(key)
    };
    let email = happening.email.as_ref().map(|email| email.trim().to_lowercase());
    happening
        .orders
        .first()
        .and_then(by_order)
        .or_else(|| by_email(&email?))
        .or_else(|| happening.customers.iter().find_map(by_guid))
}

fn changes(before: Option<&ShownContact>, now: &ShownContact, currency: &str) -> Vec<String> {
    let Some(before) = before else {
        return vec!["a new contact".to_owned()];
    };
    let mut shows = Vec::new();
    let its_orders = match now.orders_count {
        0 => "without orders".to_owned(),
        1 => "with its order".to_owned(),
        several => format!("with its {several} orders"),
    };
    if !now.gone_at.is_empty() && before.gone_at.is_empty() {
        shows.push(format!("the contact stays, {its_orders}, and is marked as gone"));
    }
    if now.registered_at != before.registered_at {
        shows.push(if before.registered_at.is_empty() {
            format!("the same contact, now a customer, {its_orders}")
        } else {
            format!("still the same contact, {its_orders}; no second one was made")
        });
    }
    if now.email != before.email {
        shows.push(format!("e-mail {} instead of {}", now.email, before.email));
    }
    if now.orders_count != before.orders_count {
        let (now, before) = (now.orders_count, before.orders_count);
        let orders = if now == 1 { "order" } else { "orders" };
        shows.push(format!("{now} {orders} instead of {before}"));
    }
    if now.orders_total != before.orders_total {
        let (now, before) = (money(&now.orders_total), money(&before.orders_total));
        shows.push(format!("{now} {currency} instead of {before} {currency}"));
    }
    shows
}

fn status_of(code: &str, before: &ContactDatabase, after: &ContactDatabase) -> Option<String> {
    let key = format!("main:{code}");
    let (before, now) = (before.orders.get(&key)?, after.orders.get(&key)?);
    (before.status != now.status)
        .then(|| format!("the order is “{}” instead of “{}”", now.status, before.status))
}
