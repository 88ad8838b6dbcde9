//! Moments: the API's with an offset, the exports' without one.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

use super::{Fault, Part};

/// Years in which a shop can have had an order.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2199;

/// A moment; `None` where nothing is written. `what` names the value in a fault.
///
/// `2024-05-06 07:08:09` and `6.5.2024 7:08` are in `zone`; `2024-05-06T07:08:09+0200`, with or
/// without the colon, says its own. Of the hour that comes twice in October the second is meant
/// (winter time); a time that March skips is moved on by what was skipped.
pub(super) fn moment(text: &str, zone: &TimeZone, what: &str) -> Part<Option<Timestamp>> {
    let text = text.trim();
    // How the shop's database writes a date that was never set.
    if text.is_empty() || text.starts_with("0000-00-00") {
        return Ok(None);
    }
    let (when, offset) = read(text).ok_or_else(|| Fault::of(what, "is not a date"))?;
    if !YEARS.contains(&when.year()) {
        return Err(Fault::of(what, "is not a plausible date"));
    }
    let moment = match offset {
        Some(offset) => offset.to_timestamp(when),
        None => zone
            .to_ambiguous_zoned(when)
            .later()
            .map(|zoned| zoned.timestamp()),
    };
    moment.map(Some).map_err(|_| Fault::of(what, "is not a date"))
}

fn read(text: &str) -> Option<(DateTime, Option<Offset>)> {
    let (date, rest) = match text.find(['T', ' ']) {
        // `6. 5. 2024` has spaces of its own.
        Some(_) if text.contains(". ") => {
            let year = text.rfind(". ")? + 2;
            let end = text.get(year..)?.find(' ').map_or(text.len(), |at| year + at);
            text.split_at_checked(end)?
        }
        Some(at) => text.split_at_checked(at)?,
        None => (text, ""),
    };
    let date = read_date(date)?;
    let rest = rest.trim_start_matches(['T', ' ']);
    let offset_at = rest.find(['+', '-', 'Z', 'z']).unwrap_or(rest.len());
    let (time, offset) = rest.split_at_checked(offset_at)?;
    let offset = match offset {
        "" => None,
        _ => Some(read_offset(offset)?),
    };
    Some((date.to_datetime(read_time(time.trim())?), offset))
}

fn read_date(text: &str) -> Option<Date> {
    let (year, month, day) = if text.contains('.') {
        let mut parts = text.split('.').map(str::trim);
        let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
        parts.next().is_none().then_some((year, month, day))?
    } else {
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        parts.next().is_none().then_some((year, month, day))?
    };
    Date::new(
        number(year, 4)?,
        number(month, 2)?.try_into().ok()?,
        number(day, 2)?.try_into().ok()?,
    )
    .ok()
}

fn read_time(text: &str) -> Option<Time> {
    if text.is_empty() {
        return Some(Time::midnight());
    }
    // Fractions of a second mean nothing to anyone here.
    let text = text.split_once('.').map_or(text, |(whole, _)| whole);
    let mut parts = text.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next().unwrap_or("0"));
    if parts.next().is_some() {
        return None;
    }
    let small = |part| i8::try_from(number(part, 2)?).ok();
    Time::new(small(hour)?, small(minute)?, small(second)?, 0).ok()
}

fn read_offset(text: &str) -> Option<Offset> {
    if matches!(text, "Z" | "z") {
        return Some(Offset::UTC);
    }
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        (_, digits) => (-1, digits),
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None => digits.split_at_checked(2)?,
    };
    let minutes = if minutes.is_empty() {
        0
    } else {
        i32::from(number(minutes, 2)?)
    };
    let seconds = i32::from(number(hours, 2)?) * 3600 + minutes * 60;
    Offset::from_seconds(sign * seconds).ok()
}

/// A number of at most so many digits.
fn number(text: &str, digits: usize) -> Option<i16> {
    let fits = !text.is_empty() && text.len() <= digits && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_prague(text: &str) -> Option<String> {
        let zone = TimeZone::get("Europe/Prague").unwrap();
        moment(text, &zone, "DATE")
            .ok()
            .map(|moment| moment.map_or_else(|| "none".to_owned(), |at| at.to_string()))
    }

    #[test]
    fn every_way_to_write_a_moment() {
        for (written, read) in [
            ("2024-01-15 10:00:00", "2024-01-15T09:00:00Z"),
            ("2024-07-15 10:00:00", "2024-07-15T08:00:00Z"),
            ("2024-07-15", "2024-07-14T22:00:00Z"),
            ("15.7.2024 9:05", "2024-07-15T07:05:00Z"),
            ("15. 7. 2024 9:05:01", "2024-07-15T07:05:01Z"),
            ("15. 7. 2024", "2024-07-14T22:00:00Z"),
            ("2016-07-09T01:54:35+0100", "2016-07-09T00:54:35Z"),
            ("2016-07-09T01:54:35+02:00", "2016-07-08T23:54:35Z"),
            ("2016-07-09T01:54:35.123Z", "2016-07-09T01:54:35Z"),
            ("2016-07-09T01:54:35", "2016-07-08T23:54:35Z"),
            // The hour that comes twice, and the one that never comes.
            ("2024-10-27 02:30:00", "2024-10-27T01:30:00Z"),
            ("2024-03-31 02:30:00", "2024-03-31T01:30:00Z"),
            ("", "none"),
            ("0000-00-00 00:00:00", "none"),
        ] {
            assert_eq!(in_prague(written).as_deref(), Some(read), "{written}");
        }
    }

    #[test]
    fn what_is_no_moment() {
        for written in [
            "0000-01-01 00:00:00",
            "99999-01-01",
            "2024-13-01",
            "2024-02-30",
            "yesterday",
            "2024-01-01 25:00",
            "1",
            "2024-01-01T10:00:00+9999",
        ] {
            assert_eq!(in_prague(written), None, "{written}");
        }
    }
}
