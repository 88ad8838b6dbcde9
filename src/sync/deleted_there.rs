//! Records that somebody deleted in a target: they come again, whether or not there is news of them.
//!
//! A run of changes looks only at what it has to tell, and so never misses the others. A complete one
//! compares what the ID map says is delivered with what the target holds: identifiers only.

use super::target::TargetInRun;
use crate::error::Result;
use crate::state::State;
use crate::state::links::Linked;
use crate::target::{Of, Target};

/// Identifiers that are asked for at once.
const PAGE: usize = 5_000;

/// Records that are noted as due in one transaction.
const TOGETHER: usize = 200;

/// What is not there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NotThere {
    /// How many contacts.
    pub contacts: usize,
    /// How many orders.
    pub orders: usize,
}

impl NotThere {
    /// A sentence for a person; `None` when everything is there.
    pub fn told(self, target: &str) -> Option<String> {
        let count = |count: usize, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {many}")),
        };
        let counts = [
            count(self.contacts, "contact", "contacts"),
            count(self.orders, "order", "orders"),
        ];
        let counts: Vec<String> = counts.into_iter().flatten().collect();
        let what = counts.join(" and ");
        let verbs = match self.contacts.saturating_add(self.orders) {
            1 => ("was", "comes"),
            _ => ("were", "come"),
        };
        (!what.is_empty()).then(|| {
            format!(
                "{what} {} deleted in {target} by somebody, and {} again",
                verbs.0, verbs.1
            )
        })
    }
}

/// Makes due what was delivered to a target and is not there any more. What a target cannot list is taken to be
/// there.
///
/// # Errors
/// When the target does not answer, or the state cannot be written.
pub async fn make_due(
    state: &State,
    target: &TargetInRun,
    number: i64,
    remote: &mut dyn Target,
) -> Result<NotThere> {
    state.begin_noting_records(number)?;
    let mut is_listed = [true; 2];
    for (of, is_listed) in [Of::Contacts, Of::Orders].into_iter().zip(&mut is_listed) {
        let mut after = String::new();
        loop {
            let Some(page) = remote.records_after(of, &after, PAGE).await? else {
                *is_listed = false;
                break;
            };
            let Some(last) = page.last() else { break };
            match of {
                Of::Contacts => state.note_contacts_there(number, &page)?,
                Of::Orders => state.note_orders_there(number, &page)?,
            }
            after.clone_from(last);
        }
    }
    let name = &target.settings.name;
    let mut contacts = Vec::new();
    if is_listed[0] {
        for contact in state.contacts_not_there(number, name)? {
            let record = state.delivered(number, contact)?;
            if record.is_none_or(|(record, _)| remote.is_listed(&record)) {
                contacts.push(contact);
            }
        }
    }
    let orders = match is_listed[1] {
        true => state.orders_not_there(number, name)?,
        false => Vec::new(),
    };
    state.end_noting_records(number)?;
    for some in contacts.chunks(TOGETHER) {
        state.transaction(|state| {
            some.iter().try_for_each(|contact| {
                state.doubt_link(number, Linked::Contact(*contact))?;
                state.make_due(&[number], *contact, None)
            })
        })?;
    }
    for some in orders.chunks(TOGETHER) {
        state.transaction(|state| {
            some.iter().try_for_each(|order| {
                state.doubt_link(number, Linked::Order(order.id))?;
                state.make_due(&[number], order.contact, Some(order.id))
            })
        })?;
    }
    Ok(NotThere {
        contacts: contacts.len(),
        orders: orders.len(),
    })
}
