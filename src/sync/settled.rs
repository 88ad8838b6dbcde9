//! Nobody sees half of a document.
//!
//! A document is applied batch by batch, and whose its people are is settled after the last: until then a
//! guest may stand beside the customer they are. The batches leave room for others in between, for whom
//! this is the order in which they take turns at what they have in common.

use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The turn at the people of a state; whoever asks first is served first.
#[derive(Debug, Default)]
pub struct Settled(RwLock<()>);

impl Settled {
    /// Waits until nobody changes or looks; nobody does either until the answer is dropped.
    pub async fn to_change(&self) -> RwLockWriteGuard<'_, ()> {
        self.0.write().await
    }

    /// Waits until nobody changes anything; nobody does until the answer is dropped.
    pub async fn to_look(&self) -> RwLockReadGuard<'_, ()> {
        self.0.read().await
    }
}
