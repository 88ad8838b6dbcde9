//! Contacts carried out: what is written, and what is remembered of it.

use super::decide::{ContactDecision, ContactDraft, Due};
use super::{Fate, GONE, Push, fate};
use crate::error::{Error, Result};
use crate::model::{ContactWrite, Marks, Value, Written};
use crate::plan::{Action, Hashes, hash, hash_of_marks, remember, seal, united};
use crate::state::State;
use crate::state::contacts::ContactRow;
use crate::state::links::{Link, Linked};

impl Push<'_> {
    /// Delivers contacts; answers with those that now stand in the target as they should. They stay due
    /// until their orders do so too.
    pub(super) async fn deliver_contacts(&mut self, contacts: &[i64]) -> Result<Vec<ContactDraft>> {
        let turn = Self::to_look(self.settled).await;
        let wanted = self.drafts(contacts)?;
        drop(turn);
        let mut drafts = Vec::new();
        for due in wanted {
            match due {
                Due::Draft(draft) => drafts.push(*draft),
                Due::LeftOut(row) => {
                    self.delivered.left_out += u64::from(row.merged_into.is_none());
                    self.state.transaction(|state| {
                        state.unpark("contact", "", &row.key, &self.target.settings.name)?;
                        state.leave_out(self.numbers.target, self.due(row.id))
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
                Some(error) => self.take_failure(&decision.draft.row, error)?,
                None if decision.action == Action::Leave => self.leave(&decision.draft.row)?,
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
            self.begin_writing().await?;
            self.remote.write_contacts(&writes).await?
        };
        let mut ends = None;
        for ((decision, write), answer) in decided.into_iter().zip(writes).zip(answers) {
            match answer {
                Ok(written) if written.unfinished.is_some() => self.take_part(&decision, written)?,
                Ok(written) => {
                    self.has_written = true;
                    ready.push((decision, Some((write, written))));
                }
                Err(error) => {
                    // What the others are called there has to be remembered all the same.
                    let ended = self.take_failure(&decision.draft.row, error).err();
                    ends = ends.or(ended);
                }
            }
        }
        let state = self.state;
        let delivered = state.transaction(|_| {
            let mut delivered = Vec::with_capacity(ready.len());
            for (decision, written) in ready {
                self.confirm(&decision, written.as_ref())?;
                delivered.push(decision.draft);
            }
            Ok(delivered)
        })?;
        ends.map_or(Ok(delivered), Err)
    }

    /// A record that was made or changed in part: its name is remembered, and what was meant stays meant.
    fn take_part(&mut self, decision: &ContactDecision, written: Written) -> Result<()> {
        let draft = &decision.draft;
        let of = Linked::Contact(draft.row.id);
        self.remember_part(of, self.numbers.contacts, draft.texts.len() + 1, &written)?;
        match written.unfinished {
            Some(error) => self.take_failure(&draft.row, error),
            None => Ok(()),
        }
    }

    /// Its record was deleted there, or merged into another one, and stays so; its orders have nothing to hang on.
    fn leave(&mut self, row: &ContactRow) -> Result<()> {
        self.delivered.left_gone += 1;
        self.reached.insert(row.id);
        let told = format!("left alone in {}: {GONE}", self.target.settings.name);
        self.state.transaction(|state| {
            state.tell_news(row.id, self.now, &told)?;
            state.unpark("contact", "", &row.key, &self.target.settings.name)?;
            state.leave_out(self.numbers.target, self.due(row.id))
        })
    }

    /// What a failure that came with one contact calls for.
    fn take_failure(&mut self, row: &ContactRow, error: Error) -> Result<()> {
        match fate(&error) {
            Fate::Park => {
                self.reached.insert(row.id);
                self.park_contact(row, &error)
            }
            Fate::TryAgain => {
                self.troubles.insert(row.id, error);
                Ok(())
            }
            // What is not confirmed yet stands in the ID map as an intention, and is looked at again.
            Fate::End => Err(error),
        }
    }

    /// The orders of a contact that is new to the target have waited for it, however old they are: while
    /// it was parked or left out, nobody noted them as due. Where somebody deleted its record there, they
    /// may have gone with it.
    fn follow_orders_of(&self, state: &State, decision: &ContactDecision) -> Result<()> {
        let (target, draft) = (self.numbers.target, &decision.draft);
        let found = decision.shown.as_ref().map(|shown| &shown.remote_id);
        match (draft.record(), &decision.action) {
            // Its record was gone, and another one was found: its orders move there.
            (Some(record), _) if found.is_some_and(|found| found != record) => {
                state.make_orders_due(&[target], draft.row.id)
            }
            (Some(_), Action::Create) => {
                state.forget_order_links(target, draft.row.id)?;
                state.make_orders_due(&[target], draft.row.id)
            }
            (Some(_), _) => Ok(()),
            (None, _) => state.make_orders_due(&[target], draft.row.id),
        }
    }

    /// The write that carries out a decision; `None` for one that needs none.
    fn contact_write(&self, decision: &ContactDecision) -> Option<ContactWrite> {
        let draft = &decision.draft;
        let value = |field: usize| draft.values.get(field).map(|value| (field, value.clone()));
        let (set, marks) = match &decision.action {
            Action::Keep | Action::Leave | Action::Park(_) => return None,
            Action::Create => {
                let present = |(_, value): &(usize, Value)| *value != Value::Empty;
                let set = (0..draft.values.len())
                    .filter_map(value)
                    .filter(present)
                    .collect();
                (set, draft.marks != Marks::default())
            }
            Action::Update { fields, marks } => {
                let united = |field: usize| Some((field, self.united(decision, field)?));
                (fields.iter().copied().filter_map(united).collect(), *marks)
            }
        };
        let mut write = ContactWrite {
            key: draft.row.key.clone(),
            remote_id: decision.shown.as_ref().map(|shown| shown.remote_id.clone()),
            set,
            marks: marks.then(|| draft.marks.clone()),
            seal: 0,
            parts: parts_of(decision).to_owned(),
        };
        let after = self.after(decision, Some((&write, &Written::default())));
        write.seal = seal(&write.key, &self.target.layout.contact, &after);
        Some(write)
    }

    /// What is wanted in a field; in one that holds several values, together with what a person added.
    fn united(&self, decision: &ContactDecision, field: usize) -> Option<Value> {
        let wanted = decision.draft.values.get(field)?;
        let spec = self.target.layout.contact.get(field)?;
        let Some((shown, spelled)) = decision
            .shown
            .as_ref()
            .and_then(|shown| Some((shown, shown.list(field)?)))
        else {
            return Some(wanted.clone());
        };
        let single;
        let several = match wanted {
            Value::List(several) => several.as_slice(),
            Value::Empty => &[],
            other => {
                single = [other.canonical().into_owned()];
                &single
            }
        };
        let there = shown.values.get(field).map_or("", String::as_str);
        let known = decision.remembered(&self.target.layout.contact);
        let is_ours = known.is_some_and(|known| known.is_ours(field, hash(there)));
        let normal = |text: &str| {
            let value = Value::Text(text.to_owned());
            self.remote.normal_form(spec, &value).into_owned()
        };
        let is_others = |value: &&String| !self.is_of_forgotten(&decision.draft, field, value);
        let spelled: Vec<String> = spelled.iter().filter(is_others).cloned().collect();
        let united = united(several, &spelled, is_ours, normal);
        Some(match united.is_empty() {
            true => Value::Empty,
            false => Value::List(united),
        })
    }

    /// First step: what we are about to write is on the disk before it is sent.
    fn intend(&self, decisions: &[ContactDecision]) -> Result<()> {
        self.state.transaction(|state| {
            for decision in decisions {
                let draft = &decision.draft;
                self.follow_orders_of(state, decision)?;
                let before = draft.link.clone().unwrap_or_default();
                // One that is made now has none until the target has answered.
                let record = decision.shown.as_ref().map(|shown| shown.remote_id.clone());
                let hashes = draft
                    .texts
                    .iter()
                    .map(|text| hash(text))
                    .chain([hash_of_marks(&draft.marks)]);
                let link = Link {
                    remote_id: record,
                    layout: self.numbers.contacts,
                    written: before.written,
                    intended: Some(hashes.collect()),
                    parts: parts_of(decision).to_owned(),
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
        if decision.shown.is_some() || written.is_some() {
            self.reached.insert(draft.row.id);
        }
        let told = self.told(decision, written.map(|(write, _)| write));
        match (&decision.action, written) {
            (Action::Create, _) => self.delivered.created += 1,
            (_, Some(_)) => self.delivered.updated += 1,
            (_, None) => {}
        }
        let link = self.confirmed_link(decision, written);
        self.state.transaction(|state| {
            if written.is_none() {
                self.follow_orders_of(state, decision)?;
            }
            // What was written stands in the ID map as an intention now, whatever stood there before.
            let is_news = |link: &Link| written.is_some() || draft.link.as_ref() != Some(link);
            if let Some(link) = link.filter(is_news) {
                let owner = self.owner_of_record(draft, &link)?;
                if owner != draft.row.id {
                    state.remove_link(self.numbers.target, Linked::Contact(draft.row.id))?;
                }
                state.set_link(self.numbers.target, Linked::Contact(owner), &link, self.now)?;
            }
            let more = written.map_or(&[][..], |(_, written)| written.told.as_slice());
            for told in told.iter().chain(more) {
                state.tell(draft.row.id, self.now, told)?;
            }
            state.unpark("contact", "", &draft.row.key, &self.target.settings.name)
        })
    }

    /// Whose the record is that was just written: while that was under way the contact may have been merged
    /// into another one, which took the record over or has none of its own.
    fn owner_of_record(&self, draft: &ContactDraft, link: &Link) -> Result<i64> {
        let (state, target, written) = (self.state, self.numbers.target, draft.row.id);
        let survivor = state.survivor(written)?;
        if survivor == written || draft.row.merged_into.is_some() {
            return Ok(written);
        }
        let takes_it = match state.key_of_delivered(target, survivor)? {
            Some(record) => link.remote_id.as_ref() == Some(&record),
            None => !state.has_link(target, Linked::Contact(survivor))?,
        };
        Ok(if takes_it { survivor } else { written })
    }

    /// The link to remember; `None` when nobody looked and nothing was written: the ID map says it all.
    fn confirmed_link(
        &self,
        decision: &ContactDecision,
        written: Option<&(ContactWrite, Written)>,
    ) -> Option<Link> {
        let draft = &decision.draft;
        let parts = written
            .and_then(|(_, after)| after.parts.as_deref())
            .unwrap_or(parts_of(decision));
        let record = match (written, &decision.shown) {
            (Some((_, after)), _) => after.remote_id.clone(),
            (None, Some(shown)) => shown.remote_id.clone(),
            (None, None) => return None,
        };
        let written = written.map(|(write, after)| (write, after));
        let mut hashes = self.after(decision, written).0;
        hashes.push(hash_of_marks(&draft.marks));
        Some(Link {
            remote_id: Some(record),
            layout: self.numbers.contacts,
            written: hashes,
            intended: None,
            parts: parts.to_owned(),
        })
    }

    /// What we shall remember as written, once the record stands as it does after this write.
    fn after(&self, decision: &ContactDecision, written: Option<(&ContactWrite, &Written)>) -> Hashes {
        let texts = &decision.draft.texts;
        let mut shown = decision.shown.clone().unwrap_or_default();
        shown.values.resize(texts.len(), String::new());
        if let Some((write, written)) = written {
            self.show_written(&mut shown, &self.target.layout.contact, &write.set, written);
        }
        let before = decision.remembered(&self.target.layout.contact);
        let set = written.map_or_else(Vec::new, |(write, _)| {
            write.set.iter().map(|(field, _)| *field).collect()
        });
        remember(texts, &shown, &set, before.as_ref())
    }

    /// The sentence for the history of a contact.
    fn told(&self, decision: &ContactDecision, write: Option<&ContactWrite>) -> Option<String> {
        let name = &self.target.settings.name;
        let is_linked = decision.draft.record().is_some();
        match (&decision.action, write) {
            (Action::Create, _) if is_linked => {
                Some(format!("created again in {name}: its record was deleted there"))
            }
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
                let unreadable = decision.shown.as_ref().and_then(|shown| shown.unreadable);
                let why = unreadable.map_or_else(String::new, |mark| {
                    format!(" (what stood in {mark} cannot be read, and was written anew)")
                });
                Some(format!("{how} in {name}: {what}{why}"))
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
            state.contact_done(self.numbers.target, self.due(row.id))
        })
    }
}

/// What is remembered with the record of a decision: as the target showed it, else as it was remembered before.
fn parts_of(decision: &ContactDecision) -> &str {
    let shown = decision.shown.as_ref().and_then(|shown| shown.parts.as_deref());
    let before = || decision.draft.link.as_ref().map(|link| link.parts.as_str());
    shown.or_else(before).unwrap_or_default()
}
