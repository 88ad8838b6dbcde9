//! The embedded contact database: plain tables that a person can query and any program can read.
//!
//! It stays in rollback-journal mode, so that a reader needs nothing but the file. A call is one
//! transaction. The row's `key` is its remote identifier: our own key for the rows we made, a
//! person's for those that were adopted.

mod by_email;
mod connect;
mod erase;
mod facts;
mod patience;
mod row_by_row;
mod rows;
mod seals;
mod tables;
mod values;

use std::path::PathBuf;

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use self::connect::{connect, connect_to_look, failure};
use self::erase::Erasing;
use self::patience::Patience;
use self::row_by_row::row_by_row;
use self::rows::Statements;
use super::{EachRecord, Identity, Layout, Of, Target};
use crate::error::{Error, Kind, Result};
use crate::model::{Ask, ContactWrite, Erased, Erasure, Look, OrderWrite, Written};

/// The keys of `kind = "sqlite"`.
#[derive(Debug, Clone)]
pub struct SqliteSettings {
    /// The database file; relative paths are relative to the state directory.
    pub path: PathBuf,
}

/// The database; its file is opened when it is first needed.
pub struct SqliteTarget {
    path: PathBuf,
    layout: Layout,
    writer: String,
    open: Option<Open>,
    is_build: bool,
}

struct Open {
    connection: Connection,
    statements: Statements,
}

impl SqliteTarget {
    /// A database at this path, written with this layout by the state of this id.
    pub const fn new(path: PathBuf, layout: Layout, writer: String) -> Self {
        Self {
            path,
            layout,
            writer,
            open: None,
            is_build: false,
        }
    }

    fn open(&mut self) -> Result<&mut Open> {
        if self.open.is_none() {
            let connection = connect(&self.path)?;
            let statements = connection
                .execute_batch("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL;")
                .and_then(|()| Statements::new(&connection, &self.layout))
                .map_err(|cause| self.failed("opening", &cause))?;
            self.open = Some(Open {
                connection,
                statements,
            });
        }
        self.open
            .as_mut()
            .ok_or_else(|| Error::new(Kind::Database, "opening the contact database", "it is closed"))
    }

    /// One transaction around a whole call, all of it again while another program locks the file; during a
    /// build there is one around everything.
    async fn write<T: Send>(
        &mut self,
        mut work: impl FnMut(&Connection, &Statements, &Layout) -> rusqlite::Result<T> + Send,
    ) -> Result<T> {
        self.patiently(|target| {
            let layout = std::mem::take(&mut target.layout);
            let result = target.open().map(|open| {
                let (connection, statements) = (&open.connection, &open.statements);
                if connection.is_autocommit() {
                    let immediate = TransactionBehavior::Immediate;
                    Transaction::new_unchecked(connection, immediate).and_then(|transaction| {
                        let done = work(connection, statements, &layout)?;
                        transaction.commit()?;
                        Ok(done)
                    })
                } else {
                    work(connection, statements, &layout)
                }
            });
            target.layout = layout;
            result?.map_err(|cause| target.failed("writing", &cause))
        })
        .await
    }

    async fn read<T: Send>(
        &mut self,
        mut work: impl FnMut(&Connection, &Statements) -> rusqlite::Result<T> + Send,
    ) -> Result<T> {
        self.patiently(|target| {
            let open = target.open()?;
            let read = work(&open.connection, &open.statements);
            read.map_err(|cause| target.failed("reading", &cause))
        })
        .await
    }

    async fn overwriting(&mut self, sql: &str) -> Result<()> {
        self.patiently(|target| {
            let done = target.open()?.connection.execute_batch(sql);
            done.map_err(|cause| target.failed("overwriting what was in", &cause))
        })
        .await
    }

    /// Tries again while another program locks the file; others are served meanwhile.
    async fn patiently<T: Send>(&mut self, mut work: impl FnMut(&mut Self) -> Result<T> + Send) -> Result<T> {
        let patience = Patience::begin();
        loop {
            let done = work(self);
            if !patience.lasts(&done) {
                return done;
            }
            drop(done);
            patience.pause().await;
        }
    }

