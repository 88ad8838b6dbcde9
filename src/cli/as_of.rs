//! `--as-of`: a moment, or a day of the shop.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::error::{Doing, Kind, Result};

/// Letters of a date, as in `2026-01-31`.
const DATE: usize = 10;

/// The moment that files speak of, as a person gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AsOf {
    /// `2026-01-31T10:00:00Z`
    Moment(Timestamp),
    /// `2026-01-31`: when that day begins where the shop is.
    Day(Date),
}

impl AsOf {
    /// The moment, for a shop in this zone.
    ///
    /// # Errors
    /// [`Kind::Configuration`] for a day that is out of all time.
    pub fn moment(self, zone: &TimeZone) -> Result<Timestamp> {
        match self {
            Self::Moment(moment) => Ok(moment),
            Self::Day(day) => day
                .to_zoned(zone.clone())
                .map(|begins| begins.timestamp())
                .doing(Kind::Configuration, || "reading --as-of".to_owned()),
        }
    }
}

impl FromStr for AsOf {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let day = (text.len() == DATE).then(|| text.parse().ok()).flatten();
        let moment = || text.parse().map(Self::Moment).ok();
        day.map(Self::Day).or_else(moment).ok_or_else(|| {
            "a time as in 2026-01-31T10:00:00Z or 2026-01-31T11:00:00+01:00, or a day as in 2026-01-31"
                .to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_where_the_shop_is() {
        let prague = TimeZone::get("Europe/Prague").unwrap();
        for (given, meant) in [
            ("2026-02-03", "2026-02-02T23:00:00Z"),
            ("2026-07-03", "2026-07-02T22:00:00Z"),
            ("2026-02-03T04:05:06Z", "2026-02-03T04:05:06Z"),
            ("2026-02-03T04:05:06+01:00", "2026-02-03T03:05:06Z"),
        ] {
            let moment = given.parse::<AsOf>().unwrap().moment(&prague).unwrap();
            assert_eq!(moment.to_string(), meant, "{given}");
        }
        // Of which zone would it be?
        for unclear in ["2026-02-03T04:05", "2026-02-30", "yesterday", "2026-2-3", ""] {
            assert!(unclear.parse::<AsOf>().is_err(), "{unclear}");
        }
    }
}
