//! Commands that change the state: carried out here, or by the daemon that holds the lock.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::forget::{self, ForgetArguments};
use super::import::{self, ImportArguments};
use super::link::{self, LinkArguments};
use super::output::Stdout;
use super::parked::{self, ParkedArguments};
use super::progress::Shown;
use super::setup;
use super::sync::{self, SyncArguments};
use crate::config::Config;
use crate::daemon::ask;
use crate::daemon::control::{Commands, Work};
use crate::error::{Doing, Kind, Result};
use crate::sync::engine::Engine;

/// A command that changes the state, with its arguments.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// `import`
    Import(ImportArguments),
    /// `sync`
    Sync(SyncArguments),
    /// `parked retry` and `parked dismiss`
    Parked(ParkedArguments),
    /// `link`
    Link(LinkArguments),
    /// `forget`
    Forget(ForgetArguments),
}

/// What the daemon carries out when it is asked to.
pub struct Desk;

impl Commands for Desk {
    fn carry_out<'a>(&'a self, asked: Value, work: Work<'a>) -> LocalBoxFuture<'a, Result<u8>> {
        Box::pin(async move {
            let doing = || "reading what was asked for".to_owned();
            let asked: Asked = serde_json::from_value(asked).doing(Kind::Configuration, doing)?;
            asked.carry_out(work).await
        })
    }
}

impl Asked {
    const fn name(&self) -> &'static str {
        match self {
            Self::Import(_) => "import",
            Self::Sync(_) => "sync",
            Self::Parked(_) => "parked",
            Self::Link(_) => "link",
            Self::Forget(_) => "forget",
        }
    }

    async fn carry_out(self, work: Work<'_>) -> Result<u8> {
        match self {
            Self::Import(arguments) => import::carry_out(&arguments, work).await,
            Self::Sync(arguments) => sync::carry_out(&arguments, work).await,
            Self::Parked(arguments) => parked::carry_out(&arguments, work),
            Self::Link(arguments) => link::carry_out(&arguments, work).await,
            Self::Forget(arguments) => forget::carry_out(&arguments, work).await,
        }
    }

    /// Carries it out, or has the daemon do so and follows it.
    ///
    /// # Errors
    /// What the command ended with; [`Kind::AlreadyRunning`] when something else than a daemon holds the
    /// lock.
    pub async fn here_or_there(self, config: &Config, stdout: Stdout<'_>) -> Result<u8> {
        let progress = Shown::new();
        let done = match Engine::open(setup::setup(config), self.name()).await {
            Ok(engine) => {
                let work = Work {
                    engine: &engine,
                    progress: &progress,
                    out: &mut *stdout,
                    is_here: true,
                };
                self.carry_out(work).await
            }
            Err(error) if error.kind() == Kind::AlreadyRunning => {
                let asked = match self {
                    Self::Import(arguments) => Self::Import(arguments.from_anywhere()),
                    other => other,
                };
                let asked = serde_json::to_value(&asked)
                    .doing(Kind::Interrupted, || "asking the daemon".to_owned())?;
                match ask(&config.state_dir, &asked, &progress, stdout).await {
                    Ok(Some(code)) => Ok(code),
                    Ok(None) => Err(error),
                    Err(error) => Err(error),
                }
            }
            Err(error) => Err(error),
        };
        progress.finish();
        done
    }
}
