//! `link`: a person's answer to an ambiguous match.

use std::path::Path;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::asked::Asked;
use super::output::{Stdout, print};
use super::setup;
use crate::daemon::control::Work;
use crate::error::{Error, Kind, Result};
use crate::state::State;
use crate::sync::answer::{Linked, link};
use crate::sync::find::find;

/// The arguments of `link`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
#[command(override_usage = "shoptet-sync link [OPTIONS] <WHO> <TARGET> <REMOTE_ID | --new>")]
pub struct LinkArguments {
    /// The contact: an e-mail, a customer's guid, an order code or a contact key
    pub who: String,
    /// Name of the target
    pub target: String,
    /// The record that is this contact, as the target itself calls it
    #[arg(required_unless_present = "new")]
    pub remote_id: Option<String>,
    /// None of the records found: it gets one of its own
    #[arg(long, conflicts_with = "remote_id")]
    pub new: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct Answer<'a> {
    contact: &'a str,
    target: &'a str,
    /// `null`: a record of its own.
    record: Option<&'a str>,
    /// Whether it was linked to this record before.
    already: bool,
}

/// Takes the answer down.
///
/// # Errors
/// When contact, target or record are not what they seem, or another run holds the lock.
pub async fn run(arguments: &LinkArguments, config: Option<&Path>, stdout: Stdout<'_>) -> Result<u8> {
    let config = setup::load(config)?;
    State::require(&config.state_dir)?;
    Asked::Link(arguments.clone())
        .here_or_there(&config, stdout)
        .await
}

/// Takes the answer down with an engine that is open.
///
/// # Errors
/// When contact, target or record are not what they seem.
pub async fn carry_out(arguments: &LinkArguments, work: Work<'_>) -> Result<u8> {
    let (engine, state) = (work.engine, work.engine.state()?);
    let found = find(state, &arguments.who)?;
    let [contact] = found.as_slice() else {
        return Err(several(state, &found)?);
    };
    let record = arguments.remote_id.as_deref();
    let linked = link(state, &engine.setup, *contact, &arguments.target, record).await?;
    let key = state.contact(*contact)?.map(|row| row.key).unwrap_or_default();
    let answer = Answer {
        contact: &key,
        target: &arguments.target,
        record,
        already: linked == Linked::Already,
    };
    print(work.out, arguments.json, &answer, |out| match (record, linked) {
        (Some(record), Linked::Already) => {
            writeln!(
                out,
                "{key} is the record {record} in {} already",
                arguments.target
            )
        }
        (Some(record), Linked::Noted) => writeln!(
            out,
            "{key} is the record {record} in {}; the next run delivers it",
            arguments.target
        ),
        (None, _) => writeln!(
            out,
            "{key} gets a record of its own in {} with the next run",
            arguments.target
        ),
    })?;
    Ok(0)
}

fn several(state: &State, found: &[i64]) -> Result<Error> {
    let mut keys = Vec::with_capacity(found.len());
    for number in found {
        keys.extend(state.contact(*number)?.map(|row| row.key));
    }
    let cause = format!("{} contacts are meant by this: {}", keys.len(), keys.join(", "));
    Ok(Error::new(Kind::Unknown, "linking a contact", cause).with_hint("name one of them by its key"))
}
