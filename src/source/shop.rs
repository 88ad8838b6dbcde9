//! One shop: the way in for whoever reads it.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::api::{self, Client, JobWebhook};
use super::budgets::Budgets;
use super::check::{self, Checked};
use super::export::{Days, Exports};
use super::facts::ShopFactsRead;
use super::progress::Progress;
use super::settings::{CustomersSource, Mode, OrdersSource, ShopSettings};
use super::site::Site;
use super::snapshot;
use super::spool::{Download, DownloadSource, Extent, Section, Spool};
use crate::error::{Error, Kind, Result};
use crate::http::Pace;

/// A complete download that was not committed is used again while it is this young.
pub(super) const USED_AGAIN_FOR: SignedDuration = SignedDuration::from_hours(24);

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
        Self::sharing(&Budgets::default(), settings, public_url, fallback_timezone, pace)
    }

    /// The same for one of several shops, which may have a token or an address in common.
    ///
    /// # Errors
    /// As [`Shop::new`].
    pub fn sharing(
        budgets: &Budgets,
        settings: &ShopSettings,
        public_url: Option<&Url>,
        fallback_timezone: &str,
        pace: &Pace,
    ) -> Result<Self> {
        let api = settings.api.as_ref();
        let ours = public_url.and_then(|address| webhook_of(address, &settings.name));
        Ok(Self {
            site: Site::new(&settings.url, budgets.of_address(&settings.url, pace).quiet, pace)?,
            api: api
                .map(|api| {
                    let budget = budgets.of_token(&settings.name, api, pace)?;
                    Client::new(&settings.name, api, budget, pace)
                })
                .transpose()?,
            exports: settings
                .exports
                .as_ref()
                .map(|links| Exports::new(settings, links, budgets, pace)),
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
        let (days, extent) = (self.days_of(section), Extent::Whole);
        if let Some(found) = self.found_complete(spool, section, &sources, days, extent, progress)? {
            return Ok(found);
        }
        let webhook = api::see_to_job_webhook(client, self.job_webhook.as_ref()).await?;
        if let Some(obstacle) = webhook.obstacle() {
            progress.tell(&obstacle);
            return self.download_paged(client, spool, progress).await;
        }
        let snapshot = api::customers_snapshot(None);
        match snapshot::download(self, client, &snapshot, days, extent, spool, progress).await {
            Err(error) if error.kind() == Kind::RightsMissing && webhook == JobWebhook::NotToldToUs => {
                progress
                    .tell("this token may run no snapshot job: give it the rights to customers and webhooks");
                self.download_paged(client, spool, progress).await
            }
            ended => ended,
        }
    }

    /// Sees to it that all orders can be asked for, before anything that takes long is asked for.
    ///
    /// # Errors
    /// [`Kind::Configuration`] when the API is the source and no snapshot job can run: a list of orders
    /// with a detail for each would take days.
    pub async fn expect_orders(&self) -> Result<()> {
        if self.settings.orders.mode == Mode::Off || self.settings.orders.source == OrdersSource::Feed {
            return Ok(());
        }
        let client = self.client(Section::Orders)?;
        let webhook = api::see_to_job_webhook(client, self.job_webhook.as_ref()).await?;
        let Some(obstacle) = webhook.obstacle() else {
            return Ok(());
        };
        let doing = format!("downloading the orders of shop {}", self.settings.name);
        Err(Error::new(Kind::Configuration, doing, obstacle).with_hint(
            "mend that, or read the orders from the permanent link (`source = \"feed\"` in [shop.orders])",
        ))
    }

    /// Downloads every order of the configured interval, or finds the download that an earlier run completed.
    ///
    /// # Errors
    /// As [`Shop::download_customers`]; [`Kind::Configuration`] when the API is the source and no
    /// snapshot job can run.
    pub async fn download_orders(&self, spool: &Spool, progress: &dyn Progress) -> Result<Download> {
        let section = Section::Orders;
        let (days, extent) = (self.days_of(section), Extent::Whole);
        if self.settings.orders.source == OrdersSource::Feed {
            return self.download_export(section, days, spool, progress).await;
        }
        let client = self.client(section)?;
        let sources = [DownloadSource::ApiSnapshot];
        if let Some(found) = self.found_complete(spool, section, &sources, days, extent, progress)? {
            return Ok(found);
        }
        self.expect_orders().await?;
        let timezone = self.facts().await?.timezone;
        let snapshot = api::orders_snapshot(days.since, days.until, &timezone, None)?;
        snapshot::download(self, client, &snapshot, days, extent, spool, progress).await
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

    pub(super) fn client(&self, section: Section) -> Result<&Client> {
        self.api
            .as_ref()
            .ok_or_else(|| self.no_way_in(section, "[shop.api]"))
    }

    /// The error of a section whose way in is not configured.
    fn no_way_in(&self, section: Section, missing: &str) -> Error {
        let doing = format!("reading the {} of shop {}", section.as_str(), self.settings.name);
        if self.api.is_some() || self.exports.is_some() {
            let cause = format!("there is no {missing} in the configuration");
            return Error::new(Kind::Configuration, doing, cause);
        }
        let cause = "there is neither [shop.api] nor [shop.exports] in the configuration";
        Error::new(Kind::Configuration, doing, cause).with_hint(
            "download the exports in the shop's administration and name the files: \
             `import --customers FILE --orders FILE`; or add one of the two sections",
        )
    }

    /// Whether the feed of changed orders can be relied on for what changed since this moment: nothing else
    /// was asked of the orders' links since, by any command.
    ///
    /// # Errors
    /// When the spool cannot be read.
    pub fn feed_is_sure(&self, spool: &Spool, since: Timestamp) -> Result<bool> {
        Ok(!self.exports(Section::Orders)?.mark_may_have_moved(spool, since)?)
    }

    pub(super) fn exports(&self, section: Section) -> Result<&Exports> {
        self.exports
            .as_ref()
            .ok_or_else(|| self.no_way_in(section, "[shop.exports]"))
    }

    async fn download_export(
        &self,
        section: Section,
        days: Days,
        spool: &Spool,
        progress: &dyn Progress,
    ) -> Result<Download> {
        let (source, extent) = (DownloadSource::Export, Extent::Whole);
        if let Some(found) = self.found_complete(spool, section, &[source], days, extent, progress)? {
            return Ok(found);
        }
        let (incoming, requested_at) = self
            .exports(section)?
            .download(&self.site, spool, section, days, progress)
            .await?;
        incoming
            .finish(self.description(section, source, requested_at, days, extent))
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
            Extent::Whole,
        );
        let description = Download {
            complete: paged.stood_still,
            ..description
        };
        let download = paged.incoming.finish(description).await?;
        spool.forget_reading(Section::Customers)?;
        Ok(download)
    }

    /// The interval of a section that is followed.
    pub(super) fn days_of(&self, section: Section) -> Days {
        match section {
            Section::Customers => Days::default(),
            Section::Orders => Days {
                since: self.settings.orders.since,
                until: self.settings.orders.until,
            },
        }
    }

    /// The download of an earlier run that did not come to use it; whoever runs this one is told.
    pub(super) fn found_complete(
        &self,
        spool: &Spool,
        section: Section,
        sources: &[DownloadSource],
        days: Days,
        extent: Extent,
        progress: &dyn Progress,
    ) -> Result<Option<Download>> {
        let now = Timestamp::now();
        let found = spool.complete(section)?.filter(|found| {
            sources.contains(&found.source)
                && found.extent == extent
                && found.shop_url == self.settings.url.as_str()
                && (found.since, found.until) == (days.since, days.until)
                && now.duration_since(found.requested_at).abs() < USED_AGAIN_FOR
        });
        if let Some(found) = &found {
            progress.tell(&format!(
                "the {} of shop {} are not downloaded again: an earlier run fetched them {} and ended before they were \
                 imported; for newer ones, delete {} and run the command again",
                section.as_str(),
                self.settings.name,
                ago(now.duration_since(found.requested_at)),
                found.path.display()
            ));
        }
        Ok(found)
    }

    /// What a download says of itself; its path and size are filled in when it is complete.
    pub(super) fn description(
        &self,
        section: Section,
        source: DownloadSource,
        requested_at: Timestamp,
        days: Days,
        extent: Extent,
    ) -> Download {
        let clock = match (source, &self.api) {
            (DownloadSource::ApiSnapshot | DownloadSource::ApiPaged, Some(client)) => client.clock(),
            _ => self.site.clock(),
        };
        Download {
            path: PathBuf::new(),
            section,
            source,
            requested_at,
            cursor: clock.of_ours(requested_at),
            extent,
            shop_url: self.settings.url.to_string(),
            since: days.since,
            until: days.until,
            complete: extent == Extent::Whole,
            bytes: 0,
        }
    }
}

/// `3 h 5 min ago`
fn ago(age: SignedDuration) -> String {
    match (age.as_hours(), age.as_mins() % 60) {
        (..=0, ..=0) => "less than a minute ago".to_owned(),
        (..=0, minutes) => format!("{minutes} min ago"),
        (hours, minutes) => format!("{hours} h {minutes} min ago"),
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
