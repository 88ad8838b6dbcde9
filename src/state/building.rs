//! What only a build does: rows that come twice in a document, and orders decided at the end.
//!
//! A build has no journal, so no statement in it may fail half-way: repeated rows are found by a
//! query before anything relies on there being none.

use rusqlite::params;

use super::unsettled::UNDECIDED;
use super::{Query, State};
use crate::error::Result;

impl State {
    /// Makes the index of customers and drops all but the last of those that came twice, with all that
    /// was noted of them: shop and guid of each.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn index_customers(&self) -> Result<Vec<(i64, String)>> {
        let doing = "making the index of customers";
        self.connection
            .execute_batch(
                "CREATE INDEX customers_by_guid ON customers(shop, guid);
                 CREATE INDEX customers_by_contact ON customers(contact)",
            )
            .query(self, doing)?;
        let find = || {
            self.connection
                .prepare("SELECT shop, guid FROM customers GROUP BY shop, guid HAVING count(*) > 1")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<Vec<(i64, String)>>>()
        };
        let repeated = find().query(self, doing)?;
        if !repeated.is_empty() {
            self.connection
                .execute_batch(
                    "CREATE TEMP TABLE dropped(id INTEGER PRIMARY KEY, contact INTEGER NOT NULL);
                     INSERT INTO temp.dropped SELECT id, contact FROM customers AS early WHERE EXISTS(
                       SELECT 1 FROM customers AS late WHERE late.shop = early.shop AND late.guid = early.guid AND late.id > early.id);
                     DELETE FROM customers WHERE id IN (SELECT id FROM temp.dropped);
                     DELETE FROM emails WHERE customer IN (SELECT id FROM temp.dropped);
                     DELETE FROM phones WHERE customer IN (SELECT id FROM temp.dropped);
                     DELETE FROM contacts WHERE id IN (SELECT contact FROM temp.dropped);
                     DROP TABLE temp.dropped;",
                )
                .query(self, doing)?;
        }
        Ok(repeated)
    }

    /// Every log-in of a group in the order in which it was noted: the e-mail and the contact.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn each_log_in(&self, group: &str, each: &mut dyn FnMut(u64, i64)) -> Result<()> {
        let doing = "reading the log-ins";
        let mut statement = self
            .connection
            .prepare("SELECT email, contact FROM emails WHERE grp = ?1 AND role = 0 ORDER BY rowid")
            .query(self, doing)?;
        let mut rows = statement.query([group]).query(self, doing)?;
        while let Some(row) = rows.next().query(self, doing)? {
            let email: i64 = row.get(0).query(self, doing)?;
            each(email.cast_unsigned(), row.get(1).query(self, doing)?);
        }
        Ok(())
    }

    /// Customers whose guid another shop of their group has as well, listed before theirs: the contact,
    /// the name of the shop and the guid.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn guids_of_earlier_shops(&self) -> Result<Vec<(i64, String, String)>> {
        let doing = "comparing the guids of shops";
        let any = "SELECT EXISTS(SELECT 1 FROM shops GROUP BY grp HAVING count(*) > 1)";
        if !self
            .connection
            .query_row(any, [], |row| row.get::<_, bool>(0))
            .query(self, doing)?
        {
            return Ok(Vec::new());
        }
        let read = || {
            self.connection
                .prepare(
                    "SELECT DISTINCT later.contact, second.name, later.guid FROM shops AS first
                     JOIN shops AS second ON second.grp = first.grp AND second.id > first.id
                     JOIN customers AS later ON later.shop = second.id
                     JOIN customers AS earlier ON earlier.shop = first.id AND earlier.guid = later.guid",
                )?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, doing)
    }

    /// What decides between customers who share a log-in: registration, guid, and shop.
    ///
    /// # Errors
    /// When the contact has no customer, or the state cannot be read.
    pub fn registration(&self, contact: i64) -> Result<(Option<i64>, String, i64)> {
        self.connection
            .prepare_cached("SELECT created_at, guid, shop FROM customers WHERE contact = ?1")
            .and_then(|mut statement| {
                statement.query_row([contact], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            })
            .query(self, "reading when a customer registered")
    }

    /// Leaves out a shop's orders that are on guests.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn drop_orders_of_guests(&self, shop: i64) -> Result<()> {
        self.connection
            .execute(
                "DELETE FROM orders WHERE shop = ?1 AND contact <> ?2
                 AND NOT EXISTS(SELECT 1 FROM customers WHERE customers.contact = orders.contact)",
                [shop, UNDECIDED],
            )
            .map(drop)
            .query(self, "leaving out the orders of guests")
    }

    /// Removes contacts that nothing stands on any more, with all that was noted of them.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn drop_empty_contacts(&self) -> Result<()> {
        self.connection
            .execute_batch(
                "DELETE FROM contacts WHERE merged_into IS NULL
                   AND NOT EXISTS(SELECT 1 FROM customers WHERE customers.contact = contacts.id)
                   AND NOT EXISTS(SELECT 1 FROM orders WHERE orders.contact = contacts.id)
                   AND id NOT IN (SELECT merged_into FROM contacts WHERE merged_into IS NOT NULL);
                 DELETE FROM emails WHERE contact NOT IN (SELECT id FROM contacts);
                 DELETE FROM phones WHERE contact NOT IN (SELECT id FROM contacts);",
            )
            .query(self, "removing empty contacts")
    }

    /// Removes contacts that were merged before anybody has seen them; what was noted of them is about who
    /// stands for them.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn drop_merged_contacts(&self) -> Result<()> {
        let doing = "removing merged contacts";
        let any = "SELECT EXISTS(SELECT 1 FROM contacts WHERE merged_into IS NOT NULL)";
        if !self
            .connection
            .query_row(any, [], |row| row.get::<_, bool>(0))
            .query(self, doing)?
        {
            return Ok(());
        }
        let merged = "SELECT id FROM contacts WHERE merged_into IS NOT NULL";
        for table in ["emails", "phones"] {
            let follow = format!(
                "UPDATE {table} SET contact = (SELECT merged_into FROM contacts WHERE id = {table}.contact)
                 WHERE contact IN ({merged})"
            );
            // One merge after the other, where several have led to the contact of now.
            while self.connection.execute(&follow, []).query(self, doing)? > 0 {}
        }
        self.connection
            .execute("DELETE FROM contacts WHERE merged_into IS NOT NULL", [])
            .map(drop)
            .query(self, doing)
    }

    /// Makes the index that orders are put into as they come: few name a customer, and made afterwards it would
    /// have to read all rows for those few. The others are faster made from all rows.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn expect_orders(&self) -> Result<()> {
        self.connection
            .execute_batch("CREATE INDEX orders_by_guid ON orders(guid) WHERE guid IS NOT NULL")
            .query(self, "making an index of orders")
    }

    /// Makes the index of orders by code, and drops all but the last of those that came twice: shop and code of
    /// each.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn drop_repeated_orders(&self) -> Result<Vec<(i64, String)>> {
        let doing = "looking for orders that came twice";
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

    /// How many customers and orders there are, of all shops.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn count_built(&self) -> Result<(u64, u64)> {
        let counts = "SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM orders)";
        self.connection
            .query_row(counts, [], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
            })
            .map(|(customers, orders)| (customers.unsigned_abs(), orders.unsigned_abs()))
            .query(self, "counting customers and orders")
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
}
