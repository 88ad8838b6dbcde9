//! What the next run would do: the run's own decisions, made over a state and targets that cannot be written.

use super::compose::Composer;
use super::deleted_there;
use super::import::Setup;
use super::incremental::How;
use super::known_shops;
use super::planned::{ContactPlan, OrdersPlan, Plan, PlannedAction, ReadingOf, TargetPlan};
use super::push::{Due, Host, Push};
use super::recognise::{Recognised, recognise};
use super::shop::ShopInRun;
use super::stop::Stop;
use super::target::TargetInRun;
use crate::error::{Kind, Result};
use crate::source::{Progress, Section, Unit};
use crate::state::State;

/// Contacts that are decided together.
const BATCH: usize = 100;

/// Orders that are decided together.
const ORDERS: usize = 200;

/// Who hears of each contact: the target's name and the decision.
pub type EachContact<'a> = &'a mut (dyn FnMut(&str, &ContactPlan) -> Result<()> + Send);

/// Works out what the next run would do, from what the state holds.
///
/// # Errors
/// Before the first import, or when the state cannot be read. A target that does not answer is told
/// in the plan.
pub async fn plan(setup: &Setup, each: EachContact<'_>, progress: &dyn Progress) -> Result<Plan> {
    let state = State::open_to_rehearse(&setup.state_dir)?;
    known_shops::must_be_as_before(&state, &setup.shops)?;
    over(&state, setup, How::Changes, each, progress).await
}

/// The plan over an open state: a rehearsal, or a copy. After everything was read, what somebody deleted in a
/// target is due too.
///
/// # Errors
/// When the state cannot be read.
pub(super) async fn over(
    state: &State,
    setup: &Setup,
    how: How,
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
        let looked = of_one(setup, &composer, &target, how, &mut of_target, each, progress).await;
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
    setup: &Setup,
    composer: &Composer<'_>,
    target: &TargetInRun,
    how: How,
    plan: &mut TargetPlan,
    each: EachContact<'_>,
    progress: &dyn Progress,
) -> Result<()> {
    let state = composer.state();
    let mut remote = target.connect(&setup.state_dir, &state.id()?);
    let there = remote.open_to_look().await?;
    let number = target.numbers(state)?.target;
    let recognised = recognise(state, target, composer.shops(), there.as_ref(), remote.as_mut()).await?;
    match &recognised {
        Recognised::AsBefore => {}
        Recognised::Reconfigured => plan.why_all = Some("its configuration has changed"),
        Recognised::New => plan.why_all = Some("nothing was delivered there yet"),
        Recognised::Strange(suspicion) => plan.suspicious = Some(suspicion.cause().to_owned()),
    }
    recognised.make_due(state, target, number)?;
    if how == How::Everything && matches!(recognised, Recognised::AsBefore) {
        let not_there = deleted_there::make_due(state, target, number, remote.as_mut()).await?;
        not_there
            .told(&plan.target)
            .into_iter()
            .for_each(|told| progress.tell(&told));
    }
    plan.parked_before = state.count_parked_in(&plan.target)?;
    let total = state.count_due(number)?;
    let phase = format!("contacts for {}", plan.target);
    let stop = Stop::default();
    let mut push = Push::new(state, composer, target, remote.as_mut(), &stop)?;
    let (mut after, mut seen) = (0, 0);
    loop {
        let due = state.due_contacts(number, after, BATCH)?;
        let Some(last) = due.last() else { return Ok(()) };
        after = last.id;
        let numbers: Vec<i64> = due.iter().map(|due| due.id).collect();
        let mut hosts = Vec::new();
        for (contact, decided) in contacts(&mut push, target, &numbers).await? {
            plan.count(&decided);
            if decided.action.is_delivered() {
                let is_new = decided.action == PlannedAction::Create;
                if is_new || decided.is_new {
                    state.make_orders_due(&[number], contact)?;
                }
                let record = decided.record.clone().unwrap_or_else(|| decided.key.clone());
                hosts.push(Host {
                    contact,
                    record,
                    parts: String::new(),
                    is_new,
                });
            }
            each(&plan.target, &decided)?;
        }
        orders(&mut push, &hosts, &mut plan.orders).await?;
        seen += due.len() as u64;
        progress.report(&phase, seen, Some(total), Unit::Records);
    }
}

/// Counts what becomes of the due orders of these contacts.
async fn orders(push: &mut Push<'_>, hosts: &[Host], plan: &mut OrdersPlan) -> Result<()> {
    let mut open = Vec::with_capacity(ORDERS);
    let mut due = push.due_orders(hosts)?.into_iter().peekable();
    while let Some(order) = due.next() {
        open.extend(plan.count_due(order));
        if open.len() < ORDERS && due.peek().is_some() {
            continue;
        }
        for decision in push.decide_orders(std::mem::take(&mut open)).await? {
            match decision {
                Ok(decision) => plan.count_decided(&decision),
                Err(_) => plan.unmappable += 1,
            }
        }
    }
    Ok(())
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
        match error {
            Some(error) if error.kind() == Kind::Refused => {
                let reason = Some(error.cause().to_owned());
                let row = &decision.draft.row;
                let plan = ContactPlan::without_record(row.key.clone(), PlannedAction::Unmappable, reason);
                planned.push((row.id, plan));
                continue;
            }
            Some(error) if error.kind() != Kind::BadRecord => return Err(error),
            _ => {}
        }
        planned.push((decision.draft.row.id, ContactPlan::of(&decision, target)));
    }
    planned.sort_by_key(|(contact, _)| *contact);
    Ok(planned)
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
            let read_at = match known.iter().find(|row| row.name == shop.name) {
                Some(row) => {
                    let full = state.full_reading(row.id, section.as_str())?;
                    let changes = state.cursor(row.id, section.as_str())?;
                    full.map(|full| full.read_at)
                        .max(changes.map(|changes| changes.read_to))
                }
                None => None,
            };
            readings.push(ReadingOf {
                shop: shop.name.clone(),
                section: section.as_str(),
                read_at,
            });
        }
    }
    Ok(readings)
}
