//! The sign of life for a dead-man switch: an address that is called after every good run, and whose
//! owner raises the alarm when it is not.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;
use url::Url;

use super::address::Address;
use super::patience::Patience;
use crate::error::Result;

pub(super) struct Heartbeat {
    address: Address,
    is_due: AtomicBool,
    is_ending: AtomicBool,
    changed: Notify,
}

impl Heartbeat {
    /// # Errors
    /// When encrypted connections cannot be prepared.
    pub(super) fn new(url: &Url, patience: &Patience) -> Result<Self> {
        Ok(Self {
            address: Address::new(url, "heartbeat_url", &patience.http)?,
            is_due: AtomicBool::new(false),
            is_ending: AtomicBool::new(false),
            changed: Notify::new(),
        })
    }

    /// A run was good. While a call is on its way, one for all later runs is enough.
    pub(super) fn wake(&self) {
        self.is_due.store(true, Ordering::SeqCst);
        self.changed.notify_one();
    }

    /// Ends once the last call is made.
    pub(super) fn end(&self) {
        self.is_ending.store(true, Ordering::SeqCst);
        self.changed.notify_one();
    }

    pub(super) async fn beat_until_the_end(&self) {
        loop {
            let is_last = self.is_ending.load(Ordering::SeqCst);
            // A call that fails is no incident: whoever waits for it raises the alarm.
            if self.is_due.swap(false, Ordering::SeqCst)
                && let Err(error) = self.address.get().await
            {
                tracing::warn!("no sign of life was given: {error}");
            }
            if is_last {
                return;
            }
            self.changed.notified().await;
        }
    }
}
