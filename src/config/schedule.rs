//! `[schedule]`: when the daemon works.

use url::Url;

use super::address::{Extent, web};
use super::codes;
use super::known;
use super::section::Section;

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

/// Five fields, or six with seconds first; what they mean is the schedule's own business.
fn cron(text: &str) -> Result<String, String> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "*/,-?#".contains(letter);
    let fields: Vec<&str> = text.split_ascii_whitespace().collect();
    if matches!(fields.len(), 5 | 6) && fields.iter().all(|field| field.chars().all(plain)) {
        Ok(fields.join(" "))
    } else {
        Err("is no schedule: second minute hour day month weekday, as in \"0 */15 * * * *\"".to_owned())
    }
}
