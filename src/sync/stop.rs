//! The order to stop: heard between two batches, so that what is in hand is finished.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use crate::error::{Error, Kind, Result};

/// Tells a run to end. Clones are one and the same.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    ordered: AtomicBool,
    waiting: Notify,
}

impl Stop {
    /// From now on everything that asks is told to end.
    pub fn order(&self) {
        self.0.ordered.store(true, Ordering::SeqCst);
        self.0.waiting.notify_waiters();
    }

    /// Whether the order was given.
    pub fn is_ordered(&self) -> bool {
        self.0.ordered.load(Ordering::SeqCst)
    }

    /// Asks between two batches.
    ///
    /// # Errors
    /// [`Kind::Interrupted`] once the order was given.
    pub fn check(&self) -> Result<()> {
        if self.is_ordered() {
            Err(interrupted())
        } else {
            Ok(())
        }
    }

    /// Waits for the order.
    pub async fn ordered(&self) {
        let ordered = self.0.waiting.notified();
        if !self.is_ordered() {
            ordered.await;
        }
    }

    /// Waits for something that may be given up at any moment, such as an answer of the shop.
    ///
    /// # Errors
    /// [`Kind::Interrupted`] once the order was given; else what was waited for answers with.
    pub async fn or<T>(&self, waited_for: impl Future<Output = Result<T>>) -> Result<T> {
        let ordered = self.0.waiting.notified();
        self.check()?;
        tokio::select! {
            done = waited_for => done,
            () = ordered => Err(interrupted()),
        }
    }
}

fn interrupted() -> Error {
    Error::new(Kind::Interrupted, "working", "it was told to stop")
}
