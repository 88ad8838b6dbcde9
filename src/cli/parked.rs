//! `parked`: what was set aside; try it again, or put it away.

use std::path::Path;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::asked::Asked;
use super::output::{Stdout, Table, counted, moment, print};
use super::setup;
use crate::daemon::control::Work;
use crate::error::Result;
use crate::state::State;
use crate::state::parked::Parked;
use crate::sync::parked::{Retried, chosen, dismiss, retry};

/// The arguments of `parked`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub struct ParkedArguments {
    /// What to do with them; without it they are listed
    #[command(subcommand)]
    pub command: Option<ParkedCommand>,
    /// List those that were put away too
    #[arg(long)]
    pub dismissed: bool,
    /// Print the result as JSON
    #[arg(long, global = true)]
    pub json: bool,
}

/// What can be done with parked records.
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum ParkedCommand {
    /// Try them again: undelivered ones with the next run, unreadable ones when the shop is read next
    Retry(Chosen),
    /// Put them away: no longer listed and no longer a reason for exit code 3
    Dismiss(Chosen),
}

/// Which parked records.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
#[group(required = true, multiple = false)]
pub struct Chosen {
    /// Keys as `parked` lists them
    #[arg(value_name = "KEY")]
    pub keys: Vec<String>,
    /// All that are listed
    #[arg(long)]
    pub all: bool,
}

/// A parked record as it is printed.
#[derive(Serialize)]
struct Record {
    kind: String,
    shop: String,
    key: String,
    target: String,
    since: Timestamp,
    reason: String,
    dismissed: bool,
    /// When it is tried again; only after `retry`.
    #[serde(skip_serializing_if = "Option::is_none")]
    retried: Option<Retried>,
}

impl Record {
    fn new(parked: Parked, retried: Option<Retried>) -> Self {
        Self {
            kind: parked.kind,
            shop: parked.shop,
            key: parked.key,
            target: parked.target,
            since: parked.since,
            reason: parked.reason,
            dismissed: parked.dismissed,
            retried,
        }
    }
}

#[derive(Serialize)]
struct Records {
    parked: Vec<Record>,
}

/// Lists, retries or dismisses.
///
/// # Errors
/// When the state cannot be read or written, or another run holds the lock.
pub async fn run(arguments: &ParkedArguments, config: Option<&Path>, stdout: Stdout<'_>) -> Result<u8> {
    let config = setup::load(config)?;
    State::require(&config.state_dir)?;
    if arguments.command.is_some() {
        return Asked::Parked(arguments.clone())
            .here_or_there(&config, stdout)
            .await;
    }
    let mut parked = State::open_to_read(&config.state_dir)?.parked()?;
    parked.retain(|record| arguments.dismissed || !record.dismissed);
    let records = records(parked.into_iter().map(|record| (record, None)));
    let zone = setup::zone(&config)?;
    print(stdout, arguments.json, &records, |out| {
        list(&records.parked, &zone, out)
    })?;
    Ok(0)
}

/// Retries or dismisses with an engine that is open.
///
/// # Errors
/// When the state cannot be written, or nothing is parked under a key.
pub fn carry_out(arguments: &ParkedArguments, work: Work<'_>) -> Result<u8> {
    let (engine, state) = (work.engine, work.engine.state()?);
    match &arguments.command {
        None => {}
        Some(ParkedCommand::Retry(which)) => {
            let retried = retry(
                state,
                &engine.setup,
                chosen(state, &which.keys)?,
                !which.keys.is_empty(),
            )?;
            let records = records(retried.into_iter().map(|(record, how)| (record, Some(how))));
            print(work.out, arguments.json, &records, |out| {
                tell_retried(&records.parked, out)
            })?;
        }
        Some(ParkedCommand::Dismiss(which)) => {
            let dismissed = chosen(state, &which.keys)?;
            dismiss(state, &dismissed)?;
            let away = |record| {
                let dismissed = true;
                (Parked { dismissed, ..record }, None)
            };
            let records = records(dismissed.into_iter().map(away));
            print(work.out, arguments.json, &records, |out| {
                tell_dismissed(&records.parked, out)
            })?;
        }
    }
    Ok(0)
}

fn records(parked: impl Iterator<Item = (Parked, Option<Retried>)>) -> Records {
    Records {
        parked: parked
            .map(|(record, retried)| Record::new(record, retried))
            .collect(),
    }
}

fn list(records: &[Record], zone: &TimeZone, out: Stdout<'_>) -> std::io::Result<()> {
    if records.is_empty() {
        return writeln!(out, "nothing is parked");
    }
    let mut table = Table::new(["KIND", "SHOP", "KEY", "TARGET", "SINCE", "REASON"]);
    for record in records {
        let away = if record.dismissed { "(put away) " } else { "" };
        table.row([
            &record.kind,
            &record.shop,
            &record.key,
            &record.target,
            &moment(record.since, zone),
            &format!("{away}{}", record.reason),
        ]);
    }
    table.write(out, 0)
}

fn tell_retried(records: &[Record], out: Stdout<'_>) -> std::io::Result<()> {
    let count = |how: Retried| {
        let count = records
            .iter()
            .filter(|record| record.retried == Some(how))
            .count();
        u64::try_from(count).unwrap_or(u64::MAX)
    };
    if records.is_empty() {
        return writeln!(out, "nothing is parked");
    }
    for (how, one, several) in [
        (
            Retried::NextRun,
            "record is due again: the next run delivers it",
            "records are due again: the next run delivers them",
        ),
        (
            Retried::NextReading,
            "record could not be read: that is tried again when the shop is read next",
            "records could not be read: that is tried again when the shop is read next",
        ),
        (
            Retried::NoTarget,
            "record belongs to a target that is not in the configuration: put it away with `parked dismiss`",
            "records belong to targets that are not in the configuration: put them away with `parked dismiss`",
        ),
    ] {
        if count(how) > 0 {
            writeln!(out, "{}", counted(count(how), one, several))?;
        }
    }
    Ok(())
}

fn tell_dismissed(records: &[Record], out: Stdout<'_>) -> std::io::Result<()> {
    if records.is_empty() {
        return writeln!(out, "nothing is parked");
    }
    let count = u64::try_from(records.len()).unwrap_or(u64::MAX);
    writeln!(
        out,
        "{} away; the same reason does not bring {} back, another one does",
        counted(count, "record put", "records put"),
        if count == 1 { "it" } else { "them" }
    )
}
