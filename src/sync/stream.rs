//! One thread finds records, some prepare them, and whoever asks takes them, in order; short queues
//! between them.
//!
//! They are taken batch by batch, so that others have their turn in between.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SendError, SyncSender, sync_channel};
use std::thread::JoinHandle;

use tokio::sync::mpsc;

use crate::error::{Doing, Error, Kind, Result};

/// Records that travel together; enough of them that the queues cost nothing.
const BATCH: usize = 128;

/// Bytes that travel together, about: a few large records are a batch too.
const BATCH_BYTES: usize = 1 << 20;

/// Batches that may wait in each queue; with them memory stays bounded whichever side is slower.
const QUEUE: usize = 2;

/// How many prepare: to read a record costs about twice as much as to find it and to store it.
const PREPARERS: usize = 2;

/// Who is handed each record, and about how many bytes it takes.
pub type Each<'a, T> = &'a mut dyn FnMut(T, usize) -> Result<()>;

/// Records on their way. Whoever drops it before its end needs no more of them.
pub struct Stream<U, S> {
    queues: Vec<mpsc::Receiver<Vec<U>>>,
    turn: usize,
    preparers: Vec<JoinHandle<Result<()>>>,
    producer: JoinHandle<Result<S>>,
}

impl<U: Send + 'static, S: Send + 'static> Stream<U, S> {
    /// Runs `produce` on a thread of its own and `prepare` on some others, which may leave a record out.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn begin<T: Send + 'static>(
        produce: impl FnOnce(Each<'_, T>) -> Result<S> + Send + 'static,
        prepare: impl Fn(T) -> Result<Option<U>> + Send + Sync + 'static,
    ) -> Result<Self> {
        let (found, to_prepare): (Vec<_>, Vec<_>) = (0..PREPARERS).map(|_| sync_channel(QUEUE)).unzip();
        let (prepared, queues): (Vec<_>, Vec<_>) = (0..PREPARERS).map(|_| mpsc::channel(QUEUE)).unzip();
        let prepare = Arc::new(prepare);
        let preparers = to_prepare
            .into_iter()
            .zip(prepared)
            .map(|(raw, done)| {
                let prepare = Arc::clone(&prepare);
                spawn("preparer", move || prepare_each(&raw, &*prepare, &done))
            })
            .collect::<Result<_>>()?;
        let producer = spawn("reader", move || {
            let mut deal = Deal::to(found);
            let done = produce(&mut |record, bytes| deal.add(record, bytes))?;
            deal.end()?;
            Ok(done)
        })?;
        Ok(Self {
            queues,
            turn: 0,
            preparers,
            producer,
        })
    }

    /// The next batch, in order; `None` after the last one, or where one of the threads has failed.
    pub async fn next(&mut self) -> Option<Vec<U>> {
        // They are dealt out in turns, so taking them in turns keeps their order; the first queue that has
        // ended ends it.
        let batch = self.queues.get_mut(self.turn)?.recv().await?;
        self.turn = (self.turn + 1) % PREPARERS;
        Some(batch)
    }

    /// As [`Stream::next`], for whoever may hold the thread up.
    pub fn next_blocking(&mut self) -> Option<Vec<U>> {
        let batch = self.queues.get_mut(self.turn)?.blocking_recv()?;
        self.turn = (self.turn + 1) % PREPARERS;
        Some(batch)
    }

    /// What `produce` answered, once nothing is left to be taken.
    ///
    /// # Errors
    /// What `prepare` or `produce` failed with.
    pub fn end(self) -> Result<S> {
        drop(self.queues);
        let prepared = self.preparers.into_iter().map(joined).fold(Ok(()), Result::and);
        // Where a preparer has failed, the producer ends only because of it.
        let produced = joined(self.producer);
        prepared.and(produced)
    }
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
        self.turn = (self.turn + 1) % PREPARERS;
        self.bytes = 0;
        Ok(())
    }

    fn end(mut self) -> Result<()> {
        let rest = std::mem::take(&mut self.batch);
        self.send(rest)
    }
}

