//! How a run went, part by part.

use std::collections::BTreeMap;
use std::fmt;

use jiff::{Timestamp, Unit};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, Kind};

/// What fails and recovers by itself. As text: `shop NAME`, `target NAME`, `service`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Part {
    /// Reading a shop.
    Shop(String),
    /// Delivering to a target.
    Target(String),
    /// Whatever is neither: the state, the disk, the configuration.
    Service,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shop(name) => write!(f, "shop {name}"),
            Self::Target(name) => write!(f, "target {name}"),
            Self::Service => f.write_str("service"),
        }
    }
}

impl From<Part> for String {
    fn from(part: Part) -> Self {
        part.to_string()
    }
}

impl TryFrom<String> for Part {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.split_once(' ') {
            Some(("shop", name)) => Ok(Self::Shop(name.to_owned())),
            Some(("target", name)) => Ok(Self::Target(name.to_owned())),
            None if text == "service" => Ok(Self::Service),
            _ => Err(format!("`{text}` is neither a shop, a target nor the service")),
        }
    }
}

/// Why a part failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What was being done, and what went wrong.
    pub cause: String,
    /// What to do about it.
    pub hint: String,
    /// Whether nothing helps until a person acts.
    pub needs_person: bool,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self {
            cause: format!("{}: {}", error.doing(), error.cause()),
            hint: error.hint().to_owned(),
            needs_person: error.exit_code() == 2,
        }
    }
}

/// A run that is over.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub(super) run: String,
    pub(super) began_at: Timestamp,
    pub(super) ended_at: Timestamp,
    pub(super) counts: Value,
    pub(super) parts: BTreeMap<Part, Option<Failure>>,
    pub(super) was_stopped: bool,
    /// Whether it is one that people are told of who want to hear of every run.
    pub(super) is_run: bool,
}

impl Outcome {
    /// A run (`sync main`) that ends now, with its counts.
    pub fn new(run: impl Into<String>, began_at: Timestamp, counts: Value) -> Self {
        Self {
            run: run.into(),
            began_at: whole_seconds(began_at),
            ended_at: whole_seconds(Timestamp::now()),
            counts,
            parts: BTreeMap::new(),
            was_stopped: false,
            is_run: true,
        }
    }

    /// A part that had nothing to do, and is well: no run, but the end of what failed before.
    pub fn of_nothing(part: Part) -> Self {
        Self {
            is_run: false,
            ..Self::new("", Timestamp::now(), Value::Null).with_failure(part, None)
        }
    }

    /// One part that the run had to do with, and what kept it from it. A part that it did not come
    /// to is left out: nothing is known of it. A run that was told to end is no failure of anybody.
    #[must_use]
    pub fn with(mut self, part: Part, failed: Option<&Error>) -> Self {
        if failed.is_some_and(|error| error.kind() == Kind::Interrupted) {
            self.was_stopped = true;
            return self;
        }
        self.with_failure(part, failed.map(Failure::from))
    }

    /// The same where the failure is known in words only.
    #[must_use]
    pub fn with_failure(mut self, part: Part, failure: Option<Failure>) -> Self {
        // Of several failures of one part the first is told; a success beside it is none.
        let known = self.parts.entry(part).or_default();
        *known = known.take().or(failure);
        self
    }

    /// Whether nothing failed.
    pub fn is_good(&self) -> bool {
        !self.was_stopped && self.parts.values().all(Option::is_none)
    }
}

/// Fractions of a second interest nobody who is told.
fn whole_seconds(moment: Timestamp) -> Timestamp {
    moment.round(Unit::Second).unwrap_or(moment)
}
