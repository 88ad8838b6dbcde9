//! The lanes: one for each shop, which reads it when it is due, one for each target, which delivers.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::time::sleep;

use super::followers::Followers;
use super::notices::{Failure, Notices, Outcome, Part};
use super::pulse::{Beating, Pulse};
use super::schedule::{LastRuns, Timetable};
use super::ticker::{Ticker, Ticks};
use crate::error::{Kind, Result};
use crate::state::State;
use crate::sync::engine::Engine;
use crate::sync::import::ImportOptions;
use crate::sync::incremental::How;
use crate::sync::report::{Delivered, Report};

/// The pause before a delivery that failed is tried again; it doubles until the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);

/// All lanes over one engine.
pub struct Lanes<'a> {
    engine: &'a Engine,
    timetable: &'a Timetable,
    ticks: Ticks,
    followers: &'a Followers,
    pulse: &'a Pulse,
    notices: &'a Notices,
    /// When each shop was last begun to be read.
    last: Vec<Cell<LastRuns>>,
    /// Wakes the lane of each target.
    wakes: Vec<Notify>,
    /// Somebody's command was carried out.
    commanded: Notify,
    /// After a reading of everything the next delivery to each target is to notice what is missing there.
    thoroughly: Vec<Cell<bool>>,
    /// What each kind of run said last beside its counts.
    told: RefCell<HashMap<String, Vec<String>>>,
}

impl<'a> Lanes<'a> {
    /// Lanes that have not begun.
    pub fn new(
        engine: &'a Engine,
        timetable: &'a Timetable,
        ticker: &Ticker,
        followers: &'a Followers,
        pulse: &'a Pulse,
        notices: &'a Notices,
    ) -> Self {
        Self {
            engine,
            timetable,
            ticks: ticker.ticks(),
            followers,
            pulse,
            notices,
            last: engine.setup.shops.iter().map(|_| Cell::default()).collect(),
            wakes: engine.targets.iter().map(|_| Notify::new()).collect(),
            thoroughly: engine.targets.iter().map(|_| Cell::default()).collect(),
            told: RefCell::default(),
            commanded: Notify::new(),
        }
    }

