//! Every import but the first: what was read is compared with the state that is there.

use jiff::Timestamp;

use super::apply::{Apply, Settle};
use super::import::ImportOptions;
use super::intake;
use super::read::Read;
use super::report::Report;
use super::shop::ShopInRun;
use super::target::TargetInRun;
use crate::error::{Error, Kind, Result};
use crate::source::document;
use crate::source::settings::CustomersSource;
use crate::source::{Progress, Section};
use crate::state::State;

/// Compares what was read with the state that is there.
pub(super) async fn later(
    state: &State,
    reads: &mut [Read],
    targets: &[TargetInRun],
    options: &ImportOptions,
    progress: &dyn Progress,
    report: &mut Report,
) -> Result<()> {
    for target in targets {
        target.numbers(state)?;
    }
    let numbers = state.targets()?;
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
    let shops: Vec<ShopInRun> = reads.iter().map(|read| read.shop.clone()).collect();
    let settle = Settle {
        state,
        shops: &shops,
        targets: &numbers,
        now: Timestamp::now(),
    };
    // Customers of all shops before orders of any: an order goes to whoever has its e-mail now.
    let mut failed = Vec::new();
    for (place, read) in reads.iter().enumerate() {
        let mut apply = apply(&settle, &read.shop, report);
        if let Err(error) = later_customers(&mut apply, read, options, progress).await {
            note_failure(&error, report)?;
            failed.push(place);
        }
    }
    tokio::task::block_in_place(|| settle.customers(report))?;
    for (place, read) in reads.iter().enumerate() {
        if failed.contains(&place) {
            continue;
        }
        let mut apply = apply(&settle, &read.shop, report);
        if let Err(error) = tokio::task::block_in_place(|| later_orders(&mut apply, read, options, progress))
        {
            note_failure(&error, report)?;
        }
    }
    tokio::task::block_in_place(|| settle.orders(report))
}

fn apply<'a>(settle: &Settle<'a>, shop: &'a ShopInRun, report: &'a mut Report) -> Apply<'a> {
    Apply {
        state: settle.state,
        shop,
        shops: settle.shops,
        targets: settle.targets,
        report,
        now: settle.now,
    }
}

/// Some failures concern everything that follows, the others one shop.
fn note_failure(error: &Error, report: &mut Report) -> Result<()> {
    match error.kind() {
        Kind::Disk | Kind::Database | Kind::Interrupted => Err(error.clone()),
        _ => {
            report.fail(error);
            Ok(())
        }
    }
}

async fn later_customers(
    apply: &mut Apply<'_>,
    read: &Read,
    options: &ImportOptions,
    progress: &dyn Progress,
) -> Result<()> {
    let Some(file) = &read.customers else {
        return Ok(());
    };
    let by_api = read.shop.settings.customers.source == CustomersSource::Api;
    let source = read.source.as_ref().filter(|_| by_api);
    let ask = tokio::task::block_in_place(|| {
        let missing = apply.customers(file, options.accept, progress)?;
        apply.count_missing(Section::Customers, &missing, source.is_some())
    })?;
    let state = apply.state;
    for guid in ask {
        let Some(source) = source else { break };
        match source.customer(&guid).await? {
            None => state.transaction(|_| apply.customer_gone(&guid))?,
            Some(detail) => {
                let customer = document::customer_from_api(detail.as_bytes(), &read.shop.locale)?;
                let customer = intake::customer(&read.shop, &customer, Timestamp::now())?;
                state.transaction(|_| apply.customer(&customer))?;
            }
        }
    }
    Ok(())
}

fn later_orders(
    apply: &mut Apply<'_>,
    read: &Read,
    options: &ImportOptions,
    progress: &dyn Progress,
) -> Result<()> {
    let Some(file) = &read.orders else {
        return Ok(());
    };
    let missing = apply.orders(file, options.accept, progress)?;
    apply.count_missing(Section::Orders, &missing, false).map(drop)
}
