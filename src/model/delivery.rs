//! Values on their way into a target.

use std::borrow::Cow;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// A value as a target takes it.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Value {
    /// Nothing is known.
    #[default]
    Empty,
    /// Text; never empty.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// An exact decimal.
    Decimal(Decimal),
    /// Yes or no.
    Bool(bool),
    /// A moment.
    Time(Timestamp),
    /// A JSON document.
    Json(String),
    /// Several texts, none of them empty, the most important one first.
    List(Vec<String>),
}

/// The type a field is written as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ValueType {
    /// Text.
    #[default]
    Text,
    /// A whole number.
    Integer,
    /// An exact decimal.
    Decimal,
    /// Yes or no.
    Bool,
    /// A moment.
    Time,
    /// A JSON document.
    Json,
    /// Several texts, for a field that holds several values in the target. No configuration names it: it is
    /// what a list becomes where the target takes lists.
    #[serde(skip)]
    List,
}

/// When a field that already has a value in the target is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WritePolicy {
    /// Whatever stands there.
    Always,
    /// While no person changed it since we wrote it, or it is empty.
    #[default]
    IfUnchanged,
    /// While it is empty.
    IfEmpty,
    /// When the record is created, never again.
    CreateOnly,
}

/// What an empty value does to the target's field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnEmpty {
    /// Absent is not empty: the field stays.
    #[default]
    Keep,
    /// The field is emptied, under the same write policy.
    Clear,
}

/// One mapped field of a target: its name and how it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldSpec {
    /// Name in the target.
    pub name: String,
    /// When it is written.
    pub write: WritePolicy,
    /// What emptiness does.
    pub on_empty: OnEmpty,
    /// How it is written.
    pub kind: ValueType,
    /// Whether the target refuses a record that lacks it: then it shows what the contact is called.
    pub required: bool,
}

/// A record in a target that might be the one looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// The target's own identifier.
    pub remote_id: String,
    /// By what it was found: `key` or `email`.
    pub found_by: String,
}

impl Value {
    /// The value as text, exact and always the same for the same value: what hashes are taken of,
    /// and the normal form of the databases. Nothing is the empty text.
    pub fn canonical(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) | Self::Json(text) => Cow::Borrowed(text),
            Self::Integer(number) => Cow::Owned(number.to_string()),
            Self::Decimal(number) => Cow::Owned(number.to_string()),
            Self::Bool(yes) => Cow::Borrowed(if *yes { "1" } else { "0" }),
            Self::Time(moment) => Cow::Owned(moment.to_string()),
            Self::List(texts) => Cow::Owned(one_per_line(texts.clone())),
        }
    }
}

/// The normal form of a field that holds several values: those that differ, sorted, one a line.
pub fn one_per_line(mut texts: Vec<String>) -> String {
    texts.sort_unstable();
    texts.dedup();
    texts.join("\n")
}

/// What a target is asked about one contact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ask {
    /// Our key.
    pub key: String,
    /// The record the ID map names, if any; then nothing else is looked for, unless that one is gone and the
    /// configuration of a service says so.
    pub remote_id: Option<String>,
    /// E-mails to look for, the main one first; none where only the record or the key is meant.
    pub emails: Vec<String>,
    /// Records that the ID map gives to somebody else: they count as absent.
    pub not_these: Vec<String>,
    /// Of an order: whether it matters what stands there of the shop's own facts.
    pub with_facts: bool,
    /// For a service: the wanted values in its normal form, parallel to the specs.
    pub wanted: Vec<String>,
    /// For a service, parallel to the specs: this field was written as wanted before, and nobody has to look. Where
    /// reading it has a price of its own it may be shown as wanted.
    pub settled: Vec<bool>,
    /// What the target asked to be remembered with this record ([`Written::parts`]).
    pub parts: String,
    /// A record was about to be made for it then, and nobody knows whether it was.
    pub perhaps_made: Option<Timestamp>,
    /// Of an order: the record it hangs on, as the target calls it.
    pub host: String,
    /// What the target asked to be remembered with that one.
    pub host_parts: String,
}

/// A target's answer. Only `Absent` may lead to a create; a look-up that failed is an error, never this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// This record.
    Found(Shown),
    /// There is none.
    Absent,
    /// Several could be meant.
    Ambiguous(Vec<Candidate>),
    /// The record that the ID map names was deleted there or merged into another one, and by configuration it
    /// stays so.
    Gone,
    /// Where a record was perhaps made ([`Ask::perhaps_made`]) and is not known by any key: records made since that
    /// may be the one. Only one that holds what we meant to write is it.
    Perhaps(Vec<Shown>),
}

