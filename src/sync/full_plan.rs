//! `plan --full`: the shops are read now, into a copy of the state that is thrown away afterwards.

use std::path::{Path, PathBuf};

use super::engine::Door;
use super::import::{ImportOptions, Setup};
use super::incremental::How;
use super::later::later;
use super::plan::{self, EachContact};
use super::planned::Plan;
use super::read::read_shops;
use super::report::Report;
use super::stop::Stop;
use super::target::TargetInRun;
use crate::error::{Doing, Error, Kind, Result};
use crate::source::Progress;
use crate::state::suppressed::Suppressed;
use crate::state::{FILE, State, lock};

/// Folder of a full plan inside the state directory; it is there only while one is made.
const FOLDER: &str = "plan";

/// Reads the shops in full into a copy of the state, and works out from that what an import would do.
///
/// # Errors
/// When another run holds the lock, no shop can be read, or there is no room for the copy.
pub async fn plan_in_full(setup: &Setup, each: EachContact<'_>, progress: &dyn Progress) -> Result<Plan> {
    let _lock = lock::take(&setup.state_dir, "plan --full")?;
    remove_leftovers(&setup.state_dir)?;
    let aside = Aside::make(&setup.state_dir)?;
    let is_known = State::require(&setup.state_dir).is_ok();
    if is_known {
        State::open_to_read(&setup.state_dir)?.copy_to(&aside.folder.join(FILE))?;
    }
    Suppressed::load(&setup.state_dir)?.copy_to(&aside.folder)?;
    let state = State::open(&aside.folder)?;
    let targets = TargetInRun::all(&setup.targets)?;
    let doors = Door::all(setup, Some(&aside.folder.join("spool")))?;
    let stop = Stop::default();
    let mut report = Report::default();
    let options = ImportOptions::default();
    let mut reads = read_shops(
        is_known.then_some(&state),
        setup,
        &options,
        &doors,
        &stop,
        progress,
        &mut report,
    )
    .await?;
    later(
        &state,
        &mut reads,
        &targets,
        &options,
        &stop,
        progress,
        &mut report,
    )
    .await?;
    let mut plan = plan::over(&state, setup, How::Everything, each, progress).await?;
    plan.exit_code = plan.exit_code.max(match report.exit_code() {
        code @ (1 | 2) => code,
        _ => 0,
    });
    plan.failures = report.failures;
    Ok(plan)
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

/// The folder of a full plan; it goes when the plan is made.
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
