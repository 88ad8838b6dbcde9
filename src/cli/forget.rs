//! `forget`: a person is taken out everywhere, and never imported again.

use std::path::Path;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::asked::Asked;
use super::output::{Stdout, counted, print};
use super::question;
use super::setup;
use crate::daemon::control::Work;
use crate::error::{Error, Kind, Result};
use crate::state::State;
use crate::sync::forget::{Forgotten, ForgottenThere, Whom, look_for};
use crate::sync::import::Setup;

/// The arguments of `forget`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub struct ForgetArguments {
    /// The person: an e-mail, a customer's guid, an order code or a contact key; they need not be known
    pub who: String,
    /// All people of a customer with several log-ins, not only the one that is named
    #[arg(long)]
    pub whole: bool,
    /// End it: the person is imported again when the shop is next read in full
    #[arg(long, conflicts_with = "whole")]
    pub lift: bool,
    /// Do not ask whether it is meant
    #[arg(long)]
    pub yes: bool,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

/// A code or a guid with a slip in it looks like any other: who typed it takes the person for forgotten.
const NOBODY_WAS_TAKEN_OUT: &str = "ATTENTION: nobody known was taken out. No order, customer or contact here has this code, guid or key: \
     look whether it is typed as the shop writes it, or name the person's e-mail";

#[derive(Serialize)]
struct Lifted {
    /// How many people are imported again.
    lifted: usize,
}

/// Forgets, here or in the daemon, once it is certain that it is meant.
///
/// # Errors
/// When it is not confirmed, it is not clear who is meant, or nothing could be done.
pub async fn run(arguments: &ForgetArguments, config: Option<&Path>, stdout: Stdout<'_>) -> Result<u8> {
    let config = setup::load(config)?;
    if !arguments.lift && !arguments.yes && !is_confirmed(arguments, &setup::setup(&config))? {
        return Err(
            Error::new(Kind::Configuration, "forgetting a person", "it was not confirmed")
                .with_hint("nothing was changed"),
        );
    }
    Asked::Forget(arguments.clone())
        .here_or_there(&config, stdout)
        .await
}

/// Forgets with an engine that is open.
///
/// # Errors
/// When it is not clear who is meant, or nothing could be done.
pub async fn carry_out(arguments: &ForgetArguments, work: Work<'_>) -> Result<u8> {
    let engine = work.engine;
    if arguments.lift {
        let lifted = engine.lift(&arguments.who).await?;
        print(work.out, arguments.json, &Lifted { lifted }, |out| {
            writeln!(
                out,
                "{} longer suppressed; `shoptet-sync import` brings back what the shop still has",
                counted(lifted as u64, "person is no", "people are no")
            )
        })?;
        return Ok(0);
    }
    let forgotten = engine
        .forget(&arguments.who, arguments.whole, work.progress)
        .await?;
    let is_email = arguments.who.contains('@');
    print(work.out, arguments.json, &forgotten, |out| {
        in_words(&forgotten, is_email, out)
    })?;
    Ok(forgotten.exit_code())
}

fn is_confirmed(arguments: &ForgetArguments, setup: &Setup) -> Result<bool> {
    let doing = "forgetting a person";
    if !question::somebody_is_there() {
        let cause = "it cannot be taken back, and there is nobody to ask";
        return Err(Error::new(Kind::Configuration, doing, cause).with_hint("say --yes if it is meant"));
    }
    let state = match State::require(&setup.state_dir) {
        Ok(()) => Some(State::open_to_read(&setup.state_dir)?),
        Err(_) => None,
    };
    let whom = look_for(state.as_ref(), &setup.shops, &arguments.who, arguments.whole)?;
    question::is_agreed(&about(&whom), "This cannot be taken back. Go on?", doing)
}

/// What is about to be done, for whoever has to confirm it. The contact's key stands for the person.
fn about(whom: &Whom) -> String {
    if whom.contacts.is_empty() {
        return "Nobody is known by this; whoever it is will never be imported.".to_owned();
    }
    let one = |person: &crate::sync::forget::Person| {
        let orders = counted(person.orders, "order", "orders");
        match person.whole {
            true => format!("{} with {orders}", person.key),
            false => format!("one person of {} with {orders}", person.key),
        }
    };
    let all: Vec<String> = whom.contacts.iter().map(one).collect();
    format!("About to forget {}, here and in every target.", all.join(" and "))
}

fn in_words(forgotten: &Forgotten, is_email: bool, out: Stdout<'_>) -> std::io::Result<()> {
    match (forgotten.contacts.is_empty(), is_email) {
        (true, true) => writeln!(out, "nobody is known by this")?,
        (true, false) => writeln!(out, "{NOBODY_WAS_TAKEN_OUT}")?,
        (false, _) => {}
    }
    for contact in &forgotten.contacts {
        let orders = counted(contact.orders, "order", "orders");
        let who = if contact.whole { "" } else { "one person of " };
        writeln!(out, "forgot {who}{} with {orders}", contact.key)?;
    }
    for there in &forgotten.targets {
        tell_there(there, out)?;
    }
    if !forgotten.downloads.is_empty() {
        writeln!(
            out,
            "downloads discarded, they are fetched again when they are needed: {}",
            forgotten.downloads.join(", ")
        )?;
    }
    match forgotten.hashes {
        0 => writeln!(out, "was suppressed before, and stays so"),
        hashes => writeln!(
            out,
            "will not be imported again: {} in suppressed.db",
            counted(hashes as u64, "keyed hash more", "keyed hashes more")
        ),
    }
}

fn tell_there(there: &ForgottenThere, out: Stdout<'_>) -> std::io::Result<()> {
    let mut done = Vec::new();
    if there.emptied > 0 {
        done.push(counted(there.emptied, "record emptied", "records emptied"));
    }
    if there.orders > 0 {
        done.push(counted(
            there.orders,
            "order stays as figures",
            "orders stay as figures",
        ));
    }
    if there.rewritten > 0 {
        let (one, several) = ("record lost what was theirs", "records lost what was theirs");
        done.push(counted(there.rewritten, one, several));
    }
    if done.is_empty() && there.failed.is_none() && there.by_hand.is_empty() {
        done.push("nothing was there".to_owned());
    }
    if !done.is_empty() {
        writeln!(out, "target {}: {}", there.target, done.join(", "))?;
    }
    for by_hand in &there.by_hand {
        writeln!(out, "target {}, to be done by hand: {by_hand}", there.target)?;
    }
    if let Some(failed) = &there.failed {
        writeln!(
            out,
            "not done in {}, the next run tries again: {failed}",
            there.target
        )?;
    }
    Ok(())
}
