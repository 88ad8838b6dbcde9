//! A shop in the midst of a run: its settings, what it told about itself, and its number in the state.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::unchanged::salt;
use crate::error::{Doing, Kind, Result};
use crate::merge::assemble::HomeShop;
use crate::merge::email::NotPeople;
use crate::model::{OrderStatus, ShopFacts};
use crate::source::ShopFactsRead;
use crate::source::document::Locale;
use crate::source::settings::{Guests, ShopSettings, StatusRef};
use crate::state::State;
use crate::state::shops::ShopRow;

/// One shop of a run.
#[derive(Debug, Clone)]
pub struct ShopInRun {
    /// `[[shop]]`
    pub settings: ShopSettings,
    /// Its number in the state.
    pub id: i64,
    /// What the assembly of contacts needs to know of it.
    pub home: HomeShop,
    /// What its documents leave unsaid.
    pub locale: Locale,
    /// Statuses it offers, as far as it told; of a shop out of the state, all that were ever seen.
    pub statuses: Vec<OrderStatus>,
    /// Its own e-mail addresses, as far as it told.
    emails: Vec<String>,
    /// What the prints of its records depend on.
    pub(super) salt: u64,
}

impl ShopInRun {
    /// Puts together what the configuration and the shop say.
    ///
    /// # Errors
    /// When the time zone is not known.
    pub fn new(settings: &ShopSettings, facts: &ShopFactsRead) -> Result<Self> {
        let timezone = TimeZone::get(&facts.timezone).doing(Kind::Configuration, || {
            format!("reading the time zone of shop {}", settings.name)
        })?;
        let currency = facts
            .currency
            .clone()
            .unwrap_or_else(|| currency_of(&settings.country).to_owned());
        let not_people = settings.orders.not_people.iter().chain(&facts.emails);
        let home = HomeShop {
            facts: ShopFacts {
                name: settings.name.clone(),
                url: settings.url.as_str().trim_end_matches('/').to_owned(),
            },
            country: settings.country.clone(),
            currency: currency.clone(),
            not_people: NotPeople::new(not_people.map(String::as_str)),
        };
        let locale = Locale {
            timezone,
            country: settings.country.clone(),
            currency,
        };
        Ok(Self {
            id: 0,
            salt: salt(&home, &locale),
            home,
            locale,
            statuses: facts.statuses.clone(),
            emails: facts.emails.clone(),
            settings: settings.clone(),
        })
    }

    /// Remembers the shop and the statuses it offers.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn remember(&mut self, state: &State) -> Result<()> {
        self.id = state.remember_shop(&ShopRow {
            id: 0,
            name: self.settings.name.clone(),
            group: self.settings.group.clone(),
            url: self.home.facts.url.clone(),
            currency: self.home.currency.clone(),
            timezone: self.locale.timezone.iana_name().unwrap_or("UTC").to_owned(),
            emails: self.emails.clone(),
        })?;
        for status in &self.statuses {
            state.status(self.id, status)?;
        }
        Ok(())
    }

    /// A shop as the state remembers it, for whoever does not ask the shop itself. The configuration's
    /// own word still comes first.
    ///
    /// # Errors
    /// When the remembered time zone is not known.
    pub fn from_state(settings: &ShopSettings, row: &ShopRow) -> Result<Self> {
        let facts = ShopFactsRead {
            name: row.name.clone(),
            timezone: settings.timezone.clone().unwrap_or_else(|| row.timezone.clone()),
            currency: Some(settings.currency.clone().unwrap_or_else(|| row.currency.clone())),
            emails: row.emails.clone(),
            ..ShopFactsRead::default()
        };
        Ok(Self {
            id: row.id,
            ..Self::new(settings, &facts)?
        })
    }

    /// The configured shops that were read before, in the order of the configuration.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn all_from_state(state: &State, settings: &[ShopSettings]) -> Result<Vec<Self>> {
        let (rows, statuses) = (state.shops()?, state.statuses()?);
        let of_shop = |id: i64| statuses.iter().filter(move |(_, shop, _)| *shop == id);
        settings
            .iter()
            .filter_map(|shop| {
                rows.iter()
                    .find(|row| row.name == shop.name)
                    .map(|row| (shop, row))
            })
            .map(|(shop, row)| {
                Ok(Self {
                    statuses: of_shop(row.id).map(|(_, _, status)| status.clone()).collect(),
                    ..Self::from_state(shop, row)?
                })
            })
            .collect()
    }

    /// Patterns of e-mails that identify nobody: the configured ones, and its own addresses.
    pub fn not_people(&self) -> impl Iterator<Item = &str> {
        let configured = self.settings.orders.not_people.iter();
        configured.chain(&self.emails).map(String::as_str)
    }

    /// Whether orders whose buyer has no account are left out.
    pub fn skips_guests(&self) -> bool {
        self.settings.orders.guests == Guests::Skip
    }

    /// Whether orders of this status do not count.
    pub fn is_cancelled(&self, status: &OrderStatus) -> bool {
        self.names_as_cancelled(&self.whole(status))
    }

    /// Whether the configuration names just this as a status that does not count.
    pub(super) fn names_as_cancelled(&self, status: &OrderStatus) -> bool {
        self.settings
            .orders
            .cancelled
            .iter()
            .any(|cancelled| match cancelled {
                StatusRef::Id(id) => status.id == Some(*id),
                StatusRef::Name(name) => *name == status.name,
            })
    }

    /// Where an order stands in the shop's administration. Exports tell only its number there, and the
    /// state keeps no more than that.
    pub fn order_url(&self, stored: &str) -> String {
        if !stored.is_empty() && stored.bytes().all(|byte| byte.is_ascii_digit()) {
            format!("{}/admin/objednavky-detail/?id={stored}", self.home.facts.url)
        } else {
            stored.to_owned()
        }
    }

    /// Whether an order placed then is within `since` and `until`. One without a date is.
    pub fn follows_order_of(&self, placed_at: Option<Timestamp>) -> bool {
        let Some(placed_at) = placed_at else { return true };
        let day = placed_at.to_zoned(self.locale.timezone.clone()).date();
        let orders = &self.settings.orders;
        orders.since.is_none_or(|since| since <= day) && orders.until.is_none_or(|until| day <= until)
    }
}

/// The currency of a country, for shops that neither the configuration nor the API tells it of.
fn currency_of(country: &str) -> &'static str {
    match country {
        "CZ" => "CZK",
        "HU" => "HUF",
        "PL" => "PLN",
        "RO" => "RON",
        _ => "EUR",
    }
}
