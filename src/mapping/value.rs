//! A result → the type of its field. A result that does not fit says so, without showing itself.

use std::fmt::Write;

use jiff::Timestamp;
use minijinja::value::{Value as Computed, ValueKind};
use rust_decimal::Decimal;

use super::context::computed;
use super::paths::Natural;
use super::shape::Shape;
use crate::model::{Value, ValueType};

/// Why a result does not fit its field: what it is, free of the value itself.
#[derive(Debug, PartialEq, Eq)]
pub struct Misfit(pub &'static str);

/// Raised when the same result is written in another way, so that every contact is due again.
pub const VERSION: u32 = 1;

/// A longer text in a field is a mistake in its expression, not data.
const LONGEST_TEXT: usize = 1024 * 1024;

/// What a bare path holds, as the field's type.
pub fn from_natural(natural: Natural<'_>, kind: ValueType) -> Result<Value, Misfit> {
    let value = match natural {
        Natural::Text(text) if kind == ValueType::Text => return Ok(plain_text(text)),
        Natural::Text(text) => plain_text(text),
        Natural::Count(count) => i64::try_from(count).map_or(Value::Empty, Value::Integer),
        Natural::Amount(amount) => amount.map_or(Value::Empty, Value::Decimal),
        Natural::Flag(flag) => flag.map_or(Value::Empty, Value::Bool),
        Natural::Moment(moment) => moment.map_or(Value::Empty, Value::Time),
        Natural::Texts([]) | Natural::Totals([]) | Natural::Addresses([]) | Natural::Accounts([]) => {
            Value::Empty
        }
        Natural::Texts(texts) if kind == ValueType::Json => Value::Json(json(texts)?),
        Natural::Texts(texts) if kind == ValueType::List => list(texts.iter().cloned()),
        Natural::Texts(texts) => plain_text(&texts.join(", ")),
        Natural::Totals(totals) if kind == ValueType::Json => {
            let exact: serde_json::Map<_, _> = totals
                .iter()
                .map(|(currency, total)| (currency.clone(), total.to_string().into()))
                .collect();
            Value::Json(json(&exact)?)
        }
        Natural::Totals(totals) => {
            let each = totals
                .iter()
                .map(|(currency, total)| format!("{total} {currency}"));
            plain_text(&each.collect::<Vec<_>>().join(", "))
        }
        Natural::Items(items) if items.as_json() == "[]" => Value::Empty,
        Natural::Items(items) => Value::Json(items.as_json().to_owned()),
        Natural::Addresses(_) | Natural::Accounts(_) => Value::Json(json(&computed(natural))?),
    };
    fit(value, kind)
}

/// What a computed expression yields, as the field's type.
pub fn from_computed(computed: &Computed, kind: ValueType) -> Result<Value, Misfit> {
    let value = match computed.kind() {
        // `a if b` without `else` yields undefined: nothing.
        ValueKind::Undefined | ValueKind::None => Value::Empty,
        ValueKind::Bool => Value::Bool(computed.is_true()),
        ValueKind::Number => number(computed)?,
        ValueKind::String => plain_text(computed.as_str().unwrap_or_default()),
        ValueKind::Seq | ValueKind::Iterable | ValueKind::Map if computed.len() == Some(0) => Value::Empty,
        ValueKind::Seq | ValueKind::Iterable if kind == ValueType::List => list(entries(computed)?),
        ValueKind::Seq | ValueKind::Iterable if kind != ValueType::Json => plain_text(&joined(computed)?),
        ValueKind::Seq | ValueKind::Iterable | ValueKind::Map => Value::Json(json(computed)?),
        _ => return Err(Misfit("something that is no value")),
    };
    if let Value::Text(text) | Value::Json(text) = &value
        && text.len() > LONGEST_TEXT
    {
        return Err(Misfit("a text longer than 1 MiB"));
    }
    fit(value, kind)
}

/// Why what a path of this type holds can never be written as another, whatever it holds.
pub fn path_never_fits(natural: ValueType, kind: ValueType) -> Option<Misfit> {
    let any = match natural {
        // Which text it is decides.
        ValueType::Text => return None,
        ValueType::Integer => Value::Integer(1),
        ValueType::Decimal => Value::Decimal(Decimal::ONE),
        ValueType::Bool => Value::Bool(true),
        ValueType::Time => Value::Time(Timestamp::UNIX_EPOCH),
        ValueType::Json => Value::Json("[]".to_owned()),
        ValueType::List => Value::List(Vec::new()),
    };
    fit(any, kind).err()
}

/// The same of what a computed expression yields, as far as that is known before.
pub fn shape_never_fits(shape: &Shape, kind: ValueType) -> Option<Misfit> {
    match shape {
        Shape::List(_, entry) if matches!(**entry, Shape::Record(_) | Shape::Entry(..) | Shape::List(..)) => {
            (kind != ValueType::Json).then_some(Misfit("a list of records"))
        }
        Shape::Record(_) | Shape::Entry(..) => path_never_fits(ValueType::Json, kind),
        _ => None,
    }
}

/// How a type is called in messages.
pub const fn called(kind: ValueType) -> &'static str {
    match kind {
        ValueType::Text => "a text",
        ValueType::Integer => "a whole number",
        ValueType::Decimal => "a decimal number",
        ValueType::Bool => "yes or no",
        ValueType::Time => "a time such as 2026-01-31T10:00:00Z",
        ValueType::Json => "JSON",
        ValueType::List => "a list of texts",
    }
}

