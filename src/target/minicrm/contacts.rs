//! A contact in three parts, the contact itself, its address and its card: read where it matters, and each written
//! by one request where it changes.

use serde_json::Value as Json;

use super::addresses;
use super::crm::Crm;
use super::failure;
use super::fields::{Contact, Field, Part, says_something};
use super::marks;
use super::parts::{self, ContactParts};
use super::search::kind_of;
use super::wire::{Record, text_in};
use crate::error::{Call, Error, Kind, Result};
use crate::model::{Ask, ContactWrite, Marks, Shown, Value, Written};

/// The mark that a card carries, as it is called where nobody can read it.
const MARKER: &str = "the marker";

const WRITING: &str = "writing a contact into MiniCRM";

/// A contact as it was found.
pub struct Found {
    /// Its id.
    id: u64,
    /// What it is.
    kind: Contact,
    /// The contact itself.
    record: Record,
    /// Its address, where somebody looked: `Some(None)` where it has none.
    address: Option<Option<(u64, Record)>>,
    /// Its card, in the same way.
    card: Option<Option<(u64, Record)>>,
    /// What is remembered of it.
    parts: ContactParts,
}

/// The fields of one write, by part.
#[derive(Default)]
struct Sorted {
    own: Record,
    address: Record,
    card: Record,
}

