//! When a shop is due, in the configured zone. Pure: it is asked every second with the time of day.
//!
//! A schedule is a list of moments; a shop is due when one of them lies between its last run and now.
//! However many do, it is due once: after a pause there is one run that catches up. The zone's rules
//! decide what the moments are, so a change of summer time neither skips nor repeats a run of an
//! interval. A clock that jumps backward must not stall it: a last run that lies in the future
//! counts as one of now.

use croner::Cron;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::config::ScheduleSettings;
use crate::error::{Doing, Kind, Result};
use crate::state::State;
use crate::sync::incremental::How;

/// A last run this far in the future says that the clock was set back since.
const SET_BACK: SignedDuration = SignedDuration::from_mins(1);

/// The schedules of a configuration.
#[derive(Debug, Clone)]
pub struct Timetable {
    zone: TimeZone,
    changes: Cron,
    everything: Cron,
}

/// When a shop was last begun to be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LastRuns {
    /// What changed.
    pub changes: Option<Timestamp>,
    /// Everything; it tells the changes too.
    pub everything: Option<Timestamp>,
}

impl LastRuns {
    /// As the state remembers them.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn remembered(state: &State, shop: &str) -> Result<Self> {
        Ok(Self {
            changes: state.last_begun(shop, false)?,
            everything: state.last_begun(shop, true)?,
        })
    }

    /// The same by a clock that shows `now`.
    #[must_use]
    pub fn by_the_clock(self, now: Timestamp) -> Self {
        let set_back = now.checked_add(SET_BACK).unwrap_or(now);
        let by_the_clock = |last: Timestamp| if last > set_back { now } else { last };
        Self {
            changes: self.changes.map(by_the_clock),
            everything: self.everything.map(by_the_clock),
        }
    }
}

impl Timetable {
    /// Compiles the schedules.
    ///
    /// # Errors
    /// When one of them or the zone is not known.
    pub fn new(settings: &ScheduleSettings) -> Result<Self> {
        let (changes, everything) = settings.compiled()?;
        let doing = || "reading the time zone of [schedule]".to_owned();
        Ok(Self {
            zone: TimeZone::get(&settings.timezone).doing(Kind::Configuration, doing)?,
            changes,
            everything,
        })
    }

    /// What a shop is due for now, if anything; one that was never read is.
    pub fn due(&self, last: LastRuns, now: Timestamp) -> Option<How> {
        let is_due = |cron: &Cron, last: Option<Timestamp>| {
            last.is_none_or(|last| self.after(cron, last).is_some_and(|next| next <= now))
        };
        if is_due(&self.everything, last.everything) {
            Some(How::Everything)
        } else if is_due(&self.changes, last.changes.max(last.everything)) {
            Some(How::Changes)
        } else {
            None
        }
    }

    /// When a shop is due next, if it is not now.
    pub fn next(&self, last: LastRuns, now: Timestamp) -> Option<Timestamp> {
        if self.due(last, now).is_some() {
            return Some(now);
        }
        let changes = self.after(&self.changes, now);
        let everything = self.after(&self.everything, now);
        changes.into_iter().chain(everything).min()
    }

    fn after(&self, cron: &Cron, moment: Timestamp) -> Option<Timestamp> {
        let moment = moment.to_zoned(self.zone.clone());
        let next = cron.find_next_occurrence(&moment, false).ok()?;
        Some(next.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timetable(changes: &str, everything: &str) -> Timetable {
        Timetable::new(&ScheduleSettings {
            incremental: changes.to_owned(),
            reconcile: everything.to_owned(),
            ..ScheduleSettings::default()
        })
        .unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// The moments at which a run begins, asked twice a minute of a span.
    fn runs(timetable: &Timetable, from: &str, to: &str) -> Vec<String> {
        let (mut now, to) = (at(from), at(to));
        let mut last = LastRuns {
            changes: Some(now),
            everything: Some(now),
        };
        let mut begun = Vec::new();
        while now < to {
            match timetable.due(last, now) {
                Some(How::Changes) => last.changes = Some(now),
                Some(How::Everything) => last.everything = Some(now),
                None => {
                    now += SignedDuration::from_secs(30);
                    continue;
                }
            }
            begun.push(now.to_string());
        }
        begun
    }

    #[test]
    fn a_quarter_of_an_hour_stays_one_through_both_changes_of_summer_time() {
        let timetable = timetable("0 */15 * * * *", "0 0 0 1 1 *");
        for (from, to) in [
            ("2026-03-29T00:00:30Z", "2026-03-29T03:00:30Z"),
            ("2026-10-25T00:00:30Z", "2026-10-25T03:00:30Z"),
        ] {
            assert_eq!(runs(&timetable, from, to).len(), 12, "{from}");
        }
    }

    #[test]
    fn a_time_of_day_happens_once_on_every_day() {
        let timetable = timetable("0 30 2 * * *", "0 0 0 1 1 *");
        let spring = runs(&timetable, "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z");
        assert_eq!(spring.len(), 2, "{spring:?}");
        let autumn = runs(&timetable, "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z");
        assert_eq!(autumn.len(), 2, "{autumn:?}");
    }

    #[test]
    fn after_a_pause_there_is_one_run() {
        let timetable = timetable("0 */15 * * * *", "0 0 0 1 1 *");
        let long_ago = at("2026-06-01T00:00:00Z");
        let mut last = LastRuns {
            changes: Some(long_ago),
            everything: Some(long_ago),
        };
        let now = at("2026-06-03T10:07:00Z");
        assert_eq!(timetable.due(last, now), Some(How::Changes));
        last.changes = Some(now);
        assert_eq!(timetable.due(last, now), None);
        assert_eq!(timetable.next(last, now), Some(at("2026-06-03T10:15:00Z")));
    }

    #[test]
    fn everything_includes_the_changes() {
        let timetable = timetable("0 30 3 * * *", "0 30 3 * * SUN");
        let last = Some(at("2026-06-06T12:00:00Z"));
        let mut last = LastRuns {
            changes: last,
            everything: last,
        };
        let sunday = at("2026-06-07T01:30:00Z");
        assert_eq!(timetable.due(last, sunday), Some(How::Everything));
        last.everything = Some(sunday);
        assert_eq!(timetable.due(last, sunday), None);
    }

    #[test]
    fn a_clock_that_jumps_neither_stalls_nor_bursts() {
        let timetable = timetable("0 */15 * * * *", "0 0 0 1 1 *");
        let last = Some(at("2038-01-19T03:14:00Z"));
        let mut last = LastRuns {
            changes: last,
            everything: last,
        };
        let now = at("2026-06-03T10:07:00Z");
        last = last.by_the_clock(now);
        assert_eq!(timetable.due(last, now), None, "set back");
        assert_eq!(timetable.next(last, now), Some(at("2026-06-03T10:15:00Z")));
        assert_eq!(
            timetable.due(last, at("2026-06-03T10:15:00Z")),
            Some(How::Changes)
        );
        let epoch = Timestamp::UNIX_EPOCH;
        last = last.by_the_clock(epoch);
        assert_eq!(timetable.due(last, epoch), None, "no clock yet");
        assert_eq!(timetable.due(last, now), Some(How::Everything), "once it has one");
    }
}