fn fit(value: Value, kind: ValueType) -> Result<Value, Misfit> {
    match kind {
        ValueType::Text => Ok(to_text(value)),
        ValueType::Integer => to_integer(value),
        ValueType::Decimal => to_decimal(value),
        ValueType::Bool => to_bool(value),
        ValueType::Time => to_time(value),
        ValueType::Json => to_json(value),
        ValueType::List => Ok(to_list(value)),
    }
}

fn to_text(value: Value) -> Value {
    match value {
        Value::Empty | Value::Text(_) => value,
        Value::Integer(number) => Value::Text(number.to_string()),
        Value::Decimal(number) => Value::Text(number.to_string()),
        Value::Bool(flag) => Value::Text(flag.to_string()),
        Value::Time(moment) => Value::Text(moment.to_string()),
        Value::Json(json) => Value::Text(json),
        Value::List(texts) => plain_text(&texts.join(", ")),
    }
}

fn to_list(value: Value) -> Value {
    match value {
        Value::Empty | Value::List(_) => value,
        single => match to_text(single) {
            Value::Text(text) => list([text]),
            other => other,
        },
    }
}

/// Those that say something, each once, in their order.
fn list(texts: impl IntoIterator<Item = String>) -> Value {
    let mut kept: Vec<String> = Vec::new();
    for text in texts {
        let text = text.trim();
        if !text.is_empty() && !kept.iter().any(|known| known == text) {
            kept.push(text.to_owned());
        }
    }
    match kept.is_empty() {
        true => Value::Empty,
        false => Value::List(kept),
    }
}

fn to_integer(value: Value) -> Result<Value, Misfit> {
    match value {
        Value::Empty | Value::Integer(_) => Ok(value),
        Value::Decimal(number) => whole(number).ok_or(Misfit("a number that is not whole")),
        Value::Text(text) => text
            .trim()
            .parse()
            .map(Value::Integer)
            .map_err(|_| Misfit("a text that is not one")),
        other => Err(misfit(&other)),
    }
}

fn to_decimal(value: Value) -> Result<Value, Misfit> {
    match value {
        Value::Empty | Value::Decimal(_) => Ok(value),
        Value::Integer(number) => Ok(Value::Decimal(number.into())),
        Value::Text(text) => Decimal::from_str_exact(text.trim())
            .map(Value::Decimal)
            .map_err(|_| Misfit("a text that is not one")),
        other => Err(misfit(&other)),
    }
}

