//! `fields`: every value an expression can use; with WHO, each mapped field of that contact.

use std::path::Path;

use clap::Args;
use serde::Serialize;

use super::output::{Stdout, Table, print, short};
use super::setup;
use crate::error::Result;
use crate::model::{OnEmpty, ValueType, WritePolicy};
use crate::state::State;
use crate::sync::fields::{MappedContact, MappedField, NamedValue, NamedValues, mapped, named_values};
use crate::sync::find::find;
use crate::sync::planned::PlannedAction;

/// Letters of a value that are shown; JSON shows all of it.
const SHOWN: usize = 60;

/// The arguments of `fields`.
#[derive(Debug, Clone, Args)]
pub struct FieldsArguments {
    /// An e-mail, a customer's guid, an order code or a contact key: shows what the mapping makes of this contact
    pub who: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct Contacts {
    contacts: Vec<MappedContact>,
}

/// Prints the values, or the mapped fields of whoever is named.
///
/// # Errors
/// When nobody is found, or the state cannot be read.
pub async fn run(arguments: &FieldsArguments, config: Option<&Path>, stdout: Stdout<'_>) -> Result<u8> {
    let config = setup::load(config)?;
    let setup = setup::setup(&config);
    if let Some(who) = &arguments.who {
        let state = State::open_to_rehearse(&setup.state_dir)?;
        let numbers = find(&state, who)?;
        let found = Contacts {
            contacts: mapped(&state, &setup, &numbers).await?,
        };
        print(stdout, arguments.json, &found, |out| {
            contacts_in_words(&found.contacts, out)
        })?;
        return Ok(0);
    }
    // A mapping is written before the first import as well; then there is no example to show.
    let state = State::require(&setup.state_dir)
        .ok()
        .map(|()| State::open_to_read(&setup.state_dir))
        .transpose()?;
    let found = named_values(state.as_ref(), &setup)?;
    print(stdout, arguments.json, &found, |out| values_in_words(&found, out))?;
    Ok(0)
}

fn values_in_words(found: &NamedValues, out: Stdout<'_>) -> std::io::Result<()> {
    match &found.example_of {
        Some(key) => writeln!(out, "examples are of {key}\n")?,
        None => writeln!(out, "there are no examples: nothing was imported yet\n")?,
    }
    for (section, values) in [
        ("in [target.fields] and `only`", &found.contact),
        ("in [target.order_fields]", &found.order),
    ] {
        writeln!(out, "{section}")?;
        let mut table = Table::default();
        for value in values {
            let NamedValue {
                path,
                kind,
                meaning,
                example,
            } = value;
            table.row([path, called(*kind), meaning, &short(example, SHOWN)]);
        }
        table.write(out, 2)?;
    }
    Ok(())
}

fn contacts_in_words(contacts: &[MappedContact], out: Stdout<'_>) -> std::io::Result<()> {
    for contact in contacts {
        let next = match contact.action {
            Some(PlannedAction::Create) => ": a run creates it",
            Some(PlannedAction::Update) => ": a run updates it",
            Some(PlannedAction::Keep) => ": a run leaves it as it is",
            Some(PlannedAction::LeftOut) => ": it does not go there",
            Some(PlannedAction::LeftGone) => ": its record is gone there, and stays so",
            Some(PlannedAction::Ambiguous) => ": it is ambiguous",
            Some(PlannedAction::Unmappable) => ": it cannot be mapped",
            None => "",
        };
        writeln!(out, "{} in {}{next}", contact.key, contact.target)?;
        if let Some(problem) = &contact.problem {
            writeln!(out, "  {problem}")?;
        }
        fields_in_words(&contact.fields, out)?;
        if !contact.order_fields.is_empty() {
            writeln!(out, "  its newest order")?;
            fields_in_words(&contact.order_fields, out)?;
        }
    }
    Ok(())
}

fn fields_in_words(fields: &[MappedField], out: Stdout<'_>) -> std::io::Result<()> {
    let mut table = Table::default();
    for field in fields {
        let written = match (field.written, field.kept) {
            (true, _) => "would be written",
            (false, true) => "differs there, kept",
            (false, false) => "",
        };
        table.row([
            &field.field,
            &short(&field.expression, SHOWN),
            policy(field),
            &short(&field.value, SHOWN),
            written,
        ]);
    }
    table.write(out, 2)
}

const fn policy(field: &MappedField) -> &'static str {
    match (field.write, field.on_empty) {
        (WritePolicy::Always, OnEmpty::Keep) => "always",
        (WritePolicy::Always, OnEmpty::Clear) => "always, clears",
        (WritePolicy::IfUnchanged, OnEmpty::Keep) => "if unchanged",
        (WritePolicy::IfUnchanged, OnEmpty::Clear) => "if unchanged, clears",
        (WritePolicy::IfEmpty, _) => "if empty",
        (WritePolicy::CreateOnly, _) => "when created",
    }
}

const fn called(kind: ValueType) -> &'static str {
    match kind {
        ValueType::Text => "text",
        ValueType::Integer => "integer",
        ValueType::Decimal => "decimal",
        ValueType::Bool => "bool",
        ValueType::Time => "time",
        ValueType::Json => "json",
        ValueType::List => "list",
    }
}
