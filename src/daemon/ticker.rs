//! A tick a second, in UTC. What is due at a tick is the timetable's business.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio_cron_scheduler::{Job, JobScheduler};

use crate::error::{Doing, Kind, Result};

/// Every second.
const EVERY_SECOND: &str = "* * * * * *";

/// A scheduler waits for moments of the clock; when that is set back it would wait for hours. After so
/// long without a tick there is one anyway.
const WITHOUT_A_TICK: Duration = Duration::from_secs(3);

/// How long the scheduler may take to stop.
const LONGEST_STOP: Duration = Duration::from_secs(2);

/// The ticks of a daemon; they end when it is dropped.
pub struct Ticker {
    scheduler: JobScheduler,
    ticks: watch::Receiver<Timestamp>,
}

/// Waits for ticks; clones do so by themselves.
#[derive(Debug, Clone)]
pub struct Ticks(watch::Receiver<Timestamp>);

impl Ticker {
    /// Starts ticking.
    ///
    /// # Errors
    /// When the scheduler cannot be started.
    pub async fn start() -> Result<Self> {
        let doing = || "starting the schedule".to_owned();
        let (sender, ticks) = watch::channel(Timestamp::now());
        let scheduler = JobScheduler::new().await.doing(Kind::Interrupted, doing)?;
        let job = Job::new(EVERY_SECOND, move |_, _| {
            sender.send_replace(Timestamp::now());
        });
        let job = job.doing(Kind::Interrupted, doing)?;
        scheduler.add(job).await.doing(Kind::Interrupted, doing)?;
        scheduler.start().await.doing(Kind::Interrupted, doing)?;
        Ok(Self { scheduler, ticks })
    }

    /// What a lane waits with.
    pub fn ticks(&self) -> Ticks {
        Ticks(self.ticks.clone())
    }

    /// Stops ticking. Nobody waits long for that: what was in hand has ended, and the process ends with it.
    pub async fn stop(mut self) {
        match tokio::time::timeout(LONGEST_STOP, self.scheduler.shutdown()).await {
            Ok(Ok(())) => {}
            Ok(Err(cause)) => tracing::debug!("the schedule did not end: {cause}"),
            Err(_) => tracing::debug!("the schedule did not end in time"),
        }
    }
}

impl Ticks {
    /// Waits for the next tick; answers with the time.
    pub async fn next(&mut self) -> Timestamp {
        match tokio::time::timeout(WITHOUT_A_TICK, self.0.changed()).await {
            Ok(Ok(())) => {}
            // Nobody ticks any more: then the time-out does.
            Ok(Err(_)) => tokio::time::sleep(WITHOUT_A_TICK).await,
            Err(_) => {}
        }
        Timestamp::now()
    }
}
