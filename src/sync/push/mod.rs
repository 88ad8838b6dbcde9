//! Delivering what is due: look, decide, write in three steps.
//!
//! The intended values are committed to the ID map, then the write goes out, then the values that the
//! target shows become what we last wrote. Killed anywhere in between, the next run looks again and
//! finds either our intended value or what was there before.

mod ask;
mod batch;
mod contacts;
mod decide;
mod decide_orders;
mod forgotten;
mod orders;
mod queue;
mod trials;

use std::collections::{HashMap, HashSet};
use std::mem::take;
use std::time::Instant;

use jiff::Timestamp;
use tokio::sync::RwLockReadGuard;
use tokio::task::yield_now;
use tokio::time::sleep;

use super::compose::Composer;
use super::parking::reason;
use super::report::Delivered;
use super::settled::Settled;
use super::stop::Stop;
use super::target::{TargetInRun, TargetNumbers, in_layout};
use crate::error::{Call, Error, Kind, Result};
use crate::http::Pace;
use crate::model::{FieldSpec, Shown, Value, Written};
use crate::plan::{Fields, Hashes, Remembered};
use crate::source::{Progress, Unit};
use crate::state::State;
use crate::state::due::DueContact;
use crate::state::links::{Link, Linked};
use crate::state::parked::Parked;
use crate::target::Target;

use batch::BatchSize;
use queue::Queue;
use trials::{BatchFailed, Trials};

pub use decide::{ContactDecision, ContactDraft, Due};
pub use decide_orders::{DueOrder, Host, OpenOrder, OrderDecision};

/// Why a contact whose record is gone stays without one.
pub const GONE: &str =
    "its record was deleted there, or merged into another one (`on_gone`); `link` names the other one";

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
    marks: HashMap<i64, DueContact>,
    /// Contacts of this batch of which nobody knows what became of them.
    troubles: HashMap<i64, Error>,
    /// What ends this delivery once all that was written is remembered.
    ends: Option<Error>,
    /// Contacts of this batch about whom the target answered.
    reached: HashSet<i64>,
    /// Whether anything of this batch was written.
    has_written: bool,
    /// Whether this delivery has left its number in the target.
    has_begun: bool,
    /// What is done about fields that stand there already.
    fields: Fields,
    /// The turn at the people, where others may change them meanwhile.
    settled: Option<&'a Settled>,
    /// How long to wait before another try.
    pace: Pace,
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
        let size = BatchSize::new(remote.ways());
        Ok(Self {
            state,
            composer,
            target,
            numbers,
            remote,
            stop,
            delivered: Delivered::default(),
            size,
            now,
            marks: HashMap::new(),
            troubles: HashMap::new(),
            ends: None,
            reached: HashSet::new(),
            has_written: false,
            pace: Pace::default(),
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

    /// The same at another pace.
    #[must_use]
    pub fn at_pace(mut self, pace: &Pace) -> Self {
        self.pace = pace.clone();
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
        self.remote
            .expects(total.min(selection.limit.unwrap_or(u64::MAX)));
        self.size = BatchSize::new(self.remote.ways());
        let mut queue = Queue::new(self.numbers.target, self.remote.ways(), selection);
        let mut trials = Trials::new(self.numbers.target, self.pace.clone());
        let mut seen = 0_u64;
        loop {
            self.stop.check()?;
            let began = Instant::now();
            self.now = Timestamp::now();
            let done = self.delivered.created + self.delivered.updated + self.delivered.kept;
            let Some(batch) = queue.next(self.state, self.size.now(), done, self.now, &trials)? else {
                let too_often = trials.judge(self.state, self.now)?;
                self.park_all(too_often)?;
                // Somebody who asked for a few is not kept waiting.
                let is_whole = selection.only.is_none() && selection.limit.is_none();
                match trials.pause(self.state, self.now)?.filter(|_| is_whole) {
                    Some(pause) => {
                        let sleeping = async {
                            sleep(pause).await;
                            Ok(())
                        };
                        self.stop.or(sleeping).await?;
                        continue;
                    }
                    None => break,
                }
            };
            self.deliver_batch(&batch.chosen).await?;
            let failed = BatchFailed {
                troubles: take(&mut self.troubles),
                reached: take(&mut self.reached),
                has_written: take(&mut self.has_written),
            };
            let too_often = trials.take(self.state, &batch.chosen, failed, self.now)?;
            self.park_all(too_often)?;
            self.size.took(batch.chosen.len(), began.elapsed());
            seen += batch.looked_at;
            progress.report(&phase, seen.min(total), Some(total), Unit::Records);
            // A database that is a file never makes anybody wait: the others have their turn here.
            yield_now().await;
        }
        self.delivered.put_off = trials.end(self.state)?;
        self.delivered.waiting = self.state.count_due(self.numbers.target)?;
        Ok(self.delivered)
    }

    /// Contacts failed too often in a way that may pass.
    fn park_all(&mut self, too_often: Vec<(DueContact, Error)>) -> Result<()> {
        for (due, error) in too_often {
            let Some(row) = self.state.contact(due.id)? else {
                continue;
            };
            self.delivered.parked += 1;
            self.state.transaction(|state| {
                self.park("contact", "", &row.key, row.id, &error)?;
                state.contact_done(self.numbers.target, due)
            })?;
        }
        Ok(())
    }

    async fn deliver_batch(&mut self, due: &[DueContact]) -> Result<()> {
        self.marks = due.iter().map(|due| (due.id, *due)).collect();
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
        let unknown = DueContact {
            id: contact,
            mark: 0,
            tries: 0,
        };
        self.marks.get(&contact).copied().unwrap_or(unknown)
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

    /// What a record that was written in part is called; what was meant stays meant.
    fn remember_part(&self, of: Linked, layout: i64, count: usize, written: &Written) -> Result<()> {
        let Some(link) = self.link(of, layout, count)? else {
            return Ok(());
        };
        let link = Link {
            remote_id: Some(written.remote_id.clone()),
            parts: written.parts.clone().unwrap_or(link.parts),
            ..link
        };
        self.state.set_link(self.numbers.target, of, &link, self.now)
    }

    /// Brings what a record showed up to date with what was just written into it.
    fn show_written(
        &self,
        there: &mut Shown,
        specs: &[FieldSpec],
        set: &[(usize, Value)],
        written: &Written,
    ) {
        let mut show = |field: usize, text: String| {
            if let Some(slot) = there.values.get_mut(field) {
                *slot = text;
            }
        };
        match &written.shown {
            Some(shown) => shown.iter().for_each(|(field, text)| show(*field, text.clone())),
            None => {
                for (field, value) in set {
                    if let Some(spec) = specs.get(*field) {
                        show(*field, self.remote.normal_form(spec, value).into_owned());
                    }
                }
            }
        }
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

/// What a failure calls for that came with one record.
enum Fate {
    /// The record is set aside.
    Park,
    /// Nobody knows what became of it: it is looked at again.
    TryAgain,
    /// It is not about this record alone: the delivery to this target ends.
    End,
}

fn fate(error: &Error) -> Fate {
    match error.kind().calls_for() {
        Call::Park => Fate::Park,
        Call::Retry => Fate::TryAgain,
        Call::Stop | Call::Human if error.kind() == Kind::Refused => Fate::Park,
        Call::Stop | Call::Human => Fate::End,
    }
}

fn remembered(link: &Link) -> Remembered {
    Remembered {
        written: Hashes(link.written.clone()),
        intended: link.intended.clone().map(Hashes),
    }
}
