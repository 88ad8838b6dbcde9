//! A record of the shop, prepared for the state: what it is stored as, and by what its person is known.

use jiff::Timestamp;

use super::shop::ShopInRun;
use super::unchanged::print_of;
use crate::error::Result;
use crate::merge::assemble::{Has, country_for_phones, total_in_shop_currency};
use crate::merge::{key, phone};
use crate::model::{Customer, Order, OrderStatus};
use crate::state::customers::StoredCustomer;
use crate::state::orders::StoredOrder;

/// A customer on its way into the state.
#[derive(Debug, Clone)]
pub struct CustomerIntake {
    /// The record.
    pub stored: StoredCustomer,
    /// Its log-ins that identify somebody, each once.
    pub log_ins: Vec<u64>,
    /// The phones of its accounts that identify somebody, each once.
    pub phones: Vec<u64>,
}

/// An order on its way into the state.
#[derive(Debug, Clone)]
pub struct OrderIntake {
    /// The record; its status has no number yet.
    pub stored: StoredOrder,
    /// When the reading was requested, in milliseconds.
    pub listed_at: i64,
    /// The shop's status.
    pub status: OrderStatus,
}

/// Prepares a customer.
///
/// # Errors
/// When it cannot be stored.
pub fn customer(shop: &ShopInRun, customer: &Customer, read_at: Timestamp) -> Result<CustomerIntake> {
    let mut intake = CustomerIntake {
        stored: StoredCustomer::new(shop.id, customer, read_at)?,
        log_ins: Vec::with_capacity(customer.accounts.len()),
        phones: phones_of(shop, customer),
    };
    for account in &customer.accounts {
        if let Some(email) = email_clue(shop, &account.email)
            && !intake.log_ins.contains(&email)
        {
            intake.log_ins.push(email);
        }
    }
    Ok(intake)
}

/// The phones of a customer's accounts that identify somebody, each once.
pub fn phones_of(shop: &ShopInRun, customer: &Customer) -> Vec<u64> {
    let country = country_for_phones(&customer.billing.address.country_code, &shop.home);
    let mut phones = Vec::with_capacity(customer.accounts.len());
    for account in &customer.accounts {
        if let Some(phone) = phone_clue(&account.phone, country)
            && !phones.contains(&phone)
        {
            phones.push(phone);
        }
    }
    phones
}

/// Prepares an order.
///
/// # Errors
/// When it cannot be stored.
pub fn order(shop: &ShopInRun, mut order: Order, read_at: Timestamp) -> Result<OrderIntake> {
    let status = std::mem::take(&mut order.status);
    let print = print_of(order.print, shop);
    if order.currency.is_empty() {
        order.currency.clone_from(&shop.home.currency);
    }
    if order.url.is_empty() {
        order.url = std::mem::take(&mut order.admin_id);
    }
    let email = email_clue(shop, &order.email);
    let phone = phone_clue(
        &order.phone,
        country_for_phones(&order.billing.address.country_code, &shop.home),
    );
    let total_home = total_in_shop_currency(&order, &shop.home.currency).map(|total| total.to_string());
    let has = Has::of(&order).0;
    // The status belongs to what the shop says of the order, so it takes part in its hash.
    order.status.clone_from(&status);
    let stored = StoredOrder {
        email,
        phone,
        total_home,
        has,
        print,
        ..StoredOrder::new(shop.id, order, read_at)?
    };
    Ok(OrderIntake {
        stored,
        listed_at: read_at.as_millisecond(),
        status,
    })
}

pub(super) fn email_clue(shop: &ShopInRun, raw: &str) -> Option<u64> {
    shop.home
        .not_people
        .identify(raw)
        .map(|email| key::hash64(&email))
}

pub(super) fn phone_clue(raw: &str, country: &str) -> Option<u64> {
    if raw.is_empty() {
        return None;
    }
    let phone = phone::normalise(raw, country);
    phone.e164.filter(|_| phone.identifies).map(phone::E164::digits)
}
