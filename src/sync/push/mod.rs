//! Delivering what is due: look, decide, write in three steps.
//!
//! The intended values are committed to the ID map, then the write goes out, then the values that the
//! target shows become what we last wrote. Killed anywhere in between, the next run looks again and
//! finds either our intended value or what was there before.

mod batch;
mod contacts;
mod decide;
mod decide_orders;
mod orders;

use std::collections::HashMap;
use std::time::Instant;

use jiff::Timestamp;
use tokio::sync::RwLockReadGuard;
use tokio::task::yield_now;

use super::compose::Composer;
use super::parking::reason;
use super::report::Delivered;
use super::settled::Settled;
use super::stop::Stop;
use super::target::{TargetInRun, TargetNumbers, in_layout};
use crate::error::{Call, Error, Kind, Result};
use crate::model::{Value, Written};
use crate::plan::{Fields, Hashes, Remembered};
use crate::source::{Progress, Unit};
use crate::state::State;
use crate::state::due::DueContact;
use crate::state::links::{Link, Linked};
use crate::state::parked::Parked;
use crate::target::Target;

use batch::BatchSize;

pub use decide::{ContactDecision, ContactDraft, Due};
pub use decide_orders::{DueOrder, Host, OpenOrder, OrderDecision};

/// Which of the due contacts are delivered now; the rest stay due.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Numbers of contacts; `None` is everybody.
    pub only: Option<Vec<i64>>,
    /// At most so many contacts.
    pub limit: Option<u64>,
}

/// One target's delivery.
pub struct Push<'a> {
    state: &'a State,
    composer: &'a Composer<'a>,
    target: &'a TargetInRun,
    numbers: TargetNumbers,
    remote: &'a mut dyn Target,
    stop: &'a Stop,
    delivered: Delivered,
    size: BatchSize,
    now: Timestamp,
    /// What made the contacts of this batch due.
    marks: HashMap<i64, i64>,
    /// Whether this delivery has left its number in the target.
    has_begun: bool,
    /// What is done about fields that stand there already.
    fields: Fields,
    /// The turn at the people, where others may change them meanwhile.
    settled: Option<&'a Settled>,
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
        stop: &'a Stop,
    ) -> Result<Self> {
        let numbers = target.numbers(state)?;
        let now = Timestamp::now();
        Ok(Self {
            state,
            composer,
            target,
            numbers,
            remote,
            stop,
            delivered: Delivered::default(),
            size: BatchSize::new(),
            now,
            marks: HashMap::new(),
            has_begun: false,
            fields: Fields::ByPolicy,
            settled: None,
        })
    }

    /// The same beside others who change the people.
    #[must_use]
    pub fn beside(mut self, settled: &'a Settled) -> Self {
        self.settled = Some(settled);
        self
    }

    /// Waits until nobody is half-way through a document.
    async fn to_look(settled: Option<&Settled>) -> Option<RwLockReadGuard<'_, ()>> {
        match settled {
            Some(settled) => Some(settled.to_look().await),
            None => None,
        }
    }

    /// The same, but of what we wrote nothing stays that is not wanted any more: somebody was forgotten.
    #[must_use]
    pub fn anew(mut self) -> Self {
        self.fields = Fields::Anew;
        self
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
            self.stop.check()?;
            let began = Instant::now();
            let due = self
                .state
                .due_contacts(self.numbers.target, after, self.size.now())?;
            let Some(last) = due.last() else { break };
            after = last.id;
            let chosen = |due: &DueContact| selection.only.as_ref().is_none_or(|only| only.contains(&due.id));
            let mut batch: Vec<DueContact> = due.iter().copied().filter(chosen).collect();
            if let Some(limit) = selection.limit {
                let done = self.delivered.created + self.delivered.updated + self.delivered.kept;
                batch.truncate(usize::try_from(limit.saturating_sub(done)).unwrap_or(usize::MAX));
            }
            self.now = Timestamp::now();
            self.deliver_batch(&batch).await?;
            self.size.took(batch.len(), began.elapsed());
            seen += due.len() as u64;
            progress.report(&phase, seen, Some(total), Unit::Records);
            // A database that is a file never makes anybody wait: the others have their turn here.
            yield_now().await;
        }
        self.delivered.waiting = self.state.count_due(self.numbers.target)?;
        Ok(self.delivered)
    }

    async fn deliver_batch(&mut self, due: &[DueContact]) -> Result<()> {
        self.marks = due.iter().map(|due| (due.id, due.mark)).collect();
        let contacts: Vec<i64> = due.iter().map(|due| due.id).collect();
        let delivered = self.deliver_contacts(&contacts).await?;
        self.deliver_orders(&delivered).await
    }

    /// A delivery that writes nothing leaves no trace.
    async fn begin_writing(&mut self) -> Result<()> {
        if !self.has_begun {
            self.numbers.begin_delivery(self.state, self.remote).await?;
            self.has_begun = true;
        }
        Ok(())
    }

    /// A contact of this batch, with what made it due.
    fn due(&self, contact: i64) -> DueContact {
        DueContact {
            id: contact,
            mark: self.marks.get(&contact).copied().unwrap_or_default(),
        }
    }

    /// What the ID map holds, in the layout of now.
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

    /// Sets a contact (`shop` empty) or an order aside, in this target.
    fn park(&self, kind: &str, shop: &str, key: &str, contact: i64, error: &Error) -> Result<()> {
        self.state.park(&Parked {
            kind: kind.to_owned(),
            shop: shop.to_owned(),
            key: key.to_owned(),
            target: self.target.settings.name.clone(),
            contact: Some(contact),
            reason: reason(error),
            since: self.now,
            dismissed: false,
        })
    }
}

/// Whether a failure concerns one record; every other one ends the delivery to its target.
fn is_about_one_record(error: &Error) -> bool {
    error.kind().calls_for() == Call::Park || error.kind() == Kind::Refused
}

fn remembered(link: &Link) -> Remembered {
    Remembered {
        written: Hashes(link.written.clone()),
        intended: link.intended.clone().map(Hashes),
    }
}

/// Brings what a record showed up to date with what was just written into it. `texts` are the wanted
/// values in the target's normal form.
fn show_written(there: &mut [String], set: &[(usize, Value)], written: &Written, texts: &[String]) {
    match &written.shown {
        Some(shown) => {
            for (field, text) in shown {
                if let Some(slot) = there.get_mut(*field) {
                    slot.clone_from(text);
                }
            }
        }
        None => {
            for (field, _) in set {
                if let (Some(slot), Some(text)) = (there.get_mut(*field), texts.get(*field)) {
                    slot.clone_from(text);
                }
            }
        }
    }
}
