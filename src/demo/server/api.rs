//! The REST interface: who gets in, what there is, and what is refused.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::answer::Answer;
use super::{Call, customers, eshop, jobs, mailing, orders, tokens, webhooks};
use crate::demo::world::{ChangesOrder, TooOld, World};

/// An endpoint: its path with `{}` for one segment, and the query parameters it knows.
struct Endpoint {
    method: &'static str,
    path: &'static str,
    group: &'static str,
    parameters: &'static [&'static str],
    answer: fn(&mut World, &Call, &str) -> Answer,
}

const PAGING: &[&str] = &["page", "itemsPerPage"];
const CHANGES: &[&str] = &["from", "changeType", "page", "itemsPerPage"];

/// The surface, first match first.
const ENDPOINTS: &[Endpoint] = &[
    get("/api/eshop", "eshop", &["include"], eshop::info),
    get(
        "/api/customers",
        "customers",
        &["email", "phone", "page", "itemsPerPage"],
        customers::list,
    ),
    get(
        "/api/customers/snapshot",
        "customers",
        customers::SNAPSHOT_FILTERS,
        customers::snapshot,
    ),
    get("/api/customers/changes", "customers", CHANGES, customers::changes),
    get("/api/customers/{}", "customers", &[], customers::detail),
    get("/api/orders", "orders", orders::LIST_FILTERS, orders::list),
    get(
        "/api/orders/snapshot",
        "orders",
        orders::SNAPSHOT_FILTERS,
        orders::snapshot,
    ),
    get("/api/orders/changes", "orders", CHANGES, orders::changes),
    get("/api/orders/statuses", "orders", &[], eshop::statuses),
    get("/api/orders/{}", "orders", &["include"], orders::detail),
    get("/api/mailing-lists", "mailing-lists", &[], mailing::lists),
    get("/api/mailing-lists/{}", "mailing-lists", PAGING, mailing::members),
    get(
        "/api/mailing-lists/{}/changes",
        "mailing-lists",
        CHANGES,
        mailing::changes,
    ),
    get(
        "/api/unsubscribed-emails",
        "unsubscribed-emails",
        &["from", "page", "itemsPerPage"],
        mailing::unsubscribed,
    ),
    get("/api/system/jobs", "system", jobs::LIST_FILTERS, jobs::list),
    get("/api/system/jobs/{}", "system", &[], jobs::detail),
    get("/api/system/endpoints", "system", &["status"], endpoints),
    get("/api/webhooks", "webhooks", PAGING, webhooks::list),
    get("/api/webhooks/{}", "webhooks", &[], webhooks::detail),
    Endpoint {
        method: "POST",
        ..get("/api/webhooks", "webhooks", &[], webhooks::register)
    },
    Endpoint {
        method: "PATCH",
        ..get("/api/webhooks/{}", "webhooks", &[], webhooks::change)
    },
    Endpoint {
        method: "DELETE",
        ..get("/api/webhooks/{}", "webhooks", &[], webhooks::remove)
    },
];

const fn get(
    path: &'static str,
    group: &'static str,
    parameters: &'static [&'static str],
    answer: fn(&mut World, &Call, &str) -> Answer,
) -> Endpoint {
    Endpoint {
        method: "GET",
        path,
        group,
        parameters,
        answer,
    }
}

/// Answers a request to the API. `at_once` counts the requests of this token, this one among them.
pub(super) fn answer(world: &mut World, call: &Call, at_once: usize) -> Answer {
    // The proxy in front of the API counts connections; it knows neither tokens nor buckets.
    if at_once > world.limits.connections_per_token {
        return Answer::html(429, "429 Too Many Requests");
    }
    let answer = match pour_a_drop(world) {
        Err(retry_after) => trouble(429).with_header("retry-after", retry_after),
        Ok(()) => behind_the_door(world, call),
    };
    let answer = match &world.limits.bucket {
        Some(bucket) => {
            let filling = format!("{:.0}/{:.0}", bucket.filling, bucket.capacity);
            answer.with_header("x-ratelimit-bucket-filling", filling)
        }
        None => answer.with_header("x-ratelimit-bucket-filling", "0/200"),
    };
    let answer = answer.with_header("x-request-id", format!("simulated-{}", call.number));
    match world.limits.deprecated.get(&call.path) {
        Some(sunset) => answer
            .with_header("x-shoptet-deprecated", "This endpoint is deprecated.")
            .with_header("sunset", sunset.clone()),
        None => answer,
    }
}

