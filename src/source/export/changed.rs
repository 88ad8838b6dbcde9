//! Orders that changed since the last reading, by a permanent link with a time in it.
//!
//! Confirmed (the shop's help on securing exports): with "only new or updated" each partner has a
//! mark of its own of the last download, so reading consumes what it tells. Not documented: whether
//! the mark moves when a download starts or when it ends, whether a download of the ordinary link
//! moves it, and how it goes together with `updateTimeFrom`. So each request names the time itself;
//! and as soon as a request to that link may have been carried out without its orders being on the
//! disk, the ordinary link is asked instead, which tells what changed whatever the mark says
//! (inferred from how others use it).

use jiff::{SignedDuration, Timestamp};

use super::{Answer, CSV_PATTERN, Days, Exports, TRIED};
use crate::error::{Kind, Result};
use crate::http::{Attempts, Unanswered};
use crate::source::clock::{self, for_a_link};
use crate::source::progress::Progress;
use crate::source::shop::Shop;
use crate::source::site::Site;
use crate::source::spool::{Download, DownloadSource, Extent, Incoming, Section, Spool};

/// Taken off the moment of the last reading: an export is put together for minutes, and an order may
/// be dated earlier than it shows.
const OVERLAP: SignedDuration = SignedDuration::from_hours(1);

/// Through which link changed orders are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrdersLink {
    /// The one made with "only new or updated", where it is configured: a reading consumes.
    Feed,
    /// The ordinary one: after anything that may have moved the feed's mark without its orders being
    /// stored, be it a feed that did not arrive or a full export.
    Ordinary,
}

/// What arrived, and how.
struct Arrived {
    incoming: Incoming,
    requested_at: Timestamp,
    link: OrdersLink,
}

impl Shop {
    /// Downloads the orders that changed since the last reading, `last_read` being the
    /// [`Download::cursor`] of what was stored last (an overlap is taken off here). Needs no pause
    /// between two requests: `min_interval` is for those without a time.
    ///
    /// A download that is complete on the disk and was not stored is answered again without asking
    /// the shop. Before calling this with [`OrdersLink::Feed`] the caller notes durably that it does,
    /// and when it has stored the download, or cannot read it, it discards it from the spool. As long
    /// as that note stands without a download stored, the next call has to be [`OrdersLink::Ordinary`].
    ///
    /// # Errors
    /// When the link does not answer with an export, or the spool cannot be written.
    pub async fn download_changed_orders(
        &self,
        link: OrdersLink,
        last_read: Timestamp,
        spool: &Spool,
        progress: &dyn Progress,
    ) -> Result<Download> {
        let exports = self.exports(Section::Orders)?;
        let since = clock::less(last_read, OVERLAP);
        let mut link = link;
        if spool.is_aside() {
            // What is read aside is never stored: the feed would not tell it again. And whether the ordinary
            // link moves the mark is not known, so the next reading does not rely on it.
            link = OrdersLink::Ordinary;
            spool.of_turns().remember(TRIED, &Timestamp::now())?;
        }
        if let Some(found) = spool.complete(Section::Orders)?
            && found.shop_url == self.settings.url.as_str()
        {
            let (from, consumed) = match found.extent {
                Extent::FeedSince(from) => (Some(from), true),
                Extent::ChangedSince(from) => (Some(from), false),
                Extent::Whole => (None, false),
            };
            // Whoever keeps the cursor may keep whole seconds.
            let is_stored = found.cursor.as_second() <= last_read.as_second();
            let reaches_back = from.is_some_and(|from| from <= since);
            if found.source == DownloadSource::Export && reaches_back && !is_stored {
                return Ok(found);
            }
            // What the feed told then is thrown away here, and the feed may not tell it again.
            if consumed && !is_stored {
                link = OrdersLink::Ordinary;
            }
        }
        let arrived = exports
            .download_changed(&self.site, spool, link, since, progress)
            .await?;
        let extent = match arrived.link {
            OrdersLink::Feed => Extent::FeedSince(since),
            OrdersLink::Ordinary => Extent::ChangedSince(since),
        };
        let description = self.description(
            Section::Orders,
            DownloadSource::Export,
            arrived.requested_at,
            Days::default(),
            extent,
        );
        arrived.incoming.finish(description).await
    }
}

impl Exports {
    /// Downloads what changed since `since`. A request to the feed that may have been carried out is
    /// not repeated there.
    async fn download_changed(
        &self,
        site: &Site,
        spool: &Spool,
        link: OrdersLink,
        since: Timestamp,
        progress: &dyn Progress,
    ) -> Result<Arrived> {
        let _one_at_a_time = self.turns.orders.lock().await;
        let mut attempts = Attempts::new(&self.pace);
        let mut link = match &self.links.orders_feed_hash {
            Some(_) => link,
            None => OrdersLink::Ordinary,
        };
        loop {
            let requested_at = Timestamp::now();
            let (error, asked, may_have_consumed) = match self.open_changed(site, link, since).await {
                Ok(Answer::Export(body)) => match body.into_spool(spool, Section::Orders, progress).await {
                    Ok(incoming) if !incoming.is_blank() => {
                        return Ok(Arrived {
                            incoming,
                            requested_at,
                            link,
                        });
                    }
                    Ok(_) => (self.empty(Section::Orders), None, true),
                    Err(error) => (error, None, true),
                },
                // A fault of the service may come after its work; a refusal comes before.
                Ok(Answer::NoExport(error, asked)) => {
                    let worked = error.kind() == Kind::ServerFault;
                    (error, asked, worked)
                }
                Err(unanswered) => (unanswered.error, None, unanswered.may_have_arrived),
            };
            let Some(pause) = attempts.pause_after(&error, asked) else {
                return Err(super::dead_link(error));
            };
            if may_have_consumed && link == OrdersLink::Feed {
                link = OrdersLink::Ordinary;
                progress.tell(
                    "the feed of changed orders did not arrive and may not be told again: reading them through the \
                     ordinary link",
                );
            }
            if let Some(words) = attempts.words_for(pause, &error) {
                progress.tell(&words);
            }
            tracing::debug!(shop = %self.shop, cause = error.cause(), "the changed orders did not arrive, asking again");
            tokio::time::sleep(pause).await;
        }
    }

    async fn open_changed(
        &self,
        site: &Site,
        link: OrdersLink,
        since: Timestamp,
    ) -> Result<Answer, Unanswered> {
        let doing = self.doing(Section::Orders);
        let format = match self.links.orders_pattern {
            CSV_PATTERN => "csv",
            _ => "xml",
        };
        let hash = match (link, &self.links.orders_feed_hash) {
            (OrdersLink::Feed, Some(hash)) => hash,
            _ => self.hash(Section::Orders)?,
        };
        let mut address = self.address(Section::Orders, format, hash, Days::default());
        // Appended as text: a space is `%20` here, as in the links that are known to work.
        let query = address.query().unwrap_or_default();
        let query = format!("{query}&updateTimeFrom={}", for_a_link(since));
        address.set_query(Some(&query));
        let opened = site.open(address, &doing).await?;
        Ok(Answer::of(opened, &doing))
    }
}
