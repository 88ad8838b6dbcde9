//! One shop: the way in for whoever reads it.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::api::{self, Client, JobWebhook};
use super::check::{self, Checked};
use super::export::{Days, Exports};
use super::facts::ShopFactsRead;
use super::progress::Progress;
use super::settings::{CustomersSource, OrdersSource, ShopSettings};
use super::site::Site;
use super::snapshot;
use super::spool::{Download, DownloadSource, Section, Spool};
use crate::error::{Error, Kind, Result};
use crate::http::Pace;

/// A complete download that was not committed is used again while it is this young.
const USED_AGAIN_FOR: SignedDuration = SignedDuration::from_hours(24);

/// A shop that can be read. Cheap to keep, and meant to be: it holds the budgets of connections
/// and requests, and the access token.
pub struct Shop {
    pub(super) settings: ShopSettings,
    pub(super) site: Site,
    pub(super) api: Option<Client>,
    pub(super) exports: Option<Exports>,
    pub(super) job_webhook: Option<Url>,
    fallback_timezone: String,
}

impl Shop {
    /// `public_url` is `[server].public_url`; `fallback_timezone` the schedule's.
    ///
    /// # Errors
    /// [`Kind::Configuration`] when no encrypted connection can be prepared.
    pub fn new(settings: &ShopSettings, public_url: Option<&Url>, fallback_timezone: &str) -> Result<Self> {
        Self::with_pace(settings, public_url, fallback_timezone, &Pace::default())
    }

    /// The same with other intervals.
    ///
    /// # Errors
    /// As [`Shop::new`].
    pub fn with_pace(
        settings: &ShopSettings,
        public_url: Option<&Url>,
        fallback_timezone: &str,
        pace: &Pace,
    ) -> Result<Self> {
        let api = settings.api.as_ref();
        let ours = public_url.and_then(|address| webhook_of(address, &settings.name));
        Ok(Self {
            site: Site::new(&settings.url, pace)?,
            api: api
                .map(|api| Client::new(&settings.name, api, pace))
                .transpose()?,
            exports: settings
                .exports
                .as_ref()
                .map(|links| Exports::new(settings, links, pace)),
            job_webhook: ours.or_else(|| api.and_then(|api| api.job_webhook.clone())),
            settings: settings.clone(),
            fallback_timezone: fallback_timezone.to_owned(),
        })
    }

    /// What is known about the shop. Without an API, what the configuration says.
    ///
    /// # Errors
    /// When the API does not answer with data.
    pub async fn facts(&self) -> Result<ShopFactsRead> {
        let configured = self.facts_as_configured();
        match &self.api {
            Some(client) => api::facts(client, configured, self.settings.timezone.as_deref()).await,
            None => Ok(configured),
        }
    }

    /// What the configuration alone says about the shop; nobody is asked.
    pub fn facts_as_configured(&self) -> ShopFactsRead {
        ShopFactsRead::from_settings(&self.settings, &self.fallback_timezone)
    }

    /// Downloads every registered customer, or finds the download that an earlier run completed.
    ///
    /// # Errors
    /// When the shop cannot be read or the spool not written; nothing counts as downloaded then.
    pub async fn download_customers(&self, spool: &Spool, progress: &dyn Progress) -> Result<Download> {
        let section = Section::Customers;
        if self.settings.customers.source == CustomersSource::Export {
            return self
                .download_export(section, Days::default(), spool, progress)
                .await;
        }
        let client = self.client(section)?;
        let sources = [DownloadSource::ApiSnapshot, DownloadSource::ApiPaged];
        if let Some(found) = self.found_complete(spool, section, &sources, Days::default())? {
            return Ok(found);
        }
        let webhook = api::see_to_job_webhook(client, self.job_webhook.as_ref()).await?;
        if let Some(obstacle) = webhook.obstacle() {
            progress.tell(&obstacle);
            return self.download_paged(client, spool, progress).await;
        }
        let snapshot = api::customers_snapshot();
        match snapshot::download(self, client, &snapshot, Days::default(), spool, progress).await {
            Err(error) if error.kind() == Kind::RightsMissing && webhook == JobWebhook::NotToldToUs => {
                progress
                    .tell("this token may run no snapshot job: give it the rights to customers and webhooks");
                self.download_paged(client, spool, progress).await
            }
            ended => ended,
        }
    }

