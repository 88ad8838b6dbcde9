//! Where runs are handed in and the tasks take from: what is owed to whom.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};
use tokio::time::sleep;

use super::heartbeat::Heartbeat;
use super::incidents::{Incidents, Listener};
use super::message::Message;
use super::outcome::{Outcome, Part};
use super::patience::Patience;
use super::receiver::Receiver;
use crate::config::Notice;
use crate::http::Intervals;

/// Runs that a receiver has not been told of yet; of more the oldest are left out.
const MOST_RUNS_WAITING: usize = 32;

pub(super) struct Desk {
    incidents: watch::Sender<Incidents>,
    /// One for each receiver, in their order.
    trays: Vec<Tray>,
    heartbeat: Option<Heartbeat>,
    is_ending: AtomicBool,
}

/// What waits for one receiver beside the incidents.
struct Tray {
    listener: Listener,
    runs: Mutex<VecDeque<Message>>,
    /// There is something new.
    wake: Notify,
}

/// One thing that a receiver has to be told.
struct Owed {
    message: Message,
    /// What it is about, unless it is a run.
    incident: Option<(Part, Notice)>,
}

impl Desk {
    pub(super) fn new(remembered: Incidents, listeners: Vec<Listener>, heartbeat: Option<Heartbeat>) -> Self {
        let tray = |listener| Tray {
            listener,
            runs: Mutex::default(),
            wake: Notify::new(),
        };
        Self {
            incidents: watch::Sender::new(remembered),
            trays: listeners.into_iter().map(tray).collect(),
            heartbeat,
            is_ending: AtomicBool::new(false),
        }
    }

    pub(super) fn incidents(&self) -> watch::Receiver<Incidents> {
        self.incidents.subscribe()
    }

    /// Takes a run that is over.
    pub(super) fn take(&self, outcome: &Outcome) {
        if outcome.was_stopped {
            return;
        }
        let listeners = || self.trays.iter().map(|tray| &tray.listener);
        let is_news = self
            .incidents
            .send_if_modified(|incidents| incidents.note(outcome, listeners()));
        for tray in &self.trays {
            let wants_runs = outcome.is_run && tray.listener.wants(Notice::Run);
            if wants_runs {
                tray.put(Message::of_run(outcome));
            }
            if wants_runs || is_news {
                tray.wake.notify_one();
            }
        }
        let nothing_fails = self.incidents.borrow().open().next().is_none();
        if let Some(heartbeat) = &self.heartbeat
            && outcome.is_good()
            && nothing_fails
        {
            heartbeat.wake();
        }
    }

    /// From now on whoever has told what is owed ends.
    pub(super) fn begin_to_end(&self) {
        self.is_ending.store(true, Ordering::SeqCst);
        self.trays.iter().for_each(|tray| tray.wake.notify_one());
        if let Some(heartbeat) = &self.heartbeat {
            heartbeat.end();
        }
    }

    /// Tells a receiver whatever is owed to it, until the end.
    pub(super) async fn serve(&self, number: usize, receiver: &Receiver, patience: &Patience) {
        let Some(tray) = self.trays.get(number) else {
            return;
        };
        let mut again = None;
        // Something may be owed from before the start.
        tray.wake.notify_one();
        loop {
            match &mut again {
                None => tray.wake.notified().await,
                Some(pauses) => tokio::select! {
                    () = tray.wake.notified() => {}
                    () = sleep(Intervals::next_pause(pauses)) => {}
                },
            }
            // Asked before the telling: what was handed in until then is still told.
            let is_last = self.is_ending.load(Ordering::SeqCst);
            if self.tell_all(tray, receiver).await {
                again = None;
            } else {
                again.get_or_insert_with(|| Intervals::new(patience.again_first, patience.again_longest));
            }
            if is_last {
                return;
            }
        }
    }

    /// Whether everything could be told.
    async fn tell_all(&self, tray: &Tray, receiver: &Receiver) -> bool {
        while let Some(owed) = self.next(tray) {
            let told = receiver.tell(&owed.message).await;
            match (&told, &owed.incident) {
                (Ok(()), Some((part, notice))) => self
                    .incidents
                    .send_modify(|incidents| incidents.told(&tray.listener, part, *notice)),
                (Ok(()), None) => {}
                (Err(error), incident) => {
                    let then = match incident {
                        Some(_) => "it is tried again later",
                        None => "this run is not told again",
                    };
                    tracing::warn!("nobody was told: {error}; {then}");
                    return false;
                }
            }
        }
        true
    }

    /// Incidents come first; a run is taken away, told or not.
    fn next(&self, tray: &Tray) -> Option<Owed> {
        let incidents = self.incidents.borrow();
        if let Some((part, incident, notice)) = incidents.owed(&tray.listener) {
            return Some(Owed {
                message: Message::of_incident(part, incident, notice),
                incident: Some((part.clone(), notice)),
            });
        }
        tray.runs().pop_front().map(|message| Owed {
            message,
            incident: None,
        })
    }

    /// Gives the sign of life after good runs, until the end.
    pub(super) async fn keep_beating(&self) {
        if let Some(heartbeat) = &self.heartbeat {
            heartbeat.beat_until_the_end().await;
        }
    }
}

impl Tray {
    fn put(&self, message: Message) {
        let mut runs = self.runs();
        if runs.len() >= MOST_RUNS_WAITING {
            runs.pop_front();
        }
        runs.push_back(message);
    }

    /// The queue is whole at every moment, whoever panicked.
    fn runs(&self) -> MutexGuard<'_, VecDeque<Message>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
