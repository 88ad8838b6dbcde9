//! A service that is asked and told things: at its rate, with the patience that each kind of request allows.
//!
//! A question is repeated after a fault. Something told is not, once it may have arrived: whether it was carried
//! out only a question can show, and that is for whoever knows what to ask.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::{Client, RequestBuilder, StatusCode};
use url::Url;

use super::{Attempts, Pace, Quiet, Rate, client, jittered, read_capped, retry_after, send};
use crate::error::{Error, Kind, Result};

/// No answer of a service to one question is larger.
const LARGEST_ANSWER: usize = 32 * 1024 * 1024;

/// A service behind one address.
#[derive(Debug)]
pub struct Service {
    client: Client,
    base: Url,
    pace: Pace,
    rate: Rate,
    quiet: Quiet,
}

/// What it answered, whatever the status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Never 429, 502, 503 or 504: those are failures.
    pub status: StatusCode,
    /// As it came.
    pub body: Vec<u8>,
}

/// A request without an answer that is of use.
struct Failed {
    error: Error,
    /// Whether it may have been carried out all the same.
    may_be_done: bool,
    /// The pause the service asked for.
    asked: Option<Duration>,
}

impl Service {
    /// The service at `base`; `quiet_note` says where the next process finds until when not to ask.
    ///
    /// # Errors
    /// [`Kind::Configuration`] when this machine has no certificates to check it by.
    pub fn new(base: &Url, pace: &Pace, rate: Rate, quiet_note: Option<PathBuf>) -> Result<Self> {
        Ok(Self {
            client: client(base, pace)?,
            base: base.clone(),
            pace: pace.clone(),
            rate,
            quiet: Quiet::new(pace, quiet_note),
        })
    }

    /// The address of something in it, each segment encoded.
    pub fn address<'s>(&self, segments: impl IntoIterator<Item = &'s str>) -> Url {
        let mut address = self.base.clone();
        if let Ok(mut path) = address.path_segments_mut() {
            path.pop_if_empty();
            path.extend(segments);
        }
        address
    }

    /// Asks something. After a fault it is asked again, for as long as a run has patience.
    ///
    /// # Errors
    /// When there was no answer, or none of use.
    pub async fn ask(&self, build: impl Fn(&Client) -> RequestBuilder + Send, doing: &str) -> Result<Answer> {
        self.patiently(build, doing, |_| true).await
    }

    /// Tells something, once: again only where it certainly was not carried out.
    ///
    /// # Errors
    /// A kind that calls for a retry means that nobody knows whether it was carried out.
    pub async fn tell(
        &self,
        build: impl Fn(&Client) -> RequestBuilder + Send,
        doing: &str,
    ) -> Result<Answer> {
        self.patiently(build, doing, |failed| !failed.may_be_done).await
    }

    async fn patiently(
        &self,
        build: impl Fn(&Client) -> RequestBuilder + Send,
        doing: &str,
        may_repeat: impl Fn(&Failed) -> bool + Send,
    ) -> Result<Answer> {
        let mut attempts = Attempts::new(&self.pace);
        loop {
            let failed = match self.attempt(build(&self.client), doing).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            let pause = match may_repeat(&failed) {
                true => attempts.pause_after(&failed.error, failed.asked),
                false => None,
            };
            let Some(pause) = pause else {
                return Err(failed.error);
            };
            if let Some(words) = attempts.words_for(pause, &failed.error) {
                tracing::warn!("{words}");
            }
            tokio::time::sleep(pause).await;
        }
    }

    async fn attempt(&self, request: RequestBuilder, doing: &str) -> Result<Answer, Failed> {
        // A service that wants to hear nothing for longer than a run has patience is not asked at all.
        self.quiet.end(doing).await.map_err(|error| Failed {
            error: error.seen_as(Kind::Patience, doing),
            may_be_done: false,
            asked: None,
        })?;
        self.rate.turn().await;
        let response = send(request, self.pace.answer, doing)
            .await
            .map_err(|unanswered| Failed {
                may_be_done: unanswered.may_have_arrived,
                error: unanswered.error,
                asked: None,
            })?;
        let (status, headers) = (response.status(), response.headers().clone());
        let asked = retry_after(&headers);
        let refused = |kind, may_be_done, asked| Failed {
            error: Error::new(kind, doing, format!("it answered {status}")),
            may_be_done,
            asked,
        };
        match status {
            StatusCode::TOO_MANY_REQUESTS => {
                let asked = asked.unwrap_or_else(|| jittered(self.pace.busy));
                self.quiet.asked_for(asked);
                let kind = match asked > self.pace.retry_after_longest {
                    true => Kind::Patience,
                    false => Kind::Busy,
                };
                return Err(refused(kind, false, Some(asked)));
            }
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
                if let Some(asked) = asked {
                    self.quiet.asked_for(asked);
                }
                return Err(refused(Kind::ServerFault, true, asked));
            }
            _ => {}
        }
        let body = tokio::time::timeout(self.pace.answer, read_capped(response, LARGEST_ANSWER, doing));
        match body.await {
            Ok(Ok(body)) => Ok(Answer { status, body }),
            Ok(Err(error)) => Err(Failed {
                error,
                may_be_done: true,
                asked: None,
            }),
            Err(_) => Err(refused(Kind::Unreachable, true, None)),
        }
    }
}
