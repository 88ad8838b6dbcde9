//! Fields: where a mapped one stands in a record, how its values are compared, and how they are sent.
//!
//! Daktela shows values otherwise than they were sent: lists in another order, single values in a list, phones with
//! spaces, times with a `T` or without midnight, titles with the names swapped (`reverse_names` of a database). What
//! it shows and what we want are compared in one normal form, lest we write the same again and again, or take our own
//! value for a person's. The forms are those that the vendor's own synchronisation levels, and the swapped names.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use super::super::Spelling;
use super::scheme;
use super::wire::{Record, texts};
use crate::model::{FieldSpec, Value, ValueType, one_per_line};

/// What the names of fields begin with that are not the model's own.
pub const CUSTOM: &str = "customFields.";

/// Stands in a field that must not be empty when there is nothing to say.
pub const NOTHING: &str = "-";

/// How values of this Daktela are written and compared.
#[derive(Debug, Clone)]
pub struct Forms {
    /// How e-mails are told to be the same.
    pub spelling: Option<Spelling>,
    /// The zone of its clock.
    pub timezone: TimeZone,
}

/// What a field of a record shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShownField {
    /// In normal form.
    pub text: String,
    /// Each value as it is spelled there, where the field holds several.
    pub list: Option<Vec<String>>,
}

impl Forms {
    /// A value of ours as it will be shown.
    pub fn normal(&self, spec: &FieldSpec, value: &Value) -> String {
        match value {
            Value::List(texts) => self.joined(spec, texts),
            value => self.normal_text(spec, &self.written(value)),
        }
    }

    /// What a record shows in a field. `wanted` is what we would write there, in normal form.
    pub fn shown(&self, spec: &FieldSpec, record: &Record, wanted: Option<&str>) -> ShownField {
        let spelled: Vec<String> = there(record, &spec.name)
            .into_iter()
            .filter(|text| !text.trim().is_empty())
            .collect();
        let mut text = self.joined(spec, &spelled);
        // A field for dates alone keeps nothing of the hour.
        if let Some(wanted) = wanted
            && spec.kind == ValueType::Time
            && is_day_of(&text, wanted)
        {
            wanted.clone_into(&mut text);
        }
        ShownField {
            text,
            list: (spec.kind == ValueType::List).then_some(spelled),
        }
    }

    /// The same of a contact, whose fields for e-mails and phones hold several values whatever is mapped to them: what
    /// an agent adds to one is no other value of it.
    pub fn shown_in_contact(&self, spec: &FieldSpec, record: &Record, wanted: Option<&str>) -> ShownField {
        if !scheme::holds_several(record, &spec.name) {
            return self.shown(spec, record, wanted);
        }
        let several = FieldSpec {
            kind: ValueType::List,
            ..spec.clone()
        };
        self.shown(&several, record, wanted)
    }

    /// The normal form of one value.
    pub fn normal_text(&self, spec: &FieldSpec, text: &str) -> String {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() || (spec.required && text == NOTHING) {
            return String::new();
        }
        if text.contains('@')
            && let Some(email) = self
                .spelling
                .and_then(|spelling| spelling(&text).map(|email| email.into_owned()))
        {
            return email;
        }
        if let Some(moment) = moment(&text) {
            return moment;
        }
        if matches!(spec.kind, ValueType::Decimal | ValueType::Integer)
            && let Ok(number) = Decimal::from_str_exact(&text)
        {
            return number.normalize().to_string();
        }
        if let Some(phone) = phone(&text) {
            return phone;
        }
        if !text.chars().any(char::is_alphabetic) {
            return text.replace(' ', "");
        }
        if spec.required && spec.name == "title" {
            let mut words: Vec<&str> = text.split(' ').collect();
            words.sort_unstable();
            return words.join(" ");
        }
        text
    }

    fn joined(&self, spec: &FieldSpec, texts: &[String]) -> String {
        let normal = texts.iter().map(|text| self.normal_text(spec, text));
        one_per_line(normal.filter(|text| !text.is_empty()).collect())
    }

    /// A single value as it is sent.
    fn written(&self, value: &Value) -> String {
        match value {
            Value::Time(moment) => self.clock(*moment),
            value => value.canonical().into_owned(),
        }
    }

