//! A Daktela on loopback, with a custom field for every column of the databases.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::fake_daktela::{Daktela as Fake, Thing};
use crate::imported::{Home, Row, Shown};
use crate::rig::{Network, Rig};

/// What a database shows of a contact when nobody mapped anything.
const FIELDS: &str = "email = \"contact.email\"\nemails = \"contact.emails\"\nphone = \"contact.phone\"\n\
    full_name = \"contact.name\"\ncity = \"contact.city\"\n\
    orders_count = { value = \"stats.orders_count\", on_empty = \"clear\" }\n\
    orders_total = { value = \"stats.total\", on_empty = \"clear\" }\n\
    last_order_status = { value = \"last_order.status\", on_empty = \"clear\" }\n";

/// The same of an order.
const ORDER_FIELDS: &str = "code = \"order.code\"\nstatus = \"order.status\"\ntotal = \"order.total\"\n\
    items = \"order.items\"\nurl = \"order.url\"\n";

/// The shop's status and the word for it.
const STATUSES: [(&str, &str); 3] = [
    ("Vyřízena", "CLOSE:done"),
    ("Nová", "OPEN:new"),
    ("@deleted", "CLOSE:cancelled"),
];

pub struct Daktela(pub Fake);

impl Daktela {
    /// Names of fields, called as Daktela calls them; it has them from now on.
    fn named(&self, fields: &str, of_orders: bool) -> String {
        let line = |line: &str| match line.split_once(" = ") {
            Some((name, rest)) => {
                self.0.change(|world| {
                    let scheme = if of_orders {
                        &mut world.record_scheme
                    } else {
                        &mut world.contact_scheme
                    };
                    let kind = if name == "email" { "EMAIL" } else { "TEXT" };
                    scheme
                        .entry(name.to_owned())
                        .or_insert(crate::fake_daktela::CustomField {
                            kind,
                            multiple: true,
                            readonly: false,
                        });
                });
                format!("\"customFields.{name}\" = {rest}\n")
            }
            None => format!("{line}\n"),
        };
        fields.lines().map(line).collect()
    }

    fn record(&self, key: &str) -> String {
        match key.split_once(':') {
            Some(_) => format!("shoptet_{}", key.replace(':', "_")),
            None => key.to_owned(),
        }
    }
}

/// Our key, by the name of a record.
fn key(name: &str) -> String {
    match name.strip_prefix("shoptet_") {
        Some(ours) => ours.replace('_', ":"),
        None => name.to_owned(),
    }
}

fn key_of_order(name: &str) -> String {
    name.strip_prefix("shoptet_").unwrap().replace("_o_", ":")
}

/// Times as the other targets show them.
fn shown(text: &str) -> String {
    let moment = text
        .replace(' ', "T")
        .parse::<DateTime>()
        .ok()
        .filter(|_| text.len() == 19);
    match moment {
        Some(moment) => {
            let prague = TimeZone::get("Europe/Prague").unwrap();
            moment.to_zoned(prague).unwrap().timestamp().to_string()
        }
        None => text.to_owned(),
    }
}

fn row(thing: &Thing, key: String) -> BTreeMap<String, String> {
    let custom = thing.custom.iter().filter(|(field, _)| *field != "shoptet_state");
    let mut row: BTreeMap<String, String> = custom
        .map(|(field, values)| (field.clone(), shown(&values.join(", "))))
        .collect();
    row.insert("key".to_owned(), key);
    row.insert("created_at".to_owned(), thing.created.clone());
    row.insert("updated_at".to_owned(), thing.edited.clone());
    row.retain(|_, text| !text.is_empty());
    row
}

fn contact(thing: &Thing) -> (String, Row) {
    let key_of_it = key(&thing.get("name"));
    let mut row = row(thing, key_of_it.clone());
    let mark = thing.get("customFields.shoptet_state");
    for words in mark.split("; ") {
        if let Some(at) = words.strip_prefix("deleted in the shop ") {
            row.insert("gone_at".to_owned(), at.to_owned());
        }
        if let Some(name) = words.strip_prefix("merged into ") {
            row.insert("merged_into".to_owned(), key(name));
        }
    }
    (key_of_it, Row(row))
}

