//! Which fields there are, and which can be written: those of the model by its description, custom ones by the scheme
//! that comes with every record (`_sys.cfScheme`).

use serde_json::{Map, Value};

use super::fields::CUSTOM;
use super::wire::Record;
use crate::error::{Error, Kind, Result};
use crate::model::{FieldSpec, ValueType, WritePolicy};

/// Fields of a contact that a mapping may name (the vendor's description of the model).
const OF_A_CONTACT: [&str; 6] = ["title", "firstname", "lastname", "description", "user", "account"];

/// The same of a CRM record.
const OF_A_RECORD: [&str; 5] = ["title", "description", "user", "account", "ticket"];

/// Set by the configuration, or by what an order is.
const OURS: [&str; 6] = ["name", "database", "type", "contact", "stage", "status"];

/// Kept by Daktela itself.
const READ_ONLY: [&str; 3] = ["created", "edited", "nps_score"];

/// What a mapped field is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum In {
    /// A contact.
    Contact,
    /// The CRM record of an order.
    Order,
}

/// Why a field can never be mapped, by its name alone.
pub fn fault(name: &str, within: In) -> Option<String> {
    if let Some(custom) = name.strip_prefix(CUSTOM) {
        return custom
            .is_empty()
            .then(|| format!("a name is missing behind `{CUSTOM}`"));
    }
    let known: &[&str] = match within {
        In::Contact => &OF_A_CONTACT,
        In::Order => &OF_A_RECORD,
    };
    if known.contains(&name) {
        return None;
    }
    if OURS.contains(&name) {
        return Some(
            match name {
                "stage" | "status" => "follows from [target.statuses]",
                "database" => "is set by `database`",
                _ => "is set by the program",
            }
            .to_owned(),
        );
    }
    if READ_ONLY.contains(&name) {
        return Some("is kept by Daktela and cannot be written".to_owned());
    }
    Some(format!(
        "is no field of Daktela's own: {}, or `{CUSTOM}{name}` for one of the instance",
        known.join(", ")
    ))
}

/// The scheme that comes with a record; none with what is not whole, such as one that was refused.
pub fn of(record: &Record) -> Option<&Map<String, Value>> {
    record.get("_sys")?.get("cfScheme")?.as_object()
}

/// Whether nobody but Daktela itself writes a custom field, by the scheme that comes with a record.
pub fn is_read_only(record: &Record, custom: &str) -> bool {
    let field = of(record).and_then(|scheme| scheme.get(custom));
    field
        .and_then(|field| field.get("readonly"))
        .and_then(Value::as_bool)
        == Some(true)
}

/// Whether a custom field of a contact is for e-mails or phones, and takes several. In a list a record comes without its
/// scheme; these two every Daktela has from the start.
pub fn holds_several(record: &Record, name: &str) -> bool {
    let Some(custom) = name.strip_prefix(CUSTOM) else {
        return false;
    };
    let Some(scheme) = of(record) else {
        return matches!(custom, "email" | "number");
    };
    let told = scheme.get(custom);
    let kind = told.and_then(|field| field.get("type")).and_then(Value::as_str);
    let is_single = told
        .and_then(|field| field.get("multiple"))
        .and_then(Value::as_bool)
        == Some(false);
    matches!(kind, Some("EMAIL" | "PHONE")) && !is_single
}

/// What is wrong with a mapped field, by a scheme.
pub fn problem(scheme: &Map<String, Value>, spec: &FieldSpec) -> Option<String> {
    let name = &spec.name;
    let Some(field) = scheme.get(name.strip_prefix(CUSTOM)?) else {
        return Some(format!("there is no field `{name}`"));
    };
    let says = |what: &str| field.get(what).and_then(Value::as_bool);
    let is_changed = spec.write != WritePolicy::CreateOnly;
    if says("readonly") == Some(true) || (is_changed && says("readonly_in_update") == Some(true)) {
        return Some(format!("the field `{name}` cannot be written: it is read-only"));
    }
    // Older builds say nothing of it; their lists took several.
    (spec.kind == ValueType::List && says("multiple") == Some(false))
        .then(|| format!("the field `{name}` holds one value, and a list is mapped to it"))
}

/// Fails when a mapped field is not there or cannot be written, where the record tells.
///
/// # Errors
/// [`Kind::Configuration`]: it is so for all records.
pub fn must_take<'s>(
    record: &Record,
    specs: impl IntoIterator<Item = &'s FieldSpec>,
    of_what: &str,
) -> Result<()> {
    let Some(scheme) = of(record) else {
        return Ok(());
    };
    match specs.into_iter().find_map(|spec| problem(scheme, spec)) {
        None => Ok(()),
        Some(problem) => Err(Error::new(
            Kind::Configuration,
            format!("comparing the mapping with the {of_what} in Daktela"),
            problem,
        )
        .with_hint("make the field in Daktela, or map another one; `shoptet-sync check` names all of them")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_is_told_by_its_name() {
        for name in ["title", "description", "customFields.email"] {
            assert_eq!(fault(name, In::Contact), None);
            assert_eq!(fault(name, In::Order), None);
        }
        for (name, within, words) in [
            ("email", In::Contact, "customFields.email"),
            ("lastname", In::Order, "is no field"),
            ("stage", In::Order, "[target.statuses]"),
            ("created", In::Contact, "cannot be written"),
            ("database", In::Contact, "`database`"),
            ("customFields.", In::Contact, "missing"),
        ] {
            let told = fault(name, within).unwrap();
            assert!(told.contains(words), "{name}: {told}");
        }
    }

    #[test]
    fn a_scheme_says_what_is_there_and_what_can_be_written() {
        let Value::Object(record) = json!({"_sys": {"cfScheme": {
            "email": {"type": "EMAIL"}, "fixed": {"readonly": true}, "once": {"readonly_in_update": true},
            "one": {"multiple": false},
        }}}) else {
            panic!("an object")
        };
        let scheme = of(&record).unwrap();
        let spec = |name: &str, kind| FieldSpec {
            name: name.to_owned(),
            kind,
            ..FieldSpec::default()
        };
        let problem = |name: &str, kind| problem(scheme, &spec(name, kind)).unwrap_or_default();
        assert_eq!(problem("customFields.email", ValueType::List), "");
        assert_eq!(problem("title", ValueType::Text), "");
        assert_eq!(problem("customFields.one", ValueType::Text), "");
        assert!(problem("customFields.one", ValueType::List).contains("one value"));
        assert!(problem("customFields.none", ValueType::Text).contains("there is no field"));
        for name in ["customFields.fixed", "customFields.once"] {
            assert!(problem(name, ValueType::Text).contains("read-only"), "{name}");
        }
        let made_once = FieldSpec {
            write: WritePolicy::CreateOnly,
            ..spec("customFields.once", ValueType::Text)
        };
        assert_eq!(super::problem(scheme, &made_once), None);
        assert!(of(&Record::new()).is_none());
    }
}
