//! What a killed import left behind: half-built files, and downloads that were committed already.

use std::path::{Path, PathBuf};

use super::first::file_of;
use super::target::TargetInRun;
use crate::error::{Doing, Error, Kind, Result};
use crate::source::{Download, Section, Spool};
use crate::state::{FILE, State};
use crate::target::Target;
use crate::target::sqlite::SqliteTarget;

/// The name of a file while it is built.
pub fn unfinished(path: &Path) -> PathBuf {
    with_suffix(path, ".new")
}

/// Renames a finished file to its place, durably.
///
/// # Errors
/// When the folder cannot be written.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    let doing = || format!("renaming {} to {}", from.display(), to.display());
    std::fs::rename(from, to).doing(Kind::Disk, doing)?;
    if let Some(folder) = to.parent() {
        std::fs::File::open(folder)
            .and_then(|folder| folder.sync_all())
            .doing(Kind::Disk, doing)?;
    }
    Ok(())
}

/// When a first import was killed among its last renamings, the rest of them is made up for; what was
/// half-built before is thrown away.
///
/// # Errors
/// When the folder cannot be written, or a contact database not be read.
pub async fn finish_or_remove(state_dir: &Path, targets: &[TargetInRun]) -> Result<()> {
    super::full_plan::remove_leftovers(state_dir)?;
    let state_file = state_dir.join(FILE);
    let databases: Vec<(&TargetInRun, PathBuf)> = targets
        .iter()
        .filter_map(|target| Some((target, file_of(state_dir, target)?)))
        .collect();
    if let Some(waiting) = waiting_for_their_renaming(&state_file, &databases).await? {
        for path in waiting {
            rename(&unfinished(&path), &path)?;
        }
        rename(&unfinished(&state_file), &state_file)?;
    }
    for path in databases.into_iter().map(|(_, path)| path).chain([state_file]) {
        // Behind a finished file these are empty: it was closed before it was looked into.
        for suffix in ["", "-wal", "-shm", "-journal"] {
            remove(&with_suffix(&unfinished(&path), suffix))?;
        }
    }
    Ok(())
}

/// The databases that have still to be renamed, the state aside; `None` when the build was not finished.
///
/// A database is renamed only when the state and all databases are complete on the disk, so one that is
/// in its place and that the unfinished state knows by its id tells that all of them are.
async fn waiting_for_their_renaming(
    state_file: &Path,
    databases: &[(&TargetInRun, PathBuf)],
) -> Result<Option<Vec<PathBuf>>> {
    let built = unfinished(state_file);
    if !built.exists() || state_file.exists() {
        return Ok(None);
    }
    let mut waiting = Vec::new();
    for (target, path) in databases {
        let known = State::identity_in(&built, &target.settings.name);
        let is_ours = async |path: &Path| -> Result<bool> {
            if !path.exists() {
                return Ok(false);
            }
            let mut database = SqliteTarget::new(path.to_owned(), target.layout.clone(), String::new());
            let identity = database.identity().await?;
            Ok(identity.is_some_and(|identity| Some(identity.id) == known))
        };
        if !path.exists() {
            waiting.push(path.clone());
        } else if !is_ours(path).await? {
            return Ok(None);
        }
    }
    let one_is_in_its_place = waiting.len() < databases.len();
    let all_are_there = waiting.iter().all(|path| unfinished(path).exists());
    Ok((one_is_in_its_place && all_are_there).then_some(waiting))
}

/// A run that was killed after it had committed a download left it in the spool: it holds nothing new,
/// and would be taken for what the shop says now.
///
/// # Errors
/// When state or spool cannot be read, or the download not be removed.
pub fn discard_committed(state: &State, spools: &Path) -> Result<()> {
    for shop in state.shops()? {
        let folder = spools.join(&shop.name);
        if !folder.exists() {
            continue;
        }
        let spool = Spool::open(&folder)?;
        for section in [Section::Customers, Section::Orders] {
            let Some(committed) = state.full_reading(shop.id, section.as_str())? else {
                continue;
            };
            let second = |download: Download| download.requested_at.as_second();
            // The state keeps whole seconds.
            let committed = committed.read_at.as_second();
            if spool
                .complete(section)?
                .map(second)
                .is_some_and(|at| at <= committed)
            {
                spool.discard(section)?;
            }
            // A later listing was sound.
            if spool
                .refused(section)?
                .map(second)
                .is_some_and(|at| at < committed)
            {
                spool.drop_refused(section)?;
            }
        }
    }
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => Err(Error::new(
            Kind::Disk,
            format!("removing {}", path.display()),
            cause,
        )),
        _ => Ok(()),
    }
}
