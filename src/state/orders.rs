//! Our copy of the shop's orders.
//!
//! What statistics, lists and the contact database need stands in columns of its own (the narrow
//! part); addresses, remark and the like in a body that only the mapping opens.

use std::borrow::Cow;

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{OptionalExtension, Row, params};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::customers::content_hash;
use super::shops::seconds;
use super::{Query, State};
use crate::error::{Doing, Kind, Result};
use crate::model::{Order, OrderStatus, Party};

/// The wide part of an order.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub(super) struct Body<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    email: Cow<'a, str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    phone: Cow<'a, str>,
    billing: Cow<'a, Party>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<Cow<'a, Party>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exchange_rate: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_without_vat: Option<Decimal>,
    #[serde(skip_serializing_if = "str::is_empty")]
    shipping: Cow<'a, str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    payment: Cow<'a, str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    remark: Cow<'a, str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    tracking_number: Cow<'a, str>,
}

impl Body<'_> {
    /// The order with the wide part filled in.
    pub(super) fn into_order(self, narrow: Order) -> Order {
        Order {
            email: self.email.into_owned(),
            phone: self.phone.into_owned(),
            billing: self.billing.into_owned(),
            delivery: self.delivery.map(Cow::into_owned).unwrap_or_default(),
            exchange_rate: self.exchange_rate,
            total_without_vat: self.total_without_vat,
            shipping: self.shipping.into_owned(),
            payment: self.payment.into_owned(),
            remark: self.remark.into_owned(),
            tracking_number: self.tracking_number.into_owned(),
            ..narrow
        }
    }
}

/// An order as it is stored.
#[derive(Debug, Clone, Default)]
pub struct StoredOrder {
    /// Number of the shop.
    pub shop: i64,
    /// The key of the order inside its shop.
    pub code: String,
    /// When it was placed.
    pub placed_at: Option<i64>,
    /// When the shop says it changed last.
    pub changed_at: Option<i64>,
    /// When the reading was requested.
    pub read_at: i64,
    /// Number of its status.
    pub status: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// Total with VAT.
    pub total: Option<String>,
    /// The same in the shop's currency.
    pub total_home: Option<String>,
    /// Whether it is paid.
    pub paid: Option<bool>,
    /// First 64 bits of the SHA-256 of the e-mail that identifies the buyer.
    pub email: Option<u64>,
    /// Digits of the phone that identifies the buyer.
    pub phone: Option<u64>,
    /// The customer's guid, when the shop tells it.
    pub guid: String,
    /// What the order can give a contact.
    pub has: u8,
    /// Hash of everything the shop said.
    pub content: i64,
    /// Hash of the bytes that said so, where the next reading may pass the same over.
    pub print: Option<i64>,
    /// Address in the shop's administration.
    pub url: String,
    /// JSON array.
    pub coupons: String,
    /// JSON array.
    pub items: String,
    /// The wide part, JSON.
    pub body: String,
}

