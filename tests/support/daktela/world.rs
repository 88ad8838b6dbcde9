//! What is in it: databases, contacts, types, records, statuses; and what it does with each request.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::Response;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::answers;
use super::query::Filter;
use super::requests::Asked;

/// Its words are in the language of whoever set it up.
const MANDATORY: &str = "Vstup je povinný";
const FOREIGN: &str = "Chyba cizího klíče";
const TAKEN: &str = "Hodnota již existuje";
const UNKNOWN: &str = "Neznámá položka";
const READ_ONLY: &str = "Položka je pouze pro čtení";
const BAD_EMAIL: &str = "E-mail není ve správném formátu";
const BAD_VALUE: &str = "Neplatná hodnota";

/// Where nobody has published what it does, or builds differ.
#[derive(Debug, Clone)]
pub struct Manners {
    /// Lists come as objects keyed by name.
    pub lists_are_objects: bool,
    /// It gives no more on a page, whatever is asked for.
    pub most_on_a_page: usize,
    /// Empty custom fields show as `[null]`, else as `[]`.
    pub empty_is_null: bool,
    /// A record without any value in a custom field shows `[]` for all of them.
    pub empty_fields_are_a_list: bool,
    /// Whether comparing minds the case of letters.
    pub minds_case: bool,
    /// After a merge the old name leads to the contact that is left.
    pub old_names_lead_on: bool,
    /// A field that it does not know is passed over, else refused.
    pub ignores_unknown_fields: bool,
    /// Refusals come with status 200.
    pub refuses_with_200: bool,
    /// Times show with a `T`.
    pub times_have_t: bool,
    /// Lists show sorted backwards, numbers with spaces.
    pub shows_otherwise: bool,
    /// The envelope names the zone of its clock.
    pub tells_timezone: bool,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            lists_are_objects: false,
            most_on_a_page: 1_000,
            empty_is_null: false,
            empty_fields_are_a_list: false,
            minds_case: true,
            old_names_lead_on: false,
            ignores_unknown_fields: false,
            refuses_with_200: false,
            times_have_t: false,
            shows_otherwise: false,
            tells_timezone: true,
        }
    }
}

/// A custom field of its scheme.
#[derive(Debug, Clone, Copy)]
pub struct CustomField {
    pub kind: &'static str,
    pub multiple: bool,
    pub readonly: bool,
}

/// A contact or a CRM record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thing {
    /// The model's own fields; references by name.
    pub fields: BTreeMap<String, String>,
    pub custom: BTreeMap<String, Vec<String>>,
    pub created: String,
    pub edited: String,
}

/// One Daktela.
#[derive(Debug, Clone)]
pub struct World {
    pub token: String,
    /// Name, and whether titles show the last name first.
    pub databases: BTreeMap<String, bool>,
    pub types: Vec<String>,
    pub statuses: Vec<String>,
    pub users: Vec<String>,
    pub contact_scheme: BTreeMap<String, CustomField>,
    pub record_scheme: BTreeMap<String, CustomField>,
    pub contacts: BTreeMap<String, Thing>,
    pub records: BTreeMap<String, Thing>,
    /// Who was merged into whom.
    pub merged: BTreeMap<String, String>,
    /// Values that a rule of its own refuses in a field of a contact.
    pub refused: Vec<(String, String)>,
    pub manners: Manners,
    pub timezone: String,
}

impl Default for World {
    fn default() -> Self {
        let several = |kind| CustomField {
            kind,
            multiple: true,
            readonly: false,
        };
        let standard = [
            ("number", "PHONE"),
            ("email", "EMAIL"),
            ("address", "ADDRESS"),
            ("note", "TEXTAREA"),
        ];
        Self {
            token: "t0ken".to_owned(),
            databases: BTreeMap::from([("default".to_owned(), false)]),
            types: vec!["shop_orders".to_owned(), "claims".to_owned()],
            statuses: vec!["new".to_owned(), "done".to_owned(), "cancelled".to_owned()],
            users: vec!["agent".to_owned()],
            contact_scheme: standard
                .map(|(name, kind)| (name.to_owned(), several(kind)))
                .into(),
            record_scheme: BTreeMap::new(),
            contacts: BTreeMap::new(),
            records: BTreeMap::new(),
            merged: BTreeMap::new(),
            refused: Vec::new(),
            manners: Manners::default(),
            timezone: "Europe/Prague".to_owned(),
        }
    }
}

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Model {
    Contacts,
    Records,
}

