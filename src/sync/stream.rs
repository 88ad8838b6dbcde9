//! Two threads and a short queue: one reads and prepares, the other writes.

use std::sync::mpsc;

use crate::error::{Error, Kind, Result};

/// Records that travel together; large enough that the queue costs nothing.
const BATCH: usize = 128;

/// Batches that may wait; with them memory stays bounded whichever side is slower.
const QUEUE: usize = 4;

/// Runs `produce` on a thread of its own and hands what it yields to `consume`, in order.
///
/// # Errors
/// The consumer's failure first, since the producer only ends because of it; else the producer's.
pub fn through<T: Send, S: Send>(
    produce: impl FnOnce(&mut dyn FnMut(T) -> Result<()>) -> Result<S> + Send,
    mut consume: impl FnMut(Vec<T>) -> Result<()>,
) -> Result<S> {
    let (sender, receiver) = mpsc::sync_channel::<Vec<T>>(QUEUE);
    std::thread::scope(|scope| {
        let producer = scope.spawn(move || {
            let mut batch = Vec::with_capacity(BATCH);
            let gone = |_| Error::new(Kind::Interrupted, "reading records", "nobody takes them any more");
            let done = produce(&mut |record| {
                batch.push(record);
                if batch.len() == BATCH {
                    sender
                        .send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH)))
                        .map_err(gone)?;
                }
                Ok(())
            })?;
            if !batch.is_empty() {
                sender.send(batch).map_err(gone)?;
            }
            Ok(done)
        });
        let consumed = receiver.iter().try_for_each(&mut consume);
        drop(receiver);
        let produced = producer.join().unwrap_or_else(|_| {
            Err(Error::new(
                Kind::Damaged,
                "reading records",
                "the reader ended unexpectedly",
            ))
        });
        consumed.and(produced)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_arrives_in_order() {
        let mut seen = Vec::new();
        let produce = |each: &mut dyn FnMut(u32) -> Result<()>| (0..1000).try_for_each(each).map(|()| "done");
        let done = through(produce, |batch| {
            seen.extend(batch);
            Ok(())
        });
        assert_eq!((done.unwrap(), seen), ("done", (0..1000).collect::<Vec<u32>>()));
    }

    #[test]
    fn the_consumers_failure_is_the_one_told() {
        let produce = |each: &mut dyn FnMut(u32) -> Result<()>| (0..1_000_000).try_for_each(each);
        let failed = through(produce, |_| Err(Error::new(Kind::Disk, "writing", "no room")));
        assert_eq!(failed.unwrap_err().kind(), Kind::Disk);
    }
}