impl StoredOrder {
    /// Prepares an order for the state. What the identity rules make of it (`email`, `phone`, `has`,
    /// `total_home`) and the number of its status are for the caller to fill in.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn new(shop: i64, order: Order, read_at: Timestamp) -> Result<Self> {
        let doing = || "storing an order".to_owned();
        let body = serde_json::to_string(&Body {
            email: Cow::Borrowed(&order.email),
            phone: Cow::Borrowed(&order.phone),
            billing: Cow::Borrowed(&order.billing),
            delivery: (order.delivery != Party::default()).then_some(Cow::Borrowed(&order.delivery)),
            exchange_rate: order.exchange_rate,
            total_without_vat: order.total_without_vat,
            shipping: Cow::Borrowed(&order.shipping),
            payment: Cow::Borrowed(&order.payment),
            remark: Cow::Borrowed(&order.remark),
            tracking_number: Cow::Borrowed(&order.tracking_number),
        })
        .doing(Kind::BadRecord, doing)?;
        let coupons = serde_json::to_string(&order.coupons).doing(Kind::BadRecord, doing)?;
        let mut stored = Self {
            shop,
            placed_at: order.placed_at.map(Timestamp::as_second),
            changed_at: order.changed_at.map(Timestamp::as_second),
            read_at: read_at.as_second(),
            total: order.total.map(|total| total.to_string()),
            paid: order.paid,
            coupons,
            items: order.items.into_json(),
            body,
            code: order.code,
            currency: order.currency,
            guid: order.customer_guid,
            url: order.url,
            ..Self::default()
        };
        stored.content = stored.hash(order.status.id, &order.status.name);
        Ok(stored)
    }

    /// The same order without its people: what is left are figures, the way of shipping and of payment.
    ///
    /// # Errors
    /// When what was stored is damaged.
    pub fn without_people(mut self, status: &OrderStatus) -> Result<Self> {
        self.body = without_people(&self.body)?;
        (self.email, self.phone, self.has) = (None, None, 0);
        // Once forgetting is lifted, the same bytes say more.
        self.print = None;
        self.content = self.hash(status.id, &status.name);
        Ok(self)
    }

    fn hash(&self, status_id: Option<i64>, status: &str) -> i64 {
        let placed_at = self.placed_at.map_or_else(String::new, |at| at.to_string());
        let status_id = status_id.map_or_else(String::new, |id| id.to_string());
        let paid = self.paid.map_or("", |paid| if paid { "1" } else { "0" });
        let total = self.total.as_deref().unwrap_or_default();
        content_hash(&[
            &self.body,
            &self.items,
            &self.coupons,
            &self.url,
            &self.guid,
            &self.currency,
            status,
            &status_id,
            &placed_at,
            paid,
            total,
        ])
    }
}

/// The wide part of an order without its people.
pub(super) fn without_people(body: &str) -> Result<String> {
    let doing = || "taking the people out of an order".to_owned();
    let body: Body<'_> = serde_json::from_str(body).doing(Kind::Database, doing)?;
    let left = Body {
        exchange_rate: body.exchange_rate,
        total_without_vat: body.total_without_vat,
        shipping: body.shipping,
        payment: body.payment,
        ..Body::default()
    };
    serde_json::to_string(&left).doing(Kind::Database, doing)
}

/// What is known of an order without opening it, for the reader of a changed one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRow {
    /// Its number.
    pub id: i64,
    /// The contact it is on.
    pub contact: i64,
    /// When the shop says it changed last.
    pub changed_at: Option<Timestamp>,
    /// When the reading that is stored was requested.
    pub read_at: Timestamp,
    /// The shop deleted it.
    pub gone_at: Option<Timestamp>,
    /// Hash of everything the shop said.
    pub content: i64,
    /// The e-mail that identifies the buyer.
    pub email: Option<u64>,
    /// The phone that identifies the buyer.
    pub phone: Option<u64>,
    /// The customer's guid.
    pub guid: String,
    /// Hash of the bytes that were stored.
    pub print: Option<i64>,
}

pub(super) fn unsigned(stored: Option<i64>) -> Option<u64> {
    stored.map(i64::cast_unsigned)
}

pub(super) fn decimal(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Decimal>> {
    let Some(text) = row.get_ref(column)?.as_str_or_null()? else {
        return Ok(None);
    };
    text.parse()
        .map(Some)
        .map_err(|cause| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(cause)))
}

