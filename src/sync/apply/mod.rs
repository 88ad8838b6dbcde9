//! A later reading: what it changes in a state that knows the shop already.
//!
//! Each record is compared with what is stored; what is new or different is stored, its people are
//! looked up, and the contacts it touches become due in every target. All of it in the transaction
//! of the record's batch.

mod customers;
mod newcomers;
mod deletion;
mod forgotten;
mod orders;
mod placing;
mod clues;
mod left_out;
mod listed;
mod people;
mod sharing;
mod joining;
mod settle;
mod told;
mod missing;

use std::collections::HashSet;

use jiff::Timestamp;
use tokio::task::yield_now;

use super::clock::is_credible;
use super::interval;
use super::parking::{kind_of, park_bad, park_repeated};
use super::pull::{self, Meter, ReadFile};
use super::refused;
use super::report::Report;
use super::shop::ShopInRun;
use super::stop::Stop;
use super::unchanged::Unchanged;
use crate::error::{Error, Kind, Result};
use crate::model::{BadRecord, Reading};
use crate::source::document::Summary;
use crate::source::{Progress, Section};
use crate::state::State;
use crate::state::cursors::Cursor;
use crate::state::shops::FullReading;

use listed::Listed;
use people::People;

use missing::Missing;
pub use settle::Settle;

/// Readings of one shop on their way into the state. After those of all shops comes [`Settle`].
pub struct Apply<'a> {
    pub(super) state: &'a State,
    pub(super) shop: &'a ShopInRun,
    /// All shops of the run.
    pub(super) shops: &'a [ShopInRun],
    /// Numbers of the targets that have to hear of changes.
    pub(super) targets: &'a [i64],
    pub(super) report: &'a mut Report,
    pub(super) now: Timestamp,
    /// Asked between two batches.
    pub(super) stop: &'a Stop,
    /// Keys of the section under which something is parked, while part of it is read.
    pub(super) parked_before: HashSet<String>,
}

