//! Delivering what is due: look, decide, write in three steps.
//!
//! The intended values are committed to the ID map, then the write goes out, then the values that the
//! target shows become what we last wrote. Killed anywhere in between, the next run looks again and
//! finds either our intended value or what was there before.

use jiff::Timestamp;

use super::compose::Composer;
use super::report::Delivered;
use super::target::{OrderDraft, TargetInRun, TargetNumbers, in_layout, shown_name};
use crate::error::{Call, Error, Kind, Result};
use crate::merge::key;
use crate::model::{
    Ask, Contact, ContactWrite, Look, Marks, OnEmpty, OrderOf, OrderStatus, OrderWrite, Shown, Value,
};
use crate::plan::{
    Action, Hashes, Remembered, decide_existing, hash, hash_of_facts, hash_of_marks, remember,
};
use crate::source::{Progress, Unit};
use crate::state::State;
use crate::state::contacts::ContactRow;
use crate::state::links::{Link, Linked};
use crate::state::parked::Parked;
use crate::target::Target;

/// Contacts that are looked up and written together.
const BATCH: usize = 100;

/// Which of the due contacts are delivered now; the rest stay due.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Numbers of contacts; `None` is everybody.
    pub only: Option<Vec<i64>>,
    /// At most so many contacts.
    pub limit: Option<u64>,
}

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

/// One target's delivery.
pub struct Push<'a> {
    state: &'a State,
    composer: &'a Composer<'a>,
    target: &'a TargetInRun,
    numbers: TargetNumbers,
    remote: &'a mut dyn Target,
    delivered: Delivered,
}

