//! The HTTP client that every outside service is reached through.
//!
//! It follows no redirect, so that neither a token nor a hash ever goes to a host that was not
//! meant; it decodes nothing, so that what arrived can be counted and stored as it came.

mod body;
mod pace;
mod quiet;
mod rate;
mod retry;
mod service;

use std::error::Error as _;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};
use rustls::crypto::CryptoProvider;
use url::Url;

use crate::error::{Error, Kind, Result};

pub use body::{WatchedBody, read_capped};
pub use pace::Pace;
pub use quiet::Quiet;
pub use rate::{Limit, Rate};
pub use retry::{Attempts, Intervals, jittered, retry_after};
pub use service::{Answer, Service};

const USER_AGENT: &str = concat!("shoptet-sync/", env!("CARGO_PKG_VERSION"));

/// A client for the service at `address`: rustls, the system's certificates, no redirects, no
/// total time-out (give each request its own, or watch its body).
///
/// # Errors
/// [`Kind::Configuration`] when this machine has no certificates to check the service by.
pub fn client(address: &Url, pace: &Pace) -> Result<Client> {
    if CryptoProvider::get_default().is_none() {
        // Two threads may come here at once; the second one's offer is declined, which is fine.
        rustls::crypto::ring::default_provider().install_default().ok();
    }
    let mut builder = Client::builder()
        .user_agent(USER_AGENT)
        .redirect(Policy::none())
        .connect_timeout(pace.connect);
    if address.scheme() == "http" {
        // Plain HTTP is for loopback alone: no proxy may see it, and a machine without a
        // certificate store can still run the demo.
        builder = builder.no_proxy().tls_certs_only([]);
    }
    builder.build().map_err(|error| {
        Error::new(
            Kind::Configuration,
            "preparing encrypted connections",
            innermost_cause(&error),
        )
        .with_hint("install the system's certificates (on Debian the package ca-certificates)")
    })
}

/// A request without an answer.
#[derive(Debug)]
pub struct Unanswered {
    /// What went wrong.
    pub error: Error,
    /// Whether the request may have reached the service: then it may have been carried out.
    pub may_have_arrived: bool,
}

impl From<Unanswered> for Error {
    fn from(unanswered: Unanswered) -> Self {
        unanswered.error
    }
}

impl From<Error> for Unanswered {
    /// An answer came and was of no use.
    fn from(error: Error) -> Self {
        Self {
            error,
            may_have_arrived: true,
        }
    }
}

/// Sends a request and waits for the head of the answer, at most `patience`.
///
/// # Errors
/// [`Kind::Unreachable`] without an answer. The address is never named: it may hold a hash.
pub async fn send(request: RequestBuilder, patience: Duration, doing: &str) -> Result<Response, Unanswered> {
    match tokio::time::timeout(patience, request.send()).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(error)) => Err(Unanswered {
            may_have_arrived: !error.is_connect(),
            error: failure(doing, &error),
        }),
        Err(_) => Err(Unanswered {
            may_have_arrived: true,
            error: Error::new(
                Kind::Unreachable,
                doing,
                format!("no answer within {} s", patience.as_secs()),
            ),
        }),
    }
}

/// Puts a failure of the transport into our table.
pub fn failure(doing: &str, error: &reqwest::Error) -> Error {
    let kind = if error.is_builder() {
        Kind::Configuration
    } else if (error.is_body() || error.is_decode()) && !error.is_timeout() {
        Kind::Truncated
    } else {
        Kind::Unreachable
    };
    let cause = if error.is_timeout() {
        "it took too long".to_owned()
    } else {
        innermost_cause(error)
    };
    Error::new(kind, doing, cause)
}

/// The last link of the chain ("connection refused"): the first ones name the address.
fn innermost_cause(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    while let Some(deeper) = cause.and_then(std::error::Error::source) {
        cause = Some(deeper);
    }
    match cause {
        Some(cause) => cause.to_string(),
        None if error.is_timeout() => "it took too long".to_owned(),
        None => "the request could not be sent".to_owned(),
    }
}
