//! `explain`: everything known about one contact.

use std::path::Path;

use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::output::{Stdout, Table, counted, moment, plain, print};
use super::setup;
use crate::error::Result;
use crate::state::State;
use crate::sync::explain::{Answer, Explained, TargetExplained, explain};
use crate::sync::find::find;
use crate::sync::planned::PlannedAction;

/// The arguments of `explain`.
#[derive(Debug, Clone, Args)]
pub struct ExplainArguments {
    /// An e-mail, a customer's guid, an order code (or SHOP:CODE) or a contact key
    pub who: String,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct Contacts {
    contacts: Vec<Explained>,
}

/// Explains whoever is named; several where shops share a code or groups share an e-mail.
///
/// # Errors
/// When nobody is found, or the state cannot be read.
pub async fn run(arguments: &ExplainArguments, config: Option<&Path>, stdout: Stdout<'_>) -> Result<u8> {
    let config = setup::load(config)?;
    let setup = setup::setup(&config);
    let state = State::open_to_rehearse(&setup.state_dir)?;
    let found = find(&state, &arguments.who)?;
    let contacts = explain(&state, &setup, &found).await?;
    let zone = setup::zone(&config)?;
    print(
        stdout,
        arguments.json,
        &Contacts {
            contacts: contacts.clone(),
        },
        |out| {
            for (place, contact) in contacts.iter().enumerate() {
                if place > 0 {
                    writeln!(out)?;
                }
                in_words(contact, &zone, out)?;
            }
            Ok(())
        },
    )?;
    Ok(0)
}

fn in_words(contact: &Explained, zone: &TimeZone, out: Stdout<'_>) -> std::io::Result<()> {
    let when = |at: Option<Timestamp>| at.map_or_else(String::new, |at| moment(at, zone));
    writeln!(out, "{}", contact.key)?;
    let mut facts = Table::default();
    let kind = match (contact.kind, contact.gone_at) {
        (kind, Some(at)) => format!("{kind}; deleted in the shop, {}", moment(at, zone)),
        (kind, None) => kind.to_owned(),
    };
    facts.row(["kind", &kind]);
    facts.row(["name", &contact.name]);
    facts.row(["e-mails", &contact.emails.join(", ")]);
    facts.row(["phones", &contact.phones.join(", ")]);
    if let Some(wanted) = contact.newsletter {
        facts.row(["newsletter", if wanted { "wanted" } else { "not wanted" }]);
    }
    if contact.erased {
        facts.row(["erased", "its values were erased on purpose"]);
    }
    for key in &contact.merged {
        facts.row(["merged", key]);
    }
    facts.write(out, 2)?;
    section(
        out,
        "customers",
        "none: known from orders alone",
        contact.customers.is_empty(),
    )?;
    let mut customers = Table::default();
    for customer in &contact.customers {
        let registered = format!("registered {}", when(customer.registered_at));
        let log_ins = format!("log-ins {}", customer.log_ins.join(", "));
        let deleted = if customer.deleted {
            "deleted in the shop"
        } else {
            ""
        };
        customers.row([&customer.shop, &customer.guid, &registered, &log_ins, deleted]);
    }
    customers.write(out, 2)?;
    section(out, "orders", "none", contact.orders.is_empty())?;
    let mut orders = Table::default();
    for order in &contact.orders {
        let total = format!("{} {}", order.total.as_deref().unwrap_or(""), order.currency);
        let gone = order
            .deleted_at
            .map_or_else(String::new, |at| format!("; deleted {}", moment(at, zone)));
        let written: Vec<String> = order
            .records
            .iter()
            .map(|record| format!("{} {}", record.target, when(record.written_at)))
            .collect();
        let written = if written.is_empty() {
            "written nowhere".to_owned()
        } else {
            format!("in {}", written.join(", "))
        };
        orders.row([
            &order.shop,
            &order.code,
            &when(order.placed_at),
            &order.status,
            total.trim(),
            &written,
            &format!("{}{gone}", order.matched),
        ]);
    }
    orders.write(out, 2)?;
    writeln!(out, "targets")?;
    for target in &contact.targets {
        target_in_words(target, zone, out)?;
    }
    if !contact.parked.is_empty() {
        writeln!(out, "parked")?;
        let mut parked = Table::default();
        for record in &contact.parked {
            let dismissed = if record.dismissed { "put away" } else { "" };
            parked.row([
                &record.kind,
                &record.key,
                &moment(record.since, zone),
                dismissed,
                &record.reason,
            ]);
        }
        parked.write(out, 2)?;
    }
    section(
        out,
        "history",
        "nothing happened since it was first imported",
        contact.history.is_empty(),
    )?;
    let mut history = Table::default();
    for line in &contact.history {
        history.row([&moment(line.at, zone), &line.what]);
    }
    history.write(out, 2)
}

fn section(out: Stdout<'_>, name: &str, when_empty: &str, is_empty: bool) -> std::io::Result<()> {
    if is_empty {
        writeln!(out, "{name}: {when_empty}")
    } else {
        writeln!(out, "{name}")
    }
}

fn target_in_words(target: &TargetExplained, zone: &TimeZone, out: Stdout<'_>) -> std::io::Result<()> {
    let mut words = Vec::new();
    match &target.record {
        Some(record) => {
            let at = record.written_at.map_or_else(String::new, |at| moment(at, zone));
            words.push(format!("record {}, written {at}", record.record));
            words.extend(deleted_there(target));
        }
        None => words.push("no record".to_owned()),
    }
    match &target.answer {
        Some(Answer::Record(record)) => words.push(format!("a person said it is {record}")),
        Some(Answer::New) => words.push("a person said it is none of those found".to_owned()),
        None => {}
    }
    if let Some(why_not) = &target.why_not {
        words.push(plain(why_not));
    }
    if let Some(next) = &target.next {
        let what = match next.action {
            PlannedAction::Create => "create it".to_owned(),
            PlannedAction::Update => format!("update {}", next.fields.join(", ")),
            PlannedAction::Keep if target.deleted_there => "not look for it".to_owned(),
            PlannedAction::Keep => "leave it as it is".to_owned(),
            PlannedAction::LeftOut => "leave it out".to_owned(),
            PlannedAction::LeftGone => {
                format!("leave it alone: {}", next.reason.as_deref().unwrap_or_default())
            }
            PlannedAction::Ambiguous | PlannedAction::Unmappable => {
                format!("park it: {}", next.reason.as_deref().unwrap_or_default())
            }
        };
        let when = if target.due {
            "the next run will"
        } else {
            "not due; a run would"
        };
        words.push(format!("{when} {what}"));
    }
    if target.orders_due > 0 {
        let due = u64::try_from(target.orders_due).unwrap_or(u64::MAX);
        words.push(counted(due, "of its orders is due", "of its orders are due"));
    }
    writeln!(out, "  {}: {}", target.target, words.join("; "))
}

/// What somebody deleted in the target, and when it comes again.
fn deleted_there(target: &TargetExplained) -> Option<String> {
    let orders = u64::try_from(target.orders_deleted_there).unwrap_or(u64::MAX);
    let what = match (target.deleted_there, orders) {
        (false, 0) => return None,
        (true, 0) => "it is".to_owned(),
        (true, orders) => format!("it and {} are", counted(orders, "of its orders", "of its orders")),
        (false, orders) => counted(orders, "of its orders is", "of its orders are"),
    };
    Some(format!(
        "{what} not there any more, somebody deleted that; a full import or a reconcile makes it again"
    ))
}
