//! MiniCRM's times: those of Budapest, without a zone ("please use the Hungarian timezone", its manual).

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// A moment that is not set.
const NEVER: &str = "0000-00-00";

/// As MiniCRM writes a moment.
pub fn local(moment: Timestamp) -> String {
    moment.to_zoned(zone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The day of a moment there.
pub fn local_day(moment: Timestamp) -> String {
    moment.to_zoned(zone()).strftime("%Y-%m-%d").to_string()
}

/// The moment that a time of MiniCRM's means; in the hour that comes twice the later one.
pub fn moment(text: &str) -> Option<Timestamp> {
    let local: DateTime = text.trim().parse().ok()?;
    zone().to_ambiguous_timestamp(local).later().ok()
}

/// A time as MiniCRM shows it, however it was written; empty where none is set. What is no time stays as it is.
pub fn normal(text: &str) -> String {
    let text = text.trim();
    if text.starts_with(NEVER) {
        return String::new();
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return local(moment);
    }
    match text.parse::<DateTime>() {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        Err(_) => text.to_owned(),
    }
}

/// The same for a day.
pub fn normal_day(text: &str) -> String {
    let text = text.trim();
    if text.starts_with(NEVER) {
        return String::new();
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return local_day(moment);
    }
    let day = text
        .parse::<Date>()
        .or_else(|_| text.parse::<DateTime>().map(DateTime::date));
    day.map_or_else(|_| text.to_owned(), |day| day.to_string())
}

fn zone() -> TimeZone {
    // The database of zones is built in.
    TimeZone::get("Europe/Budapest").unwrap_or(TimeZone::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_budapest() {
        let summer: Timestamp = "2024-07-01T10:00:00Z".parse().unwrap();
        assert_eq!(local(summer), "2024-07-01 12:00:00");
        assert_eq!(moment("2024-07-01 12:00:00"), Some(summer));
        assert_eq!(
            moment("2024-01-01 12:00:00").unwrap().to_string(),
            "2024-01-01T11:00:00Z"
        );
        assert_eq!(
            moment("2024-10-27 02:30:00").unwrap().to_string(),
            "2024-10-27T01:30:00Z",
            "the later one"
        );
        assert_eq!(moment("0000-00-00 00:00:00"), None);
    }

    #[test]
    fn one_moment_reads_the_same_however_it_was_written() {
        for text in [
            "2024-05-01T10:00:00Z",
            "2024-05-01 12:00:00",
            " 2024-05-01T12:00:00 ",
        ] {
            assert_eq!(normal(text), "2024-05-01 12:00:00");
            assert_eq!(normal_day(text), "2024-05-01");
        }
        assert_eq!(normal("2024-05-01"), "2024-05-01 00:00:00");
        assert_eq!(
            (normal("0000-00-00 00:00:00"), normal_day("0000-00-00")),
            Default::default()
        );
        assert_eq!(normal("soon"), "soon");
    }
}
