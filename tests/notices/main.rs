//! Who is told what, by real HTTP and by real programs.
#![allow(clippy::unwrap_used)] // the helpers of a test may fail like the test

#[path = "../support/small_shop.rs"]
#[allow(dead_code, reason = "it also speaks as the shop does")]
mod small_shop;

mod incidents;
mod webhooks;
#[cfg(target_os = "linux")] // whether a program still runs is looked up in /proc
mod commands;
mod heartbeat;
mod log;

use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};
use shoptet_sync::config::{Config, Environment, from_str};
use shoptet_sync::daemon::notices::{Incidents, Notices, Outcome, Part, Patience};
use shoptet_sync::error::{Error, Kind};
use shoptet_sync::http::Pace;
use small_shop::{Asked, SmallShop, answer};

const SHOPS: &str = r#"
[[shop]]
name = "main"
url = "https://1234.myshoptet.com"
country = "CZ"
[[shop]]
name = "second"
url = "https://5678.myshoptet.com"
country = "CZ"
[[target]]
name = "contacts"
kind = "sqlite"
"#;

/// A configuration with these sections in it.
fn config(sections: &str) -> Config {
    from_str(
        &format!("{sections}\n{SHOPS}"),
        Path::new("sync.toml"),
        &Environment::default(),
    )
    .unwrap()
}

/// The same code as in earnest, a thousand times faster.
fn fast() -> Patience {
    let ms = Duration::from_millis;
    Patience {
        http: Pace {
            connect: ms(2_000),
            answer: ms(500),
            retry_first: ms(1),
            retry_longest: ms(5),
            retry_attempts: 4,
            retry_total: ms(5_000),
            retry_after_longest: ms(3_000),
            ..Pace::default()
        },
        command: ms(5_000),
        again_first: ms(20),
        again_longest: ms(50),
    }
}

/// The same, but what could not be told is not tried again before something new happens.
fn fast_without_again() -> Patience {
    let hour = Duration::from_secs(3600);
    Patience {
        again_first: hour,
        again_longest: hour,
        ..fast()
    }
}

fn start(config: &Config) -> Notices {
    Notices::start_with(config, Incidents::default(), &fast()).unwrap()
}

/// A server that says yes to everything, and the section that tells it of `on`.
async fn told(on: &str) -> (SmallShop, String) {
    let server = SmallShop::start(|_, _| answer(200, "ok")).await;
    let section = section(&server, on);
    (server, section)
}

fn section(server: &SmallShop, on: &str) -> String {
    format!("[[notify]]\non = {on}\nurl = \"{}hook\"\n", server.url)
}

fn shop(name: &str) -> Part {
    Part::Shop(name.to_owned())
}

fn target(name: &str) -> Part {
    Part::Target(name.to_owned())
}

fn outcome(run: &str) -> Outcome {
    let began_at: Timestamp = "2026-07-01T10:00:00.25Z".parse().unwrap();
    Outcome::new(run, began_at, json!({ "orders_read": 7 }))
}

fn good(name: &str) -> Outcome {
    outcome(&format!("sync {name}")).with(shop(name), None)
}

fn bad(name: &str) -> Outcome {
    outcome(&format!("sync {name}")).with(shop(name), Some(&unreachable()))
}

fn unreachable() -> Error {
    Error::new(
        Kind::Unreachable,
        "asking the shop for changes",
        "no answer within 60 s",
    )
}

/// The JSON of everything that arrived, in that order.
fn messages(server: &SmallShop) -> Vec<Value> {
    let parsed = |asked: &Asked| serde_json::from_str(&asked.body).unwrap();
    server.asked("/hook").iter().map(parsed).collect()
}

/// `event what` of everything that arrived.
fn heard(server: &SmallShop) -> Vec<String> {
    let words = |message: &Value| {
        format!(
            "{} {}",
            message["event"].as_str().unwrap(),
            message["what"].as_str().unwrap()
        )
    };
    messages(server).iter().map(words).collect()
}

/// Waits until it holds; a test in which it never does fails.
async fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < end, "{what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Ends the notices once everything that is owed has been told.
async fn finish(notices: Notices) -> Incidents {
    notices.finish(Duration::from_secs(20)).await
}
