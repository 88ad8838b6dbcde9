//! The reading side: every contact and order of the state, and the ID map of what was written.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender};

use jiff::Timestamp;

use super::{Answers, BATCH_BYTES, ContactAnswer, ContactRow, OrderRow, Outcome, Rows, Written};
use crate::error::{Error, Result};
use crate::model::{Contact, Marks, OrderOf};
use crate::source::{Progress, Section, Unit};
use crate::state::State;
use crate::state::contacts::ContactRow as Stored;
use crate::state::parked::Parked;
use crate::state::scan::Everything;
use crate::state::whole_orders::WholeOrder;
use crate::sync::compose::Composer;
use crate::sync::draft::OrderWish;
use crate::sync::parking::reason;
use crate::sync::report::Delivered;
use crate::sync::shop::ShopInRun;
use crate::sync::stop::Stop;
use crate::sync::target::{TargetInRun, TargetNumbers};

pub(super) struct ReadingSide<'a> {
    pub(super) state: &'a State,
    pub(super) composer: &'a Composer<'a>,
    pub(super) target: &'a TargetInRun,
    pub(super) numbers: TargetNumbers,
    pub(super) rows: SyncSender<Rows>,
    pub(super) answers: Receiver<Answers>,
    pub(super) progress: &'a dyn Progress,
    pub(super) stop: &'a Stop,
    /// Rows that travel together.
    pub(super) batch: usize,
    pub(super) now: Timestamp,
    pub(super) delivered: Delivered,
    /// Batches that are not answered.
    pub(super) on_their_way: usize,
    /// Contacts that were left out or parked: nothing of theirs is delivered.
    pub(super) absent: HashSet<i64>,
}

/// Breaks when the writing side has ended, which says itself why.
type Flow = Result<ControlFlow<()>>;

