//! What all requests with one token share, whichever shop of the configuration they are for: the log-in,
//! how many of them are under way, how full the bucket is, and until when the shop wants to hear nothing.

use std::path::PathBuf;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::bucket::Bucket;
use super::token::Token;
use crate::error::{Error, Kind, Result};
use crate::http::{Pace, Quiet};
use crate::source::settings::ApiSettings;

/// The shop allows three per token; the third is left to whatever else uses the token.
pub(super) const CONNECTIONS: usize = 2;

/// What all requests with one token share.
pub(in crate::source) struct Budget {
    pub(super) token: Token,
    pub(super) bucket: Bucket,
    pub(super) quiet: Quiet,
    connections: Semaphore,
}

impl Budget {
    /// `note` says where the next process finds until when not to ask.
    pub fn new(settings: &ApiSettings, pace: &Pace, note: &dyn Fn(&str) -> Option<PathBuf>) -> Result<Self> {
        Ok(Self {
            token: Token::new(&settings.token, pace, note("token"))?,
            bucket: Bucket::new(pace.bucket_drop),
            quiet: Quiet::new(pace, note("api")),
            connections: Semaphore::new(CONNECTIONS),
        })
    }

    /// Waits for one of the connections.
    pub(super) async fn connection(&self, doing: &str) -> Result<SemaphorePermit<'_>> {
        let closed = |_| Error::new(Kind::Interrupted, doing, "the program is ending");
        self.connections.acquire().await.map_err(closed)
    }

    /// Waits until a request may be sent.
    ///
    /// # Errors
    /// [`Kind::Busy`] when the shop wants to hear nothing for longer than a run has patience.
    pub(super) async fn turn(&self, doing: &str) -> Result<()> {
        loop {
            self.quiet.end(doing).await?;
            let pause = self.bucket.pause();
            if pause.is_zero() {
                return Ok(());
            }
            tokio::time::sleep(pause).await;
        }
    }
}
