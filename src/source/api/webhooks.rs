//! The registration of `job:finished`, without which the shop runs no snapshot job.
//!
//! Whatever is registered already stays as it is: one address per event is all the shop keeps, and
//! another installation with the same token may live on it.

use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::client::{Ask, Client};
use crate::error::{Kind, Result};

const EVENT: &str = "job:finished";

/// The most the shop lists on one page.
const PER_PAGE: u32 = 500;

/// Whether a snapshot job can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::source) enum JobWebhook {
    /// Somebody registered it before.
    Present,
    /// We registered it now.
    Registered,
    /// The token may not read the registrations: only trying tells.
    NotToldToUs,
    /// There is none and we have no address to register.
    NoAddress,
    /// The shop did not take our address; its words.
    Refused(String),
}

impl JobWebhook {
    /// Why no job can run and what to do about it; `None` when one can, or only trying tells.
    pub fn obstacle(&self) -> Option<String> {
        match self {
            Self::Present | Self::Registered | Self::NotToldToUs => None,
            Self::NoAddress => Some(
                "the shop runs a snapshot job only when the webhook job:finished is registered: set `public_url` in \
                 [server], or `job_webhook` in [shop.api] to any address of yours that answers 200"
                    .to_owned(),
            ),
            Self::Refused(cause) => Some(format!(
                "the shop runs a snapshot job only when the webhook job:finished is registered, and it did not take \
                 our address ({cause}): correct `public_url` in [server] or `job_webhook` in [shop.api]"
            )),
        }
    }
}

/// Whether `job:finished` is registered.
pub(in crate::source) async fn registered_for_jobs(client: &Client) -> Result<bool> {
    #[derive(Deserialize)]
    struct Listed {
        webhooks: Vec<Webhook>,
    }
    #[derive(Deserialize)]
    struct Webhook {
        event: String,
    }
    let ask = Ask::get("/api/webhooks").with("itemsPerPage", PER_PAGE);
    let listed: Listed = client.send(&ask).await?;
    Ok(listed.webhooks.iter().any(|webhook| webhook.event == EVENT))
}

/// Registers `job:finished` where nobody did.
pub(in crate::source) async fn see_to_job_webhook(client: &Client, ours: Option<&Url>) -> Result<JobWebhook> {
    match registered_for_jobs(client).await {
        Ok(true) => return Ok(JobWebhook::Present),
        Ok(false) => {}
        Err(error) if error.kind() == Kind::RightsMissing => return Ok(JobWebhook::NotToldToUs),
        Err(error) => return Err(error),
    }
    let Some(ours) = ours else {
        return Ok(JobWebhook::NoAddress);
    };
    let body = json!({ "data": [{ "event": EVENT, "url": ours.as_str() }] });
    let ask = Ask::post("/api/webhooks", body);
    match client.send::<serde::de::IgnoredAny>(&ask).await {
        Ok(_) => {
            tracing::info!("registered the webhook job:finished at the shop");
            Ok(JobWebhook::Registered)
        }
        // Somebody was faster, or the answer to our own first attempt was lost: 409 or 422.
        Err(error) if matches!(error.kind(), Kind::Refused | Kind::RightsMissing) => {
            if registered_for_jobs(client).await? {
                Ok(JobWebhook::Present)
            } else {
                Ok(JobWebhook::Refused(error.cause().to_owned()))
            }
        }
        Err(error) => Err(error),
    }
}