/// Fields and what a refusal says of each.
type Form = BTreeMap<String, Value>;

impl Thing {
    /// What stands in a field, by the name that a filter gives it.
    pub fn values(&self, field: &str) -> Vec<String> {
        if let Some(custom) = field.strip_prefix("customFields.") {
            return self.custom.get(custom).cloned().unwrap_or_default();
        }
        let text = match field {
            "created" => &self.created,
            "edited" => &self.edited,
            _ => {
                return self
                    .fields
                    .get(field)
                    .filter(|text| !text.is_empty())
                    .into_iter()
                    .cloned()
                    .collect();
            }
        };
        vec![text.clone()]
    }

    pub fn get(&self, field: &str) -> String {
        self.values(field).into_iter().next().unwrap_or_default()
    }
}

impl World {
    /// A custom field of contacts more.
    pub fn add_field(&mut self, name: &str, kind: &'static str) {
        let field = CustomField {
            kind,
            multiple: kind == "EMAIL" || kind == "PHONE",
            readonly: false,
        };
        self.contact_scheme.insert(name.to_owned(), field);
    }

    /// The same of CRM records.
    pub fn add_record_field(&mut self, name: &str, kind: &'static str) {
        let field = CustomField {
            kind,
            multiple: false,
            readonly: false,
        };
        self.record_scheme.insert(name.to_owned(), field);
    }

    /// An agent makes a contact.
    pub fn agent_makes(&mut self, name: &str, title: &str, email: &str) {
        let now = self.now();
        let fields = [
            ("name", name),
            ("title", title),
            ("lastname", title),
            ("database", "default"),
        ];
        let emails = [email.to_owned()]
            .into_iter()
            .filter(|email| !email.is_empty())
            .collect();
        self.contacts.insert(
            name.to_owned(),
            Thing {
                fields: fields
                    .map(|(field, text)| (field.to_owned(), text.to_owned()))
                    .into(),
                custom: BTreeMap::from([("email".to_owned(), emails)]),
                created: now.clone(),
                edited: now,
            },
        );
    }

    /// An agent types into a field of a contact.
    pub fn agent_types(&mut self, contact: &str, field: &str, values: &[&str]) {
        let now = self.now();
        let thing = self
            .contacts
            .get_mut(contact)
            .unwrap_or_else(|| panic!("there is no {contact}"));
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        match field.strip_prefix("customFields.") {
            Some(custom) => thing.custom.insert(custom.to_owned(), values),
            None => {
                thing.fields.insert(field.to_owned(), values.concat());
                None
            }
        };
        thing.edited = now;
    }

    /// An agent deletes a contact, with its records.
    pub fn agent_deletes(&mut self, contact: &str) {
        assert!(self.contacts.remove(contact).is_some(), "there is no {contact}");
        self.records.retain(|_, record| record.get("contact") != contact);
    }

    /// An agent merges one contact into another.
    pub fn agent_merges(&mut self, one: &str, into: &str) {
        let gone = self
            .contacts
            .remove(one)
            .unwrap_or_else(|| panic!("there is no {one}"));
        let stays = self.contacts.get_mut(into).unwrap();
        for (field, values) in gone.custom {
            let there = stays.custom.entry(field).or_default();
            for value in values {
                if !there.contains(&value) {
                    there.push(value);
                }
            }
        }
        for record in self
            .records
            .values_mut()
            .filter(|record| record.get("contact") == one)
        {
            record.fields.insert("contact".to_owned(), into.to_owned());
        }
        self.merged.insert(one.to_owned(), into.to_owned());
    }

