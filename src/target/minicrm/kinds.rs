//! What a field can hold, as the schema says, and the one form in which two spellings of a value are the same.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::countries::{self, Language};
use super::times;
use crate::model::Value;

/// What a field holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum FieldKind {
    /// Text of any length.
    #[default]
    Free,
    /// Text of at most so many characters.
    Text(usize),
    /// A number; one that is not set reads as 0.
    Number,
    /// A time.
    Moment,
    /// A day.
    Day,
    /// Yes or no; what is not set reads as no.
    Flag,
    /// One of these: number and label. A list says the number, a record the label, and both can be written; what is
    /// neither makes the service fail.
    Choice(Vec<(String, String)>),
    /// A country, by its name.
    Country(Language),
}

/// Words for yes that a field may show.
const YES: [&str; 5] = ["1", "yes", "igen", "da", "true"];

/// Words for no.
const NO: [&str; 5] = ["0", "no", "nem", "nu", "false"];

impl FieldKind {
    /// As a schema writes it: `"Text(512)"`, `"Int"`, or an object of numbers and labels, which PHP writes as an
    /// array where the numbers begin at 0.
    pub fn of_schema(written: &Json) -> Self {
        let label = |value: &Json| super::wire::text(value).trim().to_owned();
        match written {
            Json::Object(labels) => Self::Choice(
                labels
                    .iter()
                    .map(|(id, text)| (id.clone(), label(text)))
                    .collect(),
            ),
            Json::Array(labels) => {
                let numbered = labels.iter().enumerate();
                Self::Choice(numbered.map(|(id, text)| (id.to_string(), label(text))).collect())
            }
            Json::String(written) => Self::of_word(written),
            _ => Self::Free,
        }
    }

    fn of_word(written: &str) -> Self {
        let (word, rest) = written.split_once('(').unwrap_or((written, ""));
        let length = rest.trim_end_matches(')').parse().ok();
        match (word.trim().to_lowercase().as_str(), length) {
            ("text" | "string" | "varchar", Some(length)) => Self::Text(length),
            ("int" | "integer" | "float" | "double" | "decimal" | "number", _) => Self::Number,
            ("datetime", _) => Self::Moment,
            ("date", _) => Self::Day,
            ("boolean" | "bool", _) => Self::Flag,
            _ => Self::Free,
        }
    }

    /// A text as it stands in a record, in the one form.
    pub fn normal(&self, text: &str) -> String {
        let text = text.trim();
        match self {
            Self::Free => one_line_ending(text).into_owned(),
            Self::Text(length) => cut(&one_line_ending(text), *length),
            Self::Number => number(text),
            Self::Moment => times::normal(text),
            Self::Day => times::normal_day(text),
            Self::Flag => match flag(text) {
                Some(true) => "1".to_owned(),
                Some(false) => String::new(),
                None => text.to_owned(),
            },
            Self::Choice(labels) => chosen(labels, text).map_or(text, |(_, label)| label).to_owned(),
            Self::Country(_) => countries::code(text).to_owned(),
        }
    }

    /// A value of ours in the same form.
    pub fn normal_value<'v>(&self, value: &'v Value) -> Cow<'v, str> {
        match (self, value) {
            (_, Value::Empty) => Cow::Borrowed(""),
            (Self::Choice(labels), Value::Bool(yes)) => Cow::Owned(yes_or_no(labels, *yes).to_owned()),
            _ => Cow::Owned(self.normal(&value.canonical())),
        }
    }

    /// A value of ours as it is sent.
    ///
    /// # Errors
    /// When the field offers other values; the text says which.
    pub fn to_wire(&self, value: &Value) -> Result<Json, String> {
        let text = match value {
            Value::Empty => {
                return Ok(match self {
                    Self::Number | Self::Flag => Json::from(0),
                    _ => Json::from(""),
                });
            }
            Value::List(texts) => texts.join(", "),
            value => value.canonical().into_owned(),
        };
        Ok(match self {
            Self::Free => Json::from(text),
            Self::Text(length) => Json::from(cut(&text, *length)),
            Self::Moment => Json::from(times::normal(&text)),
            Self::Day => Json::from(times::normal_day(&text)),
            Self::Number => match text.trim().parse::<i64>() {
                Ok(whole) => Json::from(whole),
                Err(_) => Json::from(text.trim()),
            },
            Self::Flag => match flag(&text) {
                Some(yes) => Json::from(i32::from(yes)),
                None => return Err("is neither yes nor no".to_owned()),
            },
            Self::Choice(labels) => {
                let found = match value {
                    Value::Bool(yes) => Some(yes_or_no(labels, *yes)).filter(|label| !label.is_empty()),
                    _ => chosen(labels, &text).map(|(_, label)| label),
                };
                match found {
                    Some(label) => Json::from(label),
                    None => return Err(offered(labels, &text)),
                }
            }
            Self::Country(language) => Json::from(countries::name(&text, *language).unwrap_or_default()),
        })
    }
}