    /// Before anything was imported, that comes first, by itself or because somebody asked for it; what was
    /// begun when is remembered.
    pub async fn begin(&self) {
        let mut pause = FIRST_PAUSE;
        while self.engine.known_state().is_none() && !self.engine.stop.is_ordered() {
            let now = Timestamp::now();
            let progress = self.progress();
            let options = ImportOptions {
                leave_the_late: true,
                ..ImportOptions::default()
            };
            let imported = self.engine.import(&options, &progress).await;
            self.ended("import", Part::Service, now, &imported);
            if let (Some(state), Ok(_)) = (self.engine.known_state(), &imported) {
                for shop in self.read_in(state) {
                    self.begun(shop, How::Everything, now);
                }
                return;
            }
            self.wait_for_a_state(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        if let Some(state) = self.engine.known_state() {
            for (shop, last) in self.engine.setup.shops.iter().zip(&self.last) {
                match LastRuns::remembered(state, &shop.name) {
                    Ok(remembered) => last.set(remembered),
                    Err(error) => tracing::error!("{error}"),
                }
            }
        }
    }

    /// Places of the shops that a state knows: one that could not be read in time is not among them, and due
    /// at once.
    fn read_in(&self, state: &State) -> Vec<usize> {
        let known = state.shops().unwrap_or_else(|error| {
            tracing::error!("{error}");
            Vec::new()
        });
        let shops = self.engine.setup.shops.iter().enumerate();
        shops
            .filter(|(_, shop)| known.iter().any(|row| row.name == shop.name))
            .map(|(place, _)| place)
            .collect()
    }

    /// Waits for so long, or until a command has made a state.
    async fn wait_for_a_state(&self, pause: Duration) {
        let commands = async {
            while self.engine.known_state().is_none() {
                self.commanded.notified().await;
            }
        };
        tokio::select! {
            () = self.wait(pause) => {}
            () = commands => {}
        }
    }

    /// Reads a shop whenever it is due, until the order to stop.
    pub async fn shop(&self, shop: usize) {
        let (Some(settings), Some(last)) = (self.engine.setup.shops.get(shop), self.last.get(shop)) else {
            return;
        };
        let mut ticks = self.ticks.clone();
        while !self.engine.stop.is_ordered() {
            let now = tokio::select! {
                now = ticks.next() => now,
                () = self.engine.stop.ordered() => return,
            };
            last.set(last.get().by_the_clock(now));
            if let Some(how) = self.timetable.due(last.get(), now) {
                self.begun(shop, how, now);
                let run = match how {
                    How::Changes => format!("sync {}", settings.name),
                    How::Everything => format!("reconcile {}", settings.name),
                };
                let report = self.read(shop, &run, how).await;
                self.ended(&run, Part::Shop(settings.name.clone()), now, &report);
                if how == How::Everything {
                    self.thoroughly.iter().for_each(|target| target.set(true));
                }
                self.wake_targets();
            }
        }
    }

    async fn read(&self, shop: usize, run: &str, how: How) -> Result<Report> {
        let run = self.engine.state()?.begin_run(run, Timestamp::now())?;
        let mut report = Report::default();
        let progress = self.progress();
        let followed = self.engine.follow(shop, how, false, &progress, &mut report).await;
        self.engine.end_run(run, report, followed)
    }

    /// Delivers to a target whenever something may be due, until the order to stop.
    pub async fn target(&self, target: usize) {
        let (Some(of), Some(wake)) = (self.engine.targets.get(target), self.wakes.get(target)) else {
            return;
        };
        let name = &of.settings.name;
        let mut pause = FIRST_PAUSE;
        while !self.engine.stop.is_ordered() {
            let (began, run) = (Timestamp::now(), format!("deliver {name}"));
            let delivered = self.deliver(target, name, &run).await.transpose();
            let is_fine = !matches!(delivered, Some(Err(_)));
            match &delivered {
                Some(delivered) => self.ended(&run, Part::Target(name.clone()), began, delivered),
                None => self
                    .notices
                    .tell(&Outcome::of_nothing(Part::Target(name.clone()))),
            }
            pause = if is_fine { FIRST_PAUSE } else { pause };
            let next_try = self.engine.next_try(target);
            tokio::select! {
                // One that is out of order is not asked each time that a shop tells something.
                () = wake.notified(), if is_fine => {}
                () = sleep(pause), if !is_fine => pause = (pause * 2).min(LONGEST_PAUSE),
                () = sleep(next_try.unwrap_or_default()), if is_fine && next_try.is_some() => {}
                () = self.engine.stop.ordered() => return,
            }
        }
    }

    /// `None` when nothing was due.
    async fn deliver(&self, target: usize, name: &str, run: &str) -> Result<Option<Report>> {
        let began = Timestamp::now();
        let progress = self.progress();
        let thoroughly = self.thoroughly.get(target).is_some_and(Cell::take);
        let how = match thoroughly {
            true => How::Everything,
            false => How::Changes,
        };
        let delivered = self.engine.deliver(target, how, &progress).await;
        if let (true, Err(_), Some(again)) = (thoroughly, &delivered, self.thoroughly.get(target)) {
            again.set(true);
        }
        if matches!(delivered, Ok(None)) {
            return Ok(None);
        }
        let run = self.engine.state()?.begin_run(run, began)?;
        let mut report = Report::default();
        let note = |delivered: Delivered| {
            report.targets.insert(name.to_owned(), delivered);
        };
        let delivered = delivered.map(|delivered| delivered.map_or((), note));
        self.engine.end_run(run, report, delivered).map(Some)
    }

    /// Something may be due.
    pub fn wake_targets(&self) {
        self.wakes.iter().for_each(Notify::notify_one);
    }

    /// A command was carried out.
    pub fn was_commanded(&self) {
        self.commanded.notify_waiters();
        self.wake_targets();
    }

    /// Remembers that a shop begins to be read.
    fn begun(&self, shop: usize, how: How, now: Timestamp) {
        let (Some(settings), Some(last)) = (self.engine.setup.shops.get(shop), self.last.get(shop)) else {
            return;
        };
        let mut runs = last.get();
        match how {
            How::Changes => runs.changes = Some(now),
            How::Everything => runs.everything = Some(now),
        }
        last.set(runs);
        let remember = || {
            let state = self.engine.state()?;
            state.remember_begun(&settings.name, how == How::Everything, now)
        };
        if let Err(error) = remember() {
            tracing::error!("{error}");
        }
    }

    /// Who hears of work that begins now, the watchdog among them.
    fn progress(&self) -> Beating<'a> {
        Beating {
            in_hand: self.pulse.begin(),
            progress: self.followers,
        }
    }

    /// Tells how a run ended, and what failed in it, once.
    fn ended(&self, run: &str, part: Part, began: Timestamp, report: &Result<Report>) {
        let outcome = match report {
            Ok(report) => {
                for failure in &report.failures {
                    tracing::error!("{run}: {failure}");
                }
                self.tell_news(run, &report.notes);
                let counts = serde_json::to_value(report).unwrap_or_default();
                let failure = report.failures.first().map(|cause| Failure {
                    cause: cause.clone(),
                    hint: String::new(),
                    needs_person: report.needs_person,
                });
                Outcome::new(run, began, counts).with_failure(part, failure)
            }
            Err(error) => {
                if error.kind() == Kind::Interrupted {
                    tracing::info!("{run}: stopped");
                } else {
                    tracing::error!("{run}: {error}");
                }
                Outcome::new(run, began, serde_json::Value::Null).with(part, Some(error))
            }
        };
        self.notices.tell(&outcome);
    }

    /// What a run has to say beside its counts; what the one before it said already is not said again.
    fn tell_news(&self, run: &str, notes: &[String]) {
        let mut told = self.told.borrow_mut();
        let before = told.insert(run.to_owned(), notes.to_vec()).unwrap_or_default();
        for note in notes.iter().filter(|note| !before.contains(note)) {
            tracing::info!("{run}: {note}");
        }
    }

    async fn wait(&self, pause: Duration) {
        tokio::select! {
            () = sleep(pause) => {}
            () = self.engine.stop.ordered() => {}
        }
    }
}