    fn failed(&self, doing: &str, cause: &rusqlite::Error) -> Error {
        failure(doing, &self.path, cause)
    }
}

#[async_trait]
impl Target for SqliteTarget {
    async fn identity(&mut self) -> Result<Option<Identity>> {
        if self.open.is_none() && !self.path.exists() {
            return Ok(None);
        }
        let writer = self.writer.clone();
        self.read(|connection, _| {
            if tables::columns(connection, "shoptet_sync")?.is_empty() {
                return Ok(None);
            }
            let Some(id) = tables::remembered(connection, "id")? else {
                return Ok(None);
            };
            let delivery = tables::remembered(connection, &tables::delivery_of(&writer))?;
            let holds_ours =
                connection.query_row("SELECT count(*) > 0 FROM contacts", [], |row| row.get(0))?;
            Ok(Some(Identity {
                id,
                holds_ours,
                delivery: Some(delivery.and_then(|number| number.parse().ok()).unwrap_or(0)),
            }))
        })
        .await
    }

    async fn holds_contacts_of(&mut self, groups: &[String]) -> Result<bool> {
        self.read(|connection, _| {
            let mut any =
                connection.prepare("SELECT EXISTS(SELECT 1 FROM contacts WHERE key >= ?1 AND key < ?2)")?;
            for group in groups {
                // The next character after the colon.
                let holds = any.query_row([format!("{group}:"), format!("{group};")], |row| row.get(0))?;
                if holds {
                    return Ok(true);
                }
            }
            Ok(false)
        })
        .await
    }

    async fn check(&mut self) -> Result<Vec<String>> {
        let mut problems = tables::problems(&self.layout);
        if self.open.is_some() || self.path.exists() {
            problems.extend(self.read(|connection, _| tables::foreign(connection)).await?);
        }
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder
            && folder.metadata().is_ok_and(|data| data.permissions().readonly())
        {
            problems.push(format!("{} cannot be written", folder.display()));
        }
        self.identity().await?;
        Ok(problems)
    }

    async fn open_to_look(&mut self) -> Result<Option<Identity>> {
        self.patiently(|target| {
            let opened = connect_to_look(&target.path).and_then(|connection| {
                tables::stand_in(&connection)?;
                let statements = Statements::new(&connection, &target.layout)?;
                Ok(Open {
                    connection,
                    statements,
                })
            });
            target.open = Some(opened.map_err(|cause| target.failed("opening", &cause))?);
            Ok(())
        })
        .await?;
        self.identity().await
    }

    async fn prepare(&mut self) -> Result<Identity> {
        if let Some(problem) = self.check().await?.into_iter().next() {
            return Err(Error::new(
                Kind::Configuration,
                format!("preparing {}", self.path.display()),
                problem,
            ));
        }
        let is_build = self.is_build;
        self.write(|connection, _, layout| {
            tables::create(connection, layout)?;
            // A build makes its indexes when all rows are in.
            if is_build {
                Ok(())
            } else {
                tables::create_indexes(connection, layout)
            }
        })
        .await?;
        let layout = self.layout.clone();
        let statements = self
            .read(|connection, _| Statements::new(connection, &layout))
            .await?;
        self.open()?.statements = statements;
        self.identity()
            .await?
            .ok_or_else(|| Error::new(Kind::Database, "preparing the contact database", "it has no id"))
    }

    async fn begin_delivery(&mut self, number: i64) -> Result<()> {
        let name = tables::delivery_of(&self.writer);
        self.write(|connection, _, _| tables::remember(connection, &name, &number.to_string()))
            .await
    }

    async fn look(&mut self, asks: &[Ask]) -> Result<Vec<Result<Look>>> {
        self.read(|connection, statements| {
            asks.iter()
                .map(|ask| statements.find_contact(connection, ask).map(Ok))
                .collect()
        })
        .await
    }

    async fn look_at_orders(&mut self, asks: &[Ask]) -> Result<Vec<Result<Look>>> {
        self.read(|connection, statements| {
            asks.iter()
                .map(|ask| statements.find_order(connection, ask).map(Ok))
                .collect()
        })
        .await
    }

