//! The keys of `kind = "minicrm"`: which system, where in it, and who logs in.

use url::Url;

use crate::model::Conventions;
use crate::secret::Secret;

/// Requests a minute that MiniCRM takes of one system (its manual, "API limits").
pub const REQUESTS_PER_MINUTE: u32 = 60;

/// The most that can be configured: for a system that was granted more.
pub const MOST_REQUESTS_PER_MINUTE: u32 = 1_000_000;

/// What becomes of an order that the shop deleted, where no word is mapped to it.
pub const DELETED_STAGE: &str = "Failed";

/// What MiniCRM expects of a mapping. These fields every system has from the start. A contact with a company's name is
/// a company there, and has the fields of one.
pub const CONVENTIONS: Conventions = Conventions {
    fields: &[
        ("Person.FirstName", "contact.first_name"),
        ("Person.LastName", "contact.last_name"),
        ("Person.Email", "contact.email"),
        ("Person.Phone", "contact.phone"),
        ("Business.Name", "contact.company"),
        ("Business.Email", "contact.email"),
        ("Business.Phone", "contact.phone"),
        ("Business.RegistrationNumber", "contact.company_id"),
        ("Business.EUVatNumber", "contact.vat_id"),
        ("Business.VatNumber", "contact.tax_id"),
        ("Address.CountryId", "contact.country_code"),
        ("Address.PostalCode", "contact.zip"),
        ("Address.City", "contact.city"),
        ("Address.Address", STREET),
        ("Card.Name", "contact.name"),
    ],
    order_fields: &[],
    required: &["Person.LastName", "Card.Name"],
    lists_under: None,
};

/// Street and house number in one line.
const STREET: &str = "(contact.street ~ ' ' ~ contact.house_number) | trim";

/// A MiniCRM system.
#[derive(Debug, Clone)]
pub struct MiniCrmSettings {
    /// Where it is, up to the host: `https://r3.minicrm.hu`.
    pub url: Url,
    /// Its number, which stands in the address of every page of it.
    pub system_id: u32,
    /// What the program logs in with.
    pub api_key: Secret,
    /// The product whose cards our contacts are: the Webshop, mostly.
    pub category_id: u32,
    /// The user who gets new cards, by name or number.
    pub owner: Option<String>,
    /// Requests that we send in a minute.
    pub requests_per_minute: u32,
    /// The XML feed that a first import is uploaded to.
    pub sync_feed_id: Option<u32>,
    /// The text field of a card that marks are written into; without `Card.` before it.
    pub marker: Option<String>,
    /// Whether orders of several shops go there: then their code alone does not say which one is meant.
    pub has_several_shops: bool,
}

impl MiniCrmSettings {
    /// What tells this system from all others.
    pub fn identity(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port() {
            Some(port) => format!("{host}:{port}/{}", self.system_id),
            None => format!("{host}/{}", self.system_id),
        }
    }

    /// What it is called in messages.
    pub fn place(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        format!("MiniCRM system {} at {host}", self.system_id)
    }
}
