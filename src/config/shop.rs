//! `[[shop]]`: a shop and what is wanted of it.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization as _;

use super::address::{self, Extent, web};
use super::codes;
use super::known;
use super::origin;
use super::section::{Section, integer_of, shown, type_name};
use crate::source::settings::{
    ApiSettings, CustomersSettings, CustomersSource, Deleted, ExportSettings, Guests, Mode, OrdersSettings,
    OrdersSource, ShopSettings, StatusRef,
};

/// The shop's own names of a cancelled order, and its id: orders that do not count in statistics.
const CANCELLED_NAMES: [&str; 3] = ["Stornována", "Stornovaná", "Cancelled"];
const CANCELLED_ID: i64 = -4;

const MODES: [(&str, Mode); 3] = [
    ("new_and_updated", Mode::NewAndUpdated),
    ("new", Mode::New),
    ("off", Mode::Off),
];

/// A shop as far as it could be read: a target may name it although something else in it is wrong.
pub(super) struct ReadShop {
    pub(super) name: Option<String>,
    /// `None`: a fault was noted.
    pub(super) settings: Option<ShopSettings>,
}

/// All shops, their names unique.
pub(super) fn read_all(top: &Section) -> Vec<ReadShop> {
    let sections = top.tables("shop");
    if !top.has("shop") {
        top.missing("shop", "a section [[shop]] says which shop is read");
    }
    let mut names = BTreeSet::new();
    let mut shops = Vec::with_capacity(sections.len());
    for section in &sections {
        section.refuse_unknown(&[&known::SHOP]);
        let name = unique_name(section, "shop", &mut names);
        shops.push(ReadShop {
            settings: read(section, name.as_deref()),
            name,
        });
    }
    shops
}

/// The `name` of a section, which no other of its list has.
pub(super) fn unique_name(section: &Section, what: &str, names: &mut BTreeSet<String>) -> Option<String> {
    section.required_text(
        "name",
        &format!("what this {what} is called here, in a-z, 0-9 and -"),
    )?;
    let name = section.parsed("name", plain_name)?;
    if !names.insert(name.clone()) {
        section.fault("name", format!("there is a {what} of this name above"));
    }
    Some(name)
}

/// Names become parts of keys, where `:` and `/` have a meaning of their own.
fn plain_name(text: &str) -> Result<String, String> {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if !text.is_empty() && text.chars().all(plain) {
        Ok(text.to_owned())
    } else {
        Err(format!("{} must be of a-z, 0-9 and - only", shown(text)))
    }
}

fn read(section: &Section, name: Option<&str>) -> Option<ShopSettings> {
    let group = section.parsed("group", plain_name);
    section.required_text("url", "the address of the shop");
    let url = section.parsed("url", web(Extent::Host));
    section.required_text("country", "two letters, for phone numbers without a prefix");
    let country = section.parsed("country", codes::country);
    let currency = section.parsed("currency", codes::currency);
    let timezone = section.parsed("timezone", codes::timezone);
    let hosts = section.parsed_list("hosts", address::host);
    let api = origin::read_api(section);
    let exports = origin::read_exports(section);
    if !section.has("api") && !section.has("exports") {
        section.check.warn(format!(
            "shop \"{}\" has neither [shop.api] nor [shop.exports]: it can only be imported from files",
            name.unwrap_or_default()
        ));
    }
    let sources = Sources {
        section,
        api: api.as_ref(),
        exports: exports.as_ref(),
    };
    let customers = sources.customers();
    let orders = sources.orders();
    let name = name?.to_owned();
    Some(ShopSettings {
        group: group.unwrap_or_else(|| name.clone()),
        name,
        url: url?,
        country: country?,
        currency,
        timezone,
        hosts: hosts.unwrap_or_default(),
        api,
        exports,
        customers: customers?,
        orders: orders?,
    })
}

/// What the choice of a source depends on.
struct Sources<'s> {
    section: &'s Section<'s>,
    api: Option<&'s ApiSettings>,
    exports: Option<&'s ExportSettings>,
}