impl ReadingSide<'_> {
    /// Reads everything, and notes all that was answered; `None` when the writing side has failed.
    pub(super) fn read(mut self) -> Result<Option<Delivered>> {
        // Whether an order goes there is known when its contact is answered.
        let steps = [Self::contacts, Self::note_all, Self::orders, Self::note_all];
        for step in steps {
            if step(&mut self)?.is_break() {
                return Ok(None);
            }
        }
        if self.rows.send(Rows::End).is_err() {
            return Ok(None);
        }
        // While the writer finishes its database.
        self.state.index_links()?;
        Ok(Some(self.delivered))
    }

    /// Hands rows to the writer, until the order to stop.
    fn send(&mut self, rows: Rows) -> Flow {
        self.stop.check()?;
        if self.rows.send(rows).is_err() {
            return Ok(ControlFlow::Break(()));
        }
        self.on_their_way += 1;
        while let Ok(answers) = self.answers.try_recv() {
            self.note(answers)?;
        }
        Ok(ControlFlow::Continue(()))
    }

    fn note_all(&mut self) -> Flow {
        while self.on_their_way > 0 {
            let Ok(answers) = self.answers.recv() else {
                return Ok(ControlFlow::Break(()));
            };
            self.note(answers)?;
        }
        Ok(ControlFlow::Continue(()))
    }

    fn note(&mut self, answers: Answers) -> Result<()> {
        self.on_their_way = self.on_their_way.saturating_sub(1);
        match answers {
            Answers::Contacts(answers) => answers
                .into_iter()
                .try_for_each(|answer| self.note_contact(answer)),
            Answers::Orders(written) => {
                for order in written {
                    self.link(&order, self.numbers.orders)?;
                    self.delivered.orders_created += 1;
                }
                Ok(())
            }
        }
    }

    fn note_contact(&mut self, answer: ContactAnswer) -> Result<()> {
        match answer.outcome {
            Outcome::Written(contact) => {
                self.link(&contact, self.numbers.contacts)?;
                self.delivered.created += 1;
            }
            Outcome::LeftOut => {
                self.delivered.left_out += 1;
                self.absent.insert(answer.id);
            }
            Outcome::Park { key, error } => {
                self.delivered.parked += 1;
                self.absent.insert(answer.id);
                self.park("contact", "", &key, answer.id, &error)?;
            }
        }
        Ok(())
    }

    fn contacts(&mut self) -> Flow {
        let total = self.state.count_contacts()?;
        let phase = format!("contacts to {}", self.target.settings.name);
        let mut batch = Batch::of(self.batch);
        let read = self.state.each_contact(&mut |stored, everything| {
            let row = self.contact(stored, everything)?;
            let Some(full) = row.and_then(|row| batch.add(size_of_contact(&row.contact), row)) else {
                return Ok(ControlFlow::Continue(()));
            };
            self.progress
                .report(&phase, self.delivered.created, Some(total), Unit::Records);
            self.send(Rows::Contacts(full))
        })?;
        match read {
            ControlFlow::Break(()) => Ok(read),
            ControlFlow::Continue(()) => self.send(Rows::Contacts(batch.rows)),
        }
    }

    fn contact(&self, stored: Stored, everything: Everything) -> Result<Option<ContactRow>> {
        let parts = self
            .composer
            .parts_of(&stored, everything, &|shop| self.target.takes(shop))?;
        if parts.customers.is_empty() && parts.orders.is_empty() {
            return Ok(None);
        }
        Ok(Some(ContactRow {
            id: stored.id,
            contact: self.composer.contact(parts, self.target.mapping.needs())?,
            key: stored.key,
            marks: Marks {
                gone_at: stored.gone_at,
                merged_into: None,
            },
        }))
    }

    fn orders(&mut self) -> Flow {
        let phase = format!("orders to {}", self.target.settings.name);
        // How many the shops sent; counting the rows would read all of them.
        let read = |shop: &ShopInRun| self.state.full_reading(shop.id, Section::Orders.as_str());
        let readings = self
            .composer
            .shops()
            .iter()
            .map(read)
            .collect::<Result<Vec<_>>>()?;
        let total: u64 = readings
            .into_iter()
            .flatten()
            .map(|reading| reading.records)
            .sum();
        let mut batch = Batch::of(self.batch);
        let wide = !self.target.mapping.order_specs().is_empty();
        let read = self.state.each_order(wide, &mut |stored, contact_key| {
            let row = self.order(stored, contact_key)?;
            let Some(full) = row.and_then(|row| batch.add(row.draft.facts.items.len(), row)) else {
                return Ok(ControlFlow::Continue(()));
            };
            self.progress
                .report(&phase, self.delivered.orders_created, Some(total), Unit::Records);
            self.send(Rows::Orders(full))
        })?;
        match read {
            ControlFlow::Break(()) => Ok(read),
            ControlFlow::Continue(()) => self.send(Rows::Orders(batch.rows)),
        }
    }

    fn order(&mut self, stored: WholeOrder, record: String) -> Result<Option<OrderRow>> {
        let contact = stored.contact;
        if self.absent.contains(&contact) {
            return Ok(None);
        }
        match self.target.order_wish(self.state, self.composer, stored)? {
            OrderWish::Draft(draft) => Ok(Some(OrderRow {
                contact: record,
                draft,
            })),
            OrderWish::LeftOut => Ok(None),
            OrderWish::Park(unfit) => {
                self.delivered.orders_parked += 1;
                let (name, error) = (&unfit.name, &unfit.error);
                self.park("order-delivery", &name.shop, &name.key, contact, error)?;
                Ok(None)
            }
        }
    }

    fn link(&self, written: &Written, layout: i64) -> Result<()> {
        let Written { of, record, hashes } = written;
        self.state
            .add_link(self.numbers.target, *of, record, layout, hashes, self.now)
    }

    fn park(&self, kind: &str, shop: &str, key: &str, contact: i64, why: &Error) -> Result<()> {
        self.state.park(&Parked {
            kind: kind.to_owned(),
            shop: shop.to_owned(),
            key: key.to_owned(),
            target: self.target.settings.name.clone(),
            contact: Some(contact),
            reason: reason(why),
            since: self.now,
            dismissed: false,
        })
    }
}

/// Rows that are gathered to travel together.
struct Batch<T> {
    rows: Vec<T>,
    bytes: usize,
    most: usize,
}

impl<T> Batch<T> {
    /// Of at most so many rows.
    fn of(most: usize) -> Self {
        Self {
            rows: Vec::with_capacity(most),
            bytes: 0,
            most,
        }
    }

    /// Adds a row of about so many bytes; answers with all of them when they are enough.
    fn add(&mut self, bytes: usize, row: T) -> Option<Vec<T>> {
        self.rows.push(row);
        self.bytes = self.bytes.saturating_add(bytes);
        let is_full = self.rows.len() >= self.most || self.bytes >= BATCH_BYTES;
        is_full.then(|| std::mem::replace(self, Self::of(self.most)).rows)
    }
}

/// About how much memory the orders of a contact take, in bytes: what there is no end of.
fn size_of_contact(contact: &Contact) -> usize {
    let order = |order: &OrderOf| std::mem::size_of::<OrderOf>() + order.order.items.as_json().len();
    contact.orders.iter().map(order).sum()
}