/// What nobody takes any more needs no preparing: whoever has stopped taking knows why.
fn prepare_each<T, U>(
    raw: &Receiver<Vec<T>>,
    prepare: &impl Fn(T) -> Result<Option<U>>,
    done: &mpsc::Sender<Vec<U>>,
) -> Result<()> {
    for batch in raw {
        let prepared = batch.into_iter().map(prepare).filter_map(Result::transpose);
        if done.blocking_send(prepared.collect::<Result<Vec<U>>>()?).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<JoinHandle<Result<T>>> {
    let builder = std::thread::Builder::new().name(name.to_owned());
    builder
        .spawn(work)
        .doing(Kind::Disk, || format!("starting the {name}"))
}

fn joined<T>(thread: JoinHandle<Result<T>>) -> Result<T> {
    thread.join().unwrap_or_else(|_| {
        Err(Error::new(
            Kind::Damaged,
            "reading records",
            "a thread ended unexpectedly",
        ))
    })
}

fn nobody_takes_them<T>(_: SendError<T>) -> Error {
    Error::new(Kind::Interrupted, "reading records", "nobody takes them any more")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken<U: Send + 'static, S: Send + 'static>(mut stream: Stream<U, S>) -> (Vec<U>, Result<S>) {
        let mut all = Vec::new();
        while let Some(batch) = stream.next_blocking() {
            all.extend(batch);
        }
        (all, stream.end())
    }

    fn numbers(count: u32, size: usize) -> impl FnOnce(Each<'_, u32>) -> Result<&'static str> {
        move |each| {
            (0..count)
                .try_for_each(|number| each(number, size))
                .map(|()| "done")
        }
    }

    fn no_room() -> Error {
        Error::new(Kind::Disk, "writing", "no room")
    }

    #[test]
    fn everything_arrives_in_order_but_what_is_left_out() {
        for size in [1, BATCH_BYTES / 3, 2 * BATCH_BYTES] {
            for count in [0, 1, 127, 128, 129, 1000, 1024, 1025] {
                let prepare = |number| Ok((number % 3 != 0).then_some(number));
                let (seen, done) = taken(Stream::begin(numbers(count, size), prepare).unwrap());
                let expected: Vec<u32> = (0..count).filter(|number| number % 3 != 0).collect();
                assert_eq!((done.unwrap(), seen), ("done", expected), "{count} of {size}");
            }
        }
    }

    #[test]
    fn a_failure_is_told_by_whoever_failed() {
        let prepare = |number| {
            if number == 700 {
                Err(no_room())
            } else {
                Ok(Some(number))
            }
        };
        let (seen, done) = taken(Stream::begin(numbers(1_000_000, 1), prepare).unwrap());
        assert_eq!((done.unwrap_err().kind(), seen.len()), (Kind::Disk, 640));

        let produce = |each: Each<'_, u32>| {
            numbers(300, 1)(each)?;
            Err::<(), _>(no_room())
        };
        let (_, done) = taken(Stream::begin(produce, |number| Ok(Some(number))).unwrap());
        assert_eq!(done.unwrap_err().kind(), Kind::Disk);
    }

    #[test]
    fn who_needs_no_more_ends_it() {
        let mut stream = Stream::begin(numbers(u32::MAX, 1), |number| Ok(Some(number))).unwrap();
        assert_eq!(stream.next_blocking().map(|batch| batch.len()), Some(BATCH));
        assert_eq!(stream.end().unwrap_err().kind(), Kind::Interrupted);
    }

    #[tokio::test]
    async fn others_have_their_turn_while_one_waits() {
        let produce = |each: Each<'_, u32>| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            numbers(1, 1)(each)
        };
        let mut stream = Stream::begin(produce, |number| Ok(Some(number))).unwrap();
        let mut turns = 0;
        let others = async {
            loop {
                turns += 1;
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
        };
        let first = tokio::select! {
            first = stream.next() => first,
            () = others => None,
        };
        assert_eq!(first, Some(vec![0]));
        assert!(turns > 5, "{turns}");
    }
}
