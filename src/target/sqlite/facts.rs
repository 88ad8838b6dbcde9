//! What the shop says of an order, in columns of its own.

use std::str::FromStr;

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, Statement};

use super::values::time;
use crate::model::OrderFacts;

/// Columns of an order that hold what the shop says, in the order of [`bind_facts`] and [`read_facts`].
pub const FACTS: &str = "key, updated_at, contact_key, shop, code, placed_at, status, total, currency, paid, coupons, items, url, gone_at";
/// How many they are.
pub const FACTS_COUNT: usize = 14;

/// Binds what the shop says of an order, from the third place of [`FACTS`] on.
pub fn bind_facts(statement: &mut Statement<'_>, facts: &OrderFacts, contact: &str) -> rusqlite::Result<()> {
    statement.raw_bind_parameter(3, contact)?;
    statement.raw_bind_parameter(4, &facts.shop)?;
    statement.raw_bind_parameter(5, &facts.code)?;
    statement.raw_bind_parameter(6, time(facts.placed_at))?;
    statement.raw_bind_parameter(7, &facts.status)?;
    statement.raw_bind_parameter(8, facts.total.map(|total| total.to_string()))?;
    statement.raw_bind_parameter(9, &facts.currency)?;
    statement.raw_bind_parameter(10, facts.paid)?;
    statement.raw_bind_parameter(11, &facts.coupons)?;
    statement.raw_bind_parameter(12, &facts.items)?;
    statement.raw_bind_parameter(13, (!facts.url.is_empty()).then_some(&facts.url))?;
    statement.raw_bind_parameter(14, time(facts.gone_at))
}

/// What stands there of the shop's facts, and the record it hangs on; `None` for what we cannot have
/// written like that.
pub fn read_facts(connection: &Connection, key: &str) -> rusqlite::Result<Option<(OrderFacts, String)>> {
    let mut statement = connection.prepare_cached(&format!("SELECT {FACTS} FROM orders WHERE key = ?1"))?;
    let read = |row: &Row<'_>| {
        let moment = |place| parsed(row, place);
        let facts = OrderFacts {
            shop: row.get(3)?,
            code: row.get(4)?,
            placed_at: moment(5)?,
            status: row.get(6)?,
            total: parsed(row, 7)?,
            currency: row.get(8)?,
            paid: row.get(9)?,
            coupons: row.get(10)?,
            items: row.get(11)?,
            url: row.get::<_, Option<String>>(12)?.unwrap_or_default(),
            gone_at: moment(13)?,
        };
        Ok((facts, row.get(2)?))
    };
    match statement.query_row([key], read).optional() {
        // Somebody put a value of another type there, or what is no time and no number.
        Err(rusqlite::Error::InvalidColumnType(..) | rusqlite::Error::FromSqlConversionFailure(..)) => {
            Ok(None)
        }
        read => read,
    }
}

fn parsed<T>(row: &Row<'_>, place: usize) -> rusqlite::Result<Option<T>>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    let text: Option<String> = row.get(place)?;
    let parse = |text: String| {
        text.parse()
            .map_err(|cause| rusqlite::Error::FromSqlConversionFailure(place, Type::Text, Box::new(cause)))
    };
    text.filter(|text| !text.is_empty()).map(parse).transpose()
}
