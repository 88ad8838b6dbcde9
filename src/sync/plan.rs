//! What the next run would do: the run's own decisions, made over a state and targets that cannot be written.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::compose::Composer;
use super::draft::shown_name;
use super::import::Setup;
use super::push::{ContactDecision, Due, Push};
use super::recognise::{Recognised, recognise};
use super::shop::ShopInRun;
use super::target::TargetInRun;
use crate::error::{Kind, Result};
use crate::plan::Action;
use crate::source::{Progress, Section, Unit};
use crate::state::State;
use crate::state::links::Linked;

/// Contacts that are decided together.
const BATCH: usize = 100;

/// What the next run would do.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Plan {
    /// What it is worked out from.
    pub readings: Vec<ReadingOf>,
    /// Per target, in the order of the configuration.
    pub targets: Vec<TargetPlan>,
    /// Shops that could not be read for a full plan, each a sentence.
    pub failures: Vec<String>,
    /// The exit code that the worst of all this calls for; 0 when nothing is in the way of a run.
    #[serde(skip)]
    pub exit_code: u8,
}

/// Up to when a section of a shop is known.
#[derive(Debug, Clone, Serialize)]
pub struct ReadingOf {
    /// Name of the shop.
    pub shop: String,
    /// `customers` or `orders`.
    pub section: &'static str,
    /// The moment it speaks of; `None`: it was never read.
    pub read_at: Option<Timestamp>,
}

/// What the next run would do in one target.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TargetPlan {
    /// Its name.
    pub target: String,
    /// Why more is due than what changed: it is new, or its mapping has changed.
    pub why_all: Option<&'static str>,
    /// Why a run would refuse it until a person says `--accept`; the rest is what it would do then.
    pub suspicious: Option<String>,
    /// Why nothing more could be found out.
    pub failure: Option<String>,
    /// Contacts to create.
    pub create: u64,
    /// Contacts to update.
    pub update: u64,
    /// The fields of these updates, and in how many contacts.
    pub fields: BTreeMap<String, u64>,
    /// Contacts that are due and are as they should be.
    pub keep: u64,
    /// Contacts that do not go there.
    pub left_out: u64,
    /// Contacts that several records could be.
    pub ambiguous: u64,
    /// Contacts that cannot be mapped.
    pub unmappable: u64,
    /// Their orders.
    pub orders: OrdersPlan,
}

/// What the next run would do with the orders of the contacts it delivers.
#[derive(Debug, Clone, Default, Serialize)]
pub struct OrdersPlan {
    /// Orders that are not there yet.
    pub create: u64,
    /// Orders that are there and would be compared.
    pub compare: u64,
    /// Orders that would be parked, by their status, which is not mapped.
    pub unmapped: BTreeMap<String, u64>,
}

/// The decision for one contact, as people read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContactPlan {
    /// Its key.
    pub key: String,
    /// What becomes of it.
    pub action: PlannedAction,
    /// The record it concerns, as the target calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// The fields that would be written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// Whether the ID map knows nothing of it yet: all its orders go with it.
    #[serde(skip)]
    pub is_new: bool,
    /// Why it would be parked or left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What becomes of one contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlannedAction {
    /// It gets a record.
    Create,
    /// Its record is changed.
    Update,
    /// Its record is as it should be.
    Keep,
    /// It does not go there.
    LeftOut,
    /// It is parked: several records could be it.
    Ambiguous,
    /// It is parked: an expression cannot be computed for it.
    Unmappable,
}

/// Who hears of each contact: the target's name and the decision.
pub type EachContact<'a> = &'a mut (dyn FnMut(&str, &ContactPlan) -> Result<()> + Send);

/// Works out what the next run would do, from what the state holds.
///
/// # Errors
/// Before the first import, or when the state cannot be read. A target that does not answer is told
/// in the plan.
pub async fn plan(setup: &Setup, each: EachContact<'_>, progress: &dyn Progress) -> Result<Plan> {
    let state = State::open_to_rehearse(&setup.state_dir)?;
    over(&state, setup, each, progress).await
}

