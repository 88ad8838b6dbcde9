//! The first import: a state from nothing, in bulk.
//!
//! Nothing is known yet but what this load brings, so e-mails are looked up in memory, rows go in
//! without a journal, and indexes come after the rows. Orders that only a phone can place wait
//! until everybody's phone is known. When anything fails, the half-built file is thrown away.

use std::collections::HashMap;
use std::path::Path;

use jiff::Timestamp;

use super::intake::{CustomerIntake, OrderIntake};
use super::pull::{self, Meter, ReadFile};
use super::shop::ShopInRun;
use crate::error::{Error, Result};
use crate::merge::identity::{Clues, ContactId, EmailOwner, Known, PhoneOwner, Role, Rule, Verdict, whose};
use crate::merge::index::{Claim, PeopleIndex};
use crate::merge::key;
use crate::model::{BadRecord, OrderStatus, Reading};
use crate::source::settings::Guests;
use crate::source::{Progress, Section};
use crate::state::State;
use crate::state::orders::StoredOrder;
use crate::state::parked::Parked;
use crate::state::shops::FullReading;

/// An order whose contact is decided when all rows are in.
const UNDECIDED: ContactId = 0;

/// A state in the making.
pub struct Build<'a> {
    state: State,
    shops: &'a [ShopInRun],
    groups: Vec<Group>,
    progress: &'a dyn Progress,
    bad_records: u64,
}

/// What is known of the people of one group of shops.
#[derive(Default)]
struct Group {
    name: String,
    people: PeopleIndex,
    claims: Vec<Claim>,
    /// Guests with an e-mail that several customers log in with.
    outsiders: HashMap<u64, ContactId>,
    /// E-mails seen on orders that name their customer: the earliest of each.
    seen: HashMap<u64, (Option<i64>, ContactId)>,
}

/// A group's people while a build goes on, for the five rules.
struct KnownSoFar<'a> {
    state: &'a State,
    group: &'a Group,
    shop: i64,
}

impl Known for KnownSoFar<'_> {
    type Error = Error;

    fn customer(&self, guid: &str) -> Result<Option<ContactId>> {
        Ok(self.state.customer(self.shop, guid)?.map(|row| row.contact))
    }

    fn email(&self, email: u64, _placed_at: Option<i64>) -> Result<EmailOwner> {
        Ok(self.group.people.owner(email))
    }

    fn phone(&self, phone: u64) -> Result<PhoneOwner> {
        Ok(
            match self
                .state
                .contacts_with_phone(&self.group.name, phone)?
                .as_slice()
            {
                [] => PhoneOwner::Nobody,
                [one] => PhoneOwner::One(*one),
                _ => PhoneOwner::Several,
            },
        )
    }
}

