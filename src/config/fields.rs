//! `[target.fields]`, `[target.order_fields]` and `[target.statuses]`, in the order of the file.
//!
//! Expressions stay text here: the mapping compiles them and names their place when one is wrong.

use super::known;
use super::section::Section;
use super::shop::ReadShop;
use super::wording::unknown_word;
use crate::mapping::settings::FieldSettings;
use crate::model::{FieldSpec, OnEmpty, ValueType, WritePolicy};

const WRITE: [(&str, WritePolicy); 4] = [
    ("always", WritePolicy::Always),
    ("if_unchanged", WritePolicy::IfUnchanged),
    ("if_empty", WritePolicy::IfEmpty),
    ("create_only", WritePolicy::CreateOnly),
];
const ON_EMPTY: [(&str, OnEmpty); 2] = [("keep", OnEmpty::Keep), ("clear", OnEmpty::Clear)];
const TYPES: [(&str, ValueType); 6] = [
    ("text", ValueType::Text),
    ("integer", ValueType::Integer),
    ("decimal", ValueType::Decimal),
    ("bool", ValueType::Bool),
    ("time", ValueType::Time),
    ("json", ValueType::Json),
];

/// The fields under a key of a target.
pub(super) fn read_fields(target: &Section, key: &str) -> Vec<FieldSettings> {
    let Some(table) = target.open_table(key) else {
        return Vec::new();
    };
    table
        .keys()
        .into_iter()
        .filter_map(|name| read_field(&table, name))
        .collect()
}

fn read_field(fields: &Section, name: &str) -> Option<FieldSettings> {
    if name.trim().is_empty() {
        fields.fault(name, "a field of the target must have a name");
        return None;
    }
    if fields.is_dotted(name) {
        fields.fault(
            name,
            "a name with a dot in it stands in quotes: \"customFields.note\" = …",
        );
        return None;
    }
    if !fields.is_table(name) {
        let expression = expression(fields, name)?;
        return Some(FieldSettings {
            spec: FieldSpec {
                name: name.to_owned(),
                ..FieldSpec::default()
            },
            typed: false,
            expression,
            place: fields.place_of(name),
        });
    }
    let field = fields.table(name, &[&known::FIELD])?;
    if !field.has("value") {
        field.missing("value", "the expression whose value is written");
    }
    let write = field.choice("write", &WRITE);
    let on_empty = field.choice("on_empty", &ON_EMPTY);
    let kind = field.choice("type", &TYPES);
    Some(FieldSettings {
        spec: FieldSpec {
            name: name.to_owned(),
            write: write.unwrap_or_default(),
            on_empty: on_empty.unwrap_or_default(),
            kind: kind.unwrap_or_default(),
            required: false,
        },
        typed: kind.is_some(),
        expression: expression(&field, "value")?,
        place: field.place_of("value"),
    })
}

fn expression(section: &Section, key: &str) -> Option<String> {
    section.parsed(key, |text| match text.trim() {
        "" => Err("is empty: an expression, as in \"contact.email\"".to_owned()),
        expression => Ok(expression.to_owned()),
    })
}

/// The status mapping: keys as they are written, checked for what can never be a status.
pub(super) fn read_statuses(target: &Section, shops: &[ReadShop]) -> Vec<(String, String)> {
    let Some(table) = target.open_table("statuses") else {
        return Vec::new();
    };
    let mut statuses = Vec::new();
    for status in table.keys() {
        if table.is_dotted(status) {
            table.fault(status, "a name with a dot in it stands in quotes: \"v. 1\" = …");
            continue;
        }
        if let Err(message) = check_status(status, shops) {
            table.fault(status, message);
        }
        let stage = table.parsed(status, |text| match text.trim() {
            "" => Err("is empty: the target's own word for this status".to_owned()),
            stage => Ok(stage.to_owned()),
        });
        statuses.extend(stage.map(|stage| (status.to_owned(), stage)));
    }
    statuses
}

/// A name, an id, `shop/id`, `*` or `@deleted`. A name may contain almost anything.
fn check_status(status: &str, shops: &[ReadShop]) -> Result<(), String> {
    if status.trim().is_empty() {
        return Err("a status has a name or a number".to_owned());
    }
    if status.starts_with('@') && status != "@deleted" {
        return Err("is not known; the nearest known value is \"@deleted\"".to_owned());
    }
    if let Some((shop, id)) = status.split_once('/') {
        let names: Vec<&str> = shops.iter().filter_map(|shop| shop.name.as_deref()).collect();
        if id.parse::<i64>().is_ok() && !names.contains(&shop) {
            return Err(format!("no such shop: {}", unknown_word(shop, &names)));
        }
    }
    Ok(())
}
