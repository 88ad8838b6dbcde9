//! The command line: arguments, progress on stderr, results on stdout. One file per command.

pub mod demo;
pub mod import;
pub mod init;

mod progress;
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
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// How log lines are written to stderr
    #[arg(long, global = true, value_enum, default_value_t)]
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
    /// Import everything: all shops, all targets; can be killed and started again
    Import(import::ImportArguments),
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
        Command::Import(arguments) => import::run(arguments, config, stdout).await,
    }
}
