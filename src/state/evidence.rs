//! Who has, or once had, an e-mail.
//!
//! A set that only grows and widens, so that it is the same in whatever order it is told: an e-mail that
//! a contact once had is kept. Rows of a contact that was merged away keep its number; readers get the
//! survivor.

use jiff::Timestamp;
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

    /// What was noted of a customer that waited for its contact is about that contact now.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn place_emails(&self, customer: i64, contact: i64) -> Result<()> {
        self.connection
            .prepare_cached("UPDATE emails SET contact = ?2 WHERE customer = ?1")
            .and_then(|mut statement| statement.execute([customer, contact]))
            .map(drop)
            .query(self, "noting an e-mail")
    }

    /// Forgets what was noted of a customer, before anybody relied on it.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn remove_emails(&self, customer: i64) -> Result<()> {
        self.connection
            .prepare_cached("DELETE FROM emails WHERE customer = ?1")
            .and_then(|mut statement| statement.execute([customer]))
            .map(drop)
            .query(self, "noting an e-mail")
    }

    /// A listing held a customer with all its log-ins.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn log_ins_were_listed(&self, customer: i64, listed_at: Timestamp) -> Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE emails SET last_at = max(coalesce(last_at, ?2), ?2) WHERE customer = ?1 AND role = 0",
            )
            .and_then(|mut statement| statement.execute([customer, listed_at.as_second()]))
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
