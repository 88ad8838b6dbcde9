//! What a shop needs to be read: the `[[shop]]` sections, already resolved and checked.

use std::time::Duration;

use jiff::civil::Date;
use url::Url;

use crate::secret::Secret;

/// One `[[shop]]`.
#[derive(Debug, Clone)]
pub struct ShopSettings {
    /// `[a-z0-9-]+`; part of order keys.
    pub name: String,
    /// Shops of one group share people; part of every contact key.
    pub group: String,
    /// Address of the shop.
    pub url: Url,
    /// ISO 3166-1 alpha-2, for phone numbers without a prefix.
    pub country: String,
    /// ISO 4217; `None`: as the API says.
    pub currency: Option<String>,
    /// IANA name; `None`: as the API says, else the schedule's.
    pub timezone: Option<String>,
    /// Further hosts of this shop; no token ever goes there.
    pub hosts: Vec<String>,
    /// The REST API, when the shop has it.
    pub api: Option<ApiSettings>,
    /// The permanent links, when they are used.
    pub exports: Option<ExportSettings>,
    /// `[shop.customers]`
    pub customers: CustomersSettings,
    /// `[shop.orders]`
    pub orders: OrdersSettings,
}

/// `[shop.api]`
#[derive(Debug, Clone)]
pub struct ApiSettings {
    /// `https://api.myshoptet.com` unless configured.
    pub base_url: Url,
    /// How we log in.
    pub token: ApiToken,
    /// Any address that answers 200, for `job:finished` where there is no `[server].public_url`.
    pub job_webhook: Option<Url>,
}

/// The two ways to log in to the API.
#[derive(Debug, Clone)]
pub enum ApiToken {
    /// A Premium shop's private token, sent as it is.
    Private(Secret),
    /// An add-on's OAuth token, exchanged at `token_url` for access tokens of 30 minutes.
    Addon {
        /// The token that never expires.
        oauth_token: Secret,
        /// Where access tokens are given out.
        token_url: Url,
    },
}

/// `[shop.exports]`: the permanent links with a hash.
#[derive(Debug, Clone)]
pub struct ExportSettings {
    /// The partner the links were made for.
    pub partner_id: Option<u32>,
    /// Hash of the customers link.
    pub customers_hash: Option<Secret>,
    /// Hash of the orders link.
    pub orders_hash: Option<Secret>,
    /// Hash of the orders link made with "only new or updated".
    pub orders_feed_hash: Option<Secret>,
    /// Which order template: -9 system CSV, -11 system XML, else the merchant's own.
    pub orders_pattern: i32,
    /// Pause between two exports of one section without a change filter.
    pub min_interval: Duration,
}

/// Where customers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustomersSource {
    /// REST.
    Api,
    /// The customers link.
    Export,
}

/// Where orders come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrdersSource {
    /// The orders link; incrementally the "only new or updated" one.
    Feed,
    /// REST.
    Api,
}

/// Which records are followed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// All of them, with their changes.
    #[default]
    NewAndUpdated,
    /// New ones; what changes later is not followed.
    New,
    /// None.
    Off,
}

/// What becomes of a contact whose customer was deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Deleted {
    /// Nothing.
    Keep,
    /// `gone_at` is set.
    #[default]
    Mark,
    /// Values are emptied as well.
    Erase,
}

/// What becomes of orders whose buyer has no account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Guests {
    /// They get a contact.
    #[default]
    Contact,
    /// They are left out.
    Skip,
}

/// `[shop.customers]`
#[derive(Debug, Clone)]
pub struct CustomersSettings {
    /// Where from; default: `api` when there is one, else `export`.
    pub source: CustomersSource,
    /// Which.
    pub mode: Mode,
    /// Deleted ones.
    pub deleted: Deleted,
}

/// `[shop.orders]`
#[derive(Debug, Clone)]
pub struct OrdersSettings {
    /// Where from; default: `feed` when an orders hash is configured, else `api`.
    pub source: OrdersSource,
    /// Which.
    pub mode: Mode,
    /// First order date, inclusive, in the shop's time zone.
    pub since: Option<Date>,
    /// Last order date, inclusive, in the shop's time zone.
    pub until: Option<Date>,
    /// Guests.
    pub guests: Guests,
    /// E-mail patterns (`*@market.example`) that never identify anyone.
    pub not_people: Vec<String>,
    /// Statuses, by name or id, whose orders do not count in the statistics.
    pub cancelled: Vec<StatusRef>,
}

/// A status as the configuration names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum StatusRef {
    /// By the shop's id.
    Id(i64),
    /// By its name: NFC, trimmed, exact.
    Name(String),
}
