//! One process writes a state directory; everybody else is told who holds it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use jiff::Timestamp;

use crate::error::{Doing, Error, Kind, Result};

/// File name of the lock inside the state directory.
const FILE: &str = "lock";

/// The held lock; it ends with the process, however that ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Takes the lock of a state directory, which is made when it is missing.
///
/// # Errors
/// When another process holds it (who, since when and for what is named), or it cannot be written.
pub fn take(directory: &Path, command: &str) -> Result<Lock> {
    let doing = || format!("locking {}", directory.display());
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(directory)
        .doing(Kind::Disk, || format!("making {}", directory.display()))?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(directory.join(FILE)).doing(Kind::Disk, doing)?;
    match try_for_a_moment(&file) {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Who holds it is a courtesy; not being able to read it changes nothing.
            let _ = file.read_to_string(&mut holder);
            let holder = if holder.is_empty() {
                "another process".to_owned()
            } else {
                holder.trim().to_owned()
            };
            return Err(Error::new(
                Kind::AlreadyRunning,
                doing(),
                format!("{holder} holds it"),
            ));
        }
        Err(TryLockError::Error(cause)) => return Err(Error::new(Kind::Disk, doing(), cause)),
    }
    let note = format!(
        "`{command}` (process {}, since {})\n",
        std::process::id(),
        Timestamp::from_second(Timestamp::now().as_second()).unwrap_or_default()
    );
    file.set_len(0)
        .and_then(|()| file.seek(SeekFrom::Start(0)))
        .and_then(|_| file.write_all(note.as_bytes()))
        .doing(Kind::Disk, doing)?;
    Ok(Lock { _file: file })
}

/// Who holds the lock of a state directory, in words; `None` when nobody does.
pub fn holder(directory: &Path) -> Option<String> {
    let mut file = File::open(directory.join(FILE)).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            file.read_to_string(&mut holder).ok()?;
            Some(holder.trim().to_owned())
        }
        _ => None,
    }
}

/// Since when somebody holds the lock of a state directory, to the second; `None` when nobody does.
pub fn held_since(directory: &Path) -> Option<Timestamp> {
    let holder = holder(directory)?;
    let (_, since) = holder.rsplit_once("since ")?;
    since.trim_end_matches(')').parse().ok()
}

/// Tries the lock for a moment. A program that is just being started by the former holder shares its open
/// files until it begins, and the lock with them.
fn try_for_a_moment(file: &File) -> std::result::Result<(), TryLockError> {
    for _ in 0..10 {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(std::time::Duration::from_millis(30)),
            ended => return ended,
        }
    }
    file.try_lock()
}
