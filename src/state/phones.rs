//! Who has a phone.
//!
//! It counts only while an account has it, or an order of a guest. Rows about orders are a list of those
//! who may have it: whether they do is read from their orders. Rows of a contact that was merged away
//! keep its number; readers get the survivor.

use rusqlite::params;

use super::{Query, State};
use crate::error::Result;

impl State {
    /// Adds a phone: of a customer's account, or (`customer` is `None`) of a contact's order. Telling
    /// it twice is harmless.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn add_phone(&self, group: &str, phone: u64, contact: i64, customer: Option<i64>) -> Result<()> {
        self.connection
            .prepare_cached("INSERT INTO phones VALUES (?1, ?2, ?3, ?4)")
            .and_then(|mut statement| {
                statement.execute(params![group, phone.cast_signed(), contact, customer])
            })
            .map(drop)
            .query(self, "noting a phone")
    }

    /// Whether just this was noted before.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn knows_phone(&self, group: &str, phone: u64, contact: i64, customer: Option<i64>) -> Result<bool> {
        self.connection
            .prepare_cached(
                "SELECT EXISTS(SELECT 1 FROM phones WHERE phone = ?2 AND grp = ?1 AND contact = ?3 AND customer IS ?4)",
            )
            .and_then(|mut statement| {
                statement.query_row(params![group, phone.cast_signed(), contact, customer], |row| {
                    row.get(0)
                })
            })
            .query(self, "reading who has a phone")
    }

    /// A customer's accounts no longer have this phone.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn remove_phone(&self, group: &str, phone: u64, customer: i64) -> Result<()> {
        self.connection
            .prepare_cached("DELETE FROM phones WHERE phone = ?2 AND grp = ?1 AND customer = ?3")
            .and_then(|mut statement| statement.execute(params![group, phone.cast_signed(), customer]))
            .map(drop)
            .query(self, "noting a phone")
    }

    /// Contacts that have a phone, those of whom nothing but phones is known left aside: those of the
    /// customers whose accounts have it, and the guests on whose orders it stands. At most two, which
    /// is as good as more of them. What was erased finds nobody any more.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn contacts_with_phone(&self, group: &str, phone: u64) -> Result<Vec<i64>> {
        let read = || -> rusqlite::Result<Vec<(i64, bool, bool)>> {
            self.connection
                .prepare_cached(
                    "SELECT DISTINCT coalesce(customers.contact, phones.contact), phones.customer IS NULL, customers.gone_at IS NOT NULL
                     FROM phones LEFT JOIN customers ON customers.id = phones.customer
                     WHERE phones.phone = ?1 AND phones.grp = ?2",
                )?
                .query_map(params![phone.cast_signed(), group], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        let mut contacts = Vec::new();
        for (contact, is_of_order, is_gone) in read().query(self, "reading who has a phone")? {
            let contact = self.survivor(contact)?;
            if contacts.contains(&contact) || self.contact(contact)?.is_none_or(|row| row.erased) {
                continue;
            }
            let only_a_guest_has_it = is_of_order || is_gone;
            if only_a_guest_has_it && self.has_live_customer(contact, None, None)? {
                continue;
            }
            if !is_of_order
                || (self.has_order_with_phone(contact, phone)? && !self.is_without_email(contact)?)
            {
                contacts.push(contact);
            }
            if contacts.len() > 1 {
                break;
            }
        }
        Ok(contacts)
    }

    /// Guests of whom nothing but phones is known, and who have this one on an order that is not deleted.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn guests_with_phone(&self, group: &str, phone: u64) -> Result<Vec<i64>> {
        let read = || -> rusqlite::Result<Vec<i64>> {
            self.connection
                .prepare_cached(
                    "SELECT DISTINCT contact FROM phones WHERE phone = ?1 AND grp = ?2 AND customer IS NULL",
                )?
                .query_map(params![phone.cast_signed(), group], |row| row.get(0))?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        let mut guests = Vec::new();
        for contact in read().query(self, "reading who has a phone")? {
            let contact = self.survivor(contact)?;
            if !guests.contains(&contact) && self.is_guest_with_phone(contact, phone)? {
                guests.push(contact);
            }
        }
        Ok(guests)
    }

    /// Whether nothing but phones is known of a contact, and it has this one on an order that is not
    /// deleted.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn is_guest_with_phone(&self, contact: i64, phone: u64) -> Result<bool> {
        Ok(self.is_without_email(contact)?
            && self.has_order_with_phone(contact, phone)?
            && self.contact(contact)?.is_some_and(|row| !row.erased))
    }

    /// Whether an order of a contact, not deleted, has another phone or none.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn has_order_without_phone(&self, contact: i64, phone: u64) -> Result<bool> {
        self.connection
            .prepare_cached(
                "SELECT EXISTS(SELECT 1 FROM orders WHERE contact = ?1 AND phone IS NOT ?2 AND gone_at IS NULL)",
            )
            .and_then(|mut statement| {
                statement.query_row(params![contact, phone.cast_signed()], |row| row.get(0))
            })
            .query(self, "reading who has a phone")
    }

    fn has_order_with_phone(&self, contact: i64, phone: u64) -> Result<bool> {
        self.connection
            .prepare_cached(
                "SELECT EXISTS(SELECT 1 FROM orders WHERE contact = ?1 AND phone = ?2 AND gone_at IS NULL)",
            )
            .and_then(|mut statement| {
                statement.query_row(params![contact, phone.cast_signed()], |row| row.get(0))
            })
            .query(self, "reading who has a phone")
    }

    /// The phone that identifies the buyer of an order.
    ///
    /// # Errors
    /// When there is no such order, or the state cannot be read.
    pub fn phone_of_order(&self, id: i64) -> Result<Option<u64>> {
        self.connection
            .prepare_cached("SELECT phone FROM orders WHERE id = ?1")
            .and_then(|mut statement| statement.query_row([id], |row| row.get::<_, Option<i64>>(0)))
            .map(|phone| phone.map(i64::cast_unsigned))
            .query(self, "reading the phone of an order")
    }
}
