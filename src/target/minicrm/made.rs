//! Contacts that we began to make and whose answer never came.

use jiff::{SignedDuration, Timestamp};

use super::cards::ours_among;
use super::crm::Crm;
use super::fields::{self, Part};
use super::parts::ContactParts;
use super::times;
use super::wire::{Record, text_in};
use crate::error::Result;
use crate::model::{Ask, Shown};

/// How much the service's clock may be behind ours.
const SLACK: SignedDuration = SignedDuration::from_mins(2);

impl Crm {
    /// Contacts that were made since a moment and hold the e-mail, else the phone, else the name of this one.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn made_since(&self, ask: &Ask, since: Timestamp) -> Result<Vec<Shown>> {
        let not_before = since.checked_sub(SLACK).unwrap_or(since);
        let is_new = |record: &Record| {
            times::moment(&text_in(record, "CreatedAt")).is_none_or(|made| made >= not_before)
        };
        let mut made: Vec<(u64, Record)> = Vec::new();
        for (field, text) in self.signs(ask) {
            let listed = match field {
                "Email" => self
                    .spelled(&text)
                    .and_then(|email| self.filling.with_email(&email)),
                _ => None,
            };
            let hits = match listed {
                Some(listed) => self.all_of(listed, ask).await?,
                None => self.hits(field, &text, ask).await?,
            };
            for (id, record) in hits {
                if is_new(&record) && made.iter().all(|(known, _)| *known != id) {
                    made.push((id, record));
                }
            }
        }
        let mut shown = Vec::with_capacity(made.len());
        for (id, record) in made {
            let cards = self.cards_of(id, &record).await?;
            if self.is_of_another_group(&cards, &ask.key) {
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
