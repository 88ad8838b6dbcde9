//! Load and check the configuration; composes each module's own settings.
//!
//! figment lays the variables `SHOPTET_SYNC__SECTION__KEY` over the file; each section then reads
//! its keys from the result and notes what is wrong, so that one run tells every fault, each with
//! file, line, column and key.

mod load;
mod environment;
mod place;
mod known;
mod check;
mod section;
mod wording;
mod secret;
mod permissions;
mod address;
mod codes;
mod schedule;
mod server;
mod notify;
mod shop;
mod origin;
mod records;
mod target;
mod daktela;
mod minicrm;
mod fields;

use std::path::PathBuf;

pub use environment::Environment;
pub use load::{from_path, from_str, load};
pub use notify::{Notice, NotifySettings, NotifyWay};
pub use schedule::ScheduleSettings;
pub use server::ServerSettings;

use crate::mapping::settings::MappingSettings;
use crate::source::settings::ShopSettings;
use crate::target::settings::TargetSettings;

/// A whole configuration: checked, its secrets read, its defaults filled in.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file it was read from.
    pub path: PathBuf,
    /// Where the state lives. `state_dir`, relative to the file's folder; without it
    /// `$STATE_DIRECTORY` (as systemd sets it), else `shoptet-sync-state` beside the file: never
    /// dependent on the folder a command is run in, or two runs would keep two states.
    pub state_dir: PathBuf,
    /// `[schedule]`
    pub schedule: ScheduleSettings,
    /// `[server]`
    pub server: Option<ServerSettings>,
    /// `[[shop]]`, in the order of the file; at least one.
    pub shops: Vec<ShopSettings>,
    /// `[[target]]`, in the order of the file; at least one.
    pub targets: Vec<TargetConfig>,
    /// `[[notify]]`
    pub notify: Vec<NotifySettings>,
    /// What is allowed but unwise, each a whole sentence to be shown once.
    pub warnings: Vec<String>,
    /// The same, of no interest but to who is about to read a shop.
    pub warnings_of_reading: Vec<String>,
}

/// One `[[target]]`: where to, and what.
#[derive(Debug, Clone)]
pub struct TargetConfig {
    /// The connection.
    pub target: TargetSettings,
    /// The fields and statuses.
    pub mapping: MappingSettings,
}
