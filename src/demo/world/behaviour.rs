//! How the shop behaves: who gets in, what the links and the API allow, how jobs go.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::reads::FeedRead;

/// Who gets in.
#[derive(Debug, Clone)]
pub struct Doors {
    /// A Premium shop's token; `None`: it has none.
    pub private_token: Option<String>,
    /// An add-on's token that never expires, exchanged for access tokens.
    pub oauth_token: Option<String>,
    /// Access tokens given out, with the end of their validity.
    pub access_tokens: Vec<(String, Timestamp)>,
    /// Groups of endpoints the tokens have no right to: `customers`, `orders`, `eshop`, `system`, `webhooks`.
    pub missing_rights: BTreeSet<String>,
    /// Hash of the customers link.
    pub customers_hash: String,
    /// Hash of the orders link.
    pub orders_hash: String,
    /// Hash of the orders link made with "only new or updated".
    pub orders_feed_hash: String,
    /// What a wrong hash gets.
    pub wrong_hash: WrongHash,
}

/// What the shop answers to a wrong hash: seen in practice are all three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrongHash {
    /// The log-in page of the administration, with status 200.
    LoginPage,
    /// 403.
    Forbidden,
    /// 404.
    NotFound,
}

/// How the permanent links behave. What the real shop does is not written down everywhere; where it
/// is not, each possibility can be set and the default is the one that hurts.
#[derive(Debug, Clone)]
pub struct Links {
    /// Encoding of CSV.
    pub csv_encoding: Encoding,
    /// Encoding of XML, declared truly.
    pub xml_encoding: Encoding,
    /// Decimal numbers in XML with a comma, thousands with a space.
    pub xml_decimal_comma: bool,
    /// Pause between two exports of one section without `updateTimeFrom`; `None`: not enforced.
    pub min_interval: Option<SignedDuration>,
    /// Whether `updateTimeFrom` is read as UTC instead of the shop's local time.
    pub update_time_in_utc: bool,
    /// What the feed link sends when the request names `updateTimeFrom` too.
    pub feed_sends: FeedSends,
    /// Whether a download through the ordinary link moves the partner's mark too.
    pub full_export_moves_mark: bool,
    /// Whether the mark moves when a download starts, rather than when all of it was handed to the
    /// connection.
    pub mark_moves_at_start: bool,
    /// What was told of changed orders, oldest first.
    pub reads: Vec<FeedRead>,
    /// When each partner last downloaded the orders, by partner id.
    pub marks: BTreeMap<String, Timestamp>,
    /// The last full export of each section, by partner id and section.
    pub last_full: BTreeMap<(String, String), Timestamp>,
}

/// Encoding of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// The code page of Central Europe.
    Windows1250,
}

/// How the partner's mark and `updateTimeFrom` go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedSends {
    /// What changed since the later of the two.
    SinceTheLater,
    /// What changed since `updateTimeFrom`; since the mark where it is missing.
    SinceTheParameter,
    /// What changed since the mark, whatever the request says.
    SinceTheMark,
}

/// Limits of the API.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Requests of one token at once.
    pub connections_per_token: usize,
    /// The leaky bucket; `None`: never full.
    pub bucket: Option<Bucket>,
    /// How long each request takes, so that requests can meet.
    pub latency: Duration,
    /// Endpoints that announce their end, with the date of the `Sunset` header.
    pub deprecated: BTreeMap<String, String>,
}

/// The leaky bucket.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// Drops it holds.
    pub capacity: f64,
    /// Drops that drain in a second of the shop's clock.
    pub drain_per_second: f64,
    /// Drops in it.
    pub filling: f64,
    /// When it was last looked at.
    pub at: Timestamp,
}

/// A registered webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Number.
    pub id: u64,
    /// Event, such as `job:finished`.
    pub event: String,
    /// Where it is sent.
    pub url: String,
    /// Registration.
    pub created: Timestamp,
    /// Last change.
    pub updated: Option<Timestamp>,
}

/// An asynchronous request.
#[derive(Debug, Clone)]
pub struct Job {
    /// Identifier.
    pub id: String,
    /// What was asked for.
    pub endpoint: String,
    /// Request.
    pub created: Timestamp,
    /// End.
    pub completed: Option<Timestamp>,
    /// `pending`, `running`, `completed`, `failed`, `expired`, `killed`
    pub status: String,
    /// How it is going to end.
    pub end: JobEnd,
    /// Looks at the list of jobs until it may end.
    pub polls_left: u32,
    /// The moment before which it does not end.
    pub not_before: Timestamp,
    /// How often its detail was asked for while it was not processed.
    pub detail_asks: u32,
    /// Name of the result at the shop's host, hard to guess.
    pub file: String,
    /// The result: gzip of JSON lines, as the shop was at the request.
    pub result: Vec<u8>,
}

/// How a job ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobEnd {
    /// With a result.
    Completed,
    /// Completed, but there is no result; the log says why.
    WithoutResult,
    /// With an error.
    Failed,
    /// It waited too long.
    Expired,
    /// Someone ended it.
    Killed,
    /// Never, as far as anybody waits.
    Never,
}

/// How long jobs take: both have to pass.
#[derive(Debug, Clone, Copy)]
pub struct JobsTake {
    /// Looks at the list of jobs.
    pub polls: u32,
    /// Time of the shop's clock.
    pub time: SignedDuration,
}

impl Doors {
    pub(in crate::demo) fn simulated() -> Self {
        Self {
            private_token: Some("123456-p-1-simulatedprivatetoken0000000000".to_owned()),
            oauth_token: Some("simulated-oauth-token".repeat(12)),
            access_tokens: Vec::new(),
            missing_rights: BTreeSet::new(),
            customers_hash: "c0".repeat(32),
            orders_hash: "a1".repeat(32),
            orders_feed_hash: "f2".repeat(32),
            wrong_hash: WrongHash::LoginPage,
        }
    }
}

impl Links {
    pub(in crate::demo) fn simulated() -> Self {
        Self {
            csv_encoding: Encoding::Windows1250,
            xml_encoding: Encoding::Utf8,
            xml_decimal_comma: false,
            min_interval: None,
            update_time_in_utc: false,
            feed_sends: FeedSends::SinceTheLater,
            full_export_moves_mark: true,
            mark_moves_at_start: true,
            reads: Vec::new(),
            marks: BTreeMap::new(),
            last_full: BTreeMap::new(),
        }
    }
}

impl Limits {
    pub(in crate::demo) fn simulated() -> Self {
        Self {
            connections_per_token: 3,
            bucket: Some(Bucket {
                capacity: 200.0,
                drain_per_second: 10.0,
                filling: 0.0,
                at: Timestamp::UNIX_EPOCH,
            }),
            latency: Duration::ZERO,
            deprecated: BTreeMap::new(),
        }
    }
}
