//! All contacts with what belongs to them, in one pass: for whoever needs everybody.
//!
//! Three scans run side by side in the order of the contacts' numbers; asking for each contact's
//! customers and orders one by one takes several times as long.

use std::ops::ControlFlow;

use rusqlite::{Row, Rows};

use super::contacts::ContactRow;
use super::customers::CustomerOf;
use super::narrow_orders::{self, NarrowOrder};
use super::{Query, State, contacts, customers};
use crate::error::Result;

const DOING: &str = "reading all contacts";

/// Rows of one scan, the next one already read.
struct Scan<'a, T> {
    state: &'a State,
    rows: Rows<'a>,
    read: fn(&Row<'_>) -> rusqlite::Result<(i64, T)>,
    next: Option<(i64, T)>,
}

impl<'a, T> Scan<'a, T> {
    fn begin(
        state: &'a State,
        rows: Rows<'a>,
        read: fn(&Row<'_>) -> rusqlite::Result<(i64, T)>,
    ) -> Result<Self> {
        let mut scan = Self {
            state,
            rows,
            read,
            next: None,
        };
        scan.advance()?;
        Ok(scan)
    }

    fn advance(&mut self) -> Result<Option<(i64, T)>> {
        let following = self
            .rows
            .next()
            .and_then(|row| row.map(self.read).transpose())
            .query(self.state, DOING)?;
        Ok(std::mem::replace(&mut self.next, following))
    }

    /// All rows of this contact; those of earlier ones, which nobody asked for, are passed over.
    fn of(&mut self, contact: i64, into: &mut Vec<T>) -> Result<()> {
        while self.next.as_ref().is_some_and(|(number, _)| *number <= contact) {
            if let Some((number, found)) = self.advance()?
                && number == contact
            {
                into.push(found);
            }
        }
        Ok(())
    }
}

/// A contact with its customers, and its orders that are not deleted, newest first.
#[derive(Debug, Default)]
pub struct Everything {
    /// Customers, those deleted included.
    pub customers: Vec<CustomerOf>,
    /// Orders.
    pub orders: Vec<NarrowOrder>,
}

impl State {
    /// Hands every contact that was not merged away to `each`, in the order of their numbers, until it needs
    /// no more.
    ///
    /// # Errors
    /// When the state cannot be read, or what `each` answers with.
    pub fn each_contact(
        &self,
        each: &mut dyn FnMut(ContactRow, Everything) -> Result<ControlFlow<()>>,
    ) -> Result<ControlFlow<()>> {
        let prepare = |sql: &str| self.connection.prepare(sql).query(self, DOING);
        let mut contacts = prepare(&contacts::scan())?;
        let mut customers = prepare(customers::SCAN)?;
        let mut orders = prepare(&narrow_orders::scan())?;
        let mut contacts = Scan::begin(self, contacts.query([]).query(self, DOING)?, contacts::scanned)?;
        let mut customers = Scan::begin(self, customers.query([]).query(self, DOING)?, customers::scanned)?;
        let mut orders = Scan::begin(self, orders.query([]).query(self, DOING)?, narrow_orders::scanned)?;
        while let Some((number, contact)) = contacts.advance()? {
            let mut everything = Everything::default();
            customers.of(number, &mut everything.customers)?;
            orders.of(number, &mut everything.orders)?;
            // The index runs from the oldest.
            everything.orders.reverse();
            if each(contact, everything)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}