/// The plan over an open state: a rehearsal, or a copy.
///
/// # Errors
/// When the state cannot be read.
pub(super) async fn over(
    state: &State,
    setup: &Setup,
    each: EachContact<'_>,
    progress: &dyn Progress,
) -> Result<Plan> {
    let shops = ShopInRun::all_from_state(state, &setup.shops)?;
    let composer = Composer::new(state, &shops)?;
    let mut plan = Plan {
        readings: readings(state, setup)?,
        ..Plan::default()
    };
    for target in TargetInRun::all(&setup.targets)? {
        let mut of_target = TargetPlan {
            target: target.settings.name.clone(),
            ..TargetPlan::default()
        };
        let looked = of_one(state, setup, &composer, &target, &mut of_target, each, progress).await;
        if of_target.suspicious.is_some() {
            plan.exit_code = 2;
        }
        if let Err(error) = looked {
            plan.exit_code = plan.exit_code.max(error.exit_code());
            of_target.failure = Some(error.to_string());
        }
        plan.targets.push(of_target);
    }
    Ok(plan)
}

async fn of_one(
    state: &State,
    setup: &Setup,
    composer: &Composer<'_>,
    target: &TargetInRun,
    plan: &mut TargetPlan,
    each: EachContact<'_>,
    progress: &dyn Progress,
) -> Result<()> {
    let mut remote = target.connect(&setup.state_dir);
    let there = remote.open_to_look().await?;
    let number = target.numbers(state)?.target;
    let recognised = recognise(state, target, there.as_ref())?;
    match &recognised {
        Recognised::AsBefore => {}
        Recognised::NewMapping => plan.why_all = Some("its mapping has changed"),
        Recognised::New => plan.why_all = Some("nothing was delivered there yet"),
        Recognised::Strange(suspicion) => plan.suspicious = Some(suspicion.cause().to_owned()),
    }
    recognised.make_due(state, target, number)?;
    let total = state.count_due(number)?;
    let phase = format!("contacts for {}", plan.target);
    let mut push = Push::new(state, composer, target, remote.as_mut())?;
    let (mut after, mut seen) = (0, 0);
    loop {
        let due = state.due_contacts(number, after, BATCH)?;
        let Some(last) = due.last() else { return Ok(()) };
        after = *last;
        for (contact, decided) in contacts(&mut push, target, &due).await? {
            plan.count(&decided);
            if decided.action.is_delivered() {
                if decided.is_new {
                    state.make_orders_due(&[number], contact)?;
                }
                plan.orders.count(state, composer, target, number, contact)?;
            }
            each(&plan.target, &decided)?;
        }
        seen += due.len() as u64;
        progress.report(&phase, seen, Some(total), Unit::Records);
    }
}

/// What becomes of these contacts, in their order: number and decision. Nothing is written.
///
/// # Errors
/// When the state cannot be read, or the target does not answer.
pub async fn contacts(
    push: &mut Push<'_>,
    target: &TargetInRun,
    contacts: &[i64],
) -> Result<Vec<(i64, ContactPlan)>> {
    let mut planned = Vec::with_capacity(contacts.len());
    let mut drafts = Vec::new();
    for due in push.drafts(contacts)? {
        match due {
            Due::Draft(draft) => drafts.push(*draft),
            Due::LeftOut(row) => {
                let plan = ContactPlan::without_record(row.key, PlannedAction::LeftOut, None);
                planned.push((row.id, plan));
            }
            Due::Park(row, error) => {
                let reason = Some(error.cause().to_owned());
                let plan = ContactPlan::without_record(row.key, PlannedAction::Unmappable, reason);
                planned.push((row.id, plan));
            }
        }
    }
    for (decision, error) in push.decide(drafts).await? {
        if let Some(error) = error.filter(|error| error.kind() != Kind::BadRecord) {
            return Err(error);
        }
        planned.push((decision.draft.row.id, ContactPlan::of(&decision, target)));
    }
    planned.sort_by_key(|(contact, _)| *contact);
    Ok(planned)
}

