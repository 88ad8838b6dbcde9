//! What is in a MiniCRM, and who answers what.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::answers::{self, Answer};
use super::asked::Asked;
use super::{KEY, ORDERS, SYSTEM, WEBSHOP, text};

pub type Record = Map<String, Value>;

/// What nobody says how it is.
#[derive(Debug, Clone, Copy)]
pub struct Manners {
    /// `Project?ReferenceId=` answers with the card itself, else with a list.
    pub reference_answers_card: bool,
    /// A card tells its `ReferenceId`.
    pub shows_reference: bool,
    /// An order tells its `Status` itself, else only its card.
    pub order_tells_status: bool,
    /// The fields of an order's card stand inside the order, too.
    pub order_shows_fields: bool,
    /// Storno leads from Paid to Failed.
    pub paid_can_be_cancelled: bool,
    /// The log-in is refused by 401, else by 404.
    pub refuses_by_401: bool,
    /// Greater numbers in a feed become this one.
    pub longest_number: Option<u64>,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            reference_answers_card: true,
            shows_reference: true,
            order_tells_status: false,
            order_shows_fields: false,
            paid_can_be_cancelled: true,
            refuses_by_401: false,
            longest_number: None,
        }
    }
}

/// What a system calls its own words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    English,
    Hungarian,
}

/// An order; its card is among the cards.
#[derive(Debug, Clone)]
pub struct Order {
    pub card: u64,
    pub customer: u64,
    pub currency: String,
    pub subject: String,
    pub lines: Vec<(u64, Record)>,
    /// `Draft`, `In progress`, `Completed`, `Paid`, `Failed`.
    pub stage: String,
    /// Tells who was changed last.
    pub changed: u64,
    /// The number it was uploaded under, where it came by XML.
    pub uploaded_as: Option<String>,
}

pub struct World {
    pub language: Language,
    pub manners: Manners,
    /// Whether anybody gets in.
    pub is_open: bool,
    pub contacts: BTreeMap<u64, Record>,
    pub addresses: BTreeMap<u64, Record>,
    pub cards: BTreeMap<u64, Record>,
    pub orders: BTreeMap<u64, Order>,
    /// By `Person`, `Business`, and the number of a product: field and what it holds.
    pub schemas: BTreeMap<String, Record>,
    pub users: Vec<(u64, String)>,
    /// Contacts with this value in this field are refused, and uploads with it anywhere.
    pub refused: Option<(String, String)>,
    /// How far the service's clock is from ours.
    pub clock: SignedDuration,
    /// The feed that can be uploaded to.
    pub feed: u64,
    /// Documents that were uploaded and are not worked through yet; `None` works them through at once.
    pub waiting: Option<Vec<String>>,
    /// So many of them are worked through at once all the same.
    pub prompt: usize,
    pub next: u64,
    pub next_order: u64,
    pub violations: Vec<String>,
}

fn fields(of: &[(&str, &str)]) -> Record {
    of.iter()
        .map(|(name, kind)| ((*name).to_owned(), json!(kind)))
        .collect()
}

impl Default for World {
    fn default() -> Self {
        let both = [
            ("Id", "Int"),
            ("Email", "Text(255)"),
            ("Phone", "Text(255)"),
            ("Description", "Text(65535)"),
            ("Deleted", "Int"),
            ("CreatedBy", "Text(255)"),
            ("CreatedAt", "DateTime"),
            ("UpdatedBy", "Text(255)"),
            ("UpdatedAt", "DateTime"),
            ("Url", "Text(255)"),
            ("VatNumber", "Text(64)"),
            ("YearlyRevenue", "Int"),
        ];
        let person = [
            &both[..],
            &[
                ("FirstName", "Text(255)"),
                ("LastName", "Text(255)"),
                ("Position", "Text(255)"),
            ],
        ];
        let business = [
            &both[..],
            &[
                ("Name", "Text(512)"),
                ("RegistrationNumber", "Text(64)"),
                ("EUVatNumber", "Text(64)"),
                ("Employees", "Int"),
            ],
        ];
        let card = [
            ("Id", "Int"),
            ("ContactId", "Int"),
            ("BusinessId", "Int"),
            ("Name", "Text(512)"),
            ("IsPrivate", "Int"),
            ("Deleted", "Int"),
            ("CreatedAt", "DateTime"),
            ("UpdatedAt", "DateTime"),
            ("ShoptetState", "Text(512)"),
        ];
        let mut schemas = BTreeMap::new();
        schemas.insert("Person".to_owned(), fields(&person.concat()));
        schemas.insert("Business".to_owned(), fields(&business.concat()));
        schemas.insert(WEBSHOP.to_string(), fields(&card));
        schemas.insert(ORDERS.to_string(), fields(&card[..8]));
        let mut world = Self {
            language: Language::default(),
            manners: Manners::default(),
            is_open: true,
            contacts: BTreeMap::new(),
            addresses: BTreeMap::new(),
            cards: BTreeMap::new(),
            orders: BTreeMap::new(),
            schemas,
            users: vec![
                (100_001, "Support".to_owned()),
                (100_002, "Jana Operátorka".to_owned()),
            ],
            refused: None,
            clock: SignedDuration::ZERO,
            feed: 119,
            waiting: None,
            prompt: 0,
            next: 100,
            next_order: 80,
            violations: Vec::new(),
        };
        world.speak(Language::English);
        world
    }
}

