//! Contacts: what is wanted, what is there, what is written.

use std::collections::HashSet;

use super::{Push, is_about_one_record, remembered, show_written};
use crate::error::{Error, Kind, Result};
use crate::model::{Ask, Candidate, Contact, ContactWrite, Look, Marks, Shown, Value, Written};
use crate::plan::{Action, decide_existing, hash, hash_of_marks, remember};
use crate::state::State;
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
        let marks = Marks {
            gone_at: row.gone_at,
            merged_into: self.record_of_survivor(&row)?,
        };
        let wish = if row.merged_into.is_some() {
            // What was merged away keeps the values it had.
            ContactWish::Values(Box::default(), vec![Value::Empty; layout.len()])
        } else {
            self.target.contact_wish(self.composer, parts, link.is_some())?
        };
        Ok(match wish {
            ContactWish::Values(contact, values) => {
                let normal = |(spec, value)| self.remote.normal_form(spec, value);
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
            if self.is_covered(&draft) {
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
        let asks = open
            .iter()
            .map(|draft| self.ask(draft))
            .collect::<Result<Vec<_>>>()?;
        let looks = if asks.is_empty() {
            Vec::new()
        } else {
            self.remote.look(&asks).await?
        };
        let mut taken = HashSet::new();
        for ((draft, ask), look) in open.into_iter().zip(asks).zip(looks) {
            let look = match look {
                Ok(look) => self.without_others(&draft, &ask, look, &taken).await?,
                Err(error) => Err(error),
            };
            let decided = self.decide_one(draft, look)?;
            taken.extend(decided.0.shown.as_ref().map(|shown| shown.remote_id.clone()));
            decisions.push(decided);
        }
        Ok(decisions)
    }

    /// A record that belongs to another contact, by the ID map or since one of this batch is about to adopt
    /// it, counts as absent: what is left is looked for e-mail by e-mail.
    async fn without_others(
        &mut self,
        draft: &ContactDraft,
        ask: &Ask,
        look: Look,
        taken: &HashSet<String>,
    ) -> Result<Result<Look>> {
        if draft.link.as_ref().is_some_and(|link| link.remote_id.is_some()) {
            return Ok(Ok(look));
        }
        let (all, free) = self.free_records(draft, &look, taken)?;
        if free.len() == all {
            return Ok(Ok(look));
        }
        let one_email = ask.emails.iter().map(|email| Ask {
            emails: vec![email.clone()],
            ..ask.clone()
        });
        for by_email in one_email {
            let found = match self.look_at(&by_email).await? {
                Ok(found) => found,
                Err(error) => return Ok(Err(error)),
            };
            let (_, free) = self.free_records(draft, &found, taken)?;
            match free.as_slice() {
                [] => {}
                [only] => {
                    let record = Ask {
                        remote_id: Some(only.remote_id.clone()),
                        ..ask.clone()
                    };
                    return self.look_at(&record).await;
                }
                _ => return Ok(Ok(Look::Ambiguous(free))),
            }
        }
        Ok(Ok(Look::Absent))
    }

    async fn look_at(&mut self, ask: &Ask) -> Result<Result<Look>> {
        let mut looks = self.remote.look(std::slice::from_ref(ask)).await?;
        Ok(looks.pop().unwrap_or(Ok(Look::Absent)))
    }

    /// How many records a look found, and those of them that are nobody else's.
    fn free_records(
        &self,
        draft: &ContactDraft,
        look: &Look,
        taken: &HashSet<String>,
    ) -> Result<(usize, Vec<Candidate>)> {
        let found = match look {
            Look::Absent => Vec::new(),
            Look::Found(shown) => vec![Candidate {
                remote_id: shown.remote_id.clone(),
                ..Candidate::default()
            }],
            Look::Ambiguous(candidates) => candidates.clone(),
        };
        let all = found.len();
        let mut free = Vec::with_capacity(all);
        for candidate in found {
            let owner = self
                .state
                .contact_of_record(self.numbers.target, &candidate.remote_id)?;
            let is_anothers = match owner {
                Some(owner) => owner != draft.row.id,
                None => taken.contains(&candidate.remote_id),
            };
            if !is_anothers {
                free.push(candidate);
            }
        }
        Ok((all, free))
    }

    /// Whether all that is wanted was written and confirmed before, so that nobody has to look.
    fn is_covered(&self, draft: &ContactDraft) -> bool {
        draft.link.as_ref().is_some_and(|link| {
            link.remote_id.is_some()
                && link.written.last() == Some(&hash_of_marks(&draft.marks))
                && remembered(link).covers(&self.target.layout.contact, &draft.texts)
        })
    }

    fn ask(&self, draft: &ContactDraft) -> Result<Ask> {
        let key = draft.row.key.clone();
        if let Some(record) = draft.link.as_ref().and_then(|link| link.remote_id.clone()) {
            return Ok(Ask {
                key,
                remote_id: Some(record),
                emails: Vec::new(),
            });
        }
        Ok(match self.state.answered(self.numbers.target, draft.row.id)? {
            Some(Some(record)) => Ask {
                key,
                remote_id: Some(record),
                emails: Vec::new(),
            },
            // "None of them": by key alone.
            Some(None) => Ask {
                key,
                ..Ask::default()
            },
            None => Ask {
                key,
                remote_id: None,
                emails: draft.contact.emails.clone(),
            },
        })
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
            Ok(Look::Found(shown)) => {
                let known = draft.link.as_ref().map(remembered);
                let marks_differ = shown.marks != draft.marks;
                let specs = &self.target.layout.contact;
                let action =
                    decide_existing(specs, &draft.texts, &shown.values, marks_differ, known.as_ref());
                (action, Some(shown), None)
            }
            // What was merged away before anybody saw it needs no record.
            Ok(Look::Absent) if draft.row.merged_into.is_some() => (Action::Keep, None, None),
            Ok(Look::Absent) => (Action::Create, None, None),
        };
        Ok((ContactDecision { draft, action, shown }, error))
    }

    /// Delivers contacts; answers with those that now stand in the target as they should. They stay due
    /// until their orders do so too.
    pub(super) async fn deliver_contacts(&mut self, contacts: &[i64]) -> Result<Vec<ContactDraft>> {
        let mut drafts = Vec::new();
        for due in self.drafts(contacts)? {
            match due {
                Due::Draft(draft) => drafts.push(*draft),
                Due::LeftOut(row) => {
                    self.delivered.left_out += u64::from(row.merged_into.is_none());
                    self.state.transaction(|state| {
                        state.unpark("contact", "", &row.key, &self.target.settings.name)?;
                        state.leave_out(self.numbers.target, row.id)
                    })?;
                }
                Due::Park(row, error) => self.park_contact(&row, &error)?,
            }
        }
        let mut ready = Vec::new();
        let mut decided = Vec::new();
        let mut writes = Vec::new();
        for (decision, error) in self.decide(drafts).await? {
            match error {
                Some(error) if is_about_one_record(&error) => {
                    self.park_contact(&decision.draft.row, &error)?
                }
                Some(error) => return Err(error),
                None => match self.contact_write(&decision) {
                    Some(write) => {
                        writes.push(write);
                        decided.push(decision);
                    }
                    None => {
                        self.delivered.kept += 1;
                        ready.push((decision, None));
                    }
                },
            }
        }
        self.intend(&decided)?;
        let answers = if writes.is_empty() {
            Vec::new()
        } else {
            self.remote.write_contacts(&writes).await?
        };
        for ((decision, write), answer) in decided.into_iter().zip(writes).zip(answers) {
            match answer {
                Ok(shown) => ready.push((decision, Some((write, shown)))),
                Err(error) if is_about_one_record(&error) => {
                    self.park_contact(&decision.draft.row, &error)?
                }
                Err(error) => return Err(error),
            }
        }
        let state = self.state;
        state.transaction(|_| {
            let mut delivered = Vec::with_capacity(ready.len());
            for (decision, written) in ready {
                self.confirm(&decision, written.as_ref())?;
                delivered.push(decision.draft);
            }
            Ok(delivered)
        })
    }

    /// The orders of a contact that is new to the target have waited for it, however old they are: while
    /// it was parked or left out, nobody noted them as due.
    fn follow_orders_of(&self, state: &State, draft: &ContactDraft) -> Result<()> {
        match draft.link {
            Some(_) => Ok(()),
            None => state.make_orders_due(&[self.numbers.target], draft.row.id),
        }
    }

    /// The write that carries out a decision; `None` for one that needs none.
    fn contact_write(&self, decision: &ContactDecision) -> Option<ContactWrite> {
        let draft = &decision.draft;
        let value = |field: usize| draft.values.get(field).map(|value| (field, value.clone()));
        let (set, marks) = match &decision.action {
            Action::Keep | Action::Park(_) => return None,
            Action::Create => {
                let present = |(_, value): &(usize, Value)| *value != Value::Empty;
                let set = (0..draft.values.len())
                    .filter_map(value)
                    .filter(present)
                    .collect();
                (set, draft.marks != Marks::default())
            }
            Action::Update { fields, marks } => (fields.iter().copied().filter_map(value).collect(), *marks),
        };
        Some(ContactWrite {
            key: draft.row.key.clone(),
            remote_id: decision.shown.as_ref().map(|shown| shown.remote_id.clone()),
            set,
            marks: marks.then(|| draft.marks.clone()),
        })
    }

    /// First step: what we are about to write is on the disk before it is sent.
    fn intend(&self, decisions: &[ContactDecision]) -> Result<()> {
        self.state.transaction(|state| {
            for decision in decisions {
                let draft = &decision.draft;
                self.follow_orders_of(state, draft)?;
                let before = draft.link.clone().unwrap_or_default();
                let record = || decision.shown.as_ref().map(|shown| shown.remote_id.clone());
                let hashes = draft
                    .texts
                    .iter()
                    .map(|text| hash(text))
                    .chain([hash_of_marks(&draft.marks)]);
                let link = Link {
                    remote_id: before.remote_id.or_else(record),
                    layout: self.numbers.contacts,
                    written: before.written,
                    intended: Some(hashes.collect()),
                };
                state.set_link(
                    self.numbers.target,
                    Linked::Contact(draft.row.id),
                    &link,
                    self.now,
                )?;
            }
            Ok(())
        })
    }

    /// Third step: what the target shows becomes what we last wrote.
    fn confirm(
        &mut self,
        decision: &ContactDecision,
        written: Option<&(ContactWrite, Written)>,
    ) -> Result<()> {
        let draft = &decision.draft;
        let told = self.told(decision, written.map(|(write, _)| write));
        match (&decision.action, written) {
            (Action::Create, _) => self.delivered.created += 1,
            (_, Some(_)) => self.delivered.updated += 1,
            (_, None) => {}
        }
        let link = self.confirmed_link(decision, written);
        self.state.transaction(|state| {
            self.follow_orders_of(state, draft)?;
            if let Some(link) = link.filter(|link| draft.link.as_ref() != Some(link)) {
                state.set_link(
                    self.numbers.target,
                    Linked::Contact(draft.row.id),
                    &link,
                    self.now,
                )?;
            }
            if let Some(told) = told {
                state.tell(draft.row.id, self.now, &told)?;
            }
            state.unpark("contact", "", &draft.row.key, &self.target.settings.name)
        })
    }

    /// The link to remember; `None` when nobody looked and nothing was written: the ID map says it all.
    fn confirmed_link(
        &self,
        decision: &ContactDecision,
        written: Option<&(ContactWrite, Written)>,
    ) -> Option<Link> {
        let draft = &decision.draft;
        if decision.shown.is_none() && written.is_none() {
            return None;
        }
        let mut shown = decision.shown.clone().unwrap_or_default();
        shown.values.resize(draft.texts.len(), String::new());
        if let Some((write, after)) = written {
            shown.remote_id.clone_from(&after.remote_id);
            show_written(&mut shown.values, &write.set, after, &draft.texts);
        }
        let before = draft.link.as_ref().map(remembered);
        let mut hashes = remember(&draft.texts, &shown.values, before.as_ref()).0;
        hashes.push(hash_of_marks(&draft.marks));
        Some(Link {
            remote_id: Some(shown.remote_id),
            layout: self.numbers.contacts,
            written: hashes,
            intended: None,
        })
    }

    /// The sentence for the history of a contact.
    fn told(&self, decision: &ContactDecision, write: Option<&ContactWrite>) -> Option<String> {
        let name = &self.target.settings.name;
        let is_linked = decision
            .draft
            .link
            .as_ref()
            .is_some_and(|link| link.remote_id.is_some());
        match (&decision.action, write) {
            (Action::Create, _) => Some(format!("created in {name}")),
            (_, Some(write)) => {
                let specs = &self.target.layout.contact;
                let fields: Vec<&str> = write
                    .set
                    .iter()
                    .filter_map(|(field, _)| specs.get(*field))
                    .map(|spec| spec.name.as_str())
                    .collect();
                let how = if is_linked {
                    "updated"
                } else {
                    "linked to a record that was there, and updated"
                };
                let what = if fields.is_empty() {
                    "marks".to_owned()
                } else {
                    fields.join(", ")
                };
                Some(format!("{how} in {name}: {what}"))
            }
            (_, None) if decision.shown.is_some() && !is_linked => {
                Some(format!("linked to a record that was there in {name}"))
            }
            (_, None) => None,
        }
    }

    fn park_contact(&mut self, row: &ContactRow, error: &Error) -> Result<()> {
        self.delivered.parked += 1;
        self.state.transaction(|state| {
            self.park("contact", "", &row.key, row.id, error)?;
            state.contact_done(self.numbers.target, row.id)
        })
    }
}
