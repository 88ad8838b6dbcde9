//! Records of people who are forgotten: emptied, whatever stands in them and whoever wrote it.
//!
//! The interface cannot erase what hangs on a contact besides: activities, recordings, tickets. Daktela has an erasure
//! of its own for that, by hand, and it needs the contact to be there: so it is emptied and not deleted.

use futures_util::future::join_all;
use serde_json::{Value as Json, json};

use super::api::Model;
use super::fields::{self, CUSTOM, NOTHING};
use super::wire::{Record, is_empty, text};
use super::{DaktelaTarget, names, scheme};
use crate::error::{Error, Result};
use crate::model::{Erased, Erasure, Marks};

const ERASING: &str = "emptying a record in Daktela";

impl DaktelaTarget {
    /// Empties one contact, and of its orders what is no figure.
    ///
    /// # Errors
    /// When it does not answer, or refuses.
    pub(super) async fn erase_one(&self, erasure: &Erasure) -> Result<Erased> {
        // A key stands for the record that was perhaps made by it; no name has a `:`.
        let erasure = &match erasure.record.contains(':') {
            true => Erasure {
                record: names::of_contact(&erasure.record),
                ..erasure.clone()
            },
            false => erasure.clone(),
        };
        if let Some(database) = self.database_of(&erasure.record).await?
            && database != self.settings.database
        {
            let told = format!(
                "in Daktela, the contact {} is in the database {database} now, which the program leaves alone: empty it, \
                 and erase it (its GDPR erasure)",
                erasure.record
            );
            return Ok(Erased {
                by_hand: vec![told],
                ..Erased::default()
            });
        }
        let mut names = erasure.orders.clone();
        if let Some(on_it) = self.orders_of(&erasure.record) {
            // Somebody may have hung others on it.
            let on_it = self
                .api()?
                .all(Model::CrmRecords, &on_it.fields(["name"]), ERASING)
                .await?;
            names.extend(on_it.iter().map(|record| text(record, "name")));
        }
        names.sort_unstable();
        names.dedup();
        let emptied = join_all(names.iter().map(|name| self.empty_order(name))).await;
        let emptied = emptied.into_iter().collect::<Result<Vec<bool>>>()?;
        let orders = emptied.into_iter().filter(|is_there| *is_there).count();
        let left = self.empty_contact(erasure).await?;
        Ok(Erased {
            found: left.is_some(),
            orders: orders as u64,
            by_hand: left.map_or_else(Vec::new, |left| by_hand(&erasure.record, &left)),
        })
    }

    /// The database that a contact is in, where that is told.
    async fn database_of(&self, record: &str) -> Result<Option<String>> {
        let there = self.api()?.record(Model::Contacts, record, ERASING).await?;
        Ok(there
            .map(|there| text(&there, "database"))
            .filter(|database| !database.is_empty()))
    }

    /// The custom fields that only Daktela itself could empty; `None` where there is no such record.
    async fn empty_contact(&self, erasure: &Erasure) -> Result<Option<Vec<String>>> {
        let api = self.api()?;
        let Some(there) = api.record(Model::Contacts, &erasure.record, ERASING).await? else {
            return Ok(None);
        };
        let marker = self.settings.marker.as_deref().unwrap_or_default();
        let mut body = Record::new();
        for field in ["title", "lastname"] {
            if text(&there, field) != NOTHING {
                body.insert(field.to_owned(), json!(NOTHING));
            }
        }
        for field in ["firstname", "description"] {
            if !text(&there, field).is_empty() && field != marker {
                body.insert(field.to_owned(), json!(""));
            }
        }
        if !text(&there, "account").is_empty() {
            body.insert("account".to_owned(), Json::Null);
        }
        let mut left = Vec::new();
        for custom in custom_fields(&there).filter(|custom| marker.strip_prefix(CUSTOM) != Some(*custom)) {
            match scheme::is_read_only(&there, custom) {
                true => left.push(custom.to_owned()),
                false => fields::put_custom(&mut body, custom, json!([])),
            }
        }
        // Since when a person is gone does not change by another look at it; what was typed beside it goes.
        let marked = self.marked(&there);
        if marked.marks.gone_at.is_none() || !marked.of_others.is_empty() {
            let marks = Marks {
                gone_at: marked.marks.gone_at.or(Some(erasure.gone_at)),
                merged_into: None,
            };
            self.put_marks(&mut body, &marks, Vec::new());
        }
        self.empty(Model::Contacts, &erasure.record, &body).await?;
        Ok(Some(left))
    }

    /// Whether there was such a record.
    async fn empty_order(&self, name: &str) -> Result<bool> {
        let Some(there) = self.api()?.record(Model::CrmRecords, name, ERASING).await? else {
            return Ok(false);
        };
        let figures = self
            .layout
            .figures
            .iter()
            .filter_map(|place| self.layout.order.get(*place));
        let figures: Vec<&str> = figures.map(|spec| spec.name.as_str()).collect();
        let mut body = Record::new();
        if !figures.contains(&"title") && text(&there, "title") != name {
            body.insert("title".to_owned(), json!(name));
        }
        if !figures.contains(&"description") && !text(&there, "description").is_empty() {
            body.insert("description".to_owned(), json!(""));
        }
        let is_figure = |custom: &str| {
            figures
                .iter()
                .any(|name| name.strip_prefix(CUSTOM) == Some(custom))
        };
        let is_ours = |custom: &&str| !is_figure(custom) && !scheme::is_read_only(&there, custom);
        for custom in custom_fields(&there).filter(is_ours) {
            fields::put_custom(&mut body, custom, json!(""));
        }
        self.empty(Model::CrmRecords, name, &body).await?;
        Ok(true)
    }

    async fn empty(&self, model: Model, name: &str, body: &Record) -> Result<()> {
        if body.is_empty() {
            return Ok(());
        }
        match self.api()?.change(model, name, body, ERASING).await? {
            Ok(_) => Ok(()),
            Err(refusal) if refusal.is_not_there() => Ok(()),
            Err(refusal) => Err::<(), Error>(refusal.into_error_of_one(ERASING)),
        }
    }
}

/// What a person has to do.
fn by_hand(record: &str, left: &[String]) -> Vec<String> {
    let whole = format!(
        "in Daktela, erase the contact {record} (its GDPR erasure): activities, recordings and tickets hang on it, and no \
         program may erase those"
    );
    let fields = match left {
        [] => None,
        left => Some(format!(
            "in Daktela, empty what is read-only for the program in the contact {record}: {}",
            left.join(", ")
        )),
    };
    fields.into_iter().chain([whole]).collect()
}

/// The custom fields that hold something.
fn custom_fields(record: &Record) -> impl Iterator<Item = &str> {
    let fields = record.get("customFields").and_then(Json::as_object);
    let holding = fields.into_iter().flatten().filter(|(_, value)| !is_empty(value));
    holding.map(|(name, _)| name.as_str())
}
