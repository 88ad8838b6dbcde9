//! `statuses`: every order status seen or offered by the shop, and what it maps to in each target.

use std::path::Path;

use clap::Args;
use serde::Serialize;

use super::output::{Stdout, Table, print};
use super::setup;
use crate::error::Result;
use crate::state::State;
use crate::sync::shop::ShopInRun;
use crate::sync::statuses::{How, StatusOfShop, statuses};
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
    print(stdout, arguments.json, &found, |out| {
        in_words(&found.statuses, out)
    })?;
    Ok(0)
}

fn in_words(statuses: &[StatusOfShop], out: Stdout<'_>) -> std::io::Result<()> {
    if statuses.is_empty() {
        return writeln!(out, "no order status was seen yet");
    }
    let mut table = Table::new(["SHOP", "ID", "STATUS", "ORDERS", "BECOMES"]);
    for status in statuses {
        let becomes: Vec<String> = status
            .targets
            .iter()
            .map(|target| {
                let word = target.stage.as_deref().unwrap_or_default();
                match target.how {
                    How::Mapped => format!("{} in {}", word, target.target),
                    How::Kept => format!("{} in {} (its own name)", word, target.target),
                    How::NotMapped => format!("not mapped in {}: orders are parked", target.target),
                }
            })
            .collect();
        let counts = if status.cancelled { " (does not count)" } else { "" };
        table.row([
            &status.shop,
            &status.id.map_or_else(String::new, |id| id.to_string()),
            &status.name,
            &format!("{}{counts}", status.orders),
            &becomes.join(", "),
        ]);
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