/// A record as the target shows it now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// The target's own identifier.
    pub remote_id: String,
    /// The mapped fields in the target's normal form, parallel to the specs.
    pub values: Vec<String>,
    /// The marks it carries.
    pub marks: Marks,
    /// The mark that holds what nobody can read, and that therefore counts as another one.
    pub unreadable: Option<&'static str>,
    /// Of an order, where it was asked for and the target can tell: what the shop says of it, as it stands
    /// there, and the record it hangs on.
    pub facts: Option<Box<(OrderFacts, String)>>,
    /// The seal it carries, where the target has room for one.
    pub seal: Option<i64>,
    /// The fields that hold several values there, each value as it is spelled there; `values` has their normal form
    /// ([`one_per_line`]). What a person added is kept.
    pub lists: Vec<(usize, Vec<String>)>,
    /// What is to be remembered with the record, as with [`Written::parts`]; `None` leaves what is remembered.
    pub parts: Option<String>,
}

impl Shown {
    /// Whether it carries other marks than these.
    pub fn is_marked_otherwise(&self, marks: &Marks) -> bool {
        self.unreadable.is_some() || self.marks != *marks
    }

    /// Whether a field holds what is wanted, in normal form: alone, or in one that holds several values among those
    /// that a person added.
    pub fn is_as_wanted(&self, field: usize, wanted: &str) -> bool {
        let there = self.values.get(field).map_or("", String::as_str);
        let is_among = |wanted: &str| there.lines().any(|there| there == wanted);
        there == wanted || (!wanted.is_empty() && self.list(field).is_some() && wanted.lines().all(is_among))
    }

    /// The values of a field that holds several.
    pub fn list(&self, field: usize) -> Option<&[String]> {
        let found = self.lists.iter().find(|(place, _)| *place == field);
        found.map(|(_, values)| values.as_slice())
    }
}

/// A record as it stands after a write.
#[derive(Debug, Clone, Default)]
pub struct Written {
    /// The target's own identifier.
    pub remote_id: String,
    /// The fields that were set, as the target shows them now; `None`: exactly as they were sent.
    pub shown: Option<Vec<(usize, String)>>,
    /// What is to be remembered with the record, in a form of the target's own; `None` leaves what is remembered.
    pub parts: Option<String>,
    /// The record is there, but not everything was written: it is looked at again.
    pub unfinished: Option<Error>,
    /// What the history of the contact shall tell of this write, a sentence each.
    pub told: Vec<String>,
}

impl Written {
    /// A record that now shows exactly what was sent.
    pub fn as_sent(remote_id: impl Into<String>) -> Self {
        Self {
            remote_id: remote_id.into(),
            ..Self::default()
        }
    }
}

/// What is said of a contact beside its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// When the shop's customer was deleted.
    pub gone_at: Option<Timestamp>,
    /// The record that took this one over, as the target calls it.
    pub merged_into: Option<String>,
}

/// A contact to be written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContactWrite {
    /// Our key.
    pub key: String,
    /// The record to update; `None` creates one.
    pub remote_id: Option<String>,
    /// The fields to set, by their place in the specs.
    pub set: Vec<(usize, Value)>,
    /// The marks to set; `None` leaves them.
    pub marks: Option<Marks>,
    /// The seal for a target that has room for one: see [`crate::plan::seal`].
    pub seal: i64,
    /// What the target asked to be remembered with the record ([`Written::parts`]).
    pub parts: String,
}

/// An order to be written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OrderWrite {
    /// Our key, `SHOP:CODE`.
    pub key: String,
    /// The contact it hangs on, as the target calls it.
    pub contact: String,
    /// The record to update; `None` creates one.
    pub remote_id: Option<String>,
    /// What the shop says of it; `None` leaves it.
    pub facts: Option<OrderFacts>,
    /// The stage and the mapped fields to set, by their place in the order specs (the stage is 0).
    pub set: Vec<(usize, Value)>,
    /// The seal over the stage and the mapped fields, as for a contact.
    pub seal: i64,
    /// What the target asked to be remembered with the record ([`Written::parts`]).
    pub parts: String,
    /// What it asked to be remembered with the contact the order hangs on.
    pub contact_parts: String,
}

/// What the shop says of an order: written whenever the shop changes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderFacts {
    /// Name of the shop.
    pub shop: String,
    /// Code of the order.
    pub code: String,
    /// When it was placed.
    pub placed_at: Option<Timestamp>,
    /// The shop's status, by name (by id where it has no name).
    pub status: String,
    /// Total with VAT, exact.
    pub total: Option<Decimal>,
    /// Its currency.
    pub currency: String,
    /// Whether it is paid.
    pub paid: Option<bool>,
    /// Coupon codes, a JSON array.
    pub coupons: String,
    /// Lines, a JSON array.
    pub items: String,
    /// Address in the shop's administration.
    pub url: String,
    /// When the shop deleted it.
    pub gone_at: Option<Timestamp>,
}

/// A record of somebody who is forgotten, to be emptied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erasure {
    /// The contact's record, as the target calls it.
    pub record: String,
    /// Records of its orders, as far as the ID map knows them.
    pub orders: Vec<String>,
    /// Since when the person is gone.
    pub gone_at: Timestamp,
}

/// What became of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erased {
    /// Whether there was such a record.
    pub found: bool,
    /// How many orders stay as figures.
    pub orders: u64,
    /// What a person has to do by hand, because the target cannot: a sentence each.
    pub by_hand: Vec<String>,
}