fn behind_the_door(world: &mut World, call: &Call) -> Answer {
    if let Err(refusal) = tokens::check(world, call) {
        return refusal;
    }
    let found = ENDPOINTS
        .iter()
        .filter(|endpoint| endpoint.method == call.method)
        .find_map(|endpoint| Some((endpoint, segment(endpoint.path, &call.path)?)));
    let Some((endpoint, argument)) = found else {
        return Answer::refusal(404, "page-not-found", "Endpoint does not exist.", &call.path);
    };
    if world.doors.missing_rights.contains(endpoint.group) {
        let message = "Token has no rights to the endpoint.";
        return Answer::refusal(403, "invalid-token-no-rights", message, endpoint.path);
    }
    let unknown = call
        .query
        .iter()
        .find(|(name, _)| name != "language" && !endpoint.parameters.contains(&name.as_str()));
    if let Some((name, _)) = unknown {
        let message = format!("Unsupported query parameters: {name}");
        return Answer::refusal(400, "unsupported-query-parameters", &message, name);
    }
    (endpoint.answer)(world, call, argument)
}

/// What stands for `{}` in the pattern; empty where it has none. `None`: another path.
fn segment<'a>(pattern: &str, path: &'a str) -> Option<&'a str> {
    let Some((start, end)) = pattern.split_once("{}") else {
        return (pattern == path).then_some("");
    };
    path.strip_prefix(start)?
        .strip_suffix(end)
        .filter(|argument| !argument.is_empty() && !argument.contains('/'))
}

/// Each request is one drop. When the bucket is full: the date from which it is not.
fn pour_a_drop(world: &mut World) -> Result<(), String> {
    let now = world.clock.precise();
    let Some(bucket) = &mut world.limits.bucket else {
        return Ok(());
    };
    let passed = now.duration_since(bucket.at).as_secs_f64().max(0.0);
    bucket.at = now;
    bucket.filling = (bucket.filling - passed * bucket.drain_per_second).max(0.0);
    if bucket.filling + 1.0 > bucket.capacity {
        // A date has whole seconds: one more than the drop needs.
        let wait = 1.0 + (1.0 / bucket.drain_per_second).ceil();
        let wait = SignedDuration::try_from_secs_f64(wait).unwrap_or(SignedDuration::from_hours(1));
        return Err(tokens::http_date(now.saturating_add(wait).unwrap_or(now)));
    }
    bucket.filling += 1.0;
    Ok(())
}

/// An error of the service itself, by its status.
pub(super) fn trouble(status: u16) -> Answer {
    let (code, message) = match status {
        401 => ("invalid-token", "Invalid access token."),
        403 => ("invalid-token-no-rights", "Token has no rights to the endpoint."),
        404 => ("page-not-found", "Page not found."),
        409 => (
            "record-already-changed",
            "The record was changed in the meantime.",
        ),
        423 => ("url-locked", "The URL is locked by another request."),
        429 => ("too-many-requests", "Too many requests."),
        503 => ("system-maintenance", "System maintenance, please try later."),
        _ => ("internal-error", "Internal server error."),
    };
    Answer::refusal(status, code, message, "unknown")
}

/// A page of a list under `name`, with its paginator. A wish above the maximum gets the maximum.
pub(super) fn page<T>(
    call: &Call,
    name: &str,
    (default, most): (usize, usize),
    all: &[T],
    render: impl Fn(&T) -> Value,
) -> Answer {
    let number = |name: &str, default: usize| match call.parameter(name) {
        None => Ok(default),
        Some(text) => match text.parse::<usize>() {
            Ok(number) if number > 0 => Ok(number),
            _ => Err(invalid_parameter(name)),
        },
    };
    let (page, per_page) = match (number("page", 1), number("itemsPerPage", default)) {
        (Ok(page), Ok(per_page)) => (page, per_page.min(most)),
        (Err(refusal), _) | (_, Err(refusal)) => return refusal,
    };
    let pages = all.len().div_ceil(per_page).max(1);
    if page > pages {
        let message = format!("Page not found, max page is {pages}.");
        return Answer::refusal(404, "page-not-found", &message, "page");
    }
    let items: Vec<Value> = all
        .iter()
        .skip((page - 1).saturating_mul(per_page))
        .take(per_page)
        .map(render)
        .collect();
    let paginator = json!({
        "totalCount": all.len(),
        "page": page,
        "pageCount": pages,
        "itemsOnPage": items.len(),
        "itemsPerPage": per_page,
    });
    Answer::data(200, &json!({name: items, "paginator": paginator}))
}