impl<'a> Build<'a> {
    /// Begins a state in this file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(path: &Path, shops: &'a mut [ShopInRun], progress: &'a dyn Progress) -> Result<Self> {
        let state = State::build(path)?;
        let mut groups: Vec<Group> = Vec::new();
        for shop in shops.iter_mut() {
            shop.remember(&state)?;
            if !groups.iter().any(|group| group.name == shop.settings.group) {
                groups.push(Group {
                    name: shop.settings.group.clone(),
                    ..Group::default()
                });
            }
        }
        Ok(Self {
            state,
            shops,
            groups,
            progress,
            bad_records: 0,
        })
    }

    /// Loads the customers of all shops, in the order of the configuration, then settles who shares
    /// whose log-in.
    ///
    /// # Errors
    /// When a document cannot be trusted, or the state not be written.
    pub fn customers(&mut self, files: &[Option<ReadFile>]) -> Result<u64> {
        let mut read = 0;
        for (place, file) in files.iter().enumerate() {
            if let Some(file) = file {
                read += self.customers_of(place, file)?;
            }
        }
        for repeated in self.state.index_customers()? {
            self.told_twice(repeated.shop, Section::Customers, &repeated.guid)?;
            for group in &mut self.groups {
                group.people.unite(repeated.dropped, repeated.kept);
            }
        }
        if self.groups.len() < self.shops.len() {
            for (dropped, kept) in self.state.join_contacts_of_one_key()? {
                for group in &mut self.groups {
                    group.people.unite(dropped, kept);
                }
            }
        }
        for group in &mut self.groups {
            settle_claims(&self.state, group)?;
        }
        Ok(read)
    }

    fn customers_of(&mut self, place: usize, file: &ReadFile) -> Result<u64> {
        let shops = self.shops;
        let Some(shop) = shops.get(place) else {
            return Ok(0);
        };
        let mut meter = Meter::new(
            self.progress,
            format!("reading customers of {}", shop.settings.name),
        );
        let summary = pull::customers(file, shop, |batch| {
            for (reading, at) in batch {
                match reading {
                    Reading::Record(record) => {
                        self.add_customer(shop, &record)?;
                        meter.record(at);
                    }
                    Reading::Bad(bad) => park_bad(&self.state, shop, Section::Customers, &bad)?,
                }
            }
            Ok(())
        })?;
        self.bad_records += summary.bad;
        self.note(shop, Section::Customers, file, summary.records)?;
        Ok(summary.records)
    }

    fn add_customer(&mut self, shop: &ShopInRun, customer: &CustomerIntake) -> Result<()> {
        let stored = &customer.stored;
        let Some(group) = self
            .groups
            .iter_mut()
            .find(|group| group.name == shop.settings.group)
        else {
            return Ok(());
        };
        let contact = self
            .state
            .add_contact(&group.name, &key::customer(&group.name, &stored.guid))?;
        let id = self.state.add_customer(stored, contact)?;
        for email in &customer.log_ins {
            group.claims.extend(group.people.log_in(*email, contact));
            let at = (stored.created_at, Some(stored.read_at));
            self.state
                .add_email(&group.name, *email, contact, Some(id), Role::LogIn as u8, at)?;
        }
        for phone in &customer.phones {
            self.state.add_phone(&group.name, *phone, contact)?;
        }
        Ok(())
    }

    /// Loads the orders of all shops, then decides the undecided ones and finishes the state.
    ///
    /// # Errors
    /// When a document cannot be trusted, or the state not be written.
    pub fn orders(&mut self, files: &[Option<ReadFile>]) -> Result<u64> {
        let mut read = 0;
        for (place, file) in files.iter().enumerate() {
            if let Some(file) = file {
                read += self.orders_of(place, file)?;
            }
        }
        self.progress.tell("making indexes");
        tracing::debug!("order rows in the state");
        for (shop, code) in self.state.index_orders()? {
            self.told_twice(shop, Section::Orders, &code)?;
        }
        self.state.finish_rows()?;
        tracing::debug!("indexes made");
        self.give_guests_to_customers()?;
        self.decide_undecided()?;
        Ok(read)
    }

    fn orders_of(&mut self, place: usize, file: &ReadFile) -> Result<u64> {
        let shops = self.shops;
        let Some(shop) = shops.get(place) else {
            return Ok(0);
        };
        let mut meter = Meter::new(self.progress, format!("reading orders of {}", shop.settings.name));
        let mut statuses: HashMap<OrderStatus, i64> = HashMap::new();
        let summary = pull::orders(file, shop, |batch| {
            for (reading, at) in batch {
                match reading {
                    Reading::Record(record) => {
                        self.add_order(shop, record, &mut statuses)?;
                        meter.record(at);
                    }
                    Reading::Bad(bad) => park_bad(&self.state, shop, Section::Orders, &bad)?,
                }
            }
            Ok(())
        })?;
        self.bad_records += summary.bad;
        self.note(shop, Section::Orders, file, summary.records)?;
        Ok(summary.records)
    }

    fn add_order(
        &mut self,
        shop: &ShopInRun,
        intake: OrderIntake,
        statuses: &mut HashMap<OrderStatus, i64>,
    ) -> Result<()> {
        let mut stored = intake.stored;
        stored.status = match statuses.get(&intake.status) {
            Some(known) => *known,
            None => {
                let number = self.state.status(shop.id, &intake.status)?;
                statuses.insert(intake.status, number);
                number
            }
        };
        let Some(group) = self
            .groups
            .iter_mut()
            .find(|group| group.name == shop.settings.group)
        else {
            return Ok(());
        };
        let clues = clues(&stored);
        let verdict = if stored.guid.is_empty() && stored.email.is_none() {
            None
        } else {
            let verdict = whose(
                &clues,
                &KnownSoFar {
                    state: &self.state,
                    group,
                    shop: shop.id,
                },
            )?;
            // Without e-mail, and the customer it names is not known: a phone has to place it.
            (stored.email.is_some() || matches!(verdict, Verdict::Existing(..))).then_some(verdict)
        };
        let (contact, rule) = match verdict {
            None => (UNDECIDED, Rule::OwnCode),
            Some(Verdict::Existing(contact, rule)) => {
                if let (Rule::Guid, Some(email)) = (rule, stored.email) {
                    group.see(email, stored.placed_at, contact);
                }
                let rule = if rule == Rule::SeenEmail {
                    Rule::OwnEmail
                } else {
                    rule
                };
                if rule == Rule::OwnEmail
                    && let Some(phone) = stored.phone
                {
                    self.state.add_phone(&group.name, phone, contact)?;
                }
                (contact, rule)
            }
            Some(Verdict::Own(_)) if shop.settings.orders.guests == Guests::Skip => return Ok(()),
            Some(Verdict::Own(rule)) => (group.own_contact(&self.state, &stored, rule)?, rule),
        };
        self.state.add_order(&stored, contact, rule as u8)?;
        Ok(())
    }

    /// An e-mail that was seen on a customer's order is theirs: guests with it were that customer.
    fn give_guests_to_customers(&mut self) -> Result<()> {
        for group in &mut self.groups {
            let mut seen: Vec<_> = group.seen.drain().collect();
            seen.sort_unstable();
            for (email, (placed_at, customer)) in seen {
                let customer = group.people.survivor(customer);
                match group.people.owner(email) {
                    EmailOwner::LogIn(_) | EmailOwner::Several => continue,
                    EmailOwner::Seen(guest) if guest != customer => {
                        self.state.merge_contacts(guest, customer)?;
                        group.people.unite(guest, customer);
                    }
                    EmailOwner::Seen(_) | EmailOwner::Nobody => {}
                }
                let at = (placed_at, placed_at);
                self.state
                    .add_email(&group.name, email, customer, None, Role::OnOrder as u8, at)?;
            }
        }
        Ok(())
    }

    /// Orders without e-mail: now that everybody's phone is known.
    fn decide_undecided(&mut self) -> Result<()> {
        for (id, order) in self.state.clues_of_orders_on(UNDECIDED)? {
            let Some(shop) = self.shops.iter().find(|shop| shop.id == order.shop) else {
                continue;
            };
            let Some(group) = self.groups.iter().find(|group| group.name == shop.settings.group) else {
                continue;
            };
            let clues = Clues {
                phone: order.phone,
                placed_at: order.placed_at,
                ..Clues::default()
            };
            let verdict = whose(
                &clues,
                &KnownSoFar {
                    state: &self.state,
                    group,
                    shop: shop.id,
                },
            )?;
            let (contact, rule) = match verdict {
                Verdict::Existing(contact, rule) => (contact, rule),
                Verdict::Own(_) if shop.settings.orders.guests == Guests::Skip => {
                    self.state.drop_order(id)?;
                    continue;
                }
                Verdict::Own(rule) => {
                    let key = own_key(rule, &group.name, shop, &order);
                    let contact = match self.state.contact_by_key(&key)? {
                        Some(known) => known.id,
                        None => self.state.add_contact(&group.name, &key)?,
                    };
                    (contact, rule)
                }
            };
            self.state.move_order(id, contact, rule as u8)?;
        }
        Ok(())
    }

    fn told_twice(&self, shop: i64, section: Section, key: &str) -> Result<()> {
        let shop = self
            .shops
            .iter()
            .find(|known| known.id == shop)
            .map_or("", |known| &known.settings.name);
        park_repeated(&self.state, section, shop, key.to_owned())
    }

    fn note(&self, shop: &ShopInRun, section: Section, file: &ReadFile, records: u64) -> Result<()> {
        let reading = FullReading {
            read_at: file.read_at,
            finished_at: Timestamp::now(),
            source: file.source.clone(),
            records,
        };
        self.state.note_full_reading(shop.id, section.as_str(), &reading)
    }

    /// The state with all rows and indexes, still unfinished on the disk.
    pub fn into_state(self) -> State {
        self.state
    }

    /// Records that could not be understood so far.
    pub const fn bad_records(&self) -> u64 {
        self.bad_records
    }
}

