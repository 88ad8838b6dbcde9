//! Reading an answer's body: never more than a cap, never slower than a crawl, never cut short
//! without noticing.

use std::time::Instant;

use reqwest::Response;

use super::{Pace, failure};
use crate::error::{Error, Kind, Result};

/// A body that may take hours but has to keep moving.
pub struct WatchedBody {
    response: Response,
    doing: String,
    pace: Pace,
    cap: u64,
    expected: Option<u64>,
    received: u64,
    window: Instant,
    window_bytes: u64,
}

impl WatchedBody {
    /// Watches the body of `response`, which may have `cap` bytes at most.
    ///
    /// # Errors
    /// [`Kind::TooLarge`] when the answer announces more.
    pub fn new(response: Response, cap: u64, pace: &Pace, doing: &str) -> Result<Self> {
        let expected = response.content_length();
        if expected.is_some_and(|bytes| bytes > cap) {
            return Err(too_large(cap, doing));
        }
        Ok(Self {
            response,
            doing: doing.to_owned(),
            pace: pace.clone(),
            cap,
            expected,
            received: 0,
            window: Instant::now(),
            window_bytes: 0,
        })
    }

    /// Bytes announced, where the answer announces them.
    pub fn expected(&self) -> Option<u64> {
        self.expected
    }

    /// Bytes that arrived so far.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// The next piece, `None` at the end.
    ///
    /// # Errors
    /// [`Kind::Truncated`] when it ends early, [`Kind::Unreachable`] when it stalls,
    /// [`Kind::TooLarge`] when it passes the cap.
    pub async fn next(&mut self) -> Result<Option<impl AsRef<[u8]> + use<>>> {
        loop {
            let left = self.pace.slow_window.saturating_sub(self.window.elapsed());
            match tokio::time::timeout(left, self.response.chunk()).await {
                Ok(Ok(Some(piece))) => {
                    self.count(piece.len())?;
                    return Ok(Some(piece));
                }
                Ok(Ok(None)) => return self.end().map(|()| None),
                Ok(Err(error)) => return Err(failure(&self.doing, &error)),
                Err(_) => self.turn_the_window()?,
            }
        }
    }

    fn count(&mut self, bytes: usize) -> Result<()> {
        let bytes = bytes as u64;
        self.received = self.received.saturating_add(bytes);
        self.window_bytes = self.window_bytes.saturating_add(bytes);
        if self.received > self.cap {
            return Err(too_large(self.cap, &self.doing));
        }
        if self.window.elapsed() >= self.pace.slow_window {
            self.turn_the_window()?;
        }
        Ok(())
    }

    fn turn_the_window(&mut self) -> Result<()> {
        if self.window_bytes < self.pace.slow_bytes {
            return Err(Error::new(
                Kind::Unreachable,
                self.doing.as_str(),
                format!(
                    "it stalled: {} bytes in the last {} s, after {} bytes in all",
                    self.window_bytes,
                    self.pace.slow_window.as_secs(),
                    self.received
                ),
            ));
        }
        self.window = Instant::now();
        self.window_bytes = 0;
        Ok(())
    }

    fn end(&self) -> Result<()> {
        match self.expected {
            Some(expected) if expected != self.received => Err(Error::new(
                Kind::Truncated,
                self.doing.as_str(),
                format!("{} of {expected} bytes arrived", self.received),
            )),
            _ => Ok(()),
        }
    }
}

/// Reads a small body whole. Its time is bounded by the request's own time-out.
///
/// # Errors
/// [`Kind::TooLarge`] past `cap` bytes, [`Kind::Truncated`] when it ends early.
pub async fn read_capped(mut response: Response, cap: usize, doing: &str) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| failure(doing, &error))? {
        if body.len().saturating_add(piece.len()) > cap {
            return Err(too_large(cap as u64, doing));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

fn too_large(cap: u64, doing: &str) -> Error {
    Error::new(
        Kind::TooLarge,
        doing,
        format!("the answer is larger than {cap} bytes"),
    )
}
