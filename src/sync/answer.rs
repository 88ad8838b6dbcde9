//! A person's answer to an ambiguous match, taken down for the next run.

use super::import::Setup;
use super::target::TargetInRun;
use crate::error::{Error, Kind, Result};
use crate::model::{Ask, Look};
use crate::state::State;
use crate::state::contacts::ContactRow;

/// What `link` took down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Linked {
    /// The answer; the next run acts on it.
    Noted,
    /// It has this very record already.
    Already,
}

/// Notes which record of a target a contact is; `None`: none of those that were found.
///
/// # Errors
/// [`Kind::Unknown`] for a target or a record that does not exist, [`Kind::Configuration`] for a
/// record that is another contact's and for a contact that has a record already; or when the target
/// does not answer.
pub async fn link(
    state: &State,
    setup: &Setup,
    contact: i64,
    target: &str,
    record: Option<&str>,
) -> Result<Linked> {
    let targets = TargetInRun::all(&setup.targets)?;
    let Some(target) = targets.iter().find(|known| known.settings.name == target) else {
        let names: Vec<&str> = targets.iter().map(|known| known.settings.name.as_str()).collect();
        let cause = format!("there is no target `{target}`");
        let hint = format!("the configuration has {}", names.join(", "));
        return Err(Error::new(Kind::Unknown, "linking a contact", cause).with_hint(hint));
    };
    let name = &target.settings.name;
    let number = state.target(name)?;
    let row = state
        .contact(contact)?
        .ok_or_else(|| Error::new(Kind::Database, "linking a contact", "it is not in the state"))?;
    match (state.key_of_delivered(number, contact)?, record) {
        (Some(known), Some(record)) if known == record => return Ok(Linked::Already),
        (Some(known), _) if !is_gone(state, setup, target, &row, &known).await? => {
            let cause = format!("{} has the record {known} there already", row.key);
            return Err(
                Error::new(Kind::Configuration, format!("linking a contact in {name}"), cause).with_hint(
                    "an answer is for contacts without a record: those that `shoptet-sync parked` lists",
                ),
            );
        }
        (Some(_), _) | (None, _) => {}
    }
    if let Some(record) = record {
        refuse_a_wrong_record(state, setup, target, number, &row, record).await?;
    }
    state.transaction(|state| {
        state.remove_link(number, crate::state::links::Linked::Contact(contact))?;
        state.answer(number, contact, record)?;
        state.unpark("contact", "", &row.key, name)?;
        state.make_due(&[number], contact, None)?;
        state.make_orders_due(&[number], contact)
    })?;
    Ok(Linked::Noted)
}

/// Whether the record that a contact has is not there any more: deleted, or merged into another one.
async fn is_gone(
    state: &State,
    setup: &Setup,
    target: &TargetInRun,
    row: &ContactRow,
    record: &str,
) -> Result<bool> {
    Ok(match look_at(state, setup, target, row, record).await? {
        Look::Found(shown) => shown.remote_id != record,
        Look::Gone | Look::Absent => true,
        Look::Ambiguous(_) | Look::Perhaps(_) => false,
    })
}

/// What a target shows of a record.
async fn look_at(
    state: &State,
    setup: &Setup,
    target: &TargetInRun,
    row: &ContactRow,
    record: &str,
) -> Result<Look> {
    let mut remote = target.connect(&setup.state_dir, &state.id()?);
    remote.open_to_look().await?;
    let ask = Ask {
        key: row.key.clone(),
        remote_id: Some(record.to_owned()),
        ..Ask::default()
    };
    remote.look(&[ask]).await?.pop().unwrap_or(Ok(Look::Absent))
}

async fn refuse_a_wrong_record(
    state: &State,
    setup: &Setup,
    target: &TargetInRun,
    number: i64,
    row: &ContactRow,
    record: &str,
) -> Result<()> {
    let name = &target.settings.name;
    let doing = || format!("linking a contact in {name}");
    if let Some(owner) = state.contact_of_record(number, record)? {
        let owner = state.contact(owner)?.map(|owner| owner.key).unwrap_or_default();
        let cause = format!("the record {record} is that of {owner}");
        return Err(Error::new(Kind::Configuration, doing(), cause)
            .with_hint("one record is one contact's: name another one, or --new for a record of its own"));
    }
    match look_at(state, setup, target, row, record).await? {
        Look::Found(_) => Ok(()),
        _ => Err(
            Error::new(Kind::Unknown, doing(), format!("there is no record {record}"))
                .with_hint("name a record as the target itself calls it"),
        ),
    }
}
