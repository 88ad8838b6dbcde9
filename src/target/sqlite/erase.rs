//! Rows of people who are forgotten: emptied, whatever stands in them and whoever wrote it.
//!
//! The key stays, and of orders the columns that are the table's own and those that tell nothing of a
//! person. All others go, also those of an earlier mapping and those that somebody added.

use rusqlite::{Connection, params};

use super::super::Layout;
use super::seals::Sealed;
use super::tables::{OWN_CONTACT_COLUMNS, OWN_ORDER_COLUMNS, columns, quoted};
use crate::model::{Erased, Erasure};

/// The statements for the tables as they are now.
pub struct Erasing {
    empty_contact: String,
    empty_orders_of: Option<String>,
    empty_order: Option<String>,
}

impl Erasing {
    /// Tells the columns that are emptied from those that stay.
    pub fn new(connection: &Connection, layout: &Layout) -> rusqlite::Result<Self> {
        let figures = layout.figures.iter().filter_map(|place| layout.order.get(*place));
        let mut stay_in_orders: Vec<String> = figures.map(|spec| spec.name.to_lowercase()).collect();
        stay_in_orders.extend(OWN_ORDER_COLUMNS.map(str::to_owned));
        let stay_in_contacts = OWN_CONTACT_COLUMNS.map(str::to_owned);
        let in_contacts = others(connection, "contacts", &stay_in_contacts)?;
        let in_orders = others(connection, "orders", &stay_in_orders)?;
        let of_orders = |which: &str| {
            let hold_something = holds_any(&in_orders)?;
            Some(format!(
                "UPDATE orders SET updated_at = ?2{} WHERE {which} AND ({hold_something})",
                emptied(&in_orders)
            ))
        };
        let hold_something = holds_any(&in_contacts).map_or_else(String::new, |any| format!(" OR {any}"));
        Ok(Self {
            empty_contact: format!(
                "UPDATE contacts SET updated_at = ?2, gone_at = coalesce(gone_at, ?3){}
                 WHERE key = ?1 AND (gone_at IS NULL{hold_something})",
                emptied(&in_contacts)
            ),
            empty_orders_of: of_orders("contact_key = ?1"),
            empty_order: of_orders("key = ?1"),
        })
    }

    /// Empties the rows of one record.
    pub fn erase(&self, connection: &Connection, erasure: &Erasure, now: &str) -> rusqlite::Result<Erased> {
        let record = &erasure.record;
        // A seal is made of what is emptied here.
        Sealed::Contacts.take_off(connection, "key", record)?;
        Sealed::Orders.take_off(connection, "contact_key", record)?;
        for order in &erasure.orders {
            Sealed::Orders.take_off(connection, "key", order)?;
        }
        connection.prepare_cached(&self.empty_contact)?.execute(params![
            record,
            now,
            erasure.gone_at.to_string()
        ])?;
        if let Some(empty) = &self.empty_orders_of {
            connection.prepare_cached(empty)?.execute(params![record, now])?;
        }
        if let Some(empty) = &self.empty_order {
            // Somebody may have hung them on another record.
            for order in &erasure.orders {
                connection.prepare_cached(empty)?.execute(params![order, now])?;
            }
        }
        let (found, orders): (bool, i64) = connection.query_row(
            "SELECT EXISTS(SELECT 1 FROM contacts WHERE key = ?1),
             (SELECT count(*) FROM orders WHERE contact_key = ?1)",
            [record],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        Ok(Erased {
            found,
            orders: orders.unsigned_abs(),
            by_hand: Vec::new(),
        })
    }
}

/// The columns of a table but those that stay.
fn others(connection: &Connection, table: &str, stay: &[String]) -> rusqlite::Result<Vec<String>> {
    let mut all = columns(connection, table)?;
    all.retain(|column| !stay.contains(column));
    Ok(all.iter().map(|column| quoted(column)).collect())
}

fn emptied(columns: &[String]) -> String {
    columns
        .iter()
        .map(|column| format!(", {column} = NULL"))
        .collect()
}

fn holds_any(columns: &[String]) -> Option<String> {
    let any: Vec<String> = columns
        .iter()
        .map(|column| format!("{column} IS NOT NULL"))
        .collect();
    (!any.is_empty()).then(|| any.join(" OR "))
}