fn one_line_ending(text: &str) -> Cow<'_, str> {
    match text.contains('\r') {
        true => Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")),
        false => Cow::Borrowed(text),
    }
}

/// What is longer than a field is cut off by us, so that both sides hold the same.
fn cut(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        Some((end, _)) => text.get(..end).unwrap_or_default().trim_end().to_owned(),
        None => text.to_owned(),
    }
}

fn number(text: &str) -> String {
    match text.parse::<Decimal>() {
        Ok(number) if number.is_zero() => String::new(),
        Ok(number) => number.normalize().to_string(),
        Err(_) => text.to_owned(),
    }
}

fn flag(text: &str) -> Option<bool> {
    let text = text.trim().to_lowercase();
    if YES.contains(&text.as_str()) {
        return Some(true);
    }
    (text.is_empty() || NO.contains(&text.as_str())).then_some(false)
}

/// The entry that a text means, by label or by number.
fn chosen<'l>(labels: &'l [(String, String)], text: &str) -> Option<(&'l str, &'l str)> {
    let text = text.trim();
    let by_label = labels.iter().find(|(_, label)| label == text);
    let found = by_label.or_else(|| labels.iter().find(|(id, _)| id == text));
    found.map(|(id, label)| (id.as_str(), label.as_str()))
}

fn yes_or_no(labels: &[(String, String)], yes: bool) -> &str {
    let words = if yes { YES } else { NO };
    let is_it = |(id, label): &&(String, String)| {
        words.contains(&label.to_lowercase().as_str()) || words.first() == Some(&id.as_str())
    };
    labels.iter().find(is_it).map_or("", |(_, label)| label)
}

fn offered(labels: &[(String, String)], text: &str) -> String {
    /// More than these nobody reads.
    const TOLD: usize = 12;
    let mut told: Vec<&str> = labels
        .iter()
        .map(|(_, label)| label.as_str())
        .take(TOLD)
        .collect();
    if labels.len() > TOLD {
        told.push("…");
    }
    format!("has no value \"{text}\"; it offers: {}", told.join(", "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schema_says_what_a_field_holds() {
        let of = |written| FieldKind::of_schema(&written);
        assert_eq!(of(json!("Text(512)")), FieldKind::Text(512));
        assert_eq!(of(json!("Int")), FieldKind::Number);
        assert_eq!(of(json!("DateTime")), FieldKind::Moment);
        assert_eq!(of(json!("Something new")), FieldKind::Free);
        let labels = vec![("421".to_owned(), "VIP".to_owned())];
        assert_eq!(of(json!({"421": "VIP"})), FieldKind::Choice(labels));
        let from_nought = vec![
            ("0".to_owned(), "No".to_owned()),
            ("1".to_owned(), "Yes".to_owned()),
        ];
        assert_eq!(of(json!(["No", "Yes"])), FieldKind::Choice(from_nought));
    }

    #[test]
    fn two_spellings_of_a_value_have_one_form() {
        let choice = FieldKind::of_schema(&json!({"421": "Qualified", "422": "VIP"}));
        for (kind, one, other) in [
            (&FieldKind::Free, " a\r\nb ", "a\nb"),
            (&FieldKind::Number, "1234.50", "1234.5"),
            (&FieldKind::Number, "0", ""),
            (&FieldKind::Flag, "Igen", "1"),
            (&FieldKind::Flag, "0", ""),
            (&choice, "422", "VIP"),
            (&FieldKind::Country(Language::English), "Cseh Köztársaság", "CZ"),
            (&FieldKind::Text(3), "abcd", "abc"),
        ] {
            assert_eq!(kind.normal(one), kind.normal(other), "{kind:?}");
        }
    }

    #[test]
    fn a_value_that_is_not_offered_is_not_sent() {
        let choice = FieldKind::of_schema(&json!({"421": "Qualified", "422": "VIP"}));
        let wire = |text: &str| choice.to_wire(&Value::Text(text.to_owned()));
        assert_eq!((wire("VIP"), wire("422")), (Ok(json!("VIP")), Ok(json!("VIP"))));
        assert_eq!(
            wire("Gold").unwrap_err(),
            "has no value \"Gold\"; it offers: Qualified, VIP"
        );
        let country = FieldKind::Country(Language::Hungarian);
        assert_eq!(
            country.to_wire(&Value::Text("CZ".to_owned())),
            Ok(json!("Cseh Köztársaság"))
        );
        assert_eq!(country.to_wire(&Value::Text("JP".to_owned())), Ok(json!("")));
        assert_eq!(FieldKind::Number.to_wire(&Value::Integer(3)), Ok(json!(3)));
        let yes_no = FieldKind::of_schema(&json!({"7": "Nem", "8": "Igen"}));
        assert_eq!(yes_no.to_wire(&Value::Bool(true)), Ok(json!("Igen")));
        assert_eq!(yes_no.normal_value(&Value::Bool(false)), "Nem");
    }
}