pub(super) fn invalid_parameter(name: &str) -> Answer {
    Answer::refusal(
        400,
        "invalid-parameter",
        &format!("Invalid \"{name}\" parameter."),
        name,
    )
}

/// A time of the query: with an offset, and with its `+` written as `%2B`.
pub(super) fn time_parameter(call: &Call, name: &str) -> Result<Option<Timestamp>, Answer> {
    let Some(text) = call.parameter(name) else {
        return Ok(None);
    };
    text.parse().map(Some).map_err(|_| invalid_parameter(name))
}

/// Whether `moment` lies within two parameters, both ends included.
pub(super) fn within(
    call: &Call,
    from: &str,
    to: &str,
) -> Result<impl Fn(Timestamp) -> bool + use<>, Answer> {
    let (from, to) = (time_parameter(call, from)?, time_parameter(call, to)?);
    Ok(move |moment| from.is_none_or(|from| moment >= from) && to.is_none_or(|to| moment <= to))
}

/// Changes since `from`, each key once with its last: key, moment, `add`, `edit` or `delete`.
pub(super) fn changes<'a>(
    world: &World,
    call: &Call,
    key: &str,
    paging: (usize, usize),
    all: impl Iterator<Item = (&'a str, Timestamp, &'static str)>,
) -> Answer {
    let told = &world.changes;
    let from = match time_parameter(call, "from") {
        Ok(Some(from)) => from,
        Ok(None) => {
            let message = "Missing value for parameter \"from\".";
            return Answer::refusal(400, "missing-parameter", message, "from");
        }
        Err(refusal) => return refusal,
    };
    let now = world.clock.now();
    let oldest = now.saturating_sub(told.kept).unwrap_or(now);
    if let (true, TooOld::Refused(status)) = (from < oldest, told.too_old) {
        return Answer::refusal(status, "invalid-parameter", "Invalid \"from\" parameter.", "from");
    }
    let mut last: BTreeMap<&str, (Timestamp, &str)> = BTreeMap::new();
    for (key, at, change) in all {
        let is_newer = last.get(key).is_none_or(|(before, _)| *before <= at);
        if at >= from.max(oldest) && is_newer {
            last.insert(key, (at, change));
        }
    }
    let asked = call.parameter("changeType");
    // A creation is an edit to whoever asks for edits, whatever it is called.
    let is_asked =
        |change: &str| asked.is_none_or(|asked| asked == change || (asked, change) == ("edit", "add"));
    let mut rows: Vec<_> = last
        .into_iter()
        .filter(|(_, (_, change))| is_asked(change))
        .collect();
    match told.order {
        ChangesOrder::OldestFirst => rows.sort_by_key(|(_, (at, _))| *at),
        ChangesOrder::NewestFirst => rows.sort_by_key(|(_, (at, _))| std::cmp::Reverse(*at)),
        ChangesOrder::ByKey => {}
    }
    if rows.is_empty() && told.empty_has_no_page {
        return Answer::refusal(404, "page-not-found", "Page not found, max page is 0.", "page");
    }
    let zone = world.shop.zone();
    page(call, "changes", paging, &rows, |(which, (at, change))| {
        let time = (!told.without_time).then(|| crate::demo::render::json::time(*at, &zone));
        json!({key: which, "changeTime": time, "changeType": change})
    })
}

fn endpoints(world: &mut World, call: &Call, _: &str) -> Answer {
    let approved = call.parameter("status").is_none_or(|status| status == "approved");
    let list: Vec<Value> = ENDPOINTS
        .iter()
        .filter(|endpoint| approved && !world.doors.missing_rights.contains(endpoint.group))
        .map(|endpoint| {
            json!({
                "endpoint": endpoint.path.trim_start_matches("/api/"),
                "description": endpoint.path,
                "group": {"id": 1, "description": endpoint.group},
                "access": if endpoint.method == "GET" { "read" } else { "write" },
                "action": null,
            })
        })
        .collect();
    Answer::data(200, &json!({"endpoints": list}))
}
