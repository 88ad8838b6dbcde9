//! What the service manager is told: ready, reloading, stopping, how it goes, and that it moves.
//!
//! The protocol is sd_notify(3): datagrams to the socket that `$NOTIFY_SOCKET` names. Where there is
//! none nothing is told, and nothing here ever fails a run: what cannot be told is logged.

use std::io;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::Path;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use super::pulse::Pulse;

/// Names the socket of the service manager.
const SOCKET: &str = "NOTIFY_SOCKET";

/// How long the manager may take to make room for a datagram. It reads at once unless it hangs, and
/// then the work must not hang with it.
const LONGEST_SEND: Duration = Duration::from_secs(1);

/// Without a beat for this long, work in hand hangs. A healthy request keeps silent for up to 20
/// minutes: the shop may take 10 to begin an export, and a second attempt the same again. Downloads
/// move or are given up within a minute, and a rate limit is waited out for 5 minutes at most.
pub const LONGEST_SILENCE: Duration = Duration::from_secs(30 * 60);

/// The way to the service manager, if there is one.
#[derive(Debug, Clone, Default)]
pub struct Readiness {
    socket: Option<SocketAddr>,
    watchdog: Option<Duration>,
}

impl Readiness {
    /// As the environment of this process says: `$NOTIFY_SOCKET`, and `$WATCHDOG_USEC` where it is
    /// meant for this process.
    pub fn of_process() -> Self {
        let Some(named) = std::env::var_os(SOCKET).filter(|name| !name.is_empty()) else {
            return Self::default();
        };
        Self::at(Path::new(&named), sd_notify::watchdog_enabled())
    }

    /// With the socket at a path (`@name`: in Linux's abstract namespace), and a watchdog that wants
    /// to hear something within that time.
    pub fn at(socket: &Path, watchdog: Option<Duration>) -> Self {
        match address(socket) {
            Ok(socket) => Self {
                socket: Some(socket),
                watchdog,
            },
            Err(cause) => {
                tracing::warn!("the service manager is told nothing: ${SOCKET} is of no use: {cause}");
                Self::default()
            }
        }
    }

    /// The start, or loading the configuration again, is over.
    pub fn ready(&self, status: &str) {
        self.tell(&[NotifyState::Ready, NotifyState::Status(one_line(status))]);
    }

    /// The configuration is being loaded again; [`Readiness::ready`] ends it, whether the new one is
    /// used or the old one kept.
    pub fn reloading(&self) {
        // Since version 253 the manager wants to know from when on it holds, in the same datagram.
        match NotifyState::monotonic_usec_now() {
            Ok(now) => self.tell(&[NotifyState::Reloading, now]),
            Err(cause) => tracing::warn!("the service manager is not told of the reload: {cause}"),
        }
    }

    /// The end has begun.
    pub fn stopping(&self, status: &str) {
        self.tell(&[NotifyState::Stopping, NotifyState::Status(one_line(status))]);
    }

    /// How it goes, for `systemctl status`: the first line of it.
    pub fn status(&self, status: &str) {
        self.tell(&[NotifyState::Status(one_line(status))]);
    }

    /// Feeds the manager's watchdog from a task on the runtime until what is returned is dropped: at
    /// half of its time, while nothing is in hand or everything in hand has moved within
    /// [`LONGEST_SILENCE`].
    pub fn watch(&self, pulse: &Pulse) -> Watchdog {
        self.watch_with(pulse, LONGEST_SILENCE)
    }

    /// The same with another longest silence.
    pub fn watch_with(&self, pulse: &Pulse, longest_silence: Duration) -> Watchdog {
        let every = self.watchdog.map(|watchdog| watchdog / 2);
        let Some(every) = every.filter(|every| !every.is_zero()) else {
            return Watchdog(None);
        };
        let feeding = feed(self.clone(), pulse.clone(), every, longest_silence);
        Watchdog(Some(tokio::spawn(feeding)))
    }

    fn tell(&self, states: &[NotifyState<'_>]) {
        let Some(socket) = &self.socket else {
            return;
        };
        let lines: String = states.iter().map(|state| format!("{state}\n")).collect();
        if let Err(cause) = send(socket, lines.as_bytes()) {
            tracing::warn!("the service manager could not be told how it goes: {cause}");
        }
    }
}

/// Feeds the watchdog as long as it is kept.
#[derive(Debug)]
pub struct Watchdog(Option<JoinHandle<()>>);

impl Drop for Watchdog {
    fn drop(&mut self) {
        if let Some(feeding) = &self.0 {
            feeding.abort();
        }
    }
}

async fn feed(readiness: Readiness, pulse: Pulse, every: Duration, longest_silence: Duration) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut hung = false;
    loop {
        ticks.tick().await;
        let silence = pulse.longest_silence().unwrap_or_default();
        match (silence > longest_silence, hung) {
            (false, _) => readiness.tell(&[NotifyState::Watchdog]),
            (true, false) => tracing::error!(
                "what is in hand has not moved for {} s: the watchdog is told no more, so that the service is \
                 started again",
                silence.as_secs()
            ),
            (true, true) => {}
        }
        hung = silence > longest_silence;
    }
}

/// sd-notify's own sending knows no time limit and no abstract names.
fn send(socket: &SocketAddr, lines: &[u8]) -> io::Result<()> {
    let sender = UnixDatagram::unbound()?;
    sender.set_write_timeout(Some(LONGEST_SEND))?;
    sender.send_to_addr(lines, socket).map(drop)
}

fn address(name: &Path) -> io::Result<SocketAddr> {
    #[cfg(target_os = "linux")]
    if let Some(hidden) = name.as_os_str().as_encoded_bytes().strip_prefix(b"@") {
        return <SocketAddr as std::os::linux::net::SocketAddrExt>::from_abstract_name(hidden);
    }
    SocketAddr::from_pathname(name)
}

/// A line break would begin another message to the manager.
fn one_line(status: &str) -> &str {
    status.lines().next().unwrap_or_default()
}
