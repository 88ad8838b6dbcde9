//! The one-shot import: everything of all shops into all targets.
//!
//! The first one builds state and contact databases from nothing, beside their final places, and
//! renames them when they are complete; every later one compares what it reads with the state.

use std::path::PathBuf;

use jiff::Timestamp;
use url::Url;

use super::deliver::DeliveryOptions;
use super::engine::Engine;
use super::first::{First, file_of};
use super::incremental::How;
use super::later::{Later, later};
use super::leftovers;
use super::pull::is_about_a_document;
use super::read::{Read, discard, keep_what_is_sound, read_shops};
use super::report::Report;
use crate::error::Result;
use crate::http::Pace;
use crate::mapping::settings::MappingSettings;
use crate::source::settings::ShopSettings;
use crate::source::{Progress, Section};
use crate::state::State;
use crate::target::settings::TargetSettings;

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
    /// A person agrees to a first delivery into a target with contacts of others.
    pub agreed: bool,
    /// Do not wait much longer for the last shops than for the first: whoever asks reads them by themselves
    /// later.
    pub leave_the_late: bool,
}

impl ImportOptions {
    /// What of it concerns the delivery.
    pub fn delivery(&self) -> DeliveryOptions {
        DeliveryOptions {
            only: self.only.clone(),
            limit: self.limit,
            accept: self.accept,
            agreed: self.agreed,
        }
    }
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
/// As [`Engine::import`], and when another run holds the lock.
pub async fn import(setup: &Setup, options: &ImportOptions, progress: &dyn Progress) -> Result<Report> {
    Engine::open(setup.clone(), "import")
        .await?
        .import(options, progress)
        .await
}

impl Engine {
    /// Imports everything.
    ///
    /// # Errors
    /// When nothing could be done at all. What failed for one shop or one target while the rest went on
    /// stands in the report.
    pub async fn import(&self, options: &ImportOptions, progress: &dyn Progress) -> Result<Report> {
        let _turns = match self.free_turns() {
            Some(turns) => turns,
            None => {
                progress.tell("waiting for the run that is going on");
                self.all_turns().await
            }
        };
        self.know_who_is_suppressed(options.accept)?;
        let mut report = Report::default();
        let began = Timestamp::now();
        let Some(state) = self.known_state() else {
            let (run, reads, how) = self.first_import(options, began, progress, &mut report).await?;
            let ended = self.end_import(&reads, options, how, progress, &mut report).await;
            return self.end_run(run, report, ended);
        };
        let run = state.begin_run("import", began)?;
        let done = self.later_import(options, progress, &mut report).await;
        let report = self.end_run(run, report, done)?;
        // A target that looked suspicious may have been accepted.
        self.go_on_forgetting().await.map(|()| report)
    }

    /// Answers with the run, what was read, and how the targets are to be delivered to.
    async fn first_import(
        &self,
        options: &ImportOptions,
        began: Timestamp,
        progress: &dyn Progress,
        report: &mut Report,
    ) -> Result<(i64, Vec<Read<'_>>, How)> {
        let setup = &self.setup;
        let mut reads = read_shops(None, setup, options, &self.doors, &self.stop, progress, report).await?;
        let is_new = |target| file_of(&setup.state_dir, target).is_none_or(|path| !path.exists());
        if !self.targets.iter().all(is_new) {
            let state = self.make_state()?;
            let run = state.begin_run("import", began)?;
            let applied = later(self.later(state, options), &mut reads, progress, report).await;
            return match applied {
                Ok(()) => Ok((run, reads, How::Everything)),
                Err(error) => Err(self.ended_badly(run, error)),
            };
        }
        let whole = options.only.is_empty() && options.limit.is_none();
        let first = First {
            setup,
            targets: &self.targets,
            whole,
            began,
            stop: &self.stop,
            progress,
        };
        let built = tokio::task::block_in_place(|| first.import(&mut reads, report));
        if let Err(error) = &built {
            // On a full disk there is no room for them until the next run.
            if let Err(untidy) = leftovers::finish_or_remove(&setup.state_dir, &self.targets).await {
                tracing::warn!("{untidy}");
            }
            if is_about_a_document(error.kind()) {
                tokio::task::block_in_place(|| keep_what_is_sound(&reads))
                    .unwrap_or_else(|untidy| tracing::warn!("{untidy}"));
            }
        }
        let (state, run) = built?;
        self.take_state(state)?;
        // Nobody can have deleted anything in what was filled just now.
        Ok((run, reads, How::Changes))
    }

    fn later<'a>(&'a self, state: &'a State, options: &'a ImportOptions) -> Later<'a> {
        Later {
            state,
            targets: &self.targets,
            options,
            stop: &self.stop,
            settled: &self.settled,
        }
    }

    async fn later_import(
        &self,
        options: &ImportOptions,
        progress: &dyn Progress,
        report: &mut Report,
    ) -> Result<()> {
        let state = self.state()?;
        if options.files.is_none() {
            // A full export may move the mark that the feed of changed orders has.
            for shop in state.shops()? {
                state.intend_to_read(shop.id, Section::Orders.as_str())?;
            }
        }
        let mut reads = read_shops(
            Some(state),
            &self.setup,
            options,
            &self.doors,
            &self.stop,
            progress,
            report,
        )
        .await?;
        later(self.later(state, options), &mut reads, progress, report).await?;
        self.end_import(&reads, options, How::Everything, progress, report)
            .await
    }

    /// What was read is stored: the downloads go, and everything that is due is delivered.
    async fn end_import(
        &self,
        reads: &[Read<'_>],
        options: &ImportOptions,
        how: How,
        progress: &dyn Progress,
        report: &mut Report,
    ) -> Result<()> {
        reads.iter().try_for_each(discard)?;
        // Of all shops that are known: the people of one that could not be read now keep what it told before.
        self.deliver_all(&options.delivery(), how, progress, report).await
    }
}
