//! What an import made of a world, and what has to hold of it whatever came before.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan};
use shoptet_sync::sync::import::ImportOptions;

use super::shops::World;
use crate::imported::{Home, Row, Shown};

/// The day of the first import: whatever stands in a new world is older.
pub const TODAY: u32 = 40;

/// Imports every shop of a world, as it is at the end of a day.
pub fn import(home: &Home, world: &World, day: u32) {
    for place in 0..world.shops.len() {
        let (customers, orders) = world.documents(place);
        tell(
            home,
            world.shops[place].name,
            Some(&customers),
            Some(&orders),
            day,
        );
    }
}

/// Imports documents of a shop, as it is at the end of a day.
pub fn tell(home: &Home, shop: &str, customers: Option<&str>, orders: Option<&str>, day: u32) {
    let begin: Timestamp = "2024-01-01T23:00:00Z".parse().unwrap();
    let as_of = begin.checked_add((24 * i64::from(day)).hours()).unwrap();
    let options = ImportOptions {
        accept: true,
        ..ImportOptions::default()
    };
    let report = home.try_import(shop, customers, orders, as_of, options).unwrap();
    assert_eq!(report.failures, [""; 0]);
    let reasons = home.in_state("SELECT reason FROM parked");
    assert_eq!(report.parked, 0, "nothing is parked: {reasons:?}");
}

/// A home into which a world was imported at once.
pub fn imported(world: &World) -> Home {
    let home = Home::with(&world.configuration());
    import(&home, world, TODAY);
    home
}

/// Members of each contact that was not merged away, by the key of the contact, as the state has it.
pub fn contacts(home: &Home) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let rows = home.in_state(
        "SELECT contacts.key AS a, 'customer ' || shops.name || ':' || guid AS b FROM customers
           JOIN contacts ON contacts.id = contact JOIN shops ON shops.id = shop WHERE customers.gone_at IS NULL
         UNION ALL SELECT contacts.key, 'order ' || shops.name || ':' || code FROM orders
           JOIN contacts ON contacts.id = contact JOIN shops ON shops.id = shop WHERE orders.gone_at IS NULL",
    );
    for row in rows {
        let (key, member) = row.split_once(" | ").unwrap();
        found.entry(key.to_owned()).or_default().insert(member.to_owned());
    }
    found
}

/// Who is together.
pub fn grouping(home: &Home) -> BTreeSet<BTreeSet<String>> {
    contacts(home).into_values().collect()
}

/// The rows of the people with their orders, whatever their keys.
pub fn rows_with_orders(home: &Home) -> BTreeSet<(BTreeSet<String>, Row)> {
    let shown = home.shown().without_times();
    let people = shown.people();
    let orders = |key: &str| {
        people[key]
            .iter()
            .map(|order| (*order).to_owned())
            .collect::<BTreeSet<String>>()
    };
    people
        .keys()
        .map(|key| {
            let mut row = shown.contact(key).clone();
            row.0.remove("key");
            (orders(key), row)
        })
        .collect()
}

/// What holds after any history.
pub fn check(home: &Home, world: &World) {
    let shown = home.shown();
    let people = shown.people();
    check_orders(&shown, world);
    for (key, orders) in &people {
        let row = shown.contact(key);
        let counted = orders
            .iter()
            .map(|order| shown.order(order))
            .filter(|order| order["gone_at"].is_empty() && !order["status"].starts_with("Storno"));
        let (mut count, mut cents) = (0, 0);
        for order in counted {
            count += 1;
            cents += cents_of(&order["total"]);
        }
        assert_eq!(&row["orders_count"], count.to_string(), "{key}");
        assert_eq!(cents_of(&row["orders_total"]), cents, "{key}");
    }
    check_contacts(home, world);
}

/// Every order of the shops is there once, on somebody of its group.
fn check_orders(shown: &Shown, world: &World) {
    for order in &world.orders {
        let shop = &world.shops[order.shop];
        let row = shown.order(&format!("{}:{}", shop.name, order.code));
        assert_eq!(&row["gone_at"], "");
        assert_eq!(cents_of(&row["total"]), order.cents);
        let contact = shown.contact(&row["contact_key"]);
        assert_eq!(&contact["merged_into"], "");
        let group = row["contact_key"].split(':').next();
        assert_eq!(group, Some(shop.group), "nobody is shared between groups");
    }
    let live = shown
        .orders
        .values()
        .filter(|row| row["gone_at"].is_empty())
        .count();
    assert!(live >= world.orders.len());
}

fn check_contacts(home: &Home, world: &World) {
    assert_eq!(
        home.in_state("SELECT key FROM contacts GROUP BY key HAVING count(*) > 1"),
        [""; 0]
    );
    assert_eq!(
        home.in_state(
            "SELECT key FROM contacts WHERE merged_into IS NULL
               AND NOT EXISTS(SELECT 1 FROM customers WHERE contact = contacts.id)
               AND NOT EXISTS(SELECT 1 FROM orders WHERE contact = contacts.id)"
        ),
        [""; 0],
        "a contact without customers and orders"
    );
    let on_nobody = "SELECT 'order ' || code FROM orders WHERE contact NOT IN (SELECT id FROM contacts WHERE merged_into IS NULL)
        UNION ALL SELECT 'customer ' || guid FROM customers WHERE contact NOT IN (SELECT id FROM contacts WHERE merged_into IS NULL)";
    assert_eq!(home.in_state(on_nobody), [""; 0]);
    assert_eq!(home.in_state("SELECT clue FROM unsettled "), [""; 0]);
    assert_eq!(
        home.in_state("SELECT contact FROM due_contacts UNION SELECT order_id FROM due_orders"),
        [""; 0]
    );
    // Every customer of the shops is one contact.
    let registered = home
        .in_state("SELECT guid FROM customers WHERE gone_at IS NULL")
        .len();
    assert!(registered >= world.customers.len());
}

pub fn cents_of(total: &str) -> u32 {
    let (whole, part) = total.split_once('.').unwrap_or((total, "0"));
    assert!(part.len() <= 2, "{total}");
    let part: u32 = format!("{part:0<2}").parse().unwrap();
    whole.parse::<u32>().unwrap() * 100 + part
}
