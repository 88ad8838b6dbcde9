//! What is remembered with a record beside its id: where its address and its card are, so that neither is made
//! twice, and in which stage an order was left.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::fields::Contact;

/// Of a contact.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContactParts {
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Contact>,
    /// Its address that is ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<u64>,
    /// Its card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<u64>,
    /// The highest number of an order that was known when the contact was made. All of its orders are above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orders_above: Option<u64>,
    /// It was found by our key, by a state that knew nothing of it: there may be orders of ours on it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub was_known: bool,
    /// The number that it was uploaded under, where it came by XML. So may its orders have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uploaded_as: Option<u64>,
    /// When that was, until somebody found it there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uploaded_at: Option<Timestamp>,
}

/// Of an order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderParts {
    /// The stage we left it in, by its word.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub stage: String,
    /// Its card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<u64>,
    /// The number of the contact that it was uploaded with, where it came by XML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<u64>,
}

/// What was remembered; nothing where nothing was, or nobody can read it any more.
pub fn of<'t, T: Deserialize<'t> + Default>(text: &'t str) -> T {
    serde_json::from_str(text).unwrap_or_default()
}

/// To be remembered.
pub fn text(parts: &impl Serialize) -> String {
    serde_json::to_string(parts).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_short_and_read_back() {
        let parts = ContactParts {
            kind: Some(Contact::Person),
            address: Some(307),
            card: Some(160),
            ..ContactParts::default()
        };
        assert_eq!(text(&parts), r#"{"kind":"Person","address":307,"card":160}"#);
        assert_eq!(of::<ContactParts>(&text(&parts)), parts);
        for nothing in ["", "{}", "[1", "{\"kind\":\"Robot\"}"] {
            assert_eq!(of::<ContactParts>(nothing), ContactParts::default(), "{nothing}");
        }
    }
}
