//! A snapshot from the request of its job to its lines in the spool.

use url::Url;

use super::api::{self, Client};
use super::export::Days;
use super::progress::Progress;
use super::shop::Shop;
use super::site::Opened;
use super::spool::{Download, DownloadSource, Extent, Incoming, Section, Spool};
use crate::error::{Error, Kind, Result};
use crate::http::Attempts;

/// Runs the job and downloads its result.
pub(super) async fn download(
    shop: &Shop,
    client: &Client,
    snapshot: &api::Snapshot,
    days: Days,
    extent: Extent,
    spool: &Spool,
    progress: &dyn Progress,
) -> Result<Download> {
    let section = snapshot.section;
    let result = api::run_job(client, spool, snapshot, progress).await?;
    let incoming = match &result.url {
        Some(url) => fetch(shop, url, section, spool, progress).await?,
        // Completed without a result: the job found nothing.
        None => spool.begin(section).await?,
    };
    let source = DownloadSource::ApiSnapshot;
    let description = shop.description(section, source, result.requested_at, days, extent);
    let download = incoming.finish(description).await?;
    api::discard_job(spool, section)?;
    Ok(download)
}

async fn fetch(
    shop: &Shop,
    address: &str,
    section: Section,
    spool: &Spool,
    progress: &dyn Progress,
) -> Result<Incoming> {
    let doing = format!(
        "downloading the {} snapshot of shop {}",
        section.as_str(),
        shop.settings.name
    );
    let address = trusted(shop, address, &doing).await?;
    let mut attempts = Attempts::new(shop.site.pace());
    loop {
        let (error, asked) = match shop.site.open(address.clone(), &doing).await {
            Ok(Opened::Body(body)) => match body.into_spool(spool, section, progress).await {
                // A job that found nothing has no result; what it calls one holds something.
                Ok(incoming) if incoming.is_blank() => (
                    Error::new(Kind::Truncated, doing.as_str(), "the answer was empty"),
                    None,
                ),
                Ok(incoming) => return Ok(incoming),
                Err(error) => (error, None),
            },
            // A result is kept for 24 hours, then gone: a new job is the remedy.
            Ok(Opened::Refused(refused)) => (refused.error(Kind::JobFailed, &doing), refused.asked),
            Err(unanswered) => (unanswered.error, None),
        };
        if error.kind() == Kind::JobFailed {
            api::discard_job(spool, section)?;
        }
        let Some(pause) = attempts.pause_after(&error, asked) else {
            return Err(error);
        };
        if let Some(words) = attempts.words_for(pause, &error) {
            progress.tell(&words);
        }
        tracing::debug!(shop = %shop.settings.name, cause = error.cause(), "the snapshot did not arrive, asking again");
        tokio::time::sleep(pause).await;
    }
}

/// The address of the result when it lies on a host of the shop (its domain may have changed since
/// the last run, so the API is asked which those are).
async fn trusted(shop: &Shop, address: &str, doing: &str) -> Result<Url> {
    let refused = |cause: String| Error::new(Kind::NotData, doing, cause);
    let address = Url::parse(address)
        .map_err(|_| refused("the shop names no valid address of the result".to_owned()))?;
    let host = address.host_str().unwrap_or_default();
    if !shop.facts().await?.knows_host(host) {
        return Err(refused(format!(
            "the result lies on {host}, which is not known as the shop's"
        ))
        .with_hint("when that host is the shop's own, add it to `hosts` of the shop"));
    }
    // Plain HTTP only where the shop itself is configured so, on loopback.
    if address.scheme() != "https" && address.scheme() != shop.settings.url.scheme() {
        return Err(refused("the result would travel unencrypted".to_owned()));
    }
    Ok(address)
}
