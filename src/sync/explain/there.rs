//! What one target has of a contact.

use serde::Serialize;

use super::{RecordExplained, record};
use crate::error::Result;
use crate::mapping::Mapping;
use crate::model::{Ask, Look};
use crate::state::State;
use crate::state::contacts::ContactRow;
use crate::state::links::Linked;
use crate::sync::compose::Composer;
use crate::sync::import::Setup;
use crate::sync::plan::contacts;
use crate::sync::planned::{ContactPlan, PlannedAction};
use crate::sync::push::Push;
use crate::sync::recognise::{Recognised, recognise};
use crate::sync::stop::Stop;
use crate::sync::target::TargetInRun;
use crate::target::Target;

/// What a target has of the contact.
#[derive(Debug, Clone, Serialize)]
pub struct TargetExplained {
    /// Its name.
    pub target: String,
    /// Its record there.
    pub record: Option<RecordExplained>,
    /// Whether somebody deleted it there.
    pub deleted_there: bool,
    /// How many of its orders somebody deleted there.
    pub orders_deleted_there: usize,
    /// A person's answer to an ambiguous match: a record, or none of those that were found.
    pub answer: Option<Answer>,
    /// Whether the next run looks at it there.
    pub due: bool,
    /// Its orders that the next run looks at there.
    pub orders_due: usize,
    /// What the next run does about it, or would if it were due; `None` when the target does not answer.
    pub next: Option<ContactPlan>,
    /// Why it does not go there, or why that could not be found out.
    pub why_not: Option<String>,
}

/// A person's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is this record.
    Record(String),
    /// It is none of them.
    New,
}

/// What one target has of a contact, and what the next run does about it there.
///
/// # Errors
/// When the state cannot be read; a target that does not answer is told.
pub(super) async fn of_target(
    state: &State,
    setup: &Setup,
    composer: &Composer<'_>,
    target: &TargetInRun,
    row: &ContactRow,
) -> Result<TargetExplained> {
    let name = &target.settings.name;
    let number = target.numbers(state)?.target;
    let mut explained = TargetExplained {
        target: name.clone(),
        record: record(state, name, number, Linked::Contact(row.id))?,
        deleted_there: false,
        orders_deleted_there: 0,
        answer: state
            .answered(number, row.id)?
            .map(|answer| answer.map_or(Answer::New, Answer::Record)),
        due: false,
        orders_due: 0,
        next: None,
        why_not: None,
    };
    if let Err(error) = next(state, setup, composer, target, row, &mut explained).await {
        explained.why_not = Some(error.to_string());
    }
    Ok(explained)
}

/// What the next run does about it, and why it does not go there.
async fn next(
    state: &State,
    setup: &Setup,
    composer: &Composer<'_>,
    target: &TargetInRun,
    row: &ContactRow,
    explained: &mut TargetExplained,
) -> Result<()> {
    let mut remote = target.connect(&setup.state_dir, &state.id()?);
    let there = remote.open_to_look().await?;
    let number = target.numbers(state)?.target;
    explained.look_there(state, number, row, remote.as_mut()).await?;
    let recognised = recognise(state, target, composer.shops(), there.as_ref(), remote.as_mut()).await?;
    if let Recognised::Strange(suspicion) = recognised {
        return Err(suspicion);
    }
    let everything_is_due = !matches!(recognised, Recognised::AsBefore);
    explained.due = everything_is_due || state.is_due(number, row.id)?;
    explained.orders_due = if everything_is_due {
        state.order_numbers_of(row.id)?.len()
    } else {
        state.due_orders(number, row.id)?.len()
    };
    let stop = Stop::default();
    let mut push = Push::new(state, composer, target, remote.as_mut(), &stop)?;
    if let Some((_, plan)) = contacts(&mut push, target, &[row.id]).await?.pop() {
        explained.why_not = why_left_out(composer, target, row, &plan)?;
        explained.next = Some(plan);
    }
    Ok(())
}

impl TargetExplained {
    /// What the ID map has a record of need not be there any more: a run of changes does not look, so
    /// somebody has to.
    async fn look_there(
        &mut self,
        state: &State,
        number: i64,
        row: &ContactRow,
        remote: &mut dyn Target,
    ) -> Result<()> {
        let ask = |record: &RecordExplained| Ask {
            key: record.record.clone(),
            remote_id: Some(record.record.clone()),
            ..Ask::default()
        };
        let is_absent = |look: Result<Look>| look.map(|look| matches!(look, Look::Absent | Look::Gone));
        if let Some(known) = &self.record {
            let looks = remote.look(&[ask(known)]).await?;
            for look in looks {
                self.deleted_there = is_absent(look)?;
            }
        }
        let mut asks = Vec::new();
        for order in state.order_numbers_of(row.id)? {
            asks.extend(
                record(state, &self.target, number, Linked::Order(order))?
                    .iter()
                    .map(ask),
            );
        }
        if !asks.is_empty() {
            for look in remote.look_at_orders(&asks).await? {
                self.orders_deleted_there += usize::from(is_absent(look)?);
            }
        }
        Ok(())
    }
}

fn why_left_out(
    composer: &Composer<'_>,
    target: &TargetInRun,
    row: &ContactRow,
    plan: &ContactPlan,
) -> Result<Option<String>> {
    if plan.action != PlannedAction::LeftOut {
        return Ok(None);
    }
    let everything = composer.parts(row, &|_| true)?;
    let allowed = composer.parts(row, &|shop| target.takes(shop))?;
    let has_any =
        |parts: &crate::merge::assemble::Parts| !parts.customers.is_empty() || !parts.orders.is_empty();
    Ok(Some(if !has_any(&everything) {
        "it has neither a customer nor an order".to_owned()
    } else if !has_any(&allowed) {
        "none of its shops is delivered there (`shops`)".to_owned()
    } else {
        only(&target.mapping)
    }))
}

fn only(mapping: &Mapping) -> String {
    match mapping.only() {
        Some(expression) => format!("`only` does not hold: {expression}"),
        None => "`only` does not hold".to_owned(),
    }
}
