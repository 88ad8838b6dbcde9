//! What only a MiniCRM can do to us, and we to it: the requests that each change costs, and its traps.

mod checking;
mod contacts;
mod failing;
mod feed;
mod finding;
mod gone;
mod orders;

use std::time::Duration;

use shoptet_sync::http::Pace;
use shoptet_sync::sync::check::{Verdict, check};
use shoptet_sync::sync::import::ImportOptions;
use shoptet_sync::sync::report::Report;

use crate::fake_minicrm::{MiniCrm as Fake, Order as There, WEBSHOP};
use crate::imported::{Home, SHOP};
use crate::written::{Order, order, party};

/// The target alone, with more keys.
fn target(fake: &Fake, more: &str) -> String {
    format!(
        "[[target]]\nname = \"crm\"\nkind = \"minicrm\"\nurl = \"{}\"\nsystem_id = 12345\napi_key = \"k3y\"\n\
         category_id = {WEBSHOP}\nrequests_per_minute = 1000000\n{more}",
        fake.url
    )
}

const STATUSES: &str = "[target.statuses]\n\"Nová\" = \"Draft\"\n\"Odeslána\" = \"In progress\"\n\
    \"Vyřízena\" = \"Completed\"\n\"Zaplacena\" = \"Paid\"\n\"Stornována\" = \"Failed\"\n";

/// A home with the default mapping, all statuses mapped.
fn home(fake: &Fake) -> Home {
    Home::with(&format!("{SHOP}{}{STATUSES}", target(fake, "")))
}

/// What is tried again later is so by the next run, after [`PAUSE`].
fn one_try_in_a_run() -> Pace {
    Pace {
        retry_first: PAUSE - Duration::from_millis(100),
        retry_longest: Duration::from_millis(1),
        ..Pace::default()
    }
}

const PAUSE: Duration = Duration::from_millis(500);

fn jane(status: &str) -> Order {
    let mut placed = order("1")
        .email("jane@shop.example")
        .phone("601123456")
        .status(status);
    placed.billing = party("Jana Nováková", "Dlouhá 1", "Praha");
    placed.billing.country = "CZ".to_owned();
    placed
}

fn again(home: &Home, documents: &str) -> Report {
    home.try_import(
        "main",
        Some(""),
        Some(documents),
        home.now(),
        ImportOptions::default(),
    )
    .unwrap()
}

/// Runs until nothing fails: where nobody else arrives, a failure ends the run.
fn until_it_is_done(home: &Home, documents: &str) {
    for _ in 0..4 {
        if again(home, documents).failures.is_empty() {
            return;
        }
    }
    panic!("it does not end");
}

fn the_order(fake: &Fake) -> There {
    fake.change(|world| world.orders.values().next().unwrap().clone())
}

fn the_card(world: &crate::fake_minicrm::World) -> u64 {
    world.orders.values().next().unwrap().card
}

fn history(home: &Home) -> String {
    home.in_state("SELECT what FROM history ORDER BY id").join("\n")
}

fn parked(home: &Home) -> String {
    home.in_state("SELECT reason FROM parked").join("\n")
}

fn check_of(home: &Home) -> Vec<String> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let setup = home.setup();
    let points = runtime.block_on(check(&setup, &[])).unwrap();
    points
        .into_iter()
        .filter(|point| point.about == "target crm" && point.verdict == Verdict::Problem)
        .map(|point| point.detail)
        .collect()
}

fn lose_state(home: &Home) {
    for entry in std::fs::read_dir(home.state_dir()).unwrap().map(Result::unwrap) {
        if entry.file_name().to_string_lossy().starts_with("state.db") {
            std::fs::remove_file(entry.path()).unwrap();
        }
    }
}
