//! The long-running worker: when each shop is read, one run at a time, and how it is told to end.
//!
//! Every shop has a lane that waits until it is due and reads it; every target has one that delivers
//! what is due. They meet only in the state, so a shop that hangs holds nobody up, nor does a CRM that
//! is down. All lanes run on one thread, because the state has one writer; what waits for the network
//! yields to the others.
//!
//! Whoever else wants to change the state while the daemon holds the lock asks it through a socket
//! ([`control`]); what is asked for is carried out here, with the same functions.

pub mod control;
pub mod failing;
pub mod notices;
pub mod readiness;
pub mod schedule;

mod ask;
mod followers;
mod lanes;
mod pulse;
mod signals;
mod ticker;

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::timeout;

use self::control::{Commands, Control};
use self::followers::Followers;
use self::lanes::Lanes;
use self::notices::Notices;
use self::readiness::Readiness;
use self::schedule::Timetable;
use self::signals::{Signal, Signals};
use self::ticker::Ticker;
use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::sync::engine::Engine;
use crate::sync::import::Setup;
use crate::sync::known_shops;
use crate::sync::target::TargetInRun;

pub use ask::ask;
pub use pulse::{Beating, InHand, Pulse};

/// How long the batches in hand may take when the daemon is told to end; then they are given up, which
/// costs nothing but doing them again.
const LONGEST_END: Duration = Duration::from_secs(55);

/// How long telling how it goes may take at the end; what is owed then is told after the next start.
const LAST_NOTICES: Duration = Duration::from_secs(3);

/// What a daemon is made of.
pub struct Daemon<'a> {
    /// The configuration to begin with.
    pub config: Config,
    /// Loads the configuration again.
    pub reload: &'a dyn Fn() -> Result<Config>,
    /// From a configuration to what a run needs.
    pub setup: &'a dyn Fn(&Config) -> Setup,
    /// Carries out what is asked for through the socket.
    pub commands: &'a dyn Commands,
}

/// What stays while configurations come and go.
struct Around {
    control: Control,
    ticker: Ticker,
    pulse: Pulse,
    readiness: Readiness,
}

/// Why serving ended.
enum Ending {
    /// The daemon was told to end.
    Over,
    /// There is another configuration.
    Reload(Box<(Config, Setup)>),
}

impl Daemon<'_> {
    /// Works until it is told to end.
    ///
    /// # Errors
    /// When it cannot begin: the lock is held, the state cannot be read, the socket not be made.
    pub async fn run(self) -> Result<()> {
        let readiness = Readiness::of_process();
        let signals = Signals::listen(&readiness)?;
        let mut config = self.config.clone();
        let mut engine = Engine::open((self.setup)(&config), "run").await?;
        let around = Around {
            control: Control::bind(&engine.setup.state_dir)?,
            ticker: Ticker::start().await?,
            pulse: Pulse::default(),
            readiness,
        };
        let _watchdog = around.readiness.watch(&around.pulse);
        tracing::info!(
            shops = engine.setup.shops.len(),
            targets = engine.targets.len(),
            "at work"
        );
        loop {
            match self.serve(&engine, &config, &around, &signals).await? {
                Ending::Over => break,
                Ending::Reload(with) => {
                    let setup;
                    (config, setup) = *with;
                    engine = Engine::with_lock(setup, engine.into_lock()).await?;
                    tracing::info!("the configuration is the new one");
                }
            }
        }
        around.ticker.stop().await;
        tracing::info!("at an end");
        Ok(())
    }

    /// Works with one configuration.
    async fn serve(
        &self,
        engine: &Engine,
        config: &Config,
        around: &Around,
        signals: &Signals,
    ) -> Result<Ending> {
        let Around {
            control,
            ticker,
            pulse,
            readiness,
        } = around;
        signals.end(&engine.stop);
        let timetable = Timetable::new(&config.schedule)?;
        let followers = Followers::default();
        let notices = Notices::start(
            config,
            engine.known_state().map(failing::remembered).unwrap_or_default(),
        )?;
        let lanes = Lanes::new(engine, &timetable, ticker, &followers, pulse, &notices);
        let follow = async {
            lanes.begin().await;
            let shops = join_all((0..engine.setup.shops.len()).map(|shop| lanes.shop(shop)));
            let targets = join_all((0..engine.targets.len()).map(|target| lanes.target(target)));
            tokio::join!(shops, targets);
        };
        // Whoever asks for something is heard from the beginning: it may be the files without which nothing begins.
        let asked = control.serve(engine, &lanes, self.commands, &followers);
        let work = async {
            tokio::join!(follow, asked);
        };
        let ticks = async {
            let in_hand = pulse.begin();
            let mut ticks = ticker.ticks();
            let mut incidents = notices.incidents();
            loop {
                tokio::select! {
                    _ = ticks.next() => in_hand.beat(),
                    Ok(()) = incidents.changed() => {
                        let now = incidents.borrow_and_update().clone();
                        failing::remember(engine.known_state(), &now);
                    }
                }
            }
        };
        readiness.ready("following");
        let ending = {
            let mut work = std::pin::pin!(work);
            let (ending, is_at_work) = tokio::select! {
                () = &mut work => (Ending::Over, false),
                ending = self.told(engine, signals, readiness) => (ending, true),
                () = ticks => (Ending::Over, true),
            };
            engine.stop.order();
            // A second signal ends the process by itself.
            if is_at_work && timeout(LONGEST_END, &mut work).await.is_err() {
                tracing::warn!(
                    "what was in hand did not end in time and is given up; it is done again later"
                );
            }
            ending
        };
        failing::remember(engine.known_state(), &notices.finish(LAST_NOTICES).await);
        Ok(ending)
    }

    /// Waits for a signal that ends the work with this configuration.
    async fn told(&self, engine: &Engine, signals: &Signals, readiness: &Readiness) -> Ending {
        loop {
            match signals.next().await {
                Signal::End => return Ending::Over,
                Signal::Reload => {
                    readiness.reloading();
                    match self.loaded(engine) {
                        Ok(with) => return Ending::Reload(Box::new(with)),
                        Err(error) => {
                            tracing::error!("the configuration stays as it was: {error}")
                        }
                    }
                    readiness.ready("following, by the configuration of before");
                }
            }
        }
    }

    /// The configuration as it is now, whole: nothing of it is used unless all of it can be.
    fn loaded(&self, engine: &Engine) -> Result<(Config, Setup)> {
        let config = (self.reload)()?;
        let setup = (self.setup)(&config);
        Timetable::new(&config.schedule)?;
        TargetInRun::all(&setup.targets)?;
        if setup.state_dir != engine.setup.state_dir {
            let cause = "state_dir is another one now";
            return Err(Error::new(Kind::Configuration, "reloading", cause)
                .with_hint("end the daemon and start it again to move it to another state"));
        }
        if let Some(state) = engine.known_state() {
            known_shops::must_be_as_before(state, &setup.shops)?;
        }
        Ok((config, setup))
    }
}
