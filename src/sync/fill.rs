//! Filling a new embedded contact database from a state that was just built.
//!
//! The same values through the same mapping as any other delivery; only, every action is known to
//! be a create, so nothing is looked up, and one side reads and maps while the other writes.

use std::path::Path;
use std::sync::mpsc;

use super::compose::Composer;
use super::report::Delivered;
use super::target::{TargetInRun, TargetNumbers};
use crate::error::{Error, Kind, Result};
use crate::mapping::Needs;
use crate::merge::key;
use crate::model::{Contact, ContactWrite, Marks, OrderOf, OrderWrite, Value};
use crate::plan::{Hashes, hash, hash_of_facts, hash_of_marks};
use crate::source::{Progress, Unit};
use crate::state::State;
use crate::state::links::{Link, Linked};
use crate::state::orders::WholeOrder;
use crate::state::parked::Parked;
use crate::target::Target;
use crate::target::sqlite::SqliteTarget;

/// Rows that travel together.
const BATCH: usize = 128;

/// Batches that may wait.
const QUEUE: usize = 4;

/// What the reading side hands to the writing side.
enum Rows {
    Contacts(Vec<ContactWrite>),
    Orders(Vec<OrderWrite>),
}

/// Fills the database at `path`, which must not exist, and notes in the state what was written.
///
/// # Errors
/// When either cannot be read or written; the caller throws both away.
pub fn fill(
    state: &State,
    composer: &Composer<'_>,
    target: &TargetInRun,
    path: &Path,
    progress: &dyn Progress,
) -> Result<Delivered> {
    let mut remote = SqliteTarget::build(path.to_owned())?;
    let handle = tokio::runtime::Handle::current();
    let identity = handle.block_on(remote.prepare(&target.layout))?;
    let numbers = target.numbers(state)?;
    let (sender, receiver) = mpsc::sync_channel::<Rows>(QUEUE);
    let delivered = std::thread::scope(|scope| {
        let writer = scope.spawn(move || {
            for rows in receiver {
                match rows {
                    Rows::Contacts(writes) => drop(handle.block_on(remote.write_contacts(&writes))?),
                    Rows::Orders(writes) => drop(handle.block_on(remote.write_orders(&writes))?),
                }
            }
            remote.finish_build()
        });
        let mut filler = Filler {
            state,
            composer,
            target,
            numbers,
            sender,
            delivered: Delivered::default(),
            progress,
        };
        let read = filler.contacts().and_then(|()| filler.orders());
        let delivered = std::mem::take(&mut filler.delivered);
        drop(filler);
        let ended = || {
            Err(Error::new(
                Kind::Database,
                "filling the contact database",
                "the writer ended unexpectedly",
            ))
        };
        // The writer's failure is the cause of the reader's.
        writer
            .join()
            .unwrap_or_else(|_| ended())
            .and(read)
            .map(|()| delivered)
    })?;
    state.mark_target(numbers.target, &identity.id, target.mapping.fingerprint())?;
    Ok(delivered)
}

struct Filler<'a> {
    state: &'a State,
    composer: &'a Composer<'a>,
    target: &'a TargetInRun,
    numbers: TargetNumbers,
    sender: mpsc::SyncSender<Rows>,
    delivered: Delivered,
    progress: &'a dyn Progress,
}

