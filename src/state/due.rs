//! What is due: contacts and orders that a target has to be compared with.
//!
//! A shop is read while a target is written. So each telling leaves a mark of its own, and what was
//! delivered is done only as far as it was told by then.

use jiff::Timestamp;
use rusqlite::params;

use super::unsettled::UNDECIDED;
use super::{Query, State};
use crate::error::Result;

/// A contact that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueContact {
    /// Its number.
    pub id: i64,
    /// The mark of the last telling.
    pub mark: i64,
    /// How often it failed in a way that may pass.
    pub tries: u32,
}

/// An order that is due with its contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueOrder {
    /// Number of the contact it was on when it was told.
    pub contact: i64,
    /// Its number.
    pub id: i64,
    /// The mark of the last telling.
    pub mark: i64,
}

/// What is told again keeps its place, and is tried at once.
const TOLD_AGAIN: &str =
    "ON CONFLICT(target, contact) DO UPDATE SET mark = excluded.mark, tries = 0, not_before = 0";

fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

impl State {
    /// A mark that no telling had before.
    fn next_mark(&self) -> i64 {
        let next = Timestamp::now().as_microsecond().max(self.last_mark.get() + 1);
        self.last_mark.set(next);
        next
    }

    /// A contact and, with `order`, one of its orders has to be looked at by every target.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn make_due(&self, targets: &[i64], contact: i64, order: Option<i64>) -> Result<()> {
        let mark = self.next_mark();
        for target in targets {
            self.connection
                .prepare_cached(&format!(
                    "INSERT INTO due_contacts(target, contact, mark, since) VALUES (?1, ?2, ?3, ?3) {TOLD_AGAIN}, backfill = 0"
                ))
                .and_then(|mut statement| statement.execute([*target, contact, mark]))
                .query(self, "noting what is due")?;
            if let Some(order) = order {
                self.connection
                    .prepare_cached(
                        "INSERT OR REPLACE INTO due_orders(target, contact, order_id, mark) VALUES (?1, ?2, ?3, ?4)",
                    )
                    .and_then(|mut statement| statement.execute([*target, contact, order, mark]))
                    .query(self, "noting what is due")?;
            }
        }
        Ok(())
    }

    /// Orders that moved with their contact are due under its new number.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn make_orders_due(&self, targets: &[i64], contact: i64) -> Result<()> {
        for target in targets {
            self.connection
                .execute(
                    "INSERT OR REPLACE INTO due_orders(target, contact, order_id, mark)
                     SELECT ?1, contact, id, ?3 FROM orders WHERE contact = ?2",
                    [*target, contact, self.next_mark()],
                )
                .query(self, "noting what is due")?;
        }
        Ok(())
    }

    /// Every contact of a shop has to be looked at by these targets, its orders need not.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn make_contacts_of_shop_due(&self, targets: &[i64], shop: i64) -> Result<()> {
        let mark = self.next_mark();
        for target in targets {
            self.connection
                .execute(
                    &format!(
                        "INSERT INTO due_contacts(target, contact, mark, since, backfill)
                         SELECT ?1, contact, ?3, ?3, 1 FROM (
                           SELECT contact FROM customers WHERE shop = ?2 UNION SELECT contact FROM orders WHERE shop = ?2
                         ) WHERE contact <> ?4 {TOLD_AGAIN}"
                    ),
                    [*target, shop, mark, UNDECIDED],
                )
                .query(self, "noting what is due")?;
        }
        Ok(())
    }

    /// Everything has to be looked at by a target: it is new, or its configuration has changed.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn make_all_due(&self, target: i64) -> Result<()> {
        let mark = self.next_mark();
        let write = || {
            self.connection.execute(
                &format!(
                    "INSERT INTO due_contacts(target, contact, mark, since, backfill)
                     SELECT ?1, id, ?2, ?2, 1 FROM contacts WHERE (merged_into IS NULL
                     OR id IN (SELECT contact FROM contact_links WHERE target = ?1)) {TOLD_AGAIN}"
                ),
                [target, mark],
            )?;
            self.connection.execute(
                "INSERT OR REPLACE INTO due_orders(target, contact, order_id, mark) SELECT ?1, contact, id, ?2 FROM orders",
                [target, mark],
            )
        };
        write().map(drop).query(self, "noting what is due")
    }

    /// Contacts that are due in a target, after `after` by number.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn due_contacts(&self, target: i64, after: i64, limit: usize) -> Result<Vec<DueContact>> {
        self.read_due(
            "SELECT contact, mark, tries FROM due_contacts WHERE target = ?1 AND contact > ?2 ORDER BY contact LIMIT ?3",
            [target, after, count(limit)],
        )
    }

    /// Contacts that are due in a target and may be tried now: what changed in the shop before what is only to be
    /// made up for, and the oldest change first.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn due_first(&self, target: i64, now: Timestamp, limit: usize) -> Result<Vec<DueContact>> {
        self.read_due(
            "SELECT contact, mark, tries FROM due_contacts WHERE target = ?1 AND not_before <= ?2
             ORDER BY backfill, since, contact LIMIT ?3",
            [target, now.as_millisecond(), count(limit)],
        )
    }

    /// The same from the other end.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn due_last(&self, target: i64, now: Timestamp, limit: usize) -> Result<Vec<DueContact>> {
        self.read_due(
            "SELECT contact, mark, tries FROM due_contacts WHERE target = ?1 AND not_before <= ?2
             ORDER BY backfill DESC, since DESC, contact DESC LIMIT ?3",
            [target, now.as_millisecond(), count(limit)],
        )
    }

    fn read_due(&self, query: &str, by: [i64; 3]) -> Result<Vec<DueContact>> {
        let read = || {
            self.connection
                .prepare_cached(query)?
                .query_map(by, |row| {
                    Ok(DueContact {
                        id: row.get(0)?,
                        mark: row.get(1)?,
                        tries: row.get(2)?,
                    })
                })?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, "reading what is due")
    }

    /// A contact, when it is due in a target.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn due_contact(&self, target: i64, contact: i64) -> Result<Option<DueContact>> {
        let due = self.read_due(
            "SELECT contact, mark, tries FROM due_contacts WHERE target = ?1 AND contact = ?2 AND ?3 = 0",
            [target, contact, 0],
        )?;
        Ok(due.first().copied())
    }

    /// How many contacts are due in a target and were put off.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn count_put_off(&self, target: i64) -> Result<u64> {
        self.connection
            .query_row(
                "SELECT count(*) FROM due_contacts WHERE target = ?1 AND tries > 0",
                [target],
                |row| row.get::<_, i64>(0),
            )
            .map(i64::unsigned_abs)
            .query(self, "counting what is due")
    }

    /// A contact failed in a way that may pass: it is not tried again before this time.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn put_off(&self, target: i64, due: DueContact, not_before: Timestamp) -> Result<()> {
        self.connection
            .execute(
                "UPDATE due_contacts SET tries = ?4, not_before = ?5 WHERE target = ?1 AND contact = ?2 AND mark = ?3",
                params![target, due.id, due.mark, due.tries + 1, not_before.as_millisecond()],
            )
            .map(drop)
            .query(self, "noting what is due")
    }

    /// When the first of the contacts that were put off may be tried again.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn next_try(&self, target: i64) -> Result<Option<Timestamp>> {
        self.connection
            .query_row(
                "SELECT min(not_before) FROM due_contacts WHERE target = ?1 AND tries > 0",
                [target],
                |row| row.get::<_, Option<i64>>(0),
            )
            .map(|at| at.and_then(|at| Timestamp::from_millisecond(at).ok()))
            .query(self, "reading what is due")
    }

    /// Orders of a contact that are due in a target, those that have moved on since included.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn due_orders(&self, target: i64, contact: i64) -> Result<Vec<DueOrder>> {
        let read = || {
            self.connection
                .prepare_cached(
                    "SELECT order_id, mark FROM due_orders WHERE target = ?1 AND contact = ?2 ORDER BY order_id",
                )?
                .query_map([target, contact], |row| {
                    Ok(DueOrder {
                        contact,
                        id: row.get(0)?,
                        mark: row.get(1)?,
                    })
                })?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, "reading what is due")
    }

    /// Since when the first of the contacts that are due waits.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn due_since(&self, target: i64) -> Result<Option<Timestamp>> {
        self.connection
            .query_row(
                "SELECT min(since) FROM due_contacts WHERE target = ?1 AND since > 0",
                [target],
                |row| row.get::<_, Option<i64>>(0),
            )
            .map(|mark| mark.and_then(|mark| Timestamp::from_microsecond(mark).ok()))
            .query(self, "reading what is due")
    }

    /// Whether any order of a contact is due in a target.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn has_due_orders(&self, target: i64, contact: i64) -> Result<bool> {
        self.connection
            .prepare_cached("SELECT EXISTS(SELECT 1 FROM due_orders WHERE target = ?1 AND contact = ?2)")
            .and_then(|mut statement| statement.query_row([target, contact], |row| row.get(0)))
            .query(self, "reading what is due")
    }

    /// How many contacts are due in a target.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn count_due(&self, target: i64) -> Result<u64> {
        self.connection
            .query_row(
                "SELECT count(*) FROM due_contacts WHERE target = ?1",
                [target],
                |row| row.get::<_, i64>(0),
            )
            .map(i64::unsigned_abs)
            .query(self, "counting what is due")
    }

    /// A contact is done in a target, its orders included or parked, unless it was told anew since.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn contact_done(&self, target: i64, due: DueContact) -> Result<()> {
        self.connection
            .prepare_cached("DELETE FROM due_contacts WHERE target = ?1 AND contact = ?2 AND mark = ?3")
            .and_then(|mut statement| statement.execute([target, due.id, due.mark]))
            .map(drop)
            .query(self, "noting what is done")
    }

    /// An order is done in a target, unless it was told anew since.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn order_done(&self, target: i64, due: DueOrder) -> Result<()> {
        self.connection
            .prepare_cached(
                "DELETE FROM due_orders WHERE target = ?1 AND contact = ?2 AND order_id = ?3 AND mark = ?4",
            )
            .and_then(|mut statement| statement.execute([target, due.contact, due.id, due.mark]))
            .map(drop)
            .query(self, "noting what is done")
    }

    /// A contact does not go to a target, nor do its orders.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn leave_out(&self, target: i64, due: DueContact) -> Result<()> {
        self.connection
            .execute(
                "DELETE FROM due_orders WHERE target = ?1 AND contact = ?2",
                [target, due.id],
            )
            .query(self, "noting what is done")?;
        self.contact_done(target, due)
    }
}
