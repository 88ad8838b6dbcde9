//! The shop's own web site: what can be downloaded without a token.
//!
//! Exports (a hash in the address) and the results of snapshot jobs (an unguessable address) both
//! come from here. No token is ever sent to it.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{CONTENT_ENCODING, LOCATION};
use reqwest::{Client, Response, StatusCode};
use url::Url;

use super::budgets::SiteQuiet;
use super::clock::ShopClock;
use super::progress::{Progress, Unit};
use super::spool::{Incoming, Section, Spool};
use crate::error::{Error, Kind, Result};
use crate::http::{self, Pace, Unanswered, WatchedBody};

/// Larger than any shop's export: the shops we know of send 74 MB.
const LARGEST_DOWNLOAD: u64 = 64 * 1024 * 1024 * 1024;

/// A log-in page is told by its beginning; further inside, a customer's remark may say anything.
const SNIFFED: usize = 1024;

/// From `http` to `https` and from one spelling of the path to the other is two.
const MOST_REDIRECTS: usize = 3;

/// The web site of one shop.
pub(super) struct Site {
    http: Client,
    pace: Pace,
    clock: ShopClock,
    quiet: Arc<SiteQuiet>,
}

/// How the site answered.
pub(super) enum Opened {
    /// With a body that is about to arrive.
    Body(Box<Arriving>),
    /// With a status and no data.
    Refused(Refused),
}

impl Site {
    pub fn new(address: &Url, quiet: Arc<SiteQuiet>, pace: &Pace) -> Result<Self> {
        Ok(Self {
            http: http::client(address, pace)?,
            pace: pace.clone(),
            clock: ShopClock::default(),
            quiet,
        })
    }

    /// The shop's clock as its answers tell it.
    pub fn clock(&self) -> &ShopClock {
        &self.clock
    }

    pub fn pace(&self) -> &Pace {
        &self.pace
    }

    /// Asks for `address`.
    ///
    /// # Errors
    /// [`Kind::NotData`] for a redirect to another host; otherwise what the network can do.
    pub async fn open(&self, address: Url, doing: &str) -> Result<Opened, Unanswered> {
        // Whom the shop left unanswered has not asked.
        let quiet = self.quiet.about(&address);
        quiet.end(doing).await.map_err(|error| Unanswered {
            error,
            may_have_arrived: false,
        })?;
        let response = self.follow(address, doing).await?;
        self.clock.note(response.headers());
        let status = response.status();
        if status != StatusCode::OK {
            let asked = http::retry_after(response.headers());
            if let Some(patience) = asked {
                quiet.asked_for(patience);
            }
            return Ok(Opened::Refused(self.refused(status, asked)));
        }
        refuse_unknown_encoding(&response, doing)?;
        let body = WatchedBody::new(response, LARGEST_DOWNLOAD, &self.pace, doing)?;
        Ok(Opened::Body(Box::new(Arriving {
            body,
            doing: doing.to_owned(),
            beginning: Vec::new(),
        })))
    }

    fn refused(&self, status: StatusCode, asked: Option<Duration>) -> Refused {
        let asked = match status {
            StatusCode::LOCKED => Some(asked.unwrap_or_default().max(self.pace.locked)),
            StatusCode::TOO_MANY_REQUESTS => Some(asked.unwrap_or_else(|| http::jittered(self.pace.busy))),
            _ => asked,
        };
        Refused { status, asked }
    }

    /// Follows redirects within the host and nowhere else: the address may hold a hash.
    async fn follow(&self, mut address: Url, doing: &str) -> Result<Response, Unanswered> {
        for _ in 0..=MOST_REDIRECTS {
            let response = http::send(self.http.get(address.clone()), self.pace.first_byte, doing).await?;
            if !response.status().is_redirection() {
                return Ok(response);
            }
            address = redirected(&address, &response, doing)?;
        }
        Err(Error::new(Kind::NotData, doing, "the shop redirects in circles").into())
    }
}

/// A status without data.
pub(super) struct Refused {
    pub status: StatusCode,
    /// How long the shop asks us to wait.
    pub asked: Option<Duration>,
}

