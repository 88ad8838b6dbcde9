//! Orders opened: one by one, or all in one pass.

use std::ops::ControlFlow;

use jiff::Timestamp;
use rusqlite::Row;

use super::orders::{Body, decimal};
use super::shops::seconds;
use super::{Query, State};
use crate::error::{Doing, Error, Kind, Result};
use crate::model::{Items, Order};

const WHOLE: &str = "id, shop, contact, rule, status, gone_at, code, placed_at, currency, total, paid, url, coupons, items, body, guid, changed_at";

/// An order with everything that is stored; the body is opened on demand.
#[derive(Debug, Clone)]
pub struct WholeOrder {
    /// Its number.
    pub id: i64,
    /// Number of its shop.
    pub shop: i64,
    /// The contact it is on.
    pub contact: i64,
    /// The rule that decided.
    pub rule: i64,
    /// Number of its status.
    pub status: i64,
    /// The shop deleted it.
    pub gone_at: Option<Timestamp>,
    /// Coupon codes as a JSON array.
    pub coupons: String,
    /// The narrow part, with the lines.
    pub order: Order,
    body: String,
}

impl WholeOrder {
    /// The order with addresses, remark and all the rest.
    ///
    /// # Errors
    /// When what was stored is damaged.
    pub fn open(self) -> Result<Order> {
        let doing = || "reading a stored order".to_owned();
        let body: Body<'_> = serde_json::from_str(&self.body).doing(Kind::Database, doing)?;
        let coupons = serde_json::from_str(&self.coupons).doing(Kind::Database, doing)?;
        Ok(body.into_order(Order {
            coupons,
            ..self.order
        }))
    }
}

impl State {
    /// One order with everything; its status is the caller's to look up by the number that comes with it.
    ///
    /// # Errors
    /// When there is none, or it is damaged.
    pub fn whole_order(&self, id: i64) -> Result<WholeOrder> {
        let mut statement = self
            .connection
            .prepare_cached(&format!("SELECT {WHOLE} FROM orders WHERE id = ?1"))
            .query(self, "reading an order")?;
        let mut rows = statement.query([id]).query(self, "reading an order")?;
        let row = rows
            .next()
            .query(self, "reading an order")?
            .ok_or_else(|| Error::new(Kind::Database, "reading an order", "it is not in the state"))?;
        self.open_order(row)
    }

    /// The wide part of an order alone: e-mail, phone, who pays and who receives.
    ///
    /// # Errors
    /// When there is none, or it is damaged.
    pub fn wide_order(&self, id: i64) -> Result<Order> {
        let doing = "reading an order";
        let mut statement = self
            .connection
            .prepare_cached("SELECT body FROM orders WHERE id = ?1")
            .query(self, doing)?;
        let mut rows = statement.query([id]).query(self, doing)?;
        let row = rows
            .next()
            .query(self, doing)?
            .ok_or_else(|| Error::new(Kind::Database, doing, "it is not in the state"))?;
        let body = row
            .get_ref(0)
            .and_then(|body| Ok(body.as_str()?))
            .query(self, doing)?;
        let body: Body<'_> = serde_json::from_str(body).doing(Kind::Database, || doing.to_owned())?;
        Ok(body.into_order(Order::default()))
    }

    /// All orders, deleted ones included, in the order of their numbers, each with the key of its contact,
    /// until `each` needs no more. Only with `wide` can they be opened: most readers need no address, and
    /// addresses are a third of the state.
    ///
    /// # Errors
    /// When the state cannot be read, or what `each` answers with.
    pub fn each_order(
        &self,
        wide: bool,
        each: &mut dyn FnMut(WholeOrder, String) -> Result<ControlFlow<()>>,
    ) -> Result<ControlFlow<()>> {
        let columns = if wide {
            WHOLE.to_owned()
        } else {
            WHOLE.replace("body", "'{}'")
        };
        let mut statement = self
            .connection
            .prepare_cached(&format!(
                "SELECT {columns}, (SELECT key FROM contacts WHERE id = orders.contact) FROM orders ORDER BY id"
            ))
            .query(self, "reading the orders")?;
        let mut rows = statement.query([]).query(self, "reading the orders")?;
        while let Some(row) = rows.next().query(self, "reading the orders")? {
            let key = row
                .get::<_, Option<String>>(17)
                .query(self, "reading the orders")?;
            if each(self.open_order(row)?, key.unwrap_or_default())?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn open_order(&self, row: &Row<'_>) -> Result<WholeOrder> {
        let read = || -> rusqlite::Result<WholeOrder> {
            Ok(WholeOrder {
                id: row.get(0)?,
                shop: row.get(1)?,
                contact: row.get(2)?,
                rule: row.get(3)?,
                status: row.get(4)?,
                gone_at: row.get::<_, Option<i64>>(5)?.and_then(seconds),
                coupons: row.get(12)?,
                body: row.get(14)?,
                order: Order {
                    code: row.get(6)?,
                    placed_at: row.get::<_, Option<i64>>(7)?.and_then(seconds),
                    changed_at: row.get::<_, Option<i64>>(16)?.and_then(seconds),
                    currency: row.get(8)?,
                    total: decimal(row, 9)?,
                    paid: row.get(10)?,
                    url: row.get(11)?,
                    items: Items::from_json(row.get(13)?),
                    customer_guid: row.get::<_, Option<String>>(15)?.unwrap_or_default(),
                    ..Order::default()
                },
            })
        };
        read().query(self, "reading an order")
    }
}