    pub fn now(&self) -> String {
        let now = Timestamp::now().to_zoned(TimeZone::get(&self.timezone).unwrap());
        now.strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// What it says of a record that it does not have.
    pub fn not_there(&self) -> Response<Body> {
        self.refusal(404, json!(["Object not exist"]), Value::Null)
    }

    /// What it says where the user of the token has no right.
    pub fn forbidden(&self) -> Response<Body> {
        self.refusal(403, json!(["Nemate opravneni"]), Value::Null)
    }

    /// An empty result without any error.
    pub fn nothing(&self) -> Response<Body> {
        self.good(200, json!([]))
    }

    /// Does what it is asked.
    pub fn answer(&mut self, asked: &Asked) -> Response<Body> {
        if asked.token.as_deref() != Some(self.token.as_str()) {
            return self.refusal(401, json!(["Unauthorized"]), Value::Null);
        }
        let method = asked.method.as_str();
        match (method, asked.model.as_str(), &asked.name) {
            ("GET", "whoim", None) => {
                let user = json!({"name": "api", "title": "API", "role": {"options": {"contacts": 31}}});
                self.good(200, json!({"user": user, "version": "6.25"}))
            }
            ("GET", "crmDatabases", None) => {
                let names = self.databases.iter();
                let named = names
                    .map(|(name, reverse)| json!({"name": name, "title": name, "reverse_names": reverse}));
                self.list(asked, named.collect())
            }
            ("GET", "crmRecordsTypes", None) => self.list_of_names(asked, self.types.clone()),
            ("GET", "statuses", None) => self.list_of_names(asked, self.statuses.clone()),
            (_, "contacts", name) => self.answer_of(Model::Contacts, asked, name.as_deref()),
            (_, "crmRecords", name) => self.answer_of(Model::Records, asked, name.as_deref()),
            _ => answers::bare(404),
        }
    }

    fn answer_of(&mut self, model: Model, asked: &Asked, name: Option<&str>) -> Response<Body> {
        match (asked.method.as_str(), name) {
            ("GET", None) => self.list_things(model, asked),
            ("GET", Some(name)) => self.one(model, name),
            ("POST", None) => self.make(model, asked),
            ("PUT", Some(name)) => self.change(model, name, asked),
            ("DELETE", Some(name)) => self.remove(model, name),
            _ => self.refusal(405, json!(["Method not allowed"]), Value::Null),
        }
    }

    fn things(&self, model: Model) -> &BTreeMap<String, Thing> {
        match model {
            Model::Contacts => &self.contacts,
            Model::Records => &self.records,
        }
    }

    fn things_mut(&mut self, model: Model) -> &mut BTreeMap<String, Thing> {
        match model {
            Model::Contacts => &mut self.contacts,
            Model::Records => &mut self.records,
        }
    }

    fn one(&self, model: Model, name: &str) -> Response<Body> {
        let leads_on = self.merged.get(name).filter(|_| self.manners.old_names_lead_on);
        match self.things(model).get(leads_on.map_or(name, String::as_str)) {
            Some(thing) => self.good(200, self.shown(model, thing)),
            None => self.not_there(),
        }
    }

    fn list_things(&self, model: Model, asked: &Asked) -> Response<Body> {
        let filter = match Filter::read(asked, &|field| self.knows(model, field)) {
            Ok(filter) => filter,
            Err(wrong) => {
                return self.refusal(
                    400,
                    json!({"primary": [format!("{BAD_VALUE}: {wrong}")]}),
                    Value::Null,
                );
            }
        };
        let hits = self.things(model).values();
        let hits = hits.filter(|thing| filter.holds(thing, self.manners.minds_case));
        self.list(asked, hits.map(|thing| self.shown(model, thing)).collect())
    }

    fn list_of_names(&self, asked: &Asked, names: Vec<String>) -> Response<Body> {
        let named = names.into_iter().map(|name| json!({"name": name, "title": name}));
        self.list(asked, named.collect())
    }

    /// Sorted by name, which is the only order that anybody asks for here.
    fn list(&self, asked: &Asked, mut all: Vec<Value>) -> Response<Body> {
        let number =
            |key: &str, usual: usize| asked.parameter(key).map_or(usual, |text| text.parse().unwrap());
        let (skip, take) = (
            number("skip", 0),
            number("take", 100).min(self.manners.most_on_a_page),
        );
        let total = all.len();
        let fields: Vec<&str> = asked
            .query
            .iter()
            .filter(|(key, _)| key.starts_with("fields["))
            .map(|(_, field)| field.as_str())
            .collect();
        all.sort_by_key(|one| one["name"].as_str().unwrap_or_default().to_owned());
        let page = all
            .into_iter()
            .skip(skip)
            .take(take)
            .map(|one| match (&one, fields.is_empty()) {
                (Value::Object(whole), false) => {
                    let some = whole.iter().filter(|(field, _)| fields.contains(&field.as_str()));
                    Value::Object(
                        some.map(|(field, value)| (field.clone(), value.clone()))
                            .collect(),
                    )
                }
                _ => one,
            });
        let data: Value = match self.manners.lists_are_objects {
            true => page
                .map(|one| (one["name"].as_str().unwrap().to_owned(), one))
                .collect::<Map<_, _>>()
                .into(),
            false => page.collect::<Vec<_>>().into(),
        };
        self.good(200, json!({"data": data, "total": total}))
    }

    fn make(&mut self, model: Model, asked: &Asked) -> Response<Body> {
        let body = asked.object();
        let mut form = self.faults(model, &body, None);
        let name = match body.get("name").and_then(Value::as_str) {
            Some(name) => name.to_owned(),
            None => format!("{}_{}", asked.model, self.things(model).len() + 1),
        };
        let is_name = (1..64).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if !is_name {
            form.insert("name".to_owned(), json!(BAD_VALUE));
        }
        if self.things(model).contains_key(&name) {
            form.insert("name".to_owned(), json!(TAKEN));
        }
        if !asked.is_json || !form.is_empty() {
            return self.refused(form, &body);
        }
        let mut thing = Thing {
            created: self.now(),
            ..Thing::default()
        };
        thing.fields.insert("name".to_owned(), name.clone());
        self.take(model, &mut thing, &body);
        self.things_mut(model).insert(name.clone(), thing);
        self.good(201, self.shown(model, &self.things(model)[&name]))
    }

    fn change(&mut self, model: Model, name: &str, asked: &Asked) -> Response<Body> {
        let Some(mut thing) = self.things(model).get(name).cloned() else {
            return self.not_there();
        };
        let body = asked.object();
        let mut form = self.faults(model, &body, Some(&thing));
        if body.contains_key("name") {
            form.insert("name".to_owned(), json!(READ_ONLY));
        }
        if !asked.is_json || !form.is_empty() {
            return self.refused(form, &body);
        }
        self.take(model, &mut thing, &body);
        self.things_mut(model).insert(name.to_owned(), thing);
        self.good(200, self.shown(model, &self.things(model)[name]))
    }

    fn remove(&mut self, model: Model, name: &str) -> Response<Body> {
        if self.things_mut(model).remove(name).is_none() {
            return self.not_there();
        }
        if model == Model::Contacts {
            for record in self
                .records
                .values_mut()
                .filter(|record| record.get("contact") == name)
            {
                record.fields.remove("contact");
            }
        }
        answers::bare(204)
    }

    fn knows(&self, model: Model, field: &str) -> bool {
        let (own, scheme): (&[&str], _) = match model {
            Model::Contacts => (
                &[
                    "name",
                    "title",
                    "firstname",
                    "lastname",
                    "database",
                    "account",
                    "user",
                    "description",
                ],
                &self.contact_scheme,
            ),
            Model::Records => (
                &[
                    "name",
                    "type",
                    "title",
                    "stage",
                    "status",
                    "contact",
                    "account",
                    "ticket",
                    "user",
                    "description",
                ],
                &self.record_scheme,
            ),
        };
        let is_custom = |field: &str| scheme.contains_key(field);
        own.contains(&field)
            || matches!(field, "created" | "edited")
            || field.strip_prefix("customFields.").is_some_and(is_custom)
    }

    /// What is wrong with what was sent; `there` is what it would change.
    fn faults(&self, model: Model, body: &Map<String, Value>, there: Option<&Thing>) -> Form {
        let mut form = Form::new();
        let mut note = |field: &str, told: &str| form.insert(field.to_owned(), json!(told));
        let required: &[&str] = match model {
            Model::Contacts => &["title", "lastname", "database"],
            Model::Records => &["title", "type", "stage"],
        };
        for field in required {
            let is_missing = there.is_none() && !body.contains_key(*field);
            let is_emptied = body
                .get(*field)
                .is_some_and(|value| text(value).trim().is_empty());
            if is_missing || is_emptied {
                note(field, MANDATORY);
            }
        }
        for (field, value) in body.iter().filter(|(field, _)| *field != "customFields") {
            let named = text(value);
            let is_there = match field.as_str() {
                "database" => self.databases.contains_key(&named),
                "type" => self.types.contains(&named),
                "status" => self.statuses.contains(&named),
                "user" => self.users.contains(&named),
                "contact" => self.contacts.contains_key(&named),
                "account" | "ticket" => false,
                _ => true,
            };
            if !is_there && !named.is_empty() {
                note(field, FOREIGN);
            }
            match field.as_str() {
                "created" | "edited" | "nps_score" => drop(note(field, READ_ONLY)),
                "stage" if !matches!(named.as_str(), "OPEN" | "CLOSE") => drop(note(field, BAD_VALUE)),
                _ if !self.knows(model, field) && !self.manners.ignores_unknown_fields => {
                    drop(note(field, UNKNOWN))
                }
                _ => {}
            }
            if model == Model::Contacts
                && self
                    .refused
                    .iter()
                    .any(|(known, bad)| known == field && *bad == named)
            {
                note(field, "Nelze uložit");
            }
        }
        let of_custom = self.faults_of_custom(model, body.get("customFields"));
        if !of_custom.is_empty() {
            form.insert("customFields".to_owned(), json!(of_custom));
        }
        form
    }

    fn faults_of_custom(&self, model: Model, sent: Option<&Value>) -> Form {
        let scheme = match model {
            Model::Contacts => &self.contact_scheme,
            Model::Records => &self.record_scheme,
        };
        let mut form = Form::new();
        for (field, value) in sent.and_then(Value::as_object).into_iter().flatten() {
            let values = texts(value);
            let told = match scheme.get(field) {
                None if self.manners.ignores_unknown_fields => continue,
                None => UNKNOWN,
                Some(known) if known.readonly => READ_ONLY,
                Some(known) if !known.multiple && values.len() > 1 => BAD_VALUE,
                Some(known) if known.kind == "EMAIL" && !values.iter().all(|text| is_email(text)) => {
                    BAD_EMAIL
                }
                Some(_)
                    if self.refused.iter().any(|(known, bad)| {
                        model == Model::Contacts
                            && known.strip_prefix("customFields.") == Some(field)
                            && values.contains(bad)
                    }) =>
                {
                    "Nelze uložit"
                }
                Some(_) => continue,
            };
            form.insert(field.clone(), json!([told]));
        }
        form
    }

    /// Takes what was sent: what is not named stays as it is.
    fn take(&self, model: Model, thing: &mut Thing, body: &Map<String, Value>) {
        for (field, value) in body.iter().filter(|(field, _)| *field != "customFields") {
            if self.knows(model, field) {
                thing.fields.insert(field.clone(), text(value));
            }
        }
        let custom = body.get("customFields").and_then(Value::as_object);
        for (field, value) in custom.into_iter().flatten() {
            if self.knows(model, &format!("customFields.{field}")) {
                thing.custom.insert(field.clone(), texts(value));
            }
        }
        thing.edited = self.now();
    }

    fn shown(&self, model: Model, thing: &Thing) -> Value {
        let mut shown = Map::new();
        let own: &[&str] = match model {
            Model::Contacts => &[
                "name",
                "title",
                "firstname",
                "lastname",
                "database",
                "account",
                "user",
                "description",
            ],
            Model::Records => &[
                "name",
                "type",
                "title",
                "stage",
                "status",
                "contact",
                "account",
                "ticket",
                "user",
                "description",
            ],
        };
        for field in own {
            let text = thing.get(field);
            let value = match *field {
                "database" | "account" | "user" | "type" | "status" | "contact" | "ticket" => {
                    self.referred(field, &text)
                }
                "title" if model == Model::Contacts => json!(self.title(thing)),
                _ => json!(text),
            };
            shown.insert((*field).to_owned(), value);
        }
        let time = |text: &str| {
            if self.manners.times_have_t {
                text.replace(' ', "T")
            } else {
                text.to_owned()
            }
        };
        shown.insert("created".to_owned(), json!(time(&thing.created)));
        shown.insert("edited".to_owned(), json!(time(&thing.edited)));
        let scheme = match model {
            Model::Contacts => &self.contact_scheme,
            Model::Records => &self.record_scheme,
        };
        let is_bare = scheme
            .keys()
            .all(|field| thing.values(&format!("customFields.{field}")).is_empty());
        let custom: Map<String, Value> = scheme
            .keys()
            .map(|field| {
                (
                    field.clone(),
                    self.custom_value(thing.custom.get(field).map_or(&[], Vec::as_slice)),
                )
            })
            .collect();
        shown.insert(
            "customFields".to_owned(),
            if is_bare && self.manners.empty_fields_are_a_list {
                json!([])
            } else {
                custom.into()
            },
        );
        let scheme: Map<String, Value> = scheme
            .iter()
            .map(|(name, field)| {
                let told = json!({
                    "type": field.kind, "title": name, "hidden": false, "readonly": field.readonly,
                    "multiple": field.multiple, "items": [],
                });
                (name.clone(), told)
            })
            .collect();
        shown.insert(
            "_sys".to_owned(),
            json!({"model": "any", "hash": "87", "cfScheme": scheme}),
        );
        shown.into()
    }

    fn custom_value(&self, values: &[String]) -> Value {
        if values.is_empty() {
            return if self.manners.empty_is_null {
                json!([null])
            } else {
                json!([])
            };
        }
        if !self.manners.shows_otherwise {
            return json!(values);
        }
        let parted = |text: &String| match text.starts_with('+') {
            true => text
                .char_indices()
                .flat_map(|(at, sign)| {
                    let gap = (at > 3 && at % 3 == 1).then_some(' ');
                    gap.into_iter().chain([sign])
                })
                .collect(),
            false => format!(" {}", text.replace(' ', "  ")),
        };
        json!(values.iter().rev().map(parted).collect::<Vec<String>>())
    }

    /// With the last name first where the database is set so.
    fn title(&self, thing: &Thing) -> String {
        let title = thing.get("title");
        let reverses = self
            .databases
            .get(&thing.get("database"))
            .copied()
            .unwrap_or_default();
        match title.rsplit_once(' ') {
            Some((first, last)) if reverses => format!("{last} {first}"),
            _ => title,
        }
    }

    /// A reference shows as all it refers to.
    fn referred(&self, field: &str, name: &str) -> Value {
        if name.is_empty() {
            return Value::Null;
        }
        let mut whole = json!({"name": name, "title": name, "description": "", "_sys": {"hash": null}});
        if field == "user" {
            whole["role"] =
                json!({"name": "role_1", "options": {"contacts": 31, "crmRecords": 31}, "shortcuts": []});
        }
        if let (true, Some(contact)) = (field == "contact", self.contacts.get(name)) {
            whole = self.shown(Model::Contacts, contact);
        }
        whole
    }

    fn good(&self, status: u16, result: Value) -> Response<Body> {
        answers::answer(status, &self.envelope(json!([]), result))
    }

    /// What was sent is repeated in a refusal.
    fn refused(&self, form: Form, sent: &Map<String, Value>) -> Response<Body> {
        let mut result = sent.clone();
        let custom: Map<String, Value> = self
            .contact_scheme
            .keys()
            .map(|field| (field.clone(), json!([null])))
            .collect();
        result.insert("customFields".to_owned(), custom.into());
        result.insert("_sys".to_owned(), json!({"hash": null, "model": "contacts"}));
        self.refusal(400, json!({"form": form}), result.into())
    }

    fn refusal(&self, status: u16, error: Value, result: Value) -> Response<Body> {
        let status = if status == 400 && self.manners.refuses_with_200 {
            200
        } else {
            status
        };
        answers::answer(status, &self.envelope(error, result))
    }

    fn envelope(&self, error: Value, result: Value) -> Value {
        let mut envelope = json!({"error": error, "result": result, "_time": self.now()});
        if self.manners.tells_timezone {
            envelope["_timezone"] = json!(self.timezone);
            envelope["_serverTime"] = json!(self.now());
        }
        envelope
    }
}

/// A reference can be sent by name or as an object.
fn text(value: &Value) -> String {
    texts(value).concat()
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) if !text.is_empty() => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Object(object) => object.get("name").map(texts).unwrap_or_default(),
        Value::Number(number) => vec![number.to_string()],
        Value::Bool(yes) => vec![u8::from(*yes).to_string()],
        Value::String(_) | Value::Null => Vec::new(),
    }
}

fn is_email(text: &str) -> bool {
    text.split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'))
}
