//! What the API says has changed since the last reading: a list of keys, and where it is too long to
//! be worth it, a document.

use jiff::{SignedDuration, Timestamp};

use super::api::{self, Client, JobWebhook, Listed};
use super::clock;
use super::progress::Progress;
use super::shop::Shop;
use super::snapshot;
use super::spool::{Download, DownloadSource, Extent, Section, Spool};
use crate::error::{Kind, Result};

/// Taken off the moment of the last reading: the shop's times of change have whole seconds, and a
/// change may become visible somewhat later than it is dated (not documented).
pub(super) const OVERLAP: SignedDuration = SignedDuration::from_mins(5);

/// More changes than this are read by a snapshot job. A detail costs a drop of the bucket that drains
/// ten a second, a job costs one drop and up to a minute between two looks whether it has ended: at a
/// minute's worth of details the two are even.
const WORTH_A_SNAPSHOT: usize = 600;

/// More changes than this are not kept in memory (some 100 bytes each) but call for a full reading,
/// which the bucket allows as fast.
const MOST_LISTED: usize = 50_000;

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is new or changed.
    Edited,
    /// It was deleted; final only when its detail is [`Told::Gone`](super::Told::Gone).
    Deleted,
}

impl ChangeKind {
    /// The shop's word.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Edited => "edit",
            Self::Deleted => "delete",
        }
    }
}

/// A record that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Customer guid or order code.
    pub key: String,
    /// When, where the shop tells.
    pub changed_at: Option<Timestamp>,
    /// How it changed last.
    pub kind: ChangeKind,
}

/// What changed since the last reading.
#[derive(Debug)]
pub enum Changes {
    /// All of this.
    Since(Changed),
    /// The shop does not tell (any more): everything has to be read.
    ReadAll(ReadAll),
}

/// Why everything has to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadAll {
    /// The shop keeps changes for 30 days and was not read for longer.
    TooOld,
    /// So much has changed that a full reading is no dearer.
    TooMuch,
}

/// Changes of one section.
#[derive(Debug)]
pub struct Changed {
    /// Noted before the first request.
    pub requested_at: Timestamp,
    /// How far the section is read once all of this is stored: what the next reading is asked with.
    /// `None`: the list kept shifting and may lack a change; what it holds is worth storing, but the
    /// next reading has to begin where this one did.
    pub cursor: Option<Timestamp>,
    /// Records whose details are to be read, each once, the deleted ones among them.
    pub listed: Vec<Change>,
    /// The records that changed, when they were too many for a list: `listed` holds only the deleted.
    pub download: Option<Download>,
}

impl Shop {
    /// What changed in a section since it was last read, by the API. `last_read` is the cursor of the
    /// last reading that was stored (of [`Changed`], or of a [`Download`]); an overlap is taken off
    /// here, so a change may be told twice.
    ///
    /// # Errors
    /// When the API does not answer with data, or there is none; then the cursor stays where it is.
    pub async fn changes(
        &self,
        section: Section,
        last_read: Timestamp,
        spool: &Spool,
        progress: &dyn Progress,
    ) -> Result<Changes> {
        let client = self.client(section)?;
        let from = clock::less(last_read, OVERLAP);
        let requested_at = Timestamp::now();
        let mut listed = api::list_changes(client, section, from, None, WORTH_A_SNAPSHOT, progress).await?;
        let mut download = None;
        if matches!(listed, Listed::TooMany) {
            download = self
                .download_changed(client, section, from, spool, progress)
                .await?;
            let only = download.as_ref().map(|_| ChangeKind::Deleted);
            listed = api::list_changes(client, section, from, only, MOST_LISTED, progress).await?;
        }
        let (listed, whole) = match listed {
            Listed::All(listed) => (listed, true),
            Listed::Some(listed) => (listed, false),
            Listed::TooMany => return Ok(Changes::ReadAll(ReadAll::TooMuch)),
            Listed::TooOld => return Ok(Changes::ReadAll(ReadAll::TooOld)),
        };
        let ours = client.clock().of_ours(requested_at);
        // A document of an earlier run that was not stored says less than one of now.
        let read_to = download
            .as_ref()
            .map_or(ours, |download| download.cursor.min(ours));
        Ok(Changes::Since(Changed {
            requested_at,
            cursor: whole.then_some(read_to),
            listed,
            download,
        }))
    }

    /// The records that changed as one document; `None` where the shop runs no job for us.
    async fn download_changed(
        &self,
        client: &Client,
        section: Section,
        from: Timestamp,
        spool: &Spool,
        progress: &dyn Progress,
    ) -> Result<Option<Download>> {
        let extent = Extent::ChangedSince(from);
        let days = self.days_of(section);
        let sources = [DownloadSource::ApiSnapshot];
        if let Some(found) = self.found_complete(spool, section, &sources, days, extent, progress)? {
            return Ok(Some(found));
        }
        let webhook = api::see_to_job_webhook(client, self.job_webhook.as_ref()).await?;
        if let Some(obstacle) = webhook.obstacle() {
            progress.tell(&obstacle);
            return Ok(None);
        }
        let snapshot = match section {
            Section::Customers => api::customers_snapshot(Some(from)),
            Section::Orders => {
                let timezone = self.facts().await?.timezone;
                api::orders_snapshot(days.since, days.until, &timezone, Some(from))?
            }
        };
        match snapshot::download(self, client, &snapshot, days, extent, spool, progress).await {
            Err(error) if error.kind() == Kind::RightsMissing && webhook == JobWebhook::NotToldToUs => {
                progress.tell("this token may run no snapshot job: the changes are read one by one");
                Ok(None)
            }
            ended => ended.map(Some),
        }
    }
}
