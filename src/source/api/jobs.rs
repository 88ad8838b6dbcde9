//! The life of a snapshot job: requested, found again after a kill, waited for, its result known.
//!
//! Waiting looks at the list of jobs. The detail of one job may be read ten times while it is not
//! processed, then the shop answers 403 until it is (OpenAPI, job detail); so the detail is read
//! only when the list says that the job has ended.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use super::client::{Ask, Client};
use crate::error::{Error, Kind, Result};
use crate::http::Intervals;
use crate::source::clock::for_the_api;
use crate::source::progress::{Progress, Unit};
use crate::source::spool::{Section, Spool};

/// One less than the shop allows.
const MOST_DETAIL_READS: u32 = 9;

/// The shop keeps a result for 24 hours; the last one is left for the download.
const RESULT_KEPT: SignedDuration = SignedDuration::from_hours(23);

/// The most the shop lists on one page.
const PER_PAGE: u32 = 500;

/// A list that does not name our job this many times in a row has lost it.
const MOST_MISSES: u32 = 10;

/// What is asked for: the endpoint and its filters.
#[derive(Debug, Clone)]
pub(in crate::source) struct Snapshot {
    pub section: Section,
    pub endpoint: &'static str,
    pub query: Vec<(String, String)>,
}

/// A job that completed.
#[derive(Debug, Clone)]
pub(in crate::source) struct JobResult {
    /// Noted before the job was requested.
    pub requested_at: Timestamp,
    /// Where its lines are; `None` when it found nothing.
    pub url: Option<String>,
}

/// What is remembered of a job, so that a killed import finds it again.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Note {
    job_id: String,
    requested_at: Timestamp,
    api: String,
    endpoint: String,
    query: Vec<(String, String)>,
    detail_reads: u32,
}

/// Runs a job to its end: the remembered one where it is the same, else a new one.
pub(in crate::source) async fn run(
    client: &Client,
    spool: &Spool,
    snapshot: &Snapshot,
    progress: &dyn Progress,
) -> Result<JobResult> {
    if let Some(note) = remembered(client, spool, snapshot)? {
        progress.tell(&format!(
            "going on with the snapshot job {} of an earlier run",
            note.job_id
        ));
        match wait(client, spool, snapshot.section, note, progress).await {
            // Lost or failed while nobody looked: this run asks for its own.
            Err(error) if error.kind() == Kind::JobFailed => {
                tracing::info!(%error, "the snapshot job of an earlier run is of no use, requesting a new one");
            }
            ended => return ended,
        }
    }
    let note = request(client, spool, snapshot).await?;
    wait(client, spool, snapshot.section, note, progress).await
}

/// Forgets the job of a section: its result is downloaded, or of no use.
pub(in crate::source) fn discard(spool: &Spool, section: Section) -> Result<()> {
    spool.forget(&note_name(section))
}

fn note_name(section: Section) -> String {
    format!("{}.job", section.as_str())
}

fn remembered(client: &Client, spool: &Spool, snapshot: &Snapshot) -> Result<Option<Note>> {
    let note: Option<Note> = spool.recall(&note_name(snapshot.section))?;
    Ok(note.filter(|note| {
        note.api == client.base().as_str()
            && note.endpoint == snapshot.endpoint
            && note.query == snapshot.query
            && Timestamp::now().duration_since(note.requested_at) < RESULT_KEPT
    }))
}

async fn request(client: &Client, spool: &Spool, snapshot: &Snapshot) -> Result<Note> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Accepted {
        job_id: String,
    }
    let requested_at = Timestamp::now();
    let mut ask = Ask::get(snapshot.endpoint);
    for (name, value) in &snapshot.query {
        ask = ask.with(name, value);
    }
    let accepted: Accepted = client.send(&ask).await?;
    let note = Note {
        job_id: accepted.job_id,
        requested_at,
        api: client.base().as_str().to_owned(),
        endpoint: snapshot.endpoint.to_owned(),
        query: snapshot.query.clone(),
        detail_reads: 0,
    };
    spool.remember(&note_name(snapshot.section), &note)?;
    Ok(note)
}

