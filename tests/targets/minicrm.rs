//! A MiniCRM on loopback, with a field of a person for every column of the databases.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::fake_minicrm::{KEY, MiniCrm as Fake, ORDERS, SYSTEM, WEBSHOP, World, text};
use crate::imported::{Home, Row, SHOP, Shown};
use crate::rig::{Network, Rig};

/// What a database shows of a contact when nobody mapped anything, as far as scenarios ask for it.
const FIELDS: &str = "email = \"contact.email\"\nemails = \"contact.emails\"\nphone = \"contact.phone\"\n\
    full_name = \"contact.name\"\ncity = \"contact.city\"\n\
    orders_count = { value = \"stats.orders_count\", on_empty = \"clear\" }\n\
    orders_total = { value = \"stats.total\", on_empty = \"clear\" }\n\
    last_order_status = { value = \"last_order.status\", on_empty = \"clear\" }\n";

/// The same of an order.
const ORDER_FIELDS: &str = "code = \"order.code\"\nstatus = \"order.status\"\ntotal = \"order.total\"\n\
    items = \"order.items\"\n";

/// The shop's status and the stage for it.
const STAGES: [(&str, &str); 3] = [
    ("Vyřízena", "Draft"),
    ("Nová", "In progress"),
    ("@deleted", "Failed"),
];

/// Where those columns stand that MiniCRM has a place for.
const PLACES: [(&str, &str); 3] = [
    ("email", "Person.Email"),
    ("phone", "Person.Phone"),
    ("city", "Address.City"),
];

pub struct MiniCrm {
    pub fake: Arc<Fake>,
    /// Contacts that a person made, and what the scenario calls them.
    typed: Mutex<BTreeMap<u64, String>>,
}

/// A name of the databases as MiniCRM's; it has such a field from now on.
fn place(fake: &Fake, column: &str, of_orders: bool) -> String {
    if let Some((_, place)) = PLACES.iter().find(|(known, _)| *known == column && !of_orders) {
        return (*place).to_owned();
    }
    let (schema, part) = if of_orders {
        (ORDERS.to_string(), "Order")
    } else {
        ("Person".to_owned(), "Person")
    };
    fake.change(|world| world.add_field(&schema, column, json!("Text(65535)")));
    format!("{part}.{column}")
}

/// The mapping of a scenario, with its own sections put in.
fn translated(fake: &Fake, configuration: &str) -> String {
    let (before, sections) = match configuration.find("[target.") {
        Some(begin) => configuration.split_at(begin),
        None => (configuration, ""),
    };
    let (mut fields, mut order_fields) = (String::new(), ORDER_FIELDS.to_owned());
    for section in sections.split("[target.").skip(1) {
        let (name, lines) = section.split_once("]\n").unwrap();
        match name {
            "fields" => fields.push_str(lines),
            "order_fields" => order_fields.push_str(lines),
            other => panic!("[target.{other}]"),
        }
    }
    if fields.is_empty() {
        fields = FIELDS.to_owned();
    }
    let named = |fields: &str, of_orders: bool| -> String {
        let line = |line: &str| {
            let (column, rest) = line.split_once(" = ").unwrap();
            format!(
                "\"{}\" = {rest}\n",
                place(fake, column.trim_matches('"'), of_orders)
            )
        };
        fields.lines().map(line).collect()
    };
    let statuses: String = STAGES
        .iter()
        .map(|(status, stage)| format!("\"{status}\" = \"{stage}\"\n"))
        .collect();
    format!(
        "{before}[target.fields]\n{}[target.order_fields]\n{}[target.statuses]\n{statuses}\"*\" = \"Draft\"\n",
        named(&fields, false),
        named(&order_fields, true)
    )
}

impl MiniCrm {
    fn key_of(&self, world: &World, contact: u64) -> String {
        if let Some(typed) = self.typed.lock().unwrap().get(&contact) {
            return typed.clone();
        }
        let is_its = |card: &&serde_json::Map<String, serde_json::Value>| {
            card["ContactId"] == contact && card["CategoryId"] == WEBSHOP
        };
        let card = world.cards.values().find(is_its);
        card.and_then(|card| card.get("ReferenceId"))
            .map(text)
            .unwrap_or_default()
    }

    fn id_of(&self, world: &World, record: &str) -> u64 {
        let is_it = |id: &&u64| self.key_of(world, **id) == record;
        *world
            .contacts
            .keys()
            .find(is_it)
            .unwrap_or_else(|| panic!("{record} is not there"))
    }

