//! SIGTERM and SIGINT: finish the batch in hand and end, the second time at once. SIGHUP: load the
//! configuration again.
//!
//! They are heard by a task of their own: the thread that works may be busy for long.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::signal::unix::{Signal as Stream, SignalKind, signal};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::readiness::Readiness;
use crate::error::{Doing, Kind, Result};
use crate::sync::stop::Stop;

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

/// The signals of this process, as long as this is kept.
pub struct Signals {
    heard: Arc<Heard>,
    listening: JoinHandle<()>,
}

#[derive(Default)]
struct Heard {
    /// Everything is to end.
    end: Stop,
    /// What is going on; another one with another configuration.
    work: Mutex<Stop>,
    reload: Notify,
}

impl Signals {
    /// Hears signals from now on; until then they end the process. The service manager is told of the end.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn listen(readiness: &Readiness) -> Result<Self> {
        let listen = |kind| signal(kind).doing(Kind::Disk, || "listening for signals".to_owned());
        let streams = Streams {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            hangup: listen(SignalKind::hangup())?,
        };
        let heard = Arc::<Heard>::default();
        let listening = tokio::spawn(hear(streams, Arc::clone(&heard), readiness.clone()));
        Ok(Self { heard, listening })
    }

    /// From now on this is what a signal ends.
    pub fn end(&self, work: &Stop) {
        let mut known = self.heard.work.lock().unwrap_or_else(PoisonError::into_inner);
        *known = work.clone();
        if self.heard.end.is_ordered() {
            work.order();
        }
    }

    /// Waits for the next one; of the end it tells again and again.
    pub async fn next(&self) -> Signal {
        tokio::select! {
            () = self.heard.end.ordered() => Signal::End,
            () = self.heard.reload.notified() => Signal::Reload,
        }
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

struct Streams {
    terminate: Stream,
    interrupt: Stream,
    hangup: Stream,
}

impl Streams {
    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::End,
            _ = self.interrupt.recv() => Signal::End,
            _ = self.hangup.recv() => Signal::Reload,
        }
    }
}

async fn hear(mut streams: Streams, heard: Arc<Heard>, readiness: Readiness) {
    loop {
        match streams.next().await {
            Signal::Reload => heard.reload.notify_one(),
            Signal::End if heard.end.is_ordered() => {
                tracing::warn!("told to end once more: ending at once");
                std::process::exit(AT_ONCE);
            }
            Signal::End => {
                tracing::info!("told to end: finishing what is in hand");
                heard.end.order();
                heard.work.lock().unwrap_or_else(PoisonError::into_inner).order();
                readiness.stopping("finishing what is in hand");
            }
        }
    }
}
