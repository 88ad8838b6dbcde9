//! What is remembered between runs: `state.db`.
//!
//! Our copy of the shop, whose each order is, the ID map of every target, what is due, what is
//! parked, and how far each source is read. One process writes it (see [`lock`]); others may read.
//! Everything that belongs together moves in one transaction.

pub mod answers;
pub mod backup;
pub mod building;
pub mod consents;
pub mod contacts;
pub mod cursors;
pub mod customers;
pub mod due;
pub mod evidence;
pub mod forgetting;
pub mod journal;
mod keyed;
pub mod links;
pub mod listing;
pub mod lock;
pub mod narrow_orders;
pub mod orders;
pub mod overview;
pub mod parked;
pub mod phones;
pub mod prints;
mod rehearsal;
pub mod scan;
pub mod shops;
pub mod signs;
pub mod suppressed;
pub mod there;
mod traces;
pub mod whole_orders;
pub mod targets;
pub mod unsettled;
mod unwritable;
pub mod verify;

mod schema;

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::{Doing, Error, Kind, Result};
use suppressed::Suppressed;

/// File name of the state inside the state directory.
pub const FILE: &str = "state.db";

/// What to do about a state that cannot be used.
const WITHOUT_STATE: &str = "put a backup in its place; without one, move the file away and run `shoptet-sync import \
     --accept`, which recognises the contacts that are there by key and e-mail";

/// How long a batch of a run that is not a build may take before it is committed.
pub const BATCH: Duration = Duration::from_millis(200);

/// The open state.
#[derive(Debug)]
pub struct State {
    connection: Connection,
    path: PathBuf,
    /// The last mark that was given to something due.
    last_mark: Cell<i64>,
    suppressed: RefCell<Suppressed>,
}

impl State {
    /// Opens the state of a directory for writing, and makes it when there is none.
    ///
    /// # Errors
    /// When it cannot be read or written, is damaged, or was written by a newer version.
    pub fn open(directory: &Path) -> Result<Self> {
        let path = directory.join(FILE);
        if !path.exists() {
            Self::make(&path)?;
        }
        let state = Self::connect(&path, OpenFlags::default())?;
        schema::check_version(&state.connection, &path)?;
        state
            .connection
            .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -4096;")
            .map_err(|cause| state.failed("opening the state", &cause))?;
        if schema::is_outdated(&state.connection)? {
            state.transaction(|state| schema::upgrade(&state.connection))?;
        }
        state.suppressed.replace(Suppressed::load(directory)?);
        state.take_up_backup()?;
        Ok(state)
    }

    /// Makes a state without anything in it. It gets its name when it is complete: a file of this name
    /// that holds no state was not made here.
    fn make(path: &Path) -> Result<()> {
        let made = path.with_extension("db.new");
        let doing = || format!("making {}", path.display());
        let state = Self::connect(&made, OpenFlags::default())?;
        state
            .connection
            .execute_batch("PRAGMA page_size = 8192; PRAGMA synchronous = FULL;")
            .map_err(|cause| state.failed("making the state", &cause))?;
        state.transaction(|state| {
            schema::create_tables(&state.connection)?;
            schema::create_indexes(&state.connection)?;
            schema::create_link_index(&state.connection)
        })?;
        state
            .connection
            .close()
            .map_err(|(_, cause)| cause)
            .doing(Kind::Disk, doing)?;
        restrict(&made)?;
        std::fs::rename(&made, path)
            .and_then(|()| {
                path.parent()
                    .map_or(Ok(()), |folder| std::fs::File::open(folder)?.sync_all())
            })
            .doing(Kind::Disk, doing)
    }

    /// Opens an existing state for reading only, beside whoever writes it.
    ///
    /// # Errors
    /// When there is none yet, or it cannot be read.
    pub fn open_to_read(directory: &Path) -> Result<Self> {
        Self::require(directory)?;
        let path = directory.join(FILE);
        let state = Self::connect_to_read(&path)?;
        schema::check_version(&state.connection, &path)?;
        if schema::is_outdated(&state.connection)? {
            return Err(Error::new(
                Kind::Unknown,
                "opening the state",
                "an earlier version of this program wrote it",
            )
            .with_hint("`shoptet-sync import` brings it up to date"));
        }
        Ok(state)
    }

    /// Says so when nothing was imported yet.
    ///
    /// # Errors
    /// When there is no state.
    pub fn require(directory: &Path) -> Result<()> {
        let path = directory.join(FILE);
        if path.exists() {
            return Ok(());
        }
        Err(Error::new(
            Kind::Unknown,
            "opening the state",
            format!("there is no {}", path.display()),
        )
        .with_hint("nothing was imported yet: run `shoptet-sync import` first"))
    }

