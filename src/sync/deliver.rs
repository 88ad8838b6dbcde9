//! From the state to every target; one that fails does not hold the others up.

use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;

use super::compose::Composer;
use super::deleted_there;
use super::engine::Engine;
use super::find::find;
use super::fingerprint::fingerprint;
use super::incremental::How;
use super::push::{Push, Selection};
use super::recognise::{Recognised, recognise};
use super::report::{Delivered, Report, not_agreed};
use super::shop::ShopInRun;
use super::target::TargetInRun;
use crate::error::{Error, Kind, Result};
use crate::source::Progress;
use crate::state::State;
use crate::target::Target;

/// What failed in a delivery is not tried again sooner by the next one.
const SOON: Duration = Duration::from_secs(1);

/// What of everything that is due is delivered.
#[derive(Debug, Clone, Default)]
pub struct DeliveryOptions {
    /// Deliver only these contacts.
    pub only: Vec<String>,
    /// Deliver at most so many contacts.
    pub limit: Option<u64>,
    /// Believe a target that looks suspicious.
    pub accept: bool,
    /// A person agrees to a first delivery into a target with contacts of others.
    pub agreed: bool,
}

impl DeliveryOptions {
    fn selection(&self, state: &State) -> Result<Selection> {
        let only = match self.only.as_slice() {
            [] => None,
            names => {
                let found = (1..)
                    .zip(names)
                    .map(|(place, who)| find(state, who).map_err(|error| told_by_place(error, place, names)))
                    .collect::<Result<Vec<_>>>()?;
                Some(found.concat())
            }
        };
        Ok(Selection {
            only,
            limit: self.limit,
        })
    }
}

impl Engine {
    /// Delivers what is due to every target, side by side; after a reading of everything also what somebody
    /// deleted there.
    ///
    /// # Errors
    /// When the state cannot be read, or the order to stop was given. What failed for one target stands
    /// in the report.
    pub(super) async fn deliver_all(
        &self,
        options: &DeliveryOptions,
        how: How,
        progress: &dyn Progress,
        report: &mut Report,
    ) -> Result<()> {
        let state = self.state()?;
        let selection = options.selection(state)?;
        let shops = ShopInRun::all_from_state(state, &self.setup.shops)?;
        let all = (0..self.targets.len())
            .map(|target| self.deliver_one(target, &shops, &selection, options, how, progress));
        for (target, delivered) in self.targets.iter().zip(join_all(all).await) {
            match delivered {
                Ok(None) => {}
                Ok(Some(delivered)) => report
                    .targets
                    .entry(target.settings.name.clone())
                    .or_default()
                    .add(&delivered),
                Err(error) if error.kind() == Kind::Interrupted => return Err(error),
                Err(error) => {
                    if error.kind() == Kind::NotAgreed {
                        report.to_agree.push(target.settings.name.clone());
                    }
                    report.fail(&error);
                }
            }
        }
        Ok(())
    }

    /// Delivers everything that is due to one target, by its place in the configuration, when it is its
    /// turn; `None` when nothing is. After a reading of everything so is what somebody deleted there.
    ///
    /// # Errors
    /// When the target looks suspicious or does not answer.
    pub async fn deliver(
        &self,
        target: usize,
        how: How,
        progress: &dyn Progress,
    ) -> Result<Option<Delivered>> {
        let shops = ShopInRun::all_from_state(self.state()?, &self.setup.shops)?;
        let options = DeliveryOptions::default();
        self.deliver_one(target, &shops, &Selection::default(), &options, how, progress)
            .await
    }

    /// How long until something that failed may be tried again in a target, by its place in the configuration.
    pub fn next_try(&self, target: usize) -> Option<Duration> {
        let state = self.known_state()?;
        let name = &self.targets.get(target)?.settings.name;
        let next = || match state.known_target(name)? {
            Some(number) => state.next_try(number),
            None => Ok(None),
        };
        let next = next().unwrap_or_else(|error| {
            tracing::error!("{error}");
            None
        });
        // One that is due already waits for nothing but a delivery, which has just ended: not at once, then.
        next.map(|next| {
            Duration::try_from(next.duration_since(Timestamp::now()))
                .unwrap_or_default()
                .max(SOON)
        })
    }