    /// Downloads every order of the configured interval, or finds the download that an earlier run completed.
    ///
    /// # Errors
    /// As [`Shop::download_customers`]; [`Kind::Configuration`] when the API is the source and no
    /// snapshot job can run.
    pub async fn download_orders(&self, spool: &Spool, progress: &dyn Progress) -> Result<Download> {
        let section = Section::Orders;
        let days = Days {
            since: self.settings.orders.since,
            until: self.settings.orders.until,
        };
        if self.settings.orders.source == OrdersSource::Feed {
            return self.download_export(section, days, spool, progress).await;
        }
        let client = self.client(section)?;
        if let Some(found) = self.found_complete(spool, section, &[DownloadSource::ApiSnapshot], days)? {
            return Ok(found);
        }
        let webhook = api::see_to_job_webhook(client, self.job_webhook.as_ref()).await?;
        if let Some(obstacle) = webhook.obstacle() {
            let doing = format!("downloading the orders of shop {}", self.settings.name);
            return Err(Error::new(Kind::Configuration, doing, obstacle).with_hint(
                "mend that, or read the orders from the permanent link (`source = \"feed\"` in [shop.orders])",
            ));
        }
        let timezone = self.facts().await?.timezone;
        let snapshot = api::orders_snapshot(days.since, days.until, &timezone)?;
        snapshot::download(self, client, &snapshot, days, spool, progress).await
    }

    /// The detail of one customer as the shop wrote it (JSON), or `None` when the shop says that
    /// there is no such customer: what confirms a deletion.
    ///
    /// # Errors
    /// When the API does not answer, or there is none.
    pub async fn customer(&self, guid: &str) -> Result<Option<String>> {
        api::customer_detail(self.client(Section::Customers)?, guid).await
    }

    /// Tests the connection, the rights, the webhook of jobs and the links; writes nothing to the shop.
    pub async fn check(&self, spool: &Spool) -> Checked {
        check::check(self, spool).await
    }

    /// The shop's time zone as far as the configuration knows it.
    pub(super) fn timezone_as_configured(&self) -> &str {
        self.settings
            .timezone
            .as_deref()
            .unwrap_or(&self.fallback_timezone)
    }

    fn client(&self, section: Section) -> Result<&Client> {
        self.api.as_ref().ok_or_else(|| {
            let doing = format!("reading the {} of shop {}", section.as_str(), self.settings.name);
            Error::new(
                Kind::Configuration,
                doing,
                "there is no [shop.api] in the configuration",
            )
        })
    }

    async fn download_export(
        &self,
        section: Section,
        days: Days,
        spool: &Spool,
        progress: &dyn Progress,
    ) -> Result<Download> {
        if let Some(found) = self.found_complete(spool, section, &[DownloadSource::Export], days)? {
            return Ok(found);
        }
        let exports = self.exports.as_ref().ok_or_else(|| {
            let doing = format!("reading the {} of shop {}", section.as_str(), self.settings.name);
            Error::new(
                Kind::Configuration,
                doing,
                "there is no [shop.exports] in the configuration",
            )
        })?;
        let (incoming, requested_at) = exports
            .download(&self.site, spool, section, days, progress)
            .await?;
        incoming
            .finish(self.description(section, DownloadSource::Export, requested_at, days))
            .await
    }

    async fn download_paged(
        &self,
        client: &Client,
        spool: &Spool,
        progress: &dyn Progress,
    ) -> Result<Download> {
        let paged = api::download_paged(client, spool, progress).await?;
        let description = self.description(
            Section::Customers,
            DownloadSource::ApiPaged,
            paged.requested_at,
            Days::default(),
        );
        let description = Download {
            complete: paged.stood_still,
            ..description
        };
        let download = paged.incoming.finish(description).await?;
        spool.forget_reading(Section::Customers)?;
        Ok(download)
    }

    fn found_complete(
        &self,
        spool: &Spool,
        section: Section,
        sources: &[DownloadSource],
        days: Days,
    ) -> Result<Option<Download>> {
        Ok(spool.complete(section)?.filter(|found| {
            sources.contains(&found.source)
                && found.shop_url == self.settings.url.as_str()
                && (found.since, found.until) == (days.since, days.until)
                && Timestamp::now().duration_since(found.requested_at).abs() < USED_AGAIN_FOR
        }))
    }

    /// What a download says of itself; its path and size are filled in when it is complete.
    pub(super) fn description(
        &self,
        section: Section,
        source: DownloadSource,
        requested_at: Timestamp,
        days: Days,
    ) -> Download {
        Download {
            path: PathBuf::new(),
            section,
            source,
            requested_at,
            shop_url: self.settings.url.to_string(),
            since: days.since,
            until: days.until,
            complete: true,
            bytes: 0,
        }
    }
}

/// Where the shop reaches our own server.
fn webhook_of(public_url: &Url, shop: &str) -> Option<Url> {
    let mut address = public_url.clone();
    address
        .path_segments_mut()
        .ok()?
        .pop_if_empty()
        .extend(["webhooks", "shoptet", shop]);
    Some(address)
}
