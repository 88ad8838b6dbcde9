//! One incremental run: every shop is asked what changed since it was read last, and what is due is
//! delivered. Shops are read side by side; a slow one does not hold up the others.

use futures_util::future::join_all;
use jiff::Timestamp;

use super::consent;
use super::deliver::DeliveryOptions;
use super::engine::{Door, Engine};
use super::follow::Follow;
use super::import::{ImportOptions, Setup};
use super::read::{from_files_only, has_way_in};
use super::report::Report;
use super::settled::Settled;
use super::shop::ShopInRun;
use super::stop::Stop;
use super::target::TargetInRun;
use crate::error::{Error, Kind, Result};
use crate::source::Progress;
use crate::source::settings::ShopSettings;
use crate::state::State;

/// How a shop is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// What changed since the last reading.
    Changes,
    /// Everything, compared with what is known.
    Everything,
}

impl Engine {
    /// Reads what changed in every shop and delivers what is due. Before the first import there is
    /// nothing to follow: then it is that.
    ///
    /// # Errors
    /// What concerns everything: the disk, the state, the order to stop. What failed for one shop or one
    /// target while the rest went on stands in the report.
    pub async fn sync(&self, options: &DeliveryOptions, progress: &dyn Progress) -> Result<Report> {
        if self.known_state().is_none() {
            // Somebody may be about to import: then there is something to follow.
            drop(self.all_turns().await);
        }
        let Some(state) = self.known_state() else {
            let options = ImportOptions {
                only: options.only.clone(),
                limit: options.limit,
                accept: options.accept,
                ..ImportOptions::default()
            };
            return self.import(&options, progress).await;
        };
        let run = state.begin_run("sync", Timestamp::now())?;
        let mut report = Report::default();
        let done = self.sync_all(options, progress, &mut report).await;
        self.end_run(run, report, done)
    }

    async fn sync_all(
        &self,
        options: &DeliveryOptions,
        progress: &dyn Progress,
        report: &mut Report,
    ) -> Result<()> {
        let read = (0..self.doors.len()).map(|shop| async move {
            let mut report = Report::default();
            let followed = self
                .follow(shop, How::Changes, options.accept, progress, &mut report)
                .await;
            (followed, report)
        });
        for (followed, of_shop) in join_all(read).await {
            report.add(of_shop);
            followed?;
        }
        self.deliver_all(options, How::Changes, progress, report).await
    }

    /// Reads one shop, by its place in the configuration, when it is its turn.
    ///
    /// # Errors
    /// What concerns everything that follows; what failed for the shop alone stands in the report.
    pub async fn follow(
        &self,
        shop: usize,
        how: How,
        accept: bool,
        progress: &dyn Progress,
        report: &mut Report,
    ) -> Result<()> {
        let state = self.state()?;
        let (Some(door), Some(settings)) = (self.doors.get(shop), self.setup.shops.get(shop)) else {
            return Err(Error::new(
                Kind::Unknown,
                "following a shop",
                "there is no such shop",
            ));
        };
        let _turn = door.turn.lock().await;
        if !has_way_in(settings) {
            report.notes.push(from_files_only(settings));
            return Ok(());
        }
        self.know_who_is_suppressed(accept)?;
        let following = Following {
            state,
            setup: &self.setup,
            targets: &self.targets,
            accept,
            stop: &self.stop,
            settled: &self.settled,
            progress,
        };
        following.shop(door, settings, how, report).await
    }
}

/// What following any shop takes.
pub struct Following<'a> {
    /// The state, or a copy of it.
    pub state: &'a State,
    /// The configuration's part of it.
    pub setup: &'a Setup,
    /// The targets that have to hear of changes.
    pub targets: &'a [TargetInRun],
    /// Whether a person believes what looked suspicious.
    pub accept: bool,
    /// Ends it between two batches.
    pub stop: &'a Stop,
    /// The turn at the people.
    pub settled: &'a Settled,
    /// Hears how far it is.
    pub progress: &'a dyn Progress,
}

impl Following<'_> {
    /// Reads one shop.
    ///
    /// # Errors
    /// As [`Engine::follow`].
    pub async fn shop(
        &self,
        door: &Door,
        settings: &ShopSettings,
        how: How,
        report: &mut Report,
    ) -> Result<()> {
        let state = self.state;
        let facts = match self.stop.or(door.source.facts()).await {
            Ok(facts) => facts,
            Err(error) if error.kind() == Kind::Interrupted => return Err(error),
            Err(error) => {
                report.fail(&error);
                return Ok(());
            }
        };
        let mut of_shop = ShopInRun::new(settings, &facts)?;
        of_shop.remember(state)?;
        let mut shops = ShopInRun::all_from_state(state, &self.setup.shops)?;
        for known in &mut shops {
            if known.id == of_shop.id {
                *known = of_shop.clone();
            }
        }
        for target in self.targets {
            target.numbers(state)?;
        }
        let newsletter = consent::named_by(self.targets, &of_shop)
            .map(|target| Ok(target.numbers(state)?.target))
            .collect::<Result<_>>()?;
        let mut follow = Follow {
            state,
            source: &door.source,
            spool: door.spool()?,
            shop: of_shop,
            shops,
            targets: state.targets()?,
            newsletter,
            accept: self.accept,
            stop: self.stop,
            settled: self.settled,
            progress: self.progress,
        };
        follow.follow(how, report).await
    }
}
