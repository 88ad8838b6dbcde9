//! What one incremental run costs: processor time and memory, by how much has changed and how large the
//! shop is.
//!
//! A feed of 5,000 orders is served of which none, 50 or all differ from what is known, to a shop of the
//! size asked for and to one ten times smaller. The medians of nine runs are told.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a measurement that cannot be set up ends"
)]

mod feed;
mod shop;
mod watched;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use feed::{Feed, Server};
use shop::Shop;
use watched::{Watched, watch};

/// Orders in the feed; fewer where the shop has fewer.
const FED: usize = 5_000;

/// How often each run is made.
const ROUNDS: usize = 9;

fn main() {
    let large = Shop::from_environment();
    let small = Shop::of(large.customers / 10, large.orders / 10);
    println!(
        "{:<32} {:>8} {:>8} {:>8} {:>10} {:>10}",
        "", "fed", "changed", "MB", "CPU s", "peak MiB"
    );
    for shop in [small, large] {
        measure(&shop);
    }
}

fn measure(shop: &Shop) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let server = Server::start();
    let configuration = folder.path().join("shoptet-sync.toml");
    fs::write(&configuration, server.configuration()).unwrap();
    fs::set_permissions(&configuration, fs::Permissions::from_mode(0o600)).unwrap();
    run(
        &configuration,
        &[
            "import",
            "--customers",
            shop.customers_file().to_str().unwrap(),
            "--orders",
            shop.orders_file().to_str().unwrap(),
        ],
    );
    let name = format!("{} customers, {} orders", shop.customers, shop.orders);
    let mut feed = Feed::of_last(&shop.orders_file(), FED);
    for (fed, changed) in [(0, 0), (FED, 0), (FED, 50), (FED, FED)] {
        let mut runs: Vec<(f64, f64)> = Vec::with_capacity(ROUNDS);
        for round in 0..=ROUNDS {
            let document = feed.document(fed, changed);
            server.answer_with(document);
            let report = run(&configuration, &["sync"]);
            let counts: serde_json::Value = serde_json::from_str(&report.stdout).unwrap();
            // A figure counts only when the work was done.
            assert_eq!(counts["orders_read"], fed.min(feed.len()), "{counts:#}");
            assert_eq!(counts["orders_changed"], changed.min(feed.len()), "{counts:#}");
            // The first run warms the caches.
            if round > 0 {
                runs.push((report.seconds, report.peak_kib as f64 / 1024.0));
            }
        }
        let seconds = median(runs.iter().map(|run| run.0));
        let peak = median(runs.iter().map(|run| run.1));
        let megabytes = server.size() as f64 / 1e6;
        println!("{name:<32} {fed:>8} {changed:>8} {megabytes:>8.1} {seconds:>10.3} {peak:>10.1}");
    }
}

fn run(configuration: &Path, arguments: &[&str]) -> Watched {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shoptet-sync"));
    command
        .arg("--config")
        .arg(configuration)
        .args(arguments)
        .arg("--json")
        .env("RUST_LOG", "warn");
    let watched = watch(&mut command);
    assert!(
        watched.status.success(),
        "{arguments:?} ended with {}",
        watched.status
    );
    watched
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
