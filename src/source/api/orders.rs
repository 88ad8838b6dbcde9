//! Orders from the API: what a snapshot job is asked for, and one order alone.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::client::{Ask, Client};
use super::jobs::Snapshot;
use crate::error::{Doing as _, Kind, Result};
use crate::source::clock::for_the_api;
use crate::source::spool::Section;

/// The tracking number and the buyer's remark stand in the notes.
const INCLUDE: &str = "notes";

/// Every order placed from `since` to `until`, both days included, in the shop's time zone; with
/// `changed_since` only what changed from that moment on.
pub(in crate::source) fn snapshot(
    since: Option<Date>,
    until: Option<Date>,
    timezone: &str,
    changed_since: Option<Timestamp>,
) -> Result<Snapshot> {
    let doing = || format!("working out the interval of orders in the time zone {timezone}");
    let zone = TimeZone::get(timezone).doing(Kind::Configuration, doing)?;
    let mut query = vec![("include".to_owned(), INCLUDE.to_owned())];
    for (name, day, time) in [
        ("creationTimeFrom", since, jiff::civil::time(0, 0, 0, 0)),
        ("creationTimeTo", until, jiff::civil::time(23, 59, 59, 0)),
    ] {
        if let Some(day) = day {
            let moment = day
                .to_datetime(time)
                .to_zoned(zone.clone())
                .doing(Kind::Configuration, doing)?;
            query.push((
                name.to_owned(),
                moment.strftime("%Y-%m-%dT%H:%M:%S%z").to_string(),
            ));
        }
    }
    if let Some(moment) = changed_since {
        query.push(("changeTimeFrom".to_owned(), for_the_api(moment)));
    }
    Ok(Snapshot {
        section: Section::Orders,
        endpoint: "/api/orders/snapshot",
        query,
    })
}

/// The detail of one order as the shop wrote it, or `None` when the shop has no such order: only its
/// own `order-not-found` says so.
pub(in crate::source) async fn detail(client: &Client, code: &str) -> Result<Option<String>> {
    #[derive(Deserialize)]
    struct Read {
        order: Box<RawValue>,
    }
    let ask = Ask::get("/api/orders/{id}").of(code).with("include", INCLUDE);
    let read: Option<Read> = client.find(&ask, "order-not-found").await?;
    Ok(read.map(|read| read.order.get().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_and_end_in_the_shops_time_zone() {
        let day = |text: &str| Some(text.parse().unwrap());
        let changed = "2026-10-25T01:30:00Z".parse().unwrap();
        let snapshot = snapshot(
            day("2021-01-01"),
            day("2026-07-31"),
            "Europe/Prague",
            Some(changed),
        )
        .unwrap();
        let query: Vec<_> = snapshot
            .query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        insta::assert_snapshot!(query.join("&"), @"include=notes&creationTimeFrom=2021-01-01T00:00:00+0100&creationTimeTo=2026-07-31T23:59:59+0200&changeTimeFrom=2026-10-25T01:30:00+0000");
    }
}
