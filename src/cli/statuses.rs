//! `statuses`: every order status seen or offered by the shop, and what it maps to in each target.

use std::path::Path;

use clap::Args;
use serde::Serialize;

use super::output::{Stdout, Table, print};
use super::setup;
use crate::error::Result;
use crate::state::State;
use crate::sync::shop::ShopInRun;
use crate::sync::statuses::{How, StageOfTarget, StatusOfShop, statuses};
use crate::sync::target::TargetInRun;

/// The arguments of `statuses`.
#[derive(Debug, Clone, Args)]
pub struct StatusesArguments {
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct Statuses {
    statuses: Vec<StatusOfShop>,
}

/// Prints the statuses; those that are not mapped come first.
///
/// # Errors
/// When the state cannot be read.
pub fn run(arguments: &StatusesArguments, config: Option<&Path>, stdout: Stdout<'_>) -> Result<u8> {
    let config = setup::load(config)?;
    let setup = setup::setup(&config);
    let state = State::open_to_read(&setup.state_dir)?;
    let shops = ShopInRun::all_from_state(&state, &setup.shops)?;
    let targets = TargetInRun::all(&setup.targets)?;
    let found = Statuses {
        statuses: statuses(&state, &shops, &targets)?,
    };
    let names: Vec<&str> = targets
        .iter()
        .map(|target| target.settings.name.as_str())
        .collect();
    print(stdout, arguments.json, &found, |out| {
        in_words(&found.statuses, &names, out)
    })?;
    Ok(0)
}

fn in_words(statuses: &[StatusOfShop], targets: &[&str], out: Stdout<'_>) -> std::io::Result<()> {
    if statuses.is_empty() {
        return writeln!(out, "no order status was seen yet");
    }
    let mut table = Table::default();
    let titles = ["SHOP", "ID", "STATUS", "ORDERS"].map(str::to_owned).into_iter();
    table.row_of(
        titles
            .chain(targets.iter().map(|target| format!("IN {target}")))
            .collect(),
    );
    for status in statuses {
        let counts = if status.cancelled { " (do not count)" } else { "" };
        let mut row = vec![
            status.shop.clone(),
            status.id.map_or_else(String::new, |id| id.to_string()),
            status.name.clone(),
            format!("{}{counts}", status.orders),
        ];
        row.extend(targets.iter().map(|name| {
            let of_target = status.targets.iter().find(|target| target.target == **name);
            of_target.map_or_else(|| "does not go there".to_owned(), becomes)
        }));
        table.row_of(row);
    }
    table.write(out, 0)?;
    let mut unmapped = statuses.iter().filter(|status| status.is_unmapped()).peekable();
    if unmapped.peek().is_some() {
        writeln!(out, "\nto map what is not mapped, add to [target.statuses]:")?;
        let mut lines: Vec<String> = unmapped.map(StatusOfShop::line).collect();
        lines.dedup();
        for line in lines {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

fn becomes(target: &StageOfTarget) -> String {
    let word = target.stage.as_deref().unwrap_or_default();
    match target.how {
        How::Mapped => word.to_owned(),
        How::Kept => format!("{word} (its own name)"),
        How::NotMapped => "not mapped: parked".to_owned(),
    }
}
