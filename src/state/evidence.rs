//! Who has, or once had, an e-mail or a phone.
//!
//! What is known of e-mails is a set that only grows and widens, so that it is the same in whatever
//! order it is told: an e-mail that a contact once had is kept. A phone counts only while an account
//! or a guest's order has it. Rows of a contact that was merged away keep its number; readers get the
//! survivor.

use rusqlite::params;

use super::{Query, State};
use crate::error::Result;

/// A row about an e-mail. `role` is the caller's number: 0 log-in, 1 once a log-in, 2 seen on an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmailRow {
    /// Its own number.
    pub row: i64,
    /// The contact that stands for it now.
    pub contact: i64,
    /// The customer whose log-in it is or was.
    pub customer: Option<i64>,
    /// How it is tied.
    pub role: u8,
    /// The earliest moment it is known for.
    pub first_at: Option<i64>,
    /// The latest moment it is known for.
    pub last_at: Option<i64>,
}

impl State {
    /// Adds evidence about an e-mail.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn add_email(
        &self,
        group: &str,
        email: u64,
        contact: i64,
        customer: Option<i64>,
        role: u8,
        at: (Option<i64>, Option<i64>),
    ) -> Result<()> {
        self.connection
            .prepare_cached("INSERT INTO emails VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
            .and_then(|mut statement| {
                statement.execute(params![
                    group,
                    email.cast_signed(),
                    contact,
                    customer,
                    role,
                    at.0,
                    at.1
                ])
            })
            .map(drop)
            .query(self, "noting an e-mail")
    }

    /// Sets role and times of a row.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn change_email(
        &self,
        row: i64,
        role: u8,
        first_at: Option<i64>,
        last_at: Option<i64>,
    ) -> Result<()> {
        self.connection
            .prepare_cached("UPDATE emails SET role = ?2, first_at = ?3, last_at = ?4 WHERE rowid = ?1")
            .and_then(|mut statement| statement.execute(params![row, role, first_at, last_at]))
            .map(drop)
            .query(self, "noting an e-mail")
    }

    /// All evidence about an e-mail in a group.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn email_evidence(&self, group: &str, email: u64) -> Result<Vec<EmailRow>> {
        self.email_rows("email = ?1 AND grp = ?2", params![email.cast_signed(), group])
            .map(|rows| rows.into_iter().map(|(_, row)| row).collect())
    }

    /// All evidence that came from a customer: the e-mail and the row.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn emails_of_customer(&self, customer: i64) -> Result<Vec<(u64, EmailRow)>> {
        self.email_rows("customer = ?1", params![customer])
    }

    fn email_rows(&self, filter: &str, parameters: &[&dyn rusqlite::ToSql]) -> Result<Vec<(u64, EmailRow)>> {
        let read = || -> rusqlite::Result<Vec<(u64, EmailRow)>> {
            self.connection
                .prepare_cached(&format!(
                    "SELECT rowid, contact, customer, role, first_at, last_at, email FROM emails WHERE {filter}"
                ))?
                .query_map(parameters, |row| {
                    Ok((
                        row.get::<_, i64>(6)?.cast_unsigned(),
                        EmailRow {
                            row: row.get(0)?,
                            contact: row.get(1)?,
                            customer: row.get(2)?,
                            role: row.get(3)?,
                            first_at: row.get(4)?,
                            last_at: row.get(5)?,
                        },
                    ))
                })?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        let mut rows = read().query(self, "reading who has an e-mail")?;
        for (_, row) in &mut rows {
            row.contact = self.survivor(row.contact)?;
        }
        Ok(rows)
    }

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

    /// The contacts that have a phone, each once: those of the customers whose accounts have it, and
    /// of the guests on whose orders it stands. What was erased finds nobody any more.
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
            if !is_of_order || self.has_order_with_phone(contact, phone)? {
                contacts.push(contact);
            }
        }
        contacts.sort_unstable();
        Ok(contacts)
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

    /// When a contact placed its first order with an e-mail, as far as its orders tell now.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn first_order_with_email(&self, contact: i64, email: u64) -> Result<Option<i64>> {
        self.connection
            .prepare_cached("SELECT min(placed_at) FROM orders WHERE contact = ?1 AND email = ?2")
            .and_then(|mut statement| {
                statement.query_row(params![contact, email.cast_signed()], |row| row.get(0))
            })
            .query(self, "reading who has an e-mail")
    }
}
