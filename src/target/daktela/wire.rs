//! What Daktela sends: the envelope around every answer, and records as they come.
//!
//! Confirmed by answers that the vendor's clients and their users have published: `customFields` of a record without
//! any is `[]`, an empty field `[]` or `[null]`; a reference comes as the whole object it refers to; `data` of a list
//! can be an object keyed by name.

use serde::Deserialize;
use serde_json::{Map, Value};

/// A contact or a CRM record.
pub type Record = Map<String, Value>;

/// Around every answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Envelope {
    /// Empty where all went well, in whatever form.
    pub error: Value,
    /// Present in failures too: what was sent is repeated there.
    pub result: Value,
    /// The server's clock, without a zone.
    #[serde(rename = "_time")]
    pub time: Value,
    /// The name of its zone, where it says so (builds of 2026 do).
    #[serde(rename = "_timezone")]
    pub timezone: Value,
}

/// A page of a list.
#[derive(Debug, Default)]
pub struct Page {
    /// The records on it.
    pub records: Vec<Record>,
    /// How many there are on all pages, where it is said.
    pub total: Option<usize>,
}

impl Page {
    /// From the `result` of a list; `None` for what is none.
    pub fn read(result: Value) -> Option<Self> {
        let Value::Object(mut result) = result else {
            return None;
        };
        let total = match result.get("total") {
            Some(Value::Number(total)) => total.as_u64(),
            Some(Value::String(total)) => total.parse().ok(),
            _ => None,
        };
        let records = match result.remove("data")? {
            Value::Array(records) => records,
            Value::Object(records) => records.into_iter().map(|(_, record)| record).collect(),
            _ => return None,
        };
        let object = |record| match record {
            Value::Object(record) => Some(record),
            _ => None,
        };
        Some(Self {
            records: records.into_iter().map(object).collect::<Option<_>>()?,
            total: total.and_then(|total| usize::try_from(total).ok()),
        })
    }
}

/// Whether there is nothing in it: `null`, `""`, `[]`, `{}`, and what consists of such alone.
pub fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(entries) => entries.iter().all(is_empty),
        Value::Object(entries) => entries.values().all(is_empty),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The values in a field, each as a text: none in `null`, `""`, `[]` and `[null]`. An object that is referred to
/// counts as its name.
pub fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::Bool(yes) => vec![if *yes { "1" } else { "0" }.to_owned()],
        Value::Number(number) => vec![number.to_string()],
        Value::String(text) if text.is_empty() => Vec::new(),
        Value::String(text) => vec![text.clone()],
        Value::Array(entries) => entries.iter().flat_map(texts).collect(),
        Value::Object(object) => match object.get("name") {
            Some(Value::String(name)) => vec![name.clone()],
            // Ticket and such have numbers for names.
            Some(Value::Number(name)) => vec![name.to_string()],
            _ if object.is_empty() => Vec::new(),
            _ => vec![value.to_string()],
        },
    }
}

/// The one text in a field; empty without any.
pub fn text(record: &Record, field: &str) -> String {
    record
        .get(field)
        .map(texts)
        .unwrap_or_default()
        .into_iter()
        .next()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_form_of_nothing_is_nothing() {
        for nothing in [
            json!(null),
            json!(""),
            json!([]),
            json!([null]),
            json!([""]),
            json!({}),
        ] {
            assert_eq!(texts(&nothing), [""; 0], "{nothing}");
            assert!(is_empty(&nothing), "{nothing}");
        }
        assert!(!is_empty(&json!(["Object not exist"])));
        assert!(is_empty(&json!({"form": {}, "primary": []})));
    }

    #[test]
    fn a_value_is_the_same_in_a_list_or_without_and_a_reference_is_its_name() {
        assert_eq!(texts(&json!("x")), texts(&json!(["x"])));
        assert_eq!(texts(&json!([1, true, null, "a"])), ["1", "1", "a"]);
        assert_eq!(
            texts(&json!({"name": "default", "title": "Default"})),
            ["default"]
        );
        assert_eq!(texts(&json!({"name": 17})), ["17"]);
    }

    #[test]
    fn a_list_is_a_list_or_an_object_and_what_is_neither_is_no_list() {
        let as_list = Page::read(json!({"data": [{"name": "a"}, {"name": "b"}], "total": 7})).unwrap();
        let as_object =
            Page::read(json!({"data": {"a": {"name": "a"}, "b": {"name": "b"}}, "total": "7"})).unwrap();
        assert_eq!(as_list.records, as_object.records);
        assert_eq!((as_list.total, as_object.total), (Some(7), Some(7)));
        assert!(Page::read(json!({"data": []})).unwrap().records.is_empty());
        for not_one in [
            json!([]),
            json!(null),
            json!({"total": 3}),
            json!({"data": ["a"]}),
            json!({"data": null}),
        ] {
            assert!(Page::read(not_one.clone()).is_none(), "{not_one}");
        }
    }
}
