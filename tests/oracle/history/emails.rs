//! Who has an e-mail.

use super::History;

/// Who has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Nobody,
    Somebody(usize),
    Several,
}

/// Who logs in with it, or did: the contact, whether it does now, and the days it is known for.
struct LogIn {
    /// `None`: a customer who has no contact yet.
    contact: Option<usize>,
    is_now: bool,
    first: u32,
    last: u32,
}

impl History {
    /// Who has an e-mail, for an order placed on a day.
    pub(super) fn owner(&self, group: &str, email: &str, placed: u32) -> Owner {
        match who_had(&self.log_ins(group, email, None), Some(placed)) {
            Some(Who::Contact(contact)) => Owner::Somebody(contact.unwrap()),
            Some(Who::Several) => Owner::Several,
            None => match self.first_seen(group, email, |_| true) {
                Some(contact) => Owner::Somebody(contact),
                None => Owner::Nobody,
            },
        }
    }

    /// In the order of the contacts' keys.
    fn log_ins(&self, group: &str, email: &str, newcomer: Option<usize>) -> Vec<LogIn> {
        let mut found = Vec::new();
        for (place, known) in self.customers.iter().enumerate() {
            let is_here = self.group_of(known.record.shop) == group;
            let counts = match known.contact {
                Some(contact) => !self.contacts[contact].is_erased,
                None => newcomer == Some(place),
            };
            if let (true, true, Some((first, last))) = (is_here, counts, known.had.get(email)) {
                found.push(LogIn {
                    contact: known.contact,
                    is_now: !known.is_gone && known.record.log_ins().any(|log_in| log_in == email),
                    first: *first,
                    last: *last,
                });
            }
        }
        found.sort_by_key(|log_in| log_in.contact.map(|contact| &self.contacts[contact].key));
        found
    }

    /// The contact on whose orders it was seen first.
    fn first_seen(&self, group: &str, email: &str, among: impl Fn(usize) -> bool) -> Option<usize> {
        let people = self.people(group).into_iter().filter(|contact| among(*contact));
        let seen = people.filter_map(|contact| Some((self.seen(contact, email)?, contact)));
        seen.min_by_key(|(day, _)| *day).map(|(_, contact)| contact)
    }

    pub(super) fn seen(&self, contact: usize, email: &str) -> Option<u32> {
        self.contacts[contact].seen.get(email).copied()
    }

    /// Everybody who turns out to be one by an e-mail.
    pub(super) fn settle_emails(&mut self) {
        let mut emails: Vec<&'static str> = self
            .customers
            .iter()
            .flat_map(|customer| customer.had.keys().copied())
            .chain(
                self.contacts
                    .iter()
                    .flat_map(|contact| contact.seen.keys().copied()),
            )
            .collect();
        emails.sort_unstable();
        emails.dedup();
        for group in self.groups() {
            for email in &emails {
                self.settle_email(group, email);
            }
        }
    }

    fn settle_email(&mut self, group: &'static str, email: &'static str) {
        let unions = self.unions(group, email);
        for union in &unions {
            let contacts: Vec<usize> = union
                .iter()
                .filter_map(|member| self.customers[*member].contact)
                .collect();
            contacts.into_iter().reduce(|one, other| self.join(one, other));
        }
        let owner = match unions.as_slice() {
            [union] => self.customers[union[0]].contact,
            [] => match who_had(&self.log_ins(group, email, None), None) {
                Some(Who::Contact(contact)) => contact,
                Some(Who::Several) => None,
                // A customer whose orders it stands on comes before any guest.
                None => self
                    .first_seen(group, email, |contact| !self.is_guest(contact))
                    .or_else(|| self.first_seen(group, email, |_| true)),
            },
            _ => None,
        };
        let Some(mut owner) = owner else { return };
        for guest in self.guests_who_are(Some(owner), None, group, email) {
            owner = self.join(guest, owner);
        }
    }

    /// The guests who are the one that has an e-mail: a contact, or a customer who has none yet.
    pub(super) fn guests_who_are(
        &self,
        owner: Option<usize>,
        newcomer: Option<usize>,
        group: &str,
        email: &str,
    ) -> Vec<usize> {
        let may_be = |contacts: Vec<usize>| {
            let mut found: Vec<usize> = Vec::new();
            for contact in contacts {
                let are_two = match newcomer {
                    Some(customer) => self
                        .customers_of(contact)
                        .any(|known| super::contacts::were_together(known, &self.customers[customer])),
                    None => owner.is_some_and(|owner| self.are_two(owner, contact)),
                };
                if Some(contact) != owner && self.is_guest(contact) && !are_two && !found.contains(&contact) {
                    found.push(contact);
                }
            }
            self.can_be_one(&found)
        };
        let mut log_ins = self.log_ins(group, email, newcomer);
        let former = may_be(log_ins.iter().filter_map(|log_in| log_in.contact).collect());
        for log_in in &mut log_ins {
            if log_in.contact.is_some_and(|contact| former.contains(&contact)) {
                log_in.contact = owner;
            }
        }
        let mut found = former;
        for contact in self.people(group) {
            let Some(day) = self.seen(contact, email) else {
                continue;
            };
            let was_the_owners = match who_had(&log_ins, Some(day)) {
                None => true,
                Some(Who::Contact(contact)) => contact == owner,
                Some(Who::Several) => false,
            };
            let has_log_in = self
                .customers_of(contact)
                .any(|known| known.had.contains_key(email));
            if was_the_owners && !has_log_in {
                found.push(contact);
            }
        }
        may_be(found)
    }
}

enum Who {
    /// `None`: the customer who has no contact yet.
    Contact(Option<usize>),
    Several,
}

/// Who logged in with it on a day, or does now, or did last.
fn who_had(log_ins: &[LogIn], placed: Option<u32>) -> Option<Who> {
    let mut now = log_ins
        .iter()
        .filter(|log_in| log_in.is_now)
        .map(|log_in| log_in.contact);
    let holder = now.next();
    if now.any(|other| Some(other) != holder) {
        return Some(Who::Several);
    }
    let past: Vec<&LogIn> = log_ins
        .iter()
        .filter(|log_in| !log_in.is_now && Some(log_in.contact) != holder)
        .collect();
    let still_had_it = |log_in: &LogIn| placed.is_some_and(|placed| placed <= log_in.last);
    if let Some(lost) = past
        .iter()
        .filter(|log_in| still_had_it(log_in))
        .min_by_key(|log_in| log_in.last)
    {
        let had_it_too = |other: &LogIn| {
            other.contact != lost.contact && other.first <= lost.last && (other.is_now || still_had_it(other))
        };
        return Some(if log_ins.iter().any(had_it_too) {
            Who::Several
        } else {
            Who::Contact(lost.contact)
        });
    }
    if let Some(holder) = holder {
        return Some(Who::Contact(holder));
    }
    let last = past.iter().map(|log_in| log_in.last).max()?;
    let mut last_ones = past
        .iter()
        .filter(|log_in| log_in.last == last)
        .map(|log_in| log_in.contact);
    let one = last_ones.next()?;
    Some(if last_ones.any(|other| other != one) {
        Who::Several
    } else {
        Who::Contact(one)
    })
}
