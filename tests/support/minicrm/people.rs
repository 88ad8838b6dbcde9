//! Contacts and their addresses.

use serde_json::{Value, json};

use super::answers::{self, Answer};
use super::asked::Asked;
use super::text;
use super::world::{Language, Record, World};

/// Entries on a page.
const PAGE: usize = 100;

/// Countries that it knows, by its language.
const COUNTRIES: [[&str; 2]; 3] = [
    ["Czech Republic", "Cseh Köztársaság"],
    ["Slovakia", "Szlovákia"],
    ["Hungary", "Magyarország"],
];

impl World {
    pub(super) fn contact(&mut self, asked: &Asked, path: &[&str]) -> Answer {
        let number = path.get(1).and_then(|id| id.parse::<u64>().ok());
        match (asked.method.as_str(), path) {
            ("GET", ["Contact"]) => self.search_contacts(asked),
            ("PUT", ["Contact"]) => self.make_contact(asked),
            ("GET", ["Contact", _]) => match number.filter(|id| self.contacts.contains_key(id)) {
                Some(id) => answers::done(self.contact_shown(id)),
                None => answers::not_found(),
            },
            ("PUT", ["Contact", _]) => match number.filter(|id| self.contacts.contains_key(id)) {
                Some(id) => self.change_contact(asked, id),
                None => answers::not_found(),
            },
            ("PUT", ["PurgePerson", _]) => match number.filter(|id| self.contacts.contains_key(id)) {
                Some(id) if self.cards.values().any(|card| card["ContactId"] == id) => answers::done(
                    json!({"Message": "The person is marked as the main contact on one or more cards."}),
                ),
                Some(id) => {
                    self.contacts.remove(&id);
                    answers::done(json!({"Message": "Successfully deleted"}))
                }
                None => answers::not_found(),
            },
            _ => answers::not_allowed(),
        }
    }

    fn make_contact(&mut self, asked: &Asked) -> Answer {
        let what = "Contact (PUT)";
        let sent = asked.object();
        let kind = asked.sent("Type");
        if kind != "Person" && kind != "Business" {
            return answers::refused(what, &format!("Invalid value '{kind}' for the Type field."));
        }
        let has_name = match kind.as_str() {
            "Person" => !asked.sent("FirstName").is_empty() || !asked.sent("LastName").is_empty(),
            _ => !asked.sent("Name").is_empty(),
        };
        if !has_name {
            return answers::refused(what, "Name is mandatory");
        }
        if let Some(fault) = self.faults(&kind, what, &sent, &["Type", "BusinessId"]) {
            return fault;
        }
        if let Some(refusal) = self.refusal(what, &sent) {
            return refusal;
        }
        let id = self.new_id();
        let now = self.now();
        let mut record = sent;
        record.insert("CreatedAt".to_owned(), json!(now));
        record.insert("UpdatedAt".to_owned(), json!(now));
        self.contacts.insert(id, record);
        answers::id(id)
    }

    fn change_contact(&mut self, asked: &Asked, id: u64) -> Answer {
        let what = "Contact (PUT)";
        let sent = asked.object();
        let kind = text(&self.contacts[&id]["Type"]);
        if sent.contains_key("Type") && asked.sent("Type") != kind {
            return answers::refused(what, "Invalid value for the Type field.");
        }
        if let Some(fault) = self.faults(&kind, what, &sent, &["Type"]) {
            return fault;
        }
        let mut after = self.contacts[&id].clone();
        after.extend(sent);
        if let Some(refusal) = self.refusal(what, &after) {
            return refusal;
        }
        let names: &[&str] = if kind == "Person" {
            &["FirstName", "LastName"]
        } else {
            &["Name"]
        };
        if names
            .iter()
            .all(|name| after.get(*name).is_none_or(|name| text(name).is_empty()))
        {
            return answers::refused(what, "Name is mandatory");
        }
        after.insert("UpdatedAt".to_owned(), json!(self.now()));
        self.contacts.insert(id, after);
        answers::id(id)
    }

    fn refusal(&self, what: &str, record: &Record) -> Option<Answer> {
        let (field, value) = self.refused.as_ref()?;
        let holds_it = record.get(field).is_some_and(|there| text(there) == *value);
        holds_it.then(|| answers::refused(what, &format!("a rule forbids '{value}' in the {field} field.")))
    }

    /// A record tells its kind in the language of the system, and all of its fields.
    pub fn contact_shown(&self, id: u64) -> Value {
        let record = &self.contacts[&id];
        let kind = text(&record["Type"]);
        let mut shown = Record::new();
        for (name, holds) in &self.schemas[&kind] {
            shown.insert(name.clone(), self.shown(holds, record.get(name)));
        }
        let called = match (self.language, kind.as_str()) {
            (Language::Hungarian, "Person") => "Személy",
            (Language::Hungarian, _) => "Cég",
            (Language::English, kind) => kind,
        };
        shown.insert("Id".to_owned(), json!(id));
        shown.insert("Type".to_owned(), json!(called));
        shown.insert(
            "Deleted".to_owned(),
            record.get("Deleted").cloned().unwrap_or(json!(0)),
        );
        shown.insert("Tags".to_owned(), json!([]));
        if let Some(business) = record.get("BusinessId") {
            shown.insert("BusinessId".to_owned(), business.clone());
        }
        Value::Object(shown)
    }

