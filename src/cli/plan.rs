//! `plan`: what the next run would create, update, keep and park, and why.

use std::collections::BTreeMap;
use std::path::Path;

use clap::Args;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::output::{Stdout, counted, moment, printed, sentence};
use super::progress::Shown;
use super::setup;
use crate::error::Result;
use crate::sync::full_plan::{plan_after_pull, plan_in_full};
use crate::sync::plan::plan;
use crate::sync::planned::{ContactPlan, OrdersPlan, Plan, PlannedAction, TargetPlan};

/// The arguments of `plan`.
#[derive(Debug, Clone, Args)]
pub struct PlanArguments {
    /// Read the shops in full first, as `import` would, into a copy that is thrown away afterwards
    #[arg(long)]
    pub full: bool,
    /// Read first what changed in the shops, as `sync` would, into a copy that is thrown away afterwards
    #[arg(long, conflicts_with = "full")]
    pub pull: bool,
    /// Name each contact and what becomes of it
    #[arg(long, short)]
    pub verbose: bool,
    /// Print the result as JSON, each contact included
    #[arg(long)]
    pub json: bool,
}

/// Plans and prints it.
///
/// # Errors
/// When nothing can be planned.
pub async fn run(arguments: &PlanArguments, config: Option<&Path>, stdout: Stdout<'_>) -> Result<u8> {
    let config = setup::load(config)?;
    let setup = setup::setup(&config);
    let progress = Shown::new();
    let mut listing = Listing {
        json: arguments.json,
        verbose: arguments.verbose,
        any: false,
        stdout,
    };
    let mut each = |target: &str, contact: &ContactPlan| listing.contact(target, contact);
    let planned = match (arguments.full, arguments.pull) {
        (true, _) => plan_in_full(&setup, &mut each, &progress).await,
        (false, true) => plan_after_pull(&setup, &mut each, &progress).await,
        (false, false) => plan(&setup, &mut each, &progress).await,
    };
    progress.finish();
    let planned = planned?;
    listing.end(&planned, &setup::zone(&config)?)?;
    Ok(planned.exit_code)
}

/// Contacts are printed as they are decided: a plan of a large shop is not held in memory.
struct Listing<'a> {
    json: bool,
    verbose: bool,
    any: bool,
    stdout: Stdout<'a>,
}

#[derive(Serialize)]
struct Line<'a> {
    target: &'a str,
    #[serde(flatten)]
    contact: &'a ContactPlan,
}

impl Listing<'_> {
    fn contact(&mut self, target: &str, contact: &ContactPlan) -> Result<()> {
        if self.json {
            let before = if self.any {
                ",\n    "
            } else {
                "{\n  \"contacts\": [\n    "
            };
            self.any = true;
            let line = Line { target, contact };
            let written = serde_json::to_string(&line)
                .map_err(std::io::Error::other)
                .and_then(|line| write!(self.stdout, "{before}{line}"));
            return printed(written);
        }
        if !self.verbose {
            return Ok(());
        }
        printed(writeln!(self.stdout, "{target}: {}", in_words(contact)))
    }

    fn end(&mut self, plan: &Plan, zone: &TimeZone) -> Result<()> {
        if !self.json {
            return printed(summary(plan, zone, self.stdout));
        }
        let opened = if self.any {
            "\n  ],\n"
        } else {
            "{\n  \"contacts\": [],\n"
        };
        let written = serde_json::to_string_pretty(plan)
            .map_err(std::io::Error::other)
            .and_then(|rest| {
                // The rest of the same object, without its opening brace.
                let rest = rest.strip_prefix("{\n").unwrap_or(&rest);
                writeln!(self.stdout, "{opened}{rest}")
            });
        printed(written)
    }
}

