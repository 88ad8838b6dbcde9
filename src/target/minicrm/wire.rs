//! What MiniCRM answers, as it comes: ids as numbers or as texts, an empty list as `[]`, and a look-up by
//! `ReferenceId` that may be a list or the record itself.

use serde_json::{Map, Value};

/// A record as JSON, by field.
pub type Record = Map<String, Value>;

/// One page of what a search found: the ids, with the little that a list tells of each.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// How many there are on all pages.
    pub count: u64,
    /// Those of this page.
    pub entries: Vec<(u64, Record)>,
}

/// Entries on a full page.
const FULL: u64 = 100;

impl Page {
    /// Whether there is another page behind this one, whose number it is.
    pub fn is_followed(&self, number: u64) -> bool {
        !self.entries.is_empty() && number.saturating_add(1).saturating_mul(FULL) < self.count
    }
}

/// An id, which comes as a number here and as a text there.
pub fn id(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|id| *id != 0)
}

/// The id in a field of a record.
pub fn id_in(record: &Record, field: &str) -> Option<u64> {
    record.get(field).and_then(id)
}

/// A field as text. Several values are put one behind the other, as in an expression.
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(yes) => (if *yes { "1" } else { "0" }).to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            let texts: Vec<String> = values.iter().map(text).filter(|text| !text.is_empty()).collect();
            texts.join(", ")
        }
        Value::Object(_) => value.to_string(),
    }
}

/// The text in a field of a record; empty where it has none.
pub fn text_in(record: &Record, field: &str) -> String {
    record.get(field).map(text).unwrap_or_default()
}

/// Whether a field says yes.
pub fn is_set(record: &Record, field: &str) -> bool {
    record
        .get(field)
        .is_some_and(|value| !matches!(text(value).trim(), "" | "0"))
}

/// A page of a list: `Results` is an object by id, an array of records, or an array when there are none.
pub fn page(answer: &Value) -> Option<Page> {
    let answer = answer.as_object()?;
    let results = answer.get("Results")?;
    let entry = |key: Option<&str>, value: &Value| {
        let record = value.as_object().cloned().unwrap_or_default();
        let id = id_in(&record, "Id").or_else(|| key.and_then(|key| key.trim().parse().ok()))?;
        Some((id, record))
    };
    let entries: Vec<(u64, Record)> = match results {
        Value::Object(by_id) => by_id
            .iter()
            .filter_map(|(key, value)| entry(Some(key), value))
            .collect(),
        Value::Array(records) => records.iter().filter_map(|record| entry(None, record)).collect(),
        Value::Null => Vec::new(),
        _ => return None,
    };
    let counted = answer
        .get("Count")
        .map(text)
        .and_then(|count| count.trim().parse().ok());
    Some(Page {
        count: counted.unwrap_or(entries.len() as u64),
        entries,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_page_is_read_in_every_shape_it_comes_in() {
        let by_id = json!({"Count": "2", "Results": {"7": {"Id": "7"}, "9": {"Name": "no id inside"}}});
        let page_of = |answer: &Value| {
            page(answer).map(|page| {
                let ids: Vec<u64> = page.entries.iter().map(|(id, _)| *id).collect();
                (page.count, ids)
            })
        };
        assert_eq!(page_of(&by_id), Some((2, vec![7, 9])));
        assert_eq!(
            page_of(&json!({"Count": 0, "Results": []})),
            Some((0, vec![])),
            "nothing is an array"
        );
        assert_eq!(
            page_of(&json!({"Count": 1, "Results": [{"Id": 5}]})),
            Some((1, vec![5]))
        );
        assert_eq!(
            page_of(&json!({"Count": null, "Results": null})),
            Some((0, vec![]))
        );
        assert_eq!(page_of(&json!({"Id": 5, "Name": "a record"})), None);
    }

    #[test]
    fn ids_come_as_numbers_and_as_texts() {
        assert_eq!(id(&json!(37_147)), Some(37_147));
        assert_eq!(id(&json!("37147")), Some(37_147));
        for none in [json!(0), json!(""), json!("x"), json!(null), json!(-1)] {
            assert_eq!(id(&none), None, "{none}");
        }
    }
}