impl Crm {
    /// Reads those parts of a contact of which something is not settled.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn found(
        &self,
        ask: &Ask,
        id: u64,
        record: Record,
        parts: ContactParts,
        card: Option<(u64, Record)>,
    ) -> Result<Found> {
        let address = match self.is_open(ask, Part::Address) {
            true => Some(addresses::of(&self.api, id, parts.address).await?),
            false => None,
        };
        let card = match card {
            Some(card) => Some(Some(card)),
            None if self.is_open(ask, Part::Card) || self.settings.marker.is_some() => {
                Some(self.card_of(&ask.key, id, &record, parts.card).await?)
            }
            None => None,
        };
        let id_of =
            |part: &Option<Option<(u64, Record)>>| part.as_ref().and_then(Option::as_ref).map(|(id, _)| *id);
        let kind = kind_of(&record);
        Ok(Found {
            id,
            kind,
            parts: ContactParts {
                kind: Some(kind),
                address: id_of(&address).or(parts.address),
                card: id_of(&card).or(parts.card),
                ..parts
            },
            record,
            address,
            card,
        })
    }

    /// Whether a part has a field that nobody knows to be as it is wanted.
    fn is_open(&self, ask: &Ask, part: Part) -> bool {
        let is_settled = |place: usize| ask.settled.get(place).copied().unwrap_or(false);
        let fields = self.contact_fields.iter().enumerate();
        fields
            .filter(|(_, field)| field.as_ref().is_some_and(|field| field.part == part))
            .any(|(place, _)| !is_settled(place))
    }

    /// A contact as the answer to a question. What a contact of its kind has no room for, and what nobody looked at
    /// because it is settled, is shown as it is wanted.
    pub fn shown(&self, ask: &Ask, found: &Found) -> Shown {
        let wanted = |place: usize| ask.wanted.get(place).cloned().unwrap_or_default();
        let value = |(place, field): (usize, &Option<Field>)| match self.value_in(found, field.as_ref()) {
            Some(text) => without_key(field.as_ref(), text, &ask.key),
            None => wanted(place),
        };
        Shown {
            values: self.contact_fields.iter().enumerate().map(value).collect(),
            ..self.shown_beside(found)
        }
    }

    /// A contact as it stands there, for a comparison with what was meant: what is not there shows nothing.
    pub fn shown_as_it_is(&self, found: &Found) -> Shown {
        let fields = self.contact_fields.iter();
        let values = fields.map(|field| self.value_in(found, field.as_ref()).unwrap_or_default());
        Shown {
            values: values.collect(),
            ..self.shown_beside(found)
        }
    }

    /// All of it but the values.
    fn shown_beside(&self, found: &Found) -> Shown {
        let marker = self.settings.marker.as_ref();
        let card = found.card.as_ref().and_then(Option::as_ref);
        let written = marker.zip(card).map(|(marker, (_, card))| text_in(card, marker));
        let marks = written.as_ref().map(|text| marks::of(text));
        Shown {
            remote_id: found.id.to_string(),
            unreadable: matches!(marks, Some(None)).then_some(MARKER),
            marks: marks.flatten().unwrap_or_default(),
            parts: Some(parts::text(&found.parts)),
            ..Shown::default()
        }
    }

    /// What stands in a field; `None` where the contact has no such field or nobody looked.
    fn value_in(&self, found: &Found, field: Option<&Field>) -> Option<String> {
        let field = field?;
        let part = |part: &Option<Option<(u64, Record)>>| {
            let there = part.as_ref()?;
            let text = there.as_ref().map(|(_, record)| text_in(record, &field.name));
            Some(field.kind.normal(&text.unwrap_or_default()))
        };
        match field.part {
            Part::Address => part(&found.address),
            Part::Card => part(&found.card),
            own if own.is_of(found.kind) => Some(field.kind.normal(&text_in(&found.record, &field.name))),
            _ => None,
        }
    }

    /// Writes a contact.
    ///
    /// # Errors
    /// When nothing of it was written, or nobody knows.
    pub async fn write_contact(&self, write: &ContactWrite) -> Result<Written> {
        let written = match &write.remote_id {
            Some(record) => self.update_contact(write, record).await,
            None => self.make_contact(write).await,
        };
        match written {
            Ok(written) => {
                if written.unfinished.is_none() {
                    self.was_taken(&write.key);
                }
                Ok(Written {
                    unfinished: written.unfinished.map(|error| self.judged(&write.key, error)),
                    ..written
                })
            }
            Err(error) => Err(self.judged(&write.key, error)),
        }
    }

    /// At most three writes: the contact, its address, its card.
    async fn make_contact(&self, write: &ContactWrite) -> Result<Written> {
        let kind = self.kind_wanted(&write.set);
        let mut sorted = self.sorted(write, kind)?;
        sorted.own.insert("Type".to_owned(), kind.word().into());
        let id = self.api.make("Contact", &sorted.own, WRITING).await?;
        let mut parts = ContactParts {
            kind: Some(kind),
            orders_above: self.orders.highest(),
            ..ContactParts::default()
        };
        let mut unfinished = None;
        match addresses::make(&self.api, id, &sorted.address).await {
            Ok(address) => parts.address = address,
            Err(error) => unfinished = Some(error),
        }
        // Where nobody knows what became of the address, the rest waits until somebody looked.
        if unfinished
            .as_ref()
            .is_none_or(|error| error.kind().calls_for() != Call::Retry)
        {
            match self.make_card(&write.key, id, &sorted.card).await {
                Ok(card) => parts.card = Some(card),
                Err(error) => unfinished = Some(error),
            }
        }
        Ok(Written {
            remote_id: id.to_string(),
            parts: Some(parts::text(&parts)),
            unfinished,
            ..Written::default()
        })
    }

    /// One write for each part that changes.
    async fn update_contact(&self, write: &ContactWrite, record: &str) -> Result<Written> {
        let id = record.parse::<u64>().map_err(|_| {
            Error::new(
                Kind::BadRecord,
                WRITING,
                "a contact of MiniCRM has a number, and this is none",
            )
        })?;
        let mut parts: ContactParts = parts::of(&write.parts);
        let kind = match parts.kind {
            Some(kind) => kind,
            None => match self.contact(id).await? {
                Some(record) => kind_of(&record),
                None => return Err(failure::gone(WRITING)),
            },
        };
        parts.kind = Some(kind);
        let sorted = self.sorted(write, kind)?;
        let mut is_begun = false;
        if !sorted.own.is_empty() {
            if !self.api.set("Contact", id, &sorted.own, WRITING).await? {
                return Err(failure::gone(WRITING));
            }
            is_begun = true;
        }
        let mut unfinished = None;
        if !sorted.address.is_empty() {
            match addresses::write(&self.api, id, parts.address, &sorted.address).await {
                Ok(address) => (parts.address, is_begun) = (address, true),
                Err(error) if !is_begun => return Err(error),
                Err(error) => unfinished = Some(error),
            }
        }
        if !sorted.card.is_empty() {
            match self
                .write_card(&write.key, (id, kind), parts.card, &sorted.card)
                .await
            {
                Ok(card) => parts.card = Some(card),
                Err(error) if !is_begun && unfinished.is_none() => return Err(error),
                Err(error) => unfinished = Some(unfinished.unwrap_or(error)),
            }
        }
        Ok(Written {
            remote_id: id.to_string(),
            parts: Some(parts::text(&parts)),
            unfinished,
            ..Written::default()
        })
    }

    /// A company where the name of one is wanted, else a person.
    fn kind_wanted(&self, set: &[(usize, Value)]) -> Contact {
        let is_name = |place: usize| {
            let field = self.contact_fields.get(place).and_then(Option::as_ref);
            field.is_some_and(|field| field.part == Part::Business && field.name == "Name")
        };
        match set
            .iter()
            .any(|(place, value)| is_name(*place) && says_something(value))
        {
            true => Contact::Business,
            false => Contact::Person,
        }
    }

    /// The fields of a write by part, those left out that a contact of this kind has not.
    fn sorted(&self, write: &ContactWrite, kind: Contact) -> Result<Sorted> {
        let mut sorted = Sorted::default();
        for (place, value) in &write.set {
            let Some(field) = self.contact_fields.get(*place).and_then(Option::as_ref) else {
                continue;
            };
            if !field.part.is_of(kind) {
                continue;
            }
            let into = match field.part {
                Part::Address => &mut sorted.address,
                Part::Card => &mut sorted.card,
                _ => &mut sorted.own,
            };
            let json = match is_name_of_company(field) && !says_something(value) {
                // A company is never without a name.
                true => Json::from(write.key.as_str()),
                false => to_wire(field, value)?,
            };
            into.insert(field.name.clone(), json);
        }
        let is_new = write.remote_id.is_none();
        let has_name = ["FirstName", "LastName"]
            .iter()
            .any(|name| !text_in(&sorted.own, name).is_empty());
        if is_new && kind == Contact::Person && !has_name {
            // A person is never without a name, either.
            sorted
                .own
                .insert("LastName".to_owned(), write.key.as_str().into());
        }
        let marks = write.marks.as_ref();
        if let Some(marks) = marks.filter(|marks| !is_new || **marks != Marks::default()) {
            sorted.card.extend(self.marked(marks));
        }
        Ok(sorted)
    }
}

/// A value as a field takes it.
///
/// # Errors
/// [`Kind::BadRecord`] for one that the field does not offer: it is not sent, because MiniCRM fails on it.
pub fn to_wire(field: &Field, value: &Value) -> Result<Json> {
    field.kind.to_wire(value).map_err(|cause| {
        let doing = format!("writing the field `{}.{}`", field.part.prefix(), field.name);
        Error::new(Kind::BadRecord, doing, cause)
    })
}

fn is_name_of_company(field: &Field) -> bool {
    field.part == Part::Business && field.name == "Name"
}

/// Our key in place of a name says nothing: something had to stand there.
fn without_key(field: Option<&Field>, text: String, key: &str) -> String {
    match field.is_some_and(is_name_of_company) && text == key {
        true => String::new(),
        false => text,
    }
}
