//! `sync`: what changed since the last run, in all shops, into all targets.

use std::path::Path;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::asked::Asked;
use super::output::{Stdout, print};
use super::{report, setup};
use crate::daemon::control::Work;
use crate::error::Result;
use crate::sync::deliver::DeliveryOptions;

/// The arguments of `sync`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub struct SyncArguments {
    /// Deliver only these contacts (e-mail, guid, order code or key); the rest stays due
    #[arg(long, value_name = "WHO", num_args = 1..)]
    pub only: Vec<String>,
    /// Deliver at most this many contacts; the rest stays due
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Believe the listing that was refused as suspicious, or a suspicious target
    #[arg(long)]
    pub accept: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Syncs, here or in the daemon, and prints what was done.
///
/// # Errors
/// When nothing could be done.
pub async fn run(arguments: &SyncArguments, config: Option<&Path>, stdout: Stdout<'_>) -> Result<u8> {
    let config = setup::load_to_read(config)?;
    Asked::Sync(arguments.clone())
        .here_or_there(&config, stdout)
        .await
}

/// Syncs with an engine that is open.
///
/// # Errors
/// When nothing could be done.
pub async fn carry_out(arguments: &SyncArguments, work: Work<'_>) -> Result<u8> {
    let options = DeliveryOptions {
        only: arguments.only.clone(),
        limit: arguments.limit,
        accept: arguments.accept,
        agreed: false,
    };
    let report = work.engine.sync(&options, work.progress).await?;
    print(work.out, arguments.json, &report, |out| {
        report::in_words(&report, out)
    })?;
    Ok(report.exit_code())
}
