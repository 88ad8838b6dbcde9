//! `forget`: a person is taken out of the state and of the targets, and never imported again.
//!
//! What is taken down in `suppressed.db` comes first and decides everything else: the state is made to
//! agree with it, the targets are done as the state lists them, then the traces go. Killed anywhere, the
//! next run finds that something is left, and goes on.

mod agree;
mod downloads;
mod elsewhere;
mod strays;
mod unknown;
mod who;

use jiff::Timestamp;
use serde::Serialize;

use super::engine::Engine;
use crate::error::{Error, Kind, Result};
use crate::source::{Progress, Silent};
use crate::state::State;
use crate::state::suppressed::Suppressed;

pub use elsewhere::ForgottenThere;
use unknown::every_sign;

pub use who::{Person, Whom, look_for};

/// What was done about a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Forgotten {
    /// The contacts that are, or were partly, this person.
    pub contacts: Vec<ForgottenContact>,
    /// How many keyed hashes were taken down that were not known before.
    pub hashes: usize,
    /// Per target.
    pub targets: Vec<ForgottenThere>,
    /// Downloads that were not kept.
    pub downloads: Vec<String>,
}

/// A contact that is, or was partly, the person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ForgottenContact {
    /// Its key.
    pub key: String,
    /// Whether all of it was the person's.
    pub whole: bool,
    /// Orders that lost what is personal.
    pub orders: u64,
}

impl Forgotten {
    /// The exit code of the contract: 1 when a target has to be tried again, 2 when a person has to act.
    pub fn exit_code(&self) -> u8 {
        let by_hand = |there: &ForgottenThere| there.needs_person || !there.by_hand.is_empty();
        if self.targets.iter().any(by_hand) {
            2
        } else {
            u8::from(self.targets.iter().any(|there| there.failed.is_some()))
        }
    }
}

impl Engine {
    /// Forgets whom `who` names, in the state and in every target, and sees to it that they are never
    /// imported again. In a customer with several log-ins only that person goes, unless `whole` is said.
    ///
    /// # Errors
    /// When it is not clear who is meant, or what was decided cannot be taken down. What failed in one
    /// target while the rest went on stands in the answer.
    pub async fn forget(&self, who: &str, whole: bool, progress: &dyn Progress) -> Result<Forgotten> {
        let _turns = self.every_turn().await;
        // A new list would hide that the former one is missing.
        self.know_who_is_suppressed(false)?;
        let state = self.known_state();
        let whom = look_for(state, &self.setup.shops, who, whole)?;
        let now = Timestamp::now();
        let mut forgotten = Forgotten {
            contacts: whom.contacts.iter().map(ForgottenContact::of).collect(),
            ..Forgotten::default()
        };
        let Some(state) = state else {
            forgotten.hashes = Suppressed::load(&self.setup.state_dir)?.add(&whom.signs, now)?;
            forgotten.targets = elsewhere::forget_without_state(self, &whom).await;
            forgotten.downloads = downloads::discard_all(&self.spools())?;
            return Ok(forgotten);
        };
        forgotten.hashes = state.suppress(&whom.signs, now)?;
        self.make_state_agree(state, now)?;
        self.finish(state, &whom, progress, &mut forgotten).await?;
        Ok(forgotten)
    }

    /// Ends the suppression of whom `who` names: they are imported again. Answers with how many people
    /// that are.
    ///
    /// # Errors
    /// When nobody is suppressed under that, or `suppressed.db` cannot be written.
    pub async fn lift(&self, who: &str) -> Result<usize> {
        let _turns = self.every_turn().await;
        let signs = every_sign(&self.setup.shops, who);
        let lifted = match self.known_state() {
            Some(state) => state.lift(&signs)?,
            None => Suppressed::load(&self.setup.state_dir)?.lift(&signs)?,
        };
        if lifted == 0 {
            let cause = "nobody who was forgotten is known by it";
            return Err(Error::new(Kind::Unknown, "lifting a suppression", cause).with_hint(
                "name an e-mail, a guid, an order code or a contact key that the person had when they were forgotten",
            ));
        }
        Ok(lifted)
    }

    /// Goes on where a run was killed that forgot somebody, and forgets again whom a backup brought back.
    ///
    /// # Errors
    /// When the state cannot be made to agree. What failed beyond that is logged, and tried again later.
    pub(super) async fn go_on_forgetting(&self) -> Result<()> {
        let Some(state) = self.known_state() else {
            return Ok(());
        };
        let behind = state.agrees_with_suppressed()? < state.suppressed().generation();
        if !behind && !state.has_to_finish_forgetting()? {
            return Ok(());
        }
        self.make_state_agree(state, Timestamp::now())?;
        let mut forgotten = Forgotten::default();
        let finished = self
            .finish(state, &Whom::default(), &Silent, &mut forgotten)
            .await;
        for there in &forgotten.targets {
            for told in there.failed.iter().chain(&there.by_hand) {
                tracing::warn!(to = there.target, "forgetting is not finished: {told}");
            }
        }
        if let Err(error) = finished {
            tracing::warn!("forgetting is not finished: {error}");
        }
        Ok(())
    }

    /// Refuses to import when nobody knows any more who must not be.
    ///
    /// # Errors
    /// [`Kind::Suspicious`], unless a person accepts it.
    pub(super) fn know_who_is_suppressed(&self, accept: bool) -> Result<()> {
        let Some(state) = self.known_state() else {
            return Ok(());
        };
        if state.agrees_with_suppressed()? <= state.suppressed().generation() {
            return Ok(());
        }
        if accept {
            return state.agree_with_suppressed();
        }
        let cause =
            "people were forgotten here, and suppressed.db, which knows who, is missing or older than that";
        Err(Error::new(Kind::Suspicious, "looking for who must not be imported", cause).with_hint(
            "put suppressed.db back; every backup holds it. With --accept it goes on without, and imports them again",
        ))
    }

    fn make_state_agree(&self, state: &State, now: Timestamp) -> Result<()> {
        for target in &self.targets {
            target.numbers(state)?;
        }
        let targets = state.targets()?;
        tokio::task::block_in_place(|| agree::agree(state, &self.setup.shops, &targets, now)).map(drop)
    }

    async fn finish(
        &self,
        state: &State,
        whom: &Whom,
        progress: &dyn Progress,
        forgotten: &mut Forgotten,
    ) -> Result<()> {
        forgotten.targets = self.forget_elsewhere(state, whom, progress).await?;
        let spools = self.spools();
        tokio::task::block_in_place(|| {
            forgotten.downloads = downloads::discard(state, &self.setup.shops, &spools)?;
            state.leave_no_traces()
        })
    }
}

impl ForgottenContact {
    fn of(person: &Person) -> Self {
        Self {
            key: person.key.clone(),
            whole: person.whole,
            orders: person.orders,
        }
    }
}
