//! What an expression names, and so what has to be loaded for it.

use super::paths::{Field, Load, Root};

/// What has to be loaded for the expressions; everything else of a contact is always there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Needs {
    /// `Contact::orders`: all orders of the contact.
    pub orders: bool,
    /// Shipping, payment, remark and tracking number of `orders`, `last_order`, `first_order`.
    pub order_details: bool,
    /// The lines of these orders.
    pub items: bool,
    /// Price list, remark, birth date, administration address, delivery addresses and accounts of
    /// the customer; guid, group and times are always there.
    pub customer_details: bool,
    /// What the shop's lists say of who wants the newsletter.
    pub newsletter: bool,
}

/// Values of an order that tell of its buyer: what they wrote, and where a carrier knows them by it.
const OF_THE_BUYER: [&str; 2] = ["remark", "tracking_number"];

/// What one expression names.
#[derive(Debug, Clone, Copy, Default)]
pub struct Named {
    pub needs: Needs,
    /// Whether a value of `contact`, `customer` or `stats` is named at all.
    pub contact: bool,
    /// Whether a value is named that tells of a person, not of what was bought.
    pub person: bool,
}

impl Named {
    /// Notes one value.
    pub fn note(&mut self, root: Root, field: &Field) {
        self.needs.orders |= root == Root::Orders;
        self.contact |= !matches!(root, Root::Order | Root::Shop);
        self.person |= self.contact || OF_THE_BUYER.contains(&field.name);
        match field.load {
            Load::Nothing => {}
            Load::OrderDetails => self.needs.order_details = true,
            Load::Items => self.needs.items = true,
            Load::CustomerDetails => self.needs.customer_details = true,
            Load::Newsletter => self.needs.newsletter = true,
        }
    }
}

impl Needs {
    /// What both need.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            orders: self.orders | other.orders,
            order_details: self.order_details | other.order_details,
            items: self.items | other.items,
            customer_details: self.customer_details | other.customer_details,
            newsletter: self.newsletter | other.newsletter,
        }
    }
}
