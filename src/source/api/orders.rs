//! Orders from the API: what a snapshot job is asked for.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::jobs::Snapshot;
use crate::error::{Doing as _, Kind, Result};
use crate::source::spool::Section;

/// Every order placed from `since` to `until`, both days included, in the shop's time zone.
pub(in crate::source) fn snapshot(
    since: Option<Date>,
    until: Option<Date>,
    timezone: &str,
) -> Result<Snapshot> {
    let doing = || format!("working out the interval of orders in the time zone {timezone}");
    let zone = TimeZone::get(timezone).doing(Kind::Configuration, doing)?;
    // The tracking number and the buyer's remark stand in the notes.
    let mut query = vec![("include".to_owned(), "notes".to_owned())];
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
    Ok(Snapshot {
        section: Section::Orders,
        endpoint: "/api/orders/snapshot",
        query,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_and_end_in_the_shops_time_zone() {
        let day = |text: &str| Some(text.parse().unwrap());
        let snapshot = snapshot(day("2021-01-01"), day("2026-07-31"), "Europe/Prague").unwrap();
        let query: Vec<_> = snapshot
            .query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        insta::assert_snapshot!(query.join("&"), @"include=notes&creationTimeFrom=2021-01-01T00:00:00+0100&creationTimeTo=2026-07-31T23:59:59+0200");
    }
}
