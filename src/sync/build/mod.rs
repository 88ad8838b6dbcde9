//! The first import: a state from nothing, in bulk.
//!
//! Nothing is known yet but what this load brings, so e-mails are looked up in memory, rows go in
//! without a journal, and indexes come after the rows. Orders that only a phone can place wait
//! until everybody's phone is known. When anything fails, the half-built file is thrown away.

mod group;
mod undecided;

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use jiff::Timestamp;

use crate::error::Result;
use crate::merge::identity::{Clues, EmailOwner, Role, Rule, Verdict, whose};
use crate::merge::key;
use crate::model::{OrderStatus, Reading};
use crate::source::{Progress, Section};
use crate::state::State;
use crate::state::cursors::Cursor;
use crate::state::shops::FullReading;
use crate::state::unsettled::UNDECIDED;
use crate::sync::claims;
use crate::sync::intake::{CustomerIntake, OrderIntake};
use crate::sync::interval;
use crate::sync::order_clues::clues;
use crate::sync::parking::{park_bad, park_repeated};
use crate::sync::pull::{self, Meter, ReadFile};
use crate::sync::shop::ShopInRun;
use crate::sync::stop::Stop;
use crate::sync::suppress::{self, OrderLeft};
use group::{Group, KnownSoFar};
use undecided::decide_by_phone;

/// Orders that are decided together.
const TOGETHER: u32 = 1000;

/// A state in the making.
pub struct Build<'a> {
    state: State,
    shops: &'a [ShopInRun],
    groups: Vec<Group>,
    progress: &'a dyn Progress,
    /// Asked between two batches.
    stop: &'a Stop,
    bad_records: u64,
    bad_orders: u64,
    suppressed: u64,
}

