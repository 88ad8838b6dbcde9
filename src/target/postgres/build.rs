//! A schema that is filled for the first time: tables beside those that everybody sees, renamed when they are
//! complete.
//!
//! While some batches are written the next one is put together. Each is committed by itself; one whose answer is lost
//! is written once more, after what may stand there of it was taken away.

use std::collections::VecDeque;

use futures_util::future::try_join;
use tokio::task::JoinHandle;

use super::super::Layout;
use super::rows::Rows;
use super::session::Session;
use super::settings::PostgresSettings;
use super::statement::Statement;
use super::tables::{self, Names, Table, Tables, quoted};
use crate::error::{Error, Kind, Result};

/// Rows that travel together: few enough for several such batches to be in memory at once, in several forms.
pub const ROWS: usize = 300;

/// Batches that are on their way at once: while the server waits for its disk with one, it takes another.
const CONNECTIONS: usize = 2;

/// What the names of tables end with while the state of this id fills them.
pub fn ending_of(writer: &str) -> String {
    format!("_new_{writer}")
}

/// The connections that rows go over while the next ones are made, the one that was used last at the end.
pub struct Build {
    connections: VecDeque<Connection>,
}

enum Connection {
    /// Nothing is under way.
    Idle(Box<Session>),
    /// A batch is.
    Busy(JoinHandle<(Box<Session>, Result<()>)>),
}

impl Build {
    /// Over connections of its own.
    pub fn new(settings: &PostgresSettings) -> Self {
        let connection = |_| Connection::Idle(Box::new(Session::new(settings.clone())));
        Self {
            connections: (0..CONNECTIONS).map(connection).collect(),
        }
    }

    /// Sends a batch when a connection is free for it.
    ///
    /// # Errors
    /// When the batch before on that one failed.
    pub async fn send(&mut self, rows: Vec<Rows>) -> Result<()> {
        let Some(connection) = self.connections.pop_front() else {
            let cause = "the batch before has failed";
            return Err(Error::new(
                Kind::Interrupted,
                "filling the contact database",
                cause,
            ));
        };
        let mut session = connection.idle().await?;
        self.connections
            .push_back(Connection::Busy(tokio::spawn(async move {
                let written = session.copy(&rows).await;
                (session, written)
            })));
        Ok(())
    }

    /// Waits until everything has arrived; then makes the indexes, and the rules that a key stands once and that no
    /// order is without its contact.
    ///
    /// # Errors
    /// When a batch failed, or the server does not answer.
    pub async fn finish(
        &mut self,
        session: &mut Session,
        names: &Names,
        layout: &Layout,
        tables: &Tables,
    ) -> Result<()> {
        let mut another = None;
        for connection in std::mem::take(&mut self.connections) {
            another = Some(connection.idle().await?);
        }
        let of = |ours: [Table; 2]| {
            let keys = ours.map(|table| tables::key_once(names, table).1);
            let indexes = tables::indexes(names, layout, tables).into_iter();
            let indexes = indexes.filter(move |(_, table, _)| ours.contains(table));
            keys.into_iter()
                .chain(indexes.map(|(_, _, index)| index))
                .collect::<Vec<_>>()
        };
        let contacts = of([Table::Contacts, Table::ContactSeals]);
        let orders = of([Table::Orders, Table::OrderSeals]);
        match &mut another {
            Some(another) => try_join(make_all(session, contacts), make_all(another, orders))
                .await
                .map(drop)?,
            None => make_all(session, contacts.into_iter().chain(orders).collect()).await?,
        }
        let rule = format!(
            "ALTER TABLE {} ADD {}",
            names.of(Table::Orders),
            tables::orders_hang_on_contacts(names)
        );
        make_all(session, vec![Statement::new(rule)]).await
    }
}

async fn make_all(session: &mut Session, statements: Vec<Statement>) -> Result<()> {
    for statement in statements {
        match session.make(&statement).await {
            // A row stands there twice: a batch that was given up arrived after all, behind its second try.
            Err(error) if error.kind() == Kind::Refused => {
                return Err(Error::new(
                    Kind::ServerFault,
                    error.doing(),
                    "a batch arrived twice",
                ));
            }
            done => done?,
        }
    }
    Ok(())
}

impl Connection {
    /// The way to the server, when its batch has arrived.
    async fn idle(self) -> Result<Box<Session>> {
        match self {
            Self::Idle(session) => Ok(session),
            Self::Busy(task) => {
                let ended = |cause| Error::new(Kind::Interrupted, "filling the contact database", cause);
                let (session, written) = task.await.map_err(ended)?;
                written.map(|()| session)
            }
        }
    }
}

/// The statements that let everybody see the tables.
pub fn publish(names: &Names, layout: &Layout, tables: &Tables) -> Vec<Statement> {
    let schema = quoted(&names.schema);
    let mut statements = Vec::new();
    for table in Table::ALL {
        let rename = format!("ALTER TABLE {} RENAME TO {}", names.of(table), table.name());
        statements.push(Statement::new(rename));
    }
    let keys = Table::ALL.into_iter().filter(|table| *table != Table::Sync);
    let keys = keys.map(|table| tables::key_once(names, table).0);
    let indexes = tables::indexes(names, layout, tables).into_iter();
    for name in keys.chain(indexes.map(|(name, _, _)| name.to_owned())) {
        let rename = format!("ALTER INDEX {schema}.{} RENAME TO {name}", names.index(&name));
        statements.push(Statement::new(rename));
    }
    statements
}

/// The statements that remove the tables.
pub fn discard(names: &Names) -> Vec<Statement> {
    // Orders refer to contacts.
    let tables = Table::ALL.into_iter().rev();
    tables
        .map(|table| Statement::new(format!("DROP TABLE IF EXISTS {}", names.of(table))))
        .collect()
}
