//! What both ways of reading a shop share: the file that is read, and the progress that is told.

use std::path::PathBuf;

use jiff::Timestamp;

use super::intake::{self, CustomerIntake, OrderIntake};
use super::shop::ShopInRun;
use super::stream;
use crate::error::Result;
use crate::model::Reading;
use crate::source::document::{self, Summary};
use crate::source::{Progress, Unit};

/// A document on the disk and the moment it speaks of.
#[derive(Debug, Clone)]
pub struct ReadFile {
    /// Where it is.
    pub path: PathBuf,
    /// When its request was sent; for a file its modification time or `--as-of`.
    pub read_at: Timestamp,
    /// From where, in words.
    pub source: String,
    /// Whether what is missing in it is missing in the shop.
    pub complete: bool,
}

/// Tells how far a document is read, not oftener than anybody can see.
pub struct Meter<'a> {
    progress: &'a dyn Progress,
    phase: String,
    records: u64,
}

impl<'a> Meter<'a> {
    /// How many records lie between two reports.
    const EVERY: u64 = 512;

    /// A meter for one document.
    pub fn new(progress: &'a dyn Progress, phase: String) -> Self {
        Self {
            progress,
            phase,
            records: 0,
        }
    }

    /// One more record is in the state.
    pub fn record(&mut self, at: document::Progress) {
        self.records += 1;
        if self.records.is_multiple_of(Self::EVERY) {
            // The share of the file that is read tells how many records there will be.
            let total = (at.read > 0).then(|| {
                let share = u128::from(self.records) * u128::from(at.size) / u128::from(at.read);
                u64::try_from(share).unwrap_or(u64::MAX).max(self.records)
            });
            self.progress
                .report(&self.phase, self.records, total, Unit::Records);
        }
    }
}

/// A record, prepared, and how far the document was read with it.
pub type Pulled<T> = (Reading<T>, document::Progress);

/// Reads a document of customers; each batch is `consume`d on this thread, in the document's order.
///
/// # Errors
/// When the document cannot be trusted, or what `consume` answers with.
pub fn customers(
    file: &ReadFile,
    shop: &ShopInRun,
    consume: impl FnMut(Vec<Pulled<CustomerIntake>>) -> Result<()>,
) -> Result<Summary> {
    stream::through(
        |each| document::read_customers(&file.path, &shop.locale, &mut |reading, at| each((reading, at))),
        |(reading, at)| {
            let prepared = match reading {
                Reading::Record(customer) => {
                    Reading::Record(intake::customer(shop, &customer, file.read_at)?)
                }
                Reading::Bad(bad) => Reading::Bad(bad),
            };
            Ok((prepared, at))
        },
        consume,
    )
}

/// Reads a document of orders, as far as they are of the configured interval.
///
/// # Errors
/// As [`customers`].
pub fn orders(
    file: &ReadFile,
    shop: &ShopInRun,
    consume: impl FnMut(Vec<Pulled<OrderIntake>>) -> Result<()>,
) -> Result<Summary> {
    stream::through(
        |each| {
            document::read_orders(&file.path, &shop.locale, &mut |reading, at| match reading {
                Reading::Record(order) if !shop.follows_order_of(order.placed_at) => Ok(()),
                reading => each((reading, at)),
            })
        },
        |(reading, at)| {
            let prepared = match reading {
                Reading::Record(order) => Reading::Record(intake::order(shop, order, file.read_at)?),
                Reading::Bad(bad) => Reading::Bad(bad),
            };
            Ok((prepared, at))
        },
        consume,
    )
}
