//! A contact written: each of its parts by one request where it changes.

use serde_json::Value as Json;

use super::addresses;
use super::contacts::is_name_of_company;
use super::crm::Crm;
use super::failure;
use super::fields::{Contact, Field, Part, says_something};
use super::parts::{self, ContactParts};
use super::search::kind_of;
use super::wire::{Record, text_in};
use crate::error::{Call, Error, Kind, Result};
use crate::model::{ContactWrite, Marks, Value, Written};

const WRITING: &str = "writing a contact into MiniCRM";

/// The fields of one write, by part.
#[derive(Default)]
pub struct Sorted {
    /// Of the contact itself.
    pub own: Record,
    /// Of its address.
    pub address: Record,
    /// Of its card.
    pub card: Record,
}

impl Crm {
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
    pub fn kind_wanted(&self, set: &[(usize, Value)]) -> Contact {
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
    ///
    /// # Errors
    /// As [`to_wire`].
    pub fn sorted(&self, write: &ContactWrite, kind: Contact) -> Result<Sorted> {
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
