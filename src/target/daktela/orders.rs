//! Orders: CRM records of one type that hang on a contact.
//!
//! Stage and status follow the status mapping. Where no word of it names a status, statuses are the agents' own and
//! are neither compared nor written.

use std::sync::PoisonError;

use serde_json::{Value as Json, json};

use super::api::{Model, Query};
use super::contacts::removed_meanwhile;
use super::refusal::Refusal;
use super::settings::{OnGone, Word};
use super::wire::{Record, text};
use super::{DaktelaTarget, names, scheme};
use crate::error::{Error, Kind, Result};
use crate::model::{Ask, Look, OrderFacts, OrderWrite, Shown, Value, Written};

const LOOKING: &str = "looking for an order in Daktela";
const WRITING: &str = "writing an order into Daktela";

/// The stage of an order whose status nobody mapped.
const NEW: &str = "OPEN";

/// Remembered with a record that was made with that stage: while it has it, nobody has said anything yet.
const UNSAID: &str = "unsaid";

impl DaktelaTarget {
    /// Answers one question.
    ///
    /// # Errors
    /// When nobody can say.
    pub(super) async fn look_at_order(&self, ask: &Ask) -> Result<Look> {
        if self.settings.order_type.is_none() {
            return Ok(Look::Absent);
        }
        let name = names::of_order(&ask.key);
        let record = ask.remote_id.as_ref().unwrap_or(&name);
        if let Some(found) = self.api()?.record(Model::CrmRecords, record, LOOKING).await? {
            if ask.remote_id.is_none() {
                self.must_be_of_our_type(&found, LOOKING)?;
            }
            return Ok(Look::Found(self.shown_order(&found, ask)?));
        }
        if ask.remote_id.is_some() && self.settings.on_gone == OnGone::Leave {
            return Ok(Look::Gone);
        }
        if *record != name
            && let Some(found) = self.api()?.record(Model::CrmRecords, &name, LOOKING).await?
        {
            self.must_be_of_our_type(&found, LOOKING)?;
            return Ok(Look::Found(self.shown_order(&found, ask)?));
        }
        Ok(Look::Absent)
    }

    /// A record of our name of another type is another program's, or was made when another type was configured.
    fn must_be_of_our_type(&self, record: &Record, doing: &str) -> Result<()> {
        let (there, ours) = (text(record, "type"), self.settings.order_type.as_deref());
        if there.is_empty() || ours == Some(there.as_str()) {
            return Ok(());
        }
        let cause = format!(
            "its name, {}, is that of a record of the type {there}, and orders are {}",
            text(record, "name"),
            ours.unwrap_or_default()
        );
        Err(Error::new(Kind::BadRecord, doing, cause))
    }

    fn shown_order(&self, record: &Record, ask: &Ask) -> Result<Shown> {
        let facts = ask.with_facts.then(|| {
            let (shop, code) = ask.key.split_once(':').unwrap_or_default();
            let facts = OrderFacts {
                shop: shop.to_owned(),
                code: code.to_owned(),
                ..OrderFacts::default()
            };
            Box::new((facts, text(record, "contact")))
        });
        let mut shown = Shown {
            remote_id: text(record, "name"),
            facts,
            ..self.values_of_order(record, &ask.wanted)?
        };
        // Of one that was made by a request whose answer never came, nobody could remember it.
        let is_perhaps_unsaid = ask.remote_id.is_none() && ask.perhaps_made.is_some();
        if (ask.parts == UNSAID || is_perhaps_unsaid)
            && let Some(stage) = shown.values.first_mut().filter(|stage| *stage == NEW)
        {
            stage.clear();
            if ask.parts != UNSAID {
                self.note_unsaid(&shown.remote_id);
                // As if it were not on its contact: then it is written, and what that answers is remembered.
                shown.facts = ask.with_facts.then(Box::default);
            }
        }
        Ok(shown)
    }

