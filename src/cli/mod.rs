//! The command line: arguments, progress on stderr, results on stdout. One file per command.

pub mod asked;
pub mod backup;
pub mod check;
pub mod completions;
pub mod demo;
pub mod explain;
pub mod fields;
pub mod forget;
pub mod import;
pub mod init;
pub mod link;
pub mod parked;
pub mod plan;
pub mod run;
pub mod status;
pub mod statuses;
pub mod sync;

mod as_of;
mod first_delivery;
mod output;
mod progress;
mod question;
mod speed;
mod report;
mod setup;

use std::io::Write;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::error::Result;

/// Keeps a contact database in step with a Shoptet shop: one person, one contact, all orders on it.
#[derive(Debug, Parser)]
#[command(name = "shoptet-sync", version, propagate_version = true)]
pub struct Cli {
    /// Configuration file; else $SHOPTET_SYNC_CONFIG, ./shoptet-sync.toml, /etc/shoptet-sync/config.toml
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help_heading = "Options of every command"
    )]
    pub config: Option<PathBuf>,
    /// How log lines are written to stderr
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        help_heading = "Options of every command"
    )]
    pub log_format: LogFormat,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    #[default]
    Auto,
    /// One JSON object a line
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a commented configuration to start from
    Init(init::InitArguments),
    /// See it work: a simulated shop, its import, and what happens when the shop changes
    Demo(demo::DemoArguments),
    /// Test the connection to every shop and target, the rights, the fields and the statuses; writes nothing
    Check(check::CheckArguments),
    /// Show what the next run would create, update, keep and park, and why; writes nothing
    Plan(plan::PlanArguments),
    /// Import everything: all shops, all targets; can be killed and started again
    Import(import::ImportArguments),
    /// Read what changed since the last run and deliver it: one incremental run
    Sync(sync::SyncArguments),
    /// Work as a daemon: read and deliver by the schedule until told to end
    Run,
    /// Show the last runs, how far each shop is read, what waits for each target, what is parked
    Status(status::StatusArguments),
    /// Show everything known about one contact: how it was matched, what was written where and when
    Explain(explain::ExplainArguments),
    /// Answer an ambiguous match: say which record of a target a contact is
    Link(link::LinkArguments),
    /// List every order status of the shop, how many orders have it, and what it becomes in each target
    Statuses(statuses::StatusesArguments),
    /// List every value an expression of the mapping can use, with an example from the shop
    Fields(fields::FieldsArguments),
    /// List the records that were set aside, try them again, or put them away
    Parked(parked::ParkedArguments),
    /// Forget a person: take them out of the state and the targets, and never import them again
    Forget(forget::ForgetArguments),
    /// Copy the state to a file, while others work on it, or look through such a copy
    Backup(backup::BackupArguments),
    /// Print the completions of a shell
    Completions(completions::CompletionsArguments),
    /// Print the manual page
    Man,
}

/// Carries out a command; answers with the exit code: 0 done, 3 done but records are parked.
///
/// # Errors
/// What ended the command; its exit code is [`crate::error::Error::exit_code`].
pub async fn run(cli: &Cli, stdout: &mut (dyn Write + Send)) -> Result<u8> {
    let config = cli.config.as_deref();
    match &cli.command {
        Command::Init(arguments) => init::run(arguments, config, stdout).map(|()| 0),
        Command::Demo(arguments) => demo::run(arguments, stdout).await,
        Command::Check(arguments) => check::run(arguments, config, stdout).await,
        Command::Plan(arguments) => plan::run(arguments, config, stdout).await,
        Command::Import(arguments) => import::run(arguments, config, stdout).await,
        Command::Sync(arguments) => sync::run(arguments, config, stdout).await,
        Command::Run => run::run(config).await,
        Command::Status(arguments) => status::run(arguments, config, stdout),
        Command::Explain(arguments) => explain::run(arguments, config, stdout).await,
        Command::Link(arguments) => link::run(arguments, config, stdout).await,
        Command::Statuses(arguments) => statuses::run(arguments, config, stdout),
        Command::Fields(arguments) => fields::run(arguments, config, stdout).await,
        Command::Parked(arguments) => parked::run(arguments, config, stdout).await,
        Command::Forget(arguments) => forget::run(arguments, config, stdout).await,
        Command::Backup(arguments) => backup::run(arguments, config, stdout),
        Command::Completions(arguments) => completions::completions(arguments, stdout).map(|()| 0),
        Command::Man => completions::man(stdout).map(|()| 0),
    }
}
