//! The one-shot import: everything of all shops into all targets.
//!
//! The first one builds state and contact databases from nothing, beside their final places, and
//! renames them when they are complete; every later one compares what it reads with the state.

use std::path::{Path, PathBuf};

use futures_util::future::join_all;
use jiff::Timestamp;
use url::Url;

use super::apply::Apply;
use super::build::Build;
use super::compose::Composer;
use super::fill::fill;
use super::find::find;
use super::intake;
use super::leftovers::{self, rename, unfinished};
use super::pull::ReadFile;
use super::push::{Push, Selection};
use super::recognise::{Recognised, recognise};
use super::report::Report;
use super::shop::ShopInRun;
use super::target::TargetInRun;
use crate::error::{Doing, Error, Kind, Result};
use crate::http::Pace;
use crate::mapping::settings::MappingSettings;
use crate::source::document;
use crate::source::settings::{Mode, ShopSettings};
use crate::source::{Download, DownloadSource, Progress, Section, Shop, Spool};
use crate::state::{FILE, State, lock};
use crate::target::Target;
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

/// One shop with what was read from it.
pub(super) struct Read {
    pub(super) shop: ShopInRun,
    source: Option<Shop>,
    spool: Option<Spool>,
    customers: Option<ReadFile>,
    orders: Option<ReadFile>,
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
        later(&state, &mut reads, &targets, options, progress, &mut report).await?;
        (state, run)
    };
    for read in &reads {
        discard(read)?;
    }
    let shops: Vec<ShopInRun> = reads.into_iter().map(|read| read.shop).collect();
    deliver(setup, &state, &shops, &targets, options, progress, &mut report).await?;
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

/// The file of an embedded target.
fn file_of(setup: &Setup, target: &TargetInRun) -> Option<PathBuf> {
    let Connection::Sqlite(settings) = &target.settings.connection;
    Some(setup.state_dir.join(&settings.path))
}

/// Reads every shop, side by side. A shop that fails is told in the report; all of them failing is an error.
pub(super) async fn read_shops(
    setup: &Setup,
    options: &ImportOptions,
    open_spool: &(dyn Fn(&str) -> Result<Spool> + Sync),
    progress: &dyn Progress,
    report: &mut Report,
) -> Result<Vec<Read>> {
    let named = options.files.as_ref().map(|files| files.shop.as_str());
    if let Some(name) = named
        && !setup.shops.iter().any(|shop| shop.name == name)
    {
        return Err(Error::new(
            Kind::Configuration,
            "importing files",
            format!("there is no shop `{name}`"),
        )
        .with_hint("name one of the [[shop]] sections with --shop"));
    }
    let reading = setup.shops.iter().map(|shop| async move {
        match (&options.files, named == Some(shop.name.as_str())) {
            (Some(files), true) => read_files(setup, shop, files),
            (Some(_), false) => read_nothing(setup, shop),
            (None, _) => read_shop(setup, shop, open_spool(&shop.name)?, progress).await,
        }
    });
    let mut reads = Vec::new();
    let mut failed = Vec::new();
    for result in join_all(reading).await {
        match result {
            Ok(read) => reads.push(read),
            Err(error) => failed.push(error),
        }
    }
    if reads.is_empty() {
        let nothing = Error::new(Kind::Configuration, "importing", "there is no shop");
        return Err(failed.into_iter().next().unwrap_or(nothing));
    }
    for error in failed {
        report.fail(&error);
    }
    Ok(reads)
}

fn read_nothing(setup: &Setup, settings: &ShopSettings) -> Result<Read> {
    let source = Shop::with_pace(settings, setup.public_url.as_ref(), &setup.timezone, &setup.pace)?;
    let shop = ShopInRun::new(settings, &source.facts_as_configured())?;
    Ok(Read {
        shop,
        source: None,
        spool: None,
        customers: None,
        orders: None,
    })
}

fn read_files(setup: &Setup, settings: &ShopSettings, files: &Files) -> Result<Read> {
    let mut read = read_nothing(setup, settings)?;
    let document = |path: &Path| -> Result<ReadFile> {
        let doing = || format!("opening {}", path.display());
        let modified = std::fs::metadata(path)
            .and_then(|data| data.modified())
            .doing(Kind::NotFound, doing)?;
        let modified = Timestamp::try_from(modified).doing(Kind::NotFound, doing)?;
        Ok(ReadFile {
            path: path.to_owned(),
            read_at: files.as_of.unwrap_or(modified),
            source: "a file".to_owned(),
            complete: true,
        })
    };
    read.customers = files.customers.as_deref().map(document).transpose()?;
    read.orders = files.orders.as_deref().map(document).transpose()?;
    Ok(read)
}

async fn read_shop(
    setup: &Setup,
    settings: &ShopSettings,
    spool: Spool,
    progress: &dyn Progress,
) -> Result<Read> {
    let source = Shop::with_pace(settings, setup.public_url.as_ref(), &setup.timezone, &setup.pace)?;
    spool.remove_leftovers()?;
    let shop = ShopInRun::new(settings, &source.facts().await?)?;
    let customers = match settings.customers.mode {
        Mode::Off => None,
        Mode::New | Mode::NewAndUpdated => Some(source.download_customers(&spool, progress).await?),
    };
    let orders = match settings.orders.mode {
        Mode::Off => None,
        Mode::New | Mode::NewAndUpdated => Some(source.download_orders(&spool, progress).await?),
    };
    Ok(Read {
        shop,
        source: Some(source),
        spool: Some(spool),
        customers: customers.map(downloaded),
        orders: orders.map(downloaded),
    })
}

