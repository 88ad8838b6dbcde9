//! The one-shot import: everything of all shops into all targets.
//!
//! The first one builds state and contact databases from nothing, beside their final places, and
//! renames them when they are complete; every later one compares what it reads with the state.

use std::path::PathBuf;

use jiff::Timestamp;
use url::Url;

use super::build::Build;
use super::compose::Composer;
use super::deliver::deliver;
use super::fill::fill;
use super::later::later;
use super::leftovers::{self, rename, unfinished};
use super::pull::ReadFile;
use super::read::{Read, discard, read_shops};
use super::report::Report;
use super::shop::ShopInRun;
use super::target::TargetInRun;
use crate::error::{Doing, Error, Kind, Result};
use crate::http::Pace;
use crate::mapping::settings::MappingSettings;
use crate::source::settings::ShopSettings;
use crate::source::{Progress, Spool};
use crate::state::{FILE, State, lock};
use crate::target::settings::{Connection, TargetSettings};

/// What a run is about: the configuration's part of it.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Where the state lives.
    pub state_dir: PathBuf,
    /// The shops, in the order of the configuration.
    pub shops: Vec<ShopSettings>,
    /// The targets with their mappings.
    pub targets: Vec<(TargetSettings, MappingSettings)>,
    /// Where the shop reaches us.
    pub public_url: Option<Url>,
    /// Time zone of a shop that does not tell its own.
    pub timezone: String,
    /// Intervals towards the shops.
    pub pace: Pace,
}

/// What a person asked for.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// Read these downloaded files instead of the shop.
    pub files: Option<Files>,
    /// Deliver only these contacts.
    pub only: Vec<String>,
    /// Deliver at most so many contacts.
    pub limit: Option<u64>,
    /// Believe what looks suspicious.
    pub accept: bool,
}

/// Downloaded files of one shop.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// Name of the shop.
    pub shop: String,
    /// Customers.
    pub customers: Option<PathBuf>,
    /// Orders.
    pub orders: Option<PathBuf>,
    /// The moment they speak of; else each file's modification time.
    pub as_of: Option<Timestamp>,
}

/// Imports everything.
///
/// # Errors
/// When nothing could be done at all. What failed for one shop or one target while the rest went on
/// stands in the report.
pub async fn import(setup: &Setup, options: &ImportOptions, progress: &dyn Progress) -> Result<Report> {
    let _lock = lock::take(&setup.state_dir, "import")?;
    let began = Timestamp::now();
    let targets = TargetInRun::all(&setup.targets)?;
    leftovers::finish_or_remove(&setup.state_dir, &targets).await?;
    let is_first = !setup.state_dir.join(FILE).exists();
    let all_new = targets
        .iter()
        .all(|target| file_of(setup, target).is_some_and(|path| !path.exists()));
    if !is_first {
        leftovers::discard_committed(&State::open(&setup.state_dir)?, &setup.state_dir.join("spool"))?;
    }
    let mut report = Report::default();
    let spools = setup.state_dir.join("spool");
    let open_spool = |shop: &str| Spool::open(&spools.join(shop));
    let mut reads = read_shops(setup, options, &open_spool, progress, &mut report).await?;
    let (state, run) = if is_first && all_new {
        let whole = options.only.is_empty() && options.limit.is_none();
        let built = tokio::task::block_in_place(|| {
            first(setup, &mut reads, &targets, whole, began, progress, &mut report)
        });
        if let Err(error) = &built {
            // On a full disk there is no room for them until the next run.
            if let Err(untidy) = leftovers::finish_or_remove(&setup.state_dir, &targets).await {
                tracing::warn!("{untidy}");
            }
            if is_about_the_documents(error) {
                reads.iter().try_for_each(discard)?;
            }
        }
        built?
    } else {
        let state = State::open(&setup.state_dir)?;
        let run = state.begin_run("import", began)?;
        let applied = later(&state, &mut reads, &targets, options, progress, &mut report).await;
        if let Err(error) = applied {
            return Err(ended_badly(&state, run, error));
        }
        (state, run)
    };
    for read in &reads {
        discard(read)?;
    }
    let shops: Vec<ShopInRun> = reads.into_iter().map(|read| read.shop).collect();
    let delivered = deliver(setup, &state, &shops, &targets, options, progress, &mut report).await;
    if let Err(error) = delivered {
        return Err(ended_badly(&state, run, error));
    }
    report.parked = state.count_parked()?;
    let outcome = if report.failures.is_empty() {
        "done"
    } else {
        "failed in part"
    };
    let counts = serde_json::to_string(&report).doing(Kind::Database, || "noting the run".to_owned())?;
    state.end_run(run, Timestamp::now(), outcome, &counts)?;
    Ok(report)
}

