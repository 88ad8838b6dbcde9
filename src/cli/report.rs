//! What a run did, in words.

use super::output::{Stdout, counted, sentence};
use crate::sync::report::{Delivered, Report};

/// Tells what a run did.
///
/// # Errors
/// When it cannot be written.
pub fn in_words(report: &Report, out: Stdout<'_>) -> std::io::Result<()> {
    let changed = (report.customers_changed, report.orders_changed);
    let gone = (report.customers_gone, report.orders_gone);
    let read = (report.customers_read, report.orders_read);
    // Where nothing could be read, what failed is all there is to tell.
    if read != (0, 0) || report.failures.is_empty() {
        writeln!(out, "read {} and {}", customers(read.0), orders(read.1))?;
        if (changed, gone) == ((0, 0), (0, 0)) {
            writeln!(out, "nothing is new or changed")?;
        }
    }
    for (what, count) in [("new or changed", changed), ("deleted in the shop", gone)] {
        if count != (0, 0) {
            writeln!(out, "{what}: {}", both(count))?;
        }
    }
    for (name, done) in &report.targets {
        writeln!(out, "target {name}: {}", delivered(done))?;
    }
    if report.parked > 0 {
        writeln!(
            out,
            "{} parked: `shoptet-sync parked` tells which and why",
            counted(report.parked, "record is", "records are")
        )?;
    }
    if report.suppressed > 0 {
        writeln!(
            out,
            "left out because somebody was forgotten: {}",
            counted(report.suppressed, "record", "records")
        )?;
    }
    for note in &report.notes {
        writeln!(out, "note: {note}")?;
    }
    for failure in &report.failures {
        writeln!(out, "failed: {failure}")?;
    }
    Ok(())
}

fn customers(count: u64) -> String {
    counted(count, "customer", "customers")
}

fn orders(count: u64) -> String {
    counted(count, "order", "orders")
}

/// Customers and orders, whichever there are.
fn both((of_customers, of_orders): (u64, u64)) -> String {
    match (of_customers, of_orders) {
        (0, _) => orders(of_orders),
        (_, 0) => customers(of_customers),
        _ => format!("{} and {}", customers(of_customers), orders(of_orders)),
    }
}

fn delivered(done: &Delivered) -> String {
    let contacts = [
        (done.created, "created"),
        (done.updated, "updated"),
        (done.kept, "unchanged"),
        (done.parked, "set aside"),
        (done.left_out, "left out"),
        (done.left_gone, "gone there and left so"),
        (done.put_off, "tried again later"),
        (done.waiting.saturating_sub(done.put_off), "still due"),
    ];
    let orders = [
        (done.orders_created, "created"),
        (done.orders_updated, "updated"),
        (done.orders_parked, "set aside"),
    ];
    let words = [
        sentence(contacts, "contact", "contacts"),
        sentence(orders, "order", "orders"),
    ];
    match words {
        [None, None] => "nothing to do".to_owned(),
        words => words.into_iter().flatten().collect::<Vec<_>>().join("; "),
    }
}
