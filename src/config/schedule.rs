//! `[schedule]`: when the daemon works.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use url::Url;

use super::address::{Extent, web};
use super::codes;
use super::known;
use super::section::Section;
use crate::error::{Error, Kind, Result};

/// `[schedule]`. Every key may be left out.
#[derive(Debug, Clone)]
pub struct ScheduleSettings {
    /// IANA name; also of the shops that name none and have no API to ask.
    pub timezone: String,
    /// When to ask for what changed: cron with seconds, in `timezone`.
    pub incremental: String,
    /// When to read everything again and compare.
    pub reconcile: String,
    /// Called after every good run.
    pub heartbeat_url: Option<Url>,
}

impl Default for ScheduleSettings {
    fn default() -> Self {
        Self {
            timezone: "Europe/Prague".to_owned(),
            incremental: "0 */15 * * * *".to_owned(),
            reconcile: "0 30 3 * * SUN".to_owned(),
            heartbeat_url: None,
        }
    }
}

pub(super) fn read(top: &Section) -> Option<ScheduleSettings> {
    let default = ScheduleSettings::default();
    let section = top.table_or_empty("schedule", &[&known::SCHEDULE])?;
    Some(ScheduleSettings {
        timezone: section
            .parsed("timezone", codes::timezone)
            .unwrap_or(default.timezone),
        incremental: section.parsed("incremental", cron).unwrap_or(default.incremental),
        reconcile: section.parsed("reconcile", cron).unwrap_or(default.reconcile),
        heartbeat_url: section.parsed("heartbeat_url", web(Extent::Query)),
    })
}

impl ScheduleSettings {
    /// Both schedules, compiled: when to ask for changes, and when to read everything.
    ///
    /// # Errors
    /// When one of them is no schedule; those of a loaded configuration are.
    pub fn compiled(&self) -> Result<(Cron, Cron)> {
        let compile = |text: &str| {
            parse(text).map_err(|cause| {
                Error::new(
                    Kind::Configuration,
                    "reading [schedule]",
                    format!("\"{text}\" {cause}"),
                )
            })
        };
        Ok((compile(&self.incremental)?, compile(&self.reconcile)?))
    }
}

fn cron(text: &str) -> std::result::Result<String, String> {
    parse(text).map(|_| text.split_ascii_whitespace().collect::<Vec<_>>().join(" "))
}

/// Five fields, or six with seconds first.
fn parse(text: &str) -> std::result::Result<Cron, String> {
    let parser = CronParser::builder()
        .seconds(Seconds::Optional)
        .year(Year::Disallowed)
        .build();
    let example = "second minute hour day month weekday, as in \"0 */15 * * * *\"";
    let cron = parser
        .parse(text)
        .map_err(|_| format!("is no schedule: {example}"))?;
    match cron.find_next_occurrence(&Timestamp::now().to_zoned(TimeZone::UTC), false) {
        Ok(_) => Ok(cron),
        Err(_) => Err("never comes: there is no such day".to_owned()),
    }
}
