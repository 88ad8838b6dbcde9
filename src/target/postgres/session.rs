//! One connection at a time, made when it is needed and made again when it is lost.
//!
//! Nothing is kept in a session beyond a transaction: no prepared statement, temporary table, lock or setting. So a pooler
//! that shares connections and a distributed PostgreSQL take it, and a connection that is lost loses nothing.
//! Every statement may be sent twice: what is written is written by key, and what stands there already is not
//! written again. So whatever got no answer is simply done again.

use std::future::poll_fn;
use std::io::Cursor;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, pin_mut};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{sleep, timeout};
use tokio_postgres::tls::TlsStream;
use tokio_postgres::{Client, Connection, Error as ServerError, NoTls, Row};

use super::failure::{failure, is_made_already};
use super::rows::Rows;
use super::settings::PostgresSettings;
use super::statement::Statement;
use super::tls::Tls;
use crate::error::{Call, Error, Kind, Result};
use crate::http::Intervals;

/// How long a call is tried again in all, once the server was reached.
const PATIENCE: Duration = Duration::from_secs(30);

/// The first pause between two tries; they double.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// How long the server may take for the statements of one call.
const LONGEST_CALL: Duration = Duration::from_secs(180);

/// The way to the server.
pub struct Session {
    settings: PostgresSettings,
    client: Option<Client>,
    /// Whether the server was ever reached: before that nobody waits for it to come back.
    was_reached: bool,
}

impl Session {
    /// Towards this server; nothing is sent yet.
    pub const fn new(settings: PostgresSettings) -> Self {
        Self {
            settings,
            client: None,
            was_reached: false,
        }
    }

    /// What it is about, for messages.
    pub fn place(&self) -> String {
        self.settings.place()
    }

    /// Asks one question.
    ///
    /// # Errors
    /// What is left of a failure when trying again did not help.
    pub async fn read(&mut self, statement: &Statement) -> Result<Vec<Row>> {
        let mut patience = Patience::begin();
        loop {
            match self.try_read(statement).await {
                Ok(rows) => return Ok(rows),
                Err(error) => self.pause(error, &mut patience).await?,
            }
        }
    }

    /// Writes, all of it or nothing.
    ///
    /// # Errors
    /// What is left of a failure when trying again did not help.
    pub async fn write(&mut self, statements: &[Statement]) -> Result<()> {
        let mut patience = Patience::begin();
        loop {
            match self.try_write(statements).await {
                Ok(()) => return Ok(()),
                Err(error) => self.pause(error, &mut patience).await?,
            }
        }
    }

    /// Makes an index or a rule, or finds that it is made already.
    ///
    /// # Errors
    /// What is left of a failure when trying again did not help.
    pub async fn make(&mut self, statement: &Statement) -> Result<()> {
        let mut patience = Patience::begin();
        loop {
            match self.try_write(std::slice::from_ref(statement)).await {
                Err(error) if !is_made_already(&error) => self.pause(error, &mut patience).await?,
                _ => return Ok(()),
            }
        }
    }

    /// Makes rows that are all new, all of them or none.
    ///
    /// # Errors
    /// What is left of a failure when trying again did not help.
    pub async fn copy(&mut self, rows: &[Rows]) -> Result<()> {
        let (mut patience, mut may_be_there) = (Patience::begin(), false);
        loop {
            match self.try_copy(rows, may_be_there).await {
                Ok(()) => return Ok(()),
                Err(error) => self.pause(error, &mut patience).await?,
            }
            may_be_there = true;
        }
    }

    /// Waits before the next try; gives the error back when there is none.
    async fn pause(&mut self, error: Error, patience: &mut Patience) -> Result<()> {
        let pause = patience.pause_after(&error).filter(|_| self.was_reached);
        let Some(pause) = pause else { return Err(error) };
        tracing::debug!(cause = error.cause(), "trying again");
        sleep(pause).await;
        Ok(())
    }

    async fn try_read(&mut self, statement: &Statement) -> Result<Vec<Row>> {
        let doing = format!("reading {}", self.place());
        let client = self.client().await?;
        let parameters = statement.typed();
        let answer = timeout(LONGEST_CALL, client.query_typed(&statement.sql, &parameters)).await;
        self.settle(doing, answer)
    }

    async fn try_write(&mut self, statements: &[Statement]) -> Result<()> {
        let doing = format!("writing to {}", self.place());
        let client = self.client().await?;
        let answer = match statements {
            [one] => {
                let parameters = one.typed();
                let written = timeout(LONGEST_CALL, client.execute_typed(&one.sql, &parameters));
                written.await.map(|done| done.map(drop))
            }
            several => timeout(LONGEST_CALL, in_one_transaction(client, several)).await,
        };
        self.settle(doing, answer)
    }

