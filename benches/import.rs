//! The whole import of downloaded files, by the program itself: time, speed, memory.
//!
//! Two imports: the first one into nothing, and the same files once more, which finds nothing to do.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a measurement that cannot be set up ends"
)]

mod shop;

use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use shop::Shop;

/// How often the memory of the program is looked at. The kernel keeps the peak, so that a look
/// only has to come before the end, not at the very moment.
const LOOK_EVERY: Duration = Duration::from_millis(5);

const CONFIGURATION: &str = r#"
state_dir = "state"

[[shop]]
name     = "main"
url      = "https://1234.myshoptet.com"
country  = "CZ"
currency = "CZK"
timezone = "Europe/Prague"

[[target]]
name = "contacts"
kind = "sqlite"
path = "contacts.db"
"#;

fn main() {
    let shop = Shop::from_environment();
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let configuration = folder.path().join("shoptet-sync.toml");
    fs::write(&configuration, CONFIGURATION).unwrap();
    let megabytes = megabytes(&shop.orders_file()) + megabytes(&shop.customers_file());
    println!(
        "{} customers, {} orders, {megabytes:.0} MB of files",
        shop.customers, shop.orders
    );
    println!(
        "{:<14} {:>9} {:>10} {:>8} {:>10}",
        "", "seconds", "orders/s", "MB/s", "peak MiB"
    );
    for name in ["first import", "nothing new"] {
        let (took, peak_kib) = import(&shop, &configuration);
        let seconds = took.as_secs_f64();
        println!(
            "{name:<14} {seconds:>9.2} {:>10.0} {:>8.1} {:>10.1}",
            shop.orders as f64 / seconds,
            megabytes / seconds,
            peak_kib as f64 / 1024.0,
        );
    }
}

/// Runs one import; the time from start to exit, and the peak of its memory in KiB.
fn import(shop: &Shop, configuration: &Path) -> (Duration, u64) {
    let began = Instant::now();
    let child = Command::new(env!("CARGO_BIN_EXE_shoptet-sync"))
        .arg("--config")
        .arg(configuration)
        .args(["import", "--json", "--customers"])
        .arg(shop.customers_file())
        .arg("--orders")
        .arg(shop.orders_file())
        .env("RUST_LOG", "warn")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let watched = watch(child);
    let took = began.elapsed();
    assert!(
        watched.status.success(),
        "the import ended with {}",
        watched.status
    );
    // A figure counts only when the work was done.
    let report: serde_json::Value = serde_json::from_str(&watched.stdout).unwrap();
    assert_eq!(report["customers_read"], shop.customers, "{report:#}");
    assert_eq!(report["orders_read"], shop.orders, "{report:#}");
    (took, watched.peak_kib)
}

struct Watched {
    status: ExitStatus,
    stdout: String,
    peak_kib: u64,
}

/// Waits for the end of a process whose output fits into a pipe.
fn watch(mut child: Child) -> Watched {
    let file = format!("/proc/{}/status", child.id());
    let mut peak_kib = 0;
    let status = loop {
        peak_kib = peak_kib.max(peak_in(&file).unwrap_or(0));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        thread::sleep(LOOK_EVERY);
    };
    Watched {
        status,
        stdout: std::io::read_to_string(child.stdout.take().unwrap()).unwrap(),
        peak_kib,
    }
}

/// `VmHWM` of Linux; nothing elsewhere, and of a process that has ended.
fn peak_in(file: &str) -> Option<u64> {
    let status = fs::read_to_string(file).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

fn megabytes(file: &Path) -> f64 {
    fs::metadata(file).unwrap().len() as f64 / 1e6
}
