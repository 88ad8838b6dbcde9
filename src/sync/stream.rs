//! One thread finds records, some prepare them, and the caller's takes them, in order; short queues
//! between them.

use std::sync::mpsc::{Receiver, SendError, SyncSender, sync_channel};

use crate::error::{Doing, Error, Kind, Result};

/// Records that travel together; enough of them that the queues cost nothing.
const BATCH: usize = 128;

/// Bytes that travel together, about: a few large records are a batch too.
const BATCH_BYTES: usize = 1 << 20;

/// Batches that may wait in each queue; with them memory stays bounded whichever side is slower.
const QUEUE: usize = 2;

/// How many prepare: to read a record costs about twice as much as to find it and to store it.
const PREPARERS: usize = 2;

/// Runs `produce` on a thread of its own, `prepare` on some others, and hands what comes of it to `consume`
/// on this one, in order. With each record `produce` says about how many bytes it takes; `prepare` may
/// leave one out.
///
/// # Errors
/// The failure nearest to the consumer, since the others only end because of it.
pub fn through<T: Send, U: Send, S: Send>(
    produce: impl FnOnce(&mut dyn FnMut(T, usize) -> Result<()>) -> Result<S> + Send,
    prepare: impl Fn(T) -> Result<Option<U>> + Sync,
    mut consume: impl FnMut(Vec<U>) -> Result<()>,
) -> Result<S> {
    let (found, to_prepare): (Vec<_>, Vec<_>) = (0..PREPARERS).map(|_| sync_channel(QUEUE)).unzip();
    let (prepared, to_consume): (Vec<_>, Vec<_>) = (0..PREPARERS).map(|_| sync_channel(QUEUE)).unzip();
    std::thread::scope(|scope| {
        let producer = spawn(scope, "reader", move || {
            let mut deal = Deal::to(found);
            let done = produce(&mut |record, bytes| deal.add(record, bytes))?;
            deal.end()?;
            Ok(done)
        })?;
        let prepare = &prepare;
        let preparers = to_prepare
            .into_iter()
            .zip(prepared)
            .map(|(raw, done)| spawn(scope, "preparer", move || prepare_each(&raw, prepare, &done)))
            .collect::<Result<Vec<_>>>()?;
        // They are dealt out in turns, so taking them in turns keeps their order; the first queue that has
        // ended ends it.
        let consumed = to_consume
            .iter()
            .cycle()
            .map_while(|queue| queue.recv().ok())
            .try_for_each(&mut consume);
        drop(to_consume);
        let prepared = preparers
            .into_iter()
            .map(|preparer| preparer.join().unwrap_or_else(|_| Err(ended_unexpectedly())))
            .fold(Ok(()), |all: Result<()>, one| match (&all, &one) {
                // Whom nobody hears ends because of another's failure.
                (Err(known), Err(_)) if known.kind() == Kind::Interrupted => one,
                _ => all.and(one),
            });
        let produced = producer.join().unwrap_or_else(|_| Err(ended_unexpectedly()));
        consumed.and(prepared).and(produced)
    })
}

/// Deals batches out to the preparers, in turns.
struct Deal<T> {
    queues: Vec<SyncSender<Vec<T>>>,
    turn: usize,
    batch: Vec<T>,
    bytes: usize,
}

impl<T> Deal<T> {
    fn to(queues: Vec<SyncSender<Vec<T>>>) -> Self {
        Self {
            queues,
            turn: 0,
            batch: Vec::with_capacity(BATCH),
            bytes: 0,
        }
    }

    fn add(&mut self, record: T, bytes: usize) -> Result<()> {
        self.batch.push(record);
        self.bytes = self.bytes.saturating_add(bytes);
        if self.batch.len() >= BATCH || self.bytes >= BATCH_BYTES {
            let full = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
            self.send(full)?;
        }
        Ok(())
    }

    fn send(&mut self, batch: Vec<T>) -> Result<()> {
        if let Some(queue) = self.queues.get(self.turn) {
            queue.send(batch).map_err(nobody_takes_them)?;
        }
        self.turn = (self.turn + 1) % self.queues.len().max(1);
        self.bytes = 0;
        Ok(())
    }

    fn end(mut self) -> Result<()> {
        let rest = std::mem::take(&mut self.batch);
        self.send(rest)
    }
}

fn prepare_each<T, U>(
    raw: &Receiver<Vec<T>>,
    prepare: &impl Fn(T) -> Result<Option<U>>,
    done: &SyncSender<Vec<U>>,
) -> Result<()> {
    raw.iter().try_for_each(|batch| {
        let prepared = batch.into_iter().map(prepare).filter_map(Result::transpose);
        let prepared = prepared.collect::<Result<Vec<U>>>()?;
        done.send(prepared).map_err(nobody_takes_them)
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

fn nobody_takes_them<T>(_: SendError<T>) -> Error {
    Error::new(Kind::Interrupted, "reading records", "nobody takes them any more")
}

fn ended_unexpectedly() -> Error {
    Error::new(Kind::Damaged, "reading records", "a thread ended unexpectedly")
}

#[cfg(test)]
mod tests {
    use super::*;

    type Each<'a, T> = &'a mut dyn FnMut(T, usize) -> Result<()>;

    #[test]
    fn everything_arrives_in_order_but_what_is_left_out() {
        for size in [1, BATCH_BYTES / 3, 2 * BATCH_BYTES] {
            for count in [0, 1, 127, 128, 129, 1000, 1024, 1025] {
                let mut seen = Vec::new();
                let produce = |each: Each<'_, u32>| {
                    (0..count)
                        .try_for_each(|number| each(number, size))
                        .map(|()| "done")
                };
                let prepare = |number| Ok((number % 3 != 0).then_some(number));
                let done = through(produce, prepare, |batch| {
                    seen.extend(batch);
                    Ok(())
                });
                let expected: Vec<u32> = (0..count).filter(|number| number % 3 != 0).collect();
                assert_eq!((done.unwrap(), seen), ("done", expected), "{count} of {size}");
            }
        }
    }

    #[test]
    fn a_failure_is_told_by_whoever_failed() {
        let produce = |each: Each<'_, u32>| (0..1_000_000).try_for_each(|number| each(number, 1));
        let no_room = || Error::new(Kind::Disk, "writing", "no room");
        let failed = through(produce, |number| Ok(Some(number)), |_| Err(no_room()));
        assert_eq!(failed.unwrap_err().kind(), Kind::Disk);

        let prepare = |number| {
            if number == 700 {
                Err(no_room())
            } else {
                Ok(Some(number))
            }
        };
        let mut seen = 0;
        let failed = through(produce, prepare, |batch| {
            seen += batch.len();
            Ok(())
        });
        assert_eq!((failed.unwrap_err().kind(), seen), (Kind::Disk, 640));

        let produce = |each: Each<'_, u32>| {
            (0..300).try_for_each(|number| each(number, 1))?;
            Err::<(), _>(no_room())
        };
        let failed = through(produce, |number| Ok(Some(number)), |_| Ok(()));
        assert_eq!(failed.unwrap_err().kind(), Kind::Disk);
    }
}
