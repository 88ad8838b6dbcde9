//! Whom nobody must import again: `suppressed.db`.
//!
//! It is kept apart from the state so that it survives a rebuilt one, and it names nobody: of an e-mail,
//! a phone, a guid or an order's code it holds the HMAC-SHA-256 under a random key of its own. There are
//! several keys only after a backup was restored that had another one.

use std::cell::Ref;
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

pub use super::keyed::Sign;

use super::keyed::{BYTES, Key};
use super::{State, kind_of};
use crate::error::{Doing, Error, Kind, Result};

/// File name inside the state directory.
pub const FILE: &str = "suppressed.db";

/// What to do about one that cannot be used.
const WITHOUT_IT: &str = "put it back: every backup of the state holds it. Without it nobody knows who must not be \
     imported again";

/// Version of its tables.
const VERSION: i64 = 1;

/// What was taken down for one person belongs together; the generation counts whenever there is more of it.
const TABLES: &str = "
CREATE TABLE keys(id INTEGER PRIMARY KEY, secret BLOB NOT NULL UNIQUE);
CREATE TABLE people(id INTEGER PRIMARY KEY, since INTEGER NOT NULL);
CREATE TABLE hashes(hash BLOB PRIMARY KEY, person INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES ('generation', 0);
";

/// The group of shops in which a sign counts, and the sign; an empty group is every group.
pub type SignIn = (String, Sign);

/// Who is suppressed, in memory.
#[derive(Clone)]
pub struct Suppressed {
    path: PathBuf,
    keys: Vec<Key>,
    hashes: HashSet<[u8; BYTES]>,
    people: u64,
    generation: i64,
}

impl std::fmt::Debug for Suppressed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} suppressed people", self.people)
    }
}

