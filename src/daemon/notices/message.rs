//! What is told: one JSON object, the same by webhook and by command.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::incidents::Incident;
use super::outcome::{Outcome, Part};
use crate::config::Notice;

/// One notice. Every field is always there; README describes them.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Message {
    event: &'static str,
    what: String,
    since: Timestamp,
    time: Timestamp,
    cause: Option<String>,
    hint: Option<String>,
    needs_person: bool,
    counts: Value,
    version: &'static str,
    /// The same for people. Chat services show the field of this name.
    text: String,
}

impl Message {
    /// An incident begins or ends.
    pub(super) fn of_incident(part: &Part, incident: &Incident, notice: Notice) -> Self {
        let (since, failure) = (incident.since, &incident.failure);
        let moment = since.strftime("%Y-%m-%d %H:%M UTC");
        let has_ended = notice == Notice::Recovery;
        let (event, text) = if has_ended {
            let text = format!("{part} works again; it failed since {moment}: {}", failure.cause);
            ("recovery", text)
        } else {
            let text = format!(
                "{part} fails since {moment}: {} ({})",
                failure.cause, failure.hint
            );
            ("failure", text)
        };
        Self {
            event,
            what: part.to_string(),
            since,
            time: incident.ended_at.unwrap_or(since),
            cause: Some(failure.cause.clone()),
            hint: (!has_ended).then(|| failure.hint.clone()),
            needs_person: !has_ended && failure.needs_person,
            counts: incident.counts.clone(),
            version: env!("CARGO_PKG_VERSION"),
            text: signed(&text),
        }
    }

    /// A run is over.
    pub(super) fn of_run(outcome: &Outcome) -> Self {
        let failed = || {
            let parts = outcome.parts.iter();
            parts.filter_map(|(part, failure)| failure.as_ref().map(|failure| (part, failure)))
        };
        let joined = |sentences: Vec<String>| (!sentences.is_empty()).then(|| sentences.join("; "));
        let cause = joined(
            failed()
                .map(|(part, failure)| format!("{part}: {}", failure.cause))
                .collect(),
        );
        let text = match &cause {
            Some(cause) => format!("{} failed: {cause}", outcome.run),
            None => format!("{} is done", outcome.run),
        };
        Self {
            event: "run",
            what: outcome.run.clone(),
            since: outcome.began_at,
            time: outcome.ended_at,
            cause,
            hint: joined(failed().map(|(_, failure)| failure.hint.clone()).collect()),
            needs_person: failed().any(|(_, failure)| failure.needs_person),
            counts: outcome.counts.clone(),
            version: env!("CARGO_PKG_VERSION"),
            text: signed(&text),
        }
    }

    pub(super) fn to_json(&self) -> String {
        // Every key is text and every value JSON already: there is nothing here that could fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// A chat has other senders.
fn signed(text: &str) -> String {
    format!("shoptet-sync: {text}")
}
