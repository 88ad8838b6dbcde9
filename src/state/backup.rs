//! A copy of the state to put away.
//!
//! One file holds all it takes: the state as it was at one moment, and who was suppressed by then, so that
//! a copy that is put back brings no forgotten person back. Put in the place of `state.db` it is taken up
//! by whoever opens it next.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, params};

use super::suppressed::{FILE as SUPPRESSED, Suppressed, count_up};
use super::{Query, State, folder_of, kind_of};
use crate::error::{Doing, Error, Kind, Result};

/// Under which a backup says when it was made.
pub(super) const MADE_AT: &str = "backup_made_at";

/// Pages that are copied at once: few enough that the progress is seen to move.
const COPIED_AT_ONCE: i32 = 1024;

/// Who is suppressed, as tables of a backup.
const PUT_IN: &str = "
CREATE TABLE suppressed_keys AS SELECT * FROM suppressed.keys;
CREATE TABLE suppressed_people AS SELECT * FROM suppressed.people;
CREATE TABLE suppressed_hashes AS SELECT * FROM suppressed.hashes;
CREATE TABLE suppressed_meta AS SELECT * FROM suppressed.meta;
";

/// The same where nobody is.
const NOBODY: &str = "
CREATE TABLE suppressed_keys(id INTEGER, secret BLOB);
CREATE TABLE suppressed_people(id INTEGER, since INTEGER);
CREATE TABLE suppressed_hashes(hash BLOB, person INTEGER);
CREATE TABLE suppressed_meta(name TEXT, value INTEGER);
";

/// A backup that was put back is a state like any other from now on. Whom it should not hold is not known
/// before it was looked through.
const TAKE_OUT: &str = "
DROP TABLE suppressed_keys; DROP TABLE suppressed_people; DROP TABLE suppressed_hashes; DROP TABLE suppressed_meta;
DELETE FROM meta WHERE name IN ('backup_made_at', 'suppressed');
";

/// Copies the state of a directory to a file that must not exist, as it is at one moment, beside whoever
/// writes it. `progress` hears how many pages are done, of how many.
///
/// # Errors
/// When there is no state, there is such a file, or there is no room: then nothing is left behind.
pub fn make(directory: &Path, file: &Path, at: Timestamp, progress: &dyn Fn(u64, u64)) -> Result<()> {
    let state = State::open_to_read(directory)?;
    if file.exists() {
        let cause = "there is such a file already";
        return Err(Error::new(
            Kind::BadFile,
            format!("making the backup {}", file.display()),
            cause,
        )
        .with_hint("backups are never overwritten: give it another name, or move that one away"));
    }
    let unfinished = with_suffix(file, ".part");
    let made =
        write(&state, directory, &unfinished, at, progress).and_then(|()| put_in_place(&unfinished, file));
    if made.is_err() {
        // The failure is the one to tell, whatever comes of tidying up behind it.
        let _ = std::fs::remove_file(&unfinished);
        let _ = std::fs::remove_file(with_suffix(&unfinished, "-journal"));
    }
    made
}

fn write(
    state: &State,
    directory: &Path,
    file: &Path,
    at: Timestamp,
    progress: &dyn Fn(u64, u64),
) -> Result<()> {
    let failed = |cause: &rusqlite::Error| {
        Error::new(
            kind_of(cause),
            format!("making the backup {}", file.display()),
            cause,
        )
    };
    create(file)?;
    copy(state, file, progress).map_err(|cause| failed(&cause))?;
    let suppressed = directory.join(SUPPRESSED);
    let complete = || -> rusqlite::Result<()> {
        let copy = Connection::open(file)?;
        // One file, readable from wherever it is put.
        copy.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL;")?;
        let suppressed = suppressed.exists().then_some(&suppressed);
        if let Some(suppressed) = suppressed {
            copy.execute("ATTACH ?1 AS suppressed", [suppressed.display().to_string()])?;
        }
        let put_in = copy.unchecked_transaction()?;
        put_in.execute_batch(if suppressed.is_some() { PUT_IN } else { NOBODY })?;
        put_in.execute(
            "INSERT INTO meta VALUES (?1, ?2)",
            params![MADE_AT, at.as_second().to_string()],
        )?;
        put_in.commit()?;
        copy.close().map_err(|(_, cause)| cause)
    };
    complete().map_err(|cause| failed(&cause))
}

/// Its rights come before its contents: it holds people.
fn create(file: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(file)
        .map(drop)
        .doing(Kind::Disk, || format!("making the backup {}", file.display()))
}