impl Refused {
    /// The error; `closed` is what it means here that the address opens nothing.
    pub fn error(&self, closed: Kind, doing: &str) -> Error {
        let kind = match self.status.as_u16() {
            401 | 403 | 404 | 410 => closed,
            423 | 429 => Kind::Busy,
            500..=599 => Kind::ServerFault,
            _ => Kind::Refused,
        };
        Error::new(kind, doing, format!("HTTP {}", self.status.as_u16()))
    }
}

/// A download under way.
pub(super) struct Arriving {
    body: WatchedBody,
    doing: String,
    beginning: Vec<u8>,
}

impl Arriving {
    /// Streams it into the spool, where it is not yet marked complete.
    ///
    /// # Errors
    /// [`Kind::NotData`] for a page meant for people; otherwise what the network and the disk can do.
    pub async fn into_spool(
        mut self,
        spool: &Spool,
        section: Section,
        progress: &dyn Progress,
    ) -> Result<Incoming> {
        let phase = format!("downloading {}", section.as_str());
        let mut incoming = spool.begin(section).await?;
        while let Some(piece) = self.body.next().await? {
            self.look_at(piece.as_ref())?;
            incoming.write(piece.as_ref()).await?;
            progress.report(&phase, self.body.received(), self.body.expected(), Unit::Bytes);
        }
        Ok(incoming)
    }

    /// Reads no more than its beginning, to see whether it is data.
    ///
    /// # Errors
    /// As [`Arriving::into_spool`].
    pub async fn peek(mut self) -> Result<()> {
        while self.beginning.len() < SNIFFED {
            match self.body.next().await? {
                Some(piece) => self.look_at(piece.as_ref())?,
                None => break,
            }
        }
        Ok(())
    }

    fn look_at(&mut self, piece: &[u8]) -> Result<()> {
        let room = SNIFFED.saturating_sub(self.beginning.len());
        if room == 0 {
            return Ok(());
        }
        self.beginning.extend(piece.iter().take(room));
        refuse_a_page(&self.beginning, &self.doing)
    }
}

fn redirected(from: &Url, response: &Response, doing: &str) -> Result<Url> {
    let to = response
        .headers()
        .get(LOCATION)
        .and_then(|location| location.to_str().ok())
        .and_then(|location| from.join(location).ok())
        .ok_or_else(|| Error::new(Kind::NotData, doing, "the shop redirects to nowhere"))?;
    let (host, other) = (
        from.host_str().unwrap_or_default(),
        to.host_str().unwrap_or_default(),
    );
    if host != other {
        return Err(Error::new(
            Kind::NotData,
            doing,
            format!("the shop redirects to the host {other}"),
        )
        .with_hint("when that host is the shop's own, set it as the `url` of the shop"));
    }
    let upgraded = from.scheme() == "http" && to.scheme() == "https";
    let same_place =
        from.scheme() == to.scheme() && from.port_or_known_default() == to.port_or_known_default();
    if upgraded || same_place {
        Ok(to)
    } else {
        Err(Error::new(
            Kind::NotData,
            doing,
            "the shop redirects to another port or to plain HTTP",
        ))
    }
}

/// We asked for no encoding. gzip is met all the same and told by its first bytes; anything else
/// could not be read back from the spool.
fn refuse_unknown_encoding(response: &Response, doing: &str) -> Result<()> {
    let encoding = response
        .headers()
        .get(CONTENT_ENCODING)
        .map_or("", |name| name.to_str().unwrap_or("?"));
    match encoding.to_ascii_lowercase().as_str() {
        "" | "identity" | "gzip" | "x-gzip" => Ok(()),
        _ => Err(Error::new(
            Kind::NotData,
            doing,
            "the answer is encoded in a way we did not ask for",
        )),
    }
}

fn refuse_a_page(beginning: &[u8], doing: &str) -> Result<()> {
    let text = String::from_utf8_lossy(beginning).to_ascii_lowercase();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let is_page = text.starts_with('<') && (text.contains("<!doctype html") || text.contains("<html"));
    if is_page {
        return Err(Error::new(
            Kind::NotData,
            doing,
            "a web page was answered instead of data",
        ));
    }
    Ok(())
}
