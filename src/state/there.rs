//! Records that the ID map says are delivered, against those that a target holds.
//!
//! What a target holds is noted beside the state, in a temporary table: comparing writes nothing.

use rusqlite::params;

use super::{Query, State};
use crate::error::Result;

const DOING: &str = "comparing the ID map with a target";

/// A contact that is followed: neither merged away, nor erased, nor deleted in the shop.
const FOLLOWED: &str = "contacts.merged_into IS NULL AND NOT contacts.erased AND contacts.gone_at IS NULL";

/// An order whose record is not there, and its contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderNotThere {
    /// Its number.
    pub id: i64,
    /// Number of its contact.
    pub contact: i64,
}

impl State {
    /// Begins to note what a target holds.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn begin_noting_records(&self, target: i64) -> Result<()> {
        self.connection
            .execute_batch(
                "CREATE TEMP TABLE IF NOT EXISTS contacts_there(target INTEGER, record TEXT, PRIMARY KEY(target, record))
                   WITHOUT ROWID;
                 CREATE TEMP TABLE IF NOT EXISTS orders_there(target INTEGER, record TEXT, PRIMARY KEY(target, record))
                   WITHOUT ROWID;",
            )
            .query(self, DOING)?;
        self.end_noting_records(target)
    }

    /// Forgets what was noted.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn end_noting_records(&self, target: i64) -> Result<()> {
        for table in ["contacts_there", "orders_there"] {
            self.connection
                .execute(&format!("DELETE FROM temp.{table} WHERE target = ?1"), [target])
                .query(self, DOING)?;
        }
        Ok(())
    }

    /// These contacts are there.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn note_contacts_there(&self, target: i64, records: &[String]) -> Result<()> {
        self.note_there(
            "INSERT OR IGNORE INTO temp.contacts_there VALUES (?1, ?2)",
            target,
            records,
        )
    }

    /// These orders are there.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn note_orders_there(&self, target: i64, records: &[String]) -> Result<()> {
        self.note_there(
            "INSERT OR IGNORE INTO temp.orders_there VALUES (?1, ?2)",
            target,
            records,
        )
    }

    fn note_there(&self, sql: &str, target: i64, records: &[String]) -> Result<()> {
        self.transaction(|state| {
            let mut statement = state.connection.prepare_cached(sql).query(state, DOING)?;
            for record in records {
                statement.execute(params![target, record]).query(state, DOING)?;
            }
            Ok(())
        })
    }

    /// Contacts that were delivered to a target and whose records are not there. Those that are parked
    /// for it wait for what they are parked for.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn contacts_not_there(&self, target: i64, name: &str) -> Result<Vec<i64>> {
        let read = || {
            self.connection
                .prepare_cached(&format!(
                    "SELECT links.contact FROM contact_links AS links JOIN contacts ON contacts.id = links.contact
                     WHERE links.target = ?1 AND links.remote_id IS NOT NULL AND {FOLLOWED}
                     AND NOT EXISTS(SELECT 1 FROM temp.contacts_there WHERE target = ?1 AND record = links.remote_id)
                     AND NOT EXISTS(SELECT 1 FROM parked WHERE kind = 'contact' AND shop = '' AND key = contacts.key
                       AND target = ?2)
                     ORDER BY links.contact"
                ))?
                .query_map(params![target, name], |row| row.get(0))?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, DOING)
    }

    /// The same of orders. One whose contact is followed no longer has to have that one's record there.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn orders_not_there(&self, target: i64, name: &str) -> Result<Vec<OrderNotThere>> {
        let read = || {
            self.connection
                .prepare_cached(&format!(
                    "SELECT orders.id, orders.contact FROM order_links AS links JOIN orders ON orders.id = links.order_id
                     JOIN contacts ON contacts.id = orders.contact JOIN shops ON shops.id = orders.shop
                     WHERE links.target = ?1 AND links.remote_id IS NOT NULL AND orders.gone_at IS NULL
                     AND NOT EXISTS(SELECT 1 FROM temp.orders_there WHERE target = ?1 AND record = links.remote_id)
                     AND (({FOLLOWED}) OR EXISTS(SELECT 1 FROM contact_links AS whose
                       JOIN temp.contacts_there AS there ON there.target = whose.target AND there.record = whose.remote_id
                       WHERE whose.target = ?1 AND whose.contact = orders.contact))
                     AND NOT EXISTS(SELECT 1 FROM parked WHERE kind = 'order-delivery' AND shop = shops.name
                       AND key = shops.name || ':' || orders.code AND target = ?2)
                     ORDER BY orders.id"
                ))?
                .query_map(params![target, name], |row| {
                    Ok(OrderNotThere {
                        id: row.get(0)?,
                        contact: row.get(1)?,
                    })
                })?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, DOING)
    }
}
