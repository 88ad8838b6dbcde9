//! A contact in three parts, the contact itself, its address and its card: read where it matters.

use super::addresses;
use super::cards::REFERENCE;
use super::crm::Crm;
use super::feed::is_number_of_ours;
use super::fields::{Contact, Field, Part};
use super::marks;
use super::parts::{self, ContactParts};
use super::search::kind_of;
use super::wire::{Record, text_in};
use crate::error::Result;
use crate::model::{Ask, Shown};

/// The mark that a card carries, as it is called where nobody can read it.
const MARKER: &str = "the marker";

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
        let reference = |card: &Option<Option<(u64, Record)>>| {
            let (_, card) = card.as_ref()?.as_ref()?;
            Some(text_in(card, REFERENCE)).filter(|reference| is_number_of_ours(reference))
        };
        let uploaded_as = reference(&card).and_then(|number| number.trim().parse().ok());
        Ok(Found {
            id,
            kind,
            parts: ContactParts {
                kind: Some(kind),
                address: id_of(&address).or(parts.address),
                card: id_of(&card).or(parts.card),
                uploaded_as: uploaded_as.or(parts.uploaded_as),
                uploaded_at: None,
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
}

/// Whether a field is the name of a company, which a company is never without.
pub fn is_name_of_company(field: &Field) -> bool {
    field.part == Part::Business && field.name == "Name"
}

/// Our key in place of a name says nothing: something had to stand there.
fn without_key(field: Option<&Field>, text: String, key: &str) -> String {
    match field.is_some_and(is_name_of_company) && text == key {
        true => String::new(),
        false => text,
    }
}