impl<'a> Push<'a> {
    /// A delivery over an open target that was prepared.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn new(
        state: &'a State,
        composer: &'a Composer<'a>,
        target: &'a TargetInRun,
        remote: &'a mut dyn Target,
    ) -> Result<Self> {
        let numbers = target.numbers(state)?;
        Ok(Self {
            state,
            composer,
            target,
            numbers,
            remote,
            delivered: Delivered::default(),
        })
    }

    /// Delivers what is due.
    ///
    /// # Errors
    /// What ends the delivery to this target; what was delivered before stays so.
    pub async fn deliver(mut self, selection: &Selection, progress: &dyn Progress) -> Result<Delivered> {
        let total = self.state.count_due(self.numbers.target)?;
        let phase = format!("contacts to {}", self.target.settings.name);
        let mut after = 0;
        let mut seen = 0_u64;
        loop {
            let due = self.state.due_contacts(self.numbers.target, after, BATCH)?;
            let Some(last) = due.last() else { break };
            after = *last;
            let chosen = |id: &i64| selection.only.as_ref().is_none_or(|only| only.contains(id));
            let mut batch: Vec<i64> = due.iter().copied().filter(chosen).collect();
            if let Some(limit) = selection.limit {
                let done = self.delivered.created + self.delivered.updated + self.delivered.kept;
                batch.truncate(usize::try_from(limit.saturating_sub(done)).unwrap_or(usize::MAX));
            }
            self.deliver_batch(&batch).await?;
            seen += due.len() as u64;
            progress.report(&phase, seen, Some(total), Unit::Records);
        }
        self.delivered.waiting = self.state.count_due(self.numbers.target)?;
        Ok(self.delivered)
    }

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
        let layout = &self.target.layout;
        let link = self.link(
            Linked::Contact(row.id),
            self.numbers.contacts,
            layout.contact.len() + 1,
        )?;
        let parts = self.composer.parts(&row, &|shop| self.target.takes(shop))?;
        let is_nobody = parts.customers.is_empty() && parts.orders.is_empty();
        if link.is_none() && (is_nobody || row.merged_into.is_some()) {
            return Ok(Due::LeftOut(row));
        }
        let contact = self.composer.contact(&parts, self.target.mapping.needs())?;
        let marks = Marks {
            gone_at: row.gone_at,
            merged_into: self.record_of_survivor(&row)?,
        };
        let is_merged = row.merged_into.is_some();
        // Once delivered it stays followed though `only` no longer holds; one that was merged away
        // keeps the values it had.
        let mapped = if is_merged {
            Ok(Some(vec![Value::Empty; layout.contact.len()]))
        } else if link.is_some() {
            self.target.mapping.contact_values(&contact).map(Some)
        } else {
            self.target.mapping.wants(&contact).and_then(|wanted| {
                if wanted {
                    self.target.mapping.contact_values(&contact).map(Some)
                } else {
                    Ok(None)
                }
            })
        };
        Ok(match mapped {
            Ok(Some(values)) => {
                let normal = |(spec, value)| self.remote.normal_form(spec, value);
                let texts = layout.contact.iter().zip(&values).map(normal).collect();
                Due::Draft(Box::new(ContactDraft {
                    row,
                    contact,
                    values,
                    texts,
                    marks,
                    link,
                }))
            }
            Ok(None) => Due::LeftOut(row),
            Err(error) if error.kind().calls_for() == Call::Park => Due::Park(row, error),
            Err(error) => return Err(error),
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

    fn link(&self, of: Linked, layout: i64, count: usize) -> Result<Option<Link>> {
        let state = self.state;
        let counts = |number: i64| {
            if number == layout {
                count
            } else {
                state.layout_fields(number).map_or(0, |fields| fields.len())
            }
        };
        let found = state.link(self.numbers.target, of, &counts)?;
        found.map(|link| in_layout(state, &link, layout)).transpose()
    }

    /// Compares drafts with the target. Sends questions only.
    ///
    /// # Errors
    /// When the target does not answer.
    pub async fn decide(
        &mut self,
        drafts: Vec<ContactDraft>,
    ) -> Result<Vec<(ContactDecision, Option<Error>)>> {
        let specs = &self.target.layout.contact;
        let mut decisions = Vec::with_capacity(drafts.len());
        let mut open = Vec::new();
        for draft in drafts {
            let remembered = draft.link.as_ref().map(remembered);
            let marks_known = draft.link.as_ref().and_then(|link| link.written.last())
                == Some(&hash_of_marks(&draft.marks));
            let covered = marks_known
                && draft.link.as_ref().is_some_and(|link| link.remote_id.is_some())
                && remembered
                    .as_ref()
                    .is_some_and(|known| known.covers(specs, &draft.texts));
            if covered {
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
        for (draft, look) in open.into_iter().zip(looks) {
            decisions.push(self.decide_one(draft, look)?);
        }
        Ok(decisions)
    }

    fn ask(&self, draft: &ContactDraft) -> Result<Ask> {
        let record = draft.link.as_ref().and_then(|link| link.remote_id.clone());
        let answered = self.state.answered(self.numbers.target, draft.row.id)?;
        let (remote_id, emails) = match (record, answered) {
            (Some(record), _) => (Some(record), Vec::new()),
            (None, Some(Some(record))) => (Some(record), Vec::new()),
            // "None of them": by key alone.
            (None, Some(None)) => (None, Vec::new()),
            (None, None) => (None, draft.contact.emails.clone()),
        };
        Ok(Ask {
            key: draft.row.key.clone(),
            remote_id,
            emails,
        })
    }

    fn decide_one(
        &self,
        draft: ContactDraft,
        look: Result<Look, Error>,
    ) -> Result<(ContactDecision, Option<Error>)> {
        let park = |draft, error: Error| {
            let action = Action::Park(error.cause().to_owned());
            (
                ContactDecision {
                    draft,
                    action,
                    shown: None,
                },
                Some(error),
            )
        };
        let look = match look {
            Ok(look) => look,
            Err(error) => return Ok(park(draft, error)),
        };
        Ok(match look {
            Look::Ambiguous(candidates) => {
                let ids: Vec<&str> = candidates
                    .iter()
                    .map(|candidate| candidate.remote_id.as_str())
                    .collect();
                let cause = format!("{} records could be this contact: {}", ids.len(), ids.join(", "));
                let hint = format!(
                    "say which with `shoptet-sync link {} {} RECORD`, or --new for none of them",
                    draft.row.key, self.target.settings.name
                );
                park(
                    draft,
                    Error::new(
                        Kind::BadRecord,
                        "looking for the contact",
                        format!("{cause}; {hint}"),
                    ),
                )
            }
            // A record that the ID map gives to somebody else counts as absent.
            Look::Found(shown) if self.belongs_to_another(&draft, &shown)? => (
                ContactDecision {
                    draft,
                    action: Action::Create,
                    shown: None,
                },
                None,
            ),
            Look::Found(shown) => {
                let remembered = draft.link.as_ref().map(remembered);
                let marks_differ = shown.marks != draft.marks;
                let specs = &self.target.layout.contact;
                let action = decide_existing(
                    specs,
                    &draft.texts,
                    &shown.values,
                    marks_differ,
                    remembered.as_ref(),
                );
                (
                    ContactDecision {
                        draft,
                        action,
                        shown: Some(shown),
                    },
                    None,
                )
            }
            // What was merged away before anybody saw it needs no record.
            Look::Absent if draft.row.merged_into.is_some() => (
                ContactDecision {
                    draft,
                    action: Action::Keep,
                    shown: None,
                },
                None,
            ),
            Look::Absent => (
                ContactDecision {
                    draft,
                    action: Action::Create,
                    shown: None,
                },
                None,
            ),
        })
    }

    fn belongs_to_another(&self, draft: &ContactDraft, shown: &Shown) -> Result<bool> {
        let owner = self
            .state
            .contact_of_record(self.numbers.target, &shown.remote_id)?;
        Ok(owner.is_some_and(|owner| owner != draft.row.id))
    }

    async fn deliver_batch(&mut self, contacts: &[i64]) -> Result<()> {
        let now = Timestamp::now();
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
                Due::Park(row, error) => self.park_contact(&row, &error, now)?,
            }
        }
        let mut writes = Vec::new();
        let mut written_for = Vec::new();
        let mut ready = Vec::new();
        for (decision, error) in self.decide(drafts).await? {
            if let Some(error) = error {
                match error.kind().calls_for() {
                    Call::Park => self.park_contact(&decision.draft.row, &error, now)?,
                    Call::Retry | Call::Stop | Call::Human => return Err(error),
                }
                continue;
            }
            match self.contact_write(&decision) {
                None => {
                    self.delivered.kept += 1;
                    ready.push((decision, None));
                }
                Some(write) => {
                    writes.push(write);
                    written_for.push(decision);
                }
            }
        }
        self.intend(&written_for, now)?;
        let answers = if writes.is_empty() {
            Vec::new()
        } else {
            self.remote.write_contacts(&writes).await?
        };
        for ((decision, write), answer) in written_for.into_iter().zip(writes).zip(answers) {
            match answer {
                Ok(shown) => ready.push((decision, Some((write, shown)))),
                Err(error) if error.kind().calls_for() == Call::Park || error.kind() == Kind::Refused => {
                    self.park_contact(&decision.draft.row, &error, now)?;
                }
                Err(error) => return Err(error),
            }
        }
        for (decision, written) in &ready {
            self.confirm(decision, written.as_ref(), now)?;
        }
        for (decision, _) in &ready {
            self.deliver_orders(&decision.draft, now).await?;
        }
        Ok(())
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
        let chosen: Vec<usize> = match &decision.action {
            Action::Create => (0..draft.values.len()).collect(),
            Action::Update { fields, .. } => fields.clone(),
            Action::Keep | Action::Park(_) => return None,
        };
        let creates = decision.action == Action::Create;
        let marks = match decision.action {
            Action::Update { marks, .. } => marks.then(|| draft.marks.clone()),
            _ => (draft.marks != Marks::default()).then(|| draft.marks.clone()),
        };
        let set = chosen
            .into_iter()
            .filter_map(|field| draft.values.get(field).map(|value| (field, value.clone())))
            .filter(|(_, value)| !creates || *value != Value::Empty)
            .collect();
        let remote_id = decision.shown.as_ref().map(|shown| shown.remote_id.clone());
        Some(ContactWrite {
            key: draft.row.key.clone(),
            remote_id,
            set,
            marks,
        })
    }

    /// First step: what we are about to write is on the disk before it is sent.
    fn intend(&self, decisions: &[ContactDecision], now: Timestamp) -> Result<()> {
        self.state.transaction(|state| {
            for decision in decisions {
                let draft = &decision.draft;
                self.follow_orders_of(state, draft)?;
                let before = draft.link.clone().unwrap_or_default();
                let intended = hashes(&draft.texts, hash_of_marks(&draft.marks));
                let remote_id = before
                    .remote_id
                    .or_else(|| decision.shown.as_ref().map(|shown| shown.remote_id.clone()));
                let link = Link {
                    remote_id,
                    layout: self.numbers.contacts,
                    written: before.written,
                    intended: Some(intended),
                };
                state.set_link(self.numbers.target, Linked::Contact(draft.row.id), &link, now)?;
            }
            Ok(())
        })
    }

    /// Third step: what the target shows becomes what we last wrote.
    fn confirm(
        &mut self,
        decision: &ContactDecision,
        written: Option<&(ContactWrite, Shown)>,
        now: Timestamp,
    ) -> Result<()> {
        let draft = &decision.draft;
        let before = draft.link.as_ref().map(remembered);
        let mut shown = decision.shown.clone().unwrap_or_default();
        if let Some((write, after)) = written {
            shown.remote_id.clone_from(&after.remote_id);
            shown.values.resize(draft.texts.len(), String::new());
            for (field, _) in &write.set {
                if let (Some(slot), Some(now)) = (shown.values.get_mut(*field), after.values.get(*field)) {
                    slot.clone_from(now);
                }
            }
        }
        let name = &self.target.settings.name;
        let told = match (
            &decision.action,
            written,
            draft.link.as_ref().and_then(|link| link.remote_id.as_ref()),
        ) {
            (Action::Create, _, _) => {
                self.delivered.created += 1;
                Some(format!("created in {name}"))
            }
            (_, Some((write, _)), known) => {
                self.delivered.updated += 1;
                let fields: Vec<&str> = write
                    .set
                    .iter()
                    .filter_map(|(field, _)| {
                        self.target
                            .layout
                            .contact
                            .get(*field)
                            .map(|spec| spec.name.as_str())
                    })
                    .collect();
                let how = if known.is_none() {
                    "linked to a record that was there, and updated"
                } else {
                    "updated"
                };
                Some(format!(
                    "{how} in {name}: {}",
                    if fields.is_empty() {
                        "marks".to_owned()
                    } else {
                        fields.join(", ")
                    }
                ))
            }
            (_, None, None) if decision.shown.is_some() => {
                Some(format!("linked to a record that was there in {name}"))
            }
            _ => None,
        };
        self.state.transaction(|state| {
            self.follow_orders_of(state, draft)?;
            // Nobody looked and nothing was written: the ID map says it all already.
            if decision.shown.is_some() || written.is_some() {
                let mut hashes = remember(&draft.texts, &shown.values, before.as_ref()).0;
                hashes.push(hash_of_marks(&draft.marks));
                let link = Link {
                    remote_id: Some(shown.remote_id.clone()),
                    layout: self.numbers.contacts,
                    written: hashes,
                    intended: None,
                };
                if draft.link.as_ref() != Some(&link) {
                    state.set_link(self.numbers.target, Linked::Contact(draft.row.id), &link, now)?;
                }
            }
            if let Some(told) = told {
                state.tell(draft.row.id, now, &told)?;
            }
            state.unpark("contact", "", &draft.row.key, name)?;
            // Its orders come next: a run that is killed before they are there has to find it due.
            if state.due_orders(self.numbers.target, draft.row.id)?.is_empty() {
                state.contact_done(self.numbers.target, draft.row.id)?;
            }
            Ok(())
        })
    }

    fn park_contact(&mut self, row: &ContactRow, error: &Error, now: Timestamp) -> Result<()> {
        self.delivered.parked += 1;
        self.state.transaction(|state| {
            self.park(state, "contact", "", &row.key, row.id, error, now)?;
            state.contact_done(self.numbers.target, row.id)
        })
    }

    #[allow(clippy::too_many_arguments)] // one row of a table
    fn park(
        &self,
        state: &State,
        kind: &str,
        shop: &str,
        key: &str,
        contact: i64,
        error: &Error,
        since: Timestamp,
    ) -> Result<()> {
        state.park(&Parked {
            kind: kind.to_owned(),
            shop: shop.to_owned(),
            key: key.to_owned(),
            target: self.target.settings.name.clone(),
            contact: Some(contact),
            reason: error.cause().to_owned(),
            since,
            dismissed: false,
        })
    }

    async fn deliver_orders(&mut self, draft: &ContactDraft, now: Timestamp) -> Result<()> {
        let contact = draft.row.id;
        let due = self.state.due_orders(self.numbers.target, contact)?;
        if due.is_empty() {
            return Ok(());
        }
        if let Some(record) = self.state.key_of_delivered(self.numbers.target, contact)? {
            for batch in due.chunks(BATCH) {
                self.deliver_order_batch(draft, &record, batch, now).await?;
            }
        }
        self.state.contact_done(self.numbers.target, contact)
    }

    async fn deliver_order_batch(
        &mut self,
        draft: &ContactDraft,
        record: &str,
        orders: &[i64],
        now: Timestamp,
    ) -> Result<()> {
        let mut writes = Vec::new();
        let mut links = Vec::new();
        for id in orders {
            let Some((order_key, order)) = self.order_draft(draft, *id, now)? else {
                continue;
            };
            let link = self.link(
                Linked::Order(*id),
                self.numbers.orders,
                self.target.layout.order.len() + 1,
            )?;
            let texts: Vec<String> = self
                .target
                .layout
                .order
                .iter()
                .zip(&order.values)
                .map(|(spec, value)| self.remote.normal_form(spec, value))
                .collect();
            let facts_hash = hash_of_facts(&order.facts, record);
            let fields = link.as_ref().map(|link| Remembered {
                written: Hashes(link.written.get(1..).unwrap_or_default().to_vec()),
                intended: link
                    .intended
                    .as_ref()
                    .map(|hashes| Hashes(hashes.get(1..).unwrap_or_default().to_vec())),
            });
            let facts_known = link.as_ref().and_then(|link| link.written.first()) == Some(&facts_hash);
            let confirmed = link
                .as_ref()
                .is_some_and(|link| link.remote_id.is_some() && link.intended.is_none());
            if facts_known
                && confirmed
                && fields
                    .as_ref()
                    .is_some_and(|known| known.covers(&self.target.layout.order, &texts))
            {
                self.order_done(contact_of(draft), *id, None, &order_key, &order, now)?;
                continue;
            }
            let ask = Ask {
                key: order_key.clone(),
                remote_id: link.as_ref().and_then(|link| link.remote_id.clone()),
                emails: Vec::new(),
            };
            let look = self
                .remote
                .look_at_orders(std::slice::from_ref(&ask))
                .await?
                .pop();
            let (remote_id, set, there) = match look {
                Some(Ok(Look::Found(shown))) => {
                    let fields = crate::plan::fields_to_write(
                        &self.target.layout.order,
                        &texts,
                        &shown.values,
                        fields.as_ref(),
                    );
                    let set = fields
                        .into_iter()
                        .filter_map(|field| order.values.get(field).map(|value| (field, value.clone())))
                        .collect::<Vec<_>>();
                    (Some(shown.remote_id), set, shown.values)
                }
                Some(Err(error)) if error.kind().calls_for() != Call::Park => return Err(error),
                Some(Err(error)) => {
                    self.park_order(draft, *id, &order_key, &order.facts.shop, &error, now)?;
                    continue;
                }
                _ => {
                    let set = order
                        .values
                        .iter()
                        .cloned()
                        .enumerate()
                        .filter(|(_, value)| *value != Value::Empty);
                    (None, set.collect(), vec![String::new(); texts.len()])
                }
            };
            let facts = (remote_id.is_none() || !facts_known).then(|| order.facts.clone());
            let intended = std::iter::once(facts_hash)
                .chain(texts.iter().map(|text| hash(text)))
                .collect();
            let before = link.clone().unwrap_or_default();
            let intent = Link {
                remote_id: before.remote_id,
                layout: self.numbers.orders,
                written: before.written,
                intended: Some(intended),
            };
            let write = OrderWrite {
                key: order_key,
                contact: record.to_owned(),
                remote_id,
                facts,
                set,
            };
            writes.push(write);
            links.push((*id, intent, texts, there, fields, order, facts_hash));
        }
        self.state.transaction(|state| {
            for (id, intent, ..) in &links {
                state.set_link(self.numbers.target, Linked::Order(*id), intent, now)?;
            }
            Ok(())
        })?;
        let needed: Vec<OrderWrite> = writes
            .iter()
            .filter(|write| write.facts.is_some() || !write.set.is_empty())
            .cloned()
            .collect();
        let mut answers = if needed.is_empty() {
            Vec::new()
        } else {
            self.remote.write_orders(&needed).await?
        }
        .into_iter();
        for (write, (id, _, texts, mut there, fields, order, facts_hash)) in writes.into_iter().zip(links) {
            let mut record_id = write.remote_id.clone();
            let was_needed = write.facts.is_some() || !write.set.is_empty();
            if was_needed {
                match answers.next() {
                    Some(Ok(shown)) => {
                        for (field, _) in &write.set {
                            if let (Some(slot), Some(now)) = (there.get_mut(*field), shown.values.get(*field))
                            {
                                slot.clone_from(now);
                            }
                        }
                        record_id = Some(shown.remote_id);
                    }
                    Some(Err(error))
                        if error.kind().calls_for() == Call::Park || error.kind() == Kind::Refused =>
                    {
                        self.park_order(draft, id, &write.key, &order.facts.shop, &error, now)?;
                        continue;
                    }
                    Some(Err(error)) => return Err(error),
                    None => continue,
                }
                if write.remote_id.is_some() {
                    self.delivered.orders_updated += 1;
                } else {
                    self.delivered.orders_created += 1;
                }
            }
            let mut written = vec![facts_hash];
            written.extend(remember(&texts, &there, fields.as_ref()).0);
            let link = Link {
                remote_id: record_id,
                layout: self.numbers.orders,
                written,
                intended: None,
            };
            self.order_done(contact_of(draft), id, Some(&link), &write.key, &order, now)?;
        }
        Ok(())
    }

    fn order_done(
        &self,
        contact: i64,
        id: i64,
        link: Option<&Link>,
        order_key: &str,
        order: &OrderDraft,
        now: Timestamp,
    ) -> Result<()> {
        self.state.transaction(|state| {
            if let Some(link) = link {
                state.set_link(self.numbers.target, Linked::Order(id), link, now)?;
            }
            state.unpark(
                "order-delivery",
                &order.facts.shop,
                order_key,
                &self.target.settings.name,
            )?;
            state.order_done(self.numbers.target, contact, id)
        })
    }

    /// What an order wants; `None` when it does not go there, or was parked.
    fn order_draft(
        &mut self,
        draft: &ContactDraft,
        id: i64,
        now: Timestamp,
    ) -> Result<Option<(String, OrderDraft)>> {
        let stored = self.state.whole_order(id)?;
        let Some(shop) = self
            .composer
            .shop(stored.shop)
            .filter(|shop| self.target.takes(shop))
        else {
            self.state
                .order_done(self.numbers.target, contact_of(draft), id)?;
            return Ok(None);
        };
        let name = shop.settings.name.clone();
        let order_key = key::order(&name, &stored.order.code);
        let status = self.composer.status(stored.status);
        let facts = self.target.facts(self.composer, &stored);
        let Some(stage) = self.target.stage(&name, &status, stored.gone_at.is_some()) else {
            let error = unmapped(&self.target.settings.name, &status);
            self.park_order(draft, id, &order_key, &name, &error, now)?;
            return Ok(None);
        };
        let mut values = vec![stage];
        if !self.target.mapping.order_specs().is_empty() {
            let order = OrderOf {
                shop: shop.home.facts.clone(),
                order: self.composer.whole(stored)?,
            };
            let parts = self.composer.parts(&draft.row, &|shop| self.target.takes(shop))?;
            let contact = self.composer.contact(&parts, self.target.mapping.order_needs())?;
            match self.target.mapping.order_values(&contact, &order) {
                Ok(more) => values.extend(more),
                Err(error) if error.kind().calls_for() == Call::Park => {
                    self.park_order(draft, id, &order_key, &name, &error, now)?;
                    return Ok(None);
                }
                Err(error) => return Err(error),
            }
        }
        debug_assert!(
            self.target
                .layout
                .order
                .iter()
                .all(|spec| spec.on_empty == OnEmpty::Keep || spec.name != "stage")
        );
        Ok(Some((order_key, OrderDraft { facts, values })))
    }

    fn park_order(
        &mut self,
        draft: &ContactDraft,
        id: i64,
        order_key: &str,
        shop: &str,
        error: &Error,
        now: Timestamp,
    ) -> Result<()> {
        self.delivered.orders_parked += 1;
        self.state.transaction(|state| {
            self.park(
                state,
                "order-delivery",
                shop,
                order_key,
                contact_of(draft),
                error,
                now,
            )?;
            state.order_done(self.numbers.target, contact_of(draft), id)
        })
    }
}

const fn contact_of(draft: &ContactDraft) -> i64 {
    draft.row.id
}

fn remembered(link: &Link) -> Remembered {
    Remembered {
        written: Hashes(link.written.clone()),
        intended: link.intended.clone().map(Hashes),
    }
}

fn hashes(texts: &[String], marks: u64) -> Vec<u64> {
    texts.iter().map(|text| hash(text)).chain([marks]).collect()
}

/// Why an order with this status is parked: names the status and the line that would mend it.
pub(super) fn unmapped(target: &str, status: &OrderStatus) -> Error {
    let name = shown_name(status);
    Error::new(
        Kind::BadRecord,
        format!("delivering an order to {target}"),
        format!("the status \"{name}\" is not mapped; add to [target.statuses]: \"{name}\" = \"…\""),
    )
}
