//! How we log in: a private token as it is, or an add-on's token exchanged for one of 30 minutes.
//!
//! At most five tokens of an add-on are valid at once, so one is shared by all requests and a new
//! one is asked for only near its end or when the shop calls it expired. It is never written down.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use reqwest::header::HeaderValue;
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use super::answer::plain_code;
use crate::error::{Error, Kind, Result};
use crate::http::{self, Pace, Quiet};
use crate::secret::Secret;
use crate::source::settings::ApiToken;

/// A token this close to its end is not used any more: the request has to arrive with it.
const MARGIN: Duration = Duration::from_secs(60);

/// The life of a token whose answer does not say.
const USUAL_LIFE: Duration = Duration::from_secs(1_800);

/// The token server answers in a few dozen bytes.
const LARGEST_ANSWER: usize = 64 * 1024;

const DOING: &str = "getting an access token for the shop's API";

/// The log-in of one shop.
pub(super) enum Token {
    Private(Secret),
    Addon(Box<AddonToken>),
}

/// What a request is sent with.
pub(super) struct Access {
    /// The header that carries it.
    pub header: &'static str,
    /// The token.
    pub token: Secret,
    /// Which token it is; 0 for one that cannot be renewed.
    pub serial: u64,
}

impl Token {
    pub fn new(settings: &ApiToken, pace: &Pace, note: Option<PathBuf>) -> Result<Self> {
        Ok(match settings {
            ApiToken::Private(token) => Self::Private(token.clone()),
            ApiToken::Addon {
                oauth_token,
                token_url,
            } => Self::Addon(Box::new(AddonToken {
                http: http::client(token_url, pace)?,
                oauth_token: oauth_token.clone(),
                token_url: token_url.clone(),
                patience: pace.answer,
                quiet: Quiet::new(pace, note),
                current: Mutex::new(Current {
                    serial: 0,
                    valid: None,
                }),
            })),
        })
    }

    /// The token to use now; whoever comes while one is asked for waits for that one.
    pub async fn access(&self) -> Result<Access> {
        match self {
            Self::Private(token) => Ok(Access {
                header: "Shoptet-Private-API-Token",
                token: token.clone(),
                serial: 0,
            }),
            Self::Addon(addon) => addon.access().await,
        }
    }

    /// Puts a token away that the shop no longer takes. Returns whether there can be a new one.
    pub async fn put_away(&self, serial: u64) -> bool {
        let Self::Addon(addon) = self else { return false };
        let mut current = addon.current.lock().await;
        // Another request may have renewed it meanwhile: then that one is the new token.
        if current.serial == serial {
            current.valid = None;
        }
        true
    }
}

/// A token as a header value that no debug output shows.
pub(super) fn header_value(token: &Secret) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(token.expose()).map_err(|_| {
        Error::new(
            Kind::Configuration,
            "logging in to the shop's API",
            "the token has characters that no token has, such as a line break",
        )
    })?;
    value.set_sensitive(true);
    Ok(value)
}

pub(super) struct AddonToken {
    http: reqwest::Client,
    oauth_token: Secret,
    token_url: Url,
    patience: Duration,
    quiet: Quiet,
    current: Mutex<Current>,
}

struct Current {
    serial: u64,
    valid: Option<(Secret, Instant)>,
}

impl AddonToken {
    async fn access(&self) -> Result<Access> {
        let mut current = self.current.lock().await;
        if let Some((token, ends)) = &current.valid
            && Instant::now() < *ends
        {
            return Ok(self.as_access(token.clone(), current.serial));
        }
        let (token, life) = self.exchange().await?;
        let now = Instant::now();
        let ends = now.checked_add(life.saturating_sub(MARGIN)).unwrap_or(now);
        current.serial = current.serial.wrapping_add(1);
        current.valid = Some((token.clone(), ends));
        Ok(self.as_access(token, current.serial))
    }

    fn as_access(&self, token: Secret, serial: u64) -> Access {
        Access {
            header: "Shoptet-Access-Token",
            token,
            serial,
        }
    }

    async fn exchange(&self) -> Result<(Secret, Duration)> {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Answer {
            access_token: Option<String>,
            expires_in: Option<u64>,
            error: Option<String>,
        }
        let mut bearer =
            HeaderValue::from_str(&format!("Bearer {}", self.oauth_token.expose())).map_err(|_| {
                Error::new(
                    Kind::Configuration,
                    DOING,
                    "the oauth token is not one line of text",
                )
            })?;
        bearer.set_sensitive(true);
        self.quiet.end(DOING).await?;
        let request = self
            .http
            .get(self.token_url.clone())
            .header(reqwest::header::AUTHORIZATION, bearer)
            .timeout(self.patience);
        let response = http::send(request, self.patience, DOING).await?;
        let status = response.status();
        if let (false, Some(patience)) = (status.is_success(), http::retry_after(response.headers())) {
            self.quiet.asked_for(patience);
        }
        let body = http::read_capped(response, LARGEST_ANSWER, DOING).await?;
        let answer: Answer = serde_json::from_slice(&body).unwrap_or_default();
        if let (true, Some(token)) = (status.is_success(), answer.access_token) {
            let life = answer.expires_in.map_or(USUAL_LIFE, Duration::from_secs);
            return Ok((Secret::new(token), life));
        }
        let code = plain_code(&answer.error.unwrap_or_default());
        let cause = format!("HTTP {} {code}", status.as_u16());
        Err(match (status.as_u16(), code.as_str()) {
            (_, "maximum_tokens_reached") => Error::new(Kind::Busy, DOING, cause)
                .with_hint("five tokens are valid already; each ends after 30 minutes, then run again"),
            (429, _) => Error::new(Kind::Busy, DOING, cause),
            (500..=599, _) => Error::new(Kind::ServerFault, DOING, cause),
            (200..=399, "") => Error::new(Kind::NotData, DOING, cause)
                .with_hint("check `token_url`: it has to answer with an access token"),
            _ => Error::new(Kind::LoginRefused, DOING, cause).with_hint(
                "check `oauth_token` and `token_url`, and that the add-on is installed and not suspended",
            ),
        })
    }
}
