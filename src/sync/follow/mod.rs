//! One incremental reading of one shop: what changed since the last one, and nothing else.
//!
//! What was read is applied in batches; the cursor moves when all of it is stored, so a reading that
//! is cut off is made again, and applying a record twice changes nothing. A section that was never
//! read in full, or whose changes the shop no longer tells, is read in full instead.

mod customers;
mod feed;
mod one_by_one;
mod orders;

use std::collections::HashSet;

use jiff::Timestamp;

use super::apply::{Apply, Settle};
use super::consent::Newsletter;
use super::incremental::How;
use super::interval;
use super::pull::ReadFile;
use super::refused;
use super::report::Report;
use super::settled::Settled;
use super::shop::ShopInRun;
use super::stop::Stop;
use crate::error::{Error, Kind, Result};
use crate::source::settings::{Mode, OrdersSource};
use crate::source::{Download, Progress, ReadAll, Section, Shop, Spool};
use crate::state::State;
use crate::state::cursors::Cursor;

/// One shop that is followed.
pub struct Follow<'a> {
    /// The state.
    pub state: &'a State,
    /// The way in.
    pub source: &'a Shop,
    /// Its downloads.
    pub spool: &'a Spool,
    /// Itself.
    pub shop: ShopInRun,
    /// All shops that were read so far, this one included.
    pub shops: Vec<ShopInRun>,
    /// Numbers of the targets that have to hear of changes.
    pub targets: Vec<i64>,
    /// Numbers of those that want to know who wants the newsletter.
    pub newsletter: Vec<i64>,
    /// Whether a person believes what looks suspicious.
    pub accept: bool,
    /// Ends it between two batches.
    pub stop: &'a Stop,
    /// The turn at the people.
    pub settled: &'a Settled,
    /// Hears how far it is.
    pub progress: &'a dyn Progress,
}

impl Follow<'_> {
    /// Reads customers, orders, and who wants the newsletter. Where one of them fails the others are read
    /// all the same.
    ///
    /// # Errors
    /// What concerns everything that follows: the disk, the state, the order to stop.
    pub async fn follow(&mut self, how: How, report: &mut Report) -> Result<()> {
        let settings = &self.shop.settings;
        let (customers, orders) = (settings.customers.mode, settings.orders.mode);
        if !self.accept {
            refused::discard_put_off(self.spool)?;
        }
        if customers != Mode::Off
            && let Err(error) = self.customers(how, report).await
        {
            note_failure(error, report)?;
        }
        self.stop.check()?;
        if orders != Mode::Off && how == How::Changes {
            report
                .notes
                .extend(interval::asks_for_import(self.state, &self.shop)?);
        }
        if orders != Mode::Off
            && let Err(error) = self.orders(how, report).await
        {
            note_failure(error, report)?;
        }
        self.stop.check()?;
        if let Err(error) = self.newsletter(how, report).await {
            note_failure(error, report)?;
        }
        Ok(())
    }

    async fn newsletter(&self, how: How, report: &mut Report) -> Result<()> {
        if self.newsletter.is_empty() {
            return Ok(());
        }
        let newsletter = Newsletter {
            state: self.state,
            source: self.source,
            shop: &self.shop,
            targets: &self.newsletter,
            stop: self.stop,
        };
        newsletter.read(how, report).await
    }

    async fn orders(&mut self, how: How, report: &mut Report) -> Result<()> {
        if let Some(file) = self.believed(Section::Orders)? {
            return self.listed_orders(&file, report).await;
        }
        if how == How::Everything {
            return self.whole_orders(report).await;
        }
        match self.shop.settings.orders.source {
            OrdersSource::Feed => self.orders_by_link(report).await,
            OrdersSource::Api => self.orders_by_api(report).await,
        }
    }

    fn cursor(&self, section: Section) -> Result<Option<Cursor>> {
        self.state.cursor(self.shop.id, section.as_str())
    }

    /// Everything up to `read_to` is stored.
    fn commit(&self, section: Section, read_to: Timestamp) -> Result<()> {
        let cursor = Cursor {
            read_to,
            is_sure: true,
        };
        self.state.move_cursor(self.shop.id, section.as_str(), cursor)
    }

    /// Ends a download: it is kept only where it can be applied again from where it lies.
    fn done_with(&self, section: Section, applied: Result<()>) -> Result<()> {
        match applied {
            Err(error) if concerns_everything(&error) => Err(error),
            applied => {
                self.spool.discard(section)?;
                applied
            }
        }
    }

    /// Ends a full listing: a refused one is kept, whatever else comes of it is not.
    fn done_with_whole(&self, section: Section, applied: Result<()>) -> Result<()> {
        self.done_with(section, refused::ended(self.spool, section, applied))
    }

    /// The listing that was refused and that a person believes now.
    fn believed(&self, section: Section) -> Result<Option<ReadFile>> {
        if !self.accept {
            return Ok(None);
        }
        let shop = &self.shop.settings.name;
        refused::believed(self.state, self.source, self.spool, shop, section)
    }

    /// A full listing that the shop was asked for just now.
    fn read_anew(&self, download: Download) -> Result<ReadFile> {
        Ok(ReadFile {
            is_meant: self.accept && refused::is_nothing_kept(self.spool)?,
            ..ReadFile::of(download)
        })
    }

    fn tell_why(&self, section: Section, why: ReadAll) {
        let why = match why {
            ReadAll::TooOld => "the shop keeps changes for 30 days and was not read for longer",
            ReadAll::TooMuch => "so much has changed that reading everything is no dearer",
        };
        let (section, shop) = (section.as_str(), &self.shop.settings.name);
        self.progress
            .tell(&format!("reading all {section} of {shop}: {why}"));
    }

    fn apply<'b>(&'b self, report: &'b mut Report) -> Apply<'b> {
        Apply {
            state: self.state,
            shop: &self.shop,
            shops: &self.shops,
            targets: &self.targets,
            report,
            now: Timestamp::now(),
            stop: self.stop,
            parked_before: HashSet::new(),
        }
    }

    fn settle(&self) -> Settle<'_> {
        Settle {
            state: self.state,
            shops: &self.shops,
            targets: &self.targets,
            now: Timestamp::now(),
            stop: self.stop,
        }
    }
}

/// Some failures concern everything that follows, the others one section of one shop.
fn concerns_everything(error: &Error) -> bool {
    matches!(error.kind(), Kind::Disk | Kind::Database | Kind::Interrupted)
}

fn note_failure(error: Error, report: &mut Report) -> Result<()> {
    if concerns_everything(&error) {
        return Err(error);
    }
    report.fail(&error);
    Ok(())
}
