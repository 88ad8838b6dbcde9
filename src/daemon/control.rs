//! The socket through which whoever wants to change the state asks the daemon that holds the lock.
//!
//! A line of JSON asks, lines of JSON answer: how far it is, what is to be printed, and at last how it
//! ended. Only the user that the daemon runs as may connect: the socket lies in the state directory.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

use super::followers::Followers;
use super::lanes::Lanes;
use crate::error::{Doing, Error, Kind, Result};
use crate::source::{Progress, Unit};
use crate::sync::engine::Engine;

/// File name of the socket inside the state directory.
pub const SOCKET: &str = "control.sock";

/// A question is one line, and comes at once.
const LONGEST_QUESTION: u64 = 1 << 20;
const QUESTION_COMES_WITHIN: Duration = Duration::from_secs(10);

/// What is asked for is carried out by whoever knows the commands.
pub trait Commands {
    /// Carries out a command; answers with the exit code.
    fn carry_out<'a>(&'a self, asked: Value, work: Work<'a>) -> LocalBoxFuture<'a, Result<u8>>;
}

/// What a command works with.
pub struct Work<'a> {
    /// The daemon's own.
    pub engine: &'a Engine,
    /// Hears how far it is.
    pub progress: &'a dyn Progress,
    /// Takes what is printed.
    pub out: &'a mut (dyn Write + Send),
    /// Whether whoever asked sits at the terminal of this process.
    pub is_here: bool,
}

/// One line of an answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// How far something is.
    Progress {
        /// What.
        phase: String,
        /// How much is done.
        done: u64,
        /// Out of how much, where that is known.
        total: Option<u64>,
        /// Counted in this.
        unit: Unit,
    },
    /// A sentence for a person.
    Tell {
        /// The sentence.
        words: String,
    },
    /// Something to print.
    Print {
        /// As it is.
        text: String,
    },
    /// The end, with the exit code.
    End {
        /// 0 done, 3 done but records are parked.
        code: u8,
    },
    /// The end, with what went wrong.
    Failed {
        /// Of which kind.
        kind: Kind,
        /// What was being done.
        doing: String,
        /// Why it failed.
        cause: String,
        /// What to do about it.
        hint: String,
    },
}

/// The socket; it goes with the daemon.
#[derive(Debug)]
pub struct Control {
    listener: UnixListener,
    path: PathBuf,
}

impl Control {
    /// Makes the socket. Only for whoever holds the lock: one that is there is a dead daemon's.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn bind(state_dir: &Path) -> Result<Self> {
        let path = state_dir.join(SOCKET);
        let doing = || format!("making {}", path.display());
        match std::fs::remove_file(&path) {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::new(Kind::Disk, doing(), cause));
            }
            _ => {}
        }
        let listener = UnixListener::bind(&path).doing(Kind::Disk, doing)?;
        // The folder is closed to others already.
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).doing(Kind::Disk, doing)?;
        Ok(Self { listener, path })
    }

    /// Answers until the order to stop, and then until everybody has an answer.
    pub(super) async fn serve(
        &self,
        engine: &Engine,
        lanes: &Lanes<'_>,
        commands: &dyn Commands,
        followers: &Followers,
    ) {
        let mut open = FuturesUnordered::new();
        while !engine.stop.is_ordered() {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => open.push(answer(stream, engine, lanes, commands, followers)),
                    Err(cause) => tracing::warn!("somebody could not connect: {cause}"),
                },
                Some(()) = open.next(), if !open.is_empty() => {}
                () = engine.stop.ordered() => {}
            }
        }
        while open.next().await.is_some() {}
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        // One that stays is removed by the next daemon.
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn answer(
    stream: UnixStream,
    engine: &Engine,
    lanes: &Lanes<'_>,
    commands: &dyn Commands,
    followers: &Followers,
) {
    let (reader, mut writer) = stream.into_split();
    let mut question = String::new();
    let mut reader = BufReader::new(reader.take(LONGEST_QUESTION));
    let read = timeout(QUESTION_COMES_WITHIN, reader.read_line(&mut question)).await;
    let asked: Value = match read.map(|read| read.map(|_| serde_json::from_str(&question))) {
        Ok(Ok(Ok(asked))) => asked,
        _ => return tracing::warn!("somebody asked for nothing that can be understood"),
    };
    let (sender, lines) = unbounded_channel();
    followers.add(sender.clone());
    let work = async {
        let mut printed: Vec<u8> = Vec::new();
        let work = Work {
            engine,
            progress: followers,
            out: &mut printed,
            is_here: false,
        };
        let ended = commands.carry_out(asked, work).await;
        lanes.was_commanded();
        let text = String::from_utf8_lossy(&printed).into_owned();
        for line in [Line::Print { text }, Line::ended(ended)] {
            // Whoever asked may have gone; what was asked for is done all the same.
            let _ = sender.send(line);
        }
    };
    tokio::join!(work, write_lines(lines, &mut writer));
}

/// Writes lines until the last one of an answer; nobody has to read them.
async fn write_lines(mut lines: UnboundedReceiver<Line>, writer: &mut (impl tokio::io::AsyncWrite + Unpin)) {
    let mut is_read = true;
    while let Some(line) = lines.recv().await {
        if is_read && let Ok(mut text) = serde_json::to_vec(&line) {
            text.push(b'\n');
            is_read = writer.write_all(&text).await.is_ok();
        }
        if matches!(line, Line::End { .. } | Line::Failed { .. }) {
            break;
        }
    }
}

impl Line {
    fn ended(ended: Result<u8>) -> Self {
        match ended {
            Ok(code) => Self::End { code },
            Err(error) => Self::Failed {
                kind: error.kind(),
                doing: error.doing().to_owned(),
                cause: error.cause().to_owned(),
                hint: error.hint().to_owned(),
            },
        }
    }
}
