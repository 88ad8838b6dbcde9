//! Who has which e-mail, in memory: for a load in which nothing is known yet but what it brings.
//!
//! Sixteen bytes an e-mail. E-mails are 64-bit hashes already, so the table does not hash again.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::identity::{ContactId, EmailOwner};

/// A hasher for keys that are hashes.
#[derive(Debug, Default)]
pub struct AlreadyHashed(u64);

impl Hasher for AlreadyHashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// Contacts of one load number from 1 and fit 32 bits: four thousand million people are no shop.
#[derive(Debug, Clone, Copy)]
struct Holder {
    contact: u32,
    tie: Tie,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tie {
    LogIn,
    Several,
    Guest,
}

/// A second customer claims an e-mail that is a log-in already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The e-mail.
    pub email: u64,
    /// Who had it first in this load.
    pub holder: ContactId,
    /// Who claims it as well.
    pub claimant: ContactId,
}

/// The index of one group of shops.
#[derive(Debug, Default)]
pub struct PeopleIndex {
    holders: HashMap<u64, Holder, BuildHasherDefault<AlreadyHashed>>,
    survivors: HashMap<u32, u32>,
}

impl PeopleIndex {
    /// A customer logs in with this e-mail. A claim is to be settled by the caller once all
    /// customers are known: [`PeopleIndex::unite`] or [`PeopleIndex::several`].
    pub fn log_in(&mut self, email: u64, contact: ContactId) -> Option<Claim> {
        let contact = narrow(contact);
        let known = self.holders.entry(email).or_insert(Holder {
            contact,
            tie: Tie::LogIn,
        });
        (known.contact != contact).then(|| Claim {
            email,
            holder: i64::from(known.contact),
            claimant: i64::from(contact),
        })
    }

    /// Two contacts are one; `into` stands for both.
    pub fn unite(&mut self, from: ContactId, into: ContactId) {
        self.survivors.insert(narrow(from), narrow(into));
    }

    /// The e-mail is a log-in of several customers that are not one contact.
    pub fn several(&mut self, email: u64) {
        if let Some(holder) = self.holders.get_mut(&email) {
            holder.tie = Tie::Several;
        }
    }

    /// A guest contact is known by this e-mail.
    pub fn guest(&mut self, email: u64, contact: ContactId) {
        self.holders.insert(
            email,
            Holder {
                contact: narrow(contact),
                tie: Tie::Guest,
            },
        );
    }

    /// Who has it.
    pub fn owner(&self, email: u64) -> EmailOwner {
        match self.holders.get(&email) {
            None => EmailOwner::Nobody,
            Some(holder) => match holder.tie {
                Tie::LogIn => EmailOwner::LogIn(self.survivor(i64::from(holder.contact))),
                Tie::Guest => EmailOwner::Seen(self.survivor(i64::from(holder.contact))),
                Tie::Several => EmailOwner::Several,
            },
        }
    }

    /// Who stands for a contact now.
    pub fn survivor(&self, contact: ContactId) -> ContactId {
        let mut current = narrow(contact);
        while let Some(next) = self.survivors.get(&current) {
            current = *next;
        }
        i64::from(current)
    }
}

fn narrow(contact: ContactId) -> u32 {
    u32::try_from(contact).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_settled_by_the_caller() {
        let mut people = PeopleIndex::default();
        assert_eq!(people.log_in(7, 1), None);
        assert_eq!(people.log_in(7, 1), None, "the same customer twice");
        assert_eq!(
            people.log_in(7, 2),
            Some(Claim {
                email: 7,
                holder: 1,
                claimant: 2
            })
        );
        people.unite(2, 1);
        assert_eq!(people.owner(7), EmailOwner::LogIn(1));
        assert_eq!(people.survivor(2), 1);
        people.several(7);
        assert_eq!(people.owner(7), EmailOwner::Several);
        assert_eq!(people.owner(8), EmailOwner::Nobody);
    }
}
