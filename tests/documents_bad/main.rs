//! Bad documents: each gives a clear error that names what and where, and one bad record never stops
//! the rest. No reason and no error quotes what stood in the document.

// The lints' leave for tests does not reach the functions that the tests share.
#![allow(clippy::unwrap_used)]

mod others;
mod ends;
mod markup;
mod keys;
mod records;
mod damage;

use std::io::Write;
use std::path::Path;

use jiff::tz::TimeZone;
use shoptet_sync::error::{Error, Kind};
use shoptet_sync::model::{Customer, Order, Reading};
use shoptet_sync::source::document::{
    Locale, customer_from_api, order_from_api, read_customers, read_orders,
};

fn locale() -> Locale {
    Locale {
        timezone: TimeZone::get("Europe/Prague").unwrap(),
        country: "CZ".to_owned(),
        currency: "CZK".to_owned(),
    }
}

/// Writes `bytes` to a file of its own.
fn document(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file.flush().unwrap();
    file
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The document's path is another on every machine.
fn told(error: &Error) -> String {
    format!("{:?}: {} ({})", error.kind(), error.cause(), error.hint())
}

/// What an import sees of a document: a line for each record, and how it ended.
fn orders(bytes: &[u8]) -> String {
    let file = document(bytes);
    let mut lines = Vec::new();
    let end = read_orders(file.path(), &locale(), &mut |reading: Reading<Order>, _| {
        lines.push(match reading {
            Reading::Record(order) => format!("order {}", order.code),
            Reading::Bad(bad) => format!(
                "bad {} {}: {}",
                bad.position,
                bad.key.unwrap_or_default(),
                bad.reason
            ),
        });
        Ok(())
    });
    let bad = lines.iter().filter(|line| line.starts_with("bad ")).count();
    lines.push(match end {
        Ok(summary) => format!("{} records, {bad} bad", summary.records),
        Err(error) => told(&error),
    });
    lines.join("\n")
}

fn customers(bytes: &[u8]) -> String {
    let file = document(bytes);
    let mut lines = Vec::new();
    let end = read_customers(file.path(), &locale(), &mut |reading: Reading<Customer>, _| {
        lines.push(match reading {
            Reading::Record(customer) => format!("customer {}", customer.guid),
            Reading::Bad(bad) => format!(
                "bad {} {}: {}",
                bad.position,
                bad.key.unwrap_or_default(),
                bad.reason
            ),
        });
        Ok(())
    });
    let bad = lines.iter().filter(|line| line.starts_with("bad ")).count();
    lines.push(match end {
        Ok(summary) => format!("{} records, {bad} bad", summary.records),
        Err(error) => told(&error),
    });
    lines.join("\n")
}

/// Three orders, the middle one with `inside` in it.
fn between(inside: &str) -> Vec<u8> {
    format!(
        "<ORDERS>\n<ORDER><CODE>1</CODE></ORDER>\n<ORDER><CODE>2</CODE>{inside}</ORDER>\n<ORDER><CODE>3</CODE></ORDER>\n</ORDERS>"
    )
    .into_bytes()
}
