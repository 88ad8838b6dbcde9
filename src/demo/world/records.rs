//! Customers and orders, as the shop has them.

use jiff::Timestamp;

/// An amount of money in hundredths of its currency's unit.
pub type Money = i64;

/// A registered customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// The number in addresses of the administration.
    pub id: u64,
    /// The key.
    pub guid: String,
    /// Registration.
    pub created: Timestamp,
    /// Last change.
    pub changed: Timestamp,
    /// Billing address, with the company.
    pub billing: Address,
    /// Delivery addresses, each with its guid.
    pub delivery: Vec<(String, Address)>,
    /// Id and name of the group.
    pub group: Option<(u32, String)>,
    /// Id and name of the price list.
    pub price_list: Option<(u32, String)>,
    /// The merchant's remark.
    pub remark: Option<String>,
    /// Four decimals.
    pub price_ratio: String,
    /// `YYYY-MM-DD`
    pub birth_date: Option<String>,
    /// Log-ins; the real shop does not promise that there is one.
    pub accounts: Vec<Account>,
    /// Consent to the newsletter; told by the customers link only.
    pub newsletter: bool,
}

/// One log-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The account's own key.
    pub guid: String,
    /// Who uses it.
    pub full_name: Option<String>,
    /// Log-in e-mail, unique in the shop apart from case.
    pub email: String,
    /// Phone as it was written.
    pub phone: Option<String>,
    /// Whether it is the main one.
    pub main: bool,
    /// Whether its e-mail was verified.
    pub email_verified: bool,
}

/// A name, a company and where they are. Empty text is "not given".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// Full name.
    pub full_name: String,
    /// Company.
    pub company: String,
    /// Street.
    pub street: String,
    /// House number; in some addresses it stands in the street.
    pub house_number: String,
    /// City.
    pub city: String,
    /// District.
    pub district: String,
    /// Postal code, with or without the space.
    pub zip: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Registration number.
    pub company_id: String,
    /// VAT number.
    pub vat_id: String,
    /// Tax number.
    pub tax_id: String,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The number in addresses of the administration.
    pub id: u64,
    /// The key: digits, or letters and dashes too, leading zeros included.
    pub code: String,
    /// The API's other key; old orders have none.
    pub guid: Option<String>,
    /// When it was placed.
    pub created: Timestamp,
    /// Last change.
    pub changed: Timestamp,
    /// Id of its status.
    pub status: i64,
    /// The customer, when placed by one who was logged in.
    pub customer_guid: Option<String>,
    /// E-mail as it was written.
    pub email: Option<String>,
    /// Phone as it was written.
    pub phone: Option<String>,
    /// Who pays.
    pub billing: Address,
    /// Who receives; `None`: the same.
    pub delivery: Option<Address>,
    /// ISO 4217.
    pub currency: String,
    /// Units of the shop's currency for one unit of this one, as a decimal number.
    pub exchange_rate: String,
    /// Lines, shipping and payment and discounts among them.
    pub items: Vec<Item>,
    /// Whether it is paid.
    pub paid: Option<bool>,
    /// The buyer's remark.
    pub remark: String,
    /// The merchant's remark, perhaps with HTML in it.
    pub shop_remark: String,
    /// Tracking number of the parcel.
    pub tracking_number: String,
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// `product`, `shipping`, `billing`, `discount-coupon` …
    pub kind: String,
    /// Code of the product, or of the way of shipping, or of the coupon.
    pub code: String,
    /// Name.
    pub name: String,
    /// Name of the variant, empty when it has none.
    pub variant: String,
    /// Bar code.
    pub ean: String,
    /// How many.
    pub amount: u32,
    /// Price of one with VAT.
    pub unit_price: Money,
    /// VAT in per cent.
    pub vat_rate: u32,
}

/// A record that was deleted, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// Which.
    pub what: Record,
    /// When.
    pub at: Timestamp,
}

/// The key of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A customer, by guid.
    Customer(String),
    /// An order, by code.
    Order(String),
}

impl Order {
    /// Total with VAT.
    pub fn total(&self) -> Money {
        self.items
            .iter()
            .fold(0, |sum, item| sum.saturating_add(item.total()))
    }

    /// Total without VAT.
    pub fn total_without_vat(&self) -> Money {
        self.items
            .iter()
            .fold(0, |sum, item| sum.saturating_add(item.total_without_vat()))
    }
}

impl Item {
    /// Price of the line with VAT.
    pub fn total(&self) -> Money {
        self.unit_price.saturating_mul(i64::from(self.amount))
    }

    /// Price of the line without VAT.
    pub fn total_without_vat(&self) -> Money {
        without_vat(self.total(), self.vat_rate)
    }

    /// Price of one without VAT.
    pub fn unit_price_without_vat(&self) -> Money {
        without_vat(self.unit_price, self.vat_rate)
    }
}

fn without_vat(with_vat: Money, rate: u32) -> Money {
    let whole = 100 + i64::from(rate);
    // Half a unit away from zero before the division truncates: ordinary rounding.
    with_vat
        .saturating_mul(200)
        .saturating_add(whole * with_vat.signum())
        / (2 * whole)
}