    fn contact_row(&self, world: &World, id: u64) -> (String, Row) {
        let key = self.key_of(world, id);
        let record = &world.contacts[&id];
        let own = [
            "Type",
            "FirstName",
            "LastName",
            "Email",
            "Phone",
            "CreatedAt",
            "UpdatedAt",
        ];
        let mut row: BTreeMap<String, String> = record
            .iter()
            .filter(|(name, _)| !own.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), text(value)))
            .collect();
        let address = world
            .addresses
            .values()
            .find(|address| address["ContactId"] == id);
        let card = world
            .cards
            .values()
            .find(|card| card["ContactId"] == id && card["CategoryId"] == WEBSHOP);
        let of = |record: Option<&serde_json::Map<String, serde_json::Value>>, name: &str| {
            record
                .and_then(|record| record.get(name))
                .map(text)
                .unwrap_or_default()
        };
        row.insert("email".to_owned(), of(Some(record), "Email"));
        row.insert("phone".to_owned(), of(Some(record), "Phone"));
        row.insert("city".to_owned(), of(address, "City"));
        for words in of(card, "ShoptetState").split("; ") {
            if let Some(since) = words.strip_prefix("deleted in the shop since ") {
                row.insert("gone_at".to_owned(), since.to_owned());
            }
            if let Some(into) = words.strip_prefix("now contact ") {
                row.insert(
                    "merged_into".to_owned(),
                    self.key_of(world, into.parse().unwrap()),
                );
            }
        }
        let changed = [Some(record), address, card].map(|record| of(record, "UpdatedAt"));
        row.insert("updated_at".to_owned(), changed.into_iter().max().unwrap());
        row.insert("created_at".to_owned(), of(Some(record), "CreatedAt"));
        row.insert("key".to_owned(), key.clone());
        row.retain(|_, text| !text.is_empty());
        (key, Row(row))
    }

    fn order_row(&self, world: &World, id: u64) -> (String, Row) {
        let order = &world.orders[&id];
        let card = &world.cards[&order.card];
        let key = format!("main:{}", order.subject);
        let own = ["CategoryId", "ContactId", "Name", "CreatedAt", "UpdatedAt"];
        let mut row: BTreeMap<String, String> = card
            .iter()
            .filter(|(name, _)| !own.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), text(value)))
            .collect();
        let status = STAGES.iter().find(|(_, stage)| *stage == order.stage);
        row.insert(
            "stage".to_owned(),
            status.map_or("", |(status, _)| status).to_owned(),
        );
        if order.stage == "Failed" {
            row.insert("gone_at".to_owned(), text(&card["UpdatedAt"]));
        }
        row.insert("contact_key".to_owned(), self.key_of(world, order.customer));
        row.insert("key".to_owned(), key.clone());
        row.retain(|_, text| !text.is_empty());
        (key, Row(row))
    }
}

impl Rig for MiniCrm {
    fn new() -> Option<Self> {
        Some(Self {
            fake: Arc::new(Fake::start()),
            typed: Mutex::default(),
        })
    }

    fn target(&self) -> String {
        format!(
            "[[target]]\nname = \"contacts\"\nkind = \"minicrm\"\nurl = \"{}\"\nsystem_id = {SYSTEM}\n\
             api_key = \"{KEY}\"\ncategory_id = {WEBSHOP}\nmarker = \"Card.ShoptetState\"\n\
             requests_per_minute = 1000000\n",
            self.fake.url
        )
    }

    fn home(&self, shop: &str, target: &str) -> Home {
        let fake = Arc::clone(&self.fake);
        Home::with(&format!("{SHOP}{shop}{}{target}", self.target()))
            .translated(move |configuration| translated(&fake, configuration))
    }

    fn shown(&self, _home: &Home) -> Shown {
        self.fake.change(|world| {
            let (contacts, orders): (Vec<u64>, Vec<u64>) = (
                world.contacts.keys().copied().collect(),
                world.orders.keys().copied().collect(),
            );
            let shown = Shown {
                contacts: contacts.iter().map(|id| self.contact_row(world, *id)).collect(),
                orders: orders.iter().map(|id| self.order_row(world, *id)).collect(),
            };
            let is_doubled = (shown.contacts.len(), shown.orders.len()) != (contacts.len(), orders.len());
            assert!(!is_doubled, "two of one key: {contacts:?}, {orders:?}");
            shown
        })
    }

    fn edit(&self, _home: &Home, record: &str, field: &str, value: &str) {
        let place = place(&self.fake, field, false);
        self.fake.change(|world| {
            let id = self.id_of(world, record);
            let (part, name) = place.split_once('.').unwrap();
            if part == "Person" {
                world
                    .contacts
                    .get_mut(&id)
                    .unwrap()
                    .insert(name.to_owned(), json!(value));
                return;
            }
            match world
                .addresses
                .values_mut()
                .find(|address| address["ContactId"] == id)
            {
                Some(address) => _ = address.insert(name.to_owned(), json!(value)),
                None => {
                    let address = json!({"ContactId": id, "Default": 1, name: value});
                    let number = world.new_id();
                    world
                        .addresses
                        .insert(number, address.as_object().cloned().unwrap());
                }
            }
        });
    }

    fn insert(&self, _home: &Home, record: &str, email: &str) {
        let id = self.fake.change(|world| {
            let id = world.new_id();
            let person = json!({
                "Type": "Person", "LastName": "Typed", "Email": email,
                "CreatedAt": "2020-01-01 12:00:00", "UpdatedAt": "2020-01-01 12:00:00",
            });
            world.contacts.insert(id, person.as_object().cloned().unwrap());
            id
        });
        self.typed.lock().unwrap().insert(id, record.to_owned());
    }

    fn delete(&self, _home: &Home, record: &str) {
        self.fake.change(|world| {
            let id = self.id_of(world, record);
            world.contacts.remove(&id);
            world.addresses.retain(|_, address| address["ContactId"] != id);
            world.cards.retain(|_, card| card["ContactId"] != id);
            world.orders.retain(|_, order| order.customer != id);
        });
    }

    fn called(&self, record: &str) -> String {
        self.fake.change(|world| self.id_of(world, record).to_string())
    }

    /// "Old orders stay, new ones go to the survivor": no interface moves one.
    fn moves_orders(&self) -> bool {
        false
    }

    fn refuse(&self, _home: &Home, field: &str, value: &str) {
        assert_eq!(field, "email");
        self.fake
            .change(|world| world.refused = Some(("Email".to_owned(), value.to_owned())));
    }

    fn writes(&self, _home: &Home) -> u64 {
        self.fake.carried_out()
    }
}

impl Network for MiniCrm {
    fn lose(&self, writes: impl IntoIterator<Item = u64>) {
        self.fake.lose(writes);
    }

    fn lost(&self) -> u64 {
        self.fake.lost()
    }

    fn carried_out(&self) -> u64 {
        self.fake.carried_out()
    }
}
