//! The first import: state and contact databases are built from nothing, beside their final places, and
//! renamed when they are complete.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::build::Build;
use super::compose::Composer;
use super::consent::{self, Due};
use super::fill::fill;
use super::import::Setup;
use super::later::note_failure;
use super::leftovers::{self, rename, unfinished};
use super::pull::ReadFile;
use super::read::Read;
use super::report::Report;
use super::shop::ShopInRun;
use super::stop::Stop;
use super::target::TargetInRun;
use crate::error::{Call, Result};
use crate::source::Progress;
use crate::state::{FILE, State};
use crate::target::Target;
use crate::target::settings::Connection;
use crate::target::sqlite::SqliteTarget;

/// The file of an embedded target; `None` for a target that is elsewhere.
pub(super) fn file_of(state_dir: &Path, target: &TargetInRun) -> Option<PathBuf> {
    match &target.settings.connection {
        Connection::Sqlite(settings) => Some(state_dir.join(&settings.path)),
        Connection::Postgres(_) | Connection::Daktela(_) | Connection::MiniCrm(_) => None,
    }
}

/// A first import.
pub(super) struct First<'a> {
    pub setup: &'a Setup,
    pub targets: &'a [TargetInRun],
    /// Whether all of it is delivered; else the contact databases are left to the delivery, which can
    /// choose.
    pub whole: bool,
    pub began: Timestamp,
    pub stop: &'a Stop,
    pub progress: &'a dyn Progress,
}

