//! `backup`: a copy of the state to put away, and whether one can be relied on.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::output::{Stdout, counted, moment, print};
use super::progress::Shown;
use super::setup;
use crate::error::{Doing, Kind, Result};
use crate::source::{Progress, Unit};
use crate::state::backup;
use crate::state::verify::{Verified, verify};

/// The arguments of `backup`.
#[derive(Debug, Clone, Args)]
pub struct BackupArguments {
    /// The file to make; it must not exist
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Make nothing: look through a backup, and tell what it holds
    #[arg(long)]
    pub verify: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct Made {
    file: String,
    made_at: Timestamp,
    bytes: u64,
}

/// What a backup holds, as it is printed.
#[derive(Serialize)]
struct Found {
    file: String,
    made_at: Option<Timestamp>,
    age_seconds: Option<i64>,
    version: i64,
    state: String,
    shops: Vec<String>,
    read_at: Option<Timestamp>,
    contacts: u64,
    customers: u64,
    orders: u64,
    suppressed: u64,
}

/// Makes a backup beside whoever works on the state, or looks through one.
///
/// # Errors
/// When there is no state, there is no room, or a backup cannot be relied on.
pub fn run(arguments: &BackupArguments, config: Option<&Path>, stdout: Stdout<'_>) -> Result<u8> {
    let config = setup::load(config)?;
    let file = &arguments.file;
    if arguments.verify {
        let found = Found::new(file, verify(file)?, Timestamp::now());
        let zone = setup::zone(&config)?;
        print(stdout, arguments.json, &found, |out| found.in_words(&zone, out))?;
        return Ok(0);
    }
    let progress = Shown::new();
    let made_at = Timestamp::now();
    let pages =
        |done: u64, total: u64| progress.report("copying the state", done, Some(total), Unit::Records);
    let made = backup::make(&config.state_dir, file, made_at, &pages);
    progress.finish();
    made?;
    let made = Made {
        file: file.display().to_string(),
        made_at,
        bytes: file
            .metadata()
            .doing(Kind::Disk, || format!("looking at {}", file.display()))?
            .len(),
    };
    print(stdout, arguments.json, &made, |out| {
        let kib = made.bytes.div_ceil(1024);
        writeln!(
            out,
            "the state is in {} ({kib} KiB); nobody but you may read it",
            made.file
        )
    })?;
    Ok(0)
}

impl Found {
    fn new(file: &Path, held: Verified, now: Timestamp) -> Self {
        Self {
            file: file.display().to_string(),
            age_seconds: held.made_at.map(|at| now.duration_since(at).as_secs()),
            made_at: held.made_at,
            version: held.version,
            state: held.state,
            shops: held.shops,
            read_at: held.read_at,
            contacts: held.contacts,
            customers: held.customers,
            orders: held.orders,
            suppressed: held.suppressed,
        }
    }

    fn in_words(&self, zone: &TimeZone, out: Stdout<'_>) -> std::io::Result<()> {
        writeln!(out, "{} is sound: a state of version {}", self.file, self.version)?;
        match (self.made_at, self.age_seconds) {
            (Some(made_at), Some(seconds)) => {
                writeln!(out, "made     {} ({})", moment(made_at, zone), age(seconds))?;
            }
            _ => writeln!(out, "made     not by `backup`: who was forgotten is not in it")?,
        }
        if let Some(read_at) = self.read_at {
            writeln!(out, "read     {}", moment(read_at, zone))?;
        }
        writeln!(out, "shops    {}", self.shops.join(", "))?;
        let forgotten = match self.suppressed {
            0 => String::new(),
            people => format!("; {}", counted(people, "forgotten person", "forgotten people")),
        };
        writeln!(
            out,
            "holds    {}, {}, {}{forgotten}",
            counted(self.contacts, "contact", "contacts"),
            counted(self.customers, "customer", "customers"),
            counted(self.orders, "order", "orders"),
        )
    }
}

/// How long ago, in the unit a person would take.
fn age(seconds: i64) -> String {
    let seconds = seconds.max(0).unsigned_abs();
    let (count, one, several) = match seconds {
        0..120 => (seconds, "second", "seconds"),
        120..7_200 => (seconds / 60, "minute", "minutes"),
        7_200..172_800 => (seconds / 3_600, "hour", "hours"),
        _ => (seconds / 86_400, "day", "days"),
    };
    format!("{} ago", counted(count, one, several))
}
