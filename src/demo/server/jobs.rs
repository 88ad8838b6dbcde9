//! Asynchronous requests: a job is asked for, runs for a while, and leaves a file at the shop's host.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::answer::Answer;
use super::damage::gzip;
use super::{Call, api};
use crate::demo::render::json::time;
use crate::demo::world::{Job, JobEnd, World};

pub(super) const LIST_FILTERS: &[&str] = &[
    "status",
    "creationTimeFrom",
    "creationTimeTo",
    "completionTimeFrom",
    "completionTimeTo",
    "page",
    "itemsPerPage",
];

/// The detail of a job that is not processed is shown so often.
const MOST_DETAIL_ASKS: u32 = 10;
/// How long a result is kept.
const RESULT_IS_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// Starts a job whose result is what `lines` makes of the world as it is now.
pub(super) fn start(world: &mut World, endpoint: &str, lines: impl FnOnce(&World) -> Vec<Value>) -> Answer {
    if !world
        .webhooks
        .iter()
        .any(|webhook| webhook.event == "job:finished")
    {
        // The interface description names the status, not the code.
        let message = "Webhook job:finished has to be registered to run asynchronous requests.";
        return Answer::refusal(403, "webhook-job-finished-missing", message, "job:finished");
    }
    let mut text = Vec::new();
    for line in lines(world) {
        text.extend_from_slice(line.to_string().as_bytes());
        text.push(b'\n');
    }
    let (now, number) = (world.clock.now(), world.jobs.len());
    let id = format!("{number}sim{}", now.as_second());
    let job = Job {
        file: format!("{id}-{:07x}.json", world.random.next() & 0x0FFF_FFFF),
        id: id.clone(),
        endpoint: endpoint.to_owned(),
        created: now,
        completed: None,
        status: "pending".to_owned(),
        end: world.next_jobs_end.pop_front().unwrap_or(JobEnd::Completed),
        polls_left: world.jobs_take.polls,
        not_before: now.saturating_add(world.jobs_take.time).unwrap_or(now),
        detail_asks: 0,
        result: gzip(&text),
    };
    world.jobs.push(job);
    Answer::data(202, &json!({"jobId": id}))
}

/// `GET /api/system/jobs`
pub(super) fn list(world: &mut World, call: &Call, _: &str) -> Answer {
    let now = world.clock.now();
    for job in &mut world.jobs {
        job.polls_left = job.polls_left.saturating_sub(1);
        go_on(job, now);
    }
    let filters = (
        api::within(call, "creationTimeFrom", "creationTimeTo"),
        api::within(call, "completionTimeFrom", "completionTimeTo"),
    );
    let (created, completed) = match filters {
        (Ok(created), Ok(completed)) => (created, completed),
        (Err(refusal), _) | (_, Err(refusal)) => return refusal,
    };
    let by_completion = call
        .parameter("completionTimeFrom")
        .or(call.parameter("completionTimeTo"))
        .is_some();
    let status = call.parameter("status");
    let matching: Vec<&Job> = world
        .jobs
        .iter()
        .filter(|job| {
            status.is_none_or(|status| status == job.status)
                && created(job.created)
                && job.completed.map_or(!by_completion, &completed)
        })
        .collect();
    let zone = world.shop.zone();
    api::page(call, "jobs", (100, 500), &matching, |job| {
        json!({
            "jobId": job.id,
            "endpoint": job.endpoint,
            "creationTime": time(job.created, &zone),
            "completionTime": job.completed.map(|at| time(at, &zone)),
            "status": job.status,
            "validUntil": valid_until(job).map(|until| time(until, &zone)),
        })
    })
}

/// `GET /api/system/jobs/{jobId}`
pub(super) fn detail(world: &mut World, _: &Call, id: &str) -> Answer {
    let (now, zone, url) = (world.clock.now(), world.shop.zone(), world.shop.url.clone());
    let Some(job) = world.jobs.iter_mut().find(|job| job.id == id) else {
        let message = format!("Job with ID \"{id}\" not found.");
        return Answer::refusal(404, "job-not-found", &message, id);
    };
    go_on(job, now);
    if job.completed.is_none() {
        job.detail_asks = job.detail_asks.saturating_add(1);
        if job.detail_asks > MOST_DETAIL_ASKS {
            let message = format!(
                "You have exceeded the limit of job detail request for unprocessed job \"{id}\". \
                 Please wait for job:finished event after job is completed!"
            );
            return Answer::refusal(403, "job-detail-try-counter-exceeded-limit", &message, id);
        }
    }
    let until = valid_until(job);
    let log = match job.end {
        _ if job.completed.is_none() => None,
        JobEnd::WithoutResult => Some("Nothing to export."),
        JobEnd::Failed => Some("The job failed with an error."),
        _ => None,
    };
    let detail = json!({
        "jobId": job.id,
        "endpoint": job.endpoint,
        "creationTime": time(job.created, &zone),
        "completionTime": job.completed.map(|at| time(at, &zone)),
        "duration": job.completed.map(|at| format!("{}.000", at.duration_since(job.created).as_secs())),
        "status": job.status,
        "resultUrl": until.map(|_| format!("{url}/api-results/{}", job.file)),
        "validUntil": until.map(|until| time(until, &zone)),
        "log": log,
    });
    Answer::data(200, &json!({"job": detail}))
}

/// `/api-results/…` at the shop's host: no token is wanted there.
pub(super) fn result(world: &World, call: &Call) -> Answer {
    let name = call.path.trim_start_matches("/api-results/");
    let now = world.clock.now();
    let found = world
        .jobs
        .iter()
        .find(|job| job.file == name && valid_until(job).is_some_and(|until| until > now));
    match found {
        Some(job) => Answer::new(200, "application/json", job.result.clone()),
        None => Answer::html(404, "Stránka nenalezena"),
    }
}

fn go_on(job: &mut Job, now: Timestamp) {
    if job.completed.is_some() {
        return;
    }
    if job.polls_left > 0 || now < job.not_before || job.end == JobEnd::Never {
        "running".clone_into(&mut job.status);
        return;
    }
    let status = match job.end {
        JobEnd::Completed | JobEnd::WithoutResult => "completed",
        JobEnd::Failed => "failed",
        JobEnd::Expired => "expired",
        JobEnd::Killed => "killed",
        JobEnd::Never => "running",
    };
    status.clone_into(&mut job.status);
    job.completed = Some(now);
}

/// The end of a result's validity, when there is a result.
fn valid_until(job: &Job) -> Option<Timestamp> {
    let completed = job.completed.filter(|_| job.end == JobEnd::Completed)?;
    completed.saturating_add(RESULT_IS_KEPT).ok()
}
