//! The whole import of downloaded files, by the program itself: time, speed, memory.
//!
//! Two imports: the first one into nothing, and the same files once more, which finds nothing to do.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a measurement that cannot be set up ends"
)]

mod shop;
mod watched;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use shop::Shop;
use watched::watch;

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
    let mut command = Command::new(env!("CARGO_BIN_EXE_shoptet-sync"));
    command
        .arg("--config")
        .arg(configuration)
        .args(["import", "--json", "--customers"])
        .arg(shop.customers_file())
        .arg("--orders")
        .arg(shop.orders_file())
        .env("RUST_LOG", "warn");
    let watched = watch(&mut command);
    assert!(
        watched.status.success(),
        "the import ended with {}",
        watched.status
    );
    // A figure counts only when the work was done.
    let report: serde_json::Value = serde_json::from_str(&watched.stdout).unwrap();
    assert_eq!(report["customers_read"], shop.customers, "{report:#}");
    assert_eq!(report["orders_read"], shop.orders, "{report:#}");
    (watched.took, watched.peak_kib)
}

fn megabytes(file: &Path) -> f64 {
    fs::metadata(file).unwrap().len() as f64 / 1e6
}
