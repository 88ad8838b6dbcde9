//! Where everything stands: runs, readings, what waits, what is parked.

use std::collections::HashSet;

use jiff::Timestamp;
use serde::Serialize;

use super::import::Setup;
use crate::error::Result;
use crate::source::Section;
use crate::state::journal::Run;
use crate::state::shops::ShopRow;
use crate::state::{State, lock};

/// How many runs are shown.
const RUNS: u32 = 5;

/// Where everything stands.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Status {
    /// The last runs, the newest first.
    pub runs: Vec<RunStatus>,
    /// The configured shops.
    pub shops: Vec<ShopStatus>,
    /// Contacts that were not merged away.
    pub contacts: u64,
    /// Those of them with a registered customer.
    pub registered: u64,
    /// The configured targets.
    pub targets: Vec<TargetStatus>,
    /// What is parked, alike records together, the most first.
    pub parked: Vec<ParkedStatus>,
    /// Who works on the state at this moment, in words.
    pub at_work: Option<String>,
    /// Why the daemon cannot work at all, where that is neither a shop nor a target.
    pub failing: Option<Failing>,
}

/// What fails at the moment, or failed when the daemon ended.
#[derive(Debug, Clone, Serialize)]
pub struct Failing {
    /// Since when.
    pub since: Timestamp,
    /// What was being done, and what went wrong.
    pub cause: String,
    /// What to do about it.
    pub hint: String,
    /// Whether nothing helps until a person acts.
    pub needs_person: bool,
}

/// A run.
#[derive(Debug, Clone, Serialize)]
pub struct RunStatus {
    /// The command.
    pub command: String,
    /// When it began.
    pub began_at: Timestamp,
    /// When it ended; `None`: it is going on, or was killed.
    pub ended_at: Option<Timestamp>,
    /// Whether it is going on.
    pub is_going_on: bool,
    /// How it ended, in a few words.
    pub outcome: String,
    /// What failed in it, each a sentence with the cause and what to do. Where it `failed in part` the rest
    /// went on.
    pub failures: Vec<String>,
    /// What it did, as `import --json` prints it.
    pub counts: serde_json::Value,
}

/// A shop, as far as it was read.
#[derive(Debug, Clone, Serialize)]
pub struct ShopStatus {
    /// Its name.
    pub shop: String,
    /// What is known of its customers.
    pub customers: SectionStatus,
    /// What is known of its orders.
    pub orders: SectionStatus,
    /// When the daemon that is at work reads it next.
    pub next_run_at: Option<Timestamp>,
    /// Why reading it fails, as the daemon last knew.
    pub failing: Option<Failing>,
}

/// A section of a shop.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SectionStatus {
    /// Records that are not deleted.
    pub records: u64,
    /// The moment of the last full reading; `None`: it was never read.
    pub read_at: Option<Timestamp>,
    /// From where it was read, in words.
    pub source: Option<String>,
    /// Everything the shop changed until then is known.
    pub read_to: Option<Timestamp>,
    /// How long ago that is.
    pub lag_seconds: Option<i64>,
}

/// What waits for a target.
#[derive(Debug, Clone, Serialize)]
pub struct TargetStatus {
    /// Its name.
    pub target: String,
    /// Whether anything was ever delivered there.
    pub delivered: bool,
    /// Contacts that the next run looks at.
    pub due: u64,
    /// Since when the first of them waits.
    pub due_since: Option<Timestamp>,
    /// Why delivering to it fails, as the daemon last knew.
    pub failing: Option<Failing>,
}

/// Parked records that are alike.
#[derive(Debug, Clone, Serialize)]
pub struct ParkedStatus {
    /// What kind of record.
    pub kind: String,
    /// Where they could not be delivered; empty for those that could not be read.
    pub target: String,
    /// Why.
    pub reason: String,
    /// How many.
    pub count: u64,
}

/// Looks at everything.
///
/// # Errors
/// When the state cannot be read.
pub fn status(state: &State, setup: &Setup) -> Result<Status> {
    let known = state.shops()?;
    let mut runs: Vec<RunStatus> = state.last_runs(RUNS)?.into_iter().map(run_status).collect();
    if let Some(since) = lock::held_since(&setup.state_dir) {
        note_what_is_going_on(&mut runs, since);
    }
    let shops = setup.shops.iter().map(|shop| {
        let row = known.iter().find(|row| row.name == shop.name);
        Ok(ShopStatus {
            shop: shop.name.clone(),
            customers: section(state, row, Section::Customers)?,
            orders: section(state, row, Section::Orders)?,
            next_run_at: None,
            failing: None,
        })
    });
    let targets = setup.targets.iter().map(|(target, _)| {
        let number = state.known_target(&target.name)?;
        let delivered = match number {
            Some(number) => state.target_marks(number)?.identity.is_some(),
            None => false,
        };
        Ok(TargetStatus {
            target: target.name.clone(),
            delivered,
            due: number.map_or(Ok(0), |number| state.count_due(number))?,
            due_since: number.map_or(Ok(None), |number| state.due_since(number))?,
            failing: None,
        })
    });
    let parked = state.parked_alike()?.into_iter().map(|alike| ParkedStatus {
        kind: alike.kind,
        target: alike.target,
        reason: alike.reason,
        count: alike.count,
    });
    Ok(Status {
        runs,
        shops: shops.collect::<Result<_>>()?,
        contacts: state.count_contacts()?,
        registered: state.count_registered_contacts()?,
        targets: targets.collect::<Result<_>>()?,
        parked: parked.collect(),
        at_work: lock::holder(&setup.state_dir),
        failing: None,
    })
}

/// Whoever holds the lock began every run since they took it; of those that are the same the last one.
fn note_what_is_going_on(runs: &mut [RunStatus], held_since: Timestamp) {
    let mut seen = HashSet::new();
    for run in runs {
        let is_last = seen.insert(run.command.clone());
        let is_theirs = run.began_at.as_second() >= held_since.as_second();
        run.is_going_on = is_last && is_theirs && run.ended_at.is_none();
    }
}

fn run_status(run: Run) -> RunStatus {
    let counts: serde_json::Value = serde_json::from_str(&run.counts).unwrap_or_default();
    let failures = counts.get("failures").and_then(serde_json::Value::as_array);
    RunStatus {
        command: run.command,
        began_at: run.started_at,
        ended_at: run.ended_at,
        is_going_on: false,
        outcome: run.outcome,
        failures: failures
            .into_iter()
            .flatten()
            .filter_map(|failure| failure.as_str().map(str::to_owned))
            .collect(),
        counts,
    }
}

fn section(state: &State, row: Option<&ShopRow>, section: Section) -> Result<SectionStatus> {
    let Some(row) = row else {
        return Ok(SectionStatus::default());
    };
    let reading = state.full_reading(row.id, section.as_str())?;
    let records = match section {
        Section::Customers => state.count_customers(row.id)?,
        Section::Orders => state.count_orders(row.id)?,
    };
    let cursor = state.cursor(row.id, section.as_str())?;
    let lag = |read_to: Timestamp| Timestamp::now().duration_since(read_to).as_secs().max(0);
    Ok(SectionStatus {
        read_to: cursor.map(|cursor| cursor.read_to),
        lag_seconds: cursor.map(|cursor| lag(cursor.read_to)),
        records,
        read_at: reading.as_ref().map(|reading| reading.read_at),
        source: reading.map(|reading| reading.source),
    })
}
