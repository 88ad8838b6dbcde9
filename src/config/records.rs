//! `[shop.customers]` and `[shop.orders]`: what is wanted of a shop. Either may be left out.

use unicode_normalization::UnicodeNormalization as _;

use super::codes;
use super::known;
use super::section::Section;
use super::wording::{integer_of, type_name};
use crate::source::settings::{
    CustomersSettings, CustomersSource, Deleted, ExportSettings, Guests, Mode, OrdersSettings, OrdersSource,
    StatusRef,
};

/// The shop system's own names of a cancelled order, and its id: not counted in the statistics.
const CANCELLED_NAMES: [&str; 3] = ["Stornována", "Stornovaná", "Cancelled"];
const CANCELLED_ID: i64 = -4;

const MODES: [(&str, Mode); 3] = [
    ("new_and_updated", Mode::NewAndUpdated),
    ("new", Mode::New),
    ("off", Mode::Off),
];
const DELETED: [(&str, Deleted); 3] = [
    ("keep", Deleted::Keep),
    ("mark", Deleted::Mark),
    ("erase", Deleted::Erase),
];
const GUESTS: [(&str, Guests); 2] = [("contact", Guests::Contact), ("skip", Guests::Skip)];
const CUSTOMERS_SOURCES: [(&str, CustomersSource); 2] =
    [("api", CustomersSource::Api), ("export", CustomersSource::Export)];
const ORDERS_SOURCES: [(&str, OrdersSource); 2] = [("feed", OrdersSource::Feed), ("api", OrdersSource::Api)];

pub(super) fn read_customers(shop: &Section, exports: Option<&ExportSettings>) -> Option<CustomersSettings> {
    let section = shop.table_or_empty("customers", &[&known::CUSTOMERS])?;
    let default = match shop.has("api") {
        true => CustomersSource::Api,
        false => CustomersSource::Export,
    };
    let source = section.choice("source", &CUSTOMERS_SOURCES).unwrap_or(default);
    let mode = section.choice("mode", &MODES).unwrap_or_default();
    if mode != Mode::Off {
        match source {
            CustomersSource::Api => require_api(shop, &section, "customers"),
            CustomersSource::Export => {
                let hash = exports.map(|exports| exports.customers_hash.is_some());
                require_hash(shop, &section, "customers", hash);
            }
        }
    }
    Some(CustomersSettings {
        source,
        mode,
        deleted: section.choice("deleted", &DELETED).unwrap_or_default(),
    })
}

pub(super) fn read_orders(shop: &Section, exports: Option<&ExportSettings>) -> Option<OrdersSettings> {
    let section = shop.table_or_empty("orders", &[&known::ORDERS])?;
    let hash = exports.map(|exports| exports.orders_hash.is_some());
    // A shop without any source is imported from files, and those are exports.
    let default = match hash == Some(true) || !shop.has("api") {
        true => OrdersSource::Feed,
        false => OrdersSource::Api,
    };
    let source = section.choice("source", &ORDERS_SOURCES).unwrap_or(default);
    let mode = section.choice("mode", &MODES).unwrap_or_default();
    if mode != Mode::Off {
        match source {
            OrdersSource::Api => require_api(shop, &section, "orders"),
            OrdersSource::Feed => require_hash(shop, &section, "orders", hash),
        }
    }
    let since = section.parsed("since", codes::date);
    let until = section.parsed("until", codes::date);
    if since.zip(until).is_some_and(|(since, until)| since > until) {
        section.fault("until", "is before `since`: no order would be left");
    }
    Some(OrdersSettings {
        source,
        mode,
        since,
        until,
        guests: section.choice("guests", &GUESTS).unwrap_or_default(),
        not_people: section
            .parsed_list("not_people", email_pattern)
            .unwrap_or_default(),
        cancelled: read_cancelled(&section),
    })
}

fn require_api(shop: &Section, section: &Section, what: &str) {
    if !shop.has("api") {
        section.fault("source", format!("to read {what} by API, [shop.api] is missing"));
    }
}

/// `hash`: whether the link to these records is configured; `None` without a sound `[shop.exports]`.
fn require_hash(shop: &Section, section: &Section, what: &str, hash: Option<bool>) {
    let missing = match hash {
        Some(hash) => !hash,
        // A faulty section has been told already; a shop without any source is imported from files.
        None => !shop.has("exports") && shop.has("api"),
    };
    if missing {
        section.fault(
            "source",
            format!(
                "to read {what} by export, `{what}_hash` in [shop.exports] is missing; \
                 {what}.mode = \"off\" does without {what}"
            ),
        );
    }
}

fn read_cancelled(section: &Section) -> Vec<StatusRef> {
    let Some(list) = section.list("cancelled") else {
        let names = CANCELLED_NAMES.map(|name| StatusRef::Name(name.to_owned()));
        return names.into_iter().chain([StatusRef::Id(CANCELLED_ID)]).collect();
    };
    let mut statuses = Vec::new();
    for (number, value) in list {
        let id = integer_of(value).and_then(|id| i64::try_from(id).ok());
        let name = value.as_str().map(str::trim).filter(|name| !name.is_empty());
        match (id, name) {
            (Some(id), _) => statuses.push(StatusRef::Id(id)),
            // `[target.statuses]` can write a number only as text; here both mean the same.
            (None, Some(name)) => statuses.push(match name.parse() {
                Ok(id) => StatusRef::Id(id),
                Err(_) => StatusRef::Name(name.nfc().collect()),
            }),
            (None, None) => {
                let message = format!(
                    "must be the name or the number of a status, is {}",
                    type_name(value)
                );
                section.fault_in_list("cancelled", number, message);
            }
        }
    }
    statuses
}

fn email_pattern(text: &str) -> Result<String, String> {
    let is_pattern = match text.split_once('@') {
        Some((local, domain)) => !local.is_empty() && !domain.is_empty() && !domain.contains('@'),
        None => false,
    };
    if is_pattern && !text.contains(char::is_whitespace) {
        Ok(text.to_owned())
    } else {
        Err("must be an e-mail address, `*` standing for any part, as in \"*@market.example\"".to_owned())
    }
}
