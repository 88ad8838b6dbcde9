//! Records set aside: tried again, or put away.

use serde::Serialize;

use super::import::Setup;
use crate::error::{Error, Kind, Result};
use crate::state::State;
use crate::state::links::Linked;
use crate::state::parked::Parked;

/// What became of a parked record that a person wants tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Retried {
    /// It could not be delivered; the next run tries.
    NextRun,
    /// It could not be read; that is tried when the shop is read next.
    NextReading,
    /// Its target is not in the configuration any more.
    NoTarget,
}

/// The parked records that a person means: those with these keys, or all that were not put away.
///
/// # Errors
/// [`Kind::Unknown`] for a key that nothing is parked under.
pub fn chosen(state: &State, keys: &[String]) -> Result<Vec<Parked>> {
    let mut parked = state.parked()?;
    if keys.is_empty() {
        parked.retain(|record| !record.dismissed);
        return Ok(parked);
    }
    if let Some(unknown) = keys
        .iter()
        .find(|key| !parked.iter().any(|record| record.key == **key))
    {
        let cause = format!("nothing is parked under the key {unknown}");
        return Err(Error::new(Kind::Unknown, "choosing parked records", cause)
            .with_hint("`shoptet-sync parked --dismissed` lists every key"));
    }
    parked.retain(|record| keys.contains(&record.key));
    Ok(parked)
}

/// Has records tried again. They stay in the list until that went well. Of those that a person named (`named`), an
/// order that was perhaps made is believed not to be there: whoever named it has looked.
///
/// # Errors
/// When the state cannot be written.
pub fn retry(
    state: &State,
    setup: &Setup,
    records: Vec<Parked>,
    named: bool,
) -> Result<Vec<(Parked, Retried)>> {
    state.transaction(|state| {
        records
            .into_iter()
            .map(|record| {
                state.set_dismissed(&record, false)?;
                Ok((record.clone(), retry_one(state, setup, &record, named)?))
            })
            .collect()
    })
}

fn retry_one(state: &State, setup: &Setup, record: &Parked, named: bool) -> Result<Retried> {
    if record.target.is_empty() {
        return Ok(Retried::NextReading);
    }
    let is_configured = setup
        .targets
        .iter()
        .any(|(target, _)| target.name == record.target);
    let (true, Some(target)) = (is_configured, state.known_target(&record.target)?) else {
        return Ok(Retried::NoTarget);
    };
    let Some(contact) = record.contact else {
        return Ok(Retried::NextReading);
    };
    // Its order may have moved to another contact since: it is due where it is now.
    let order = match state.shops()?.iter().find(|shop| shop.name == record.shop) {
        Some(shop) => {
            let code = record.key.strip_prefix(&format!("{}:", shop.name));
            state.order(shop.id, code.unwrap_or(&record.key))?
        }
        None => None,
    };
    if let Some(order) = order.as_ref().filter(|_| named) {
        state.give_up_intention(target, Linked::Order(order.id))?;
    }
    let contact = state.survivor(order.as_ref().map_or(contact, |order| order.contact))?;
    state.make_due(&[target], contact, order.map(|order| order.id))?;
    Ok(Retried::NextRun)
}

/// Puts records away: they are no longer listed, and no longer a reason for exit code 3, until they
/// are refused for another reason.
///
/// # Errors
/// When the state cannot be written.
pub fn dismiss(state: &State, records: &[Parked]) -> Result<()> {
    state.transaction(|state| {
        records
            .iter()
            .try_for_each(|record| state.set_dismissed(record, true))
    })
}
