//! The permanent links: the shop's own exports, opened by a hash in the address.
//!
//! The hash is a credential and stands in the address, so the address is never shown.

mod changed;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use url::Url;

use super::budgets::Budgets;
use super::progress::Progress;
use super::settings::{ExportSettings, ShopSettings};
use super::site::{Arriving, Opened, Site};
use super::spool::{Incoming, Section, Spool};
use crate::error::{Error, Kind, Result};
use crate::http::{Attempts, Pace, Unanswered};
use crate::secret::Secret;

pub use changed::OrdersLink;

/// The system's CSV template; every other pattern can be had as XML.
const CSV_PATTERN: i32 = -9;

const TURNS: &str = "exports";

/// Where it is noted when the link of the orders was last asked for something that was not stored: tried
/// out, or read for a plan.
const TRIED: &str = "orders-tried";

/// The exports of one shop. One of each section runs at a time, not more often than `min_interval`.
pub(super) struct Exports {
    shop: String,
    address: Url,
    links: ExportSettings,
    pace: Pace,
    turns: Arc<Turns>,
}

/// Whose turn it is at the exports of a shop.
#[derive(Default)]
pub(super) struct Turns {
    customers: Mutex<()>,
    orders: Mutex<()>,
}

/// An interval of days, both included: of registrations or of order dates.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Days {
    pub since: Option<Date>,
    pub until: Option<Date>,
}

/// When each section was last requested, in `exports.json` of the spool.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct LastTurns {
    customers: Option<Timestamp>,
    orders: Option<Timestamp>,
}

impl LastTurns {
    fn of(&mut self, section: Section) -> &mut Option<Timestamp> {
        match section {
            Section::Customers => &mut self.customers,
            Section::Orders => &mut self.orders,
        }
    }
}

impl Exports {
    pub fn new(settings: &ShopSettings, links: &ExportSettings, budgets: &Budgets, pace: &Pace) -> Self {
        Self {
            shop: settings.name.clone(),
            address: settings.url.clone(),
            links: links.clone(),
            pace: pace.clone(),
            turns: budgets.of_address(&settings.url, pace).turns.clone(),
        }
    }

    /// Whether the link of a section is configured.
    pub fn has(&self, section: Section) -> bool {
        self.hash(section).is_ok()
    }

    /// Downloads a section, waiting for its turn. Returns the moment before the request that brought it.
    pub async fn download(
        &self,
        site: &Site,
        spool: &Spool,
        section: Section,
        days: Days,
        progress: &dyn Progress,
    ) -> Result<(Incoming, Timestamp)> {
        let _one_at_a_time = match section {
            Section::Customers => self.turns.customers.lock().await,
            Section::Orders => self.turns.orders.lock().await,
        };
        let mut attempts = Attempts::new(&self.pace);
        loop {
            let earlier = self.wait_for_turn(spool, section, progress).await?;
            let requested_at = Timestamp::now();
            // Before the request: a process killed during it has used up its turn all the same.
            self.note_turn(spool, section, Some(requested_at))?;
            let (error, asked, none_ran) = match self.open(site, section, days).await {
                Ok(Answer::Export(body)) => match body.into_spool(spool, section, progress).await {
                    Ok(incoming) if incoming.is_blank() => (self.empty(section), None, false),
                    Ok(incoming) => return Ok((incoming, requested_at)),
                    Err(error) => (error, None, false),
                },
                Ok(Answer::NoExport(error, asked)) => (error, asked, true),
                Err(unanswered) => (unanswered.error, None, !unanswered.may_have_arrived),
            };
            // A log-in page or a redirect is no export either.
            if none_ran || error.kind() == Kind::NotData {
                // So the next one need not wait for it.
                self.note_turn(spool, section, earlier)?;
            }
            let error = dead_link(error);
            let Some(pause) = attempts.pause_after(&error, asked) else {
                return Err(error);
            };
            if let Some(words) = attempts.words_for(pause, &error) {
                progress.tell(&words);
            }
            tracing::debug!(shop = %self.shop, cause = error.cause(), "the export did not arrive, asking again");
            tokio::time::sleep(pause).await;
        }
    }

    /// Whether the ordinary link of the orders was asked for something else than changes since then, by
    /// whatever command: that may have moved the mark by which the feed knows what it has told.
    pub fn mark_may_have_moved(&self, spool: &Spool, since: Timestamp) -> Result<bool> {
        let mut turns: LastTurns = spool.of_turns().recall(TURNS)?.unwrap_or_default();
        let tried: Option<Timestamp> = spool.of_turns().recall(TRIED)?;
        Ok((*turns.of(Section::Orders))
            .max(tried)
            .is_some_and(|asked| asked >= since))
    }

    /// Asks for today's export alone and reads its beginning, to see whether the link answers.
    pub async fn try_out(&self, site: &Site, spool: &Spool, section: Section, timezone: &str) -> Result<()> {
        if section == Section::Orders {
            spool.of_turns().remember(TRIED, &Timestamp::now())?;
        }
        let zone = TimeZone::get(timezone).unwrap_or(TimeZone::UTC);
        let today = Timestamp::now().to_zoned(zone).date();
        let days = Days {
            since: Some(today),
            until: Some(today),
        };
        match self
            .open(site, section, days)
            .await
            .map_err(|unanswered| dead_link(unanswered.error))?
        {
            Answer::Export(body) => body.peek().await.map_err(dead_link),
            Answer::NoExport(error, _) => Err(error),
        }
    }

