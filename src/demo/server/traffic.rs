//! Who asked what, and how many at once: the log that tests read.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::demo::faults::FaultKind;

/// The two hosts of a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The shop itself: links, results of jobs, access tokens.
    Shop,
    /// The REST interface.
    Api,
}

/// One request, as it came in and as it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The host it came to.
    pub side: Side,
    /// Method.
    pub method: String,
    /// Path.
    pub path: String,
    /// Query, decoded, in its order. A hash stands here as the name of the link it opens, or `wrong`.
    pub query: Vec<(String, String)>,
    /// The header that carried a token, and the token.
    pub token: Option<(String, String)>,
    /// Whether it said `Content-Type: application/json`, which the API asks of every request.
    pub says_json: bool,
    /// Requests with the same token that were being answered when it came, itself among them.
    pub at_once: usize,
    /// What went wrong on purpose.
    pub fault: Option<FaultKind>,
    /// The status; `None` while it is not answered.
    pub status: Option<u16>,
    /// When it came.
    pub came: Instant,
    /// When it was answered.
    pub answered: Option<Instant>,
    /// When the last of its body was sent, or given up.
    pub ended: Option<Instant>,
    /// How long the answer asked to be left alone (`Retry-After`).
    pub patience: Option<Duration>,
}

impl Request {
    /// A value of the query.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether it is one of the API's, or a link's, with this path.
    pub fn is(&self, method: &str, path: &str) -> bool {
        self.method == method && self.path == path
    }
}

#[derive(Debug, Default)]
struct Log {
    requests: Vec<Request>,
    /// How often it was emptied.
    emptied: u64,
    being_answered: HashMap<String, usize>,
    running_exports: BTreeSet<(String, String)>,
}

/// The log, shared by both hosts.
#[derive(Debug, Clone, Default)]
pub(super) struct Traffic(Arc<Mutex<Log>>);

/// A request that is being answered, until its body is sent.
#[derive(Debug)]
pub(super) struct Visit {
    traffic: Traffic,
    number: usize,
    /// How often the log had been emptied when it came.
    emptied: u64,
    token: String,
    /// Requests with the same token at this moment.
    pub(super) at_once: usize,
}

/// An export that is running for a partner, until its body is sent.
#[derive(Debug)]
pub(super) struct RunningExport {
    traffic: Traffic,
    key: (String, String),
}

impl Traffic {
    pub(super) fn requests(&self) -> Vec<Request> {
        self.log().requests.clone()
    }

    pub(super) fn forget(&self) {
        let mut log = self.log();
        log.requests.clear();
        log.emptied += 1;
    }

    pub(super) fn arrive(&self, mut request: Request) -> Visit {
        let token = request
            .token
            .as_ref()
            .map_or_else(String::new, |(_, token)| token.clone());
        let mut log = self.log();
        let at_once = log.being_answered.entry(token.clone()).or_default();
        *at_once += 1;
        let at_once = *at_once;
        request.at_once = at_once;
        log.requests.push(request);
        Visit {
            traffic: self.clone(),
            number: log.requests.len() - 1,
            emptied: log.emptied,
            token,
            at_once,
        }
    }

    /// `None` when the partner has one of this section running.
    pub(super) fn start_export(&self, partner: &str, section: &str) -> Option<RunningExport> {
        let key = (partner.to_owned(), section.to_owned());
        self.log()
            .running_exports
            .insert(key.clone())
            .then(|| RunningExport {
                traffic: self.clone(),
                key,
            })
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Visit {
    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// Its line, unless the log was emptied in between.
    fn request<'a>(&self, log: &'a mut Log) -> Option<&'a mut Request> {
        let is_there = self.emptied == log.emptied;
        log.requests.get_mut(self.number).filter(|_| is_there)
    }

    pub(super) fn answered(&self, status: u16, patience: Option<Duration>, fault: Option<FaultKind>) {
        if let Some(request) = self.request(&mut self.traffic.log()) {
            request.status = Some(status);
            request.answered = Some(Instant::now());
            request.patience = patience;
            request.fault = fault;
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut log = self.traffic.log();
        if let Some(count) = log.being_answered.get_mut(&self.token) {
            *count = count.saturating_sub(1);
        }
        if let Some(request) = self.request(&mut log) {
            request.ended = Some(Instant::now());
        }
    }
}

impl Drop for RunningExport {
    fn drop(&mut self) {
        self.traffic.log().running_exports.remove(&self.key);
    }
}
