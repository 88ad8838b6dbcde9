//! `status`: last runs, how far each source is read, what waits for each target, what is parked.

use std::path::Path;

use clap::Args;
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::output::{Stdout, Table, counted, moment, print};
use super::setup;
use crate::error::Result;
use crate::state::State;
use crate::sync::status::{RunStatus, SectionStatus, Status, status};

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
    let state = State::open_to_read(&setup.state_dir)?;
    let found = status(&state, &setup)?;
    let zone = setup::zone(&config)?;
    print(stdout, arguments.json, &found, |out| in_words(&found, &zone, out))?;
    Ok(0)
}

fn in_words(status: &Status, zone: &TimeZone, out: Stdout<'_>) -> std::io::Result<()> {
    writeln!(out, "runs")?;
    let mut runs = Table::default();
    for run in &status.runs {
        let (ended, took) = match run.ended_at {
            Some(at) => (run.outcome.as_str(), length(at.duration_since(run.began_at))),
            None => ("did not end: it was killed, or is still going on", String::new()),
        };
        runs.row([
            &run.command,
            &moment(run.began_at, zone),
            &took,
            ended,
            &counts(run),
        ]);
    }
    runs.write(out, 2)?;
    writeln!(out, "shops")?;
    let mut shops = Table::default();
    for shop in &status.shops {
        for (section, known) in [("customers", &shop.customers), ("orders", &shop.orders)] {
            shops.row([
                &shop.shop,
                &known.records.to_string(),
                section,
                &reading(known, zone),
            ]);
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
            (true, due) => format!(
                "{} for the next run",
                counted(due, "contact waits", "contacts wait")
            ),
        };
        targets.row([&target.target, &waits]);
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
        (Some(at), Some(source)) => format!("read {} from {source}", moment(at, zone)),
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

/// `300 customers and 900 orders read; contacts: 300 created, 2 updated`
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
        words.push_str(&format!(
            "; {target}: {} created, {} updated",
            number("created"),
            number("updated")
        ));
    }
    words
}