/// Notes that a run ended with an error, which is the one to tell whatever comes of noting it.
fn ended_badly(state: &State, run: i64, error: Error) -> Error {
    if let Err(untold) = state.end_run(run, Timestamp::now(), &format!("failed: {}", error.cause()), "{}") {
        tracing::warn!("{untold}");
    }
    error
}

/// The file of an embedded target.
fn file_of(setup: &Setup, target: &TargetInRun) -> Option<PathBuf> {
    let Connection::Sqlite(settings) = &target.settings.connection;
    Some(setup.state_dir.join(&settings.path))
}

/// Whether another download may help, so that this one is not used again.
fn is_about_the_documents(error: &Error) -> bool {
    !matches!(error.kind(), Kind::Disk | Kind::Database | Kind::Interrupted)
}

/// Builds state and contact databases from nothing. Without `whole`, the databases are left to
/// [`deliver`], which can choose.
fn first(
    setup: &Setup,
    reads: &mut [Read],
    targets: &[TargetInRun],
    whole: bool,
    began: Timestamp,
    progress: &dyn Progress,
    report: &mut Report,
) -> Result<(State, i64)> {
    let final_place = setup.state_dir.join(FILE);
    let built = unfinished(&final_place);
    let mut shops: Vec<ShopInRun> = reads.iter().map(|read| read.shop.clone()).collect();
    let (state, bad) = {
        let mut build = Build::begin(&built, &mut shops, progress)?;
        let customers: Vec<Option<ReadFile>> = reads.iter().map(|read| read.customers.clone()).collect();
        let orders: Vec<Option<ReadFile>> = reads.iter().map(|read| read.orders.clone()).collect();
        report.customers_read = build.customers(&customers)?;
        tracing::debug!(records = report.customers_read, "customers loaded");
        report.orders_read = build.orders(&orders)?;
        tracing::debug!(records = report.orders_read, "orders loaded");
        (report.customers_changed, report.orders_changed) = (report.customers_read, report.orders_read);
        let bad = build.bad_records();
        (build.into_state(), bad)
    };
    report.bad_records = bad;
    let run = state.begin_run("import", began)?;
    let mut filled = Vec::new();
    for target in targets {
        let Some(path) = file_of(setup, target) else {
            continue;
        };
        if whole {
            let composer = Composer::new(&state, &shops)?;
            let delivered = fill(&state, &composer, target, &unfinished(&path), progress)?;
            tracing::debug!(
                to = target.settings.name,
                contacts = delivered.created,
                "contact database filled"
            );
            report.targets.insert(target.settings.name.clone(), delivered);
            filled.push(path);
        } else {
            let number = target.numbers(&state)?.target;
            state.make_all_due(number)?;
        }
    }
    state.finish_build()?;
    tracing::debug!("state on the disk");
    for path in filled {
        rename(&unfinished(&path), &path)?;
    }
    rename(&built, &final_place)?;
    for (read, shop) in reads.iter_mut().zip(shops) {
        read.shop = shop;
    }
    Ok((State::open(&setup.state_dir)?, run))
}