    /// When the next full export of a section may be requested; `None`: now.
    pub fn next_turn(&self, spool: &Spool, section: Section) -> Result<Option<Timestamp>> {
        let mut turns: LastTurns = spool.of_turns().recall(TURNS)?.unwrap_or_default();
        Ok(turns.of(section).and_then(|last| {
            let now = Timestamp::now();
            // A last turn in the future was noted by a clock that was set back since.
            let next = last.min(now).checked_add(self.links.min_interval).ok()?;
            (next > now).then_some(next)
        }))
    }

    /// Waits until the section may be asked for again; returns when it was asked for last.
    async fn wait_for_turn(
        &self,
        spool: &Spool,
        section: Section,
        progress: &dyn Progress,
    ) -> Result<Option<Timestamp>> {
        if let Some(next) = self.next_turn(spool, section)? {
            let name = section.as_str();
            let left = next.duration_since(Timestamp::now());
            let left = Duration::try_from(left).unwrap_or_default();
            let at = next.strftime("%H:%M:%S UTC");
            if left > self.pace.export_turn_longest {
                let cause = format!("the last one was too short a time ago, the next is possible at {at}");
                return Err(Error::new(Kind::Busy, self.doing(section), cause)
                    .with_hint("run the command again then, or set a shorter `min_interval`"));
            }
            progress.tell(&format!(
                "waiting until {at}: the shop wants a pause between two exports of {name}"
            ));
            tokio::time::sleep(left).await;
        }
        let mut turns: LastTurns = spool.of_turns().recall(TURNS)?.unwrap_or_default();
        Ok(turns.of(section).take())
    }

    fn note_turn(&self, spool: &Spool, section: Section, at: Option<Timestamp>) -> Result<()> {
        let mut turns: LastTurns = spool.of_turns().recall(TURNS)?.unwrap_or_default();
        *turns.of(section) = at;
        spool.of_turns().remember(TURNS, &turns)
    }

    async fn open(&self, site: &Site, section: Section, days: Days) -> Result<Answer, Unanswered> {
        let doing = self.doing(section);
        // Which of the two a shop offers for customers is not documented.
        let (format, otherwise) = match section {
            Section::Orders if self.links.orders_pattern == CSV_PATTERN => ("csv", None),
            Section::Orders => ("xml", None),
            Section::Customers => ("xml", Some("csv")),
        };
        let mut opened = site.open(self.link(section, format, days)?, &doing).await?;
        if let (Opened::Refused(refused), Some(otherwise)) = (&opened, otherwise)
            && refused.status == StatusCode::NOT_FOUND
        {
            opened = site.open(self.link(section, otherwise, days)?, &doing).await?;
        }
        Ok(Answer::of(opened, &doing))
    }

    fn link(&self, section: Section, format: &str, days: Days) -> Result<Url> {
        Ok(self.address(section, format, self.hash(section)?, days))
    }

    fn address(&self, section: Section, format: &str, hash: &Secret, days: Days) -> Url {
        let mut link = self.address.clone();
        link.set_query(None);
        link.set_fragment(None);
        link.set_path(&format!("/export/{}.{format}", section.as_str()));
        {
            let mut query = link.query_pairs_mut();
            if section == Section::Orders {
                query.append_pair("patternId", &self.links.orders_pattern.to_string());
            }
            if let Some(partner) = self.links.partner_id {
                query.append_pair("partnerId", &partner.to_string());
            }
            // Whatever was copied behind the hash, such as a date that stood in the link, is cut off.
            let hash = hash.expose().split('&').next().unwrap_or_default();
            query.append_pair("hash", hash);
            for (name, day) in [("dateFrom", days.since), ("dateUntil", days.until)] {
                if let Some(day) = day {
                    query.append_pair(name, &day.to_string());
                }
            }
        }
        link
    }

    fn hash(&self, section: Section) -> Result<&Secret> {
        let (hash, key) = match section {
            Section::Customers => (&self.links.customers_hash, "customers_hash"),
            Section::Orders => (&self.links.orders_hash, "orders_hash"),
        };
        hash.as_ref().ok_or_else(|| {
            Error::new(
                Kind::Configuration,
                self.doing(section),
                format!("there is no `{key}` in [shop.exports]"),
            )
            .with_hint("copy it from the permanent link in the shop's administration")
        })
    }

    /// Even a shop without a single record sends the frame of a document.
    fn empty(&self, section: Section) -> Error {
        Error::new(Kind::Truncated, self.doing(section), "the answer was empty")
    }

    fn doing(&self, section: Section) -> String {
        format!(
            "downloading the {} export of shop {}",
            section.as_str(),
            self.shop
        )
    }
}

/// How a link answered.
enum Answer {
    Export(Box<Arriving>),
    /// The shop ran no export: why, and how long it asks us to wait.
    NoExport(Error, Option<Duration>),
}

impl Answer {
    fn of(opened: Opened, doing: &str) -> Self {
        match opened {
            Opened::Body(body) => Self::Export(body),
            Opened::Refused(refused) => {
                Self::NoExport(dead_link(refused.error(Kind::LoginRefused, doing)), refused.asked)
            }
        }
    }
}

/// Adds what a person can do about a link that does not open, where nothing better is known.
fn dead_link(error: Error) -> Error {
    if !matches!(error.kind(), Kind::NotData | Kind::LoginRefused) {
        return error;
    }
    error.or_hint(
        "the link may have been renewed, switched off or bound to another IP address: look at the hashes in the \
         shop's administration (security of exports), then open the link in a browser without logging in",
    )
}
