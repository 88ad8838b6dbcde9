//! Who hears how far a run is: the log, and whoever follows through the socket.

use std::sync::{Mutex, PoisonError};

use tokio::sync::mpsc::UnboundedSender;

use super::control::Line;
use crate::source::{Progress, Unit};

/// The receivers of progress.
#[derive(Debug, Default)]
pub struct Followers(Mutex<Vec<UnboundedSender<Line>>>);

impl Followers {
    /// From now on this one hears too, until it hangs up.
    pub fn add(&self, follower: UnboundedSender<Line>) {
        self.lock().push(follower);
    }

    fn tell_all(&self, line: &Line) {
        self.lock().retain(|follower| follower.send(line.clone()).is_ok());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<UnboundedSender<Line>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for Followers {
    fn report(&self, phase: &str, done: u64, total: Option<u64>, unit: Unit) {
        self.tell_all(&Line::Progress {
            phase: phase.to_owned(),
            done,
            total,
            unit,
        });
    }

    fn tell(&self, words: &str) {
        tracing::info!("{words}");
        self.tell_all(&Line::Tell {
            words: words.to_owned(),
        });
    }
}
