//! A schema that is filled for the first time: tables beside those that everybody sees, renamed when they are
//! complete.
//!
//! While one batch is written the next one is put together. Each is committed by itself; one whose answer is lost
//! is written once more, by key.

use tokio::task::JoinHandle;

use super::super::Layout;
use super::rows::Rows;
use super::session::Session;
use super::settings::PostgresSettings;
use super::statement::Statement;
use super::tables::{self, Names, Table, Tables, quoted};
use crate::error::{Call, Error, Kind, Result};

/// Rows that travel together: enough for the way there and back not to matter. Several such batches are in memory
/// at once, in several forms.
pub const ROWS: usize = 200;

/// What the names of tables end with while the state of this id fills them.
pub fn ending_of(writer: &str) -> String {
    format!("_new_{writer}")
}

/// The connection that rows go over while the next ones are made.
pub enum Build {
    /// Nothing is under way.
    Idle(Box<Session>),
    /// A batch is.
    Busy(JoinHandle<(Box<Session>, Result<()>)>),
    /// Something failed, and was told.
    Failed,
}

impl Build {
    /// Over a connection of its own.
    pub fn new(settings: PostgresSettings) -> Self {
        Self::Idle(Box::new(Session::new(settings)))
    }

    /// Sends a batch when the one before has arrived.
    ///
    /// # Errors
    /// When that one failed.
    pub async fn send(&mut self, rows: Vec<Rows>) -> Result<()> {
        self.wait().await?;
        if let Self::Idle(mut session) = std::mem::replace(self, Self::Failed) {
            *self = Self::Busy(tokio::spawn(async move {
                let written = write(&mut session, rows).await;
                (session, written)
            }));
        }
        Ok(())
    }

    /// Waits until everything has arrived.
    ///
    /// # Errors
    /// When the last batch failed.
    pub async fn wait(&mut self) -> Result<()> {
        if let Self::Busy(task) = self {
            let ended = |cause| Error::new(Kind::Interrupted, "filling the contact database", cause);
            let (session, written) = task.await.map_err(ended)?;
            *self = Self::Idle(session);
            written?;
        }
        Ok(())
    }
}

/// Copying is the quickest way to make rows and knows nothing of those that are there already: when nobody knows
/// whether it was done, they are written by key.
async fn write(session: &mut Session, rows: Vec<Rows>) -> Result<()> {
    match session.copy(&rows).await {
        Err(error) if error.kind().calls_for() == Call::Retry => {
            let statements: Vec<Statement> = rows.into_iter().map(Rows::upserted).collect();
            session.write(&statements).await
        }
        done => done,
    }
}

/// Makes the indexes, and the rule that no order is without its contact, of tables that are full.
///
/// # Errors
/// When the server does not answer.
pub async fn finish(session: &mut Session, names: &Names, layout: &Layout, tables: &Tables) -> Result<()> {
    for (_, index) in tables::indexes(names, layout, tables) {
        session.write(&[index]).await?;
    }
    let rule = format!(
        "ALTER TABLE {} ADD {}",
        names.of(Table::Orders),
        tables::orders_hang_on_contacts(names)
    );
    match session.write(&[Statement::new(rule)]).await {
        // Made already, by a try whose answer was lost.
        Err(error) if error.kind() == Kind::Busy => Ok(()),
        done => done,
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
    for (name, _) in tables::indexes(names, layout, tables) {
        let rename = format!("ALTER INDEX {schema}.{} RENAME TO {name}", names.index(name));
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
