//! Telling people how it goes: `[[notify]]` and the heartbeat.
//!
//! A run hands in its [`Outcome`] and goes on; tasks of their own do the telling, one for each
//! receiver, so that none holds up a run or another one. What fails is an incident ([`Incidents`]),
//! told once when it begins and once when it ends; whoever runs this remembers them across restarts.

mod outcome;
mod incidents;
mod message;
mod desk;
mod receiver;
mod address;
mod command;
mod heartbeat;
mod patience;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

pub use incidents::Incidents;
pub use outcome::{Failure, Outcome, Part};
pub use patience::Patience;

use self::desk::Desk;
use self::heartbeat::Heartbeat;
use self::receiver::Receiver;
use crate::config::Config;
use crate::error::Result;

/// Tells everybody who is configured. Its tasks end with it.
pub struct Notices {
    desk: Arc<Desk>,
    tasks: JoinSet<()>,
}

impl Notices {
    /// Starts the tasks on the runtime. `remembered` is what [`Notices::incidents`] held when the program
    /// last ended; what is still owed of it is told at once.
    ///
    /// # Errors
    /// When encrypted connections cannot be prepared.
    pub fn start(config: &Config, remembered: Incidents) -> Result<Self> {
        Self::start_with(config, remembered, &Patience::default())
    }

    /// The same with other intervals.
    ///
    /// # Errors
    /// As [`Notices::start`].
    pub fn start_with(config: &Config, mut remembered: Incidents, patience: &Patience) -> Result<Self> {
        let receivers = Receiver::all(&config.notify, patience)?;
        let heartbeat = config.schedule.heartbeat_url.as_ref();
        let heartbeat = heartbeat.map(|url| Heartbeat::new(url, patience)).transpose()?;
        let listeners: Vec<_> = receivers
            .iter()
            .map(|receiver| receiver.listener.clone())
            .collect();
        remembered.keep_configured(|part| is_configured(config, part), &listeners);
        let desk = Arc::new(Desk::new(remembered, listeners, heartbeat));
        let mut tasks = JoinSet::new();
        for (number, receiver) in receivers.into_iter().enumerate() {
            let (desk, patience) = (desk.clone(), patience.clone());
            tasks.spawn(async move { desk.serve(number, &receiver, &patience).await });
        }
        let beating = desk.clone();
        tasks.spawn(async move { beating.keep_beating().await });
        Ok(Self { desk, tasks })
    }

    /// Hands in a run that is over; never waits. A good one is followed by the heartbeat, unless
    /// another part fails meanwhile: a dead-man switch has to notice that too.
    pub fn tell(&self, outcome: &Outcome) {
        self.desk.take(outcome);
    }

    /// The incidents, to be remembered whenever they change.
    pub fn incidents(&self) -> watch::Receiver<Incidents> {
        self.desk.incidents()
    }

    /// Ends the tasks, which may take at most `patience` to tell what is owed. Answers with the incidents
    /// to be remembered; what could not be told of them is told after the next start.
    pub async fn finish(mut self, patience: Duration) -> Incidents {
        self.desk.begin_to_end();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(patience, all).await.is_err() {
            tracing::warn!("not everybody could be told how it goes before the end");
        }
        self.tasks.shutdown().await;
        self.desk.incidents().borrow().clone()
    }
}

fn is_configured(config: &Config, part: &Part) -> bool {
    match part {
        Part::Shop(name) => config.shops.iter().any(|shop| shop.name == *name),
        Part::Target(name) => config.targets.iter().any(|target| target.target.name == *name),
        Part::Service => true,
    }
}
