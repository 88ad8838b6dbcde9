//! Columns: their types, and values on their way into them and out of them.

use std::borrow::Cow;

use jiff::Timestamp;
use tokio_postgres::Row;

use super::statement::storable;
use crate::model::{Value, ValueType};

/// What a column holds, as far as it matters here. A person may have given it another type than the mapping
/// would.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// `text`, `varchar`, `citext`
    Text,
    /// `bigint` and smaller ones
    Integer,
    /// `numeric`
    Decimal,
    /// `boolean`
    Bool,
    /// `timestamptz`
    Time,
    /// `jsonb`, `json`
    Json,
    /// What is read, and not written.
    Other,
}

impl ColumnType {
    /// By what `information_schema.columns` says of it: `data_type` and `udt_name`.
    pub fn of(data_type: &str, name: &str) -> Self {
        match data_type {
            "text" | "character varying" | "character" => Self::Text,
            _ if name == "citext" => Self::Text,
            "bigint" | "integer" | "smallint" => Self::Integer,
            "numeric" => Self::Decimal,
            "boolean" => Self::Bool,
            "timestamp with time zone" => Self::Time,
            "jsonb" | "json" => Self::Json,
            _ => Self::Other,
        }
    }

    /// The one a mapped field gets when its column is made.
    pub const fn made_for(kind: ValueType) -> Self {
        match kind {
            ValueType::Text | ValueType::List => Self::Text,
            ValueType::Integer => Self::Integer,
            ValueType::Decimal => Self::Decimal,
            ValueType::Bool => Self::Bool,
            ValueType::Time => Self::Time,
            ValueType::Json => Self::Json,
        }
    }

    /// Its name where a column is made or a text is turned into it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text | Self::Other => "text",
            Self::Integer => "bigint",
            Self::Decimal => "numeric",
            Self::Bool => "boolean",
            Self::Time => "timestamptz",
            Self::Json => "jsonb",
        }
    }

    /// A text that travelled, as a value of this type.
    pub fn cast(self, text: &str) -> String {
        match self {
            Self::Text | Self::Other => text.to_owned(),
            _ => format!("{text}::{}", self.name()),
        }
    }

    /// A column, as it can be compared with such a value: `json` has no equality.
    pub fn comparable(self, column: &str) -> String {
        match self {
            Self::Json => format!("{column}::jsonb"),
            _ => column.to_owned(),
        }
    }

    /// The expression that shows a column, for [`ColumnType::shown`]. Nothing in it depends on a setting of the
    /// session.
    pub fn selected(self, column: &str) -> String {
        match self {
            Self::Time => column.to_owned(),
            Self::Bool => format!("CASE WHEN {column} THEN '1' WHEN NOT {column} THEN '0' END"),
            _ => format!("{column}::text"),
        }
    }

    /// What stands in a column, in the same normal form as [`normal_form`]; nothing is the empty text.
    pub fn shown(self, row: &Row, place: usize) -> String {
        match self {
            Self::Time => match time(row, place) {
                Ok(moment) => moment.map_or_else(String::new, |moment| moment.to_string()),
                // Infinite, or before or after all times we know: nothing we wrote.
                Err(Unreadable) => UNREADABLE.to_owned(),
            },
            Self::Json => text(row, place).map_or_else(String::new, |json| canonical_json(&json)),
            _ => text(row, place).unwrap_or_default(),
        }
    }
}

/// Shown in place of a moment that is none.
const UNREADABLE: &str = "infinity";

/// A moment that we cannot have written.
pub struct Unreadable;

/// A moment in a column of moments.
pub fn time(row: &Row, place: usize) -> Result<Option<Timestamp>, Unreadable> {
    row.try_get(place).map_err(|_| Unreadable)
}

/// A text in a column that is selected as text.
pub fn text(row: &Row, place: usize) -> Option<String> {
    row.try_get(place).unwrap_or_default()
}

/// A value as a column will show it: moments to the microsecond, JSON in one spelling, texts without the one
/// character that PostgreSQL takes in none.
pub fn normal_form(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Text(text) if text.contains('\0') => Cow::Owned(storable(text.clone())),
        Value::Json(json) => Cow::Owned(canonical_json(json)),
        Value::Time(moment) => Cow::Owned(to_microseconds(*moment).to_string()),
        Value::Text(_)
        | Value::Empty
        | Value::Integer(_)
        | Value::Decimal(_)
        | Value::Bool(_)
        | Value::List(_) => value.canonical(),
    }
}

/// A value on its way into a column.
pub fn sent(value: &Value) -> Option<String> {
    Some(normal_form(value).into_owned()).filter(|text| !text.is_empty())
}

/// A moment on its way into a column.
pub fn sent_time(moment: Option<Timestamp>) -> Option<String> {
    moment.map(|moment| to_microseconds(moment).to_string())
}

/// The moment of a write, to the second.
pub fn now() -> String {
    Timestamp::from_second(Timestamp::now().as_second())
        .unwrap_or_default()
        .to_string()
}

/// JSON of ours on its way into a column, as it is, unless it holds what no column takes.
pub fn storable_json(json: &str) -> String {
    match json.contains("\\u0000") {
        true => canonical_json(json),
        false => json.to_owned(),
    }
}

fn to_microseconds(moment: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(moment.as_microsecond()).unwrap_or(moment)
}

/// One spelling for JSON that says the same: `jsonb` orders keys, drops spaces and spells numbers anew.
fn canonical_json(json: &str) -> String {
    match serde_json::from_str(json) {
        Ok(mut value) => {
            unify(&mut value);
            serde_json::Value::to_string(&value)
        }
        Err(_) => storable(json.to_owned()),
    }
}

fn unify(value: &mut serde_json::Value) {
    use serde_json::Value::{Array, Number, Object, String};
    match value {
        String(text) => *text = storable(std::mem::take(text)),
        Array(entries) => entries.iter_mut().for_each(unify),
        Object(entries) => {
            let unified = std::mem::take(entries).into_iter().map(|(key, mut value)| {
                unify(&mut value);
                (storable(key), value)
            });
            *entries = unified.collect();
        }
        Number(number) => {
            // `1.0` and `1e0` are `1`; beyond 2^53 not every whole number is one of floating point.
            let whole = number.as_f64().filter(|_| number.is_f64());
            if let Some(whole) = whole.filter(|whole| whole.fract() == 0.0 && whole.abs() < 9e15)
                && let Ok(whole) = format!("{whole:.0}").parse::<i64>()
            {
                *number = whole.into();
            }
        }
        serde_json::Value::Null | serde_json::Value::Bool(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_that_says_the_same_is_spelt_the_same() {
        let ours = r#"{"name":"a\u0000b","total":1.0,"lines":[1e2,{"b":1,"a":null}]}"#;
        let theirs = r#"{"lines": [100, {"a": null, "b": 1}], "name": "ab", "total": 1.0}"#;
        assert_eq!(canonical_json(ours), canonical_json(theirs));
        assert_eq!(canonical_json("0.50"), "0.5");
    }

    #[test]
    fn a_moment_has_microseconds_and_a_text_no_zero() {
        let moment: Timestamp = "2024-06-01T12:00:00.123456789Z".parse().unwrap();
        assert_eq!(normal_form(&Value::Time(moment)), "2024-06-01T12:00:00.123456Z");
        assert_eq!(sent(&Value::Text("\0".to_owned())), None);
    }
}
