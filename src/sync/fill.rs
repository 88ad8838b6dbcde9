//! Filling a new embedded contact database from a state that was just built.
//!
//! The same values by the same mapping as any other delivery; only, every action is known to be a
//! create, so nothing is looked up, and one side reads and maps while the other writes.

use std::collections::HashSet;
use std::path::Path;
use std::sync::mpsc;

use jiff::Timestamp;

use super::compose::Composer;
use super::draft::{ContactWish, OrderWish};
use super::fingerprint::fingerprint;
use super::parking::reason;
use super::report::Delivered;
use super::shop::ShopInRun;
use super::stop::Stop;
use super::target::{TargetInRun, TargetNumbers};
use crate::error::{Doing, Error, Kind, Result};
use crate::model::{ContactWrite, Marks, OrderWrite, Value};
use crate::plan::{Hashes, hash, hash_of_facts, hash_of_marks, seal};
use crate::source::{Progress, Section, Unit};
use crate::state::State;
use crate::state::contacts::ContactRow;
use crate::state::links::Linked;
use crate::state::parked::Parked;
use crate::state::scan::Everything;
use crate::state::whole_orders::WholeOrder;
use crate::target::Target;
use crate::target::sqlite::SqliteTarget;

/// Rows that travel together.
const BATCH: usize = 128;

/// The number that a new database gets from the delivery that fills it.
const FIRST_DELIVERY: i64 = 1;

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
    stop: &Stop,
) -> Result<Delivered> {
    let mut remote = SqliteTarget::new(path.to_owned(), target.layout.clone(), state.id()?);
    remote.begin_build()?;
    let handle = tokio::runtime::Handle::current();
    let identity = handle.block_on(remote.prepare())?;
    let numbers = target.numbers(state)?;
    state.begin_delivery(numbers.target, FIRST_DELIVERY)?;
    handle.block_on(remote.begin_delivery(FIRST_DELIVERY))?;
    let (sender, receiver) = mpsc::sync_channel::<Rows>(QUEUE);
    let delivered = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("writer".to_owned());
        let writer = thread.spawn_scoped(scope, move || {
            for rows in receiver {
                match rows {
                    Rows::Contacts(writes) => drop(handle.block_on(remote.write_contacts(&writes))?),
                    Rows::Orders(writes) => drop(handle.block_on(remote.write_orders(&writes))?),
                }
            }
            remote.finish_build()
        });
        let writer = writer.doing(Kind::Disk, || "starting a thread to write".to_owned())?;
        let now = Timestamp::now();
        let delivered = Delivered::default();
        let mut filler = Filler {
            state,
            composer,
            target,
            numbers,
            sender,
            delivered,
            absent: HashSet::new(),
            now,
            progress,
            stop,
        };
        let read = filler.contacts().and_then(|()| filler.orders());
        let delivered = std::mem::take(&mut filler.delivered);
        drop(filler);
        let ended = || {
            let cause = "the writer ended unexpectedly";
            Err(Error::new(Kind::Database, "filling the contact database", cause))
        };
        // The writer's failure is the cause of the reader's.
        writer
            .join()
            .unwrap_or_else(|_| ended())
            .and(read)
            .map(|()| delivered)
    })?;
    state.mark_target(
        numbers.target,
        &identity.id,
        &fingerprint(target, composer.shops()),
    )?;
    state.confirm_delivery(numbers.target)?;
    Ok(delivered)
}

struct Filler<'a> {
    state: &'a State,
    composer: &'a Composer<'a>,
    target: &'a TargetInRun,
    numbers: TargetNumbers,
    sender: mpsc::SyncSender<Rows>,
    delivered: Delivered,
    /// Contacts that were left out or parked: nothing of theirs is delivered.
    absent: HashSet<i64>,
    now: Timestamp,
    progress: &'a dyn Progress,
    stop: &'a Stop,
}