async fn wait(
    client: &Client,
    spool: &Spool,
    section: Section,
    mut note: Note,
    progress: &dyn Progress,
) -> Result<JobResult> {
    let doing = format!(
        "waiting for the snapshot job {} of {}",
        note.job_id,
        section.as_str()
    );
    let phase = format!("waiting for the shop to put the {} together", section.as_str());
    let lost = |cause: &str| Error::new(Kind::JobFailed, doing.as_str(), cause);
    let pace = client.pace();
    let mut pauses = Intervals::new(pace.job_poll_first, pace.job_poll_longest);
    let mut misses: u32 = 0;
    loop {
        match listed_status(client, &note).await? {
            Some(status) if status.is_over() => {
                if note.detail_reads >= MOST_DETAIL_READS {
                    discard(spool, section)?;
                    return Err(lost("the list calls it ended and its detail does not"));
                }
                note.detail_reads = note.detail_reads.saturating_add(1);
                spool.remember(&note_name(section), &note)?;
                if let Some(end) = detail(client, &note, &doing).await? {
                    if end.is_err() {
                        discard(spool, section)?;
                    }
                    return end;
                }
            }
            Some(_) => misses = 0,
            None => misses = misses.saturating_add(1),
        }
        if misses >= MOST_MISSES {
            discard(spool, section)?;
            return Err(lost("the shop's list of jobs no longer names it"));
        }
        let waited =
            Duration::try_from(Timestamp::now().duration_since(note.requested_at)).unwrap_or_default();
        if waited > pace.job_longest {
            discard(spool, section)?;
            return Err(lost(
                "it did not end within the time in which the shop itself gives a job up",
            ));
        }
        progress.report(&phase, waited.as_secs(), None, Unit::Seconds);
        tokio::time::sleep(pauses.next_pause()).await;
    }
}

/// The states of a job (OpenAPI, list of jobs). One that is new to us may be on the way to any other, so
/// it is waited on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Pending,
    Running,
    Completed,
    Failed,
    Expired,
    Killed,
    #[serde(other)]
    Unknown,
}

impl Status {
    const fn is_over(self) -> bool {
        !matches!(self, Self::Pending | Self::Running | Self::Unknown)
    }
}

/// What the list says about our job, page by page until it is found.
async fn listed_status(client: &Client, note: &Note) -> Result<Option<Status>> {
    #[derive(Deserialize)]
    struct Listed {
        jobs: Vec<Job>,
        paginator: Option<Paginator>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Job {
        job_id: String,
        status: Status,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Paginator {
        page_count: u32,
    }
    // A day earlier: the shop's clock may have been set since.
    let requested_at = client.clock().of_ours(note.requested_at);
    let from = for_the_api(requested_at.checked_sub(24.hours()).unwrap_or(requested_at));
    let mut page: u32 = 1;
    loop {
        let ask = Ask::get("/api/system/jobs")
            .with("creationTimeFrom", &from)
            .with("itemsPerPage", PER_PAGE)
            .with("page", page);
        let listed: Listed = client.send(&ask).await?;
        if let Some(job) = listed.jobs.iter().find(|job| job.job_id == note.job_id) {
            return Ok(Some(job.status));
        }
        let pages = listed.paginator.map_or(1, |paginator| paginator.page_count);
        if page >= pages || listed.jobs.is_empty() {
            return Ok(None);
        }
        page = page.saturating_add(1);
    }
}

/// How the job ended; `None` while the detail says that it has not.
async fn detail(client: &Client, note: &Note, doing: &str) -> Result<Option<Result<JobResult>>> {
    #[derive(Deserialize)]
    struct Read {
        job: Job,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Job {
        status: Status,
        result_url: Option<String>,
    }
    let ask = Ask::get("/api/system/jobs/{id}").of(&note.job_id);
    let read: Option<Read> = client.find(&ask, "job-not-found").await?;
    let Some(read) = read else {
        return Ok(Some(Err(Error::new(
            Kind::JobFailed,
            doing,
            "the shop no longer knows it",
        ))));
    };
    // The log may hold anything, people included: it is read where it was written.
    let failed = |word| {
        let error = Error::new(Kind::JobFailed, doing, format!("the shop says that it {word}"));
        error.with_hint(
            "run the command again, a new job is started; the job's log stands in the shop's administration",
        )
    };
    Ok(match read.job.status {
        Status::Pending | Status::Running | Status::Unknown => None,
        Status::Completed => Some(Ok(JobResult {
            requested_at: note.requested_at,
            url: read.job.result_url,
        })),
        Status::Failed => Some(Err(failed("failed"))),
        Status::Expired => Some(Err(failed("expired"))),
        Status::Killed => Some(Err(failed("was killed"))),
    })
}
