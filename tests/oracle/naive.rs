//! The oracle: whose order is this, by the rules as they are written, and slowly.

use std::collections::{BTreeMap, BTreeSet};

use super::shops::{Customer, Order, World};
use crate::imported::{by_email, by_phone};

/// A contact as it has to be after a first import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    pub key: String,
    /// Places of its customers and orders in the world.
    pub customers: BTreeSet<usize>,
    pub orders: BTreeSet<usize>,
}

/// Everybody, by the rules.
pub fn everybody(world: &World) -> Vec<Expected> {
    let groups: BTreeSet<&str> = world.shops.iter().map(|shop| shop.group).collect();
    groups
        .into_iter()
        .flat_map(|group| people_of(world, group))
        .collect()
}

fn people_of(world: &World, group: &str) -> Vec<Expected> {
    let in_group = |shop: usize| world.shops[shop].group == group;
    let mut people = registered(world, group);
    let all: Vec<usize> = (0..world.orders.len())
        .filter(|order| in_group(world.orders[*order].shop))
        .collect();
    // 1. The order names the customer's guid.
    let mut rest = Vec::new();
    for order in all {
        match named_customer(world, &world.orders[order]) {
            Some(customer) => {
                let person = people
                    .iter_mut()
                    .find(|person| person.customers.contains(&customer));
                person.unwrap().orders.insert(order);
            }
            None => rest.push(order),
        }
    }
    // 2. A log-in. 3. An e-mail seen on a contact before. 5. A guest by e-mail.
    let seen = people.clone();
    let mut without_email = Vec::new();
    for order in rest {
        let Some(email) = world.orders[order].known_email() else {
            without_email.push(order);
            continue;
        };
        let holders: Vec<usize> = (0..seen.len())
            .filter(|person| logs_in_with(world, &seen[*person], email))
            .collect();
        match holders.as_slice() {
            [one] => {
                people[*one].orders.insert(order);
            }
            [] => match first_seen(world, &seen, email) {
                Some(person) => {
                    people[person].orders.insert(order);
                }
                None => guest(&mut people, by_email(group, email)).orders.extend([order]),
            },
            _ => guest(&mut people, by_email(group, email)).orders.extend([order]),
        }
    }
    // 4. Exactly one contact has the phone. 5. A guest by phone, else by the order's code.
    let known = people.clone();
    for order in without_email {
        let Order { shop, code, .. } = &world.orders[order];
        let Some(phone) = world.orders[order].known_phone() else {
            let shop = world.shops[*shop].name;
            let key = if shop == group {
                format!("{group}:o:{code}")
            } else {
                format!("{group}:o:{shop}:{code}")
            };
            guest(&mut people, key).orders.insert(order);
            continue;
        };
        let owners: Vec<usize> = (0..known.len())
            .filter(|person| has_phone(world, &known[*person], phone))
            .collect();
        match owners.as_slice() {
            [one] => people[*one].orders.insert(order),
            _ => guest(&mut people, by_phone(group, phone)).orders.insert(order),
        };
    }
    people
}

/// The customers of a group, as if they had registered one after the other: who logs in with what
/// exactly one contact logs in with, of other shops than theirs, is that contact.
fn registered(world: &World, group: &str) -> Vec<Expected> {
    let mut order: Vec<usize> = (0..world.customers.len())
        .filter(|customer| world.shops[world.customers[*customer].shop].group == group)
        .collect();
    let age = |customer: usize| {
        let Customer { registered, guid, .. } = &world.customers[customer];
        (*registered, guid.clone())
    };
    order.sort_by_key(|customer| age(*customer));
    let mut people: Vec<Expected> = Vec::new();
    for customer in order {
        let mut others: BTreeSet<usize> = BTreeSet::new();
        for email in world.customers[customer].log_ins() {
            let holders: Vec<usize> = (0..people.len())
                .filter(|person| logs_in_with(world, &people[*person], email))
                .collect();
            if let [one] = holders.as_slice() {
                others.insert(*one);
            }
        }
        // People stand in the order of their age, so the oldest comes first.
        let mut mine = Expected {
            key: format!("{group}:c:{}", world.customers[customer].guid),
            customers: BTreeSet::from([customer]),
            orders: BTreeSet::new(),
        };
        let mut taken = Vec::new();
        for other in others {
            if shops_of(world, &people[other]).is_disjoint(&shops_of(world, &mine)) {
                let older = &people[other];
                mine.customers.extend(&older.customers);
                if taken.is_empty() {
                    mine.key.clone_from(&older.key);
                }
                taken.push(other);
            }
        }
        match taken.first() {
            Some(first) => {
                people[*first] = mine;
                for other in taken[1..].iter().rev() {
                    people.remove(*other);
                }
            }
            None => people.push(mine),
        }
    }
    people
}

fn shops_of(world: &World, person: &Expected) -> BTreeSet<usize> {
    person
        .customers
        .iter()
        .map(|customer| world.customers[*customer].shop)
        .collect()
}

