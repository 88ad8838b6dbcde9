//! What is taken out of the state when people are forgotten, and what is left to do about them elsewhere.
//!
//! `forgetting` is there only while something is left to do: which contact has still to be emptied, or
//! written anew, in which target. Until then a forgotten contact is a shell: its key, its records in the
//! targets, its orders without people.

use jiff::Timestamp;
use rusqlite::params;

use super::customers::StoredCustomer;
use super::orders::without_people;
use super::unsettled::Clue;
use super::{Query, State};
use crate::error::Result;

const DOING: &str = "forgetting a person";

/// What is left to do about a contact in a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeftToForget {
    /// Its number.
    pub contact: i64,
    /// Whether all of it is forgotten; else one of the people it is of.
    pub whole: bool,
}

impl State {
    /// Leaves of contacts that are one person nothing but a shell. Within a transaction of the caller's.
    ///
    /// # Errors
    /// When the state cannot be written, or what was stored is damaged.
    pub fn empty_contact(&self, contacts: &[i64], at: Timestamp) -> Result<()> {
        for contact in contacts {
            for order in self.order_signs_of(*contact)? {
                self.empty_order(order.id, None)?;
            }
            let empty = || -> rusqlite::Result<()> {
                for delete in [
                    "DELETE FROM parked WHERE kind = 'customer' AND target = '' AND EXISTS(SELECT 1 FROM customers
                       JOIN shops ON shops.id = customers.shop
                       WHERE customers.contact = ?1 AND guid = parked.key AND shops.name = parked.shop)",
                    "DELETE FROM parked WHERE kind = 'order' AND target = '' AND EXISTS(SELECT 1 FROM orders
                       JOIN shops ON shops.id = orders.shop
                       WHERE orders.contact = ?1 AND code = parked.key AND shops.name = parked.shop)",
                    "DELETE FROM parked WHERE contact = ?1",
                    "DELETE FROM emails WHERE contact = ?1 OR customer IN (SELECT id FROM customers WHERE contact = ?1)",
                    "DELETE FROM phones WHERE contact = ?1 OR customer IN (SELECT id FROM customers WHERE contact = ?1)",
                    "DELETE FROM customers WHERE contact = ?1",
                    "DELETE FROM history WHERE contact = ?1",
                    "DELETE FROM answers WHERE contact = ?1",
                    "DELETE FROM due_contacts WHERE contact = ?1",
                    "DELETE FROM due_orders WHERE contact = ?1",
                ] {
                    self.connection.execute(delete, [contact])?;
                }
                self.connection
                    .execute(
                        "UPDATE contacts SET erased = 1, gone_at = coalesce(gone_at, ?2) WHERE id = ?1",
                        [*contact, at.as_second()],
                    )
                    .map(drop)
            };
            empty().query(self, DOING)?;
        }
        Ok(())
    }

    /// Takes the people out of an order; `pseudonym` stands for its e-mail from now on.
    ///
    /// # Errors
    /// When the state cannot be written, or what was stored is damaged.
    pub fn empty_order(&self, id: i64, pseudonym: Option<u64>) -> Result<()> {
        let body: String = self
            .connection
            .query_row("SELECT body FROM orders WHERE id = ?1", [id], |row| row.get(0))
            .query(self, DOING)?;
        let body = without_people(&body)?;
        // Without a hash of what the shop said, the next reading replaces it by the same without people.
        self.connection
            .prepare_cached(
                "UPDATE orders SET body = ?2, email = ?3, phone = NULL, has = 0, content = 0, print = NULL WHERE id = ?1",
            )
            .and_then(|mut statement| statement.execute(params![id, body, pseudonym.map(u64::cast_signed)]))
            .map(drop)
            .query(self, DOING)
    }

    /// Puts in the place of a customer's record the same without people who were forgotten.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn replace_body(&self, customer: i64, stored: &StoredCustomer) -> Result<()> {
        self.connection
            .execute(
                "UPDATE customers SET body = ?2, content = ?3 WHERE id = ?1",
                params![customer, stored.body, stored.content],
            )
            .map(drop)
            .query(self, DOING)
    }

    /// Removes a customer with all that was noted of it.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn remove_customer(&self, id: i64) -> Result<()> {
        let remove = || -> rusqlite::Result<()> {
            for delete in [
                "DELETE FROM emails WHERE customer = ?1",
                "DELETE FROM phones WHERE customer = ?1",
                "DELETE FROM customers WHERE id = ?1",
            ] {
                self.connection.execute(delete, [id])?;
            }
            Ok(())
        };
        remove().query(self, DOING)
    }

    /// What was noted of an e-mail in a group is about its pseudonym from now on.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn rename_email(&self, group: &str, email: u64, pseudonym: u64) -> Result<()> {
        self.settled(group, Clue::Email, email)?;
        self.connection
            .execute(
                "UPDATE emails SET email = ?3 WHERE email = ?2 AND grp = ?1",
                params![group, email.cast_signed(), pseudonym.cast_signed()],
            )
            .map(drop)
            .query(self, DOING)
    }

    /// Nobody in a group is known by a phone any more.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn remove_phone_of_all(&self, group: &str, phone: u64) -> Result<()> {
        self.settled(group, Clue::Phone, phone)?;
        self.connection
            .execute(
                "DELETE FROM phones WHERE phone = ?2 AND grp = ?1",
                params![group, phone.cast_signed()],
            )
            .map(drop)
            .query(self, DOING)
    }

    /// What parked a contact and its orders may quote people: it is due, and shows anew whether it has to be.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn unpark_all_of(&self, contact: i64) -> Result<()> {
        self.connection
            .execute("DELETE FROM parked WHERE contact = ?1", [contact])
            .map(drop)
            .query(self, DOING)
    }

    /// Notes what is left to do about a contact in these targets. Without any, a whole contact is removed.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn leave_to_forget(&self, targets: &[i64], contact: i64, whole: bool) -> Result<()> {
        self.connection
            .execute_batch(
                "CREATE TABLE IF NOT EXISTS forgetting(target INTEGER NOT NULL, contact INTEGER NOT NULL,
                   whole INTEGER NOT NULL, PRIMARY KEY(target, contact)) WITHOUT ROWID",
            )
            .query(self, DOING)?;
        for target in targets {
            self.connection
                .execute(
                    "INSERT INTO forgetting VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET whole = max(whole, ?3)",
                    params![target, contact, whole],
                )
                .query(self, DOING)?;
        }
        if targets.is_empty() && whole {
            self.remove_shell(contact)?;
        }
        Ok(())
    }

    /// What is left to do in a target.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn left_to_forget(&self, target: i64) -> Result<Vec<LeftToForget>> {
        if !self.is_forgetting()? {
            return Ok(Vec::new());
        }
        let read = || {
            self.connection
                .prepare("SELECT contact, whole FROM forgetting WHERE target = ?1 ORDER BY contact")?
                .query_map([target], |row| {
                    Ok(LeftToForget {
                        contact: row.get(0)?,
                        whole: row.get(1)?,
                    })
                })?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, DOING)
    }

    /// Nothing is left to do about a contact in a target. When nothing is left anywhere, a whole contact
    /// is removed.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn forgotten_in(&self, target: i64, left: LeftToForget) -> Result<()> {
        self.transaction(|state| {
            let count = || -> rusqlite::Result<i64> {
                state.connection.execute(
                    "DELETE FROM forgetting WHERE target = ?1 AND contact = ?2",
                    [target, left.contact],
                )?;
                state.connection.query_row(
                    "SELECT count(*) FROM forgetting WHERE contact = ?1",
                    [left.contact],
                    |row| row.get(0),
                )
            };
            if count().query(state, DOING)? == 0 && left.whole {
                state.remove_shell(left.contact)?;
            }
            Ok(())
        })
    }

    /// Removes a contact, those merged into it, their orders, and whatever refers to any of them.
    fn remove_shell(&self, contact: i64) -> Result<()> {
        let referring = |column: &str| -> rusqlite::Result<Vec<String>> {
            self.connection
                .prepare(
                    "SELECT tables.name FROM sqlite_schema AS tables JOIN pragma_table_info(tables.name) AS columns
                     WHERE tables.type = 'table' AND columns.name = ?1",
                )?
                .query_map([column], |row| row.get(0))?
                .collect()
        };
        for id in self.with_merged(contact)?.into_iter().rev() {
            let remove = || -> rusqlite::Result<()> {
                for table in referring("order_id")? {
                    let delete = format!(
                        "DELETE FROM {table} WHERE order_id IN (SELECT id FROM orders WHERE contact = ?1)"
                    );
                    self.connection.execute(&delete, [id])?;
                }
                for table in referring("contact")? {
                    self.connection
                        .execute(&format!("DELETE FROM {table} WHERE contact = ?1"), [id])?;
                }
                self.connection
                    .execute("DELETE FROM contacts WHERE id = ?1", [id])
                    .map(drop)
            };
            remove().query(self, DOING)?;
        }
        Ok(())
    }

    /// The list of what is left goes with its last entry.
    pub(super) fn drop_forgetting_when_done(&self) -> Result<()> {
        if !self.is_forgetting()? {
            return Ok(());
        }
        let count = || -> rusqlite::Result<i64> {
            self.connection
                .query_row("SELECT count(*) FROM forgetting", [], |row| row.get(0))
        };
        if count().query(self, DOING)? == 0 {
            self.connection
                .execute_batch("DROP TABLE forgetting")
                .query(self, DOING)?;
        }
        Ok(())
    }

    /// Whether anything is left to do anywhere.
    pub(super) fn is_forgetting(&self) -> Result<bool> {
        self.connection
            .query_row(
                "SELECT EXISTS(SELECT 1 FROM main.sqlite_schema WHERE name = 'forgetting')",
                [],
                |row| row.get(0),
            )
            .query(self, DOING)
    }
}