fn in_words(contact: &ContactPlan) -> String {
    let what = match contact.action {
        PlannedAction::Create => "create".to_owned(),
        PlannedAction::Update => format!("update {}", contact.fields.join(", ")),
        PlannedAction::Keep => "already right".to_owned(),
        PlannedAction::LeftOut => "does not go there".to_owned(),
        PlannedAction::LeftGone => {
            format!("leave alone: {}", contact.reason.as_deref().unwrap_or_default())
        }
        PlannedAction::Ambiguous | PlannedAction::Unmappable => {
            format!("park: {}", contact.reason.as_deref().unwrap_or_default())
        }
    };
    let record = match (&contact.record, contact.action) {
        (Some(record), PlannedAction::Update) if *record != contact.key => format!(" of record {record}"),
        _ => String::new(),
    };
    let kept = match contact.kept.as_slice() {
        [] => String::new(),
        kept => format!("; keeps what was typed there: {}", kept.join(", ")),
    };
    format!("{}: {what}{record}{kept}", contact.key)
}

fn summary(plan: &Plan, zone: &TimeZone, out: Stdout<'_>) -> std::io::Result<()> {
    for reading in &plan.readings {
        match reading.read_at {
            Some(at) => writeln!(
                out,
                "{} of {} as of the reading of {}",
                reading.section,
                reading.shop,
                moment(at, zone)
            )?,
            None => writeln!(out, "{} of {} were never read", reading.section, reading.shop)?,
        }
    }
    for failure in &plan.failures {
        writeln!(out, "failed: {failure}")?;
    }
    for target in &plan.targets {
        target_in_words(target, out)?;
    }
    Ok(())
}

/// What a plan says of one target, in words.
pub fn target_in_words(target: &TargetPlan, out: Stdout<'_>) -> std::io::Result<()> {
    let name = &target.target;
    if let Some(failure) = &target.failure {
        return writeln!(out, "target {name}: failed: {failure}");
    }
    if let Some(suspicion) = &target.suspicious {
        writeln!(
            out,
            "target {name}: suspicious: {suspicion}; a run stops here, with --accept it would do this:"
        )?;
    }
    if let Some(why) = target.why_all {
        writeln!(out, "target {name}: {why}, so everything is looked at")?;
    }
    if target.parked_before > 0 {
        let parked = counted(target.parked_before, "record", "records");
        writeln!(
            out,
            "target {name}: {parked} still parked; `shoptet-sync parked` tells which and why"
        )?;
    }
    if !target.kept.is_empty() {
        let kept = fields_in_words(&target.kept);
        writeln!(
            out,
            "target {name}: typed there and kept, though it differs: {kept}"
        )?;
    }
    if target.is_nothing() {
        return writeln!(out, "target {name}: nothing to do");
    }
    let words = [contacts_in_words(target), orders_in_words(&target.orders)];
    for words in words.into_iter().flatten() {
        writeln!(out, "target {name}: {words}")?;
    }
    Ok(())
}

fn contacts_in_words(target: &TargetPlan) -> Option<String> {
    let parts = [
        (target.create, "to create"),
        (
            target.update,
            &format!("to update ({})", fields_in_words(&target.fields)),
        ),
        (target.keep, "already right"),
        (target.left_out, "left out"),
        (target.left_gone, "gone there and left so"),
        (target.ambiguous, "ambiguous"),
        (target.unmappable, "that cannot be mapped"),
    ];
    sentence(parts, "contact", "contacts")
}

/// Fields and in how many contacts, the most frequent first.
fn fields_in_words(fields: &BTreeMap<String, u64>) -> String {
    let mut fields: Vec<(&String, &u64)> = fields.iter().collect();
    fields.sort_by(|left, right| right.1.cmp(left.1).then(left.0.cmp(right.0)));
    let fields = fields
        .into_iter()
        .map(|(field, count)| format!("{field} {count}"));
    fields.collect::<Vec<_>>().join(", ")
}

fn orders_in_words(orders: &OrdersPlan) -> Option<String> {
    let statuses: Vec<String> = orders
        .unmapped
        .iter()
        .map(|(status, count)| format!("\"{status}\" {count}"))
        .collect();
    let parts = [
        (orders.create, "to create"),
        (orders.update, "to update"),
        (orders.keep, "already right"),
        (
            orders.unmapped.values().sum(),
            &format!("with unmapped status ({})", statuses.join(", ")),
        ),
        (orders.unmappable, "that cannot be mapped"),
    ];
    sentence(parts, "order", "orders")
}