/// One transaction holds the moment, so that writers go on meanwhile and nothing is copied twice.
fn copy(state: &State, file: &Path, progress: &dyn Fn(u64, u64)) -> rusqlite::Result<()> {
    let source = &state.connection;
    let moment = source.unchecked_transaction()?;
    moment.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    let mut copy = Connection::open(file)?;
    {
        let backup = Backup::new(source, &mut copy)?;
        while backup.step(COPIED_AT_ONCE)? != StepResult::Done {
            let so_far = backup.progress();
            let pages = |count: i32| u64::try_from(count).unwrap_or(0);
            progress(
                pages(so_far.pagecount - so_far.remaining),
                pages(so_far.pagecount),
            );
        }
    }
    copy.close().map_err(|(_, cause)| cause)
}

fn put_in_place(unfinished: &Path, file: &Path) -> Result<()> {
    let doing = || format!("making the backup {}", file.display());
    let place = || -> std::io::Result<()> {
        File::open(unfinished)?.sync_all()?;
        std::fs::rename(unfinished, file)?;
        let folder = folder_of(file);
        let folder = if folder.as_os_str().is_empty() {
            PathBuf::from(".")
        } else {
            folder
        };
        File::open(folder)?.sync_all()
    };
    place().doing(Kind::Disk, doing)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

impl State {
    /// Takes up a backup that was put in the place of the state: who was suppressed by then stays so. Where the
    /// database that knows them is here still, whichever of the two knows more counts.
    pub(super) fn take_up_backup(&self) -> Result<()> {
        let is_so = |question: &str| {
            self.connection
                .query_row(&format!("SELECT EXISTS({question})"), [], |row| {
                    row.get::<_, bool>(0)
                })
                .query(self, "taking up a backup")
        };
        if !is_so("SELECT 1 FROM sqlite_schema WHERE name = 'suppressed_keys'")? {
            return Ok(());
        }
        if is_so("SELECT 1 FROM suppressed_hashes")? {
            self.suppressed.borrow_mut().take_up(&self.path)?;
        }
        self.transaction(|state| {
            // What was read since then may not be told again by itself.
            state.run("UPDATE cursors SET is_sure = 0")?;
            state.run(TAKE_OUT)
        })
    }
}

impl Suppressed {
    fn take_up(&mut self, backup: &Path) -> Result<()> {
        let connection = self.connect()?;
        let take_up = || -> rusqlite::Result<()> {
            connection.execute("ATTACH ?1 AS backup", [backup.display().to_string()])?;
            let transaction = connection.unchecked_transaction()?;
            let is_known: bool = transaction.query_row(
                "SELECT EXISTS(SELECT 1 FROM keys JOIN backup.suppressed_keys USING(secret))",
                [],
                |row| row.get(0),
            )?;
            let generation = |table: &str| -> rusqlite::Result<i64> {
                let one = format!("SELECT coalesce(max(value), 0) FROM {table} WHERE name = 'generation'");
                transaction.query_row(&one, [], |row| row.get(0))
            };
            let (here, in_backup) = (generation("main.meta")?, generation("backup.suppressed_meta")?);
            if is_known && here < in_backup {
                // An older copy of it was put back as well.
                transaction.execute_batch(
                    "DELETE FROM hashes; DELETE FROM people; DELETE FROM keys;
                     INSERT INTO hashes SELECT hash, person FROM backup.suppressed_hashes;
                     INSERT INTO people SELECT id, since FROM backup.suppressed_people;
                     INSERT INTO keys SELECT id, secret FROM backup.suppressed_keys;
                     UPDATE meta SET value = (SELECT value FROM backup.suppressed_meta WHERE name = 'generation')
                       WHERE name = 'generation';",
                )?;
                count_up(&transaction)?;
            } else if !is_known {
                transaction.execute_batch(
                    "INSERT INTO hashes SELECT hash, person + (SELECT coalesce(max(id), 0) FROM people)
                       FROM backup.suppressed_hashes WHERE true ON CONFLICT DO NOTHING;
                     INSERT INTO people SELECT id + (SELECT coalesce(max(id), 0) FROM people), since
                       FROM backup.suppressed_people;
                     INSERT INTO keys(secret) SELECT secret FROM backup.suppressed_keys ORDER BY id;",
                )?;
                count_up(&transaction)?;
            }
            transaction.commit()
        };
        take_up().map_err(|cause| self.failed("writing", &cause))?;
        self.reload(&connection)
    }
}
