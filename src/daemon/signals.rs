//! SIGTERM and SIGINT: finish the batch in hand and end, the second time at once. SIGHUP: load the
//! configuration again.

use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

use crate::error::{Doing, Kind, Result};

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// To end.
    End,
    /// To load the configuration again.
    Reload,
}

/// Exit code of a process that was told to end twice: what was in hand is done again later.
const AT_ONCE: i32 = 1;

/// The signals of this process.
pub struct Signals {
    terminate: Stream,
    interrupt: Stream,
    hangup: Stream,
}

impl Signals {
    /// Hears signals from now on; until then they end the process.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn listen() -> Result<Self> {
        let listen = |kind| signal(kind).doing(Kind::Disk, || "listening for signals".to_owned());
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            hangup: listen(SignalKind::hangup())?,
        })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::End,
            _ = self.interrupt.recv() => Signal::End,
            _ = self.hangup.recv() => Signal::Reload,
        }
    }

    /// The next order to end is carried out at once, whatever the thread that works is doing.
    pub fn end_at_once_next_time(&self) {
        for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
            if let Ok(mut again) = signal(kind) {
                tokio::spawn(async move {
                    again.recv().await;
                    tracing::warn!("told to end once more: ending at once");
                    std::process::exit(AT_ONCE);
                });
            }
        }
    }
}
