//! Three threads and two short queues: one reads, one prepares, the caller's writes.

use std::sync::mpsc;

use crate::error::{Doing, Error, Kind, Result};

/// Records that travel together; large enough that the queue costs nothing.
const BATCH: usize = 128;

/// Batches that may wait; with them memory stays bounded whichever side is slower.
const QUEUE: usize = 4;

/// Runs `produce` on a thread of its own, `prepare` on another, and hands what comes of it to
/// `consume` on this one, in order.
///
/// # Errors
/// The failure nearest to the consumer, since the others only end because of it.
pub fn through<T: Send, U: Send, S: Send>(
    produce: impl FnOnce(&mut dyn FnMut(T) -> Result<()>) -> Result<S> + Send,
    prepare: impl Fn(T) -> Result<U> + Send,
    mut consume: impl FnMut(Vec<U>) -> Result<()>,
) -> Result<S> {
    let (raw_sender, raw_receiver) = mpsc::sync_channel::<Vec<T>>(QUEUE);
    let (sender, receiver) = mpsc::sync_channel::<Vec<U>>(QUEUE);
    std::thread::scope(|scope| {
        let producer = spawn(scope, "reader", move || {
            let mut batch = Vec::with_capacity(BATCH);
            let done = produce(&mut |record| {
                batch.push(record);
                if batch.len() == BATCH {
                    let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
                    raw_sender.send(full).map_err(nobody_takes_them)?;
                }
                Ok(())
            })?;
            raw_sender.send(batch).map_err(nobody_takes_them)?;
            Ok(done)
        })?;
        let preparer = spawn(scope, "preparer", move || {
            raw_receiver.iter().try_for_each(|batch| {
                let prepared = batch.into_iter().map(&prepare).collect::<Result<Vec<U>>>()?;
                sender.send(prepared).map_err(nobody_takes_them)
            })
        })?;
        let consumed = receiver.iter().try_for_each(&mut consume);
        drop(receiver);
        let prepared = preparer.join().unwrap_or_else(|_| Err(ended_unexpectedly()));
        let produced = producer.join().unwrap_or_else(|_| Err(ended_unexpectedly()));
        consumed.and(prepared).and(produced)
    })
}

fn spawn<'scope, T: Send + 'scope>(
    scope: &'scope std::thread::Scope<'scope, '_>,
    name: &str,
    work: impl FnOnce() -> Result<T> + Send + 'scope,
) -> Result<std::thread::ScopedJoinHandle<'scope, Result<T>>> {
    let builder = std::thread::Builder::new().name(name.to_owned());
    builder
        .spawn_scoped(scope, work)
        .doing(Kind::Disk, || format!("starting the {name}"))
}

fn nobody_takes_them<T>(_: mpsc::SendError<T>) -> Error {
    Error::new(Kind::Interrupted, "reading records", "nobody takes them any more")
}

fn ended_unexpectedly() -> Error {
    Error::new(Kind::Damaged, "reading records", "a thread ended unexpectedly")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_arrives_in_order() {
        let mut seen = Vec::new();
        let produce = |each: &mut dyn FnMut(u32) -> Result<()>| (0..1000).try_for_each(each).map(|()| "done");
        let done = through(produce, Ok, |batch| {
            seen.extend(batch);
            Ok(())
        });
        assert_eq!((done.unwrap(), seen), ("done", (0..1000).collect::<Vec<u32>>()));
    }

    #[test]
    fn the_consumers_failure_is_the_one_told() {
        let produce = |each: &mut dyn FnMut(u32) -> Result<()>| (0..1_000_000).try_for_each(each);
        let failed = through(produce, Ok, |_: Vec<u32>| {
            Err(Error::new(Kind::Disk, "writing", "no room"))
        });
        assert_eq!(failed.unwrap_err().kind(), Kind::Disk);
    }
}