impl Apply<'_> {
    /// Applies a full document of customers. Answers with those that are missing in it and that the shop is to
    /// be asked for, where it can be.
    ///
    /// # Errors
    /// When the document cannot be trusted: nothing of it is applied then.
    pub async fn customers(
        &mut self,
        file: &ReadFile,
        can_ask: bool,
        accept: bool,
        progress: &dyn Progress,
    ) -> Result<Vec<String>> {
        let missing = self.survey(file, Section::Customers, accept, progress).await?;
        self.note_missing(Section::Customers, &missing)?;
        let summary = self.each_customer(file, progress).await?;
        // Before the listing counts as read: the next one takes it for one that still held what is missing.
        let ask = self.count_missing(Section::Customers, &missing, can_ask)?;
        self.finish(Section::Customers, file, summary.records)?;
        Ok(ask)
    }

    /// Applies a document of some customers: it says nothing of those that it lacks.
    ///
    /// # Errors
    /// When the document is damaged: what was applied by then stays, and is applied again with it.
    pub async fn some_customers(&mut self, file: &ReadFile, progress: &dyn Progress) -> Result<()> {
        self.parked_before = self
            .state
            .parked_keys(kind_of(Section::Customers), &self.shop.settings.name)?;
        self.each_customer(file, progress).await.map(drop)
    }

    async fn each_customer(&mut self, file: &ReadFile, progress: &dyn Progress) -> Result<Summary> {
        let phase = format!("reading customers of {}", self.shop.settings.name);
        let mut meter = Meter::new(progress, phase);
        let shop = self.shop;
        let mut records = pull::customers(file, shop)?;
        while let Some(batch) = records.next().await {
            self.stop.check()?;
            let state = self.state;
            state.transaction(|_| {
                for (reading, at) in batch {
                    match reading {
                        Reading::Record(record) => {
                            self.understood(Section::Customers, &record.stored.guid)?;
                            self.customer(&record)?;
                            meter.record(at);
                        }
                        Reading::Bad(bad) => self.bad(Section::Customers, &bad)?,
                    }
                }
                Ok(())
            })?;
            yield_now().await;
        }
        let summary = records.end()?;
        self.report.customers_read += summary.records;
        Ok(summary)
    }

    /// Applies a full document of orders.
    ///
    /// # Errors
    /// As [`Apply::customers`].
    pub async fn orders(&mut self, file: &ReadFile, accept: bool, progress: &dyn Progress) -> Result<()> {
        let missing = self.survey(file, Section::Orders, accept, progress).await?;
        self.note_missing(Section::Orders, &missing)?;
        let summary = self.each_order(file, progress).await?;
        self.count_missing(Section::Orders, &missing, false)?;
        self.finish(Section::Orders, file, summary.records)
    }

    /// Applies a document of some orders.
    ///
    /// # Errors
    /// As [`Apply::some_customers`].
    pub async fn some_orders(&mut self, file: &ReadFile, progress: &dyn Progress) -> Result<()> {
        self.parked_before = self
            .state
            .parked_keys(kind_of(Section::Orders), &self.shop.settings.name)?;
        self.each_order(file, progress).await.map(drop)
    }

    async fn each_order(&mut self, file: &ReadFile, progress: &dyn Progress) -> Result<Summary> {
        let phase = format!("reading orders of {}", self.shop.settings.name);
        let mut meter = Meter::new(progress, phase);
        let shop = self.shop;
        let unchanged = Unchanged::of(self.state, shop, self.parked_before.clone())?;
        let mut records = pull::orders(file, shop, Some(unchanged))?;
        while let Some(batch) = records.next().await {
            self.stop.check()?;
            let state = self.state;
            state.transaction(|_| {
                for (reading, at) in batch {
                    match reading {
                        Reading::Record(record) => {
                            self.understood(Section::Orders, &record.stored.code)?;
                            self.order(record)?;
                            meter.record(at);
                        }
                        Reading::Bad(bad) => self.bad(Section::Orders, &bad)?,
                    }
                }
                Ok(())
            })?;
            yield_now().await;
        }
        let summary = records.end()?;
        self.report.orders_read += summary.records;
        Ok(summary)
    }

    /// A record of a partial document is fine: it is parked no longer.
    pub(super) fn understood(&self, section: Section, key: &str) -> Result<()> {
        if self.parked_before.contains(key) {
            self.state
                .unpark(kind_of(section), &self.shop.settings.name, key, "")?;
        }
        Ok(())
    }

    pub(super) fn bad(&mut self, section: Section, bad: &BadRecord) -> Result<()> {
        self.report.bad_records += 1;
        park_bad(self.state, self.shop, section, bad)
    }

    fn people(&self) -> People<'_> {
        People {
            state: self.state,
            shops: self.shops,
            group: &self.shop.settings.group,
            targets: self.targets,
            now: self.now,
        }
    }

    /// Ends a document: what stood in it twice is told, and that it was read.
    fn finish(&self, section: Section, file: &ReadFile, records: u64) -> Result<()> {
        let (state, shop) = (self.state, &self.shop.settings.name);
        state.unpark_listed(kind_of(section), shop, file.complete)?;
        state.each_listed_twice(&mut |key| park_repeated(state, section, shop, key))?;
        let reading = FullReading {
            read_at: file.read_at,
            finished_at: self.now,
            source: file.source.clone(),
            records,
        };
        let cursor = Cursor {
            read_to: file.read_to,
            is_sure: false,
        };
        state.transaction(|state| {
            state.note_full_reading(self.shop.id, section.as_str(), &reading)?;
            if section == Section::Orders && file.complete {
                interval::was_read(state, self.shop)?;
            }
            state.move_cursor(self.shop.id, section.as_str(), cursor)
        })
    }

    /// Up to when everything that is stored is known to have stood in the shop: a full reading tells that,
    /// and so does one of all changes.
    pub(super) fn confirmed(&self, section: Section) -> Result<Option<Timestamp>> {
        let full = self.state.full_reading(self.shop.id, section.as_str())?;
        let cursor = self.state.cursor(self.shop.id, section.as_str())?;
        Ok(full
            .map(|full| full.read_at)
            .max(cursor.map(|cursor| cursor.read_to)))
    }

    /// Whether a reading is older than what is stored: by the shop's change time where both have it,
    /// else by when it was requested. A full reading since then, or one of all changes, has confirmed what
    /// is stored.
    fn is_older(
        &self,
        section: Section,
        reading: (Option<i64>, i64),
        stored: (Option<Timestamp>, Timestamp),
    ) -> Result<bool> {
        if let (Some(reading), Some(stored)) = (reading.0, stored.0)
            && reading != stored.as_second()
        {
            return Ok(reading < stored.as_second());
        }
        let confirmed = self.confirmed(section)?;
        let read_at = Timestamp::from_second(reading.1).unwrap_or(self.now);
        let known = confirmed
            .into_iter()
            .chain([stored.1])
            .filter(|known| is_credible(*known, read_at, self.now));
        Ok(known.max().is_some_and(|known| reading.1 < known.as_second()))
    }

    /// Reads a document once for nothing but its keys: whether it is whole, of this shop, and what is
    /// missing in it.
    async fn survey(
        &mut self,
        file: &ReadFile,
        section: Section,
        accept: bool,
        progress: &dyn Progress,
    ) -> Result<Missing> {
        let (state, shop) = (self.state, self.shop);
        state.begin_listing()?;
        let phase = format!("checking {} of {}", section.as_str(), self.shop.settings.name);
        let mut meter = Meter::new(progress, phase);
        let mut nameless = 0_usize;
        let unchanged = Unchanged::of(state, shop, HashSet::new())?;
        let mut listing = listed::listing(file, section, shop, unchanged)?;
        while let Some(batch) = listing.next().await {
            self.stop.check()?;
            state.transaction(|state| {
                for (listed, at) in batch {
                    match listed {
                        Listed::Key(key) => state.list(&key)?,
                        Listed::Bad(key) => state.list_parked(&key)?,
                        Listed::Nameless(key) => {
                            nameless += 1;
                            state.list_parked(&key)?;
                        }
                    }
                    meter.record(at);
                }
                Ok(())
            })?;
            yield_now().await;
        }
        let summary = listing.end()?;
        let mut missing = missing::find(state, shop, section, file)?;
        if let Err(suspicion) = missing.refuse_suspicious(section, &shop.settings.name, summary.records) {
            if !accept || !file.is_meant {
                return Err(suspicion);
            }
            let told = refused::accepted(section, shop, file, &suspicion);
            self.report.notes.push(told);
        }
        if nameless > 0 && !missing.rows.is_empty() {
            self.report
                .notes
                .push(missing.believe_nothing(section, &shop.settings.name, nameless));
        }
        Ok(missing)
    }
}

/// A contact that has to be there is not: the state contradicts itself.
fn lost(what: &str) -> Error {
    Error::new(
        Kind::Database,
        format!("reading {what}"),
        "the state refers to it, but it is not there",
    )
}