impl World {
    /// The language of its own words.
    pub fn speak(&mut self, language: Language) {
        self.language = language;
        let (company, person) = match language {
            Language::English => ("Company", "Person"),
            Language::Hungarian => ("Cég", "Személy"),
        };
        let statuses = match language {
            Language::English => json!({"2519": "Subscriber", "2520": "Registered", "2521": "New"}),
            Language::Hungarian => {
                json!({"2519": "Feliratkozó", "2520": "Regisztrált", "2521": "Egyszeri vevő"})
            }
        };
        let users: Record = self
            .users
            .iter()
            .map(|(id, name)| (id.to_string(), json!(name)))
            .collect();
        for kind in ["Person", "Business"] {
            let schema = self.schemas.get_mut(kind).unwrap();
            schema.insert("Type".to_owned(), json!({"1": company, "2": person}));
        }
        let orders: Record = self
            .stages()
            .into_iter()
            .map(|(id, label, _)| (id.to_string(), json!(label)))
            .collect();
        for (category, statuses) in [(WEBSHOP, statuses), (ORDERS, Value::Object(orders))] {
            let schema = self.schemas.get_mut(&category.to_string()).unwrap();
            schema.insert("StatusId".to_owned(), statuses);
            schema.insert("UserId".to_owned(), Value::Object(users.clone()));
            schema.insert("CategoryId".to_owned(), json!({"21": "Webshop", "4": "Order"}));
        }
    }

    /// Number and label of each stage of an order, and its English word.
    pub fn stages(&self) -> Vec<(u64, &'static str, &'static str)> {
        let words = ["Draft", "In progress", "Completed", "Paid", "Failed"];
        let labels = match self.language {
            Language::English => words,
            Language::Hungarian => ["Piszkozat", "Folyamatban", "Teljesítve", "Sikeres", "Sikertelen"],
        };
        (3426..)
            .zip(labels)
            .zip(words)
            .map(|((id, label), word)| (id, label, word))
            .collect()
    }

    /// A field that somebody made in the settings.
    pub fn add_field(&mut self, of: &str, name: &str, kind: Value) {
        self.schemas
            .get_mut(of)
            .unwrap()
            .entry(name.to_owned())
            .or_insert(kind);
    }