impl Filler<'_> {
    fn send(&self, rows: Rows) -> Result<()> {
        let gone = |_| {
            Error::new(
                Kind::Interrupted,
                "filling the contact database",
                "the writer has ended",
            )
        };
        self.sender.send(rows).map_err(gone)
    }

    fn contacts(&mut self) -> Result<()> {
        let total = self.state.count_contacts()?;
        let phase = format!("contacts to {}", self.target.settings.name);
        let mut after = 0;
        loop {
            let rows = self.state.contacts_after(after, BATCH)?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.id;
            let mut writes = Vec::with_capacity(rows.len());
            for row in rows.iter().filter(|row| row.merged_into.is_none()) {
                writes.extend(self.contact(row)?);
            }
            self.send(Rows::Contacts(writes))?;
            self.progress
                .report(&phase, self.delivered.created, Some(total), Unit::Records);
        }
    }

    fn contact(&mut self, row: &crate::state::contacts::ContactRow) -> Result<Option<ContactWrite>> {
        let parts = self.composer.parts(row, &|shop| self.target.takes(shop))?;
        if parts.customers.is_empty() && parts.orders.is_empty() {
            return Ok(None);
        }
        let contact = self.composer.contact(&parts, self.target.mapping.needs())?;
        let mapped = self.target.mapping.wants(&contact).and_then(|wanted| {
            if wanted {
                self.target.mapping.contact_values(&contact).map(Some)
            } else {
                Ok(None)
            }
        });
        let values = match mapped {
            Ok(Some(values)) => values,
            Ok(None) => {
                self.delivered.left_out += 1;
                return Ok(None);
            }
            Err(error) if error.kind() == Kind::BadRecord => {
                self.delivered.parked += 1;
                self.park("contact", String::new(), row.key.clone(), row.id, &error)?;
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let marks = Marks {
            gone_at: contact.gone_at,
            merged_into: None,
        };
        let hashes = values
            .iter()
            .map(|value| hash(&value.canonical()))
            .chain([hash_of_marks(&marks)]);
        self.link(
            Linked::Contact(row.id),
            &row.key,
            self.numbers.contacts,
            hashes.collect(),
        )?;
        self.delivered.created += 1;
        Ok(Some(ContactWrite {
            key: row.key.clone(),
            remote_id: None,
            set: present(values),
            marks: (marks != Marks::default()).then_some(marks),
        }))
    }

    fn orders(&mut self) -> Result<()> {
        let needs = self.target.mapping.order_needs();
        let phase = format!("orders to {}", self.target.settings.name);
        let total = self
            .composer
            .shops()
            .iter()
            .map(|shop| self.state.count_orders(shop.id))
            .sum::<Result<u64>>()?;
        let mut writes = Vec::with_capacity(BATCH);
        self.state.each_order(&mut |stored| {
            writes.extend(self.order(stored, needs)?);
            if writes.len() == BATCH {
                self.send(Rows::Orders(std::mem::replace(
                    &mut writes,
                    Vec::with_capacity(BATCH),
                )))?;
                self.progress
                    .report(&phase, self.delivered.orders_created, Some(total), Unit::Records);
            }
            Ok(())
        })?;
        self.send(Rows::Orders(writes))
    }

    fn order(&mut self, stored: WholeOrder, needs: Needs) -> Result<Option<OrderWrite>> {
        let Some(shop) = self
            .composer
            .shop(stored.shop)
            .filter(|shop| self.target.takes(shop))
        else {
            return Ok(None);
        };
        let Some(contact_key) = self.state.key_of_delivered(self.numbers.target, stored.contact)? else {
            return Ok(None);
        };
        let status = self.composer.status(stored.status);
        let (id, contact, order_key) = (
            stored.id,
            stored.contact,
            key::order(&shop.settings.name, &stored.order.code),
        );
        let Some(stage) = self
            .target
            .stage(&shop.settings.name, &status, stored.gone_at.is_some())
        else {
            let reason = super::push::unmapped(&self.target.settings.name, &status);
            self.delivered.orders_parked += 1;
            self.park(
                "order-delivery",
                shop.settings.name.clone(),
                order_key,
                contact,
                &reason,
            )?;
            return Ok(None);
        };
        let facts = self.target.facts(self.composer, &stored);
        let mut values = vec![stage];
        if !self.target.mapping.order_specs().is_empty() {
            let row = self.state.contact(contact)?;
            let of_contact = match row {
                Some(row) => {
                    let parts = self.composer.parts(&row, &|shop| self.target.takes(shop))?;
                    self.composer.contact(&parts, needs)?
                }
                None => Contact::default(),
            };
            let order = OrderOf {
                shop: shop.home.facts.clone(),
                order: self.composer.whole(stored)?,
            };
            match self.target.mapping.order_values(&of_contact, &order) {
                Ok(more) => values.extend(more),
                Err(error) if error.kind() == Kind::BadRecord => {
                    self.delivered.orders_parked += 1;
                    self.park(
                        "order-delivery",
                        shop.settings.name.clone(),
                        order_key,
                        contact,
                        &error,
                    )?;
                    return Ok(None);
                }
                Err(error) => return Err(error),
            }
        }
        let hashes = [hash_of_facts(&facts, &contact_key)]
            .into_iter()
            .chain(values.iter().map(|value| hash(&value.canonical())));
        self.link(
            Linked::Order(id),
            &order_key,
            self.numbers.orders,
            hashes.collect(),
        )?;
        self.delivered.orders_created += 1;
        Ok(Some(OrderWrite {
            key: order_key,
            contact: contact_key,
            remote_id: None,
            facts: Some(facts),
            set: present(values),
        }))
    }

    fn link(&self, of: Linked, remote_id: &str, layout: i64, hashes: Vec<u64>) -> Result<()> {
        let link = Link {
            remote_id: Some(remote_id.to_owned()),
            layout,
            written: Hashes(hashes).0,
            intended: None,
        };
        self.state
            .set_link(self.numbers.target, of, &link, jiff::Timestamp::now())
    }

    fn park(&self, kind: &str, shop: String, key: String, contact: i64, why: &Error) -> Result<()> {
        self.state.park(&Parked {
            kind: kind.to_owned(),
            shop,
            key,
            target: self.target.settings.name.clone(),
            contact: Some(contact),
            reason: why.cause().to_owned(),
            since: jiff::Timestamp::now(),
            dismissed: false,
        })
    }
}

/// The values that are there, with their places: absent is not empty.
fn present(values: Vec<Value>) -> Vec<(usize, Value)> {
    values
        .into_iter()
        .enumerate()
        .filter(|(_, value)| *value != Value::Empty)
        .collect()
}