    /// A moment as its clock shows it: Daktela writes no zones.
    pub fn clock(&self, moment: Timestamp) -> String {
        let shown = moment.to_zoned(self.timezone.clone());
        shown.strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// Puts a value into what is sent. `is_list` says whether custom fields take lists: they do in contacts, where
    /// they are read as such; in CRM records single values are known to be taken as they are.
    pub fn put(&self, body: &mut Record, spec: &FieldSpec, value: &Value, takes_lists: bool) {
        let Some(custom) = spec.name.strip_prefix(CUSTOM) else {
            let sent = match value {
                Value::Empty if is_reference(&spec.name) => Json::Null,
                Value::Empty if spec.required => json!(NOTHING),
                Value::List(texts) => json!(texts.join(", ")),
                value => json!(self.written(value)),
            };
            body.insert(spec.name.clone(), sent);
            return;
        };
        let sent = match value {
            Value::List(texts) => json!(texts),
            Value::Empty if takes_lists => json!([]),
            value if takes_lists => json!([self.written(value)]),
            value => json!(self.written(value)),
        };
        put_custom(body, custom, sent);
    }
}

/// Puts a value into a custom field of what is sent.
pub fn put_custom(body: &mut Record, field: &str, sent: Json) {
    let custom = body.entry("customFields").or_insert_with(|| json!({}));
    if let Json::Object(custom) = custom {
        custom.insert(field.to_owned(), sent);
    }
}

/// What stands in a field, by its name in a mapping.
pub fn there(record: &Record, name: &str) -> Vec<String> {
    let value = match name.strip_prefix(CUSTOM) {
        Some(custom) => record.get("customFields").and_then(|fields| fields.get(custom)),
        None => record.get(name),
    };
    value.map(texts).unwrap_or_default()
}

/// Whether a field of the model refers to another record.
pub fn is_reference(field: &str) -> bool {
    matches!(
        field,
        "account" | "user" | "ticket" | "status" | "contact" | "database" | "type"
    )
}

fn is_day_of(shown: &str, wanted: &str) -> bool {
    shown.len() == "2026-01-31".len() && moment(shown).is_some() && wanted.starts_with(shown)
}

/// `2024-01-15` is the same as `2024-01-15 00:00:00`, a `T` the same as a space.
fn moment(text: &str) -> Option<String> {
    let is_shaped = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text.bytes().zip(shape.bytes()).all(|(byte, shape)| match shape {
                b'0' => byte.is_ascii_digit(),
                shape => byte == shape,
            })
    };
    let (day, rest) = text.split_at_checked("2026-01-31".len())?;
    if !is_shaped(day, "0000-00-00") {
        return None;
    }
    let clock = match rest.strip_prefix(['T', ' ']) {
        None if rest.is_empty() => return Some(day.to_owned()),
        clock => clock?,
    };
    let clock = match clock {
        _ if is_shaped(clock, "00:00") => format!("{clock}:00"),
        _ if is_shaped(clock, "00:00:00") => clock.to_owned(),
        _ => return None,
    };
    Some(match clock.as_str() {
        "00:00:00" => day.to_owned(),
        clock => format!("{day} {clock}"),
    })
}

