//! The decision for each contact: what is wanted against what is there. Reads and asks only, so that
//! `plan` can make the very same decisions.

use std::collections::HashMap;

use super::{Push, remembered};
use crate::error::{Error, Kind, Result};
use crate::merge::key;
use crate::model::{Ask, Contact, FieldSpec, Look, Marks, Shown, Value};
use crate::plan::{Action, Fields, Remembered, hash_of_marks};
use crate::state::contacts::ContactRow;
use crate::state::links::{Link, Linked};
use crate::sync::draft::ContactWish;

/// What a contact shall look like in a target, and what is known of it there.
#[derive(Debug, Clone)]
pub struct ContactDraft {
    /// Its row.
    pub row: ContactRow,
    /// The contact itself.
    pub contact: Contact,
    /// Values by the mapping.
    pub values: Vec<Value>,
    /// The same in the target's normal form.
    pub texts: Vec<String>,
    /// Marks it shall carry.
    pub marks: Marks,
    /// What the ID map holds.
    pub link: Option<Link>,
}

impl ContactDraft {
    /// Its record in the target, by the ID map.
    pub fn record(&self) -> Option<&String> {
        self.link.as_ref().and_then(|link| link.remote_id.as_ref())
    }

    fn remembered(&self, specs: &[FieldSpec], shown: Option<&Shown>) -> Option<Remembered> {
        let by_link = self.link.as_ref().map(remembered);
        by_link.or_else(|| Remembered::by_seal(&self.row.key, specs, shown?))
    }
}

/// The decision for one contact, with all it takes to carry it out.
#[derive(Debug, Clone)]
pub struct ContactDecision {
    /// What is wanted.
    pub draft: ContactDraft,
    /// The action.
    pub action: Action,
    /// The record it concerns, as the target shows it now.
    pub shown: Option<Shown>,
}

/// What becomes of one due contact.
#[derive(Debug, Clone)]
pub enum Due {
    /// It is compared with the target.
    Draft(Box<ContactDraft>),
    /// It does not go there.
    LeftOut(ContactRow),
    /// It cannot be mapped.
    Park(ContactRow, Error),
}

impl ContactDecision {
    /// What is remembered of the record: by the ID map, else by the seal it carries.
    pub fn remembered(&self, specs: &[FieldSpec]) -> Option<Remembered> {
        self.draft.remembered(specs, self.shown.as_ref())
    }
}