fn named_customer(world: &World, order: &Order) -> Option<usize> {
    let guid = order.guid.as_ref()?;
    world
        .customers
        .iter()
        .position(|customer| customer.shop == order.shop && customer.guid == *guid)
}

fn logs_in_with(world: &World, person: &Expected, email: &str) -> bool {
    person
        .customers
        .iter()
        .any(|customer| world.customers[*customer].log_ins().any(|known| known == email))
}

/// Of the people on whose orders an e-mail stands, the first by date, then by key.
fn first_seen(world: &World, people: &[Expected], email: &str) -> Option<usize> {
    let sightings = people.iter().enumerate().flat_map(|(place, person)| {
        let orders = person.orders.iter().map(|order| &world.orders[*order]);
        orders
            .filter(|order| order.known_email() == Some(email))
            .map(move |order| (order.placed, person.key.clone(), place))
    });
    sightings.min().map(|(_, _, place)| place)
}

/// A contact's phones are those of its accounts and, for a guest, of its orders.
fn has_phone(world: &World, person: &Expected, phone: &str) -> bool {
    let by_account = || {
        let mut customers = person
            .customers
            .iter()
            .map(|customer| &world.customers[*customer]);
        customers.any(|customer| customer.phones().any(|known| known == phone))
    };
    let by_order = || {
        person
            .orders
            .iter()
            .any(|order| world.orders[*order].known_phone() == Some(phone))
    };
    by_account() || (person.customers.is_empty() && by_order())
}

fn guest(people: &mut Vec<Expected>, key: String) -> &mut Expected {
    let place = people
        .iter()
        .position(|person| person.key == key)
        .unwrap_or_else(|| {
            people.push(Expected {
                key,
                ..Expected::default()
            });
            people.len() - 1
        });
    &mut people[place]
}

impl Expected {
    /// Who it is, whatever its key: names of its customers and orders.
    pub fn members(&self, world: &World) -> BTreeSet<String> {
        let customers = self.customers.iter().map(|customer| {
            let Customer { shop, guid, .. } = &world.customers[*customer];
            format!("customer {}:{guid}", world.shops[*shop].name)
        });
        let orders = self.orders.iter().map(|order| {
            let Order { shop, code, .. } = &world.orders[*order];
            format!("order {}:{code}", world.shops[*shop].name)
        });
        customers.chain(orders).collect()
    }

    /// How many orders count, and what they add up to.
    pub fn sums(&self, world: &World) -> (usize, u32) {
        let counted = self.orders.iter().map(|order| &world.orders[*order]);
        let counted: Vec<&Order> = counted.filter(|order| !order.is_cancelled).collect();
        (counted.len(), counted.iter().map(|order| order.cents).sum())
    }

    /// The phone: of the first account that has one, else of the newest order.
    pub fn phone(&self, world: &World) -> String {
        let mut customers: Vec<&Customer> = self
            .customers
            .iter()
            .map(|place| &world.customers[*place])
            .collect();
        customers.sort_by_key(|customer| customer.shop);
        let mut accounts = customers.iter().flat_map(|customer| &customer.accounts);
        if let Some(phone) = accounts.find_map(|(_, phone)| *phone) {
            return phone.shown_phone().to_owned();
        }
        let mut orders: Vec<&Order> = self.orders.iter().map(|place| &world.orders[*place]).collect();
        orders.sort_by(|one, other| (other.placed, &other.code).cmp(&(one.placed, &one.code)));
        let newest = orders.iter().find_map(|order| order.phone);
        newest
            .map(|phone| phone.shown_phone().to_owned())
            .unwrap_or_default()
    }

    /// The name: of the customer of the shop listed first, else of the next, else of the newest order.
    pub fn name(&self, world: &World) -> String {
        let mut customers: Vec<&Customer> = self
            .customers
            .iter()
            .map(|place| &world.customers[*place])
            .collect();
        customers.sort_by_key(|customer| customer.shop);
        if let Some(named) = customers.into_iter().find(|customer| customer.has_name) {
            return named.name();
        }
        let orders = self.orders.iter().map(|place| &world.orders[*place]);
        let named = orders.filter(|order| order.has_name);
        let newest = named.max_by(|one, other| (one.placed, &one.code).cmp(&(other.placed, &other.code)));
        newest.map(Order::name).unwrap_or_default()
    }
}

/// Whose each member is: the members of its contact.
pub fn grouping(world: &World) -> BTreeSet<BTreeSet<String>> {
    everybody(world)
        .iter()
        .map(|person| person.members(world))
        .collect()
}

/// Whether whoever is together in `before` is together in `after`.
pub fn only_joins(before: &BTreeSet<BTreeSet<String>>, after: &BTreeSet<BTreeSet<String>>) -> bool {
    let home: BTreeMap<&String, &BTreeSet<String>> = after
        .iter()
        .flat_map(|group| group.iter().map(move |member| (member, group)))
        .collect();
    before.iter().all(|group| {
        let homes: BTreeSet<_> = group.iter().map(|member| home.get(member)).collect();
        homes.len() == 1
    })
}