fn downloaded(download: Download) -> ReadFile {
    let source = match download.source {
        DownloadSource::ApiSnapshot => "API snapshot",
        DownloadSource::ApiPaged => "API, one by one",
        DownloadSource::Export => "permanent link",
    };
    ReadFile {
        path: download.path,
        read_at: download.requested_at,
        source: source.to_owned(),
        complete: download.complete,
    }
}

/// Whether another download may help, so that this one is not used again.
fn is_about_the_documents(error: &Error) -> bool {
    !matches!(error.kind(), Kind::Disk | Kind::Database | Kind::Interrupted)
}

/// What was committed need not be kept.
fn discard(read: &Read) -> Result<()> {
    let Some(spool) = &read.spool else { return Ok(()) };
    spool.discard(Section::Customers)?;
    spool.discard(Section::Orders)
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

/// Compares what was read with the state that is there.
pub(super) async fn later(
    state: &State,
    reads: &mut [Read],
    targets: &[TargetInRun],
    options: &ImportOptions,
    progress: &dyn Progress,
    report: &mut Report,
) -> Result<()> {
    let numbers = targets
        .iter()
        .map(|target| Ok(target.numbers(state)?.target))
        .collect::<Result<Vec<i64>>>()?;
    let known = state.shops()?;
    for read in reads.iter_mut() {
        // Files do not tell what the shop's API told before.
        if let (None, Some(row)) = (
            &read.source,
            known.iter().find(|row| row.name == read.shop.settings.name),
        ) {
            read.shop = ShopInRun::from_state(&read.shop.settings, row)?;
        }
        read.shop.remember(state)?;
    }
    for read in reads.iter() {
        if let Err(error) = later_of(state, read, &numbers, options, progress, report).await {
            match error.kind() {
                // These concern everything that follows, not one shop.
                Kind::Disk | Kind::Database | Kind::Interrupted => return Err(error),
                _ => report.fail(&error),
            }
        }
    }
    Ok(())
}

async fn later_of(
    state: &State,
    read: &Read,
    targets: &[i64],
    options: &ImportOptions,
    progress: &dyn Progress,
    report: &mut Report,
) -> Result<()> {
    let mut apply = Apply {
        state,
        shop: &read.shop,
        targets,
        report,
        now: Timestamp::now(),
    };
    if let Some(file) = &read.customers {
        let ask = tokio::task::block_in_place(|| {
            let missing = apply.customers(file, options.accept, progress)?;
            apply.count_missing(Section::Customers, &missing)
        })?;
        for guid in ask {
            let Some(source) = &read.source else { break };
            match source.customer(&guid).await? {
                None => state.transaction(|_| apply.customer_gone(&guid))?,
                Some(detail) => {
                    let customer = document::customer_from_api(detail.as_bytes(), &read.shop.locale)?;
                    let customer = intake::customer(&read.shop, &customer, Timestamp::now())?;
                    state.transaction(|_| apply.customer(&customer))?;
                }
            }
        }
    }
    if let Some(file) = &read.orders {
        tokio::task::block_in_place(|| {
            let missing = apply.orders(file, options.accept, progress)?;
            apply.count_missing(Section::Orders, &missing)
        })?;
    }
    Ok(())
}

/// Delivers what is due to every target; one that fails does not hold the others up.
async fn deliver(
    setup: &Setup,
    state: &State,
    shops: &[ShopInRun],
    targets: &[TargetInRun],
    options: &ImportOptions,
    progress: &dyn Progress,
    report: &mut Report,
) -> Result<()> {
    let only = match options.only.as_slice() {
        [] => None,
        names => {
            let found = names
                .iter()
                .map(|who| find(state, who))
                .collect::<Result<Vec<_>>>()?;
            Some(found.concat())
        }
    };
    let selection = Selection {
        only,
        limit: options.limit,
    };
    let composer = Composer::new(state, shops)?;
    for target in targets {
        let mut remote = target.connect(&setup.state_dir);
        match deliver_one(
            state,
            &composer,
            target,
            remote.as_mut(),
            &selection,
            options.accept,
            progress,
        )
        .await
        {
            Ok(None) => {}
            Ok(Some(delivered)) => {
                report
                    .targets
                    .entry(target.settings.name.clone())
                    .or_default()
                    .add(&delivered);
            }
            Err(error) => report.fail(&error),
        }
    }
    Ok(())
}

async fn deliver_one(
    state: &State,
    composer: &Composer<'_>,
    target: &TargetInRun,
    remote: &mut dyn Target,
    selection: &Selection,
    accept: bool,
    progress: &dyn Progress,
) -> Result<Option<super::report::Delivered>> {
    let number = target.numbers(state)?.target;
    let recognised = recognise(state, target, remote.identity().await?.as_ref())?;
    if let (Recognised::Strange(suspicion), false) = (&recognised, accept) {
        return Err(suspicion.clone());
    }
    recognised.make_due(state, target, number)?;
    if matches!(recognised, Recognised::AsBefore) && state.count_due(number)? == 0 {
        return Ok(None);
    }
    let identity = remote.prepare().await?;
    state.mark_target(number, &identity.id, target.mapping.fingerprint())?;
    Push::new(state, composer, target, remote)?
        .deliver(selection, progress)
        .await
        .map(Some)
}
