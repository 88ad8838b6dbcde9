//! One person or company as a target shall see it.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::{Address, Company, Customer, Order};

/// Whether the shop knows the contact as a registered customer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ContactKind {
    /// A registered customer.
    Registered,
    /// A guest, known from orders alone (a deleted customer is one too).
    #[default]
    Guest,
}

impl ContactKind {
    /// As expressions see it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Guest => "guest",
        }
    }
}

/// A contact: who it is, and what its orders add up to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contact {
    /// `GROUP:c:GUID`, `GROUP:e:HEX16`, `GROUP:p:HEX16` or `GROUP:o:CODE`; never changes.
    pub key: String,
    /// Registered or guest.
    pub kind: ContactKind,
    /// The main e-mail, normalised; empty when there is none.
    pub email: String,
    /// Every e-mail, the main one first.
    pub emails: Vec<String>,
    /// The main phone, E.164 where it parses, else as written.
    pub phone: String,
    /// Every phone, the main one first.
    pub phones: Vec<String>,
    /// Full name.
    pub name: String,
    /// First name, as far as it can be told from the full name.
    pub first_name: String,
    /// Last name; the whole name where it is one word.
    pub last_name: String,
    /// Company, as a whole.
    pub company: Company,
    /// Billing address, as a whole.
    pub address: Address,
    /// Newsletter consent; `None` is unknown.
    pub newsletter: Option<bool>,
    /// The customer record; `None` for a guest.
    pub customer: Option<Customer>,
    /// What the orders add up to.
    pub stats: Stats,
    /// The shop whose values these are.
    pub shop: ShopFacts,
    /// The oldest order that is not deleted.
    pub first_order: Option<OrderOf>,
    /// The newest order that is not deleted.
    pub last_order: Option<OrderOf>,
    /// All orders that are not deleted, newest first; filled only when the mapping names them.
    pub orders: Vec<OrderOf>,
    /// When the shop's customer was deleted.
    pub gone_at: Option<Timestamp>,
    /// The key of the contact that took this one over.
    pub merged_into: Option<String>,
}

/// An order together with the shop it comes from (the shops of a group share contacts).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OrderOf {
    /// The shop.
    pub shop: ShopFacts,
    /// The order. `items`, addresses, shipping, payment, remark and tracking number are filled only
    /// when the mapping names them; all else always.
    pub order: Order,
}

/// What expressions may know of a shop.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShopFacts {
    /// The name in the configuration.
    pub name: String,
    /// The address of the shop.
    pub url: String,
}

/// What the orders of a contact add up to. Deleted and cancelled orders do not count.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stats {
    /// How many.
    pub orders_count: u64,
    /// Sum of totals with VAT per currency, sorted by currency.
    pub totals: Vec<(String, Decimal)>,
    /// The sum in the shop's currency; `None` where shops of a group have different currencies.
    pub total: Option<Decimal>,
    /// When the oldest was placed.
    pub first_order_at: Option<Timestamp>,
    /// When the newest was placed.
    pub last_order_at: Option<Timestamp>,
}