impl PlannedAction {
    /// Whether the contact is, or will be, in the target: its orders wait until it is.
    const fn is_delivered(self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::Keep)
    }
}

impl ContactPlan {
    fn without_record(key: String, action: PlannedAction, reason: Option<String>) -> Self {
        Self {
            key,
            action,
            record: None,
            fields: Vec::new(),
            is_new: true,
            reason,
        }
    }

    fn of(decision: &ContactDecision, target: &TargetInRun) -> Self {
        let draft = &decision.draft;
        let name = |field: &usize| target.layout.contact.get(*field).map(|spec| spec.name.clone());
        let (action, fields, reason) = match &decision.action {
            Action::Create => {
                let filled = (0..draft.texts.len())
                    .filter(|field| draft.texts.get(*field).is_some_and(|text| !text.is_empty()));
                (
                    PlannedAction::Create,
                    filled.filter_map(|field| name(&field)).collect(),
                    None,
                )
            }
            Action::Update { fields, marks } => {
                let mut fields: Vec<String> = fields.iter().filter_map(name).collect();
                if *marks {
                    fields.push("marks".to_owned());
                }
                (PlannedAction::Update, fields, None)
            }
            Action::Keep => (PlannedAction::Keep, Vec::new(), None),
            Action::Park(reason) => (PlannedAction::Ambiguous, Vec::new(), Some(reason.clone())),
        };
        let shown = decision.shown.as_ref().map(|shown| shown.remote_id.clone());
        Self {
            key: draft.row.key.clone(),
            action,
            record: shown.or_else(|| draft.link.as_ref().and_then(|link| link.remote_id.clone())),
            fields,
            is_new: draft.link.is_none(),
            reason,
        }
    }
}

impl TargetPlan {
    fn count(&mut self, contact: &ContactPlan) {
        match contact.action {
            PlannedAction::Create => self.create += 1,
            PlannedAction::Update => {
                self.update += 1;
                for field in &contact.fields {
                    *self.fields.entry(field.clone()).or_default() += 1;
                }
            }
            PlannedAction::Keep => self.keep += 1,
            PlannedAction::LeftOut => self.left_out += 1,
            PlannedAction::Ambiguous => self.ambiguous += 1,
            PlannedAction::Unmappable => self.unmappable += 1,
        }
    }

    /// Whether a run would write nothing and park nothing.
    pub fn is_nothing(&self) -> bool {
        let contacts = self.create + self.update + self.ambiguous + self.unmappable;
        let orders = &self.orders;
        contacts + orders.create + orders.compare == 0 && orders.unmapped.is_empty()
    }
}

impl OrdersPlan {
    fn count(
        &mut self,
        state: &State,
        composer: &Composer<'_>,
        target: &TargetInRun,
        number: i64,
        contact: i64,
    ) -> Result<()> {
        for id in state.due_orders(number, contact)? {
            let stored = state.whole_order(id)?;
            let Some(shop) = composer.shop(stored.shop).filter(|shop| target.takes(shop)) else {
                continue;
            };
            let status = composer.status(stored.status);
            let stage = target.stage(&shop.settings.name, &status, stored.gone_at.is_some());
            if stage.is_none() {
                *self.unmapped.entry(shown_name(&status)).or_default() += 1;
            } else if state.has_link(number, Linked::Order(id))? {
                self.compare += 1;
            } else {
                self.create += 1;
            }
        }
        Ok(())
    }
}

/// Up to when each section of each configured shop is known.
///
/// # Errors
/// When the state cannot be read.
pub fn readings(state: &State, setup: &Setup) -> Result<Vec<ReadingOf>> {
    let known = state.shops()?;
    let mut readings = Vec::new();
    for shop in &setup.shops {
        for section in [Section::Customers, Section::Orders] {
            let reading = match known.iter().find(|row| row.name == shop.name) {
                Some(row) => state.full_reading(row.id, section.as_str())?,
                None => None,
            };
            readings.push(ReadingOf {
                shop: shop.name.clone(),
                section: section.as_str(),
                read_at: reading.map(|reading| reading.read_at),
            });
        }
    }
    Ok(readings)
}
