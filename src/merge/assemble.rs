//! What a contact shows: its customers and its orders become one [`Contact`].
//!
//! A registered customer's values come from the customer record, the shop listed first winning in a
//! group; what it lacks comes from the newest order that has it. A guest's come from the newest
//! order that has the value. An address and a company are each one value, taken whole. Statistics
//! are computed from the rows every time, never incremented.

use std::borrow::Cow;
use std::rc::Rc;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::{email, name, phone};
use crate::error::Result;
use crate::model::{Contact, ContactKind, Customer, Order, OrderOf, ShopFacts, Stats};

/// Which values an order can give; stored with it, so that nobody loads it in vain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Has(pub u8);

impl Has {
    /// A name.
    pub const NAME: Self = Self(1);
    /// A company.
    pub const COMPANY: Self = Self(2);
    /// An address.
    pub const ADDRESS: Self = Self(4);
    /// A phone, whether or not it parses.
    pub const PHONE: Self = Self(8);

    /// What this order can give.
    pub fn of(order: &Order) -> Self {
        let mut has = 0;
        if !name_of(order).is_empty() {
            has |= Self::NAME.0;
        }
        if !order.billing.company.is_empty() {
            has |= Self::COMPANY.0;
        }
        if !order.billing.address.is_empty() || !order.delivery.address.is_empty() {
            has |= Self::ADDRESS.0;
        }
        if !order.phone.is_empty() {
            has |= Self::PHONE.0;
        }
        Self(has)
    }

    const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

fn name_of(order: &Order) -> &str {
    if order.billing.name.is_empty() {
        &order.delivery.name
    } else {
        &order.billing.name
    }
}

/// A shop as the assembly needs it.
#[derive(Debug, Clone, Default)]
pub struct HomeShop {
    /// Name and address.
    pub facts: ShopFacts,
    /// For phones without a prefix.
    pub country: String,
    /// ISO 4217 code of the shop's own currency.
    pub currency: String,
    /// E-mails of this shop that identify nobody.
    pub not_people: email::NotPeople,
}

/// A customer of the contact.
#[derive(Debug, Clone)]
pub struct CustomerPart {
    /// Index of the shop in the slice given to [`assemble`]; lower ones come first.
    pub shop: usize,
    /// The record.
    pub customer: Customer,
    /// The shop confirmed that it was deleted.
    pub gone: bool,
}

/// An order of the contact: what can be known of it without loading it.
#[derive(Debug, Clone)]
pub struct OrderPart {
    /// Its number, for loading it.
    pub id: i64,
    /// Index of the shop in the slice given to [`assemble`].
    pub shop: usize,
    /// The narrow part of the order: code, date, status, currency, total, url … as far as stored narrow.
    pub narrow: Order,
    /// Total in the shop's currency.
    pub total_home: Option<Decimal>,
    /// The e-mail it identifies its buyer by.
    pub email: Option<u64>,
    /// The phone it identifies its buyer by, as digits.
    pub phone: Option<u64>,
    /// What it can give.
    pub has: Has,
    /// Its status is one of those that do not count.
    pub cancelled: bool,
}

/// Everything that makes up one contact.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// The key.
    pub key: String,
    /// When its customer was deleted.
    pub gone_at: Option<Timestamp>,
    /// The key of the contact that took over.
    pub merged_into: Option<String>,
    /// Erased on purpose: only key and marks are left.
    pub erased: bool,
    /// Its customers.
    pub customers: Vec<CustomerPart>,
    /// Its orders that are not deleted, newest first: by date, then by code.
    pub orders: Vec<OrderPart>,
    /// The shops of its group have different currencies, so nothing can be summed over them.
    pub currencies_differ: bool,
}

