//! `import`: everything of all shops into all targets.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::as_of::AsOf;
use super::asked::Asked;
use super::output::{Stdout, print};
use super::{first_delivery, report, setup};
use crate::daemon::control::Work;
use crate::error::{Error, Kind, Result};
use crate::sync::engine::Engine;
use crate::sync::import::{Files, ImportOptions};

/// The arguments of `import`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
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
    /// The moment the files speak of: a time (2026-01-31T10:00:00Z), or a date for the start of that day
    /// in the shop's time zone; without it, each file's modification time
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<AsOf>,
    /// Deliver only these contacts (e-mail, guid, order code or key); the rest stays due
    #[arg(long, value_name = "WHO", num_args = 1..)]
    pub only: Vec<String>,
    /// Deliver at most this many contacts; the rest stays due
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Believe the listing that was refused as suspicious, or a suspicious target
    #[arg(long)]
    pub accept: bool,
    /// Agree to the first delivery into a CRM that has contacts already
    #[arg(long)]
    pub yes: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// Imports and prints what was done.
///
/// # Errors
/// When nothing could be done.
pub async fn run(arguments: &ImportArguments, config: Option<&Path>, stdout: Stdout<'_>) -> Result<u8> {
    let from_files = arguments.customers.is_some() || arguments.orders.is_some();
    if !from_files && (arguments.shop.is_some() || arguments.as_of.is_some()) {
        let cause = "--shop and --as-of speak of files, and there is neither --customers nor --orders";
        return Err(Error::new(Kind::Configuration, "importing", cause)
            .with_hint("name the files, or leave both out: then all shops are read"));
    }
    let config = if from_files {
        setup::load(config)?
    } else {
        setup::load_to_read(config)?
    };
    Asked::Import(arguments.clone())
        .here_or_there(&config, stdout)
        .await
}

/// Imports with an engine that is open.
///
/// # Errors
/// When nothing could be done.
pub async fn carry_out(arguments: &ImportArguments, work: Work<'_>) -> Result<u8> {
    let from_files = arguments.customers.is_some() || arguments.orders.is_some();
    let shops: Vec<&str> = work
        .engine
        .setup
        .shops
        .iter()
        .map(|shop| shop.name.as_str())
        .collect();
    let options = ImportOptions {
        files: from_files
            .then(|| files(arguments, &shops, work.engine))
            .transpose()?,
        only: arguments.only.clone(),
        limit: arguments.limit,
        accept: arguments.accept,
        agreed: arguments.yes,
        leave_the_late: false,
    };
    let mut report = work.engine.import(&options, work.progress).await?;
    if !report.to_agree.is_empty() && !arguments.json {
        let delivery = options.delivery();
        let (engine, progress) = (work.engine, work.progress);
        first_delivery::show_and_ask(&delivery, engine, progress, work.is_here, work.out, &mut report)
            .await?;
    }
    print(work.out, arguments.json, &report, |out| {
        report::in_words(&report, out)
    })?;
    Ok(report.exit_code())
}

impl ImportArguments {
    /// The same for somebody who works in another folder.
    #[must_use]
    pub fn from_anywhere(self) -> Self {
        let absolute = |file: PathBuf| std::path::absolute(&file).unwrap_or(file);
        Self {
            customers: self.customers.map(absolute),
            orders: self.orders.map(absolute),
            ..self
        }
    }
}

fn files(arguments: &ImportArguments, shops: &[&str], engine: &Engine) -> Result<Files> {
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
    let moment = |as_of: AsOf| {
        let moment = as_of.moment(&engine.zone_of(&shop)?)?;
        if moment <= Timestamp::now() {
            return Ok(moment);
        }
        let cause = "it is yet to come: files speak of a moment that is past";
        Err(Error::new(Kind::Configuration, "reading --as-of", cause))
    };
    Ok(Files {
        as_of: arguments.as_of.map(moment).transpose()?,
        shop,
        customers: arguments.customers.clone(),
        orders: arguments.orders.clone(),
    })
}