impl Suppressed {
    /// Who is suppressed according to a state directory; nobody, where there is no such database.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn load(directory: &Path) -> Result<Self> {
        let mut found = Self::nobody(directory);
        if found.path.exists() {
            let connection = found.connect()?;
            found
                .read(&connection)
                .map_err(|cause| found.failed("reading", &cause))?;
        }
        Ok(found)
    }

    pub(super) fn nobody(directory: &Path) -> Self {
        Self {
            path: directory.join(FILE),
            keys: Vec::new(),
            hashes: HashSet::new(),
            people: 0,
            generation: 0,
        }
    }

    /// Whether nobody is suppressed, so that nobody need be looked for.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// How many people are suppressed.
    pub const fn people(&self) -> u64 {
        self.people
    }

    /// Counts whenever somebody is added; a state that was made to agree remembers it.
    pub const fn generation(&self) -> i64 {
        self.generation
    }

    /// Whether whoever has this sign is suppressed in a group.
    pub fn has(&self, group: &str, sign: &Sign) -> bool {
        !self.is_empty() && self.key_of(group, sign).is_some()
    }

    /// What stands for a suppressed e-mail in a group: always the same, and nothing that the e-mail could be
    /// told from. `None` for one that is not suppressed.
    pub fn pseudonym(&self, group: &str, email: u64) -> Option<u64> {
        let sign = Sign::Email(email);
        let hash = self.key_of(group, &sign)?.hash("pseudonym", group, &sign);
        Some(
            hash.iter()
                .take(8)
                .fold(0, |number, byte| number << 8 | u64::from(*byte)),
        )
    }

    fn key_of(&self, group: &str, sign: &Sign) -> Option<&Key> {
        let knows = |key: &Key, group: &str| self.hashes.contains(&key.hash("sign", group, sign));
        self.keys.iter().find(|key| knows(key, group) || knows(key, ""))
    }

    /// Adds a person. Whoever shares a sign with somebody who is suppressed already is that person.
    /// Answers with how many signs were new.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn add(&mut self, signs: &BTreeSet<SignIn>, at: Timestamp) -> Result<usize> {
        let connection = self.connect()?;
        let mut fresh = [0; BYTES];
        getrandom::fill(&mut fresh).doing(Kind::Disk, || "making a random key".to_owned())?;
        let add = || -> rusqlite::Result<usize> {
            let transaction = connection.unchecked_transaction()?;
            transaction.execute(
                "INSERT INTO keys(secret) SELECT ?1 WHERE NOT EXISTS(SELECT 1 FROM keys)",
                [fresh],
            )?;
            let key = transaction.query_row("SELECT secret FROM keys ORDER BY id LIMIT 1", [], |row| {
                row.get(0).map(|secret| Key::new(&secret))
            })?;
            let person = new_person(&transaction, at)?;
            let mut added = 0;
            for hash in signs.iter().map(|(group, sign)| key.hash("sign", group, sign)) {
                transaction.execute(
                    "UPDATE hashes SET person = ?2 WHERE person = (SELECT person FROM hashes WHERE hash = ?1)",
                    params![hash, person],
                )?;
                added += transaction.execute(
                    "INSERT OR IGNORE INTO hashes VALUES (?1, ?2)",
                    params![hash, person],
                )?;
            }
            remove_nobodies(&transaction)?;
            if added > 0 {
                count_up(&transaction)?;
            }
            transaction.commit().map(|()| added)
        };
        let added = add().map_err(|cause| self.failed("writing", &cause))?;
        self.reload(&connection).map(|()| added)
    }

    /// Ends the suppression of everybody who has one of these signs, with all that was taken down of them.
    /// Answers with how many people that are.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn lift(&mut self, signs: &BTreeSet<SignIn>) -> Result<usize> {
        if self.is_empty() {
            return Ok(0);
        }
        let connection = self.connect()?;
        let hashes = |key: &Key| -> Vec<[u8; BYTES]> {
            let hash = |(group, sign): &SignIn| key.hash("sign", group, sign);
            signs.iter().map(hash).collect()
        };
        let lift = || -> rusqlite::Result<usize> {
            let transaction = connection.unchecked_transaction()?;
            let mut people: BTreeSet<i64> = BTreeSet::new();
            for hash in self.keys.iter().flat_map(hashes) {
                let found: Option<i64> = transaction
                    .query_row("SELECT person FROM hashes WHERE hash = ?1", [hash], |row| {
                        row.get(0)
                    })
                    .optional()?;
                people.extend(found);
            }
            for person in &people {
                transaction.execute("DELETE FROM hashes WHERE person = ?1", [person])?;
            }
            remove_nobodies(&transaction)?;
            transaction.commit().map(|()| people.len())
        };
        let lifted = lift().map_err(|cause| self.failed("writing", &cause))?;
        self.reload(&connection).map(|()| lifted)
    }

    /// The same people for a copy of the state in another directory.
    ///
    /// # Errors
    /// When the copy cannot be written.
    pub fn copy_to(&self, directory: &Path) -> Result<()> {
        if !self.path.exists() {
            return Ok(());
        }
        let copy = directory.join(FILE);
        std::fs::copy(&self.path, &copy)
            .map(drop)
            .doing(Kind::Disk, || format!("copying {FILE} to {}", copy.display()))
    }

    /// The database itself, made when there is none.
    ///
    /// # Errors
    /// When it cannot be written, is damaged, or is of a newer version.
    pub(super) fn connect(&self) -> Result<Connection> {
        let doing = || format!("opening {}", self.path.display());
        // It has its rights before anything stands in it.
        let mut options = std::fs::OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.path).doing(Kind::Disk, doing)?;
        let open = || -> rusqlite::Result<(Connection, i64)> {
            let connection = Connection::open(&self.path)?;
            connection.execute_batch(
                "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;",
            )?;
            let version = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
            if version == 0 {
                connection.execute_batch(&format!(
                    "BEGIN IMMEDIATE; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;"
                ))?;
            }
            Ok((connection, version))
        };
        match open().map_err(|cause| self.failed("opening", &cause))? {
            (_, newer) if newer > VERSION => {
                let cause = format!("it has version {newer}, this program knows {VERSION}");
                Err(Error::new(Kind::Database, doing(), cause)
                    .with_hint("use the newer program that wrote it"))
            }
            (connection, _) => Ok(connection),
        }
    }

    /// Reads it again: it was written.
    pub(super) fn reload(&mut self, connection: &Connection) -> Result<()> {
        self.read(connection)
            .map_err(|cause| self.failed("reading", &cause))
    }

    fn read(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        self.keys = connection
            .prepare("SELECT secret FROM keys ORDER BY id")?
            .query_map([], |row| row.get(0).map(|secret| Key::new(&secret)))?
            .collect::<rusqlite::Result<_>>()?;
        self.hashes = connection
            .prepare("SELECT hash FROM hashes")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        self.people = number("SELECT count(*) FROM people")?.unsigned_abs();
        self.generation = number("SELECT value FROM meta WHERE name = 'generation'")?;
        Ok(())
    }

    pub(super) fn failed(&self, doing: &str, cause: &rusqlite::Error) -> Error {
        let error = Error::new(kind_of(cause), format!("{doing} {}", self.path.display()), cause);
        match error.kind() {
            Kind::Database => error.with_hint(WITHOUT_IT),
            _ => error,
        }
    }
}

