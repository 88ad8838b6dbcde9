//! From the configuration to what a run needs; warnings are told once.

use std::path::Path;

use jiff::tz::TimeZone;

use crate::config::{self, Config};
use crate::error::{Doing, Kind, Result};
use crate::sync::import::Setup;

/// Loads the configuration and tells its warnings.
///
/// # Errors
/// When the configuration is wrong.
pub fn load(path: Option<&Path>) -> Result<Config> {
    let config = config::load(path)?;
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    Ok(config)
}

/// The same, for who is about to read the shops.
///
/// # Errors
/// As [`load`].
pub fn load_to_read(path: Option<&Path>) -> Result<Config> {
    let config = load(path)?;
    for warning in &config.warnings_of_reading {
        tracing::warn!("{warning}");
    }
    Ok(config)
}

/// The part of a configuration that a run is about.
pub fn setup(config: &Config) -> Setup {
    Setup {
        state_dir: config.state_dir.clone(),
        shops: config.shops.clone(),
        targets: config
            .targets
            .iter()
            .map(|target| (target.target.clone(), target.mapping.clone()))
            .collect(),
        public_url: config
            .server
            .as_ref()
            .and_then(|server| server.public_url.clone()),
        timezone: config.schedule.timezone.clone(),
        pace: crate::http::Pace::default(),
    }
}

/// The zone in which a person at the terminal reads times: the schedule's.
///
/// # Errors
/// When it is not known.
pub fn zone(config: &Config) -> Result<TimeZone> {
    TimeZone::get(&config.schedule.timezone).doing(Kind::Configuration, || {
        "reading the time zone of [schedule]".to_owned()
    })
}
