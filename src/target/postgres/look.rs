//! Contacts looked for: by the record the ID map names, else by key, else by e-mail. A whole batch of questions
//! is asked at once.

use std::collections::{BTreeSet, HashMap};

use super::by_email::ByEmail;
use super::contacts::{Field, read};
use super::session::Session;
use super::tables::Names;
use crate::error::Result;
use crate::model::{Ask, Candidate, Look, Shown};

/// More records of one e-mail than this are not worth naming.
const CANDIDATES: usize = 20;

/// Answers each question, in their order.
///
/// # Errors
/// When the server does not answer.
pub async fn look(
    session: &mut Session,
    names: &Names,
    fields: &[Field],
    by_email: Option<&mut ByEmail>,
    asks: &[Ask],
) -> Result<Vec<Look>> {
    let direct = read(session, names, fields, asks.iter().filter_map(named).collect()).await?;
    let mut looks: Vec<Option<Look>> = asks.iter().map(|ask| by_name(ask, &direct)).collect();
    let absent = |look: Option<Look>| look.unwrap_or(Look::Absent);
    let Some(by_email) = by_email else {
        return Ok(looks.into_iter().map(absent).collect());
    };
    let open = || asks.iter().zip(&looks).filter(|(_, look)| look.is_none());
    let emails: BTreeSet<&String> = open().flat_map(|(ask, _)| &ask.emails).collect();
    if emails.is_empty() {
        return Ok(looks.into_iter().map(absent).collect());
    }
    let keys = by_email.keys(session, emails).await?;
    let found: Vec<Vec<&String>> = open().map(|(ask, _)| candidates(ask, &keys)).collect();
    let single: BTreeSet<&String> = found
        .iter()
        .filter(|keys| keys.len() == 1)
        .flatten()
        .copied()
        .collect();
    let shown = read(session, names, fields, single.into_iter().collect()).await?;
    let mut found = found.into_iter();
    for look in looks.iter_mut().filter(|look| look.is_none()) {
        *look = Some(match found.next().unwrap_or_default().as_slice() {
            [] => Look::Absent,
            [one] => shown.get(*one).cloned().map_or(Look::Absent, Look::Found),
            several => Look::Ambiguous(
                several
                    .iter()
                    .take(CANDIDATES)
                    .map(|key| candidate(key))
                    .collect(),
            ),
        });
    }
    Ok(looks.into_iter().map(absent).collect())
}

/// The record to read before any e-mail is looked for.
fn named(ask: &Ask) -> Option<&String> {
    match &ask.remote_id {
        Some(record) => Some(record),
        None => Some(&ask.key).filter(|key| !ask.not_these.contains(key)),
    }
}

/// The answer that needs no e-mail; `None` while the question is open.
fn by_name(ask: &Ask, direct: &HashMap<String, Shown>) -> Option<Look> {
    let shown = named(ask).and_then(|record| direct.get(record));
    match shown {
        Some(shown) => Some(Look::Found(shown.clone())),
        None => (ask.remote_id.is_some() || ask.emails.is_empty()).then_some(Look::Absent),
    }
}

/// The records that the first of the e-mails leads to that leads to any.
fn candidates<'a>(ask: &Ask, keys: &'a HashMap<String, BTreeSet<String>>) -> Vec<&'a String> {
    let free = |email: &String| {
        let found = keys.get(email).into_iter().flatten();
        found
            .filter(|key| !ask.not_these.contains(key))
            .collect::<Vec<_>>()
    };
    ask.emails
        .iter()
        .map(free)
        .find(|keys| !keys.is_empty())
        .unwrap_or_default()
}

fn candidate(key: &str) -> Candidate {
    Candidate {
        remote_id: key.to_owned(),
        found_by: "email".to_owned(),
    }
}
