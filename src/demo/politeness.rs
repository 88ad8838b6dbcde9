//! Whether whoever read the simulated shop was polite, by the shop's own log: in words where they were not.

use std::time::{Duration, Instant};

use super::server::{Request, Side};
use super::world::World;

/// The shop allows three requests of a token at once; the third is left to others.
const MOST_AT_ONCE: usize = 2;

/// The shop allows ten reads of the detail of a job that has not ended.
const MOST_DETAIL_READS: u32 = 9;

/// An answer has ended for the other side a little before it has for us.
const ON_THE_WAY: Duration = Duration::from_millis(20);

/// Whoever asked just before the answer arrived somewhere else could not know of it.
const NOT_YET_TOLD: Duration = Duration::from_millis(250);

/// Everything that was impolite.
pub fn impoliteness(requests: &[Request], world: &World) -> Vec<String> {
    let mut told = at_once(requests);
    told.extend(within_retry_after(requests));
    told.extend(exports_at_once(requests));
    for job in world
        .jobs
        .iter()
        .filter(|job| job.detail_asks > MOST_DETAIL_READS)
    {
        let (endpoint, asks) = (&job.endpoint, job.detail_asks);
        told.push(format!(
            "the detail of a running job of {endpoint} was read {asks} times"
        ));
    }
    told
}

/// The most requests with one token that were under way at the same time.
pub fn most_at_once(requests: &[Request]) -> usize {
    let counts = requests.iter().map(|request| beside(requests, request) + 1);
    counts.max().unwrap_or(0)
}

fn at_once(requests: &[Request]) -> Vec<String> {
    let too_many = requests
        .iter()
        .filter(|request| request.side == Side::Api && beside(requests, request) >= MOST_AT_ONCE);
    too_many
        .map(|request| format!("{} came beside {}", request.path, beside(requests, request)))
        .collect()
}

/// How many with the same token were under way when a request came.
fn beside(requests: &[Request], request: &Request) -> usize {
    let earlier = before(requests, request);
    let same_token = |other: &&Request| other.side == request.side && other.token == request.token;
    earlier
        .filter(same_token)
        .filter(|other| is_under_way(other, request.came))
        .count()
}

fn within_retry_after(requests: &[Request]) -> Vec<String> {
    let mut told = Vec::new();
    for request in requests {
        let earlier = before(requests, request).filter(|other| concerned(other) == concerned(request));
        for other in earlier {
            let (Some(answered), Some(patience)) = (other.answered, other.patience) else {
                continue;
            };
            let since = request.came.saturating_duration_since(answered);
            if since > NOT_YET_TOLD && since < patience {
                told.push(format!(
                    "{} came {} ms after {} had asked for {} s",
                    request.path,
                    since.as_millis(),
                    other.path,
                    patience.as_secs()
                ));
            }
        }
    }
    told
}

fn exports_at_once(requests: &[Request]) -> Vec<String> {
    let mut told = Vec::new();
    for request in requests {
        let Some(section) = section(request) else { continue };
        let running = before(requests, request)
            .filter(|other| self::section(other) == Some(section))
            .any(|other| is_under_way(other, request.came));
        if running {
            told.push(format!("an export of {section} was asked for beside another"));
        }
    }
    told
}

/// What a `Retry-After` is about: the whole API, whichever access token is used; at the shop's own host
/// what was asked for.
fn concerned(request: &Request) -> (Side, &str) {
    let place = match request.side {
        Side::Api => "",
        Side::Shop => section(request).unwrap_or_else(|| {
            let mut parts = request.path.split('/').skip(1);
            parts.next().unwrap_or_default()
        }),
    };
    (request.side, place)
}

fn section(request: &Request) -> Option<&str> {
    let name = request.path.strip_prefix("/export/")?;
    name.split('.').next()
}

/// Those that came before a request: the log is in the order of their coming.
fn before<'a>(requests: &'a [Request], request: &'a Request) -> impl Iterator<Item = &'a Request> {
    requests
        .iter()
        .take_while(move |other| !std::ptr::eq(*other, request))
}

fn is_under_way(request: &Request, then: Instant) -> bool {
    request.ended.is_none_or(|ended| ended > then + ON_THE_WAY)
}