    /// A state that is built from nothing and thrown away when that fails: no journal, no syncing, one
    /// transaction, indexes only with [`State::finish_rows`].
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn build(path: &Path) -> Result<Self> {
        let state = Self::connect(path, OpenFlags::default())?;
        state
            .connection
            .execute_batch(
                "PRAGMA page_size = 8192; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
                 PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -4096; PRAGMA threads = 1; BEGIN;",
            )
            .map_err(|cause| state.failed("building the state", &cause))?;
        schema::create_tables(&state.connection)?;
        restrict(path)?;
        state.suppressed.replace(Suppressed::load(&folder_of(path))?);
        Ok(state)
    }

    /// During a build: all rows of the shop are in, now their indexes.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish_rows(&self) -> Result<()> {
        schema::create_indexes(&self.connection)
    }

    /// Ends a build: everything on the disk, ready to be renamed.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish_build(self) -> Result<()> {
        let path = self.path.clone();
        let doing = || format!("building {}", path.display());
        self.index_links()?;
        self.connection
            .execute_batch(
                "COMMIT; PRAGMA locking_mode = NORMAL; PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL;",
            )
            .doing(Kind::Disk, doing)?;
        self.connection
            .close()
            .map_err(|(_, cause)| cause)
            .doing(Kind::Disk, doing)?;
        std::fs::File::open(&path)
            .and_then(|file| file.sync_all())
            .doing(Kind::Disk, doing)
    }

    /// Makes the index of the ID map, when a build has filled it.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn index_links(&self) -> Result<()> {
        schema::create_link_index(&self.connection)
    }

    /// The identity that a finished build remembers of a target; `None` for anything but a finished build.
    pub fn identity_in(path: &Path, target: &str) -> Option<String> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
        connection
            .query_row("SELECT identity FROM targets WHERE name = ?1", [target], |row| {
                row.get(0)
            })
            .ok()?
    }

    /// One transaction around `work`; nothing of it stays when it fails.
    ///
    /// # Errors
    /// What `work` answers with, or that the disk is full.
    pub fn transaction<T>(&self, work: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        if !self.connection.is_autocommit() {
            return work(self);
        }
        self.run("BEGIN IMMEDIATE")?;
        let result = work(self).and_then(|done| self.run("COMMIT").map(|()| done));
        if result.is_err() && !self.connection.is_autocommit() {
            // The first failure is the one to tell; SQLite may have rolled back by itself.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        result
    }

    fn run(&self, sql: &str) -> Result<()> {
        self.connection
            .execute_batch(sql)
            .map_err(|cause| self.failed("writing the state", &cause))
    }

    fn connect(path: &Path, flags: OpenFlags) -> Result<Self> {
        Self::connect_at(path, path, flags)
    }

    /// Opens the state of this path at the address by which SQLite is to find it.
    fn connect_at(path: &Path, address: &Path, flags: OpenFlags) -> Result<Self> {
        schema::check_library()?;
        let connection = Connection::open_with_flags(address, flags)
            .map_err(|cause| failure(&format!("opening {}", path.display()), path, &cause))?;
        connection.set_prepared_statement_cache_capacity(64);
        // Without it SQLite plans a statement anew for every value bound to it, because a partial index might fit.
        connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
            .map_err(|cause| failure("opening the state", path, &cause))?;
        let state = Self {
            connection,
            path: path.to_owned(),
            last_mark: Cell::new(0),
            suppressed: RefCell::new(Suppressed::nobody(&folder_of(path))),
        };
        state
            .connection
            .busy_timeout(Duration::from_secs(30))
            .map_err(|cause| state.failed("opening the state", &cause))?;
        Ok(state)
    }

    fn failed(&self, doing: &str, cause: &rusqlite::Error) -> Error {
        failure(doing, &self.path, cause)
    }
}

/// Short for the error of a query, with what was being done.
trait Query<T> {
    fn query(self, state: &State, doing: &str) -> Result<T>;
}

impl<T> Query<T> for rusqlite::Result<T> {
    fn query(self, state: &State, doing: &str) -> Result<T> {
        self.map_err(|cause| state.failed(doing, &cause))
    }
}

fn failure(doing: &str, path: &Path, cause: &rusqlite::Error) -> Error {
    let error = Error::new(kind_of(cause), format!("{doing} ({})", path.display()), cause);
    match error.kind() {
        Kind::Database => error.with_hint(WITHOUT_STATE),
        _ => error,
    }
}

/// A full disk, a damaged file and a lock call for different people.
fn kind_of(cause: &rusqlite::Error) -> Kind {
    use rusqlite::ErrorCode;
    match cause.sqlite_error_code() {
        Some(
            ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::PermissionDenied,
        ) => Kind::Disk,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Kind::AlreadyRunning,
        _ => Kind::Database,
    }
}

fn folder_of(path: &Path) -> PathBuf {
    path.parent().map(Path::to_owned).unwrap_or_default()
}

/// The state holds people: nobody but its user may read it.
fn restrict(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
            .doing(Kind::Disk, || format!("restricting {}", path.display()))?;
    }
    Ok(())
}
