//! The commands, through the real program: what they print, in words and as JSON, and how they end.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot be set up fails"
)]

mod shop;

mod answers;
mod backups;
mod checks;
mod explains;
mod files;
mod forgets;
mod help;
mod imports;
mod lists;
mod parks;
mod plans;

use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use jiff::ToSpan as _;
use jiff::tz::TimeZone;
use tempfile::TempDir;

/// A folder with a configuration, in which the program runs.
struct Place {
    folder: TempDir,
}

/// How a command ended.
struct Ended {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Place {
    fn new(config: &str) -> Self {
        let place = Self {
            folder: TempDir::new().unwrap(),
        };
        place.write("shoptet-sync.toml", config);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        // Else the configuration warns that others can read it.
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }

    /// The state's folder, as the configuration has it by default.
    fn state_dir(&self) -> PathBuf {
        self.path("shoptet-sync-state")
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shoptet-sync"));
        command
            .args(words)
            .current_dir(self.folder.path())
            .env_clear()
            .env("RUST_LOG", "error");
        command
    }

    fn run(&self, words: &[&str]) -> Ended {
        let output = self.command(words).output().unwrap();
        Ended {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// What a command prints that ends with this code.
    fn prints(&self, code: i32, words: &[&str]) -> String {
        let ended = self.run(words);
        assert_eq!(ended.code, code, "{words:?}\n{}{}", ended.stdout, ended.stderr);
        ended.stdout
    }

    /// What a command says on stderr that ends with this code and prints nothing.
    fn refuses(&self, code: i32, words: &[&str]) -> String {
        let ended = self.run(words);
        assert_eq!(ended.code, code, "{words:?}\n{}{}", ended.stdout, ended.stderr);
        assert_eq!(ended.stdout, "", "{words:?}");
        ended.stderr
    }

    fn json(&self, code: i32, words: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.prints(code, words)).unwrap()
    }

    /// The contact database, to look into or to prepare.
    fn contacts(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.state_dir().join("contacts.db")).unwrap()
    }
}

/// Snapshots without what differs from run to run and between machines: this day's times, the folder, and
/// how small a gzip is.
fn settings(place: &Place) -> insta::internals::SettingsBindDropGuard {
    let mut settings = insta::Settings::clone_current();
    for days in [0, 1] {
        let day = (Timestamp::now() - (24 * days).hours())
            .to_zoned(TimeZone::get("Europe/Prague").unwrap())
            .strftime("%Y-%m-%d")
            .to_string();
        settings.add_filter(&format!(r"{day} \d\d:\d\d CES?T *"), "[now]  ");
        settings.add_filter(&format!(r"{day}T\d\d:\d\d:\d\d(\.\d+)?Z"), "[now]");
    }
    settings.add_filter(r"  \d+ s  ", "  0 s  ");
    settings.add_filter("\"lag_seconds\": \\d+", "\"lag_seconds\": 0");
    settings.add_filter(r"  +\n", "\n");
    settings.add_filter(r"(since|process) [0-9:.TZ-]+", "$1 …");
    settings.add_filter(r"byte \d+ of \d+", "byte N of N");
    settings.add_filter(&regex_of(place.folder.path()), "/shop");
    settings.bind_to_scope()
}

fn regex_of(path: &Path) -> String {
    path.display().to_string().replace('.', r"\.")
}