    fn note_unsaid(&self, record: &str) {
        let mut unsaid = self.unsaid.lock().unwrap_or_else(PoisonError::into_inner);
        unsaid.insert(record.to_owned());
    }

    /// Whether the look just found it as it is made where nothing is said of its stage.
    fn was_unsaid(&self, record: &str) -> bool {
        let mut unsaid = self.unsaid.lock().unwrap_or_else(PoisonError::into_inner);
        unsaid.remove(record)
    }

    fn values_of_order(&self, record: &Record, wanted: &[String]) -> Result<Shown> {
        scheme::must_take(record, self.fields_of_orders(), "CRM records of this type")?;
        let mut shown = Shown::default();
        for (place, spec) in self.layout.order.iter().enumerate() {
            if place == 0 {
                shown.values.push(self.stage_of(record));
                continue;
            }
            let field = self
                .forms
                .shown(spec, record, wanted.get(place).map(String::as_str));
            shown.values.push(field.text);
            shown.lists.extend(field.list.map(|list| (place, list)));
        }
        Ok(shown)
    }

    /// Stage and status, as a word of the status mapping would say them.
    fn stage_of(&self, record: &Record) -> String {
        let (stage, status) = (text(record, "stage"), text(record, "status"));
        match self.sets_statuses && !status.is_empty() {
            true => format!("{stage}:{status}"),
            false => stage,
        }
    }

    /// Writes one order.
    ///
    /// # Errors
    /// Of a kind that calls for a retry where nobody knows what became of it.
    pub(super) async fn write_order(&self, write: &OrderWrite) -> Result<Written> {
        let mut body = Record::new();
        for (place, value) in &write.set {
            match (place, self.layout.order.get(*place)) {
                (0, _) => self.put_stage(&mut body, value)?,
                (_, Some(spec)) => self.forms.put(&mut body, spec, value, false),
                (_, None) => {}
            }
        }
        if write.facts.is_some() || write.remote_id.is_none() {
            body.insert("contact".to_owned(), json!(write.contact));
        }
        match &write.remote_id {
            Some(record) => {
                let is_unsaid = self.was_unsaid(record) && !sets_stage(write);
                let written = self.change_order(record, &body, write).await?;
                Ok(match is_unsaid {
                    true => Written {
                        parts: Some(UNSAID.to_owned()),
                        ..written
                    },
                    false => written,
                })
            }
            None => self.make_order(body, write).await,
        }
    }

    fn put_stage(&self, body: &mut Record, value: &Value) -> Result<()> {
        let Value::Text(word) = value else { return Ok(()) };
        let Some(word) = Word::read(word) else {
            let cause = "its stage is neither OPEN nor CLOSE, nor one of them with a status behind a colon";
            return Err(Error::new(Kind::BadRecord, WRITING, cause));
        };
        body.insert("stage".to_owned(), json!(word.stage));
        if self.sets_statuses {
            body.insert(
                "status".to_owned(),
                word.status.map_or(Json::Null, |status| json!(status)),
            );
        }
        Ok(())
    }