fn order(thing: &Thing) -> (String, Row) {
    let key_of_it = key_of_order(&thing.get("name"));
    let mut row = row(thing, key_of_it.clone());
    row.insert("contact_key".to_owned(), key(&thing.get("contact")));
    let word = format!("{}:{}", thing.get("stage"), thing.get("status"));
    let stage = STATUSES.iter().find(|(_, known)| *known == word);
    let stage = stage.map_or(word.as_str(), |(status, _)| status);
    row.insert("stage".to_owned(), stage.to_owned());
    if stage == "@deleted" {
        row.insert("gone_at".to_owned(), thing.edited.clone());
    }
    (key_of_it, Row(row))
}

impl Rig for Daktela {
    fn new() -> Option<Self> {
        let fake = Fake::start();
        fake.change(|world| world.add_field("shoptet_state", "TEXT"));
        Some(Self(fake))
    }

    fn target(&self) -> String {
        format!(
            "[[target]]\nname = \"contacts\"\nkind = \"daktela\"\nurl = \"{}\"\ntoken = \"t0ken\"\n\
             order_type = \"shop_orders\"\non_gone = \"recreate\"\nmarker = \"customFields.shoptet_state\"\n\
             requests_per_second = 1000\n",
            self.0.url
        )
    }

    /// With its own sections around what the scenario has.
    fn home(&self, shop: &str, target: &str) -> Home {
        let (mut fields, mut order_fields) = (String::new(), ORDER_FIELDS.to_owned());
        for section in target.split("[target.").skip(1) {
            let (name, lines) = section.split_once("]\n").unwrap();
            match name {
                "fields" => fields = lines.to_owned(),
                "order_fields" => order_fields.push_str(lines),
                other => panic!("[target.{other}]"),
            }
        }
        if fields.is_empty() {
            fields = FIELDS.to_owned();
        }
        let statuses: String = STATUSES
            .map(|(status, word)| format!("\"{status}\" = \"{word}\"\n"))
            .concat();
        Home::with(&format!(
            "{}{shop}{}[target.fields]\n{}[target.order_fields]\n{}[target.statuses]\n{statuses}",
            crate::imported::SHOP,
            self.target(),
            self.named(&fields, false),
            self.named(&order_fields, true),
        ))
    }

    fn mapping(&self, fields: &str) -> String {
        self.named(fields, false)
    }

    fn shown(&self, _home: &Home) -> Shown {
        self.0.change(|world| Shown {
            contacts: world.contacts.values().map(contact).collect(),
            orders: world.records.values().map(order).collect(),
        })
    }

    fn edit(&self, _home: &Home, record: &str, field: &str, value: &str) {
        let values: Vec<&str> = [value].into_iter().filter(|value| !value.is_empty()).collect();
        let record = self.record(record);
        self.0
            .change(|world| world.agent_types(&record, &format!("customFields.{field}"), &values));
    }

    fn insert(&self, _home: &Home, record: &str, email: &str) {
        self.0.change(|world| world.agent_makes(record, "Typed", email));
    }

    fn delete(&self, _home: &Home, record: &str) {
        let record = self.record(record);
        self.0.change(|world| world.agent_deletes(&record));
    }

    fn refuse(&self, _home: &Home, field: &str, value: &str) {
        let rule = (format!("customFields.{field}"), value.to_owned());
        self.0.change(|world| world.refused.push(rule));
    }

    fn refusal(&self) -> &'static str {
        "Nelze uložit"
    }

    fn writes(&self, _home: &Home) -> u64 {
        self.0.writes()
    }
}

impl Network for Daktela {
    fn lose(&self, writes: impl IntoIterator<Item = u64>) {
        self.0.lose(writes);
    }

    fn lost(&self) -> u64 {
        self.0.lost()
    }

    fn carried_out(&self) -> u64 {
        self.0.carried_out()
    }
}
