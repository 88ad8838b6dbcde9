//! Reading the shops: downloads, or files that a person downloaded.

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use tokio::time::{Instant, timeout_at};

use super::clock::is_credible;
use super::engine::Door;
use super::given::given;
use super::import::{Files, ImportOptions, Setup};
use super::pull::ReadFile;
use super::refused;
use super::report::Report;
use super::shop::ShopInRun;
use super::stop::Stop;
use crate::error::{Error, Kind, Result};
use crate::source::settings::{Mode, ShopSettings};
use crate::source::{Progress, Section};
use crate::state::State;

/// One shop with what was read from it.
pub(super) struct Read<'a> {
    pub(super) shop: ShopInRun,
    /// The way in, where the shop itself was read.
    pub(super) door: Option<&'a Door>,
    pub(super) customers: Option<ReadFile>,
    pub(super) orders: Option<ReadFile>,
}

/// Reads every shop, side by side. A shop that fails is told in the report; all of them failing is an error.
/// `state` is what is known before.
pub(super) async fn read_shops<'a>(
    state: Option<&State>,
    setup: &Setup,
    options: &ImportOptions,
    doors: &'a [Door],
    stop: &Stop,
    progress: &dyn Progress,
    report: &mut Report,
) -> Result<Vec<Read<'a>>> {
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
    let is_known = state.is_some();
    let believing = state.filter(|_| options.accept);
    for shop in setup
        .shops
        .iter()
        .filter(|shop| is_known && options.files.is_none() && !has_way_in(shop))
    {
        report.notes.push(from_files_only(shop));
    }
    let reading = setup.shops.iter().zip(doors).map(|(shop, door)| async move {
        match (&options.files, named == Some(shop.name.as_str())) {
            // What is due of it is delivered all the same.
            (None, _) if is_known && !has_way_in(shop) => read_nothing(shop, door),
            (Some(files), true) => read_files(shop, door, files),
            (Some(_), false) => read_nothing(shop, door),
            (None, _) => stop.or(read_shop(shop, door, believing, progress)).await,
        }
    });
    let mut results: Vec<Option<Result<Read<'a>>>> = Vec::new();
    results.resize_with(setup.shops.len(), || None);
    let mut reading: FuturesUnordered<_> = reading
        .enumerate()
        .map(|(place, reading)| async move { (place, reading.await) })
        .collect();
    let began = Instant::now();
    let mut enough: Option<Instant> = None;
    while let Some((place, result)) = match enough {
        None => reading.next().await,
        Some(at) => timeout_at(at, reading.next()).await.unwrap_or(None),
    } {
        if options.leave_the_late && result.is_ok() && enough.is_none() {
            enough = Some(Instant::now() + began.elapsed().max(setup.pace.answer));
        }
        if let Some(slot) = results.get_mut(place) {
            *slot = Some(result);
        }
    }
    drop(reading);
    let mut reads = Vec::new();
    let mut failed = Vec::new();
    for (shop, result) in setup.shops.iter().zip(results) {
        match result {
            Some(Ok(read)) => reads.push(read),
            Some(Err(error)) => failed.push(error),
            None => report.notes.push(format!(
                "shop {} takes much longer to read than the others, who do not wait for it: it is read by itself",
                shop.name
            )),
        }
    }
    // Of files nobody else is read: without them there is nothing to do.
    if reads.is_empty() || named.is_some() && !failed.is_empty() {
        let nothing = Error::new(Kind::Configuration, "importing", "there is no shop");
        return Err(failed.into_iter().next().unwrap_or(nothing));
    }
    for error in failed {
        report.fail(&error);
    }
    Ok(reads)
}

/// Whether the shop itself can be asked for anything.
pub(super) const fn has_way_in(shop: &ShopSettings) -> bool {
    shop.api.is_some() || shop.exports.is_some()
}

/// What to tell of a shop that cannot be asked.
pub(super) fn from_files_only(shop: &ShopSettings) -> String {
    format!(
        "shop {} has neither [shop.api] nor [shop.exports] and is not read; give its downloaded files with \
         `import --customers FILE --orders FILE`",
        shop.name
    )
}

fn read_nothing<'a>(settings: &ShopSettings, door: &'a Door) -> Result<Read<'a>> {
    Ok(Read {
        shop: ShopInRun::new(settings, &door.source.facts_as_configured())?,
        door: None,
        customers: None,
        orders: None,
    })
}