fn to_bool(value: Value) -> Result<Value, Misfit> {
    match value {
        Value::Empty | Value::Bool(_) => Ok(value),
        Value::Integer(number @ (0 | 1)) => Ok(Value::Bool(number == 1)),
        Value::Text(text) => match text.trim() {
            "true" | "1" => Ok(Value::Bool(true)),
            "false" | "0" => Ok(Value::Bool(false)),
            _ => Err(Misfit("a text that is neither `true` nor `false`")),
        },
        other => Err(misfit(&other)),
    }
}

fn to_time(value: Value) -> Result<Value, Misfit> {
    match value {
        Value::Empty | Value::Time(_) => Ok(value),
        Value::Text(text) => text
            .trim()
            .parse::<Timestamp>()
            .map(Value::Time)
            .map_err(|_| Misfit("a text that is not one")),
        other => Err(misfit(&other)),
    }
}

fn to_json(value: Value) -> Result<Value, Misfit> {
    let text = match value {
        Value::Empty | Value::Json(_) => return Ok(value),
        Value::Text(text) => json(&text)?,
        Value::Integer(number) => number.to_string(),
        Value::Decimal(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Time(moment) => json(&moment.to_string())?,
        Value::List(texts) => json(&texts)?,
    };
    Ok(Value::Json(text))
}

fn misfit(value: &Value) -> Misfit {
    Misfit(match value {
        Value::Empty => "nothing",
        Value::Text(_) => "a text",
        Value::Integer(_) => "a whole number",
        Value::Decimal(_) => "a decimal number",
        Value::Bool(_) => "yes or no",
        Value::Time(_) => "a time",
        Value::Json(_) | Value::List(_) => "a list or a record",
    })
}

fn plain_text(text: &str) -> Value {
    if text.is_empty() {
        Value::Empty
    } else {
        Value::Text(text.to_owned())
    }
}

/// Floats come from amounts: 15 significant digits, so that 0.1 + 0.2 is written 0.3.
fn number(computed: &Computed) -> Result<Value, Misfit> {
    if computed.is_integer() {
        return computed
            .as_i64()
            .map(Value::Integer)
            .ok_or(Misfit("a number too large"));
    }
    let float = f64::try_from(computed.clone()).map_err(|_| Misfit("a number too large"))?;
    Decimal::try_from(float)
        .map(|number| Value::Decimal(number.normalize()))
        .map_err(|_| Misfit("a number that cannot be written out"))
}

fn whole(number: Decimal) -> Option<Value> {
    if !number.is_integer() {
        return None;
    }
    i64::try_from(number).ok().map(Value::Integer)
}

/// A list of plain values reads like a bare path's: joined with commas.
fn joined(list: &Computed) -> Result<String, Misfit> {
    let (mut text, mut gap) = (String::new(), "");
    for_each_entry(list, |entry| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{gap}{entry}");
        gap = ", ";
        text.len()
    })?;
    Ok(text)
}

/// The entries of a list of plain values.
fn entries(list: &Computed) -> Result<Vec<String>, Misfit> {
    let (mut texts, mut length) = (Vec::new(), 0);
    for_each_entry(list, |entry| {
        let text = entry.to_string();
        length += text.len();
        texts.push(text);
        length
    })?;
    Ok(texts)
}

/// `each` answers with the length of all so far.
fn for_each_entry(list: &Computed, mut each: impl FnMut(&Computed) -> usize) -> Result<(), Misfit> {
    let no_value = |_| Misfit("something that is no value");
    for entry in list.try_iter().map_err(no_value)? {
        if !matches!(
            entry.kind(),
            ValueKind::Bool | ValueKind::Number | ValueKind::String
        ) {
            return Err(Misfit("a list of records"));
        }
        if each(&entry) > LONGEST_TEXT {
            return Err(Misfit("a text longer than 1 MiB"));
        }
    }
    Ok(())
}

fn json(value: &(impl serde::Serialize + ?Sized)) -> Result<String, Misfit> {
    serde_json::to_string(value).map_err(|_| Misfit("something that JSON cannot hold"))
}
