//! What the API tells about the shop itself.

use serde::Deserialize;
use url::Url;

use super::client::{Ask, Client};
use crate::error::{Kind, Result};
use crate::model::OrderStatus;
use crate::source::facts::ShopFactsRead;

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Eshop {
    contact_information: Contact,
    billing_information: Billing,
    settings: Settings,
    currencies: Vec<Currency>,
    urls: Vec<Address>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Contact {
    eshop_name: Option<String>,
    url: Option<String>,
    email: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Billing {
    email: Option<String>,
    billing_email: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Settings {
    timezone: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Currency {
    code: Option<String>,
    is_default: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Address {
    url: Option<String>,
}

/// The facts of the API over what the configuration leaves open.
pub(in crate::source) async fn facts(
    client: &Client,
    configured: ShopFactsRead,
    timezone: Option<&str>,
) -> Result<ShopFactsRead> {
    let eshop: Eshop = client.send(&Ask::get("/api/eshop")).await?;
    let mut facts = configured;
    if let Some(name) = filled(eshop.contact_information.eshop_name) {
        facts.name = name;
    }
    if let (None, Some(told)) = (timezone, filled(eshop.settings.timezone)) {
        facts.timezone = told;
    }
    if facts.currency.is_none() {
        let default = eshop
            .currencies
            .into_iter()
            .find(|currency| currency.is_default == Some(true));
        facts.currency = default.and_then(|currency| filled(currency.code));
    }
    let addresses = eshop.urls.into_iter().map(|address| address.url);
    for address in addresses.chain([eshop.contact_information.url]) {
        let host = address
            .and_then(|address| Url::parse(&address).ok())
            .and_then(|address| address.host_str().map(str::to_owned));
        if let Some(host) = host
            && !facts.knows_host(&host)
        {
            facts.hosts.push(host);
        }
    }
    let emails = [
        eshop.contact_information.email,
        eshop.billing_information.email,
        eshop.billing_information.billing_email,
    ];
    for email in emails.into_iter().filter_map(filled) {
        if !facts.emails.contains(&email) {
            facts.emails.push(email);
        }
    }
    facts.statuses = statuses(client).await?;
    Ok(facts)
}

/// The order statuses. A token without the right to orders still tells the rest of the facts.
async fn statuses(client: &Client) -> Result<Vec<OrderStatus>> {
    #[derive(Deserialize)]
    struct Listed {
        statuses: Vec<Status>,
    }
    #[derive(Deserialize)]
    struct Status {
        id: i64,
        name: Option<String>,
    }
    match client.send::<Listed>(&Ask::get("/api/orders/statuses")).await {
        Ok(listed) => Ok(listed
            .statuses
            .into_iter()
            .map(|status| OrderStatus {
                id: Some(status.id),
                name: status.name.unwrap_or_default(),
            })
            .collect()),
        Err(error) if error.kind() == Kind::RightsMissing => {
            if client.is_news("no statuses") {
                tracing::warn!(%error, "the shop does not tell its order statuses");
            }
            Ok(Vec::new())
        }
        Err(error) => Err(error),
    }
}

fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}
