//! Asking the daemon that holds the lock, and following what it does.

use std::io::Write;
use std::path::Path;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;

use super::control::{Line, SOCKET};
use crate::error::{Doing, Error, Kind, Result};
use crate::source::Progress;

/// Has the daemon of a state directory carry out a command; answers with its exit code, `None` when no
/// daemon listens there.
///
/// # Errors
/// What the command ended with, or that the daemon went away.
pub async fn ask(
    state_dir: &Path,
    asked: &Value,
    progress: &dyn Progress,
    out: &mut (dyn Write + Send),
) -> Result<Option<u8>> {
    let doing = || "asking the daemon".to_owned();
    let Ok(stream) = UnixStream::connect(state_dir.join(SOCKET)).await else {
        return Ok(None);
    };
    let (reader, mut writer) = stream.into_split();
    let question = format!("{asked}\n");
    writer
        .write_all(question.as_bytes())
        .await
        .doing(Kind::Interrupted, doing)?;
    let mut lines = BufReader::new(reader).lines();
    while let Some(line) = lines.next_line().await.doing(Kind::Interrupted, doing)? {
        match serde_json::from_str(&line).doing(Kind::Interrupted, doing)? {
            Line::Progress {
                phase,
                done,
                total,
                unit,
            } => progress.report(&phase, done, total, unit),
            Line::Tell { words } => progress.tell(&words),
            Line::Print { text } => out
                .write_all(text.as_bytes())
                .doing(Kind::Disk, || "printing the result".to_owned())?,
            Line::End { code } => return Ok(Some(code)),
            Line::Failed {
                kind,
                doing,
                cause,
                hint,
            } => return Err(Error::new(kind, doing, cause).with_hint(hint)),
        }
    }
    Err(
        Error::new(Kind::Interrupted, doing(), "it went away before it was done")
            .with_hint("what was asked for may be done in part; see `shoptet-sync status`, and ask again"),
    )
}
