//! Whether a contact is there. Every hit of a search is read and compared: a search finds what contains the words, in
//! any case, and a list tells little.

use super::cards::{REFERENCE, group_of, is_of_key, ours_among};
use super::crm::Crm;
use super::feed::{is_number_of_ours, number_of_contact};
use super::fields::Contact;
use super::parts::{self, ContactParts};
use super::record_id::RecordId;
use super::wire::{Record, id_in, is_set, text_in};
use crate::error::{Error, Kind, Result};
use crate::model::{Ask, Candidate, Look};

/// More hits than these mean that the search looked for something else.
const LOOKED_AT: usize = 20;

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
        if self.filling.is_perhaps(&ask.key) {
            return Ok(Look::Absent);
        }
        if let Some(look) = self.look_by_key(ask, None).await? {
            return Ok(look);
        }
        if let Some(since) = ask.perhaps_made {
            let made = self.made_since(ask, since).await?;
            if !made.is_empty() {
                return Ok(Look::Perhaps(made));
            }
            // It may be on its way by XML, where twice is harmless.
            self.note_perhaps_uploaded(&ask.key);
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
        let parts: ContactParts = parts::of(&ask.parts);
        let (id, card) = match RecordId::of(named.trim()) {
            Some(RecordId::Rest(id)) => (id, None),
            Some(RecordId::Xml(number)) => match self.uploaded(number, &parts).await? {
                Some((id, card)) => (id, Some(card)),
                None => return Ok(Look::Absent),
            },
            None => {
                let cause = "a contact of MiniCRM has a number, and this is none";
                return Err(Error::new(Kind::BadRecord, LOOKING, cause));
            }
        };
        match self.contact(id).await? {
            Some(record) => {
                let found = self.found(ask, id, record, parts, card).await?;
                Ok(Look::Found(self.shown(ask, &found)))
            }
            None => Ok(self.look_by_key(ask, Some(id)).await?.unwrap_or(Look::Absent)),
        }
    }

    /// By the card that carries our key. `gone` is the contact it hung on before.
    async fn look_by_key(&self, ask: &Ask, gone: Option<u64>) -> Result<Option<Look>> {
        // Whoever is there and has an e-mail is found by it, where all are listed.
        let is_listed = self.filling.has_emails() && gone.is_none() && !ask.emails.is_empty();
        if ask.key.is_empty() || is_listed {
            return Ok(None);
        }
        let mut found: Vec<(u64, Record)> = Vec::new();
        let mut cards = Vec::new();
        let mut is_merged = false;
        let mut of_key = self.cards_by_reference(&ask.key).await?;
        if self.settings.sync_feed_id.is_some() {
            let number = number_of_contact(&ask.key).to_string();
            of_key.extend(self.cards_by_reference(&number).await?);
        }
        for (card, record) in of_key {
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
        let Some(wanted) = self.spelled(email) else {
            return Ok(Vec::new());
        };
        let hits = match self.filling.with_email(&wanted) {
            Some(listed) => self.all_of(listed, ask).await?,
            None => self.hits("Email", email, ask).await?,
        };
        let is_it = |record: &Record| self.spelled(&text_in(record, "Email")).as_ref() == Some(&wanted);
        Ok(hits.into_iter().filter(|(_, record)| is_it(record)).collect())
    }

    /// An e-mail as we spell it; `None` for what is none.
    pub fn spelled(&self, email: &str) -> Option<String> {
        match self.layout.spelling {
            Some(normal) => normal(email).map(|text| text.into_owned()),
            None => Some(email.trim().to_lowercase()).filter(|email| !email.is_empty()),
        }
    }

    /// What a search by a field of a contact finds, each read.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn hits(&self, field: &str, text: &str, ask: &Ask) -> Result<Vec<(u64, Record)>> {
        let listed = self
            .api
            .list(&["R3", "Contact"], &[(field, text)], LOOKING)
            .await?;
        self.all_of(listed.into_iter().map(|(id, _)| id).collect(), ask)
            .await
    }

    /// These contacts, but those of others, each read.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn all_of(&self, listed: Vec<u64>, ask: &Ask) -> Result<Vec<(u64, Record)>> {
        let mut found = Vec::new();
        let free = listed.into_iter().filter(|id| !is_another(ask, *id));
        for id in free.take(LOOKED_AT) {
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
                    if !self.is_of_another_group(&cards, &ask.key) {
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
        let is_its_own = |card: &Option<(u64, Record)>| {
            card.as_ref()
                .is_some_and(|(_, card)| is_of_key(&text_in(card, REFERENCE), &ask.key))
        };
        let parts = ContactParts {
            was_known: (found_by == "key" || is_its_own(&card))
                && ask.perhaps_made.is_none()
                && parts::of::<ContactParts>(&ask.parts) == ContactParts::default(),
            ..ContactParts::default()
        };
        let found = self.found(ask, id, record, parts, card).await?;
        Ok(Some(Look::Found(self.shown(ask, &found))))
    }

    /// Whether a contact has a card that belongs to another group of shops. A number does not say whose it is.
    pub fn is_of_another_group(&self, cards: &[(u64, Record)], key: &str) -> bool {
        let Some(group) = group_of(key) else { return false };
        cards.iter().any(|(_, card)| {
            let reference = text_in(card, REFERENCE);
            match group_of(&reference) {
                Some(other) => other != group,
                None => {
                    let is_number = self.settings.has_several_shops && is_number_of_ours(&reference);
                    is_number && !is_of_key(&reference, key)
                }
            }
        })
    }
}

/// Whether the ID map gives a record to somebody else.
fn is_another(ask: &Ask, id: u64) -> bool {
    ask.not_these.iter().any(|other| other.parse() == Ok(id))
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
