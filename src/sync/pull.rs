//! What both ways of reading a shop share: the file that is read, and the progress that is told.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::given;
use super::intake::{self, CustomerIntake, OrderIntake};
use super::shop::ShopInRun;
use super::stream::Stream;
use super::unchanged::Unchanged;
use crate::error::{Error, Kind, Result};
use crate::model::{Customer, Order, Reading};
use crate::source::document::{self, Format, Found, Summary};
use crate::source::{Download, DownloadSource, Progress, Section, Unit};

/// A document on the disk and the moment it speaks of.
#[derive(Debug, Clone)]
pub struct ReadFile {
    /// Where it is.
    pub path: PathBuf,
    /// When its request was sent; for a file its modification time or `--as-of`.
    pub read_at: Timestamp,
    /// How far the section is read once this is stored, by the shop's clock.
    pub read_to: Timestamp,
    /// From where, in words.
    pub source: String,
    /// Who brought it.
    pub origin: Origin,
    /// Whether what is missing in it is missing in the shop.
    pub complete: bool,
    /// Whether a person who says that they believe a listing can mean this one.
    pub is_meant: bool,
}

/// Who brought a document, and so can bring a better one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A person gave the file.
    Given,
    /// A permanent link answered with it.
    Link,
    /// The API answered with it.
    Api,
}

impl ReadFile {
    /// A download.
    pub fn of(download: Download) -> Self {
        let (source, origin) = match download.source {
            DownloadSource::ApiSnapshot => ("API snapshot", Origin::Api),
            DownloadSource::ApiPaged => ("API, one by one", Origin::Api),
            DownloadSource::Export => ("permanent link", Origin::Link),
        };
        Self {
            path: download.path,
            read_at: download.requested_at,
            read_to: download.cursor,
            source: source.to_owned(),
            origin,
            complete: download.complete,
            is_meant: false,
        }
    }

    /// Whether it can be trusted: it is whole, and what it should be.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn is_sound(&self, section: Section, shop: &ShopInRun) -> Result<()> {
        match section {
            Section::Customers => document::read_customers(&self.path, &shop.locale, &mut |_, _| Ok(())),
            Section::Orders => document::read_orders(&self.path, &shop.locale, &mut |_, _| Ok(())),
        }
        .and_then(|summary| self.refuse_nothing(summary))
        .map(drop)
        .map_err(|error| self.distrusted(section, shop, error))
    }

    /// The failure of a document that cannot be trusted, told to whoever can bring a better one: a file
    /// is theirs to replace who gave it, a download is not kept. Any other failure stays as it is.
    pub fn distrusted(&self, section: Section, shop: &ShopInRun, error: Error) -> Error {
        let kind = error.kind();
        if !is_about_a_document(kind) {
            return error;
        }
        let error = match self.origin {
            Origin::Given => return given::told(error),
            Origin::Api if kind != Kind::Truncated => error.or_hint(
                "it is not kept: run the command again, and if it stays so, read from the permanent links instead",
            ),
            Origin::Api | Origin::Link => error,
        };
        let (shop, section) = (&shop.settings.name, section.as_str());
        error.seen_as(
            kind,
            format!("reading the {section} of shop {shop} ({})", self.source),
        )
    }

    /// Even an export without records has its root element or its header line; a snapshot has neither.
    fn refuse_nothing(&self, summary: Summary) -> Result<Summary> {
        if summary.format == Format::Empty && self.origin == Origin::Link {
            let doing = format!("reading {}", self.path.display());
            return Err(Error::new(Kind::Truncated, doing, "it is empty"));
        }
        Ok(summary)
    }
}

/// The kinds of failure after which another download may help.
pub const fn is_about_a_document(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Truncated | Kind::Damaged | Kind::NotData | Kind::TooLarge
    )
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

/// The records of a document on their way, then what it held.
pub type Pulling<T> = Stream<Pulled<T>, Summary>;

/// Reads a document of customers, in its order. What makes it one that cannot be trusted is told at the end.
///
/// # Errors
/// When it cannot be begun.
pub fn customers(file: &ReadFile, shop: &ShopInRun) -> Result<Pulling<CustomerIntake>> {
    let shop = Arc::new(shop.clone());
    let (file, reading, read_at) = (file.clone(), Arc::clone(&shop), file.read_at);
    Stream::begin(
        move |each| {
            document::find_customers(&file.path, &reading.locale, &mut |found, at| {
                let size = found.size();
                each((found, at), size)
            })
            .and_then(|summary| file.refuse_nothing(summary))
            .map_err(|error| file.distrusted(Section::Customers, &reading, error))
        },
        move |(found, at): (Found<Customer>, _)| {
            let prepared = match found.read(&shop.locale) {
                Some(Reading::Record(customer)) => {
                    Reading::Record(intake::customer(&shop, &customer, read_at)?)
                }
                Some(Reading::Bad(bad)) => Reading::Bad(bad),
                None => return Ok(None),
            };
            Ok(Some((prepared, at)))
        },
    )
}

/// Reads a document of orders, as far as they are of the configured interval and not known as they stand
/// there.
///
/// # Errors
/// As [`customers`].
pub fn orders(
    file: &ReadFile,
    shop: &ShopInRun,
    mut unchanged: Option<Unchanged>,
) -> Result<Pulling<OrderIntake>> {
    let shop = Arc::new(shop.clone());
    let (file, reading, read_at) = (file.clone(), Arc::clone(&shop), file.read_at);
    Stream::begin(
        move |each| {
            let mut known = |key: &str, print: u64| match &mut unchanged {
                Some(unchanged) => unchanged.holds(key, print),
                None => Ok(false),
            };
            document::find_orders(&file.path, &reading.locale, &mut known, &mut |found, at| {
                let size = found.size();
                match found {
                    Found::Known(_) => Ok(()),
                    found => each((found, at), size),
                }
            })
            .and_then(|summary| file.refuse_nothing(summary))
            .map_err(|error| file.distrusted(Section::Orders, &reading, error))
        },
        move |(found, at): (Found<Order>, _)| {
            let prepared = match found.read(&shop.locale) {
                Some(Reading::Record(order)) if shop.follows_order_of(order.placed_at) => {
                    Reading::Record(intake::order(&shop, order, read_at)?)
                }
                Some(Reading::Bad(bad)) => Reading::Bad(bad),
                Some(Reading::Record(_)) | None => return Ok(None),
            };
            Ok(Some((prepared, at)))
        },
    )
}
