//! `run` as people use it: the real program beside a simulated shop.
#![allow(clippy::unwrap_used)] // the helpers of a test may fail like the test

mod beside;
mod ending;
mod enduring;
mod follows;
mod held_up;

#[path = "../support/trial.rs"]
mod trial;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use shoptet_sync::demo::World;
use shoptet_sync::demo::agreement::broken_promises;
use trial::*;

/// A run every second, nothing in full.
const EVERY_SECOND: &str = "[schedule]\nincremental = \"* * * * * *\"\nreconcile = \"0 0 0 1 1 *\"\n";

/// How long something may take until the test fails.
const LONGEST: Duration = Duration::from_secs(30);

/// A daemon at work; killed at the latest when the test ends.
struct Daemon {
    process: Child,
    configuration: PathBuf,
}

impl Daemon {
    fn start(trial: &Trial) -> Self {
        let configuration = trial.configuration();
        let log = std::fs::File::create(trial.folder.path().join("log")).unwrap();
        let process = program(&configuration, &["run"])
            .stderr(log)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            process,
            configuration,
        }
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &self.process.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// Runs a command beside it.
    fn beside(&self, words: &[&str]) -> Output {
        program(&self.configuration, words).output().unwrap()
    }

    /// Its exit code, once it has ended.
    fn ended(&mut self) -> Option<i32> {
        let began = Instant::now();
        while began.elapsed() < LONGEST {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let log = std::fs::read_to_string(self.configuration.with_file_name("log")).unwrap();
        let last: Vec<&str> = log.lines().rev().take(20).collect();
        unreachable!("it does not end; its last words, backwards: {last:#?}");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program(configuration: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shoptet-sync"));
    command
        .arg("--config")
        .arg(configuration)
        .args(words)
        .env("RUST_LOG", "info");
    command
}

async fn a_trial(seed: u64) -> Trial {
    let mut trial = Trial::by(World::generate(seed, 20, 50), Customers::Xml, Orders::Xml).await;
    trial.more.top = EVERY_SECOND;
    trial
}

/// Waits until something is true.
async fn until(what: &str, trial: &Trial, is_true: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_true() {
        let log = || std::fs::read_to_string(trial.folder.path().join("log")).unwrap_or_default();
        assert!(began.elapsed() < LONGEST, "{what} did not happen: {}", log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn is_in_step(trial: &Trial) -> bool {
    let database = shoptet_sync::demo::shown::ContactDatabase::read(&trial.contacts());
    database.is_ok_and(|database| {
        trial
            .shop
            .change(|world| broken_promises(world, &database))
            .is_empty()
    })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
