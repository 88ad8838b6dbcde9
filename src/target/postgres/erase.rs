//! Rows of people who are forgotten: emptied, whatever stands in them and whoever wrote it.
//!
//! The key stays, and of orders the columns that are the table's own and those that tell nothing of a
//! person. All others go, also those of an earlier mapping and those that somebody added.

use super::super::Layout;
use super::columns::text;
use super::seals::{Sealed, take_off};
use super::session::Session;
use super::statement::Statement;
use super::tables::{Columns, Names, OWN_CONTACT_COLUMNS, OWN_ORDER_COLUMNS, Table, Tables, quoted};
use crate::error::Result;
use crate::model::{Erased, Erasure};

/// What is emptied, in the tables as they are now.
pub struct Erasing<'a> {
    names: &'a Names,
    in_contacts: Vec<String>,
    in_orders: Vec<String>,
}

impl<'a> Erasing<'a> {
    /// Tells the columns that are emptied from those that stay.
    pub fn new(names: &'a Names, tables: &Tables, layout: &Layout) -> Self {
        let figures = layout.figures.iter().filter_map(|place| layout.order.get(*place));
        let mut stay_in_orders: Vec<&str> = figures.map(|spec| spec.name.as_str()).collect();
        stay_in_orders.extend(OWN_ORDER_COLUMNS.map(|(name, _)| name));
        let stay_in_contacts = OWN_CONTACT_COLUMNS.map(|(name, _)| name);
        Self {
            names,
            in_contacts: others(tables.columns(names, Table::Contacts), &stay_in_contacts),
            in_orders: others(tables.columns(names, Table::Orders), &stay_in_orders),
        }
    }

    /// Empties the rows of one record.
    ///
    /// # Errors
    /// When a rule of the table forbids it, or the server does not answer.
    pub async fn erase(&self, session: &mut Session, erasure: &Erasure, now: &str) -> Result<Erased> {
        let record = &erasure.record;
        let (contacts, orders) = (self.names.of(Table::Contacts), self.names.of(Table::Orders));
        let on_it = Statement::new(format!("SELECT key FROM {orders} WHERE contact_key = $1")).text(record);
        let on_it: Vec<String> = session
            .read(&on_it)
            .await?
            .iter()
            .filter_map(|row| text(row, 0))
            .collect();
        let count = on_it.len() as u64;
        // Somebody may have hung some of them on another record.
        let keys: Vec<String> = on_it.into_iter().chain(erasure.orders.iter().cloned()).collect();
        let hold = holds_any(&self.in_contacts).map_or_else(String::new, |any| format!(" OR {any}"));
        let empty = format!(
            "UPDATE {contacts} SET updated_at = $2::timestamptz, gone_at = coalesce(gone_at, $3::timestamptz){} \
             WHERE key = $1 AND (gone_at IS NULL{hold})",
            emptied(&self.in_contacts)
        );
        let mut statements = vec![
            // A seal is made of what is emptied here.
            take_off(self.names, Sealed::Contacts, vec![record.clone()]),
            take_off(self.names, Sealed::Orders, keys.clone()),
            Statement::new(empty)
                .text(record)
                .text(now)
                .text(erasure.gone_at.to_string()),
        ];
        if let Some(any) = holds_any(&self.in_orders) {
            let empty = format!(
                "UPDATE {orders} SET updated_at = $2::timestamptz{} WHERE key = ANY($1) AND ({any})",
                emptied(&self.in_orders)
            );
            statements.push(Statement::new(empty).texts(keys).text(now));
        }
        session.write(&statements).await?;
        let is_there = Statement::new(format!("SELECT 1 FROM {contacts} WHERE key = $1")).text(record);
        Ok(Erased {
            found: !session.read(&is_there).await?.is_empty(),
            orders: count,
            by_hand: Vec::new(),
        })
    }
}

/// The columns of a table but those that stay.
fn others(columns: Option<&Columns>, stay: &[&str]) -> Vec<String> {
    let goes = |name: &&String| !stay.contains(&name.as_str());
    let names = columns.into_iter().flat_map(|columns| columns.keys());
    names.filter(goes).map(|name| quoted(name)).collect()
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