/// Assembles the contact. `load` fetches a whole order, and is asked only for orders that have what is needed.
///
/// # Errors
/// What `load` answers with.
pub fn assemble(
    parts: &mut Parts,
    shops: &[HomeShop],
    load: &mut dyn FnMut(i64) -> Result<Rc<Order>>,
) -> Result<Contact> {
    let mut contact = Contact {
        key: parts.key.clone(),
        gone_at: parts.gone_at,
        merged_into: parts.merged_into.clone(),
        ..Contact::default()
    };
    if parts.erased {
        return Ok(contact);
    }
    parts
        .customers
        .sort_by(|a, b| (a.gone, a.shop, &a.customer.guid).cmp(&(b.gone, b.shop, &b.customer.guid)));
    let live: Vec<&CustomerPart> = parts.customers.iter().filter(|part| !part.gone).collect();
    if !live.is_empty() {
        contact.kind = ContactKind::Registered;
    }
    take_from_customers(&mut contact, &live, shops);
    if contact.kind == ContactKind::Guest {
        // A deleted customer's e-mails stay known; they come behind those of newer orders.
        take_guest_identity(&mut contact, parts, shops, load)?;
        for part in parts.customers.iter().filter(|part| part.gone) {
            add_accounts(&mut contact, part, shops);
        }
    }
    take_from_orders(&mut contact, &parts.orders, shops, load)?;
    contact.email = contact.emails.first().cloned().unwrap_or_default();
    contact.phone = contact.phones.first().cloned().unwrap_or_default();
    contact.stats = statistics(&parts.orders, parts.currencies_differ);
    let home = live
        .first()
        .map(|part| part.shop)
        .or_else(|| parts.orders.first().map(|part| part.shop));
    if let Some(shop) = home.and_then(|index| shops.get(index)) {
        contact.shop = shop.facts.clone();
        let country = country_for_phones(&contact.address.country_code, shop);
        let split = name::split(&contact.name, country);
        (contact.first_name, contact.last_name) = (split.first, split.last);
    }
    let of = |part: &OrderPart| OrderOf {
        shop: facts(shops, part.shop),
        order: part.narrow.clone(),
    };
    contact.last_order = parts.orders.first().map(of);
    contact.first_order = parts.orders.last().map(of);
    // The first one is live if any is.
    if let Some(first) = parts.customers.first_mut().filter(|part| !part.gone) {
        contact.customer = Some(std::mem::take(&mut first.customer));
    }
    Ok(contact)
}

fn facts(shops: &[HomeShop], index: usize) -> ShopFacts {
    shops
        .get(index)
        .map(|shop| shop.facts.clone())
        .unwrap_or_default()
}

fn take_from_customers(contact: &mut Contact, live: &[&CustomerPart], shops: &[HomeShop]) {
    for part in live {
        let billing = &part.customer.billing;
        if contact.name.is_empty() {
            contact.name.clone_from(&billing.name);
        }
        if contact.company.is_empty() {
            contact.company = billing.company.clone();
        }
        if contact.address.is_empty() {
            contact.address = billing.address.clone();
        }
        if contact.newsletter.is_none() {
            contact.newsletter = part.customer.newsletter;
        }
        add_accounts(contact, part, shops);
    }
    if contact.name.is_empty() {
        let accounts = live.iter().flat_map(|part| accounts_main_first(&part.customer));
        contact.name = accounts
            .map(|account| &account.name)
            .find(|name| !name.is_empty())
            .cloned()
            .unwrap_or_default();
    }
}

fn accounts_main_first(customer: &Customer) -> impl Iterator<Item = &crate::model::Account> {
    let main = customer.accounts.iter().filter(|account| account.main);
    main.chain(customer.accounts.iter().filter(|account| !account.main))
}

fn add_accounts(contact: &mut Contact, part: &CustomerPart, shops: &[HomeShop]) {
    let Some(shop) = shops.get(part.shop) else { return };
    let country = country_for_phones(&part.customer.billing.address.country_code, shop);
    for account in accounts_main_first(&part.customer) {
        if let Some(email) = shop.not_people.identify(&account.email) {
            add_once(&mut contact.emails, &email);
        }
        if !account.phone.is_empty() {
            add_once(
                &mut contact.phones,
                &phone::normalise(&account.phone, country).shown(),
            );
        }
    }
}

/// The country that decides how a phone without a prefix and a name are read: the address's, else the shop's.
pub fn country_for_phones<'a>(address_country: &'a str, shop: &'a HomeShop) -> &'a str {
    if address_country.is_empty() {
        &shop.country
    } else {
        address_country
    }
}

fn add_once(list: &mut Vec<String>, value: &str) {
    if !value.is_empty() && !list.iter().any(|known| known == value) {
        list.push(value.to_owned());
    }
}

