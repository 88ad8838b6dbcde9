//! The records of the shop.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A registered customer of the shop with the accounts (log-ins) that belong to it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Customer {
    /// The shop's own identifier; never empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub guid: String,
    /// When the customer registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When the shop says it last changed; one-second resolution, absent in exports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<Timestamp>,
    /// Name, company and address for invoices.
    pub billing: Party,
    /// Delivery addresses, the default one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deliveries: Vec<Party>,
    /// Log-ins. May be empty, may name several or no main account.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<Account>,
    /// Name of the customer group.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// Name of the price list.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub price_list: String,
    /// The shop's note on the customer.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub remark: String,
    /// `YYYY-MM-DD`, as the shop writes it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub birth_date: String,
    /// Address of the customer in the shop's administration.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub admin_url: String,
    /// Whether they agreed to the newsletter; `None` where the source does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newsletter: Option<bool>,
}

/// One log-in of a customer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    /// The account's own identifier, where the source tells it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub guid: String,
    /// E-mail as the shop writes it; normalised only when people are matched.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// Phone as the shop writes it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// Full name of the person behind this log-in.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Whether the shop calls this the main account.
    pub main: bool,
}

/// A name, a company and an address that were given together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Party {
    /// Full name of the person.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The company, taken as a whole or not at all.
    #[serde(skip_serializing_if = "Company::is_empty")]
    pub company: Company,
    /// The address, taken as a whole or not at all.
    #[serde(skip_serializing_if = "Address::is_blank")]
    pub address: Address,
}

/// A company: name and numbers are one value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Company {
    /// Name of the company.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Registration number (IČO, cégjegyzékszám).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// VAT number (DIČ, IČ DPH).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub vat_id: String,
    /// Tax number where it is another than the VAT number (SK).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tax_id: String,
}

/// A postal address: one value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Street, in many shops with the house number inside.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub street: String,
    /// House number, empty where it stands in the street.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub house_number: String,
    /// City.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub city: String,
    /// District.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub district: String,
    /// Postal code as the shop writes it, with or without the space.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub zip: String,
    /// ISO 3166-1 alpha-2, upper case; empty when the shop does not say or it is not known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub country_code: String,
}

impl Address {
    /// Whether nothing but perhaps a country is known: a country alone is no address.
    pub fn is_empty(&self) -> bool {
        self.street.is_empty()
            && self.house_number.is_empty()
            && self.city.is_empty()
            && self.district.is_empty()
            && self.zip.is_empty()
    }

    /// Whether not even a country is known.
    pub fn is_blank(&self) -> bool {
        self.is_empty() && self.country_code.is_empty()
    }
}

impl Company {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.name.is_empty() && self.id.is_empty() && self.vat_id.is_empty() && self.tax_id.is_empty()
    }
}

/// One order of the shop.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Order {
    /// Hash of the record as it stood in its document; 0 where none was taken. The same bytes say the same.
    #[serde(skip)]
    pub print: u64,
    /// The key of the order inside its shop: a text, leading zeros and letters included.
    pub code: String,
    /// The number that the shop's administration knows it by, `/admin/objednavky-detail/?id=…`; exports
    /// tell it instead of `url`.
    pub admin_id: String,
    /// When it was placed.
    pub placed_at: Option<Timestamp>,
    /// When the shop says it last changed; absent in exports.
    pub changed_at: Option<Timestamp>,
    /// The shop's status.
    pub status: OrderStatus,
    /// The customer it belongs to, as the API tells; empty for guests and in every export.
    pub customer_guid: String,
    /// E-mail as the buyer wrote it.
    pub email: String,
    /// Phone as the buyer wrote it.
    pub phone: String,
    /// Who pays.
    pub billing: Party,
    /// Who receives; empty when the same.
    pub delivery: Party,
    /// ISO 4217 code.
    pub currency: String,
    /// How many units of the shop's currency one unit of the order's currency is worth.
    pub exchange_rate: Option<Decimal>,
    /// Total with VAT in the order's currency.
    pub total: Option<Decimal>,
    /// Total without VAT in the order's currency.
    pub total_without_vat: Option<Decimal>,
    /// Whether it is paid; `None` where the shop does not say.
    pub paid: Option<bool>,
    /// Codes of the coupons used.
    pub coupons: Vec<String>,
    /// The lines of the order, product lines and discounts alike.
    pub items: Items,
    /// Name of the way of shipping.
    pub shipping: String,
    /// Name of the way of payment.
    pub payment: String,
    /// The buyer's remark.
    pub remark: String,
    /// Tracking number of the parcel.
    pub tracking_number: String,
    /// Address of the order in the shop's administration.
    pub url: String,
}

/// The shop's status of an order: exports tell only the name, the API also the id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderStatus {
    /// Negative for the system's statuses, positive for the merchant's own.
    pub id: Option<i64>,
    /// The name the merchant gave it; NFC, trimmed.
    pub name: String,
}

/// One line of an order. Amounts are exact decimals in text, empty when the shop does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Item {
    /// `product`, `shipping`, `billing`, `discount-coupon` … or whatever the shop says; `other` when it says nothing.
    #[serde(rename = "type")]
    pub kind: String,
    /// Product code.
    pub code: String,
    /// Name with its variant.
    pub name: String,
    /// How many.
    pub amount: String,
    /// Price of one, with VAT.
    pub unit_price: String,
    /// Price of the line, with VAT.
    pub total: String,
    /// VAT in per cent. Not every template tells it, and a line without one is stored without it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub vat_rate: String,
}

/// The lines of an order, kept as the JSON array that the contact database shows.
///
/// An order has a handful of lines and a shop millions of them; few readers look inside, so they
/// travel as the text they become and are decoded where an expression names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Items(String);

impl Default for Items {
    fn default() -> Self {
        Self("[]".to_owned())
    }
}

impl Items {
    /// Takes a JSON array as it was stored by [`Items::as_json`].
    pub fn from_json(json: String) -> Self {
        Self(json)
    }

    /// Appends one line.
    pub fn push(&mut self, item: &Item) {
        // A struct of strings always serialises; were it not so, the order keeps its other lines.
        if let Ok(line) = serde_json::to_string(item) {
            self.0.pop();
            if self.0.len() > 1 {
                self.0.push(',');
            }
            self.0.push_str(&line);
            self.0.push(']');
        }
    }

    /// The JSON array.
    pub fn as_json(&self) -> &str {
        &self.0
    }

    /// The JSON array, given away.
    pub fn into_json(self) -> String {
        self.0
    }

    /// The lines, decoded.
    ///
    /// # Errors
    /// When the stored text is not what [`Items::push`] wrote.
    pub fn decode(&self) -> Result<Vec<Item>, serde_json::Error> {
        serde_json::from_str(&self.0)
    }
}

impl Serialize for Items {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.decode()
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Items {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let lines = Vec::<Item>::deserialize(deserializer)?;
        let mut items = Self::default();
        for line in &lines {
            items.push(line);
        }
        Ok(items)
    }
}

/// What a source yields, one by one: a record, or the place and the reason where one could not be read.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading<T> {
    /// A record.
    Record(T),
    /// A record that could not be understood; the rest of the document goes on.
    Bad(BadRecord),
}

/// A record that a source set aside.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadRecord {
    /// Order code or customer guid, when that much could be read.
    pub key: Option<String>,
    /// Where it stands: the number of the record in its document, from 1.
    pub position: u64,
    /// Tells it from another one at the same place of another document.
    pub imprint: u16,
    /// Why, free of personal data: names of elements and kinds of faults, never their text.
    pub reason: String,
}
