//! What runs work with: the lock of the state directory, the state, the ways into the shops, the targets.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;
use tokio::sync::{Mutex, MutexGuard};

use super::import::Setup;
use super::known_shops;
use super::leftovers;
use super::report::Report;
use super::settled::Settled;
use super::stop::Stop;
use super::target::TargetInRun;
use crate::error::{Doing, Error, Kind, Result};
use crate::source::settings::ShopSettings;
use crate::source::{Budgets, Shop, Spool};
use crate::state::lock::{self, Lock};
use crate::state::{FILE, State};

/// Folder of the downloads inside the state directory.
const SPOOLS: &str = "spool";

/// Folder of what the next process has to know of the services' patience.
pub(super) const QUIET: &str = "quiet";

/// The way into one shop, kept as long as the engine is: it holds the budgets of requests and the token.
pub struct Door {
    /// The shop.
    pub source: Shop,
    /// Whose turn it is: one run at a time reads a shop.
    pub turn: Mutex<()>,
    spool: OnceCell<Spool>,
    folder: PathBuf,
    aside: Option<PathBuf>,
}

impl Door {
    /// The doors of all shops, in the order of the configuration. With `aside` the downloads lie there,
    /// and only the pauses are kept where they always are.
    ///
    /// # Errors
    /// When no encrypted connection can be prepared.
    pub fn all(setup: &Setup, aside: Option<&Path>) -> Result<Vec<Self>> {
        let spools = setup.state_dir.join(SPOOLS);
        let budgets = Budgets::noted_in(setup.state_dir.join(QUIET));
        let open = |shop: &ShopSettings| {
            Ok(Self {
                source: Shop::sharing(
                    &budgets,
                    shop,
                    setup.public_url.as_ref(),
                    &setup.timezone,
                    &setup.pace,
                )?,
                turn: Mutex::new(()),
                spool: OnceCell::new(),
                folder: spools.join(&shop.name),
                aside: aside.map(|aside| aside.join(&shop.name)),
            })
        };
        setup.shops.iter().map(open).collect()
    }

    /// The shop's downloads; their folder is made when it is first needed.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn spool(&self) -> Result<&Spool> {
        if let Some(open) = self.spool.get() {
            return Ok(open);
        }
        let ours = Spool::open(&self.folder)?;
        let spool = match &self.aside {
            Some(aside) => ours.beside(aside)?,
            None => ours,
        };
        Ok(self.spool.get_or_init(|| spool))
    }
}

/// Everything that runs work with. One process has one for a state directory.
pub struct Engine {
    /// The configuration's part of it.
    pub setup: Setup,
    /// The targets, compiled, in the order of the configuration.
    pub targets: Vec<TargetInRun>,
    /// The ways into the shops, parallel to the shops of the setup.
    pub(super) doors: Vec<Door>,
    /// One delivery at a time writes into a target.
    pub(super) target_turns: Vec<Mutex<()>>,
    /// Nobody sees half of a document.
    pub(super) settled: Settled,
    /// Tells everything that is going on to end.
    pub stop: Stop,
    state: OnceCell<State>,
    lock: Lock,
}

impl Engine {
    /// Takes the lock, makes up for what a killed process left, opens the state if there is one.
    ///
    /// # Errors
    /// When another process holds the lock, the mapping is wrong, a shop has another group or name than
    /// before, or the state cannot be read.
    pub async fn open(setup: Setup, command: &str) -> Result<Self> {
        let lock = lock::take(&setup.state_dir, command)?;
        Self::with_lock(setup, lock).await
    }

