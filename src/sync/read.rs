//! Reading the shops: downloads, or files that a person downloaded.

use std::path::Path;

use futures_util::future::join_all;
use jiff::Timestamp;

use super::import::{Files, ImportOptions, Setup};
use super::pull::ReadFile;
use super::report::Report;
use super::shop::ShopInRun;
use crate::error::{Doing, Error, Kind, Result};
use crate::source::settings::{Mode, ShopSettings};
use crate::source::{Download, DownloadSource, Progress, Section, Shop, Spool};

/// One shop with what was read from it.
pub(super) struct Read {
    pub(super) shop: ShopInRun,
    pub(super) source: Option<Shop>,
    pub(super) spool: Option<Spool>,
    pub(super) customers: Option<ReadFile>,
    pub(super) orders: Option<ReadFile>,
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
    for (section, mode, file, place) in [
        (
            Section::Customers,
            settings.customers.mode,
            &files.customers,
            &mut read.customers,
        ),
        (
            Section::Orders,
            settings.orders.mode,
            &files.orders,
            &mut read.orders,
        ),
    ] {
        match file {
            Some(_) if mode == Mode::Off => {
                tracing::warn!(
                    shop = settings.name,
                    "the {} are off in the configuration: the file is not read",
                    section.as_str()
                );
            }
            Some(file) => *place = Some(document(file)?),
            None => {}
        }
    }
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

/// What was committed need not be kept.
pub(super) fn discard(read: &Read) -> Result<()> {
    let Some(spool) = &read.spool else { return Ok(()) };
    spool.discard(Section::Customers)?;
    spool.discard(Section::Orders)
}