impl Push<'_> {
    /// What each of these contacts wants in the target. Reads only.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn drafts(&self, contacts: &[i64]) -> Result<Vec<Due>> {
        let mut all = Vec::with_capacity(contacts.len());
        for id in contacts {
            let Some(row) = self.state.contact(*id)? else {
                continue;
            };
            all.push(self.draft(row)?);
        }
        Ok(all)
    }

    fn draft(&self, row: ContactRow) -> Result<Due> {
        let layout = &self.target.layout.contact;
        let link = self.link(Linked::Contact(row.id), self.numbers.contacts, layout.len() + 1)?;
        let parts = self.composer.parts(&row, &|shop| self.target.takes(shop))?;
        let is_nobody = parts.customers.is_empty() && parts.orders.is_empty();
        if link.is_none() && (is_nobody || row.merged_into.is_some()) {
            return Ok(Due::LeftOut(row));
        }
        if is_nobody && row.merged_into.is_none() && !row.erased && self.is_of_shops(&row)? {
            // Its shops do not go there any more: what they told of it stays as it is.
            return Ok(Due::LeftOut(row));
        }
        let marks = match self.remote.ways().keeps_marks {
            true => Marks {
                gone_at: row.gone_at,
                merged_into: self.record_of_survivor(&row)?,
            },
            false => Marks::default(),
        };
        let wish = if row.merged_into.is_some() || row.erased {
            // What was merged away keeps the values it had; what was erased has none but what has to stand there.
            let left = |spec: &FieldSpec| match row.erased && spec.required {
                true => Value::Text(row.key.clone()),
                false => Value::Empty,
            };
            ContactWish::Values(Box::default(), layout.iter().map(left).collect())
        } else {
            self.target.contact_wish(self.composer, parts, link.is_some())?
        };
        Ok(match wish {
            ContactWish::Values(contact, values) => {
                let normal = |(spec, value)| self.remote.normal_form(spec, value).into_owned();
                let texts = layout.iter().zip(&values).map(normal).collect();
                Due::Draft(Box::new(ContactDraft {
                    row,
                    contact: *contact,
                    values,
                    texts,
                    marks,
                    link,
                }))
            }
            ContactWish::LeftOut => Due::LeftOut(row),
            ContactWish::Park(error) => Due::Park(row, error),
        })
    }

    /// Whether anything of a contact is stored, whatever shop it is of.
    fn is_of_shops(&self, row: &ContactRow) -> Result<bool> {
        Ok(!self.state.customers_of(row.id)?.is_empty() || !self.state.orders_of(row.id)?.is_empty())
    }

    /// The record of the contact that took this one over, as the target calls it.
    fn record_of_survivor(&self, row: &ContactRow) -> Result<Option<String>> {
        if row.merged_into.is_none() {
            return Ok(None);
        }
        let survivor = self.state.survivor(row.id)?;
        if let Some(record) = self.state.key_of_delivered(self.numbers.target, survivor)? {
            return Ok(Some(record));
        }
        Ok(self.state.contact(survivor)?.map(|row| row.key))
    }

    /// Compares drafts with the target. Sends questions only. With a decision to park comes the reason.
    ///
    /// # Errors
    /// When the target does not answer.
    pub async fn decide(
        &mut self,
        drafts: Vec<ContactDraft>,
    ) -> Result<Vec<(ContactDecision, Option<Error>)>> {
        let mut decisions = Vec::with_capacity(drafts.len());
        let mut open = Vec::new();
        for draft in drafts {
            if self.is_covered(&draft)? {
                decisions.push((
                    ContactDecision {
                        draft,
                        action: Action::Keep,
                        shown: None,
                    },
                    None,
                ));
            } else {
                open.push(draft);
            }
        }
        let mut asks = open
            .iter()
            .map(|draft| self.ask(draft))
            .collect::<Result<Vec<_>>>()?;
        // What one contact of this batch takes over, no other one can.
        let mut claimed: HashMap<String, i64> = HashMap::new();
        while !asks.is_empty() {
            let is_service = self.remote.ways().is_service;
            let looking = self.remote.look(&asks);
            let looks = match is_service {
                // It may take its time, and nothing is in hand yet.
                true => self.stop.or(looking).await?,
                false => looking.await?,
            };
            let (mut still_open, mut ask_again) = (Vec::new(), Vec::new());
            for ((draft, mut ask), look) in open.into_iter().zip(asks).zip(looks) {
                let look = self.recognise_made(&draft, look)?;
                let taken = self.taken_by_others(&draft, &ask, &look, &claimed)?;
                if let (true, Ok(Look::Found(shown))) = (taken.is_empty(), &look) {
                    claimed.insert(shown.remote_id.clone(), draft.row.id);
                }
                if taken.is_empty() {
                    decisions.push(self.decide_one(draft, look)?);
                } else {
                    ask.not_these.extend(taken);
                    still_open.push(draft);
                    ask_again.push(ask);
                }
            }
            (open, asks) = (still_open, ask_again);
        }
        Ok(decisions)
    }

    /// Which of the records that were looked up the ID map gives to somebody else, or a program that delivers
    /// another group's people there has made. They count as
    /// absent, so the look-up goes on without them.
    fn taken_by_others(
        &self,
        draft: &ContactDraft,
        ask: &Ask,
        look: &Result<Look>,
        claimed: &HashMap<String, i64>,
    ) -> Result<Vec<String>> {
        let records: Vec<&String> = match look {
            Ok(Look::Found(shown)) if ask.remote_id.as_ref() != Some(&shown.remote_id) => {
                vec![&shown.remote_id]
            }
            Ok(Look::Ambiguous(several)) => several.iter().map(|one| &one.remote_id).collect(),
            _ => Vec::new(),
        };
        let mut taken = Vec::new();
        for record in records {
            let is_of_others =
                !self.remote.ways().is_service && key::is_of_another_group(record, &draft.row.key);
            let is_claimed = claimed.get(record).is_some_and(|owner| *owner != draft.row.id);
            if is_of_others || is_claimed || self.belongs_to_another(draft, record)? {
                taken.push(record.clone());
            }
        }
        Ok(taken)
    }

    /// Whether all that is wanted was written and confirmed before, so that nobody has to look. Where an
    /// order is to hang on its record, somebody has to: a person may have deleted it. A service says so itself when
    /// the order is sent.
    fn is_covered(&self, draft: &ContactDraft) -> Result<bool> {
        if self.fields == Fields::Anew {
            return Ok(false);
        }
        let is_written = draft.link.as_ref().is_some_and(|link| {
            let values = link.written.split_last().map_or(&[][..], |(_, values)| values);
            let specs = self.target.layout.contact.iter();
            let is_left = |(spec, written): (&FieldSpec, &u64)| spec.required || *written == 0;
            link.remote_id.is_some()
                && (!draft.row.erased || specs.zip(values).all(is_left))
                && link.written.last() == Some(&hash_of_marks(&draft.marks))
                && remembered(link).covers(&self.target.layout.contact, &draft.texts)
        });
        let is_told = self.remote.ways().is_service;
        Ok(is_written && (is_told || !self.state.has_due_orders(self.numbers.target, draft.row.id)?))
    }

    fn decide_one(
        &self,
        draft: ContactDraft,
        look: Result<Look>,
    ) -> Result<(ContactDecision, Option<Error>)> {
        let (action, shown, error) = match look {
            Err(error) => (Action::Park(error.cause().to_owned()), None, Some(error)),
            Ok(Look::Ambiguous(candidates)) => {
                let records: Vec<&str> = candidates
                    .iter()
                    .map(|candidate| candidate.remote_id.as_str())
                    .collect();
                let cause = format!(
                    "{} records could be this contact: {}; say which with `shoptet-sync link {} {} RECORD`, or --new for none of them",
                    records.len(),
                    records.join(", "),
                    draft.row.key,
                    self.target.settings.name
                );
                (
                    Action::Park(cause.clone()),
                    None,
                    Some(Error::new(Kind::BadRecord, "looking for a contact", cause)),
                )
            }
            // A record that the ID map gives to somebody else counts as absent.
            Ok(Look::Found(shown)) if self.belongs_to_another(&draft, &shown.remote_id)? => {
                (Action::Create, None, None)
            }
            // Erased on purpose: nothing stays, whoever wrote it.
            Ok(Look::Found(shown)) if draft.row.erased => {
                let has_to_stand = |field: usize| draft.texts.get(field).map_or("", String::as_str);
                let holds_something = |(field, value): &(usize, &String)| *value != has_to_stand(*field);
                let held = shown.values.iter().enumerate().filter(holds_something);
                let fields: Vec<usize> = held.map(|(field, _)| field).collect();
                let marks = shown.is_marked_otherwise(&draft.marks);
                let action = if fields.is_empty() && !marks {
                    Action::Keep
                } else {
                    Action::Update { fields, marks }
                };
                (action, Some(shown), None)
            }
            Ok(Look::Found(shown)) => {
                let marks_differ = shown.is_marked_otherwise(&draft.marks);
                let specs = &self.target.layout.contact;
                let known = draft.remembered(specs, Some(&shown));
                let fields = self.fields.to_write(specs, &draft.texts, &shown, known.as_ref());
                let fields = self.with_lists_of_forgotten(&draft, &shown, fields);
                let action = Action::on_existing(fields, marks_differ);
                (action, Some(shown), None)
            }
            Ok(Look::Gone) => (Action::Leave, None, None),
            Ok(Look::Perhaps(_)) => {
                let cause = "the target showed records that may be one of ours where none was looked for";
                (
                    Action::Park(cause.to_owned()),
                    None,
                    Some(Error::new(Kind::BadRecord, "looking for a contact", cause)),
                )
            }
            // What was merged away before anybody saw it needs no record, nor does one who was erased.
            Ok(Look::Absent) if draft.row.merged_into.is_some() => (Action::Keep, None, None),
            Ok(Look::Absent) if draft.row.erased && self.remote.ways().is_service => {
                (Action::Keep, None, None)
            }
            Ok(Look::Absent) => (Action::Create, None, None),
        };
        Ok((ContactDecision { draft, action, shown }, error))
    }

    pub(super) fn belongs_to_another(&self, draft: &ContactDraft, record: &str) -> Result<bool> {
        let owner = self.state.contact_of_record(self.numbers.target, record)?;
        Ok(owner.is_some_and(|owner| owner != draft.row.id))
    }
}
