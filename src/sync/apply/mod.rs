//! A later reading: what it changes in a state that knows the shop already.
//!
//! Each record is compared with what is stored; what is new or different is stored, its people are
//! looked up, and the contacts it touches become due in every target. All of it in the transaction
//! of the record's batch.

mod customers;
mod orders;
mod people;
mod settle;
mod sharing;
mod missing;

use jiff::Timestamp;

use super::parking::{kind_of, park_bad, park_repeated, parked_key};
use super::pull::{self, Meter, ReadFile};
use super::report::Report;
use super::shop::ShopInRun;
use super::stream;
use crate::error::{Error, Kind, Result};
use crate::model::{BadRecord, Reading};
use crate::source::document;
use crate::source::{Progress, Section};
use crate::state::State;
use crate::state::shops::FullReading;

use people::People;

pub use missing::Missing;
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
}

impl Apply<'_> {
    /// Applies a full document of customers.
    ///
    /// # Errors
    /// When the document cannot be trusted: nothing of it is applied then.
    pub fn customers(&mut self, file: &ReadFile, accept: bool, progress: &dyn Progress) -> Result<Missing> {
        let missing = self.survey(file, Section::Customers, accept, progress)?;
        let phase = format!("reading customers of {}", self.shop.settings.name);
        let mut meter = Meter::new(progress, phase);
        let shop = self.shop;
        let summary = pull::customers(file, shop, |batch| {
            let state = self.state;
            state.transaction(|_| {
                for (reading, at) in batch {
                    match reading {
                        Reading::Record(record) => {
                            self.customer(&record)?;
                            meter.record(at);
                        }
                        Reading::Bad(bad) => self.bad(Section::Customers, &bad)?,
                    }
                }
                Ok(())
            })
        })?;
        self.report.customers_read += summary.records;
        self.finish(Section::Customers, file, summary.records)?;
        Ok(missing)
    }

    /// Applies a full document of orders.
    ///
    /// # Errors
    /// As [`Apply::customers`].
    pub fn orders(&mut self, file: &ReadFile, accept: bool, progress: &dyn Progress) -> Result<Missing> {
        let missing = self.survey(file, Section::Orders, accept, progress)?;
        let phase = format!("reading orders of {}", self.shop.settings.name);
        let mut meter = Meter::new(progress, phase);
        let shop = self.shop;
        let summary = pull::orders(file, shop, |batch| {
            let state = self.state;
            state.transaction(|_| {
                for (reading, at) in batch {
                    match reading {
                        Reading::Record(record) => {
                            self.order(record)?;
                            meter.record(at);
                        }
                        Reading::Bad(bad) => self.bad(Section::Orders, &bad)?,
                    }
                }
                Ok(())
            })
        })?;
        self.report.orders_read += summary.records;
        self.finish(Section::Orders, file, summary.records)?;
        Ok(missing)
    }

    fn bad(&mut self, section: Section, bad: &BadRecord) -> Result<()> {
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
        self.state
            .note_full_reading(self.shop.id, section.as_str(), &reading)
    }

    /// Whether a reading is older than what is stored: by the shop's change time where both have it,
    /// else by when it was requested. A full reading since then has confirmed what is stored.
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
        let confirmed = self
            .state
            .full_reading(self.shop.id, section.as_str())?
            .map(|full| full.read_at);
        let known = confirmed.map_or(stored.1, |confirmed| confirmed.max(stored.1));
        Ok(reading.1 < known.as_second())
    }

    /// Reads a document once for nothing but its keys: whether it is whole, of this shop, and what is
    /// missing in it.
    fn survey(
        &self,
        file: &ReadFile,
        section: Section,
        accept: bool,
        progress: &dyn Progress,
    ) -> Result<Missing> {
        let (state, shop) = (self.state, self.shop);
        state.begin_listing()?;
        let phase = format!("checking {} of {}", section.as_str(), self.shop.settings.name);
        let mut meter = Meter::new(progress, phase);
        let mut take = |batch: Vec<(Result<String, String>, document::Progress)>| {
            state.transaction(|state| {
                for (key, at) in batch {
                    match key {
                        Ok(key) => state.list(&key)?,
                        Err(key) => state.list_parked(&key)?,
                    }
                    meter.record(at);
                }
                Ok(())
            })
        };
        let summary = match section {
            Section::Customers => stream::through(
                |each| {
                    document::read_customers(&file.path, &shop.locale, &mut |reading, at| {
                        each((key_of(reading, |customer| customer.guid), at))
                    })
                },
                Ok,
                &mut take,
            )?,
            Section::Orders => stream::through(
                |each| {
                    document::read_orders(&file.path, &shop.locale, &mut |reading, at| {
                        each((key_of(reading, |order| order.code), at))
                    })
                },
                Ok,
                &mut take,
            )?,
        };
        let missing = missing::find(state, shop, section, file)?;
        if !accept {
            missing.refuse_suspicious(section, &shop.settings.name, summary.records)?;
        }
        Ok(missing)
    }
}

/// The key of a record, as an error when the record is to be parked.
fn key_of<T>(reading: Reading<T>, key: impl Fn(T) -> String) -> Result<String, String> {
    match reading {
        Reading::Record(record) => Ok(key(record)),
        Reading::Bad(bad) => Err(parked_key(&bad)),
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
