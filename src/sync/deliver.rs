//! From the state to every target; one that fails does not hold the others up.

use super::compose::Composer;
use super::find::find;
use super::import::{ImportOptions, Setup};
use super::push::{Push, Selection};
use super::recognise::{Recognised, recognise};
use super::report::{Delivered, Report};
use super::shop::ShopInRun;
use super::target::TargetInRun;
use crate::error::Result;
use crate::source::Progress;
use crate::state::State;
use crate::target::Target;

/// Delivers what is due to every target; one that fails does not hold the others up.
pub(super) async fn deliver(
    setup: &Setup,
    state: &State,
    shops: &[ShopInRun],
    targets: &[TargetInRun],
    options: &ImportOptions,
    progress: &dyn Progress,
    report: &mut Report,
) -> Result<()> {
    let only = match options.only.as_slice() {
        [] => None,
        names => {
            let found = names
                .iter()
                .map(|who| find(state, who))
                .collect::<Result<Vec<_>>>()?;
            Some(found.concat())
        }
    };
    let selection = Selection {
        only,
        limit: options.limit,
    };
    let composer = Composer::new(state, shops)?;
    for target in targets {
        let mut remote = target.connect(&setup.state_dir);
        match deliver_one(
            state,
            &composer,
            target,
            remote.as_mut(),
            &selection,
            options.accept,
            progress,
        )
        .await
        {
            Ok(None) => {}
            Ok(Some(delivered)) => {
                report
                    .targets
                    .entry(target.settings.name.clone())
                    .or_default()
                    .add(&delivered);
            }
            Err(error) => report.fail(&error),
        }
    }
    Ok(())
}

async fn deliver_one(
    state: &State,
    composer: &Composer<'_>,
    target: &TargetInRun,
    remote: &mut dyn Target,
    selection: &Selection,
    accept: bool,
    progress: &dyn Progress,
) -> Result<Option<Delivered>> {
    let number = target.numbers(state)?.target;
    let recognised = recognise(state, target, remote.identity().await?.as_ref())?;
    if let (Recognised::Strange(suspicion), false) = (&recognised, accept) {
        return Err(suspicion.clone());
    }
    recognised.make_due(state, target, number)?;
    if matches!(recognised, Recognised::AsBefore) && state.count_due(number)? == 0 {
        return Ok(None);
    }
    let identity = remote.prepare().await?;
    state.mark_target(number, &identity.id, target.mapping.fingerprint())?;
    Push::new(state, composer, target, remote)?
        .deliver(selection, progress)
        .await
        .map(Some)
}
