//! `import`: everything of all shops into all targets.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;

use super::progress::Shown;
use super::setup;
use crate::error::{Doing, Error, Kind, Result};
use crate::sync::import::{Files, ImportOptions, import};
use crate::sync::report::Report;

/// The arguments of `import`.
#[derive(Debug, Clone, Args)]
pub struct ImportArguments {
    /// Name of the shop that --customers and --orders are of; needed when there are several
    #[arg(long, value_name = "NAME")]
    pub shop: Option<String>,
    /// Read customers from this downloaded file: JSON lines, XML or CSV, gzip or not
    #[arg(long, value_name = "FILE")]
    pub customers: Option<PathBuf>,
    /// Read orders from this downloaded file: XML, CSV or JSON lines, gzip or not
    #[arg(long, value_name = "FILE")]
    pub orders: Option<PathBuf>,
    /// The moment the files speak of; without it, each file's modification time
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<Timestamp>,
    /// Deliver only these contacts (e-mail, guid, order code or key); the rest stays due
    #[arg(long, value_name = "WHO", num_args = 1..)]
    pub only: Vec<String>,
    /// Deliver at most this many contacts; the rest stays due
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Believe a source or a target that looks suspicious
    #[arg(long)]
    pub accept: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Imports and prints what was done.
///
/// # Errors
/// When nothing could be done.
pub async fn run(
    arguments: &ImportArguments,
    config: Option<&Path>,
    stdout: &mut (dyn Write + Send),
) -> Result<u8> {
    let config = setup::load(config)?;
    let setup = setup::setup(&config);
    let progress = Shown::new();
    let options = ImportOptions {
        files: files(
            arguments,
            &setup
                .shops
                .iter()
                .map(|shop| shop.name.as_str())
                .collect::<Vec<_>>(),
        )?,
        only: arguments.only.clone(),
        limit: arguments.limit,
        accept: arguments.accept,
    };
    let result = import(&setup, &options, &progress).await;
    progress.finish();
    let report = result?;
    let printed = if arguments.json {
        serde_json::to_string_pretty(&report)
            .map_err(std::io::Error::other)
            .and_then(|text| writeln!(stdout, "{text}"))
    } else {
        print(&report, stdout)
    };
    printed.doing(Kind::Disk, || "printing the result".to_owned())?;
    Ok(report.exit_code())
}

fn files(arguments: &ImportArguments, shops: &[&str]) -> Result<Option<Files>> {
    if arguments.customers.is_none() && arguments.orders.is_none() {
        return Ok(None);
    }
    let shop = match (&arguments.shop, shops) {
        (Some(shop), _) => shop.clone(),
        (None, [only]) => (*only).to_owned(),
        (None, several) => {
            let cause = format!("there are several shops: {}", several.join(", "));
            return Err(
                Error::new(Kind::Configuration, "importing files", cause).with_hint("say which with --shop")
            );
        }
    };
    Ok(Some(Files {
        shop,
        customers: arguments.customers.clone(),
        orders: arguments.orders.clone(),
        as_of: arguments.as_of,
    }))
}

fn print(report: &Report, out: &mut (dyn Write + Send)) -> std::io::Result<()> {
    writeln!(
        out,
        "read {} customers and {} orders",
        report.customers_read, report.orders_read
    )?;
    writeln!(
        out,
        "new or changed: {} customers, {} orders",
        report.customers_changed, report.orders_changed
    )?;
    if report.customers_gone + report.orders_gone > 0 {
        writeln!(
            out,
            "deleted in the shop: {} customers, {} orders",
            report.customers_gone, report.orders_gone
        )?;
    }
    for (name, done) in &report.targets {
        writeln!(
            out,
            "{name}: {} contacts created, {} updated, {} as they were; {} orders created, {} updated",
            done.created, done.updated, done.kept, done.orders_created, done.orders_updated
        )?;
        if done.left_out + done.waiting > 0 {
            writeln!(
                out,
                "{name}: {} contacts left out, {} still due",
                done.left_out, done.waiting
            )?;
        }
    }
    if report.parked > 0 {
        writeln!(
            out,
            "parked: {} records; `shoptet-sync parked` tells which and why",
            report.parked
        )?;
    }
    for failure in &report.failures {
        writeln!(out, "failed: {failure}")?;
    }
    Ok(())
}