impl Group {
    /// Remembers the earliest order with an e-mail that is on a customer by its guid.
    fn see(&mut self, email: u64, placed_at: Option<i64>, contact: ContactId) {
        if matches!(self.people.owner(email), EmailOwner::LogIn(_)) {
            return;
        }
        let candidate = (placed_at, contact);
        let order = |(placed_at, contact): (Option<i64>, ContactId)| (placed_at.unwrap_or(i64::MAX), contact);
        let known = self.seen.entry(email).or_insert(candidate);
        if order(candidate) < order(*known) {
            *known = candidate;
        }
    }

    /// A guest contact by e-mail; it may be there already when the e-mail is ambiguous.
    fn own_contact(&mut self, state: &State, order: &StoredOrder, rule: Rule) -> Result<ContactId> {
        let Some(email) = order.email else {
            return Ok(UNDECIDED);
        };
        if let Some(known) = self.outsiders.get(&email) {
            return Ok(*known);
        }
        let contact = state.add_contact(&self.name, &key::by_email_hash(&self.name, email))?;
        if rule == Rule::AmbiguousEmail {
            self.outsiders.insert(email, contact);
        } else {
            self.people.guest(email, contact);
            let at = (order.placed_at, order.placed_at);
            state.add_email(&self.name, email, contact, None, Role::OnOrder as u8, at)?;
        }
        if let Some(phone) = order.phone {
            state.add_phone(&self.name, phone, contact)?;
        }
        Ok(contact)
    }
}

