//! The units under `systemd/`, judged by systemd's own tools where they are installed. Neither test needs
//! a systemd that runs.
#![allow(clippy::unwrap_used)] // the helpers of a test may fail like the test

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

const DAEMON: &str = "shoptet-sync.service";
const PER_SHOP: &str = "shoptet-sync@.service";
const ONE_RUN: &str = "shoptet-sync-sync.service";
const TIMER: &str = "shoptet-sync-sync.timer";

/// The worst that `systemd-analyze security` may say, of 10.
const MOST_EXPOSURE: f64 = 1.5;

/// What older versions say that they do not know; they do without.
const NEWER: [(&str, u32); 2] = [("RestartSteps", 254), ("RestartMaxDelaySec", 254)];

/// Where the units expect the program.
const INSTALLED: &str = "/usr/local/bin/shoptet-sync";

fn unit(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd")
}

/// Runs one of systemd's tools; `None`, and a line that says so, where it is not installed.
fn systemd(tool: &str, arguments: &[&str]) -> Option<Output> {
    match Command::new(tool).args(arguments).env("LC_ALL", "C").output() {
        Ok(output) => Some(output),
        Err(cause) => {
            skipped(&format!("{tool}: {cause}"));
            None
        }
    }
}

/// Past the harness, which shows nothing of a test that succeeds.
fn skipped(why: &str) {
    let line = format!("\nSKIPPED: {why}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

fn version() -> Option<u32> {
    let told = systemd("systemd-analyze", &["--version"])?;
    let text = String::from_utf8(told.stdout).unwrap();
    // "systemd 252 (252.38-1~deb12u1)", "systemd 257~rc1"
    let number = text.split_whitespace().nth(1).unwrap();
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    Some(digits.parse().unwrap())
}

/// What `systemd-analyze verify` finds wrong with these units; `None` without the tool.
fn faults(units: &[(&str, &str)]) -> Option<Vec<String>> {
    let version = version()?;
    let folder = TempDir::new().unwrap();
    let mut arguments = vec!["verify".to_owned(), "--man=no".to_owned()];
    for (name, text) in units {
        let path = folder.path().join(name);
        fs::write(&path, text.replace(INSTALLED, env!("CARGO_BIN_EXE_shoptet-sync"))).unwrap();
        arguments.push(path.to_str().unwrap().to_owned());
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let told = systemd("systemd-analyze", &arguments)?;
    let is_expected = |line: &str| {
        NEWER
            .iter()
            .any(|(key, since)| version < *since && line.contains(&format!("'{key}'")))
    };
    let text = String::from_utf8(told.stderr).unwrap();
    let lines = text.lines().filter(|line| !is_expected(line));
    let mut found: Vec<String> = lines.map(str::to_owned).collect();
    if !told.status.success() {
        found.push(told.status.to_string());
    }
    Some(found)
}

/// The overall exposure of a unit; `None` without the tool.
fn exposure(path: &Path) -> Option<f64> {
    if version()? < 250 {
        skipped("systemd-analyze before version 250 judges only units that are installed");
        return None;
    }
    let told = systemd(
        "systemd-analyze",
        &["security", "--offline=true", "--no-pager", path.to_str().unwrap()],
    )?;
    let text = String::from_utf8(told.stdout).unwrap();
    let told_why = String::from_utf8_lossy(&told.stderr);
    let (_, after) = text
        .rsplit_once("Overall exposure level for ")
        .ok_or(told_why)
        .unwrap();
    let (_, figure) = after.split_once(": ").unwrap();
    Some(figure.split_whitespace().next().unwrap().parse().unwrap())
}

/// Each setting of the hardening part with the comment above it.
fn hardening(name: &str) -> Vec<(String, String)> {
    let text = unit(name);
    let (_, part) = text.split_once("# --- Hardening").unwrap();
    let mut comment = String::new();
    let mut settings = Vec::new();
    // The rest of the heading's own line is no comment of a setting.
    for line in part.lines().skip(1).take_while(|line| !line.starts_with('[')) {
        if let Some(text) = line.strip_prefix('#') {
            comment.push_str(text);
        } else if !line.is_empty() {
            settings.push((line.to_owned(), std::mem::take(&mut comment)));
        }
    }
    settings
}

fn settings(name: &str) -> BTreeSet<String> {
    let text = unit(name);
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

#[test]
fn systemd_understands_every_line() {
    let daemon = unit(DAEMON);
    let units = [DAEMON, PER_SHOP, ONE_RUN, TIMER].map(|name| (name, unit(name)));
    let units: Vec<(&str, &str)> = units.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let Some(found) = faults(&units) else {
        return;
    };
    assert!(found.is_empty(), "{}", found.join("\n"));

    // A judge who finds nothing is no proof.
    for (right, wrong) in [
        ("WatchdogSec=", "WatchdogSeconds="),
        ("WatchdogSec=3min", "WatchdogSec=often"),
        ("ProtectSystem=strict", "ProtectSystem=very"),
        ("SystemCallFilter=@system-service", "SystemCallFilter=@everything"),
        (INSTALLED, "/usr/local/bin/shoptet-stink"),
    ] {
        let spoilt = daemon.replace(right, wrong);
        assert_ne!(spoilt, daemon, "{right} is there");
        let found = faults(&[(DAEMON, &spoilt)]).unwrap();
        assert!(!found.is_empty(), "{wrong} is not noticed");
    }
}

#[test]
fn every_service_is_closed_to_what_it_does_not_need() {
    for name in [DAEMON, PER_SHOP, ONE_RUN] {
        let Some(figure) = exposure(&folder().join(name)) else {
            return;
        };
        assert!(figure <= MOST_EXPOSURE, "{name}: {figure}");
    }
    let folder = TempDir::new().unwrap();
    let open = folder.path().join("open.service");
    fs::write(&open, "[Service]\nExecStart=/bin/true\n").unwrap();
    assert!(exposure(&open).unwrap() > 5.0, "the figure is the right one");
}

#[test]
fn every_line_of_hardening_has_its_reason() {
    for name in [DAEMON, PER_SHOP, ONE_RUN] {
        let settings = hardening(name);
        assert!(settings.len() >= 25, "{name}: {settings:?}");
        let without: Vec<&String> = settings
            .iter()
            .filter(|(_, comment)| comment.split_whitespace().count() < 5)
            .map(|(setting, _)| setting)
            .collect();
        assert!(without.is_empty(), "{name}: no reason given for {without:?}");
    }
    // What hardens stands in that part and nowhere else.
    for name in [DAEMON, PER_SHOP, ONE_RUN] {
        let text = unit(name);
        let (before, _) = text.split_once("# --- Hardening").unwrap();
        for word in [
            "Protect",
            "Private",
            "Restrict",
            "SystemCall",
            "Capability",
            "NoNew",
            "UMask",
        ] {
            assert!(!before.contains(&format!("\n{word}")), "{name}: {word}");
        }
    }
}

#[test]
fn the_services_differ_in_nothing_but_what_they_are_for() {
    assert_eq!(hardening(PER_SHOP), hardening(DAEMON));
    assert_eq!(hardening(ONE_RUN), hardening(DAEMON));

    let as_one = |line: &String| {
        line.replace("/%i.toml", "/config.toml")
            .replace(" (%i)", "")
            .replace("-%i", "")
            .replace(".%i", "")
    };
    let per_shop: BTreeSet<String> = settings(PER_SHOP).iter().map(as_one).collect();
    assert_eq!(per_shop, settings(DAEMON));
    assert!(
        settings(PER_SHOP).contains("StateDirectory=shoptet-sync-%i"),
        "a state of its own"
    );

    let only_in =
        |one, other| -> Vec<String> { settings(one).difference(&settings(other)).cloned().collect() };
    assert_eq!(
        only_in(ONE_RUN, DAEMON),
        [
            "Description=Brings a contact database into step with a Shoptet shop, once",
            "ExecStart=/usr/local/bin/shoptet-sync --config /etc/shoptet-sync/config.toml sync",
            "SuccessExitStatus=3",
            "TimeoutStartSec=12h",
            "Type=oneshot",
        ]
    );
}

/// The daemon ends within 60 s, and 2 is the exit code that asks for a person.
#[test]
fn the_daemon_is_given_its_time_and_not_started_for_ever() {
    let settings = settings(DAEMON);
    for expected in [
        "Type=notify",
        "TimeoutStopSec=90",
        "RestartPreventExitStatus=2",
        "StateDirectoryMode=0700",
        "User=shoptet-sync",
    ] {
        assert!(settings.contains(expected), "{expected}");
    }
    assert!(settings.iter().any(|line| line.starts_with("WatchdogSec=")));
}

/// Somebody who starts from an example finds its secrets in the credentials without another line.
#[test]
fn the_secrets_of_the_examples_are_credentials() {
    let settings = settings(DAEMON);
    for example in ["minimal.toml", "exports.toml", "api-addon.toml"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config").join(example);
        let text = fs::read_to_string(path).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let names: Vec<&str> = lines
            .filter_map(|line| line.split("{ file = \"").nth(1)?.split('"').next())
            .collect();
        assert!(!names.is_empty(), "{example}");
        for name in names {
            let wanted = format!("LoadCredential={name}:shoptet-sync.{name}");
            assert!(settings.contains(&wanted), "{example}: {wanted}");
        }
    }
}

#[test]
fn the_user_can_be_made() {
    let root = TempDir::new().unwrap();
    fs::create_dir(root.path().join("etc")).unwrap();
    let file = folder().join("shoptet-sync.sysusers.conf");
    let root_option = format!("--root={}", root.path().display());
    let Some(made) = systemd("systemd-sysusers", &[&root_option, file.to_str().unwrap()]) else {
        return;
    };
    assert!(made.status.success(), "{made:?}");
    let users = fs::read_to_string(root.path().join("etc/passwd")).unwrap();
    let fields: Vec<&str> = users.trim().split(':').collect();
    assert_eq!(fields[0], "shoptet-sync");
    assert_eq!(fields[5], "/var/lib/shoptet-sync");
    assert!(fields[6].ends_with("nologin"), "{users}");
}
