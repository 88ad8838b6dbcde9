//! `[shop.api]` and `[shop.exports]`: the two ways into a shop.

use std::time::Duration;

use url::Url;

use super::address::{Extent, web};
use super::codes;
use super::known;
use super::secret::{self, Shape};
use super::section::Section;
use crate::source::settings::{ApiSettings, ApiToken, ExportSettings};

/// The shop system's API; the same for every shop.
const BASE_URL: &str = "https://api.myshoptet.com";
/// The order template "Shoptet", which every shop has.
const SYSTEM_XML: i32 = -11;
/// Without a change filter a section may be exported every 15 minutes.
const MIN_INTERVAL: Duration = Duration::from_secs(15 * 60);

pub(super) fn read_api(shop: &Section) -> Option<ApiSettings> {
    let section = shop.table("api", &[&known::API])?;
    let base_url = match section.has("base_url") {
        true => section.parsed("base_url", web(Extent::Path)),
        false => Url::parse(BASE_URL).ok(),
    };
    let token = read_token(&section);
    let job_webhook = section.parsed("job_webhook", web(Extent::Query));
    Some(ApiSettings {
        base_url: base_url?,
        token: token?,
        job_webhook,
    })
}

fn read_token(section: &Section) -> Option<ApiToken> {
    let private_token = secret::read(section, "private_token", Shape::Token);
    let oauth_token = secret::read(section, "oauth_token", Shape::Token);
    let token_url = section.parsed("token_url", web(Extent::Path));
    let is_addon = section.has("oauth_token") || section.has("token_url");
    match (section.has("private_token"), is_addon) {
        (true, false) => Some(ApiToken::Private(private_token?)),
        (false, true) => {
            for (key, other) in [("oauth_token", "token_url"), ("token_url", "oauth_token")] {
                if !section.has(key) {
                    section.missing(
                        key,
                        &format!("an add-on's log-in takes it together with `{other}`"),
                    );
                }
            }
            Some(ApiToken::Addon {
                oauth_token: oauth_token?,
                token_url: token_url?,
            })
        }
        (true, true) => {
            let other = if section.has("oauth_token") {
                "oauth_token"
            } else {
                "token_url"
            };
            section.fault(
                other,
                "there is a private_token already: a shop has either that or an add-on's log-in",
            );
            None
        }
        (false, false) => {
            section.missing(
                "private_token",
                "either that, or an add-on's `oauth_token` with `token_url`",
            );
            None
        }
    }
}

pub(super) fn read_exports(shop: &Section) -> Option<ExportSettings> {
    let section = shop.table("exports", &[&known::EXPORTS])?;
    let orders_pattern = section.integer("orders_pattern").unwrap_or(SYSTEM_XML);
    if orders_pattern == 0 {
        section.fault(
            "orders_pattern",
            "0 is no template: -11 is the system's XML, -9 its CSV",
        );
    }
    let partner_id = section.integer("partner_id");
    let min_interval = section
        .parsed("min_interval", codes::pause)
        .unwrap_or(MIN_INTERVAL);
    let hashes = ["customers_hash", "orders_hash", "orders_feed_hash"].map(|key| {
        let hash = secret::read(&section, key, Shape::Hash);
        (section.has(key) && hash.is_none(), hash)
    });
    // A hash that is there but wrong has its own fault; it must not be told as missing as well.
    let [
        (false, customers_hash),
        (false, orders_hash),
        (false, orders_feed_hash),
    ] = hashes
    else {
        return None;
    };
    if orders_feed_hash.is_some() && orders_hash.is_none() {
        section.missing(
            "orders_hash",
            "the link without \"only new or updated\" fills the first import and mends every gap",
        );
        return None;
    }
    Some(ExportSettings {
        partner_id,
        customers_hash,
        orders_hash,
        orders_feed_hash,
        orders_pattern,
        min_interval,
    })
}
