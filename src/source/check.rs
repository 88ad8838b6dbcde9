//! `check`: whether a shop can be read, point by point, before it is.

use super::api::{self, Ask, Client};
use super::export::Exports;
use super::facts::ShopFactsRead;
use super::settings::{CustomersSource, OrdersSource};
use super::shop::Shop;
use super::spool::{Section, Spool};
use crate::error::Error;

/// One point that was tested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was tested ("the API answers").
    pub what: String,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What was found.
    pub detail: String,
    /// What to do about it; empty when there is nothing to do.
    pub hint: String,
    /// Whether it may mend itself, so that trying again may help.
    pub passing: bool,
}

impl Finding {
    fn good(what: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            ok: true,
            detail: detail.into(),
            hint: String::new(),
            passing: false,
        }
    }

    fn bad(what: impl Into<String>, error: &Error) -> Self {
        Self {
            what: what.into(),
            ok: false,
            detail: error.cause().to_owned(),
            hint: error.hint().to_owned(),
            passing: error.exit_code() != 2,
        }
    }
}

/// What testing a shop came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Point by point.
    pub findings: Vec<Finding>,
    /// What the shop told of itself on the way; `None` when its API did not.
    pub facts: Option<ShopFactsRead>,
}

/// Tests everything that reading the shop will need.
pub(super) async fn check(shop: &Shop, spool: &Spool) -> Checked {
    let mut findings = Vec::new();
    let facts = match &shop.api {
        Some(client) => check_api(shop, client, &mut findings).await,
        None => Some(shop.facts_as_configured()),
    };
    if let Some(exports) = &shop.exports {
        for section in [Section::Customers, Section::Orders] {
            if exports.has(section) {
                findings.push(check_link(shop, exports, spool, section).await);
            }
        }
    }
    Checked { findings, facts }
}

async fn check_api(shop: &Shop, client: &Client, findings: &mut Vec<Finding>) -> Option<ShopFactsRead> {
    let what = "the API answers and takes the token";
    let facts = match shop.facts().await {
        Ok(facts) => {
            let detail = format!(
                "{}, time zone {}, currency {}",
                facts.name,
                facts.timezone,
                facts.currency.as_deref().unwrap_or("unknown")
            );
            findings.push(Finding::good(what, detail));
            facts
        }
        Err(error) => {
            findings.push(Finding::bad(what, &error));
            // Whatever else is asked now fails for the same reason.
            return None;
        }
    };
    let reads_customers = shop.settings.customers.source == CustomersSource::Api;
    let reads_orders = shop.settings.orders.source == OrdersSource::Api;
    for (needed, right, endpoint) in [
        (reads_customers, "customers", "/api/customers"),
        (reads_orders, "orders", "/api/orders"),
        (reads_customers || reads_orders, "jobs", "/api/system/jobs"),
    ] {
        if needed {
            let what = format!("the token may read {right}");
            let trial = Ask::get(endpoint).with("itemsPerPage", 1);
            findings.push(match client.send::<serde::de::IgnoredAny>(&trial).await {
                Ok(_) => Finding::good(what, "yes"),
                Err(error) => Finding::bad(what, &error),
            });
        }
    }
    if reads_customers || reads_orders {
        findings.push(check_job_webhook(shop, client).await);
    }
    Some(facts)
}

async fn check_job_webhook(shop: &Shop, client: &Client) -> Finding {
    let what = "the shop can run snapshot jobs";
    match (api::registered_for_jobs(client).await, &shop.job_webhook) {
        (Ok(true), _) => Finding::good(what, "job:finished is registered"),
        (Ok(false), Some(_)) => {
            Finding::good(what, "job:finished is not registered yet, `import` registers it")
        }
        // Customers can be read without one, orders cannot.
        (Ok(false), None) if shop.settings.orders.source != OrdersSource::Api => Finding::good(
            what,
            format!(
                "it cannot, so customers are read one by one, which takes hours where there are many; {}",
                api::JobWebhook::NoAddress.obstacle().unwrap_or_default()
            ),
        ),
        (Ok(false), None) => Finding {
            what: what.to_owned(),
            ok: false,
            detail: "job:finished is not registered and there is no address to register".to_owned(),
            hint: api::JobWebhook::NoAddress.obstacle().unwrap_or_default(),
            passing: false,
        },
        (Err(error), _) => Finding::bad(what, &error),
    }
}

/// Asks the full link for today alone; the link with "only new" is never touched, since a read of
/// it may use up what it holds.
async fn check_link(shop: &Shop, exports: &Exports, spool: &Spool, section: Section) -> Finding {
    let what = format!("the {} export answers", section.as_str());
    match exports.next_turn(spool, section) {
        Ok(Some(next)) => Finding::good(
            what,
            format!(
                "it did recently, so it was not asked again (possible from {})",
                next.strftime("%H:%M:%S UTC")
            ),
        ),
        Ok(None) => {
            let timezone = shop.timezone_as_configured();
            match exports.try_out(&shop.site, spool, section, timezone).await {
                Ok(()) => Finding::good(what, "with data"),
                Err(error) => Finding::bad(what, &error),
            }
        }
        Err(error) => Finding::bad(what, &error),
    }
}
