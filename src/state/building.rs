//! What only a build does: rows that come twice in a document, and orders decided at the end.
//!
//! A build has no journal, so no statement in it may fail half-way: repeated rows are found by a
//! query before anything relies on there being none.

use rusqlite::params;

use super::orders::StoredOrder;
use super::{Query, State};
use crate::error::Result;

/// A customer that a document brought twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepeatedCustomer {
    /// Number of the shop.
    pub shop: i64,
    /// Its guid.
    pub guid: String,
    /// The contact of the later row, which stays.
    pub kept: i64,
    /// The contact of the earlier row, which is gone.
    pub dropped: i64,
}

impl State {
    /// Makes the index of customers and drops all but the last of those that came twice.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn index_customers(&self) -> Result<Vec<RepeatedCustomer>> {
        let doing = "making the index of customers";
        self.connection
            .execute_batch(
                "CREATE INDEX customers_by_guid ON customers(shop, guid);
                 CREATE INDEX customers_by_contact ON customers(contact)",
            )
            .query(self, doing)?;
        let find = || {
            self.connection
                .prepare(
                    "SELECT early.shop, early.guid, early.contact, early.id,
                     (SELECT contact FROM customers WHERE shop = early.shop AND guid = early.guid ORDER BY id DESC LIMIT 1)
                     FROM (SELECT shop, guid, max(id) AS last FROM customers GROUP BY shop, guid HAVING count(*) > 1) AS twice
                     JOIN customers AS early ON early.shop = twice.shop AND early.guid = twice.guid AND early.id < twice.last",
                )?
                .query_map([], |row| {
                    let repeated =
                        RepeatedCustomer { shop: row.get(0)?, guid: row.get(1)?, dropped: row.get(2)?, kept: row.get(4)? };
                    Ok((repeated, row.get::<_, i64>(3)?))
                })?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        let mut all = Vec::new();
        for (repeated, row) in find().query(self, doing)? {
            let (dropped, kept) = (repeated.dropped, repeated.kept);
            self.connection
                .execute("DELETE FROM customers WHERE id = ?1", [row])
                .and_then(|_| {
                    self.connection
                        .execute("DELETE FROM contacts WHERE id = ?1", [dropped])
                })
                .and_then(|_| {
                    self.connection.execute(
                        "UPDATE emails SET contact = ?2 WHERE contact = ?1",
                        [dropped, kept],
                    )
                })
                .and_then(|_| {
                    self.connection.execute(
                        "UPDATE phones SET contact = ?2 WHERE contact = ?1",
                        [dropped, kept],
                    )
                })
                .query(self, doing)?;
            all.push(repeated);
        }
        Ok(all)
    }

    /// Joins contacts that have one key, as customers of several shops of a group with one guid do (a copied
    /// shop keeps those of the original): the contacts that are gone, and who stands for each.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn join_contacts_of_one_key(&self) -> Result<Vec<(i64, i64)>> {
        let doing = "joining contacts";
        let find = || {
            self.connection
                .prepare(
                    "SELECT contacts.id, first FROM contacts
                     JOIN (SELECT key, min(id) AS first FROM contacts GROUP BY key HAVING count(*) > 1) AS several
                     ON several.key = contacts.key AND contacts.id > first",
                )?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<Vec<(i64, i64)>>>()
        };
        let joined = find().query(self, doing)?;
        for (dropped, kept) in &joined {
            let join = || {
                for table in ["customers", "emails", "phones"] {
                    let update = format!("UPDATE {table} SET contact = ?2 WHERE contact = ?1");
                    self.connection.execute(&update, [dropped, kept])?;
                }
                self.connection
                    .execute("DELETE FROM contacts WHERE id = ?1", [dropped])
            };
            join().query(self, doing)?;
        }
        Ok(joined)
    }

    /// Makes the index of orders and drops all but the last of those that came twice: shop and code of each.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn index_orders(&self) -> Result<Vec<(i64, String)>> {
        let doing = "making the index of orders";
        self.connection
            .execute_batch("CREATE INDEX orders_by_code ON orders(shop, code)")
            .query(self, doing)?;
        let find = || {
            self.connection
                .prepare("SELECT shop, code, max(id) FROM orders GROUP BY shop, code HAVING count(*) > 1")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                .collect::<rusqlite::Result<Vec<(i64, String, i64)>>>()
        };
        let mut all = Vec::new();
        for (shop, code, last) in find().query(self, doing)? {
            self.connection
                .execute(
                    "DELETE FROM orders WHERE shop = ?1 AND code = ?2 AND id < ?3",
                    params![shop, code, last],
                )
                .query(self, doing)?;
            all.push((shop, code));
        }
        Ok(all)
    }

    /// Removes an order that nobody has seen yet.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn drop_order(&self, id: i64) -> Result<()> {
        self.connection
            .execute("DELETE FROM orders WHERE id = ?1", [id])
            .map(drop)
            .query(self, "leaving out an order")
    }

    /// The orders of a contact, oldest first: number, and what decides whose they are.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn clues_of_orders_on(&self, contact: i64) -> Result<Vec<(i64, StoredOrder)>> {
        let read = || {
            self.connection
                .prepare(
                    "SELECT id, shop, code, placed_at, phone FROM orders WHERE contact = ?1 ORDER BY placed_at, code",
                )?
                .query_map([contact], |row| {
                    let order = StoredOrder {
                        shop: row.get(1)?,
                        code: row.get(2)?,
                        placed_at: row.get(3)?,
                        phone: row.get::<_, Option<i64>>(4)?.map(i64::cast_unsigned),
                        ..StoredOrder::default()
                    };
                    Ok((row.get(0)?, order))
                })?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, "reading orders that are not decided yet")
    }
}
