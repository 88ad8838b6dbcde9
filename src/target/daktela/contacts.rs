//! Contacts found, read and written.

use std::collections::BTreeSet;

use serde_json::json;

use super::api::Model;
use super::marks::{self, Marked};
use super::settings::OnMerge;
use super::wire::{Record, text};
use super::{DaktelaTarget, fields, names, scheme};
use crate::error::{Error, Kind, Result};
use crate::model::{ContactWrite, FieldSpec, Marks, Shown, Value, Written};

const WRITING: &str = "writing a contact into Daktela";

impl DaktelaTarget {
    /// A contact as it is compared. `wanted` are the values that we would write there.
    ///
    /// # Errors
    /// When a mapped field is not there, or cannot be written: that is so for all of them.
    pub(super) fn shown_contact(&self, record: &Record, wanted: &[String]) -> Result<Shown> {
        let database = text(record, "database");
        if database.is_empty() || database == self.settings.database {
            scheme::must_take(record, self.fields_of_contacts(), "contacts")?;
        }
        let mut shown = Shown {
            remote_id: text(record, "name"),
            ..Shown::default()
        };
        for (place, spec) in self.layout.contact.iter().enumerate() {
            let field = self
                .forms
                .shown_in_contact(spec, record, wanted.get(place).map(String::as_str));
            shown.values.push(field.text);
            shown.lists.extend(field.list.map(|list| (place, list)));
        }
        shown.marks = self.marked(record).marks;
        Ok(shown)
    }

    /// The marks that a contact carries, where there is room for any, and what else stands there.
    pub(super) fn marked(&self, record: &Record) -> Marked {
        let there = self
            .settings
            .marker
            .as_ref()
            .map(|marker| fields::there(record, marker));
        marks::read(there.iter().flatten().map(String::as_str))
    }

    /// The fields of the model that a list has to show, for a contact to be compared.
    pub(super) fn fields_of_contact(&self) -> BTreeSet<&str> {
        let is_custom = |name: &str| name.starts_with(fields::CUSTOM);
        let mapped = self.layout.contact.iter().map(|spec| spec.name.as_str());
        let named = mapped
            .chain(self.settings.marker.as_deref())
            .chain([self.email_field()]);
        let of_model = |name| if is_custom(name) { "customFields" } else { name };
        named.map(of_model).chain(["name", "database"]).collect()
    }

    /// Writes one contact.
    ///
    /// # Errors
    /// Of a kind that calls for a retry where nobody knows what became of it.
    pub(super) async fn write_contact(&self, write: &ContactWrite) -> Result<Written> {
        let is_merged = write
            .marks
            .as_ref()
            .is_some_and(|marks| marks.merged_into.is_some());
        let mut body = Record::new();
        for (place, value) in &write.set {
            if let Some(spec) = self.layout.contact.get(*place) {
                self.forms.put(&mut body, spec, value, true);
            }
        }
        if let Some(marks) = &write.marks {
            let of_others = self.words_of_others(write).await?;
            self.put_marks(&mut body, marks, of_others);
        }
        match &write.remote_id {
            Some(record) if is_merged && self.settings.on_merge == OnMerge::Delete => {
                self.remove_merged(record).await
            }
            Some(record) => self.change_contact(record, &body, &write.set).await,
            None => self.make_contact(write, body).await,
        }
    }

    /// What stands beside our marks. It is read again, because a mark is written without it otherwise.
    async fn words_of_others(&self, write: &ContactWrite) -> Result<Vec<String>> {
        let Some(record) = write
            .remote_id
            .as_ref()
            .filter(|_| self.settings.marker.is_some())
        else {
            return Ok(Vec::new());
        };
        let there = self.api()?.record(Model::Contacts, record, WRITING).await?;
        Ok(there.map_or_else(Vec::new, |there| self.marked(&there).of_others))
    }

    pub(super) fn put_marks(&self, body: &mut Record, marks: &Marks, of_others: Vec<String>) {
        let Some(marker) = &self.settings.marker else {
            return;
        };
        let values = marks::written(marks, of_others);
        match marker.strip_prefix(fields::CUSTOM) {
            Some(custom) => fields::put_custom(body, custom, json!(values)),
            None => {
                body.insert(marker.clone(), json!(values.join(" ")));
            }
        }
    }