fn read_files<'a>(settings: &ShopSettings, door: &'a Door, files: &Files) -> Result<Read<'a>> {
    let mut read = read_nothing(settings, door)?;
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
            Some(file) => *place = Some(given(section, file, &read.shop.locale, files.as_of)?),
            None => {}
        }
    }
    Ok(read)
}

async fn read_shop<'a>(
    settings: &ShopSettings,
    door: &'a Door,
    believing: Option<&State>,
    progress: &dyn Progress,
) -> Result<Read<'a>> {
    let (source, spool) = (&door.source, door.spool()?);
    spool.remove_leftovers()?;
    let shop = ShopInRun::new(settings, &source.facts().await?)?;
    let believed = |section| match believing {
        Some(state) => refused::believed(state, source, spool, &settings.name, section),
        None => Ok(None),
    };
    let (mut customers, mut orders) = (believed(Section::Customers)?, believed(Section::Orders)?);
    let believes = customers.is_some() || orders.is_some();
    if !believes {
        refused::discard_put_off(spool)?;
    }
    let is_meant = believing.is_some() && refused::is_nothing_kept(spool)?;
    let read = |download| ReadFile {
        is_meant,
        ..ReadFile::of(download)
    };
    // Who believes what was refused wants that to go on now, not in a quarter of an hour.
    let was_read = |section| -> Result<bool> {
        if !believes || spool.complete(section)?.is_some() || !source.would_wait(spool, section)? {
            return Ok(false);
        }
        progress.tell(&format!(
            "the {} of shop {} are not read again: the shop was asked for them a short time ago",
            section.as_str(),
            settings.name
        ));
        Ok(true)
    };
    if orders.is_none() && spool.complete(Section::Orders)?.is_none() {
        source.expect_orders().await?;
    }
    if customers.is_none() && settings.customers.mode != Mode::Off && !was_read(Section::Customers)? {
        customers = Some(read(source.download_customers(spool, progress).await?));
    }
    if orders.is_none() && settings.orders.mode != Mode::Off && !was_read(Section::Orders)? {
        orders = Some(read(source.download_orders(spool, progress).await?));
    }
    Ok(Read {
        shop,
        door: Some(door),
        customers,
        orders,
    })
}

/// Tells of what speaks of an earlier moment than what was read before, and so changes little.
pub(super) fn note_older(state: &State, read: &Read<'_>, report: &mut Report) -> Result<()> {
    for (section, file) in [
        (Section::Customers, &read.customers),
        (Section::Orders, &read.orders),
    ] {
        let Some(file) = file else { continue };
        let section = section.as_str();
        let full = state
            .full_reading(read.shop.id, section)?
            .map(|full| full.read_at);
        let changes = state.cursor(read.shop.id, section)?.map(|cursor| cursor.read_to);
        let known = full.max(changes);
        let now = Timestamp::now();
        let Some(known) = known.filter(|known| is_credible(*known, file.read_at, now)) else {
            continue;
        };
        // The state keeps whole seconds.
        if file.read_at.as_second() < known.as_second() {
            report.notes.push(format!(
                "the {section} of {} ({}) are as of {}, older than what was read before ({}): records that are known \
                 stay as they are, unless the shop itself dates their change later. If they are newer than that, give \
                 their moment with --as-of",
                read.shop.settings.name,
                file.source,
                refused::moment(file.read_at),
                refused::moment(known),
            ));
        }
    }
    Ok(())
}

/// What was committed need not be kept.
pub(super) fn discard(read: &Read<'_>) -> Result<()> {
    let Some(spool) = read.door.map(Door::spool).transpose()? else {
        return Ok(());
    };
    for (section, file) in [
        (Section::Customers, &read.customers),
        (Section::Orders, &read.orders),
    ] {
        if file.is_some() {
            spool.discard(section)?;
        }
    }
    Ok(())
}

/// A build failed on one of these documents: those that are sound are kept for the next run, which need
/// not ask the shops for them again.
pub(super) fn keep_what_is_sound(reads: &[Read<'_>]) -> Result<()> {
    for read in reads {
        let Some(spool) = read.door.map(Door::spool).transpose()? else {
            continue;
        };
        for (section, file) in [
            (Section::Customers, &read.customers),
            (Section::Orders, &read.orders),
        ] {
            if file
                .as_ref()
                .is_some_and(|file| file.is_sound(section, &read.shop).is_err())
            {
                spool.discard(section)?;
            }
        }
    }
    Ok(())
}