/// An international number, however it is parted, and whether it begins with `+` or `00`.
fn phone(text: &str) -> Option<String> {
    let number = text.strip_prefix('+').or_else(|| text.strip_prefix("00"))?;
    let is_of_phones =
        |letter: char| letter.is_ascii_digit() || matches!(letter, ' ' | '-' | '.' | '/' | '(' | ')');
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    (number.chars().all(is_of_phones) && digits.len() >= 6).then(|| format!("+{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms() -> Forms {
        Forms {
            spelling: Some(|text| Some(text.trim().to_lowercase().into())),
            timezone: TimeZone::get("Europe/Prague").unwrap(),
        }
    }

    fn spec(name: &str, kind: ValueType) -> FieldSpec {
        FieldSpec {
            name: name.to_owned(),
            kind,
            required: matches!(name, "title" | "lastname"),
            ..FieldSpec::default()
        }
    }

    fn record(value: &Json) -> Record {
        let Json::Object(record) = value else {
            panic!("an object")
        };
        record.clone()
    }

    #[test]
    fn what_says_the_same_has_one_normal_form() {
        let text = spec("customFields.x", ValueType::Text);
        for (one, other) in [
            (" Jana  Nová\u{a0}", "Jana Nová"),
            ("601 123 456", "601123456"),
            ("+420 601-123-456", "00420601123456"),
            ("2024-01-15", "2024-01-15 00:00:00"),
            ("2024-01-15T10:30:00", "2024-01-15 10:30:00"),
            ("2024-01-15 10:30", "2024-01-15T10:30:00"),
            ("Jane@Shop.example ", "jane@shop.example"),
        ] {
            assert_eq!(
                forms().normal_text(&text, one),
                forms().normal_text(&text, other),
                "{one}"
            );
        }
        for (one, other) in [
            ("2024-01-15", "2024-01-16"),
            ("2024-01-15 10:30:00", "2024-01-15"),
            ("601123456", "+420601123456"),
            ("Jana Nová", "Nová Jana"),
        ] {
            assert_ne!(
                forms().normal_text(&text, one),
                forms().normal_text(&text, other),
                "{one}"
            );
        }
        let title = spec("title", ValueType::Text);
        assert_eq!(
            forms().normal_text(&title, "Nová Jana"),
            forms().normal_text(&title, "Jana Nová"),
            "`reverse_names`"
        );
        assert_eq!(
            forms().normal_text(&title, NOTHING),
            "",
            "it had to say something"
        );
        let number = spec("customFields.x", ValueType::Decimal);
        assert_eq!(
            forms().normal_text(&number, "100.00"),
            forms().normal_text(&number, "100")
        );
    }

    #[test]
    fn a_field_shows_its_values_sorted_and_a_list_each_as_it_is_spelled() {
        let there = record(&json!({
            "title": "Jana", "user": {"name": "agent", "title": "Agent"},
            "customFields": {"email": ["B@x.example", null, "a@x.example"], "note": [null], "one": "x"},
        }));
        let shown = |name: &str, kind| forms().shown(&spec(name, kind), &there, None);
        assert_eq!(
            shown("customFields.email", ValueType::List),
            ShownField {
                text: "a@x.example\nb@x.example".to_owned(),
                list: Some(vec!["B@x.example".to_owned(), "a@x.example".to_owned()]),
            }
        );
        assert_eq!(shown("customFields.note", ValueType::Text), ShownField::default());
        assert_eq!(shown("customFields.one", ValueType::Text).text, "x");
        assert_eq!(shown("customFields.none", ValueType::Text).text, "");
        assert_eq!(shown("user", ValueType::Text).text, "agent");
        let empty = record(&json!({"customFields": []}));
        assert_eq!(
            forms()
                .shown(&spec("customFields.email", ValueType::List), &empty, None)
                .text,
            ""
        );
    }

    #[test]
    fn a_moment_is_written_by_its_clock_and_a_date_of_it_is_it() {
        let moment: Timestamp = "2024-06-01T12:00:00.123Z".parse().unwrap();
        let field = spec("customFields.at", ValueType::Time);
        let wanted = forms().normal(&field, &Value::Time(moment));
        assert_eq!(wanted, "2024-06-01 14:00:00");
        let shown = |text: &str| {
            let there = record(&json!({"customFields": {"at": [text]}}));
            forms().shown(&field, &there, Some(&wanted)).text
        };
        assert_eq!(shown("2024-06-01T14:00:00"), wanted);
        assert_eq!(shown("2024-06-01"), wanted, "a field for dates");
        assert_ne!(shown("2024-06-02"), wanted);
        assert_ne!(shown("2024-06-01 15:00:00"), wanted);
    }

    #[test]
    fn a_contact_is_sent_lists_and_a_record_single_values() {
        let mut body = Record::new();
        let (email, note) = (
            spec("customFields.email", ValueType::List),
            spec("customFields.note", ValueType::Text),
        );
        let both = Value::List(vec!["a".to_owned(), "b".to_owned()]);
        let text = Value::Text("x".to_owned());
        forms().put(&mut body, &email, &both, true);
        forms().put(&mut body, &note, &text, true);
        forms().put(&mut body, &spec("title", ValueType::Text), &Value::Empty, true);
        forms().put(&mut body, &spec("user", ValueType::Text), &Value::Empty, true);
        let sent = json!({"customFields": {"email": ["a", "b"], "note": ["x"]}, "title": "-", "user": null});
        assert_eq!(Json::Object(body), sent);
        let mut body = Record::new();
        forms().put(&mut body, &note, &text, false);
        forms().put(&mut body, &email, &Value::Empty, false);
        assert_eq!(
            Json::Object(body),
            json!({"customFields": {"note": "x", "email": ""}})
        );
    }
}