impl Filler<'_> {
    /// Hands rows to the writer, until the order to stop.
    fn send(&self, rows: Rows) -> Result<()> {
        self.stop.check()?;
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
        let mut writes = Vec::with_capacity(BATCH);
        self.state.each_contact(&mut |row, everything| {
            writes.extend(self.contact(&row, everything)?);
            if writes.len() == BATCH {
                self.send(Rows::Contacts(std::mem::replace(
                    &mut writes,
                    Vec::with_capacity(BATCH),
                )))?;
                self.progress
                    .report(&phase, self.delivered.created, Some(total), Unit::Records);
            }
            Ok(())
        })?;
        self.send(Rows::Contacts(writes))
    }

    fn contact(&mut self, row: &ContactRow, everything: Everything) -> Result<Option<ContactWrite>> {
        let parts = self
            .composer
            .parts_of(row, everything, &|shop| self.target.takes(shop))?;
        if parts.customers.is_empty() && parts.orders.is_empty() {
            return Ok(None);
        }
        let values = match self.target.contact_wish(self.composer, parts, false)? {
            ContactWish::Values(_, values) => values,
            ContactWish::LeftOut => {
                self.delivered.left_out += 1;
                self.absent.insert(row.id);
                return Ok(None);
            }
            ContactWish::Park(error) => {
                self.delivered.parked += 1;
                self.absent.insert(row.id);
                self.park("contact", "", &row.key, row.id, &error)?;
                return Ok(None);
            }
        };
        let marks = Marks {
            gone_at: row.gone_at,
            merged_into: None,
        };
        let hashes: Vec<u64> = values
            .iter()
            .map(|value| hash(&value.canonical()))
            .chain([hash_of_marks(&marks)])
            .collect();
        self.link(Linked::Contact(row.id), &row.key, self.numbers.contacts, &hashes)?;
        self.delivered.created += 1;
        let seal = seal(&row.key, &self.target.layout.contact, &Hashes(hashes));
        Ok(Some(ContactWrite {
            key: row.key.clone(),
            remote_id: None,
            set: present(values),
            marks: (marks != Marks::default()).then_some(marks),
            seal,
        }))
    }

    fn orders(&mut self) -> Result<()> {
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
        let mut writes = Vec::with_capacity(BATCH);
        let wide = !self.target.mapping.order_specs().is_empty();
        self.state.each_order(wide, &mut |stored, contact_key| {
            writes.extend(self.order(stored, contact_key)?);
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

    fn order(&mut self, stored: WholeOrder, record: String) -> Result<Option<OrderWrite>> {
        let contact = stored.contact;
        if self.absent.contains(&contact) {
            return Ok(None);
        }
        let draft = match self.target.order_wish(self.state, self.composer, stored)? {
            OrderWish::Draft(draft) => draft,
            OrderWish::LeftOut => return Ok(None),
            OrderWish::Park(unfit) => {
                self.delivered.orders_parked += 1;
                let (name, error) = (&unfit.name, &unfit.error);
                self.park("order-delivery", &name.shop, &name.key, contact, error)?;
                return Ok(None);
            }
        };
        let facts = hash_of_facts(&draft.facts, &record);
        let fields = Hashes(
            draft
                .values
                .iter()
                .map(|value| hash(&value.canonical()))
                .collect(),
        );
        let seal = seal(&draft.name.key, &self.target.layout.order, &fields);
        let mut hashes = fields.0;
        hashes.insert(0, facts);
        self.link(
            Linked::Order(draft.name.id),
            &draft.name.key,
            self.numbers.orders,
            &hashes,
        )?;
        self.delivered.orders_created += 1;
        Ok(Some(OrderWrite {
            key: draft.name.key,
            contact: record,
            remote_id: None,
            facts: Some(draft.facts),
            set: present(draft.values),
            seal,
        }))
    }

    fn link(&self, of: Linked, record: &str, layout: i64, hashes: &[u64]) -> Result<()> {
        self.state
            .add_link(self.numbers.target, of, record, layout, hashes, self.now)
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

/// The values that are there, with their places: absent is not empty.
fn present(values: Vec<Value>) -> Vec<(usize, Value)> {
    values
        .into_iter()
        .enumerate()
        .filter(|(_, value)| *value != Value::Empty)
        .collect()
}