impl First<'_> {
    /// Builds state and contact databases from nothing; answers with the state and the number of the run.
    ///
    /// # Errors
    /// When a document cannot be trusted, or there is no room; what was built is left to be removed.
    pub fn import(&self, reads: &mut [Read<'_>], report: &mut Report) -> Result<(State, i64)> {
        let final_place = self.setup.state_dir.join(FILE);
        let built = unfinished(&final_place);
        let mut shops: Vec<ShopInRun> = reads.iter().map(|read| read.shop.clone()).collect();
        let (state, bad_orders) = {
            let mut build = Build::begin(&built, &mut shops, self.progress, self.stop)?;
            let customers: Vec<Option<ReadFile>> = reads.iter().map(|read| read.customers.clone()).collect();
            let orders: Vec<Option<ReadFile>> = reads.iter().map(|read| read.orders.clone()).collect();
            report.customers_read = build.customers(&customers)?;
            tracing::debug!(records = report.customers_read, "customers loaded");
            report.orders_read = build.orders(&orders)?;
            tracing::debug!(records = report.orders_read, "orders loaded");
            report.suppressed = build.suppressed();
            report.bad_records = build.bad_records();
            let bad_orders = build.bad_orders();
            (build.into_state(), bad_orders)
        };
        (report.customers_changed, report.orders_changed) = state.count_built()?;
        note_what_was_passed_over(report, bad_orders);
        for (read, shop) in reads.iter_mut().zip(&shops) {
            read.shop = shop.clone();
        }
        self.newsletter(&state, reads, report)?;
        let run = state.begin_run("import", self.began)?;
        let shops = ShopInRun::all_from_state(&state, &self.setup.shops)?;
        let filled = self.fill(&state, &shops, report)?;
        state.finish_build()?;
        tracing::debug!("state on the disk");
        let nothing_is_left = filled.all_that_were_begun;
        self.publish(filled.targets)?;
        rename(&built, &final_place)?;
        if nothing_is_left {
            leftovers::forget_builders(&self.setup.state_dir)?;
        }
        Ok((State::open(&self.setup.state_dir)?, run))
    }

    /// Who wants the newsletter is read while the state is built: nothing of it is delivered before.
    fn newsletter(&self, state: &State, reads: &[Read<'_>], report: &mut Report) -> Result<()> {
        let runtime = tokio::runtime::Handle::current();
        for read in reads {
            let whole = consent::whole(state, read, self.targets, Due::Nobody, self.stop, report);
            if let Err(error) = runtime.block_on(whole) {
                note_failure(&error, report)?;
            }
        }
        Ok(())
    }

    /// Fills the contact databases; answers with those that are filled.
    fn fill(&self, state: &State, shops: &[ShopInRun], report: &mut Report) -> Result<AllFilled> {
        let mut filled = AllFilled {
            targets: Vec::new(),
            all_that_were_begun: true,
        };
        let writer = state.id()?;
        if self.whole {
            leftovers::note_builder(&self.setup.state_dir, self.targets, &writer)?;
        }
        for target in self.targets {
            let Some(mut building) = self.begin(target, &writer)? else {
                state.make_all_due(target.numbers(state)?.target)?;
                continue;
            };
            let composer = Composer::new(state, shops)?;
            let filling = fill(
                state,
                &composer,
                target,
                building.remote.as_mut(),
                self.progress,
                self.stop,
            );
            let delivered = match filling {
                Err(error) if building.file.is_none() && error.kind().calls_for() == Call::Retry => {
                    // A server that is gone costs this target alone: it is delivered to when it is back, and what was
                    // half-filled there is removed by the next start.
                    self.progress.tell(&format!("not filled at once: {error}"));
                    state.forget_filling(target.numbers(state)?.target, &target.settings.name)?;
                    filled.all_that_were_begun = false;
                    continue;
                }
                filling => filling?,
            };
            tracing::debug!(
                to = target.settings.name,
                contacts = delivered.created,
                "contact database filled"
            );
            report.targets.insert(target.settings.name.clone(), delivered);
            filled.targets.push(building);
        }
        Ok(filled)
    }

    /// Begins to fill a target; `None` leaves it to the delivery.
    fn begin(&self, target: &TargetInRun, writer: &str) -> Result<Option<Filled>> {
        if !self.whole {
            return Ok(None);
        }
        let runtime = tokio::runtime::Handle::current();
        let file = file_of(&self.setup.state_dir, target);
        let Some(file) = file else {
            let mut remote = target.connect(&self.setup.state_dir, writer);
            return Ok(match runtime.block_on(remote.begin_build()) {
                Ok(is_begun) => is_begun.then_some(Filled { remote, file: None }),
                // The delivery meets the same and tells of it; the other targets go on.
                Err(error) => {
                    tracing::debug!(to = target.settings.name, cause = error.cause(), "not filled");
                    None
                }
            });
        };
        let unfinished = unfinished(&file);
        let mut remote = Box::new(SqliteTarget::new(
            unfinished,
            target.layout.clone(),
            writer.to_owned(),
        ));
        runtime.block_on(remote.begin_build())?;
        Ok(Some(Filled {
            remote,
            file: Some(file),
        }))
    }

    /// Lets everybody see what was filled: what is elsewhere first, see [`leftovers`].
    fn publish(&self, filled: Vec<Filled>) -> Result<()> {
        let (files, elsewhere): (Vec<Filled>, Vec<Filled>) =
            filled.into_iter().partition(|filled| filled.file.is_some());
        let runtime = tokio::runtime::Handle::current();
        for mut filled in elsewhere {
            runtime.block_on(filled.remote.publish_build())?;
        }
        for path in files.into_iter().filter_map(|filled| filled.file) {
            rename(&unfinished(&path), &path)?;
        }
        Ok(())
    }
}

/// What became of filling all of them.
struct AllFilled {
    /// Those that are.
    targets: Vec<Filled>,
    /// Whether these are all that were begun.
    all_that_were_begun: bool,
}

/// A target that is filled and not seen yet.
struct Filled {
    remote: Box<dyn Target>,
    /// Where an embedded one belongs.
    file: Option<PathBuf>,
}

/// Tells of orders that were read and are not in the state.
fn note_what_was_passed_over(report: &mut Report, bad_orders: u64) {
    let taken = report.orders_changed + bad_orders;
    let passed_over = report.orders_read.saturating_sub(taken);
    if passed_over > 0 {
        report.notes.push(format!(
            "{passed_over} of the orders were passed over: they are outside `since` and `until`, of guests who are left \
             out, or told twice"
        ));
    }
}