/// A guest's e-mails and phones are those of its orders, the newest first.
fn take_guest_identity(
    contact: &mut Contact,
    parts: &Parts,
    shops: &[HomeShop],
    load: &mut dyn FnMut(i64) -> Result<Rc<Order>>,
) -> Result<()> {
    let mut known_emails: Vec<u64> = Vec::new();
    for part in &parts.orders {
        let new_email = part.email.filter(|email| !known_emails.contains(email));
        let phone_is_text = part.phone.is_none() && part.has.contains(Has::PHONE);
        if let Some(digits) = part.phone {
            add_once(&mut contact.phones, &format!("+{digits}"));
        }
        if new_email.is_none() && !phone_is_text {
            continue;
        }
        let Some(shop) = shops.get(part.shop) else {
            continue;
        };
        let order = load(part.id)?;
        if let Some(email) = new_email {
            known_emails.push(email);
            if let Some(text) = shop.not_people.identify(&order.email) {
                add_once(&mut contact.emails, &text);
            }
        }
        if phone_is_text {
            let country = country_for_phones(&order.billing.address.country_code, shop);
            add_once(
                &mut contact.phones,
                &phone::normalise(&order.phone, country).shown(),
            );
        }
    }
    Ok(())
}

/// Fills what is still lacking from the newest order that has it.
fn take_from_orders(
    contact: &mut Contact,
    orders: &[OrderPart],
    shops: &[HomeShop],
    load: &mut dyn FnMut(i64) -> Result<Rc<Order>>,
) -> Result<()> {
    for part in orders {
        let name = contact.name.is_empty() && part.has.contains(Has::NAME);
        let company = contact.company.is_empty() && part.has.contains(Has::COMPANY);
        let address = contact.address.is_empty() && part.has.contains(Has::ADDRESS);
        let phone = contact.phones.is_empty() && part.has.contains(Has::PHONE);
        let email = contact.emails.is_empty() && part.email.is_some();
        if !(name || company || address || phone || email) {
            continue;
        }
        let order = load(part.id)?;
        if name {
            name_of(&order).clone_into(&mut contact.name);
        }
        if company {
            contact.company = order.billing.company.clone();
        }
        if email && let Some(shop) = shops.get(part.shop) {
            contact
                .emails
                .extend(shop.not_people.identify(&order.email).map(Cow::into_owned));
        }
        if phone && let Some(shop) = shops.get(part.shop) {
            let country = country_for_phones(&order.billing.address.country_code, shop);
            contact
                .phones
                .push(phone::normalise(&order.phone, country).shown().into_owned());
        }
        if address {
            let billing = &order.billing.address;
            contact.address = if billing.is_empty() {
                &order.delivery.address
            } else {
                billing
            }
            .clone();
        }
    }
    Ok(())
}

fn statistics(orders: &[OrderPart], currencies_differ: bool) -> Stats {
    let mut stats = Stats {
        total: (!currencies_differ).then_some(Decimal::ZERO),
        ..Stats::default()
    };
    for part in orders.iter().filter(|part| !part.cancelled) {
        stats.orders_count += 1;
        if let Some(total) = part.narrow.total {
            match stats
                .totals
                .binary_search_by(|(currency, _)| currency.as_str().cmp(&part.narrow.currency))
            {
                Ok(at) => stats.totals[at].1 = stats.totals[at].1.saturating_add(total),
                Err(at) => stats.totals.insert(at, (part.narrow.currency.clone(), total)),
            }
        }
        // An order without a total adds nothing; one whose worth in the shop's currency is not known
        // makes the sum unknown rather than wrong.
        stats.total = match (stats.total, part.total_home, part.narrow.total) {
            (Some(sum), Some(total), _) => Some(sum.saturating_add(total)),
            (Some(sum), None, None) => Some(sum),
            _ => None,
        };
        if let Some(placed_at) = part.narrow.placed_at {
            stats.first_order_at = Some(
                stats
                    .first_order_at
                    .map_or(placed_at, |first| first.min(placed_at)),
            );
            stats.last_order_at = Some(stats.last_order_at.map_or(placed_at, |last| last.max(placed_at)));
        }
    }
    stats
}

/// An order's total in the shop's currency: times its own exchange rate, rounded half away from zero
/// to the currency's decimals. `None` when the rate of a foreign currency is not known.
pub fn total_in_shop_currency(order: &Order, shop_currency: &str) -> Option<Decimal> {
    let total = order.total?;
    let rate = if order.currency == shop_currency || order.currency.is_empty() {
        Decimal::ONE
    } else {
        order.exchange_rate?
    };
    let places = match shop_currency {
        "JPY" | "KRW" | "ISK" | "CLP" | "VND" | "UGX" | "XAF" | "XOF" | "PYG" => 0,
        "KWD" | "BHD" | "OMR" | "JOD" | "TND" | "IQD" | "LYD" => 3,
        _ => 2,
    };
    let strategy = rust_decimal::RoundingStrategy::MidpointAwayFromZero;
    Some(total.checked_mul(rate)?.round_dp_with_strategy(places, strategy))
}
