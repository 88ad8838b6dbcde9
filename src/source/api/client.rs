//! One request to the API: log-in, limits, retries, envelope.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, StatusCode};
use serde::de::DeserializeOwned;
use url::Url;

use super::answer::{self, Refusal};
use super::budget::{Budget, CONNECTIONS};
use super::token::{Access, header_value};
use crate::error::{Call, Error, Kind, Result};
use crate::http::{self, Attempts, Pace};
use crate::source::clock::ShopClock;
use crate::source::settings::ApiSettings;

/// A page of a thousand list items has about 300 KB.
const LARGEST_ANSWER: usize = 32 * 1024 * 1024;

/// The API of one shop. Its budget it shares with all who have its token.
pub(in crate::source) struct Client {
    shop: String,
    http: reqwest::Client,
    base: Url,
    budget: Arc<Budget>,
    pace: Pace,
    told: Mutex<BTreeSet<&'static str>>,
    clock: ShopClock,
}

/// What is asked of the API.
pub(in crate::source) struct Ask<'a> {
    method: Method,
    endpoint: &'static str,
    id: Option<&'a str>,
    query: Vec<(&'a str, String)>,
    body: Option<serde_json::Value>,
}

impl<'a> Ask<'a> {
    /// Reads an endpoint such as `/api/eshop`.
    pub fn get(endpoint: &'static str) -> Self {
        Self {
            method: Method::GET,
            endpoint,
            id: None,
            query: Vec::new(),
            body: None,
        }
    }

    /// Posts to an endpoint.
    pub fn post(endpoint: &'static str, body: serde_json::Value) -> Self {
        Self {
            method: Method::POST,
            body: Some(body),
            ..Self::get(endpoint)
        }
    }

    /// Appends one segment to the path, escaped.
    pub fn of(mut self, id: &'a str) -> Self {
        self.id = Some(id);
        self
    }

    /// Adds a query parameter.
    pub fn with(mut self, name: &'a str, value: impl ToString) -> Self {
        self.query.push((name, value.to_string()));
        self
    }
}

/// A failed attempt and what may help.
struct Failed {
    error: Error,
    codes: Vec<String>,
    remedy: Remedy,
}

impl Failed {
    fn without_codes(error: Error, remedy: Remedy) -> Self {
        Self {
            error,
            codes: Vec::new(),
            remedy,
        }
    }
}

enum Remedy {
    /// Nothing in this run.
    None,
    /// Another attempt: after what was asked for, else after a growing pause.
    Pause(Option<Duration>),
    /// Another attempt with a newer token than this one.
    NewToken(u64),
}

impl Client {
    pub fn new(shop: &str, settings: &ApiSettings, budget: Arc<Budget>, pace: &Pace) -> Result<Self> {
        Ok(Self {
            shop: shop.to_owned(),
            http: http::client(&settings.base_url, pace)?,
            base: settings.base_url.clone(),
            budget,
            pace: pace.clone(),
            told: Mutex::new(BTreeSet::new()),
            clock: ShopClock::default(),
        })
    }

    pub fn pace(&self) -> &Pace {
        &self.pace
    }

    /// The address of the API: part of what makes a job the same job.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// The shop's clock as its answers tell it.
    pub fn clock(&self) -> &ShopClock {
        &self.clock
    }

    /// How many requests may be under way at once.
    pub const fn connections() -> usize {
        CONNECTIONS
    }

    /// Sends and reads `data` of the answer; retries what the table of kinds lets be retried.
    pub async fn send<T: DeserializeOwned>(&self, ask: &Ask<'_>) -> Result<T> {
        let doing = self.doing(ask);
        let body = self
            .send_patiently(ask, &doing)
            .await
            .map_err(|failed| failed.error)?;
        answer::data(&body, &doing)
    }

    /// The same, with `None` where the shop answers with the code that says "there is no such
    /// thing". Any other 404 stays an error: a wrong address must never look like an absence.
    pub async fn find<T: DeserializeOwned>(&self, ask: &Ask<'_>, absent: &str) -> Result<Option<T>> {
        let doing = self.doing(ask);
        match self.send_patiently(ask, &doing).await {
            Ok(body) => answer::data(&body, &doing).map(Some),
            Err(failed) if failed.codes.iter().any(|code| code == absent) => Ok(None),
            Err(failed) => Err(failed.error),
        }
    }

    fn doing(&self, ask: &Ask<'_>) -> String {
        format!("asking the API of shop {} for {}", self.shop, ask.endpoint)
    }

    async fn send_patiently(&self, ask: &Ask<'_>, doing: &str) -> std::result::Result<Vec<u8>, Failed> {
        let mut attempts = Attempts::new(&self.pace);
        let mut renewed = false;
        loop {
            let failed = match self.attempt(ask, doing).await {
                Ok(body) => return Ok(body),
                Err(failed) => failed,
            };
            let pause = match failed.remedy {
                Remedy::NewToken(serial) if !renewed && self.budget.token.put_away(serial).await => {
                    renewed = true;
                    continue;
                }
                Remedy::Pause(asked) => attempts.next_pause(asked),
                Remedy::NewToken(_) | Remedy::None => None,
            };
            let Some(pause) = pause else { return Err(failed) };
            if let Some(words) = attempts.words_for(pause, &failed.error) {
                tracing::warn!("{words}");
            }
            tracing::debug!(
                shop = %self.shop,
                endpoint = ask.endpoint,
                cause = failed.error.cause(),
                pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
                "the API did not answer with data, asking again"
            );
            tokio::time::sleep(pause).await;
        }
    }

