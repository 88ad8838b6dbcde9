//! A listing that was refused: kept, so that a person can look at it, and say that they believe it.
//!
//! It lies as `SECTION.refused.data` with its description beside it, until a sound listing comes or it
//! is too old.

use std::fs;

use jiff::Timestamp;

use super::settings::{CustomersSource, OrdersSource};
use super::shop::{Shop, USED_AGAIN_FOR};
use super::spool::{Download, DownloadSource, Extent, Section, Spool, remove};
use crate::error::{Doing as _, Kind, Result};

impl Spool {
    /// Keeps the download of a section aside, as one that was refused; an earlier one goes. `None` where
    /// there is nothing to keep, or where the folder itself goes with the run.
    ///
    /// # Errors
    /// [`Kind::Disk`] when it cannot be moved.
    pub fn keep_refused(&self, section: Section) -> Result<Option<Download>> {
        let Some(mut download) = self.complete(section)?.filter(|_| !self.is_aside()) else {
            return Ok(None);
        };
        // Without a description data is a leftover: it is never taken for what another one describes.
        self.drop_refused(section)?;
        let name = name_of(section);
        let kept = self.file(&name, "data");
        fs::rename(&download.path, &kept).doing(Kind::Disk, || format!("keeping {}", kept.display()))?;
        download.path = kept;
        self.remember(&name, &download)?;
        self.discard(section)?;
        Ok(Some(download))
    }

    /// The download of a section that was refused last.
    ///
    /// # Errors
    /// [`Kind::Disk`] when it cannot be read.
    pub fn refused(&self, section: Section) -> Result<Option<Download>> {
        self.described(&name_of(section))
    }

    /// Removes the download that was refused: a later listing is sound, or a person believed it.
    ///
    /// # Errors
    /// [`Kind::Disk`] when it cannot be removed.
    pub fn drop_refused(&self, section: Section) -> Result<()> {
        let name = name_of(section);
        self.forget(&name)?;
        remove(&self.file(&name, "data"))
    }
}

impl Shop {
    /// The listing of a section that was refused, as long as it is what the shop said last and not older
    /// than a day. `read_at` is the moment of the full reading that is known.
    ///
    /// # Errors
    /// [`Kind::Disk`] when the spool cannot be read.
    pub fn refused(
        &self,
        spool: &Spool,
        section: Section,
        read_at: Option<Timestamp>,
    ) -> Result<Option<Download>> {
        let now = Timestamp::now();
        let waiting = spool.complete(section)?.map(|waiting| waiting.requested_at);
        let days = self.days_of(section);
        Ok(spool.refused(section)?.filter(|refused| {
            self.sources_of(section).contains(&refused.source)
                && refused.extent == Extent::Whole
                && refused.shop_url == self.settings.url.as_str()
                && (refused.since, refused.until) == (days.since, days.until)
                && now.duration_since(refused.requested_at).abs() < USED_AGAIN_FOR
                && read_at
                    .max(waiting)
                    .is_none_or(|later| later <= refused.requested_at)
        }))
    }

    /// Whether a full reading of the section would have to wait for its turn.
    ///
    /// # Errors
    /// [`Kind::Disk`] when the spool cannot be read.
    pub fn would_wait(&self, spool: &Spool, section: Section) -> Result<bool> {
        if !self.sources_of(section).contains(&DownloadSource::Export) {
            return Ok(false);
        }
        Ok(self.exports(section)?.next_turn(spool, section)?.is_some())
    }

    /// How a full reading of the section is made.
    fn sources_of(&self, section: Section) -> &'static [DownloadSource] {
        let by_link = match section {
            Section::Customers => self.settings.customers.source == CustomersSource::Export,
            Section::Orders => self.settings.orders.source == OrdersSource::Feed,
        };
        match by_link {
            true => &[DownloadSource::Export],
            false => &[DownloadSource::ApiSnapshot, DownloadSource::ApiPaged],
        }
    }
}

fn name_of(section: Section) -> String {
    format!("{}.refused", section.as_str())
}
