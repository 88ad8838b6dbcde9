//! What a killed import left behind: half-built files, and downloads that were committed already.

use std::io::Write as _;
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
    if let Some(waiting) = waiting_for_their_renaming(&state_file, &databases, state_dir, targets).await? {
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
    discard_elsewhere(state_dir, targets).await
}

/// The ids of states that began to fill databases elsewhere, a line each: by them what they left is found there.
fn builders(state_dir: &Path) -> PathBuf {
    state_dir.join("builders")
}

/// Notes, before anything is made elsewhere, by which id it will be found there.
///
/// # Errors
/// When the folder cannot be written.
pub fn note_builder(state_dir: &Path, targets: &[TargetInRun], id: &str) -> Result<()> {
    if targets.iter().all(|target| file_of(state_dir, target).is_some()) {
        return Ok(());
    }
    let path = builders(state_dir);
    let write = || {
        let mut file = std::fs::File::options().create(true).append(true).open(&path)?;
        writeln!(file, "{id}")?;
        file.sync_all()
    };
    write().doing(Kind::Disk, || format!("writing {}", path.display()))
}

/// What was filled is seen: nothing of it is to be removed.
///
/// # Errors
/// When the folder cannot be written.
pub fn forget_builders(state_dir: &Path) -> Result<()> {
    remove(&builders(state_dir))
}

/// Removes what was half-filled elsewhere. A server that does not answer is asked by the next start again.
async fn discard_elsewhere(state_dir: &Path, targets: &[TargetInRun]) -> Result<()> {
    let path = builders(state_dir);
    let ids = match std::fs::read_to_string(&path) {
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        read => read.doing(Kind::Disk, || format!("reading {}", path.display()))?,
    };
    let mut all_are_gone = true;
    for target in targets
        .iter()
        .filter(|target| file_of(state_dir, target).is_none())
    {
        for id in ids.lines() {
            if let Err(error) = target.connect(state_dir, id).discard_build().await {
                tracing::warn!(
                    "what a killed import left in {} stays: {error}",
                    target.settings.name
                );
                all_are_gone = false;
            }
        }
    }
    if all_are_gone { remove(&path) } else { Ok(()) }
}

/// The databases that have still to be renamed, the state aside; `None` when the build was not finished.
///
/// A database is renamed only when the state and all databases are complete on the disk, so one that is
/// in its place and that the unfinished state knows by its id tells that all of them are.
async fn waiting_for_their_renaming(
    state_file: &Path,
    databases: &[(&TargetInRun, PathBuf)],
    state_dir: &Path,
    targets: &[TargetInRun],
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
    let one_is_in_its_place =
        waiting.len() < databases.len() || is_seen_elsewhere(&built, state_dir, targets).await?;
    let all_are_there = waiting.iter().all(|path| unfinished(path).exists());
    Ok((one_is_in_its_place && all_are_there).then_some(waiting))
}

/// Whether a database elsewhere is seen already that the unfinished state has filled. Then all of them are complete,
/// and those that are not seen yet are shown: they come before all files.
async fn is_seen_elsewhere(built: &Path, state_dir: &Path, targets: &[TargetInRun]) -> Result<bool> {
    let Ok(ids) = std::fs::read_to_string(builders(state_dir)) else {
        return Ok(false);
    };
    let Some(id) = ids.lines().last() else {
        return Ok(false);
    };
    let mut filled = Vec::new();
    let mut is_seen = false;
    for target in targets
        .iter()
        .filter(|target| file_of(state_dir, target).is_none())
    {
        let Some(known) = State::identity_in(built, &target.settings.name) else {
            continue;
        };
        let mut remote = target.connect(state_dir, id);
        is_seen |= remote.identity().await?.is_some_and(|there| there.id == known);
        filled.push(remote);
    }
    if is_seen {
        for mut remote in filled {
            remote.publish_build().await?;
        }
    }
    Ok(is_seen)
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