impl State {
    /// Looks an order up by its code.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn order(&self, shop: i64, code: &str) -> Result<Option<OrderRow>> {
        self.connection
            .prepare_cached(
                "SELECT id, contact, changed_at, read_at, gone_at, content, email, guid, phone, print FROM orders
                 WHERE shop = ?1 AND code = ?2",
            )
            .and_then(|mut statement| {
                statement
                    .query_row(params![shop, code], |row| {
                        Ok(OrderRow {
                            id: row.get(0)?,
                            contact: row.get(1)?,
                            changed_at: row.get::<_, Option<i64>>(2)?.and_then(seconds),
                            read_at: seconds(row.get(3)?).unwrap_or_default(),
                            gone_at: row.get::<_, Option<i64>>(4)?.and_then(seconds),
                            content: row.get(5)?,
                            email: unsigned(row.get(6)?),
                            guid: row.get::<_, Option<String>>(7)?.unwrap_or_default(),
                            phone: unsigned(row.get(8)?),
                            print: row.get(9)?,
                        })
                    })
                    .optional()
            })
            .query(self, "looking up an order")
    }

    /// Adds an order to a contact; answers with its number.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn add_order(&self, stored: &StoredOrder, contact: i64, rule: u8) -> Result<i64> {
        self.connection
            .prepare_cached(
                "INSERT INTO orders(shop, code, contact, rule, placed_at, changed_at, read_at, status, currency, total,
                 total_home, paid, email, phone, guid, has, content, print, url, coupons, items, body)
                 VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22)",
            )
            .and_then(|mut statement| {
                statement.insert(params![
                    stored.shop,
                    stored.code,
                    contact,
                    rule,
                    stored.placed_at,
                    stored.changed_at,
                    stored.read_at,
                    stored.status,
                    stored.currency,
                    stored.total,
                    stored.total_home,
                    stored.paid,
                    stored.email.map(u64::cast_signed),
                    stored.phone.map(u64::cast_signed),
                    (!stored.guid.is_empty()).then_some(&stored.guid),
                    stored.has,
                    stored.content,
                    stored.print,
                    stored.url,
                    stored.coupons,
                    stored.items,
                    stored.body,
                ])
            })
            .query(self, "adding an order")
    }

    /// Replaces what the shop says of an order; it is there (again).
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn replace_order(&self, id: i64, stored: &StoredOrder) -> Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE orders SET placed_at = ?2, changed_at = ?3, read_at = ?4, status = ?5, currency = ?6, total = ?7,
                 total_home = ?8, paid = ?9, email = coalesce(?10, email), phone = ?11, guid = coalesce(?12, guid),
                 has = ?13, content = ?14, url = ?15, coupons = ?16, items = ?17, body = ?18, print = ?19, missing = 0,
                 gone_at = NULL WHERE id = ?1",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    id,
                    stored.placed_at,
                    stored.changed_at,
                    stored.read_at,
                    stored.status,
                    stored.currency,
                    stored.total,
                    stored.total_home,
                    stored.paid,
                    stored.email.map(u64::cast_signed),
                    stored.phone.map(u64::cast_signed),
                    (!stored.guid.is_empty()).then_some(&stored.guid),
                    stored.has,
                    stored.content,
                    stored.url,
                    stored.coupons,
                    stored.items,
                    stored.body,
                    stored.print,
                ])
            })
            .map(drop)
            .query(self, "replacing an order")
    }

    /// Moves an order to a contact, with the rule that decided.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn move_order(&self, id: i64, contact: i64, rule: u8) -> Result<()> {
        self.connection
            .prepare_cached("UPDATE orders SET contact = ?2, rule = ?3 WHERE id = ?1")
            .and_then(|mut statement| statement.execute(params![id, contact, rule]))
            .map(drop)
            .query(self, "moving an order")
    }

    /// Orders of a customer, by the guid the shop wrote on them: number, contact, and what else could
    /// say whose they are.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn orders_naming(&self, shop: i64, guid: &str) -> Result<Vec<(i64, i64, StoredOrder)>> {
        let read = || {
            self.connection
                .prepare_cached(
                    "SELECT id, contact, code, placed_at, email, phone FROM orders WHERE guid = ?2 AND shop = ?1",
                )?
                .query_map(params![shop, guid], |row| {
                    let order = StoredOrder {
                        shop,
                        guid: guid.to_owned(),
                        code: row.get(2)?,
                        placed_at: row.get(3)?,
                        email: unsigned(row.get(4)?),
                        phone: unsigned(row.get(5)?),
                        ..StoredOrder::default()
                    };
                    Ok((row.get(0)?, row.get(1)?, order))
                })?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, "reading the orders of a customer")
    }
}