impl Sources<'_> {
    fn customers(&self) -> Option<CustomersSettings> {
        let default = match self.has_api() {
            true => CustomersSource::Api,
            false => CustomersSource::Export,
        };
        let Some(table) = self.half("customers", &known::CUSTOMERS)? else {
            self.require_customers(self.section, "customers", default);
            return Some(CustomersSettings {
                source: default,
                mode: Mode::default(),
                deleted: Deleted::default(),
            });
        };
        let words = [("api", CustomersSource::Api), ("export", CustomersSource::Export)];
        let source = table.choice("source", &words).unwrap_or(default);
        let mode = table.choice("mode", &MODES).unwrap_or_default();
        if mode != Mode::Off {
            self.require_customers(&table, "source", source);
        }
        let words = [
            ("keep", Deleted::Keep),
            ("mark", Deleted::Mark),
            ("erase", Deleted::Erase),
        ];
        Some(CustomersSettings {
            source,
            mode,
            deleted: table.choice("deleted", &words).unwrap_or_default(),
        })
    }

    fn orders(&self) -> Option<OrdersSettings> {
        // A shop without any source is imported from files, and those are exports.
        let hash = self.exports.is_some_and(|exports| exports.orders_hash.is_some());
        let default = match hash || !self.has_api() {
            true => OrdersSource::Feed,
            false => OrdersSource::Api,
        };
        let Some(table) = self.half("orders", &known::ORDERS)? else {
            self.require_orders(self.section, "orders", default);
            return Some(OrdersSettings {
                source: default,
                mode: Mode::default(),
                since: None,
                until: None,
                guests: Guests::default(),
                not_people: Vec::new(),
                cancelled: cancelled(None),
            });
        };
        let words = [("feed", OrdersSource::Feed), ("api", OrdersSource::Api)];
        let source = table.choice("source", &words).unwrap_or(default);
        let mode = table.choice("mode", &MODES).unwrap_or_default();
        if mode != Mode::Off {
            self.require_orders(&table, "source", source);
        }
        let since = table.parsed("since", codes::date);
        let until = table.parsed("until", codes::date);
        if since.zip(until).is_some_and(|(since, until)| since > until) {
            table.fault("until", "is before `since`: no order would be left");
        }
        let words = [("contact", Guests::Contact), ("skip", Guests::Skip)];
        Some(OrdersSettings {
            source,
            mode,
            since,
            until,
            guests: table.choice("guests", &words).unwrap_or_default(),
            not_people: table.parsed_list("not_people", email_pattern).unwrap_or_default(),
            cancelled: cancelled(Some(&table)),
        })
    }

    /// The outer `None` says that a fault was noted, the inner one that the section is not there.
    #[expect(
        clippy::option_option,
        reason = "a section may be absent, and it may be wrong"
    )]
    fn half(&self, key: &str, known: &'static known::Known) -> Option<Option<Section<'_>>> {
        if !self.section.has(key) {
            return Some(None);
        }
        self.section.table(key, &[known]).map(Some)
    }

    fn require_customers(&self, section: &Section, key: &str, source: CustomersSource) {
        match source {
            CustomersSource::Api if !self.has_api() => {
                section.fault(key, "to read customers by API, [shop.api] is missing");
            }
            CustomersSource::Export if self.lacks(|exports| exports.customers_hash.is_some()) => {
                section.fault(
                    key,
                    "to read customers by export, `customers_hash` in [shop.exports] is missing \
                     (customers.mode = \"off\" does without customers)",
                );
            }
            CustomersSource::Api | CustomersSource::Export => {}
        }
    }

    fn require_orders(&self, section: &Section, key: &str, source: OrdersSource) {
        match source {
            OrdersSource::Api if !self.has_api() => {
                section.fault(key, "to read orders by API, [shop.api] is missing");
            }
            OrdersSource::Feed if self.lacks(|exports| exports.orders_hash.is_some()) => {
                section.fault(
                    key,
                    "to read orders by export, `orders_hash` in [shop.exports] is missing \
                     (orders.mode = \"off\" does without orders)",
                );
            }
            OrdersSource::Api | OrdersSource::Feed => {}
        }
    }

    /// Whether a link is missing where the shop is meant to be read at all. A section that is there
    /// but faulty counts as having everything: its own fault is told already.
    fn lacks(&self, has: impl Fn(&ExportSettings) -> bool) -> bool {
        match self.exports {
            Some(exports) => !has(exports),
            None => !self.section.has("exports") && self.has_api(),
        }
    }

    fn has_api(&self) -> bool {
        self.api.is_some() || self.section.has("api")
    }
}

fn cancelled(orders: Option<&Section>) -> Vec<StatusRef> {
    let Some((orders, list)) = orders.and_then(|orders| Some((orders, orders.list("cancelled")?))) else {
        let names = CANCELLED_NAMES.map(|name| StatusRef::Name(name.to_owned()));
        return names.into_iter().chain([StatusRef::Id(CANCELLED_ID)]).collect();
    };
    let mut statuses = Vec::new();
    for (number, value) in list {
        let id = integer_of(value).and_then(|id| i64::try_from(id).ok());
        let name = value.as_str().map(str::trim).filter(|name| !name.is_empty());
        match (id, name) {
            (Some(id), _) => statuses.push(StatusRef::Id(id)),
            (None, Some(name)) => statuses.push(match name.parse() {
                Ok(id) => StatusRef::Id(id),
                Err(_) => StatusRef::Name(name.nfc().collect()),
            }),
            (None, None) => orders.fault_in_list(
                "cancelled",
                number,
                format!(
                    "must be the name or the number of a status, is {}",
                    type_name(value)
                ),
            ),
        }
    }
    statuses
}

fn email_pattern(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.split('@').collect();
    match parts.as_slice() {
        [local, domain] if !local.is_empty() && !domain.is_empty() && !text.contains(char::is_whitespace) => {
            Ok(text.to_owned())
        }
        _ => {
            Err("must be an e-mail address, `*` standing for any part, as in \"*@market.example\"".to_owned())
        }
    }
}
