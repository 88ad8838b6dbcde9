//! A program that is told: started without a shell, the JSON on its standard input.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::error::{Doing, Error, Kind, Result};

/// What the service manager tells this process, and no program that it starts.
const OURS: [&str; 3] = ["NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"];

const HINT: &str = "look at `command` in [[notify]], and try it by hand with a line of JSON on its input";

/// Starts a program with its arguments and waits until it ends in good order. After `patience` it is
/// killed, with everything it has started. What it prints goes nowhere.
///
/// # Errors
/// When it cannot be started, fails, or takes too long. Its arguments, which may hold a token, are
/// never named.
pub(super) async fn tell(argv: &[String], json: &str, patience: Duration) -> Result<()> {
    let doing = || format!("running {}", program(argv));
    let mut running = start(argv).map_err(|error| error.with_hint(HINT))?;
    let ended = match timeout(patience, told(&mut running.child, json)).await {
        Ok(ended) => ended.doing(Kind::Disk, doing)?,
        Err(_) => {
            let cause = format!("it took longer than {} s and was killed", patience.as_secs());
            return Err(Error::new(Kind::Unreachable, doing(), cause).with_hint(HINT));
        }
    };
    running.others.leave_in_peace();
    match ended.success() {
        true => Ok(()),
        false => Err(Error::new(Kind::Refused, doing(), format!("it ended with {ended}")).with_hint(HINT)),
    }
}

/// The name by which a command is called where people read.
fn program(argv: &[String]) -> String {
    let path = argv.first().map_or(Path::new(""), Path::new);
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// A program that runs. Dropped, it is killed: first the group, while its number is certain to be its own.
struct Running {
    others: Group,
    child: Child,
}

fn start(argv: &[String]) -> Result<Running> {
    let doing = || format!("starting {}", program(argv));
    let (program, arguments) = argv
        .split_first()
        .ok_or_else(|| Error::new(Kind::Configuration, doing(), "the command is empty"))?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .kill_on_drop(true);
    for name in OURS {
        command.env_remove(name);
    }
    let child = command.spawn().doing(Kind::Configuration, doing)?;
    Ok(Running {
        others: Group::of(&child),
        child,
    })
}

async fn told(child: &mut Child, json: &str) -> std::io::Result<std::process::ExitStatus> {
    let input = child.stdin.take();
    let write = async {
        if let Some(mut input) = input {
            // A program may end without having read a word; how it ends says whether that is well.
            let _ = input.write_all(json.as_bytes()).await;
        }
    };
    let ((), ended) = tokio::join!(write, child.wait());
    ended
}

/// A program with everything it has started.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        let leader = child.id().and_then(|id| i32::try_from(id).ok());
        Self(leader.and_then(Pid::from_raw))
    }

    /// The program ended; what it left running on purpose goes on.
    fn leave_in_peace(&mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            // There may be nobody left to kill.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}
