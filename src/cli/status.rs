//! `status`: last runs, how far each source is read, what waits for each target, what is parked.

use std::path::Path;

use clap::Args;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::output::{Stdout, Table, counted, moment, print};
use super::setup;
use crate::daemon::failing;
use crate::daemon::notices::{Incidents, Part};
use crate::daemon::schedule::{LastRuns, Timetable};
use crate::error::Result;
use crate::state::{State, lock};
use crate::sync::status::{Failing, RunStatus, SectionStatus, Status, status};

/// Reasons that are shown; the rest is in `parked`.
const REASONS: usize = 10;

/// The arguments of `status`.
#[derive(Debug, Clone, Args)]
pub struct StatusArguments {
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Prints where everything stands.
///
/// # Errors
/// When the state cannot be read.
pub fn run(arguments: &StatusArguments, config: Option<&Path>, stdout: Stdout<'_>) -> Result<u8> {
    let config = setup::load(config)?;
    let setup = setup::setup(&config);
    if let (Err(_), Some(holder)) = (State::require(&setup.state_dir), lock::holder(&setup.state_dir)) {
        let found = Status {
            at_work: Some(holder),
            ..Status::default()
        };
        return print(stdout, arguments.json, &found, |out| {
            before_the_first(&found, out)
        })
        .map(|()| 0);
    }
    let state = State::open_to_read(&setup.state_dir)?;
    let mut found = status(&state, &setup)?;
    if daemon_is_at_work(&found) {
        let (timetable, now) = (Timetable::new(&config.schedule)?, Timestamp::now());
        for shop in &mut found.shops {
            let last = LastRuns::remembered(&state, &shop.shop)?.by_the_clock(now);
            shop.next_run_at = timetable.next(last, now);
        }
    }
    add_what_fails(&mut found, &failing::remembered(&state));
    let zone = setup::zone(&config)?;
    print(stdout, arguments.json, &found, |out| in_words(&found, &zone, out))?;
    Ok(0)
}

/// There is no state yet, but somebody is at work on it.
fn before_the_first(status: &Status, out: Stdout<'_>) -> std::io::Result<()> {
    let holder = status.at_work.as_deref().unwrap_or_default();
    writeln!(out, "at work: {holder}")?;
    writeln!(
        out,
        "nothing is imported yet: that is being done, or waits to be tried again; its log tells how far it is"
    )
}

/// What fails is known by the daemon alone, also after it has ended.
fn add_what_fails(status: &mut Status, incidents: &Incidents) {
    for (part, since, failure) in incidents.open() {
        let place = match part {
            Part::Service => Some(&mut status.failing),
            Part::Shop(name) => {
                let mut shops = status.shops.iter_mut();
                shops
                    .find(|shop| shop.shop == *name)
                    .map(|shop| &mut shop.failing)
            }
            Part::Target(name) => {
                let mut targets = status.targets.iter_mut();
                let target = targets.find(|target| target.target == *name);
                target.map(|target| &mut target.failing)
            }
        };
        if let Some(place) = place {
            *place = Some(Failing {
                since,
                cause: failure.cause.clone(),
                hint: failure.hint.clone(),
                needs_person: failure.needs_person,
            });
        }
    }
}

/// `fails since 2026-02-03 04:05 CET because reading …: no answer (the next run tries again)`
fn why(failing: &Failing, is_at_work: bool, zone: &TimeZone) -> String {
    let (since, cause) = (moment(failing.since, zone), &failing.cause);
    let hint = match failing.hint.as_str() {
        "" => String::new(),
        hint => format!(" ({hint})"),
    };
    match is_at_work {
        true => format!("fails since {since} because {cause}{hint}"),
        false => format!("failed since {since} when the daemon ended, because {cause}{hint}"),
    }
}

/// Only a daemon works by the schedule.
fn daemon_is_at_work(status: &Status) -> bool {
    status
        .at_work
        .as_ref()
        .is_some_and(|holder| holder.starts_with("`run`"))
}

fn in_words(status: &Status, zone: &TimeZone, out: Stdout<'_>) -> std::io::Result<()> {
    if let Some(holder) = &status.at_work {
        writeln!(out, "at work: {holder}")?;
    }
    let why = |failing: &Failing| why(failing, daemon_is_at_work(status), zone);
    if let Some(failing) = &status.failing {
        writeln!(out, "the daemon {}", why(failing))?;
    }
    writeln!(out, "runs")?;
    let mut runs = Table::default();
    for run in &status.runs {
        let (ended, took) = match run.ended_at {
            Some(at) => (run.outcome.as_str(), length(at.duration_since(run.began_at))),
            None if run.is_going_on => ("is going on", String::new()),
            None => ("did not end: it was killed", String::new()),
        };
        runs.row([
            &run.command,
            &moment(run.began_at, zone),
            &took,
            ended,
            &counts(run),
        ]);
        for failure in &run.failures {
            runs.below(failure);
        }
    }
    runs.write(out, 2)?;
    writeln!(out, "shops")?;
    let mut shops = Table::default();
    for shop in &status.shops {
        let customers = counted(shop.customers.records, "customer", "customers");
        let orders = counted(shop.orders.records, "order", "orders");
        for (records, known) in [(customers, &shop.customers), (orders, &shop.orders)] {
            shops.row([&shop.shop, &records, &reading(known, zone)]);
        }
        if let Some(failing) = &shop.failing {
            shops.below(&why(failing));
        }
        if let Some(next) = shop.next_run_at {
            shops.below(&format!("read next at {}", moment(next, zone)));
        }
    }
    shops.write(out, 2)?;
    writeln!(
        out,
        "contacts: {} ({} registered, {} guests)",
        status.contacts,
        status.registered,
        status.contacts.saturating_sub(status.registered)
    )?;
    writeln!(out, "targets")?;
    let mut targets = Table::default();
    for target in &status.targets {
        let waits = match (target.delivered, target.due) {
            (false, _) => "nothing was delivered there yet".to_owned(),
            (true, 0) => "nothing waits".to_owned(),
            (true, due) => {
                let since = target
                    .due_since
                    .map(|since| format!(" since {}", moment(since, zone)));
                let waits = counted(due, "contact waits", "contacts wait");
                format!("{waits} for the next run{}", since.unwrap_or_default())
            }
        };
        targets.row([&target.target, &waits]);
        if let Some(failing) = &target.failing {
            targets.below(&why(failing));
        }
    }
    targets.write(out, 2)?;
    if status.parked.is_empty() {
        return writeln!(out, "nothing is parked");
    }
    writeln!(out, "parked")?;
    let mut parked = Table::default();
    for alike in status.parked.iter().take(REASONS) {
        parked.row([
            &alike.count.to_string(),
            &alike.kind,
            &alike.target,
            &alike.reason,
        ]);
    }
    parked.write(out, 2)?;
    let more: u64 = status.parked.iter().skip(REASONS).map(|alike| alike.count).sum();
    if more > 0 {
        writeln!(out, "  and {more} more: `shoptet-sync parked` lists them all")?;
    }
    Ok(())
}

fn reading(known: &SectionStatus, zone: &TimeZone) -> String {
    match (known.read_at, &known.source) {
        (Some(at), Some(source)) => {
            let mut words = format!("read {} from {source}", moment(at, zone));
            if let (Some(read_to), Some(lag)) =
                (known.read_to.filter(|read_to| *read_to > at), known.lag_seconds)
            {
                let ago = length(SignedDuration::from_secs(lag));
                words.push_str(&format!(
                    ", its changes until {} ({ago} ago)",
                    moment(read_to, zone)
                ));
            }
            words
        }
        _ => "never read".to_owned(),
    }
}

/// `1 h 02 min`, `3 min 20 s`, `12 s`
fn length(took: SignedDuration) -> String {
    let seconds = took.as_secs().max(0);
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min {} s", seconds % 60),
        _ => format!("{hours} h {minutes:02} min"),
    }
}

/// `300 customers and 900 orders read; contacts: 300 created`
fn counts(run: &RunStatus) -> String {
    let number = |name: &str| run.counts.get(name).and_then(serde_json::Value::as_u64);
    let (Some(customers), Some(orders)) = (number("customers_read"), number("orders_read")) else {
        return String::new();
    };
    let mut words = format!(
        "{} and {} read",
        counted(customers, "customer", "customers"),
        counted(orders, "order", "orders")
    );
    let targets = run.counts.get("targets").and_then(serde_json::Value::as_object);
    for (target, done) in targets.into_iter().flatten() {
        let number = |name: &str| done.get(name).and_then(serde_json::Value::as_u64).unwrap_or(0);
        let written = [("created", number("created")), ("updated", number("updated"))];
        let written: Vec<String> = written
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(what, count)| format!("{count} {what}"))
            .collect();
        if !written.is_empty() {
            words.push_str(&format!("; {target}: {}", written.join(", ")));
        }
    }
    words
}
