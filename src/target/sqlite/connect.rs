//! The way to the file, and what its failures call for.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::patience::AT_ONCE;
use crate::error::{Error, Kind, Result};

/// Opens the database to write it; the folder it lies in is made.
///
/// # Errors
/// When it cannot be made or opened.
pub fn connect(path: &Path) -> Result<Connection> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|cause| {
            Error::new(
                Kind::Disk,
                format!("making the folder {}", folder.display()),
                cause,
            )
        })?;
    }
    Connection::open(path)
        .and_then(|connection| connection.busy_timeout(AT_ONCE).map(|()| connection))
        .map_err(|cause| failure("opening", path, &cause))
}

/// Opens the database for questions alone; an empty one stands in for one that is not there.
///
/// # Errors
/// When it cannot be opened.
pub fn connect_to_look(path: &Path) -> rusqlite::Result<Connection> {
    let connection = match path.exists() {
        true => Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY),
        false => Connection::open_in_memory(),
    }?;
    connection.busy_timeout(AT_ONCE)?;
    Ok(connection)
}

/// A full disk, a locked and a damaged file call for different people, and so does what is no file.
pub fn failure(doing: &str, path: &Path, cause: &rusqlite::Error) -> Error {
    if path.is_dir() {
        let doing = format!("{doing} {}", path.display());
        return Error::new(Kind::Configuration, doing, "it is a folder")
            .with_hint("name a file in it as the target's `path`");
    }
    let kind = match cause.sqlite_error_code() {
        Some(
            ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::PermissionDenied,
        ) => Kind::Disk,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Kind::Busy,
        _ => Kind::Database,
    };
    let error = Error::new(kind, format!("{doing} {}", path.display()), cause);
    match kind {
        Kind::Busy => error.with_hint(
            "another program has the file open and locks it: end what it does there, or close it; the next run goes on \
             where this one stopped",
        ),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_the_configurations_fault() {
        let folder = tempfile::tempdir().unwrap();
        let refused = Connection::open(folder.path()).unwrap_err();
        let error = failure("opening", folder.path(), &refused);
        assert_eq!(error.kind(), Kind::Configuration);
    }

    #[test]
    fn a_locked_file_names_who_can_unlock_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("contacts.db");
        let other = connect(&path).unwrap();
        other.execute_batch("BEGIN EXCLUSIVE").unwrap();
        let refused = connect(&path).unwrap().execute_batch("BEGIN IMMEDIATE");
        let error = failure("writing", &path, &refused.unwrap_err());
        assert_eq!(error.kind(), Kind::Busy);
        assert!(error.hint().starts_with("another program"), "{error}");
    }
}