    /// Delivers once more, now that a person has agreed to it: what waited for that waits no longer.
    ///
    /// # Errors
    /// When the state cannot be read, or the order to stop was given.
    pub async fn deliver_agreed(
        &self,
        options: &DeliveryOptions,
        progress: &dyn Progress,
        report: &mut Report,
    ) -> Result<()> {
        report.agreed();
        let mut done = Report::default();
        self.deliver_all(options, How::Changes, progress, &mut done)
            .await?;
        done.parked = self.state()?.count_parked()?;
        report.add(done);
        Ok(())
    }

    async fn deliver_one(
        &self,
        place: usize,
        shops: &[ShopInRun],
        selection: &Selection,
        options: &DeliveryOptions,
        how: How,
        progress: &dyn Progress,
    ) -> Result<Option<Delivered>> {
        let (Some(target), Some(turn)) = (self.targets.get(place), self.target_turns.get(place)) else {
            return Ok(None);
        };
        let _turn = turn.lock().await;
        let state = self.state()?;
        let mut remote = target.connect(&self.setup.state_dir, &state.id()?);
        let number = target.numbers(state)?.target;
        // A target that is down makes everybody wait, but for whoever wants to end.
        let there = self.stop.or(remote.identity()).await?;
        let recognised = recognise(state, target, shops, there.as_ref(), remote.as_mut()).await?;
        if let (Recognised::Strange(suspicion), false) = (&recognised, options.accept) {
            return Err(suspicion.clone());
        }
        recognised.make_due(state, target, number)?;
        if how == How::Everything && matches!(recognised, Recognised::AsBefore) {
            let looking = deleted_there::make_due(state, target, number, remote.as_mut());
            let not_there = self.stop.or(looking).await?;
            if let Some(told) = not_there.told(&target.settings.name) {
                progress.tell(&told);
            }
        }
        if matches!(recognised, Recognised::AsBefore) && state.count_due(number)? == 0 {
            return Ok(None);
        }
        let agreement = must_be_agreed(state, number, options, target, remote.as_mut());
        self.stop.or(agreement).await?;
        let identity = remote.prepare().await?;
        state.mark_target(number, &identity.id, &fingerprint(target, shops))?;
        if matches!(recognised, Recognised::Strange(_)) {
            // What was accepted once is not suspicious again, though there may be nothing to write.
            let numbers = target.numbers(state)?;
            numbers.begin_delivery(state, remote.as_mut()).await?;
            self.empty_strays(state, number, remote.as_mut()).await?;
        }
        let composer = Composer::new(state, shops)?;
        let mut push = Push::new(state, &composer, target, remote.as_mut(), &self.stop)?
            .beside(&self.settled)
            .at_pace(&self.setup.pace);
        if matches!(recognised, Recognised::Strange(_)) && !state.suppressed().is_empty() {
            // What was written of them before they were forgotten may stand there again.
            push = push.anew();
        }
        push.deliver(selection, progress).await.map(Some)
    }
}

/// A person has to have seen what the first delivery would do where contacts of others stand.
async fn must_be_agreed(
    state: &State,
    number: i64,
    options: &DeliveryOptions,
    target: &TargetInRun,
    remote: &mut dyn Target,
) -> Result<()> {
    if state.is_agreed(number)? {
        return Ok(());
    }
    if !options.agreed && remote.ways().is_service && remote.holds_contacts().await? {
        let cause = "contacts stand there already, and nobody has agreed to what a delivery would do";
        return Err(Error::new(
            Kind::NotAgreed,
            not_agreed(&target.settings.name),
            cause,
        ));
    }
    state.agree(number)
}

/// Says which of several names is meant by its place: it may be somebody's e-mail, which no error shows.
fn told_by_place(error: Error, place: usize, names: &[String]) -> Error {
    if names.len() < 2 {
        return error;
    }
    let kind = error.kind();
    error.seen_as(
        kind,
        format!(
            "looking for contact {place} of the {} that --only names",
            names.len()
        ),
    )
}
