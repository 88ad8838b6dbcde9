//! What is left to do about forgotten people in the targets.
//!
//! A target that fails is told and stays on the list; the next run, or the next `forget`, tries again.

use jiff::Timestamp;
use serde::Serialize;

use super::strays::by_email;
use super::who::Whom;
use crate::error::{Call, Error, Kind, Result};
use crate::model::Erasure;
use crate::source::Progress;
use crate::source::settings::ShopSettings;
use crate::state::State;
use crate::state::forgetting::LeftToForget;
use crate::state::links::Linked;
use crate::sync::compose::Composer;
use crate::sync::engine::Engine;
use crate::sync::push::{Push, Selection};
use crate::sync::recognise::{Recognised, recognise};
use crate::sync::shop::ShopInRun;
use crate::sync::target::TargetInRun;
use crate::target::Target;

/// What became of forgotten people in one target.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ForgottenThere {
    /// Name of the target.
    pub target: String,
    /// Records that were emptied.
    pub emptied: u64,
    /// Orders of theirs that stay as figures.
    pub orders: u64,
    /// Records of others that lost what was the person's.
    pub rewritten: u64,
    /// What a person has to do by hand, a sentence each.
    pub by_hand: Vec<String>,
    /// Why it was not done, or not all of it.
    pub failed: Option<String>,
    /// Whether that needs a person.
    #[serde(skip)]
    pub needs_person: bool,
}

impl ForgottenThere {
    fn of(target: &str) -> Self {
        Self {
            target: target.to_owned(),
            ..Self::default()
        }
    }

    fn fail(&mut self, error: &Error) {
        self.needs_person = error.exit_code() == 2;
        self.failed = Some(error.to_string());
    }
}

impl Engine {
    /// Does what is left to do in every target; with `whom`, also what nobody but their e-mail leads to.
    pub(super) async fn forget_elsewhere(
        &self,
        state: &State,
        whom: &Whom,
        progress: &dyn Progress,
    ) -> Result<Vec<ForgottenThere>> {
        let mut all = Vec::new();
        for target in &self.targets {
            let mut there = ForgottenThere::of(&target.settings.name);
            if let Err(error) = self.forget_there(state, target, whom, progress, &mut there).await {
                there.fail(&error);
            }
            all.push(there);
        }
        for (number, name) in state.former_targets(&self.target_names())? {
            let mut there = ForgottenThere::of(&name);
            for left in state.left_to_forget(number)? {
                there
                    .by_hand
                    .extend(records_of(state, number, left)?.into_iter().map(|erasure| {
                        format!(
                            "{name} is not in the configuration: empty its record {}",
                            erasure.record
                        )
                    }));
                state.forgotten_in(number, left)?;
            }
            if !there.by_hand.is_empty() {
                all.push(there);
            }
        }
        Ok(all)
    }

    fn target_names(&self) -> Vec<&str> {
        self.targets
            .iter()
            .map(|target| target.settings.name.as_str())
            .collect()
    }

    async fn forget_there(
        &self,
        state: &State,
        target: &TargetInRun,
        whom: &Whom,
        progress: &dyn Progress,
        there: &mut ForgottenThere,
    ) -> Result<()> {
        let numbers = target.numbers(state)?;
        let left = state.left_to_forget(numbers.target)?;
        let mut remote = target.connect(&self.setup.state_dir, &state.id()?);
        let identity = remote.identity().await?;
        let shops = ShopInRun::all_from_state(state, &self.setup.shops)?;
        let recognised = recognise(state, target, &shops, identity.as_ref(), remote.as_mut()).await?;
        if let Recognised::Strange(suspicion) = recognised {
            return Err(suspicion);
        }
        if identity.is_some() {
            let mut erasures = Vec::new();
            for contact in left.iter().filter(|left| left.whole) {
                erasures.extend(records_of(state, numbers.target, *contact)?);
            }
            let owner = |record: &str| state.contact_of_record(numbers.target, record);
            for more in by_email(remote.as_mut(), whom, &self.setup.shops, &owner).await? {
                if !erasures.iter().any(|known| known.record == more.record) {
                    erasures.push(more);
                }
            }
            if !erasures.is_empty() {
                numbers.begin_delivery(state, remote.as_mut()).await?;
                erase(remote.as_mut(), &erasures, there).await?;
            }
            let others: Vec<i64> = left
                .iter()
                .filter(|left| !left.whole)
                .map(|left| left.contact)
                .collect();
            there.rewritten += others.len() as u64;
            self.write_anew(state, target, remote.as_mut(), others, progress)
                .await?;
            remote.leave_no_traces().await?;
        }
        left.into_iter()
            .try_for_each(|left| state.forgotten_in(numbers.target, left))
    }

