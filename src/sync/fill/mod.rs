//! Filling a new contact database from a state that was just built.
//!
//! The same values by the same mapping as any other delivery; only, every action is known to be a
//! create, so nothing is looked up. One side reads the state, the other maps and writes; what was
//! written goes back, because the ID map is the state's.
//!
//! State and databases are made beside their final places and appear together. What is made of each:
//!
//! | | embedded | PostgreSQL |
//! |---|---|---|
//! | filled | a file that ends in `.new`, in one transaction without a journal | tables that end in `_new_` and the beginning of the state's id, in batches that are committed one by one; a batch whose answer is lost is written once more, by key |
//! | new | there is no such file | the schema has none of our tables, and the server answers; else it is left to the ordinary delivery |
//! | complete | indexes made, synced to the disk | indexes and the rule between the tables made |
//! | seen | the file is renamed | the tables are renamed, in one transaction |
//!
//! The order of the end: the state is complete on the disk; what is elsewhere is seen; the files are renamed; the
//! state is renamed. A process that dies before anything is seen leaves what the next start throws away: files by
//! their names, tables by the state's id, which was noted before the first of them was made. One that dies later
//! leaves a state that knows a database which is in its place by its id: then the rest is made up for. So no row is
//! ever seen that no state knows of, and nothing comes twice.

mod reading;
mod writing;

use std::collections::HashSet;
use std::sync::mpsc;

use jiff::Timestamp;

use super::compose::Composer;
use super::draft::OrderDraft;
use super::fingerprint::fingerprint;
use super::report::Delivered;
use super::stop::Stop;
use super::target::TargetInRun;
use crate::error::{Doing, Error, Kind, Result};
use crate::model::{Contact, Marks};
use crate::source::Progress;
use crate::state::State;
use crate::state::links::Linked;
use crate::target::Target;

use reading::ReadingSide;
use writing::WritingSide;

/// Bytes that travel together, about: a few contacts with many orders are a batch too.
const BATCH_BYTES: usize = 1 << 20;

/// The number that a new database gets from the delivery that fills it.
const FIRST_DELIVERY: i64 = 1;

/// Batches that may wait.
const QUEUE: usize = 2;

/// What the reading side hands to the writing side.
enum Rows {
    Contacts(Vec<ContactRow>),
    Orders(Vec<OrderRow>),
    /// There are no more. Without it the reading side has failed, and nothing is finished.
    End,
}

struct ContactRow {
    id: i64,
    key: String,
    marks: Marks,
    contact: Contact,
}

struct OrderRow {
    /// The contact's record.
    contact: String,
    draft: OrderDraft,
}

/// What the writing side answers for each row, in their order.
enum Answers {
    Contacts(Vec<ContactAnswer>),
    /// Whether one goes there is decided by the reading side.
    Orders(Vec<Written>),
}

struct ContactAnswer {
    id: i64,
    outcome: Outcome,
}

enum Outcome {
    Written(Written),
    /// It does not go there.
    LeftOut,
    /// It cannot be mapped.
    Park {
        key: String,
        error: Error,
    },
}

/// What the ID map has to hold.
struct Written {
    of: Linked,
    /// The key, which is the record's name in a database.
    record: String,
    hashes: Vec<u64>,
}

/// Fills a target that has begun to be built, and notes in the state what was written. Nobody sees it yet.
///
/// # Errors
/// When either cannot be read or written; the caller throws both away.
pub fn fill(
    state: &State,
    composer: &Composer<'_>,
    target: &TargetInRun,
    remote: &mut dyn Target,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<Delivered> {
    let handle = tokio::runtime::Handle::current();
    let identity = handle.block_on(remote.prepare())?;
    let numbers = target.numbers(state)?;
    state.begin_delivery(numbers.target, FIRST_DELIVERY)?;
    handle.block_on(remote.begin_delivery(FIRST_DELIVERY))?;
    let (rows, to_write) = mpsc::sync_channel::<Rows>(QUEUE);
    // Never longer than the rows that are on their way: each time some are sent it is emptied.
    let (answers, answered) = mpsc::channel::<Answers>();
    let batch = remote.rows_of_a_build();
    let delivered = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("writer".to_owned());
        let writer = thread.spawn_scoped(scope, move || {
            WritingSide {
                target,
                remote,
                handle,
                answers,
            }
            .write(to_write)
        });
        let writer = writer.doing(Kind::Disk, || "starting a thread to write".to_owned())?;
        let reading = ReadingSide {
            state,
            composer,
            target,
            numbers,
            rows,
            answers: answered,
            progress,
            stop,
            batch,
            now: Timestamp::now(),
            delivered: Delivered::default(),
            on_their_way: 0,
            absent: HashSet::new(),
        };
        let read = reading.read();
        let ended = || {
            let cause = "the writer ended unexpectedly";
            Error::new(Kind::Database, "filling the contact database", cause)
        };
        let written = writer.join().unwrap_or_else(|_| Err(ended()));
        // Each ends when the other has failed, and leaves it to that one to say why.
        match read? {
            Some(delivered) => written.map(|()| delivered),
            None => Err(written.err().unwrap_or_else(ended)),
        }
    })?;
    state.mark_target(
        numbers.target,
        &identity.id,
        &fingerprint(target, composer.shops()),
    )?;
    state.confirm_delivery(numbers.target)?;
    Ok(delivered)
}