impl<'a> Build<'a> {
    /// Begins a state in this file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(
        path: &Path,
        shops: &'a mut [ShopInRun],
        progress: &'a dyn Progress,
        stop: &'a Stop,
    ) -> Result<Self> {
        let state = State::build(path)?;
        state.agree_with_suppressed()?;
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
            stop,
            bad_records: 0,
            bad_orders: 0,
            suppressed: 0,
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
        let repeated = self.state.index_customers()?;
        for (shop, guid) in &repeated {
            self.told_twice(*shop, Section::Customers, guid)?;
        }
        for (contact, shop, guid) in self.state.guids_of_earlier_shops()? {
            if let Some(shop) = self.shops.iter().find(|known| known.settings.name == shop) {
                let key = key::customer_of(&shop.settings.group, &shop.settings.name, &guid);
                self.state.rename_unseen_contact(contact, &key)?;
            }
        }
        for group in &mut self.groups {
            if !repeated.is_empty() {
                group.learn_log_ins_again(&self.state)?;
            }
            let claims = std::mem::take(&mut group.claims);
            claims::settle(&self.state, &mut group.people, claims)?;
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
        let mut records = pull::customers(file, shop)?;
        while let Some(batch) = records.next_blocking() {
            self.stop.check()?;
            for (reading, at) in batch {
                match reading {
                    Reading::Record(record) => {
                        self.add_customer(shop, &record)?;
                        meter.record(at);
                    }
                    Reading::Bad(bad) => {
                        self.bad_records += 1;
                        park_bad(&self.state, shop, Section::Customers, &bad)?;
                    }
                }
            }
        }
        let summary = records.end()?;
        self.note(shop, Section::Customers, file, summary.records)?;
        Ok(summary.records)
    }

    fn add_customer(&mut self, shop: &ShopInRun, customer: &CustomerIntake) -> Result<()> {
        let left = suppress::customer(&self.state, shop, customer)?;
        self.suppressed += u64::from(!matches!(left, Some(Cow::Borrowed(_))));
        let Some(customer) = left else { return Ok(()) };
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
            let at = (Some(stored.read_at), Some(stored.read_at));
            self.state
                .add_email(&group.name, *email, contact, Some(id), Role::LogIn as u8, at)?;
        }
        for phone in &customer.phones {
            self.state.add_phone(&group.name, *phone, contact, Some(id))?;
        }
        Ok(())
    }

    /// Loads the orders of all shops, then decides the undecided ones and finishes the state.
    ///
    /// # Errors
    /// When a document cannot be trusted, or the state not be written.
    pub fn orders(&mut self, files: &[Option<ReadFile>]) -> Result<u64> {
        let mut read = 0;
        self.state.expect_orders()?;
        for (place, file) in files.iter().enumerate() {
            if let Some(file) = file {
                read += self.orders_of(place, file)?;
            }
        }
        self.progress.tell("making indexes");
        tracing::debug!("order rows in the state");
        let repeated = self.state.drop_repeated_orders()?;
        for (shop, code) in &repeated {
            self.told_twice(*shop, Section::Orders, code)?;
        }
        self.state.finish_rows()?;
        tracing::debug!("indexes made");
        self.give_guests_to_customers()?;
        self.state.drop_merged_contacts()?;
        let mut leaves_out = false;
        for shop in self.shops.iter().filter(|shop| shop.skips_guests()) {
            self.state.drop_orders_of_guests(shop.id)?;
            leaves_out = true;
        }
        if leaves_out || !repeated.is_empty() {
            self.state.drop_empty_contacts()?;
        }
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
        let mut records = pull::orders(file, shop, None)?;
        while let Some(batch) = records.next_blocking() {
            self.stop.check()?;
            for (reading, at) in batch {
                match reading {
                    Reading::Record(record) => {
                        self.add_order(shop, record, &mut statuses)?;
                        meter.record(at);
                    }
                    Reading::Bad(bad) => {
                        self.bad_records += 1;
                        self.bad_orders += 1;
                        park_bad(&self.state, shop, Section::Orders, &bad)?;
                    }
                }
            }
        }
        let summary = records.end()?;
        self.note(shop, Section::Orders, file, summary.records)?;
        Ok(summary.records)
    }

    fn add_order(
        &mut self,
        shop: &ShopInRun,
        intake: OrderIntake,
        statuses: &mut HashMap<OrderStatus, i64>,
    ) -> Result<()> {
        let (intake, are_figures) = match suppress::order(&self.state, shop, &intake)? {
            OrderLeft::All => (intake, false),
            OrderLeft::Figures(mut figures, pseudonym) => {
                figures.stored.email = pseudonym;
                (*figures, true)
            }
            OrderLeft::Nothing => {
                self.suppressed += 1;
                return Ok(());
            }
        };
        self.suppressed += u64::from(are_figures);
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
        // Only when everybody is known, a phone can place an order.
        let clues = Clues {
            phone: None,
            ..clues(&stored)
        };
        let known = KnownSoFar {
            state: &self.state,
            group,
            shop: shop.id,
        };
        let verdict = whose(&clues, &known)?;
        if are_figures && !suppress::is_of_another(&verdict) {
            return Ok(());
        }
        let verdict = Some(verdict).filter(|verdict| *verdict != Verdict::Own(Rule::OwnCode));
        let (contact, rule) = match verdict {
            None => (UNDECIDED, Rule::OwnCode),
            Some(Verdict::Existing(contact, Rule::SeenEmail)) => (contact, Rule::OwnEmail),
            Some(Verdict::Existing(contact, rule)) => {
                if let (Rule::Guid, Some(email)) = (rule, stored.email) {
                    group.see(&self.state, email, stored.placed_at, contact)?;
                }
                (contact, rule)
            }
            Some(Verdict::Own(rule)) => (group.own_contact(&self.state, &stored, rule)?, rule),
        };
        if let (Rule::OwnEmail | Rule::AmbiguousEmail, Some(phone)) = (rule, stored.phone) {
            self.state.add_phone(&group.name, phone, contact, None)?;
        }
        self.state.add_order(&stored, contact, rule as u8)?;
        Ok(())
    }

    /// An e-mail that was seen on a customer's order is theirs: guests with it were that customer.
    fn give_guests_to_customers(&mut self) -> Result<()> {
        for group in &mut self.groups {
            let mut seen: Vec<_> = group.seen.drain().collect();
            seen.sort_unstable();
            for (email, (_, customer)) in seen {
                let customer = group.people.survivor(customer);
                match group.people.owner(email) {
                    EmailOwner::LogIn(_) | EmailOwner::Several => continue,
                    EmailOwner::Seen(guest) if guest != customer => {
                        self.state.merge_contacts(guest, customer)?;
                        group.people.unite(guest, customer);
                    }
                    EmailOwner::Seen(_) | EmailOwner::Nobody => {}
                }
            }
        }
        Ok(())
    }

    /// Orders without e-mail: now that everybody's phone is known.
    fn decide_undecided(&mut self) -> Result<()> {
        for shop in self.shops {
            let Some(group) = self.groups.iter().find(|group| group.name == shop.settings.group) else {
                continue;
            };
            loop {
                self.stop.check()?;
                let undecided = self.state.undecided_orders(shop.id, false, TOGETHER)?;
                for (id, order) in &undecided {
                    decide_by_phone(&self.state, shop, group, *id, order)?;
                }
                if undecided.is_empty() {
                    break;
                }
            }
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
        self.state
            .note_full_reading(shop.id, section.as_str(), &reading)?;
        if section == Section::Orders {
            interval::was_read(&self.state, shop)?;
        }
        let cursor = Cursor {
            read_to: file.read_to,
            is_sure: false,
        };
        self.state.move_cursor(shop.id, section.as_str(), cursor)
    }

    /// The state with all rows and indexes, still unfinished on the disk.
    pub fn into_state(self) -> State {
        self.state
    }

    /// Orders that could not be understood so far.
    pub const fn bad_orders(&self) -> u64 {
        self.bad_orders
    }

    /// Records that could not be understood so far.
    pub const fn bad_records(&self) -> u64 {
        self.bad_records
    }

    /// Readings so far of which nothing, or not all, was stored, because somebody was forgotten.
    pub const fn suppressed(&self) -> u64 {
        self.suppressed
    }
}