    /// What contains the words, in any case: no search is exact.
    fn search_contacts(&self, asked: &Asked) -> Answer {
        let holds = |record: &Record, field: &str, words: &str| {
            let there = match field {
                "Name" => ["FirstName", "LastName", "Name"]
                    .iter()
                    .filter_map(|field| record.get(*field).map(text))
                    .collect::<Vec<_>>()
                    .join(" "),
                field => record.get(field).map(text).unwrap_or_default(),
            };
            there.to_lowercase().contains(&words.trim().to_lowercase())
        };
        let besides = ["Page", "UpdatedSince"];
        let asked_for: Vec<_> = asked
            .query
            .iter()
            .filter(|(name, _)| !besides.contains(&name.as_str()))
            .collect();
        let hits: Vec<u64> = self
            .contacts
            .iter()
            .filter(|(_, record)| asked_for.iter().all(|(field, words)| holds(record, field, words)))
            .map(|(id, _)| *id)
            .collect();
        let entry = |id: u64| {
            let record = &self.contacts[&id];
            let of = |field: &str| record.get(field).map(text).unwrap_or_default();
            let name = match of("Type").as_str() {
                "Person" => format!("{} {}", of("FirstName"), of("LastName")),
                _ => of("Name"),
            };
            json!({
                "Id": id, "Name": name.trim(), "Url": format!("https://r3.example/Api/R3/Contact/{id}"),
                "Type": of("Type"), "Email": of("Email"), "Phone": of("Phone"),
            })
        };
        self.paged(asked, hits, entry)
    }

    /// One page of some ids, a hundred on each, counted from 0.
    pub(super) fn paged(&self, asked: &Asked, ids: Vec<u64>, entry: impl Fn(u64) -> Value) -> Answer {
        let page: usize = asked.parameter("Page").map_or(0, |page| page.parse().unwrap());
        let entries = ids
            .iter()
            .skip(page * PAGE)
            .take(PAGE)
            .map(|id| (*id, entry(*id)))
            .collect();
        answers::page(ids.len(), entries)
    }

    pub(super) fn address(&mut self, asked: &Asked, path: &[&str]) -> Answer {
        let number = path.get(1).and_then(|id| id.parse::<u64>().ok());
        match (asked.method.as_str(), path) {
            ("GET", ["AddressList", _]) => {
                let of_contact = |address: &Record| number.is_some_and(|id| address["ContactId"] == id);
                let ids: Vec<u64> = self
                    .addresses
                    .iter()
                    .filter(|(_, address)| of_contact(address))
                    .map(|(id, _)| *id)
                    .collect();
                let is_structured = asked.parameter("Structured") == Some("1");
                self.paged(asked, ids, |id| match is_structured {
                    true => json!({"Id": id, "Address": "…", "Url": format!("https://r3.example/Api/R3/Address/{id}")}),
                    false => json!("…"),
                })
            }
            ("GET", ["Address", _]) => match number.and_then(|id| Some((id, self.addresses.get(&id)?))) {
                Some((id, address)) => {
                    let mut shown = address.clone();
                    shown.insert("Id".to_owned(), json!(id));
                    answers::done(Value::Object(shown))
                }
                None => answers::not_found(),
            },
            ("PUT", ["Address"]) => self.write_address(asked, None),
            ("PUT", ["Address", _]) => match number.filter(|id| self.addresses.contains_key(id)) {
                Some(id) => self.write_address(asked, Some(id)),
                None => answers::not_found(),
            },
            _ => answers::not_allowed(),
        }
    }

    fn write_address(&mut self, asked: &Asked, id: Option<u64>) -> Answer {
        let what = "Address (PUT)";
        let sent = asked.object();
        let known = [
            "Type",
            "Name",
            "CountryId",
            "County",
            "City",
            "PostalCode",
            "Address",
            "Default",
        ];
        for name in sent.keys() {
            if !known.contains(&name.as_str()) && (name != "ContactId" || id.is_some()) {
                return answers::refused(what, &format!("Nem megfelelő paraméter: \"{name}\""));
            }
        }
        let country = asked.sent("CountryId");
        let column = usize::from(self.language == Language::Hungarian);
        if !country.is_empty() && !COUNTRIES.iter().any(|names| names[column] == country) {
            return answers::internal();
        }
        let mut address = match id {
            Some(id) => self.addresses[&id].clone(),
            None => {
                let owner = asked.body["ContactId"].as_u64();
                if !owner.is_some_and(|owner| self.contacts.contains_key(&owner)) {
                    return answers::refused(what, "Invalid value for the ContactId field.");
                }
                Record::new()
            }
        };
        let now = self.now();
        address.extend(sent);
        address.insert("UpdatedAt".to_owned(), json!(now));
        let id = id.unwrap_or_else(|| self.new_id());
        self.addresses.insert(id, address);
        answers::id(id)
    }
}