    async fn make_order(&self, body: Record, write: &OrderWrite) -> Result<Written> {
        let name = names::of_order(&write.key);
        let code = write
            .key
            .split_once(':')
            .map_or(write.key.as_str(), |(_, code)| code);
        let mut whole = body.clone();
        whole.insert("name".to_owned(), json!(name));
        whole.insert("type".to_owned(), json!(self.settings.order_type));
        // Neither may be missing.
        whole.entry("stage").or_insert_with(|| json!(NEW));
        whole.entry("title").or_insert_with(|| json!(code));
        let made = |written: Result<Written>| {
            written.map(|written| Written {
                parts: (!sets_stage(write)).then(|| UNSAID.to_owned()),
                ..written
            })
        };
        let refusal = match self.api()?.make(Model::CrmRecords, &whole, WRITING).await? {
            Ok(record) => return made(self.order_written(name, record.as_ref(), write)),
            Err(refusal) => refusal,
        };
        if !refusal.is_about_the_record() {
            return Err(refusal.into_error_of_making(WRITING));
        }
        // It may be there already: made by a request of ours that nobody heard of any more.
        match self.api()?.record(Model::CrmRecords, &name, WRITING).await? {
            None => Err(self.order_refused(refusal, write).await?),
            Some(there) => {
                self.must_be_of_our_type(&there, WRITING)?;
                let is_as_sent = text(&there, "contact") == write.contact && self.shows(&there, write)?;
                let is_unsaid = !sets_stage(write) && self.stage_of(&there) == NEW;
                let written = match is_as_sent {
                    true => self.order_written(name, Some(&there), write),
                    false => self.change_order(&name, &body, write).await,
                };
                match is_unsaid {
                    true => made(written),
                    false => written,
                }
            }
        }
    }

    /// Whether a record shows everything that was sent into it.
    fn shows(&self, record: &Record, write: &OrderWrite) -> Result<bool> {
        let texts = self.texts_of(&self.layout.order, &write.set);
        let shown = self.values_of_order(record, &texts)?;
        let is_as_sent = |(place, _): &(usize, Value)| shown.values.get(*place) == texts.get(*place);
        Ok(write.set.iter().all(is_as_sent))
    }

    async fn change_order(&self, record: &str, body: &Record, write: &OrderWrite) -> Result<Written> {
        match self
            .api()?
            .change(Model::CrmRecords, record, body, WRITING)
            .await?
        {
            Ok(after) => self.order_written(record.to_owned(), after.as_ref(), write),
            Err(refusal) if refusal.is_not_there() => Err(removed_meanwhile(WRITING)),
            Err(refusal) => Err(self.order_refused(refusal, write).await?),
        }
    }

    /// A contact that is not there any more is another matter than a record that it does not like: then the contact
    /// is looked at again.
    async fn order_refused(&self, refusal: Refusal, write: &OrderWrite) -> Result<Error> {
        if refusal.names("contact")
            && self
                .api()?
                .record(Model::Contacts, &write.contact, WRITING)
                .await?
                .is_none()
        {
            let cause = "the contact that it hangs on was deleted there, or merged into another one";
            return Ok(Error::new(Kind::NotFound, WRITING, cause));
        }
        Ok(refusal.into_error_of_one(WRITING))
    }

    fn order_written(&self, name: String, after: Option<&Record>, write: &OrderWrite) -> Result<Written> {
        let parts = sets_stage(write).then(String::new);
        let Some(after) = after else {
            return Ok(Written {
                remote_id: name,
                parts,
                ..Written::default()
            });
        };
        let texts = self.texts_of(&self.layout.order, &write.set);
        let there = text(after, "name");
        Ok(Written {
            remote_id: if there.is_empty() { name } else { there },
            shown: Some(Self::of_set(
                self.values_of_order(after, &texts)?.values,
                &write.set,
            )),
            parts,
            ..Written::default()
        })
    }

    /// Whether orders hang on a contact.
    pub(super) async fn has_orders(&self, contact: &str, doing: &str) -> Result<bool> {
        let Some(orders) = self.orders_of(contact) else {
            return Ok(false);
        };
        let page = self
            .api()?
            .page(Model::CrmRecords, &orders.fields(["name"]), 0, 1, doing)
            .await?;
        Ok(!page.records.is_empty())
    }

    /// Asks for the orders on a contact; `None` where none are sent at all.
    pub(super) fn orders_of(&self, contact: &str) -> Option<Query> {
        let order_type = self.settings.order_type.as_ref()?;
        Some(
            Query::default()
                .filter("contact", "eq", contact)
                .filter("type", "eq", order_type),
        )
    }
}

fn sets_stage(write: &OrderWrite) -> bool {
    write.set.iter().any(|(place, _)| *place == 0)
}
