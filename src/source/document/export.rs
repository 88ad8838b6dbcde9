//! An order as the exports tell it, in XML and in CSV alike: texts by name, everything optional but
//! the code.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::parties::RawParty;
use super::{Fault, Locale, Part, dates, numbers};
use crate::model::{Order, OrderStatus};

/// The texts of an order, trimmed; its lines are gathered beside it.
#[derive(Debug, Default)]
pub(super) struct RawOrder<'a> {
    pub(super) code: Cow<'a, str>,
    pub(super) admin_id: Cow<'a, str>,
    pub(super) date: Cow<'a, str>,
    pub(super) status: Cow<'a, str>,
    pub(super) currency: Cow<'a, str>,
    pub(super) exchange_rate: Cow<'a, str>,
    pub(super) email: Cow<'a, str>,
    pub(super) phone: Cow<'a, str>,
    pub(super) billing: RawParty<'a>,
    pub(super) delivery: RawParty<'a>,
    pub(super) total: Cow<'a, str>,
    pub(super) total_without_vat: Cow<'a, str>,
    pub(super) paid: Cow<'a, str>,
    pub(super) remark: Cow<'a, str>,
    pub(super) tracking_number: Cow<'a, str>,
}

impl RawOrder<'_> {
    /// The order, without its lines.
    pub(super) fn order(&self, locale: &Locale) -> Part<Order> {
        if self.code.is_empty() {
            return Err(Fault::new("the order code is missing"));
        }
        Ok(Order {
            code: self.code.to_string(),
            admin_id: self.admin_id.to_string(),
            placed_at: dates::moment(&self.date, &locale.timezone, "the date")?,
            status: status(None, &self.status),
            email: self.email.to_string(),
            phone: self.phone.to_string(),
            billing: self.billing.party(),
            delivery: self.delivery.delivery(&self.billing),
            currency: currency(&self.currency, locale),
            exchange_rate: exchange_rate(&self.exchange_rate)?,
            total: numbers::price(&self.total, "the total price")?,
            total_without_vat: numbers::price(&self.total_without_vat, "the total price without vat")?,
            paid: numbers::yes_or_no(&self.paid, "whether it is paid")?,
            remark: remark(&self.remark),
            tracking_number: self.tracking_number.to_string(),
            ..Order::default()
        })
    }
}

/// A status, its name in one of the several forms Unicode has for the same letters.
pub(super) fn status(id: Option<i64>, name: &str) -> OrderStatus {
    let name = match is_nfc_quick(name.chars()) {
        IsNormalized::Yes => name.to_owned(),
        _ => name.nfc().collect(),
    };
    OrderStatus { id, name }
}

/// The currency that the order names, else the shop's.
pub(super) fn currency(code: &str, locale: &Locale) -> String {
    match code {
        "" => locale.currency.clone(),
        code => code.to_ascii_uppercase(),
    }
}

/// A rate of nought would make every sum nothing; the shop means that it has none.
pub(super) fn exchange_rate(rate: &str) -> Part<Option<rust_decimal::Decimal>> {
    let rate = numbers::decimal(rate, "the exchange rate")?;
    Ok(rate.filter(|rate| !rate.is_zero()).map(|rate| rate.normalize()))
}

/// What the buyer wrote, with the line ends of one system.
pub(super) fn remark(text: &str) -> String {
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text.to_owned()
    }
}
