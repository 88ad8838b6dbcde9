//! Contacts looked for: by the record the ID map names, else by our name for it, else by e-mail.

use super::DaktelaTarget;
use super::api::{Model, Query};
use super::settings::OnGone;
use super::wire::{Record, text};
use super::{fields, names};
use crate::error::Result;
use crate::model::{Ask, Candidate, Look};

const LOOKING: &str = "looking for a contact in Daktela";

/// E-mails that are asked for at once: an address has its length.
const EMAILS: usize = 20;

/// More records of one e-mail than this are not worth naming.
const CANDIDATES: usize = 20;

/// The field that e-mails are looked for in, where the mapping names no other.
const EMAIL: &str = "customFields.email";

impl DaktelaTarget {
    /// Answers one question.
    ///
    /// # Errors
    /// When nobody can say; a failure never counts as absent.
    pub(super) async fn look_at_contact(&self, ask: &Ask) -> Result<Look> {
        let api = self.api()?;
        if let Some(record) = &ask.remote_id {
            if let Some(found) = api.record(Model::Contacts, record, LOOKING).await? {
                return Ok(Look::Found(self.shown_contact(&found, &ask.wanted)?));
            }
            if self.settings.on_gone == OnGone::Leave {
                return Ok(Look::Gone);
            }
        }
        let name = names::of_contact(&ask.key);
        let may_be_it = ask.remote_id.as_ref() != Some(&name) && !ask.not_these.contains(&name);
        if may_be_it && let Some(found) = api.record(Model::Contacts, &name, LOOKING).await? {
            self.must_be_in_our_database(&found, LOOKING)?;
            return Ok(Look::Found(self.shown_contact(&found, &ask.wanted)?));
        }
        for emails in ask.emails.chunks(EMAILS) {
            let found = self.by_email(ask, emails).await?;
            match found.as_slice() {
                [] => {}
                [one] => return Ok(Look::Found(self.shown_contact(one, &ask.wanted)?)),
                several => {
                    let candidate = |record: &Record| Candidate {
                        remote_id: text(record, "name"),
                        found_by: "email".to_owned(),
                    };
                    return Ok(Look::Ambiguous(
                        several.iter().take(CANDIDATES).map(candidate).collect(),
                    ));
                }
            }
        }
        Ok(Look::Absent)
    }

    /// The records of the first of these e-mails that has any, in our database and nobody else's.
    async fn by_email(&self, ask: &Ask, emails: &[String]) -> Result<Vec<Record>> {
        let field = self.email_field();
        let values: Vec<&str> = emails.iter().map(String::as_str).collect();
        let query = Query::default()
            .any_contains(field, &values)
            .fields(self.fields_of_contact());
        let mut hits = self.api()?.all(Model::Contacts, &query, LOOKING).await?;
        hits.retain(|record| {
            let name = text(record, "name");
            text(record, "database") == self.settings.database
                && !ask.not_these.contains(&name)
                && !names::is_of_another_group(&name, &ask.key)
        });
        for email in emails {
            let has_it = |record: &&Record| {
                let there = fields::there(record, field);
                there.iter().any(|there| self.is_spelling_of(there, email))
            };
            let found: Vec<Record> = hits.iter().filter(has_it).cloned().collect();
            if !found.is_empty() {
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }

    fn is_spelling_of(&self, there: &str, email: &str) -> bool {
        match self.layout.spelling {
            Some(spelling) => spelling(there).is_some_and(|there| there == email),
            None => there == email,
        }
    }

    /// The field that holds e-mails.
    pub(super) fn email_field(&self) -> &str {
        let mapped = self.layout.email.and_then(|place| self.layout.contact.get(place));
        mapped
            .map(|spec| spec.name.as_str())
            .filter(|name| name.starts_with(fields::CUSTOM))
            .unwrap_or(EMAIL)
    }
}