    async fn write_contacts(&mut self, writes: &[ContactWrite]) -> Result<Vec<Result<Written>>> {
        let (now, is_build) = (now(), self.is_build);
        self.write(|connection, statements, layout| {
            let write_one = |write| statements.write_contact(connection, layout, write, &now);
            writes
                .iter()
                .map(|write| row_by_row(connection, is_build, || write_one(write)))
                .collect()
        })
        .await
    }

    async fn write_orders(&mut self, writes: &[OrderWrite]) -> Result<Vec<Result<Written>>> {
        let (now, is_build) = (now(), self.is_build);
        self.write(|connection, statements, layout| {
            let write_one = |write| statements.write_order(connection, layout, write, &now);
            writes
                .iter()
                .map(|write| row_by_row(connection, is_build, || write_one(write)))
                .collect()
        })
        .await
    }

    async fn erase(&mut self, erasures: &[Erasure]) -> Result<Vec<Result<Erased>>> {
        let now = now();
        let layout = self.layout.clone();
        self.overwriting("PRAGMA secure_delete = ON").await?;
        let erasing = self
            .read(|connection, _| Erasing::new(connection, &layout))
            .await?;
        self.write(|connection, _, _| {
            let erase_one = |erasure| erasing.erase(connection, erasure, &now);
            erasures
                .iter()
                .map(|erasure| row_by_row(connection, false, || erase_one(erasure)))
                .collect()
        })
        .await
    }

    async fn each_record(&mut self, each: &mut EachRecord<'_>) -> Result<()> {
        let layout = self.layout.clone();
        let mut seen = Ok(());
        // Whoever has seen a row holds the file open for reading: only the beginning is tried again.
        self.read(|connection, _| {
            let email = rows::readable_email(connection, &layout)?;
            let mut statement = connection.prepare(&format!("SELECT key, {email} FROM contacts"))?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let email = row.get_ref(1)?.as_str_or_null().unwrap_or_default();
                seen = each(row.get_ref(0)?.as_str()?, email.unwrap_or_default());
                if seen.is_err() {
                    break;
                }
            }
            Ok(())
        })
        .await?;
        seen
    }

    async fn records_after(&mut self, of: Of, after: &str, most: usize) -> Result<Option<Vec<String>>> {
        self.read(|connection, _| rows::keys_after(connection, of, after, most).map(Some))
            .await
    }

    /// A database that is built from nothing, at a path of its own, and thrown away when that fails: no journal, no
    /// syncing, one transaction until it is finished. Whoever chose the path renames it.
    async fn begin_build(&mut self) -> Result<bool> {
        let connection = connect(&self.path)?;
        connection
            .execute_batch(
                // Whose an order is was settled before: asking again for every row takes longer than the row.
                "PRAGMA page_size = 8192; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
                 PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -4096; PRAGMA foreign_keys = OFF;
                 PRAGMA threads = 1; BEGIN;",
            )
            .map_err(|cause| self.failed("building", &cause))?;
        self.open = Some(Open {
            connection,
            statements: Statements::default(),
        });
        self.is_build = true;
        Ok(true)
    }

    /// Indexes, then everything on the disk. The file can be renamed afterwards.
    async fn finish_build(&mut self) -> Result<()> {
        if let Some(open) = self.open.take() {
            tables::create_indexes(&open.connection, &self.layout)
                .and_then(|()| {
                    open.connection
                        .execute_batch("COMMIT; PRAGMA locking_mode = NORMAL;")
                })
                .and_then(|()| open.connection.close().map_err(|(_, cause)| cause))
                .map_err(|cause| self.failed("building", &cause))?;
        }
        std::fs::File::open(&self.path)
            .and_then(|file| file.sync_all())
            .map_err(|cause| Error::new(Kind::Disk, format!("building {}", self.path.display()), cause))
    }

    /// Writes the file anew: what was overwritten in it may stand there until its place is used again.
    async fn leave_no_traces(&mut self) -> Result<()> {
        self.overwriting("PRAGMA secure_delete = ON; VACUUM;").await
    }
}

/// The moment of a write, to the second.
fn now() -> String {
    Timestamp::from_second(Timestamp::now().as_second())
        .unwrap_or_default()
        .to_string()
}