/// Customers of different shops with the same log-in are one contact; the older registration gives
/// the key. Two customers of one shop never are.
fn settle_claims(state: &State, group: &mut Group) -> Result<()> {
    let mut claims = Vec::with_capacity(group.claims.len());
    for claim in group.claims.drain(..) {
        let since = |contact| Ok::<_, Error>(state.known_since(contact)?.unwrap_or(i64::MAX));
        let (one, other) = (since(claim.holder)?, since(claim.claimant)?);
        claims.push((one.max(other), one.min(other), claim));
    }
    claims.sort_by_key(|(younger, older, claim)| (*younger, *older, claim.holder, claim.claimant));
    for (_, _, claim) in claims {
        let (one, other) = (
            group.people.survivor(claim.holder),
            group.people.survivor(claim.claimant),
        );
        if one == other {
            continue;
        }
        if state.share_a_shop(one, other)? {
            group.people.several(claim.email);
            continue;
        }
        let (older, younger) = older_first(state, one, other)?;
        state.merge_contacts(younger, older)?;
        group.people.unite(younger, older);
    }
    Ok(())
}

/// The older of two contacts by the shop's dates, then by key.
pub(super) fn older_first(state: &State, one: ContactId, other: ContactId) -> Result<(ContactId, ContactId)> {
    let age = |contact: ContactId| -> Result<(i64, String)> {
        let since = state.known_since(contact)?.unwrap_or(i64::MAX);
        Ok((
            since,
            state.contact(contact)?.map(|row| row.key).unwrap_or_default(),
        ))
    };
    Ok(if age(one)? <= age(other)? {
        (one, other)
    } else {
        (other, one)
    })
}

/// The clues of a prepared order.
pub(super) fn clues(stored: &StoredOrder) -> Clues<'_> {
    Clues {
        guid: &stored.guid,
        email: stored.email,
        phone: stored.phone,
        placed_at: stored.placed_at,
    }
}

/// The key of an order's own guest contact.
pub(super) fn own_key(rule: Rule, group: &str, shop: &ShopInRun, order: &StoredOrder) -> String {
    match (rule, order.email, order.phone) {
        (Rule::OwnEmail | Rule::AmbiguousEmail, Some(email), _) => key::by_email_hash(group, email),
        (Rule::OwnPhone | Rule::AmbiguousPhone, _, Some(phone)) => key::by_phone(group, &format!("+{phone}")),
        _ => key::by_order(group, &shop.settings.name, &order.code),
    }
}

/// Parks a record that could not be understood.
pub(super) fn park_bad(state: &State, shop: &ShopInRun, section: Section, bad: &BadRecord) -> Result<()> {
    let reason = format!("record {}: {}", bad.position, bad.reason);
    park(state, section, &shop.settings.name, parked_key(bad), reason)
}

/// The key a bad record is parked under: its own, else its place in the document.
pub(super) fn parked_key(bad: &BadRecord) -> String {
    bad.key.clone().unwrap_or_else(|| format!("#{}", bad.position))
}

/// What the parked records of a section are called.
pub(super) const fn kind_of(section: Section) -> &'static str {
    match section {
        Section::Customers => "customer",
        Section::Orders => "order",
    }
}

/// Parks a note that a document held a record twice.
pub(super) fn park_repeated(state: &State, section: Section, shop: &str, key: String) -> Result<()> {
    park(
        state,
        section,
        shop,
        key,
        "it stands twice in the document; the later one was used".to_owned(),
    )
}

fn park(state: &State, section: Section, shop: &str, key: String, reason: String) -> Result<()> {
    state.park(&Parked {
        kind: kind_of(section).to_owned(),
        shop: shop.to_owned(),
        key,
        target: String::new(),
        contact: None,
        reason,
        since: Timestamp::now(),
        dismissed: false,
    })
}
