//! `run`: the daemon.

use std::path::Path;

use super::asked::Desk;
use super::setup;
use crate::daemon::Daemon;
use crate::error::Result;

/// Works until it is told to end.
///
/// # Errors
/// When it cannot begin.
pub async fn run(config: Option<&Path>) -> Result<u8> {
    let daemon = Daemon {
        config: setup::load_to_read(config)?,
        reload: &|| setup::load(config),
        setup: &setup::setup,
        commands: &Desk,
    };
    daemon.run().await.map(|()| 0)
}
