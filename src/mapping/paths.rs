//! What a path is: its first word, the field behind it, and how that is read from a contact.

use std::sync::LazyLock;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::statuses::Statuses;
use super::tables::{CONTACT, CUSTOMER, ORDER, SHOP, STATS};
use crate::model::{Account, Contact, Customer, Items, OrderOf, Party, ShopFacts, ValueType};

/// A value as the model holds it, borrowed.
#[derive(Debug, Clone, Copy)]
pub enum Natural<'a> {
    /// A text, empty when nothing is known.
    Text(&'a str),
    /// A count.
    Count(u64),
    /// An exact decimal.
    Amount(Option<Decimal>),
    /// Yes, no, or unknown.
    Flag(Option<bool>),
    /// A moment.
    Moment(Option<Timestamp>),
    /// A list of texts.
    Texts(&'a [String]),
    /// Amounts by currency.
    Totals(&'a [(String, Decimal)]),
    /// Lines of an order.
    Items(&'a Items),
    /// Delivery addresses.
    Addresses(&'a [Party]),
    /// Log-ins.
    Accounts(&'a [Account]),
}

/// What a path holds, as far as paths go on inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// One value.
    One,
    /// A list of texts.
    Texts,
    /// Amounts by currency: `stats.totals.CZK`.
    Totals,
    /// A list of records with these fields.
    Records(&'static [Element]),
}

/// What has to be loaded before a path can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// Nothing more than every contact has.
    Nothing,
    /// The body of an order.
    OrderDetails,
    /// The lines of an order.
    Items,
    /// The body of the customer record.
    CustomerDetails,
    /// What the shop's lists say of the contact's e-mail.
    Newsletter,
}

/// Where a path is read: the contact, and the order and shop that its first word stands for.
#[derive(Debug, Clone, Copy)]
pub struct At<'a> {
    pub contact: &'a Contact,
    pub customer: &'a Customer,
    pub order: &'a OrderOf,
    pub shop: &'a ShopFacts,
    pub statuses: &'a Statuses,
}

/// One field of a record.
#[derive(Debug)]
pub struct Field {
    pub name: &'static str,
    /// The natural type: how a bare path is written unless the configuration says otherwise.
    pub kind: ValueType,
    pub meaning: &'static str,
    pub holds: Holds,
    pub load: Load,
    pub read: for<'a> fn(At<'a>) -> Natural<'a>,
}

/// One field of a record inside a list.
#[derive(Debug, PartialEq, Eq)]
pub struct Element {
    pub name: &'static str,
    pub kind: ValueType,
    pub meaning: &'static str,
}

/// The first word of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    Contact,
    Customer,
    Orders,
    Stats,
    Shop,
    LastOrder,
    FirstOrder,
    Order,
}

/// What an expression is about, and so which first words it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// `[target.fields]` and `only`.
    Contact,
    /// `[target.order_fields]`.
    Order,
}

impl Over {
    pub const fn roots(self) -> &'static [Root] {
        match self {
            Self::Contact => &[
                Root::Contact,
                Root::Customer,
                Root::Orders,
                Root::Stats,
                Root::Shop,
                Root::LastOrder,
                Root::FirstOrder,
            ],
            Self::Order => &[Root::Order, Root::Contact, Root::Shop],
        }
    }

    pub fn root(self, name: &str) -> Option<Root> {
        self.roots().iter().copied().find(|root| root.name() == name)
    }
}

impl Root {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Customer => "customer",
            Self::Orders => "orders",
            Self::Stats => "stats",
            Self::Shop => "shop",
            Self::LastOrder => "last_order",
            Self::FirstOrder => "first_order",
            Self::Order => "order",
        }
    }

    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::Contact => CONTACT,
            Self::Customer => CUSTOMER,
            Self::Stats => STATS,
            Self::Shop => SHOP,
            Self::Orders | Self::LastOrder | Self::FirstOrder | Self::Order => ORDER,
        }
    }

    pub fn field(self, name: &str) -> Option<&'static Field> {
        self.fields().iter().find(|field| field.name == name)
    }

    /// Where this word points in a contact; `order` is the entry of `orders`, or the order that an
    /// order field is about.
    pub fn at<'a>(self, contact: &'a Contact, order: Option<&'a OrderOf>, statuses: &'a Statuses) -> At<'a> {
        let shop = match (self, order) {
            (Self::Shop, Some(order)) => &order.shop,
            _ => &contact.shop,
        };
        let order = match self {
            Self::LastOrder => contact.last_order.as_ref(),
            Self::FirstOrder => contact.first_order.as_ref(),
            _ => order,
        };
        At {
            contact,
            customer: contact.customer.as_ref().unwrap_or(&NO_CUSTOMER),
            order: order.unwrap_or(&NO_ORDER),
            shop,
            statuses,
        }
    }
}

/// What a guest's `customer` and a missing order show: empty values.
static NO_CUSTOMER: LazyLock<Customer> = LazyLock::new(Customer::default);
static NO_ORDER: LazyLock<OrderOf> = LazyLock::new(OrderOf::default);
