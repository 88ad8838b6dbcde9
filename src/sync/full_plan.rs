//! `plan --full` and `plan --pull`: the shops are read now, into a copy of the state that is thrown away
//! afterwards.

use std::path::{Path, PathBuf};

use super::engine::Door;
use super::import::{ImportOptions, Setup};
use super::incremental::{Following, How};
use super::known_shops;
use super::later::{Later, later};
use super::plan::{self, EachContact};
use super::planned::Plan;
use super::read::{from_files_only, has_way_in, read_shops};
use super::report::Report;
use super::settled::Settled;
use super::stop::Stop;
use super::target::TargetInRun;
use crate::error::{Doing, Error, Kind, Result};
use crate::source::Progress;
use crate::state::suppressed::Suppressed;
use crate::state::{FILE, State, lock};

/// Folder of such a plan inside the state directory; it is there only while one is made.
const FOLDER: &str = "plan";

/// Reads the shops in full into a copy of the state, and works out from that what an import would do.
///
/// # Errors
/// When another run holds the lock, no shop can be read, or there is no room for the copy.
pub async fn plan_in_full(setup: &Setup, each: EachContact<'_>, progress: &dyn Progress) -> Result<Plan> {
    let _lock = lock::take(&setup.state_dir, "plan --full")?;
    Rehearsal::begin(setup)?.in_full(each, progress).await
}

/// Reads what changed in the shops into a copy of the state, and works out from that what `sync` would do.
/// Before the first import that is what an import would do.
///
/// The feed of changed orders is left alone, for what it tells it does not tell again.
///
/// # Errors
/// As [`plan_in_full`].
pub async fn plan_after_pull(setup: &Setup, each: EachContact<'_>, progress: &dyn Progress) -> Result<Plan> {
    let _lock = lock::take(&setup.state_dir, "plan --pull")?;
    let rehearsal = Rehearsal::begin(setup)?;
    if rehearsal.is_known {
        rehearsal.of_changes(each, progress).await
    } else {
        rehearsal.in_full(each, progress).await
    }
}

/// A copy of the state, and ways into the shops that leave nothing behind.
struct Rehearsal<'a> {
    setup: &'a Setup,
    state: State,
    /// Whether anything was imported before.
    is_known: bool,
    targets: Vec<TargetInRun>,
    doors: Vec<Door>,
    stop: Stop,
    /// Last: what lies in it goes when nobody has it open any more.
    _aside: Aside,
}

impl<'a> Rehearsal<'a> {
    fn begin(setup: &'a Setup) -> Result<Self> {
        remove_leftovers(&setup.state_dir)?;
        let aside = Aside::make(&setup.state_dir)?;
        let is_known = State::require(&setup.state_dir).is_ok();
        if is_known {
            let known = State::open_to_read(&setup.state_dir)?;
            known_shops::must_be_as_before(&known, &setup.shops)?;
            known.copy_to(&aside.folder.join(FILE))?;
        }
        Suppressed::load(&setup.state_dir)?.copy_to(&aside.folder)?;
        Ok(Self {
            setup,
            state: State::open(&aside.folder)?,
            is_known,
            targets: TargetInRun::all(&setup.targets)?,
            doors: Door::all(setup, Some(&aside.folder.join("spool")))?,
            stop: Stop::default(),
            _aside: aside,
        })
    }

    async fn in_full(&self, each: EachContact<'_>, progress: &dyn Progress) -> Result<Plan> {
        let (state, options) = (&self.state, ImportOptions::default());
        let mut report = Report::default();
        let known = self.is_known.then_some(state);
        let mut reads = read_shops(
            known,
            self.setup,
            &options,
            &self.doors,
            &self.stop,
            progress,
            &mut report,
        )
        .await?;
        let aside = Later {
            state,
            targets: &self.targets,
            options: &options,
            stop: &self.stop,
            settled: &Settled::default(),
        };
        later(aside, &mut reads, progress, &mut report).await?;
        self.plan(How::Everything, report, each, progress).await
    }

    async fn of_changes(&self, each: EachContact<'_>, progress: &dyn Progress) -> Result<Plan> {
        let mut report = Report::default();
        let following = Following {
            state: &self.state,
            setup: self.setup,
            targets: &self.targets,
            accept: false,
            stop: &self.stop,
            settled: &Settled::default(),
            progress,
        };
        for (settings, door) in self.setup.shops.iter().zip(&self.doors) {
            if has_way_in(settings) {
                following.shop(door, settings, How::Changes, &mut report).await?;
            } else {
                progress.tell(&from_files_only(settings));
            }
        }
        self.plan(How::Changes, report, each, progress).await
    }

    async fn plan(
        &self,
        how: How,
        report: Report,
        each: EachContact<'_>,
        progress: &dyn Progress,
    ) -> Result<Plan> {
        let mut plan = plan::over(&self.state, self.setup, how, each, progress).await?;
        plan.exit_code = plan.exit_code.max(match report.exit_code() {
            code @ (1 | 2) => code,
            _ => 0,
        });
        plan.failures = report.failures;
        Ok(plan)
    }
}

/// Removes the folder that a killed plan left behind. Only for whoever holds the lock.
///
/// # Errors
/// When it cannot be removed.
pub fn remove_leftovers(state_dir: &Path) -> Result<()> {
    let folder = state_dir.join(FOLDER);
    match std::fs::remove_dir_all(&folder) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => Err(Error::new(
            Kind::Disk,
            format!("removing {}", folder.display()),
            cause,
        )),
        _ => Ok(()),
    }
}

/// The folder of such a plan; it goes when the plan is made.
struct Aside {
    folder: PathBuf,
}

impl Aside {
    fn make(state_dir: &Path) -> Result<Self> {
        let folder = state_dir.join(FOLDER);
        let mut builder = std::fs::DirBuilder::new();
        // The copy holds people, as the state does.
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(&folder)
            .doing(Kind::Disk, || format!("making {}", folder.display()))?;
        Ok(Self { folder })
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next run.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
