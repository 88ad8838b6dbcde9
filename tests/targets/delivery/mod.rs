//! Deliveries to a service that is beside a database: what it costs the other when the service fails, what comes first,
//! what is tried again, what a person has to agree to.

mod down;
mod filters;
mod first;
mod killed;
mod meanwhile;
mod merging;

mod planned;
mod poisoned;

use std::time::Duration;

use jiff::Timestamp;
use shoptet_sync::http::Pace;
use shoptet_sync::sync::import::ImportOptions;
use shoptet_sync::sync::report::{Delivered, Report};

use crate::fake_daktela::{Asked, Daktela};
use crate::imported::{Home, SHOP, TARGET};
use crate::written::{Order, order, orders};

/// The name of the service among the targets.
const CRM: &str = "callcentre";

/// The orders of each are done.
const STATUSES: &str = "[target.statuses]\n\"Vyřízena\" = \"CLOSE:done\"\n\"*\" = \"OPEN:new\"\n";

/// A shop, a database with the default mapping, and a Daktela with these lines in its section and behind it.
fn configuration(fake: &Daktela, keys: &str, behind: &str) -> String {
    format!(
        "{SHOP}{TARGET}[[target]]\nname = \"{CRM}\"\nkind = \"daktela\"\nurl = \"{}\"\ntoken = \"t0ken\"\n\
         order_type = \"shop_orders\"\n{keys}{behind}",
        fake.url
    )
}

/// At once, for those whose rate is not what a test is about.
const FAST: &str = "requests_per_second = 1000\n";

fn home(fake: &Daktela) -> Home {
    Home::with(&configuration(fake, FAST, STATUSES)).at_pace(fast())
}

/// Intervals towards the service, a hundred times shorter than real ones.
fn fast() -> Pace {
    let ms = Duration::from_millis;
    Pace {
        connect: ms(1_000),
        answer: ms(250),
        retry_first: ms(5),
        retry_longest: ms(10),
        retry_attempts: 3,
        retry_total: ms(1_000),
        busy: ms(10),
        retry_after_longest: ms(100),
        ..Pace::default()
    }
}

/// One order of each of so many guests.
fn placed(guests: usize) -> Vec<Order> {
    (0..guests)
        .map(|guest| order(&guest.to_string()).email(&email(guest)))
        .collect()
}

fn email(guest: usize) -> String {
    format!("guest{guest}@shop.example")
}

/// What a Daktela calls a guest.
fn record(guest: usize) -> String {
    format!("shoptet_{}", crate::e(&email(guest)).replace(':', "_"))
}

/// Whether a request writes the contact of a guest.
fn writes(asked: &Asked, guest: usize) -> bool {
    asked.is_write() && asked.model == "contacts" && name_of(asked) == record(guest)
}

/// The record that a request is about.
fn name_of(asked: &Asked) -> String {
    let sent = asked.sent("name").as_str().map(str::to_owned);
    asked.name.clone().or(sent).unwrap_or_default()
}

/// A day later the shop shows these orders; whatever comes of it.
fn run(home: &mut Home, placed: &[Order]) -> Report {
    let now: Timestamp = home.next_day();
    let options = ImportOptions {
        agreed: true,
        ..ImportOptions::default()
    };
    home.try_import("main", Some(""), Some(&orders(placed)), now, options)
        .unwrap()
}

/// What a run did in the service.
fn done(report: &Report) -> Delivered {
    report.targets.get(CRM).cloned().unwrap_or_default()
}

/// The real program, which is told what to do.
const PROGRAM: &str = env!("CARGO_BIN_EXE_shoptet-sync");

/// How a command ended: its code, and what it printed.
fn ended(home: &Home, words: &[&str]) -> (i32, String) {
    let output = home.program(PROGRAM, words).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let told = text(output.stdout) + &text(output.stderr);
    (output.status.code().unwrap(), told)
}

/// The words that import these documents a day after the last ones.
fn import(home: &mut Home, customers: &str, orders: &str) -> Vec<String> {
    let now = home.next_day();
    let files = home.files("main", Some(customers), Some(orders), now);
    let path = |path: Option<std::path::PathBuf>| path.unwrap().display().to_string();
    [
        "import",
        "--customers",
        &path(files.customers),
        "--orders",
        &path(files.orders),
    ]
    .map(str::to_owned)
    .into_iter()
    .chain(["--as-of".to_owned(), now.to_string()])
    .collect()
}

fn words(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

/// The time until which everybody is put off has come.
fn time_passes(home: &Home) {
    let state = rusqlite::Connection::open(home.state_dir().join("state.db")).unwrap();
    state
        .execute("UPDATE due_contacts SET not_before = 0", [])
        .unwrap();
}
