//! A state on a disk that nobody can write: a snapshot, a backup mounted to be looked at.
//!
//! Whoever reads a database in WAL mode takes part in its shared memory, a file beside it. Where that
//! cannot be made nobody can be writing either, and SQLite reads the file as one that never changes.

use std::path::Path;

use rusqlite::{ErrorCode, OpenFlags};
use url::Url;

use super::State;
use crate::error::Result;

impl State {
    /// Opens a state to read it, also where nothing can be written beside it.
    pub(super) fn connect_to_read(path: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let state = Self::connect(path, flags)?;
        let looked = state
            .connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| {
                row.get::<_, i64>(0)
            });
        let is_unwritable = looked.is_err_and(|cause| {
            let code = cause.sqlite_error_code();
            matches!(code, Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
        });
        match unchanging(path).filter(|_| is_unwritable) {
            Some(address) => Self::connect_at(
                path,
                Path::new(address.as_str()),
                flags | OpenFlags::SQLITE_OPEN_URI,
            ),
            None => Ok(state),
        }
    }
}

/// The address under which SQLite takes a file for one that never changes; `None` where what was committed
/// last stands beside it and would not be read.
fn unchanging(path: &Path) -> Option<Url> {
    let beside = path.with_extension("db-wal");
    if beside.metadata().is_ok_and(|found| found.len() > 0) {
        return None;
    }
    let mut address = Url::from_file_path(path.canonicalize().ok()?).ok()?;
    address.set_query(Some("immutable=1"));
    Some(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::FILE;

    #[test]
    fn a_state_is_read_as_one_that_never_changes_only_where_nothing_stands_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("100% of # it?");
        std::fs::create_dir(&folder).unwrap();
        let path = folder.join(FILE);
        let state = State::open(&folder).unwrap();
        state.begin_run("import", jiff::Timestamp::now()).unwrap();
        assert!(unchanging(&path).is_none(), "the run stands beside the file");
        drop(state);

        let address = unchanging(&path).unwrap();
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let state = State::connect_at(&path, Path::new(address.as_str()), flags).unwrap();
        let runs: i64 = state
            .connection
            .query_row("SELECT count(*) FROM runs", [], |row| row.get(0))
            .unwrap();
        assert_eq!(runs, 1);
        assert!(
            !path.with_extension("db-shm").exists(),
            "nothing was made beside it"
        );
    }
}