    async fn try_copy(&mut self, rows: &[Rows], may_be_there: bool) -> Result<()> {
        let doing = format!("writing to {}", self.place());
        let client = self.client().await?;
        let copied = copy_in_one_transaction(client, rows, may_be_there);
        let answer = timeout(LONGEST_CALL, copied).await;
        self.settle(doing, answer)
    }

    /// A connection that failed, or that nobody answers on, is not used again.
    fn settle<T>(
        &mut self,
        doing: String,
        answer: std::result::Result<std::result::Result<T, ServerError>, tokio::time::error::Elapsed>,
    ) -> Result<T> {
        let error = match answer {
            Ok(Ok(done)) => return Ok(done),
            Ok(Err(cause)) => failure(doing, &cause),
            Err(_) => {
                let cause = format!("no answer within {} s", LONGEST_CALL.as_secs());
                Error::new(Kind::Unreachable, doing, cause)
            }
        };
        if error.kind() == Kind::Unreachable {
            self.client = None;
        }
        Err(error)
    }

    async fn client(&mut self) -> Result<&mut Client> {
        if self.client.as_ref().is_none_or(Client::is_closed) {
            self.client = Some(connect(&self.settings).await?);
            self.was_reached = true;
        }
        self.client
            .as_mut()
            .ok_or_else(|| Error::new(Kind::Unreachable, "connecting", "the connection was closed"))
    }
}

async fn in_one_transaction(client: &mut Client, statements: &[Statement]) -> Result<(), ServerError> {
    let transaction = client.transaction().await?;
    for statement in statements {
        transaction
            .execute_typed(&statement.sql, &statement.typed())
            .await?;
    }
    transaction.commit().await
}

/// Rows that may be there already, made by a try whose answer was lost, are taken away before.
async fn copy_in_one_transaction(
    client: &mut Client,
    rows: &[Rows],
    may_be_there: bool,
) -> Result<(), ServerError> {
    let transaction = client.transaction().await?;
    for rows in rows {
        if may_be_there {
            let removed = rows.removed();
            transaction.execute_typed(&removed.sql, &removed.typed()).await?;
        }
        let (sql, text) = rows.copied();
        // It has to be prepared, and is forgotten by the server before the transaction ends: a pooler may give the
        // connection to somebody else then.
        let prepared = transaction.prepare(&sql).await?;
        let sink = transaction.copy_in::<_, Cursor<Vec<u8>>>(&prepared).await?;
        pin_mut!(sink);
        sink.send(Cursor::new(text)).await?;
        sink.finish().await?;
        drop(prepared);
    }
    transaction.commit().await
}

async fn connect(settings: &PostgresSettings) -> Result<Client> {
    let doing = || format!("connecting to {}", settings.place());
    let failed = |cause: &ServerError| failure(doing(), cause);
    match Tls::by(&settings.guard)? {
        Some(tls) => {
            let (client, connection) = settings
                .server
                .connect(tls)
                .await
                .map_err(|cause| failed(&cause))?;
            tokio::spawn(drive(connection));
            Ok(client)
        }
        None => {
            let (client, connection) = settings
                .server
                .connect(NoTls)
                .await
                .map_err(|cause| failed(&cause))?;
            tokio::spawn(drive(connection));
            Ok(client)
        }
    }
}

/// Moves the bytes of a connection until it ends. What the server remarks on the way is passed over: it may
/// hold what stands in a row. That it failed, whoever waits for an answer is told.
async fn drive<S, T>(mut connection: Connection<S, T>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: TlsStream + Unpin,
{
    while let Some(Ok(_)) = poll_fn(|cx| connection.poll_message(cx)).await {}
}

/// What is left of it for one call.
struct Patience {
    began: Instant,
    pauses: Intervals,
}

impl Patience {
    fn begin() -> Self {
        Self {
            began: Instant::now(),
            pauses: Intervals::new(FIRST_PAUSE, LONGEST_PAUSE),
        }
    }

    /// How long to wait after a failure; `None` when trying again does not help, or takes too long.
    fn pause_after(&mut self, error: &Error) -> Option<Duration> {
        let may_pass = error.kind().calls_for() == Call::Retry && self.began.elapsed() < PATIENCE;
        may_pass.then(|| self.pauses.next_pause())
    }
}