    /// The same for whoever holds the lock already.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub async fn with_lock(setup: Setup, lock: Lock) -> Result<Self> {
        let targets: Vec<TargetInRun> = TargetInRun::all(&setup.targets)?
            .into_iter()
            .map(|target| target.at_pace(&setup.pace))
            .collect();
        leftovers::finish_or_remove(&setup.state_dir, &targets).await?;
        let spools = setup.state_dir.join(SPOOLS);
        let state = OnceCell::new();
        if setup.state_dir.join(FILE).exists() {
            let known = State::open(&setup.state_dir)?;
            known_shops::must_be_as_before(&known, &setup.shops)?;
            leftovers::discard_committed(&known, &spools)?;
            let _ = state.set(known);
        }
        let doors = Door::all(&setup, None)?;
        let engine = Self {
            target_turns: targets.iter().map(|_| Mutex::new(())).collect(),
            settled: Settled::default(),
            setup,
            targets,
            doors,
            stop: Stop::default(),
            state,
            lock,
        };
        engine.go_on_forgetting().await?;
        Ok(engine)
    }

    /// Gives the lock back, for another engine over the same directory.
    pub fn into_lock(self) -> Lock {
        self.lock
    }

    /// The state; `None` before the first import.
    pub fn known_state(&self) -> Option<&State> {
        self.state.get()
    }

    /// The state.
    ///
    /// # Errors
    /// Before the first import.
    pub fn state(&self) -> Result<&State> {
        self.known_state().ok_or_else(|| {
            Error::new(Kind::Unknown, "opening the state", "nothing was imported yet")
                .with_hint("run `shoptet-sync import` first")
        })
    }

    /// The folder in which each shop has one for its downloads.
    pub(super) fn spools(&self) -> PathBuf {
        self.setup.state_dir.join(SPOOLS)
    }

    /// The time zone of a shop: the configured one, else what the shop's API told before, else the schedule's.
    ///
    /// # Errors
    /// When the zone is not known, or the state cannot be read.
    pub fn zone_of(&self, shop: &str) -> Result<TimeZone> {
        let configured = self.setup.shops.iter().find(|known| known.name == shop);
        let configured = configured.and_then(|shop| shop.timezone.clone());
        let zone = match (configured, self.known_state()) {
            (Some(zone), _) => Some(zone),
            (None, Some(state)) => {
                let known = state.shops()?.into_iter().find(|known| known.name == shop);
                known.map(|known| known.timezone)
            }
            (None, None) => None,
        };
        let zone = zone.unwrap_or_else(|| self.setup.timezone.clone());
        TimeZone::get(&zone).doing(Kind::Configuration, || {
            format!("reading the time zone of shop {shop}")
        })
    }

    /// An empty state in its place.
    pub(super) fn make_state(&self) -> Result<&State> {
        self.take_state(State::open(&self.setup.state_dir)?)
    }

    /// The state that was just built.
    pub(super) fn take_state(&self, built: State) -> Result<&State> {
        let _ = self.state.set(built);
        self.state()
    }

    /// The turn at every shop.
    pub(super) async fn all_turns(&self) -> Vec<MutexGuard<'_, ()>> {
        let mut turns = Vec::with_capacity(self.doors.len());
        for door in &self.doors {
            turns.push(door.turn.lock().await);
        }
        turns
    }

    /// The turn at every shop, if nobody reads any at this moment.
    pub(super) fn free_turns(&self) -> Option<Vec<MutexGuard<'_, ()>>> {
        self.doors.iter().map(|door| door.turn.try_lock().ok()).collect()
    }

    /// Every turn there is: nobody reads and nobody delivers meanwhile.
    pub(super) async fn every_turn(&self) -> Vec<MutexGuard<'_, ()>> {
        let mut turns = self.all_turns().await;
        for turn in &self.target_turns {
            turns.push(turn.lock().await);
        }
        turns
    }

    /// Notes how a run ended; answers with its report, or with what ended it.
    ///
    /// # Errors
    /// What ended the run, or that this could not be noted.
    pub fn end_run(&self, run: i64, mut report: Report, ended: Result<()>) -> Result<Report> {
        if let Err(error) = ended {
            return Err(self.ended_badly(run, error));
        }
        let state = self.state()?;
        report.parked = state.count_parked()?;
        let outcome = match report.failures.is_empty() {
            true => "done",
            false => "failed in part",
        };
        let counts = serde_json::to_string(&report).doing(Kind::Database, || "noting the run".to_owned())?;
        state.end_run(run, Timestamp::now(), outcome, &counts)?;
        Ok(report)
    }

    /// Notes that a run ended with an error, which is the one to tell whatever comes of noting it.
    pub(super) fn ended_badly(&self, run: i64, error: Error) -> Error {
        let counts = json!({ "failures": [error.to_string()] }).to_string();
        let noted = self
            .state()
            .and_then(|state| state.end_run(run, Timestamp::now(), "failed", &counts));
        if let Err(untold) = noted {
            tracing::warn!("{untold}");
        }
        error
    }
}
