//! Filling a system by its XML feed: sixty requests a minute are days for the customers of a large shop, one upload
//! holds hundreds of them.
//!
//! Uploads are worked through later, and nobody says what came of them. What was uploaded has no number of MiniCRM's
//! until somebody has to know it: it is found by ours. Twice is harmless.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use super::crm::Crm;
use super::feed;
use super::parts::ContactParts;
use super::wire::{Record, id_in, text_in};
use crate::error::{Call, Error, Kind, Result};

/// From so many contacts on a feed is quicker than requests.
pub const MANY: u64 = 300;

/// Records in one document.
pub const TOGETHER: usize = 250;

/// For so long what was uploaded may wait to be worked through.
const WORKED_THROUGH_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// So many contacts are uploaded first, and looked at.
const LOOKED_AT: usize = 2;

const ABOUT_THE_FEED: &str =
    "look at the log of the feed in MiniCRM; without `sync_feed_id` in the configuration requests are used";

/// What is done where it fails.
pub const UPLOADING: &str = "uploading to the XML feed of MiniCRM";

/// What is known while a system is filled.
#[derive(Default)]
pub struct Filling(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// Contacts by a hash of their e-mail, those that were there before this delivery.
    emails: Option<HashMap<u64, Vec<u64>>>,
    /// Numbers of the first upload, until they were looked at.
    to_look_at: Vec<u64>,
    is_looked_at: bool,
    /// Records that were perhaps uploaded: they go by XML again.
    perhaps: HashSet<String>,
    /// Contacts of MiniCRM by the numbers that they were uploaded under.
    resolved: HashMap<u64, u64>,
}

/// What was uploaded is not there yet.
pub fn not_worked_through(doing: &str) -> Error {
    Error::new(Kind::Busy, doing, "what was uploaded is not worked through yet").with_hint(ABOUT_THE_FEED)
}

impl Filling {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a record was perhaps uploaded, and goes by XML again.
    pub fn is_perhaps(&self, key: &str) -> bool {
        self.known().perhaps.contains(key)
    }

    /// Whether all contacts were listed.
    pub fn has_emails(&self) -> bool {
        self.known().emails.is_some()
    }

    /// Contacts with this e-mail as we spell it, where all were listed.
    pub fn with_email(&self, email: &str) -> Option<Vec<u64>> {
        let known = self.known();
        let emails = known.emails.as_ref()?;
        Some(emails.get(&hash(email)).cloned().unwrap_or_default())
    }
}

