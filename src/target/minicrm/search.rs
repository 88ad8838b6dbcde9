//! Whether a contact is there. Every hit of a search is read and compared: a search finds what contains the words, in
//! any case, and a list tells little.

use super::cards::{REFERENCE, group_of, ours_among};
use super::crm::Crm;
use super::fields::{Contact, Part};
use super::parts::{self, ContactParts};
use super::wire::{Record, id_in, is_set, text_in};
use super::{fields, times};
use crate::error::{Error, Kind, Result};
use crate::model::{Ask, Candidate, Look};
use jiff::{SignedDuration, Timestamp};

/// More hits than these mean that the search looked for something else.
const LOOKED_AT: usize = 20;

/// How much the service's clock may be behind ours.
const SLACK: SignedDuration = SignedDuration::from_mins(2);

const LOOKING: &str = "looking for a contact in MiniCRM";

impl Crm {
    /// A contact that is there; `None` for one that was deleted.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn contact(&self, id: u64) -> Result<Option<Record>> {
        let path = ["R3", "Contact", &id.to_string()];
        let found = self.api.record(&path, "reading a contact of MiniCRM").await?;
        Ok(found.filter(|record| !is_set(record, "Deleted")))
    }

    /// Answers one question about a contact.
    ///
    /// # Errors
    /// When the service does not answer.
    pub async fn look(&self, ask: &Ask) -> Result<Look> {
        if let Some(named) = &ask.remote_id {
            return self.look_at(named, ask).await;
        }
        if let Some(look) = self.look_by_key(ask, None).await? {
            return Ok(look);
        }
        if let Some(since) = ask.perhaps_made {
            let made = self.made_since(ask, since).await?;
            if !made.is_empty() {
                return Ok(Look::Perhaps(made));
            }
        }
        for email in &ask.emails {
            let found = self.by_email(ask, email).await?;
            if let Some(look) = self.one_of(ask, found, "email", None).await? {
                return Ok(look);
            }
        }
        Ok(Look::Absent)
    }

    /// The record that the ID map names. One that somebody merged into another one has left its card there.
    async fn look_at(&self, named: &str, ask: &Ask) -> Result<Look> {
        let Ok(id) = named.trim().parse::<u64>() else {
            let cause = "a contact of MiniCRM has a number, and this is none";
            return Err(Error::new(Kind::BadRecord, LOOKING, cause));
        };
        let parts: ContactParts = parts::of(&ask.parts);
        match self.contact(id).await? {
            Some(record) => {
                let found = self.found(ask, id, record, parts, None).await?;
                Ok(Look::Found(self.shown(ask, &found)))
            }
            None => Ok(self.look_by_key(ask, Some(id)).await?.unwrap_or(Look::Absent)),
        }
    }

    /// By the card that carries our key. `gone` is the contact it hung on before.
    async fn look_by_key(&self, ask: &Ask, gone: Option<u64>) -> Result<Option<Look>> {
        if ask.key.is_empty() {
            return Ok(None);
        }
        let mut found: Vec<(u64, Record)> = Vec::new();
        let mut cards = Vec::new();
        let mut is_merged = false;
        for (card, record) in self.cards_by_reference(&ask.key).await? {
            let contact = id_in(&record, "ContactId").or_else(|| id_in(&record, "BusinessId"));
            let Some(contact) = contact.filter(|id| Some(*id) != gone) else {
                continue;
            };
            if is_another(ask, contact) {
                is_merged |= gone.is_some();
                continue;
            }
            if found.iter().any(|(known, _)| *known == contact) {
                continue;
            }
            if let Some(there) = self.contact(contact).await? {
                found.push((contact, there));
                cards.push((card, record));
            }
        }
        if found.is_empty() && is_merged {
            // A person made one of two contacts of ours: they are not made two again.
            return Ok(Some(Look::Gone));
        }
        let card = cards.into_iter().next();
        self.one_of(ask, found, "key", card).await
    }

    /// Contacts with this e-mail, but those of others.
    async fn by_email(&self, ask: &Ask, email: &str) -> Result<Vec<(u64, Record)>> {
        let spelling = |text: &str| match self.layout.spelling {
            Some(normal) => normal(text).map(|text| text.into_owned()),
            None => Some(text.trim().to_lowercase()),
        };
        let wanted = spelling(email);
        let hits = self.hits("Email", email, ask).await?;
        Ok(hits
            .into_iter()
            .filter(|(_, record)| wanted.is_some() && spelling(&text_in(record, "Email")) == wanted)
            .collect())
    }

    /// What a search by a field of a contact finds, each read.
    async fn hits(&self, field: &str, text: &str, ask: &Ask) -> Result<Vec<(u64, Record)>> {
        let listed = self
            .api
            .list(&["R3", "Contact"], &[(field, text)], LOOKING)
            .await?;
        let mut found = Vec::new();
        for (id, _) in listed
            .into_iter()
            .filter(|(id, _)| !is_another(ask, *id))
            .take(LOOKED_AT)
        {
            found.extend(self.contact(id).await?.map(|record| (id, record)));
        }
        Ok(found)
    }

    /// The answer where these are what was found; `None` where there is nothing.
    async fn one_of(
        &self,
        ask: &Ask,
        found: Vec<(u64, Record)>,
        found_by: &str,
        card: Option<(u64, Record)>,
    ) -> Result<Option<Look>> {
        let mut free = Vec::with_capacity(found.len());
        for (id, record) in found {
            match (&card, found_by) {
                (Some(card), "key") => free.push((id, record, Some(card.clone()))),
                _ => {
                    let cards = self.cards_of(id, &record).await?;
                    if !is_of_another_group(&cards, &ask.key) {
                        let card = ours_among(cards, &ask.key);
                        free.push((id, record, card));
                    }
                }
            }
        }
        if free.len() > 1 {
            let candidates = free.iter().map(|(id, ..)| Candidate {
                remote_id: id.to_string(),
                found_by: found_by.to_owned(),
            });
            return Ok(Some(Look::Ambiguous(candidates.collect())));
        }
        let Some((id, record, card)) = free.into_iter().next() else {
            return Ok(None);
        };
        let parts = ContactParts {
            was_known: found_by == "key" && parts::of::<ContactParts>(&ask.parts) == ContactParts::default(),
            ..ContactParts::default()
        };
        let found = self.found(ask, id, record, parts, card).await?;
        Ok(Some(Look::Found(self.shown(ask, &found))))
    }

    /// Contacts that were made since a moment and hold the e-mail, else the phone, else the name of this one.
    async fn made_since(&self, ask: &Ask, since: Timestamp) -> Result<Vec<crate::model::Shown>> {
        let not_before = since.checked_sub(SLACK).unwrap_or(since);
        let is_new = |record: &Record| {
            times::moment(&text_in(record, "CreatedAt")).is_none_or(|made| made >= not_before)
        };
        let mut made: Vec<(u64, Record)> = Vec::new();
        for (field, text) in self.signs(ask) {
            for (id, record) in self.hits(field, &text, ask).await? {
                if is_new(&record) && made.iter().all(|(known, _)| *known != id) {
                    made.push((id, record));
                }
            }
        }
        let mut shown = Vec::with_capacity(made.len());
        for (id, record) in made {
            let cards = self.cards_of(id, &record).await?;
            if is_of_another_group(&cards, &ask.key) {
                continue;
            }
            let card = ours_among(cards, &ask.key);
            let found = self.found(ask, id, record, ContactParts::default(), card).await?;
            shown.push(self.shown_as_it_is(&found));
        }
        Ok(shown)
    }

    /// What a search could find a new record of this contact by.
    fn signs(&self, ask: &Ask) -> Vec<(&'static str, String)> {
        let wanted = |names: &[&str]| {
            let is_it = |field: &fields::Field| {
                matches!(field.part, Part::Person | Part::Business) && names.contains(&field.name.as_str())
            };
            let fields = self.contact_fields.iter().zip(&ask.wanted);
            let mut texts: Vec<String> = fields
                .filter(|(field, text)| !text.is_empty() && field.as_ref().is_some_and(is_it))
                .map(|(_, text)| text.clone())
                .collect();
            texts.sort_unstable();
            texts.dedup();
            texts
        };
        let mut emails = wanted(&["Email"]);
        if !emails.is_empty() {
            emails.extend(ask.emails.iter().cloned());
            emails.sort_unstable();
            emails.dedup();
            return emails.into_iter().map(|email| ("Email", email)).collect();
        }
        let phones = wanted(&["Phone"]);
        if !phones.is_empty() {
            return phones.into_iter().map(|phone| ("Phone", phone)).collect();
        }
        let names = wanted(&["Name", "LastName"]);
        names.into_iter().map(|name| ("Name", name)).collect()
    }
}

/// Whether the ID map gives a record to somebody else.
fn is_another(ask: &Ask, id: u64) -> bool {
    ask.not_these.iter().any(|other| other.parse() == Ok(id))
}

/// Whether a contact has a card that belongs to another group of shops.
fn is_of_another_group(cards: &[(u64, Record)], key: &str) -> bool {
    let Some(group) = group_of(key) else { return false };
    let reference = |card: &Record| text_in(card, REFERENCE);
    cards
        .iter()
        .any(|(_, card)| group_of(&reference(card)).is_some_and(|other| other != group))
}

/// What a record is: its `Type` is in the language of the system, its fields are not.
pub fn kind_of(record: &Record) -> Contact {
    let is_company =
        record.contains_key("Name") && !record.contains_key("FirstName") && !record.contains_key("LastName");
    match is_company {
        true => Contact::Business,
        false => Contact::Person,
    }
}
