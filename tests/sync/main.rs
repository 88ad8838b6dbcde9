//! `sync` from end to end: what changed in a simulated shop since it was read last, however its lists and
//! marks behave.
#![allow(clippy::unwrap_used)] // the helpers of a test may fail like the test

mod feed;
mod forgotten;
mod late;
mod life;
mod modes;
mod newsletter;
mod polite;
mod planned;
mod refused;
mod statuses;
mod still;

#[path = "../support/trial.rs"]
mod trial;

use shoptet_sync::demo::World;
use shoptet_sync::demo::agreement::broken_promises;
use shoptet_sync::error::Error;
use shoptet_sync::source::Silent;
use shoptet_sync::state::State;
use shoptet_sync::sync::deliver::DeliveryOptions;
use shoptet_sync::sync::engine::Engine;
use shoptet_sync::sync::report::Report;
use trial::*;

impl Trial {
    async fn try_sync(&self) -> Result<Report, Error> {
        self.sync_as(&DeliveryOptions::default()).await
    }

    async fn sync_as(&self, options: &DeliveryOptions) -> Result<Report, Error> {
        Engine::open(self.setup(), "sync")
            .await?
            .sync(options, &Silent)
            .await
    }

    /// Syncs; nothing may fail.
    async fn sync(&self) -> Report {
        let report = self.try_sync().await.unwrap();
        assert_eq!(report.failures, [""; 0]);
        report
    }

    /// Every promise about who and what is in the contact database holds.
    fn holds(&self, about: &str, story: &[String]) {
        let wrong = self.shop.change(|world| broken_promises(world, &self.database()));
        assert!(wrong.is_empty(), "{about}: {wrong:#?} after {story:#?}");
    }
}

/// How many rounds a random test goes: `SHOPTET_SYNC_TEST_ROUNDS` times as many for a campaign.
fn rounds(usual: u64) -> u64 {
    let more = std::env::var("SHOPTET_SYNC_TEST_ROUNDS").ok();
    usual * more.and_then(|more| more.parse().ok()).unwrap_or(1)
}