    async fn attempt(&self, ask: &Ask<'_>, doing: &str) -> std::result::Result<Vec<u8>, Failed> {
        let for_the_next_run = |error| Failed::without_codes(error, Remedy::None);
        let connection = self.budget.connection(doing).await;
        let _connection = connection.map_err(for_the_next_run)?;
        let access = self.budget.token.access().await.map_err(|error| {
            // A quota of tokens frees itself in minutes, not in the seconds of a retry.
            let remedy = if error.kind() == Kind::Busy {
                Remedy::None
            } else {
                remedy(error.kind())
            };
            Failed::without_codes(error, remedy)
        })?;
        self.budget.turn(doing).await.map_err(for_the_next_run)?;
        let request = self
            .request(ask, &access)
            .map_err(|error| Failed::without_codes(error, Remedy::None))?;
        let response = http::send(request, self.pace.answer, doing)
            .await
            .map_err(|unanswered| transport_failure(unanswered.error))?;
        let status = response.status();
        let headers = response.headers().clone();
        self.budget.bucket.note(&headers);
        self.clock.note(&headers);
        self.note_deprecation(ask.endpoint, &headers);
        let body = http::read_capped(response, LARGEST_ANSWER, doing)
            .await
            .map_err(transport_failure)?;
        if status.is_success() {
            return Ok(body);
        }
        let request_id = headers.get("X-Request-ID").and_then(|id| id.to_str().ok());
        let refusal = Refusal::read(status, request_id, &body);
        let remedy = if refusal.has_code("expired-token") || refusal.has_code("invalid-token") {
            Remedy::NewToken(access.serial)
        } else {
            self.pause_for(status, &headers, refusal.kind())
        };
        let codes = refusal.codes();
        Err(Failed {
            error: refusal.into_error(doing, access.token.expose()),
            codes,
            remedy,
        })
    }

    fn request(&self, ask: &Ask<'_>, access: &Access) -> Result<reqwest::RequestBuilder> {
        let mut address = self.base.clone();
        if let Ok(mut path) = address.path_segments_mut() {
            path.pop_if_empty();
            path.extend(
                ask.endpoint
                    .split('/')
                    .filter(|segment| !segment.is_empty() && *segment != "{id}"),
            );
            path.extend(ask.id);
        }
        let mut request = self
            .http
            .request(ask.method.clone(), address)
            .header(access.header, header_value(&access.token)?)
            // Required even where there is no body (OpenAPI, parameter DefaultContentType).
            .header(CONTENT_TYPE, "application/json")
            .timeout(self.pace.answer);
        if !ask.query.is_empty() {
            request = request.query(&ask.query);
        }
        if let Some(body) = &ask.body {
            request = request.body(body.to_string());
        }
        Ok(request)
    }

    fn pause_for(&self, status: StatusCode, headers: &HeaderMap, kind: Kind) -> Remedy {
        let asked = http::retry_after(headers);
        if let Some(patience) = asked {
            self.budget.quiet.asked_for(patience);
        }
        match status {
            StatusCode::LOCKED => Remedy::Pause(Some(asked.unwrap_or_default().max(self.pace.locked))),
            // The limit of connections comes without Retry-After.
            StatusCode::TOO_MANY_REQUESTS => {
                Remedy::Pause(Some(asked.unwrap_or_else(|| http::jittered(self.pace.busy))))
            }
            _ if kind.calls_for() == Call::Retry => Remedy::Pause(asked),
            _ => Remedy::None,
        }
    }

    /// Whether what is to be told under this name was not told before: a daemon asks the same for months.
    pub(super) fn is_news(&self, name: &'static str) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.insert(name)
    }

    /// The shop announces the end of an endpoint in headers: worth one line, not one per request.
    fn note_deprecation(&self, endpoint: &'static str, headers: &HeaderMap) {
        let said = |name| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
        };
        let deprecated = headers.contains_key("X-Shoptet-Deprecated") || headers.contains_key("Sunset");
        if deprecated && self.is_news(endpoint) {
            tracing::warn!(
                shop = %self.shop,
                endpoint,
                deprecated = said("X-Shoptet-Deprecated"),
                sunset = said("Sunset"),
                "the shop announces the end of an API endpoint that we use: look for a newer version of this program"
            );
        }
    }
}

fn remedy(kind: Kind) -> Remedy {
    if kind.calls_for() == Call::Retry {
        Remedy::Pause(None)
    } else {
        Remedy::None
    }
}

fn transport_failure(error: Error) -> Failed {
    let remedy = remedy(error.kind());
    Failed::without_codes(error, remedy)
}