    async fn make_contact(&self, write: &ContactWrite, body: Record) -> Result<Written> {
        let name = names::of_contact(&write.key);
        let mut whole = body.clone();
        whole.insert("name".to_owned(), json!(name));
        whole.insert("database".to_owned(), json!(self.settings.database));
        let refusal = match self.api()?.make(Model::Contacts, &whole, WRITING).await? {
            Ok(record) => return self.contact_written(name, record.as_ref(), &write.set),
            Err(refusal) => refusal,
        };
        if !refusal.is_about_the_record() {
            return Err(refusal.into_error_of_making(WRITING));
        }
        // It may be there already: made by a request of ours that nobody heard of any more. The look found none that
        // may be it, so it is nobody else's only where it holds what was sent.
        let Some(there) = self.api()?.record(Model::Contacts, &name, WRITING).await? else {
            return Err(refusal.into_error(WRITING));
        };
        self.must_be_in_our_database(&there, WRITING)?;
        let is_as_sent = |(place, value): &(usize, Value)| {
            let spec = self.layout.contact.get(*place);
            spec.is_none_or(|spec| {
                self.forms.shown_in_contact(spec, &there, None).text == self.forms.normal(spec, value)
            })
        };
        match write.set.iter().all(is_as_sent) {
            true => self.contact_written(name, Some(&there), &write.set),
            false => {
                let cause = format!(
                    "its name, {name}, is that of a record of somebody else: say with `shoptet-sync link {} TARGET RECORD` \
                     which record it is, or remove that one's name there",
                    write.key
                );
                Err(Error::new(Kind::BadRecord, WRITING, cause))
            }
        }
    }

    /// A record of our name in another database was made by another program, or moved there by a person: nothing is
    /// written into it, and none is made beside it, because names are of the whole instance.
    ///
    /// # Errors
    /// [`Kind::BadRecord`].
    pub(super) fn must_be_in_our_database(&self, record: &Record, doing: &str) -> Result<()> {
        let database = text(record, "database");
        if database.is_empty() || database == self.settings.database {
            return Ok(());
        }
        let cause = format!(
            "its name, {}, is that of a contact in the database {database}, and this target delivers to {}",
            text(record, "name"),
            self.settings.database
        );
        Err(Error::new(Kind::BadRecord, doing, cause))
    }

    async fn change_contact(&self, record: &str, body: &Record, set: &[(usize, Value)]) -> Result<Written> {
        if body.is_empty() {
            // Marks alone, and nowhere to put them.
            return self.contact_written(record.to_owned(), None, set);
        }
        match self.api()?.change(Model::Contacts, record, body, WRITING).await? {
            Ok(after) => self.contact_written(record.to_owned(), after.as_ref(), set),
            Err(refusal) if refusal.is_not_there() => Err(removed_meanwhile(WRITING)),
            Err(refusal) => Err(refusal.into_error_of_one(WRITING)),
        }
    }

    fn contact_written(
        &self,
        name: String,
        after: Option<&Record>,
        set: &[(usize, Value)],
    ) -> Result<Written> {
        let Some(after) = after else {
            return Ok(Written {
                remote_id: name,
                ..Written::default()
            });
        };
        let texts: Vec<String> = self.texts_of(&self.layout.contact, set);
        let shown = self.shown_contact(after, &texts)?;
        Ok(Written {
            // It might not have taken the name we gave it.
            remote_id: Some(shown.remote_id)
                .filter(|there| !there.is_empty())
                .unwrap_or(name),
            shown: Some(Self::of_set(shown.values, set)),
            ..Written::default()
        })
    }

    /// Removes the record of a contact that is another one now. Its orders have to be on that one's before.
    async fn remove_merged(&self, record: &str) -> Result<Written> {
        const REMOVING: &str = "removing the record of a merged contact from Daktela";
        let written = Written {
            remote_id: record.to_owned(),
            ..Written::default()
        };
        if self.has_orders(record, REMOVING).await? {
            let cause =
                "orders hang on it that belong to the other contact; it is removed once they have moved";
            return Ok(Written {
                unfinished: Some(Error::new(Kind::Busy, REMOVING, cause)),
                ..written
            });
        }
        match self.api()?.remove(Model::Contacts, record, REMOVING).await? {
            Ok(_) => Ok(written),
            Err(refusal) if refusal.is_not_there() => Ok(written),
            Err(refusal) => Err(refusal.into_error_of_one(REMOVING)),
        }
    }

    /// What was sent into each field, in normal form, by its place in the specs.
    pub(super) fn texts_of(&self, specs: &[FieldSpec], set: &[(usize, Value)]) -> Vec<String> {
        let mut texts = vec![String::new(); specs.len()];
        for (place, value) in set {
            if let (Some(spec), Some(text)) = (specs.get(*place), texts.get_mut(*place)) {
                *text = self.forms.normal(spec, value);
            }
        }
        texts
    }

    /// Of all that a record shows, the fields that were set.
    pub(super) fn of_set(values: Vec<String>, set: &[(usize, Value)]) -> Vec<(usize, String)> {
        let is_set = |(place, _): &(usize, String)| set.iter().any(|(field, _)| field == place);
        values.into_iter().enumerate().filter(is_set).collect()
    }
}

/// A record was there a moment ago: it is looked at again, and what is gone is dealt with as that asks for.
pub(super) fn removed_meanwhile(doing: &str) -> Error {
    Error::new(
        Kind::Busy,
        doing,
        "somebody removed the record at this very moment",
    )
}