fn hash(email: &str) -> u64 {
    let hash = Sha256::digest(email);
    hash.iter()
        .take(8)
        .fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

impl Crm {
    /// A record was perhaps uploaded. It goes by XML again, where twice is harmless.
    pub fn note_perhaps_uploaded(&self, key: &str) {
        if self.settings.sync_feed_id.is_some() {
            self.filling.known().perhaps.insert(key.to_owned());
        }
    }

    /// Lists the e-mails of all contacts, once: a hundred a request, where each would be one.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn list_emails(&self) -> Result<()> {
        if self.filling.known().emails.is_some() {
            return Ok(());
        }
        let mut emails: HashMap<u64, Vec<u64>> = HashMap::new();
        for number in 0.. {
            let page = self.page_of_contacts(number).await?;
            for (id, contact) in &page.entries {
                if let Some(email) = self.spelled(&text_in(contact, "Email")) {
                    emails.entry(hash(&email)).or_default().push(*id);
                }
            }
            if !page.is_followed(number) {
                break;
            }
        }
        self.filling.known().emails = Some(emails);
        Ok(())
    }

    /// What became of a record that was uploaded: of one that perhaps was, that is remembered.
    ///
    /// # Errors
    /// Those of the upload.
    pub fn outcome(&self, key: &str, uploaded: Result<()>) -> Result<()> {
        match &uploaded {
            Err(error) if error.kind().calls_for() == Call::Retry => self.note_perhaps_uploaded(key),
            Err(_) => {}
            Ok(()) => drop(self.filling.known().perhaps.remove(key)),
        }
        uploaded
    }

    /// Uploads contacts, few at first: more of them when those stand there, each by itself.
    ///
    /// # Errors
    /// When they do not.
    pub async fn upload_first(&self, projects: &[String], numbers: &[u64]) -> Result<Vec<Result<()>>> {
        let mut done: Vec<Result<()>> = Vec::with_capacity(projects.len());
        while let Some(left) = projects.get(done.len()..).filter(|left| !left.is_empty()) {
            self.look_at_first_upload().await?;
            let is_looked_at = self.filling.known().is_looked_at;
            let now = match is_looked_at {
                true => left.len(),
                false => LOOKED_AT.min(left.len()),
            };
            let (these, _) = left.split_at(now);
            let uploaded = self.upload(these).await;
            if !is_looked_at {
                let of_these = numbers.iter().skip(done.len()).zip(&uploaded);
                let taken = of_these.filter(|(_, uploaded)| uploaded.is_ok());
                let taken: Vec<u64> = taken.map(|(number, _)| *number).collect();
                self.filling.known().to_look_at.extend(taken);
            }
            done.extend(uploaded);
        }
        Ok(done)
    }

    /// Uploads pieces in one document; one that is refused does not take the others with it.
    pub async fn upload(&self, pieces: &[String]) -> Vec<Result<()>> {
        let feed = self.settings.sync_feed_id.unwrap_or_default().to_string();
        let path = ["SyncFeed", feed.as_str(), "Upload"];
        let mut done = Vec::with_capacity(pieces.len());
        let mut waiting = vec![pieces];
        while let Some(some) = waiting.pop() {
            match self.api.upload(&path, &feed::document(some), UPLOADING).await {
                Ok(()) => done.extend(some.iter().map(|_| Ok(()))),
                Err(error) if error.kind() == Kind::Refused && some.len() > 1 => {
                    let (first, second) = some.split_at(some.len() / 2);
                    waiting.extend([second, first]);
                }
                Err(error) => done.extend(some.iter().map(|_| Err(error.clone()))),
            }
        }
        done
    }

    /// Whether the first contacts that were uploaded stand there, each by itself, before more of them are.
    ///
    /// # Errors
    /// When they do not.
    pub async fn look_at_first_upload(&self) -> Result<()> {
        let to_look_at = std::mem::take(&mut self.filling.known().to_look_at);
        let mut cards = HashSet::new();
        for number in &to_look_at {
            cards.extend(self.arrived(*number).await?);
        }
        if cards.len() < to_look_at.len() {
            let cause = "the first contacts that were uploaded do not stand there, each by itself";
            return Err(Error::new(Kind::Busy, UPLOADING, cause).with_hint(ABOUT_THE_FEED));
        }
        self.filling.known().is_looked_at |= !to_look_at.is_empty();
        Ok(())
    }

    /// The card that was uploaded under a number, when it is there at last.
    async fn arrived(&self, number: u64) -> Result<Option<u64>> {
        let begun = Instant::now();
        let mut pause = self.pace.job_poll_first;
        loop {
            let found = self.cards_by_reference(&number.to_string()).await?;
            if let Some((card, _)) = found.first() {
                return Ok(Some(*card));
            }
            if begun.elapsed() + pause > self.pace.retry_total {
                return Ok(None);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(self.pace.job_poll_longest);
        }
    }

    /// A contact that was uploaded, as MiniCRM calls it by now, and its card. `None` where it never arrived.
    ///
    /// # Errors
    /// While it may still be waiting to be worked through.
    pub async fn uploaded(&self, number: u64, parts: &ContactParts) -> Result<Option<(u64, (u64, Record))>> {
        if let Some(there) = self.there_by_now(number).await? {
            return Ok(Some(there));
        }
        let waited = parts.uploaded_at.map(|at| Timestamp::now().duration_since(at));
        match waited {
            Some(waited) if waited < WORKED_THROUGH_WITHIN => Err(not_worked_through(UPLOADING)),
            _ => Ok(None),
        }
    }

    async fn there_by_now(&self, number: u64) -> Result<Option<(u64, (u64, Record))>> {
        for (id, card) in self.cards_by_reference(&number.to_string()).await? {
            if let Some(contact) = id_in(&card, "ContactId").or_else(|| id_in(&card, "BusinessId")) {
                return Ok(Some((contact, (id, card))));
            }
        }
        Ok(None)
    }

    /// The contact that was uploaded under a number; `None` while it is not there.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn resolved(&self, number: u64) -> Result<Option<u64>> {
        if let Some(contact) = self.filling.known().resolved.get(&number) {
            return Ok(Some(*contact));
        }
        let contact = self.there_by_now(number).await?.map(|(contact, _)| contact);
        if let Some(contact) = contact {
            self.filling.known().resolved.insert(number, contact);
        }
        Ok(contact)
    }
}
