//! `check`: tests the connection to every shop and target, the rights, the fields and the statuses.

use std::path::Path;

use clap::Args;
use serde::Serialize;

use super::output::{Stdout, print};
use super::setup;
use crate::config;
use crate::error::Result;
use crate::sync::check::{Point, Verdict, check};

/// The arguments of `check`.
#[derive(Debug, Clone, Args)]
pub struct CheckArguments {
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct Checked {
    ok: bool,
    points: Vec<Point>,
}

/// Checks and prints every point; exit code 2 when a person has to act, 1 when trying again may help.
///
/// # Errors
/// When the configuration cannot be read.
pub async fn run(arguments: &CheckArguments, config: Option<&Path>, stdout: Stdout<'_>) -> Result<u8> {
    // Its warnings are points of the result here, so they are not logged as well.
    let config = config::load(config)?;
    let warnings = [&config.warnings[..], &config.warnings_of_reading].concat();
    let points = check(&setup::setup(&config), &warnings).await?;
    let worst = points
        .iter()
        .map(|point| point.verdict)
        .max()
        .unwrap_or(Verdict::Ok);
    let checked = Checked {
        ok: worst.exit_code() == 0,
        points,
    };
    print(stdout, arguments.json, &checked, |out| {
        in_words(&checked.points, worst, out)
    })?;
    Ok(worst.exit_code())
}

fn in_words(points: &[Point], worst: Verdict, out: Stdout<'_>) -> std::io::Result<()> {
    for point in points {
        let mark = match point.verdict {
            Verdict::Ok => "ok     ",
            Verdict::Note => "note   ",
            Verdict::Passing | Verdict::Problem => "PROBLEM",
        };
        let detail = match point.detail.as_str() {
            "" => String::new(),
            detail => format!(": {detail}"),
        };
        writeln!(out, "{mark}  {}: {}{detail}", point.about, point.what)?;
        if !point.hint.is_empty() {
            writeln!(out, "         {}", point.hint)?;
        }
    }
    match worst.exit_code() {
        0 => writeln!(out, "everything is ready"),
        1 => writeln!(out, "something did not answer: try again"),
        _ => writeln!(out, "something has to be put right first"),
    }
}
