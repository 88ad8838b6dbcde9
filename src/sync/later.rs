//! Every import but the first: what was read is compared with the state that is there.

use std::collections::HashSet;

use jiff::Timestamp;

use super::apply::{Apply, Settle};
use super::consent::{self, Due};
use super::engine::Door;
use super::import::ImportOptions;
use super::read::{Read, note_older};
use super::refused;
use super::report::Report;
use super::settled::Settled;
use super::shop::ShopInRun;
use super::stop::Stop;
use super::target::TargetInRun;
use super::whole;
use crate::error::{Error, Kind, Result};
use crate::source::settings::CustomersSource;
use crate::source::{Progress, Section};
use crate::state::State;

/// What an import into a state that is there works with.
#[derive(Clone, Copy)]
pub(super) struct Later<'a> {
    pub(super) state: &'a State,
    pub(super) targets: &'a [TargetInRun],
    pub(super) options: &'a ImportOptions,
    pub(super) stop: &'a Stop,
    pub(super) settled: &'a Settled,
}

/// Compares what was read with the state that is there.
///
/// # Errors
/// What concerns everything; what failed for one shop alone stands in the report.
pub(super) async fn later(
    later: Later<'_>,
    reads: &mut [Read<'_>],
    progress: &dyn Progress,
    report: &mut Report,
) -> Result<()> {
    let Later {
        state,
        targets,
        options,
        stop,
        settled,
    } = later;
    for target in targets {
        target.numbers(state)?;
    }
    let numbers = state.targets()?;
    let known = state.shops()?;
    for read in reads.iter_mut() {
        // Files do not tell what the shop's API told before.
        if let (None, Some(row)) = (
            read.door,
            known.iter().find(|row| row.name == read.shop.settings.name),
        ) {
            read.shop = ShopInRun::from_state(&read.shop.settings, row)?;
        }
        read.shop.remember(state)?;
        note_older(state, read, report)?;
    }
    let shops: Vec<ShopInRun> = reads.iter().map(|read| read.shop.clone()).collect();
    let settle = Settle {
        state,
        shops: &shops,
        targets: &numbers,
        now: Timestamp::now(),
        stop,
    };
    // Customers of all shops before orders of any: an order goes to whoever has its e-mail now.
    let mut failed = Vec::new();
    for (place, read) in reads.iter().enumerate() {
        let Some(file) = &read.customers else { continue };
        let by_api = read.shop.settings.customers.source == CustomersSource::Api;
        let source = read.door.map(|door| &door.source).filter(|_| by_api);
        let mut apply = apply(&settle, &read.shop, report);
        let applied = whole::customers(&mut apply, file, source, options.accept, settled, progress).await;
        if let Err(error) = ended(read, Section::Customers, applied) {
            note_failure(&error, report)?;
            failed.push((place, error.kind()));
        }
    }
    let turn = settled.to_change().await;
    settle.customers(report).await?;
    drop(turn);
    for (place, read) in reads.iter_mut().enumerate() {
        if let Some((_, why)) = failed.iter().find(|(failed, _)| *failed == place) {
            if *why == Kind::Suspicious {
                // They stay in the spool: who believes the customers need not ask for them again.
                read.orders = None;
            }
            continue;
        }
        let Some(file) = &read.orders else { continue };
        let _turn = settled.to_change().await;
        let mut apply = apply(&settle, &read.shop, report);
        let applied = apply.orders(file, options.accept, progress).await;
        if let Err(error) = ended(read, Section::Orders, applied) {
            note_failure(&error, report)?;
        }
    }
    let turn = settled.to_change().await;
    settle.orders(report).await?;
    drop(turn);
    for read in reads.iter() {
        if let Err(error) = consent::whole(state, read, targets, Due::WhoChanges, stop, report).await {
            note_failure(&error, report)?;
        }
    }
    Ok(())
}

/// Ends a listing: that of a download is kept where it was refused.
fn ended(read: &Read<'_>, section: Section, applied: Result<()>) -> Result<()> {
    match read.door.map(Door::spool).transpose()? {
        Some(spool) => refused::ended(spool, section, applied),
        None => applied,
    }
}

fn apply<'a>(settle: &Settle<'a>, shop: &'a ShopInRun, report: &'a mut Report) -> Apply<'a> {
    Apply {
        state: settle.state,
        shop,
        shops: settle.shops,
        targets: settle.targets,
        report,
        now: settle.now,
        stop: settle.stop,
        parked_before: HashSet::new(),
    }
}

/// Some failures concern everything that follows, the others one shop.
pub(super) fn note_failure(error: &Error, report: &mut Report) -> Result<()> {
    match error.kind() {
        Kind::Disk | Kind::Database | Kind::Interrupted => Err(error.clone()),
        _ => {
            report.fail(error);
            Ok(())
        }
    }
}