impl State {
    /// Who is suppressed.
    pub fn suppressed(&self) -> Ref<'_, Suppressed> {
        self.suppressed.borrow()
    }

    /// Adds a person to those who are suppressed; answers with how many signs were new.
    ///
    /// # Errors
    /// As [`Suppressed::add`].
    pub fn suppress(&self, signs: &BTreeSet<SignIn>, at: Timestamp) -> Result<usize> {
        self.suppressed.borrow_mut().add(signs, at)
    }

    /// Ends the suppression of everybody who has one of these signs; answers with how many people that are.
    ///
    /// # Errors
    /// As [`Suppressed::lift`].
    pub fn lift(&self, signs: &BTreeSet<SignIn>) -> Result<usize> {
        self.suppressed.borrow_mut().lift(signs)
    }
}

/// A person of whom nothing is taken down yet.
pub(super) fn new_person(transaction: &Transaction<'_>, at: Timestamp) -> rusqlite::Result<i64> {
    transaction.execute("INSERT INTO people(since) VALUES (?1)", [at.as_second()])?;
    Ok(transaction.last_insert_rowid())
}

fn remove_nobodies(transaction: &Transaction<'_>) -> rusqlite::Result<usize> {
    transaction.execute(
        "DELETE FROM people WHERE id NOT IN (SELECT person FROM hashes)",
        [],
    )
}

/// A state that agreed before has to be looked at again.
pub(super) fn count_up(transaction: &Transaction<'_>) -> rusqlite::Result<usize> {
    transaction.execute("UPDATE meta SET value = value + 1 WHERE name = 'generation'", [])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(signs: &[(&str, Sign)]) -> BTreeSet<SignIn> {
        signs
            .iter()
            .map(|(group, sign)| ((*group).to_owned(), sign.clone()))
            .collect()
    }

    #[test]
    fn who_shares_a_sign_is_one_person_and_is_lifted_as_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut known = Suppressed::load(folder.path()).unwrap();
        assert!(known.is_empty() && !folder.path().join(FILE).exists());
        let guid = Sign::Guid("g1".to_owned());
        let at = Timestamp::UNIX_EPOCH;
        assert_eq!(
            known
                .add(&signs(&[("cz", Sign::Email(1)), ("cz", guid.clone())]), at)
                .unwrap(),
            2
        );
        assert_eq!(known.add(&signs(&[("cz", Sign::Email(2))]), at).unwrap(), 1);
        assert_eq!(known.people(), 2);
        assert_eq!(
            known
                .add(&signs(&[("cz", Sign::Email(1)), ("cz", Sign::Email(2))]), at)
                .unwrap(),
            0
        );
        assert_eq!((known.people(), known.generation()), (1, 2));
        let mut again = Suppressed::load(folder.path()).unwrap();
        assert!(again.has("cz", &guid) && !again.has("sk", &guid));
        assert_eq!(again.lift(&signs(&[("cz", Sign::Email(9))])).unwrap(), 0);
        assert_eq!(again.lift(&signs(&[("cz", Sign::Email(2))])).unwrap(), 1);
        assert!(again.is_empty() && !again.has("cz", &guid));
    }

    #[test]
    fn a_sign_of_every_group_counts_in_each_and_no_two_signs_read_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let mut known = Suppressed::load(folder.path()).unwrap();
        let order = |shop: &str, code: &str| Sign::Order(shop.to_owned(), code.to_owned());
        known
            .add(
                &signs(&[("", Sign::Email(7)), ("", order("main", "12"))]),
                Timestamp::UNIX_EPOCH,
            )
            .unwrap();
        assert!(known.has("cz", &Sign::Email(7)) && known.has("sk", &Sign::Email(7)));
        assert!(!known.has("cz", &Sign::Phone(7)), "another kind of sign");
        assert!(known.has("cz", &order("main", "12")) && !known.has("cz", &order("main1", "2")));
        let stands_for = known.pseudonym("cz", 7);
        assert!(stands_for.is_some() && stands_for != known.pseudonym("sk", 7));
        assert_eq!(
            stands_for,
            Suppressed::load(folder.path()).unwrap().pseudonym("cz", 7)
        );
        assert_eq!(known.pseudonym("cz", 8), None);
    }
}
