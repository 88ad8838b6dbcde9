//! An address that is told something or given a sign of life. It may hold a token: only its host is
//! ever named.

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Method, Response, StatusCode};
use tokio::time::sleep;
use url::Url;

use crate::error::{Error, Kind, Result};
use crate::http::{Attempts, Pace, client, retry_after, send};

pub(super) struct Address {
    client: Client,
    url: Url,
    /// Where it stands in the configuration.
    section: &'static str,
    pace: Pace,
}

impl Address {
    /// # Errors
    /// [`Kind::Configuration`] when this machine has no certificates to check the service by.
    pub(super) fn new(url: &Url, section: &'static str, pace: &Pace) -> Result<Self> {
        Ok(Self {
            client: client(url, pace)?,
            url: url.clone(),
            section,
            pace: pace.clone(),
        })
    }

    /// Sends JSON, again after a fault that may pass.
    pub(super) async fn post(&self, json: &str) -> Result<()> {
        self.reach(Method::POST, Some(json)).await
    }

    /// Calls the address, again after a fault that may pass.
    pub(super) async fn get(&self) -> Result<()> {
        self.reach(Method::GET, None).await
    }

    async fn reach(&self, method: Method, json: Option<&str>) -> Result<()> {
        let mut attempts = Attempts::new(&self.pace);
        loop {
            let (error, asked) = match self.try_once(method.clone(), json).await {
                Err(error) => (error, None),
                Ok(response) if response.status().is_success() => return Ok(()),
                Ok(response) => (self.refusal(&response), retry_after(response.headers())),
            };
            match attempts.pause_after(&error, asked) {
                Some(pause) => {
                    tracing::debug!("trying again in {} ms: {error}", pause.as_millis());
                    sleep(pause).await;
                }
                None => return Err(error),
            }
        }
    }

    async fn try_once(&self, method: Method, json: Option<&str>) -> Result<Response> {
        let mut request = self.client.request(method, self.url.clone());
        if let Some(json) = json {
            request = request
                .header(CONTENT_TYPE, "application/json")
                .body(json.to_owned());
        }
        let sent = send(request, self.pace.answer, &self.doing()).await;
        sent.map_err(|unanswered| unanswered.error.or_hint(self.hint()))
    }

    fn refusal(&self, response: &Response) -> Error {
        let status = response.status();
        let kind = match status {
            StatusCode::TOO_MANY_REQUESTS | StatusCode::LOCKED => Kind::Busy,
            StatusCode::REQUEST_TIMEOUT => Kind::ServerFault,
            status if status.is_server_error() => Kind::ServerFault,
            _ => Kind::Refused,
        };
        let cause = match status.is_redirection() {
            true => format!("it answered {status}, and redirects are not followed"),
            false => format!("it answered {status}"),
        };
        Error::new(kind, self.doing(), cause).with_hint(self.hint())
    }

    fn doing(&self) -> String {
        format!("calling {}", self.url.host_str().unwrap_or_default())
    }

    fn hint(&self) -> String {
        format!("look at {} in the configuration", self.section)
    }
}
