//! Who logs in with the same e-mail in several shops of a group is one contact.
//!
//! During a build every customer begins as a contact of its own; the e-mails that several of them
//! log in with are settled afterwards, as if the customers had registered one after the other. So
//! the order of the documents does not matter, and the older registration gives the key.

use std::collections::HashMap;

use crate::error::Result;
use crate::merge::identity::ContactId;
use crate::merge::index::{Claim, PeopleIndex};
use crate::state::State;

/// More holders of one e-mail than this need not be told apart: it stays ambiguous.
const SEVERAL: usize = 4;

/// A customer that shares a log-in.
struct Sharer {
    /// Registration, then guid, then shop: its age.
    age: (i64, String, i64),
    contact: ContactId,
    emails: Vec<u64>,
}

/// Merges who is one, and tells the index which e-mails stay ambiguous.
///
/// # Errors
/// When the state cannot be read or written.
pub fn settle(state: &State, people: &mut PeopleIndex, claims: Vec<Claim>) -> Result<()> {
    let mut holders: HashMap<u64, Vec<ContactId>> = HashMap::new();
    let mut shops: HashMap<ContactId, Vec<i64>> = HashMap::new();
    let mut ages: HashMap<ContactId, usize> = HashMap::new();
    for (age, sharer) in by_age(state, claims)?.into_iter().enumerate() {
        ages.insert(sharer.contact, age);
        shops.insert(sharer.contact, vec![sharer.age.2]);
        let mut others = Vec::new();
        for email in &sharer.emails {
            if let [one] = distinct(people, holders.get(email)).as_slice() {
                others.push(*one);
            }
        }
        others.sort_by_key(|other| ages.get(other).copied());
        let mut mine = sharer.contact;
        for other in others
            .into_iter()
            .map(|other| people.survivor(other))
            .collect::<Vec<_>>()
        {
            let (theirs, ours) = (shops.get(&other), shops.get(&mine));
            let (Some(theirs), Some(ours)) = (theirs, ours) else {
                continue;
            };
            if other == mine || theirs.iter().any(|shop| ours.contains(shop)) {
                continue;
            }
            let both = [ours.as_slice(), theirs.as_slice()].concat();
            let (older, younger) = if ages.get(&other) < ages.get(&mine) {
                (other, mine)
            } else {
                (mine, other)
            };
            state.merge_contacts(younger, older)?;
            people.unite(younger, older);
            shops.insert(older, both);
            mine = older;
        }
        for email in &sharer.emails {
            let known = holders.entry(*email).or_default();
            if known.len() < SEVERAL {
                known.push(mine);
            }
        }
    }
    for (email, known) in &holders {
        if distinct(people, Some(known)).len() > 1 {
            people.several(*email);
        }
    }
    Ok(())
}

fn by_age(state: &State, claims: Vec<Claim>) -> Result<Vec<Sharer>> {
    let mut emails: HashMap<ContactId, Vec<u64>> = HashMap::new();
    for claim in claims {
        for contact in [claim.holder, claim.claimant] {
            let shared = emails.entry(contact).or_default();
            if !shared.contains(&claim.email) {
                shared.push(claim.email);
            }
        }
    }
    let mut sharers = Vec::with_capacity(emails.len());
    for (contact, emails) in emails {
        let (registered, guid, shop) = state.registration(contact)?;
        sharers.push(Sharer {
            age: (registered.unwrap_or(i64::MAX), guid, shop),
            contact,
            emails,
        });
    }
    sharers.sort_by(|one, other| one.age.cmp(&other.age));
    Ok(sharers)
}

/// The contacts that stand for these holders now, each once.
fn distinct(people: &PeopleIndex, holders: Option<&Vec<ContactId>>) -> Vec<ContactId> {
    let mut distinct: Vec<ContactId> = holders
        .into_iter()
        .flatten()
        .map(|holder| people.survivor(*holder))
        .collect();
    distinct.sort_unstable();
    distinct.dedup();
    distinct
}