    /// Contacts that stay lose what was the forgotten person's.
    async fn write_anew(
        &self,
        state: &State,
        target: &TargetInRun,
        remote: &mut dyn Target,
        others: Vec<i64>,
        progress: &dyn Progress,
    ) -> Result<()> {
        if others.is_empty() {
            return Ok(());
        }
        let shops = ShopInRun::all_from_state(state, &self.setup.shops)?;
        let composer = Composer::new(state, &shops)?;
        remote.prepare().await?;
        let only = Selection {
            only: Some(others),
            limit: None,
        };
        let push = Push::new(state, &composer, target, remote, &self.stop)?;
        let delivered = push
            .at_pace(&self.setup.pace)
            .anew()
            .deliver(&only, progress)
            .await?;
        match delivered.parked + delivered.orders_parked + delivered.put_off {
            0 => Ok(()),
            left => {
                let cause = format!("{left} records that stay still show what was theirs");
                Err(Error::new(Kind::Busy, "forgetting a person", cause))
            }
        }
    }
}

/// Without a state, all that leads to somebody is the e-mail that was named.
pub async fn forget_without_state(engine: &Engine, whom: &Whom) -> Vec<ForgottenThere> {
    let mut all = Vec::new();
    for target in &engine.targets {
        let mut there = ForgottenThere::of(&target.settings.name);
        let mut remote = target.connect(&engine.setup.state_dir, "");
        if let Err(error) = erase_by_email(remote.as_mut(), whom, &engine.setup.shops, &mut there).await {
            there.fail(&error);
        }
        all.push(there);
    }
    all
}

async fn erase_by_email(
    remote: &mut dyn Target,
    whom: &Whom,
    shops: &[ShopSettings],
    there: &mut ForgottenThere,
) -> Result<()> {
    if remote.identity().await?.is_none() {
        return Ok(());
    }
    let erasures = by_email(remote, whom, shops, &|_| Ok(None)).await?;
    if erasures.is_empty() {
        return Ok(());
    }
    erase(remote, &erasures, there).await?;
    remote.leave_no_traces().await
}

/// The records of a contact in a target, those of contacts merged into it included.
fn records_of(state: &State, target: i64, left: LeftToForget) -> Result<Vec<Erasure>> {
    let mut all = Vec::new();
    for id in state.with_merged(left.contact)? {
        let Some(row) = state.contact(id)? else { continue };
        let record = state.key_of_delivered(target, id)?;
        let mut orders = Vec::new();
        for order in state.order_numbers_of(id)? {
            orders.extend(
                state
                    .record_of(target, Linked::Order(order))?
                    .map(|(record, _)| record),
            );
        }
        all.push(Erasure {
            // One that the ID map does not know may be there by our key all the same.
            record: record.unwrap_or(row.key),
            orders,
            gone_at: row.gone_at.unwrap_or_else(Timestamp::now),
        });
    }
    Ok(all)
}

async fn erase(remote: &mut dyn Target, erasures: &[Erasure], there: &mut ForgottenThere) -> Result<()> {
    for (erasure, erased) in erasures.iter().zip(remote.erase(erasures).await?) {
        match erased {
            Ok(erased) => {
                there.emptied += u64::from(erased.found);
                there.orders += erased.orders;
                there.by_hand.extend(erased.by_hand);
            }
            Err(error) if error.kind() == Kind::Refused || error.kind().calls_for() == Call::Park => {
                let (record, cause) = (&erasure.record, error.cause());
                there.by_hand.push(format!("empty the record {record}: {cause}"));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
