//! Orders by the permanent links: the feed of what is new or changed, whose reading consumes.

use jiff::Timestamp;

use super::Follow;
use crate::error::Result;
use crate::source::{OrdersLink, Section};
use crate::sync::pull::ReadFile;
use crate::sync::report::Report;

const SECTION: Section = Section::Orders;

impl Follow<'_> {
    /// Before the feed is asked, the state notes that it is: as long as that note stands, what the feed
    /// told may be lost, and the ordinary link is asked for everything since the last reading that is
    /// stored.
    pub(super) async fn orders_by_link(&mut self, report: &mut Report) -> Result<()> {
        let Some(cursor) = self.cursor(SECTION)? else {
            return self.whole_orders(report).await;
        };
        let is_sure = cursor.is_sure && self.source.feed_is_sure(self.spool, cursor.read_to)?;
        let link = if is_sure {
            OrdersLink::Feed
        } else {
            OrdersLink::Ordinary
        };
        self.state.intend_to_read(self.shop.id, SECTION.as_str())?;
        let asked = self
            .source
            .download_changed_orders(link, cursor.read_to, self.spool, self.progress);
        let download = self.stop.or(asked).await?;
        let read_to = download.cursor;
        let file = ReadFile::of(download);
        let applied = self.fed(&file, read_to, report).await;
        self.done_with(SECTION, applied)
    }

    async fn fed(&self, file: &ReadFile, read_to: Timestamp, report: &mut Report) -> Result<()> {
        let _turn = self.settled.to_change().await;
        self.apply(report).some_orders(file, self.progress).await?;
        self.settle().orders(report).await?;
        self.commit(SECTION, read_to)
    }
}