    /// Now, as it writes times.
    pub fn now(&self) -> String {
        let now = Timestamp::now().checked_add(self.clock).unwrap();
        let budapest = TimeZone::get("Europe/Budapest").unwrap();
        now.to_zoned(budapest).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    pub fn new_id(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Answers a request, and changes what it asks to be changed.
    pub fn answer(&mut self, asked: &Asked) -> Answer {
        let login = format!("{SYSTEM}:{KEY}");
        if !self.is_open || asked.login.as_deref() != Some(base64(login.as_bytes()).as_str()) {
            return match self.manners.refuses_by_401 {
                true => (401, "Unauthorized".to_owned()),
                false => answers::no_log_in(),
            };
        }
        let path: Vec<&str> = asked.path.iter().map(String::as_str).collect();
        match path.as_slice() {
            ["R3", "Category"] => self.categories(asked),
            ["R3", "Schema", "Project", category] => self.schema(category),
            ["R3", "Schema", of] => self.schema(of),
            ["R3", "Contact", ..] | ["R3", "PurgePerson", ..] => self.contact(asked, &path[1..]),
            ["R3", "Address", ..] | ["R3", "AddressList", ..] => self.address(asked, &path[1..]),
            ["R3", "Project", ..] => self.project(asked, &path[2..]),
            ["Order", ..] => self.order(asked, &path[1..]),
            ["SyncFeed", feed, "Upload"] => self.upload(asked, feed),
            _ => answers::not_found(),
        }
    }

    fn categories(&self, asked: &Asked) -> Answer {
        if asked.method != "GET" {
            return answers::not_allowed();
        }
        match asked.parameter("Detailed") {
            Some("1") => answers::done(json!({
                "4": {"Id": 4, "OrderId": 2, "Name": "Order", "Type": "Order"},
                "21": {"Id": 21, "OrderId": 1, "Name": "Webshop", "Type": "Webshop"},
            })),
            _ => answers::done(json!({"4": "Order", "21": "Webshop"})),
        }
    }

    fn schema(&self, of: &str) -> Answer {
        match self.schemas.get(of) {
            Some(schema) => answers::done(Value::Object(schema.clone())),
            None => answers::not_found(),
        }
    }

    /// What is wrong with the fields that somebody wants to set.
    pub fn faults(&self, of: &str, what: &str, sent: &Record, besides: &[&str]) -> Option<Answer> {
        let schema = &self.schemas[of];
        let read_only = [
            "Id",
            "CreatedBy",
            "CreatedAt",
            "UpdatedBy",
            "UpdatedAt",
            "StatusUpdatedAt",
        ];
        for (name, value) in sent {
            if besides.contains(&name.as_str()) {
                continue;
            }
            let Some(kind) = schema.get(name).filter(|_| !read_only.contains(&name.as_str())) else {
                return Some(answers::refused(
                    what,
                    &format!("Nem megfelelő paraméter: \"{name}\""),
                ));
            };
            let value = text(value);
            match kind {
                Value::Object(labels) => {
                    let is_offered = labels
                        .iter()
                        .any(|(id, label)| *id == value || text(label) == value);
                    // A user whom it does not know is a trap of its own.
                    if !is_offered && !value.is_empty() && name != "UserId" {
                        let words = format!("Invalid value '{value}' for the {name} field.");
                        return Some(match of.parse::<u64>() {
                            Ok(_) => answers::refused(what, &words),
                            Err(_) => answers::internal(),
                        });
                    }
                }
                kind => {
                    let kind = text(kind);
                    let length = kind
                        .strip_prefix("Text(")
                        .map(|rest| rest.trim_end_matches(')').parse::<usize>().unwrap());
                    let is_number = value.is_empty() || value.parse::<f64>().is_ok();
                    if length.is_some_and(|length| value.chars().count() > length)
                        || (kind == "Int" && !is_number)
                        || (kind == "DateTime" && !is_time(&value))
                    {
                        return Some(answers::refused(
                            what,
                            &format!("Invalid value for the {name} field."),
                        ));
                    }
                }
            }
        }
        None
    }

    /// A field as a record shows it: a label, 0 for a number that is not set.
    pub fn shown(&self, kind: &Value, value: Option<&Value>) -> Value {
        let written = value.map(text).unwrap_or_default();
        match kind {
            Value::Object(labels) => {
                let label = labels
                    .iter()
                    .find(|(id, label)| **id == written || text(label) == written);
                label.map_or(json!(""), |(_, label)| label.clone())
            }
            kind if kind == "Int" => json!(written.parse::<i64>().unwrap_or_default()),
            kind if kind == "DateTime" && written.is_empty() => json!("0000-00-00 00:00:00"),
            _ => json!(written),
        }
    }
}

fn is_time(text: &str) -> bool {
    text.is_empty() || text.parse::<jiff::civil::DateTime>().is_ok()
}

fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = chunk
            .iter()
            .fold(0_u32, |number, byte| (number << 8) | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let sign = SIGNS[(number >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= chunk.len() { sign as char } else { '=' });
        }
    }
    text
}
