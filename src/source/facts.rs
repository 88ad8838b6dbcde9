//! What is known about a shop before its customers and orders are read.

use crate::model::OrderStatus;

use super::settings::ShopSettings;

/// Facts about a shop: the configuration's word first, then the API's, then the fallback.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShopFactsRead {
    /// Name of the shop as its visitors know it; the configured name where there is no API.
    pub name: String,
    /// IANA name of the time zone of its dates.
    pub timezone: String,
    /// ISO 4217; `None` where neither the configuration nor the API says.
    pub currency: Option<String>,
    /// Hosts that are known to be the shop's.
    pub hosts: Vec<String>,
    /// The shop's own e-mail addresses, which identify nobody.
    pub emails: Vec<String>,
    /// The order statuses that the shop offers; empty where there is no API or it lacks the right.
    pub statuses: Vec<OrderStatus>,
}

impl ShopFactsRead {
    /// What the configuration alone tells.
    pub(super) fn from_settings(settings: &ShopSettings, fallback_timezone: &str) -> Self {
        Self {
            name: settings.name.clone(),
            timezone: settings
                .timezone
                .clone()
                .unwrap_or_else(|| fallback_timezone.to_owned()),
            currency: settings.currency.clone(),
            hosts: settings
                .url
                .host_str()
                .map(str::to_owned)
                .into_iter()
                .chain(settings.hosts.clone())
                .collect(),
            emails: Vec::new(),
            statuses: Vec::new(),
        }
    }

    /// Whether a host is the shop's.
    pub(super) fn knows_host(&self, host: &str) -> bool {
        self.hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
    }
}
