//! Hashes of what was written: what they are taken of.

use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

use crate::model::{FieldSpec, Marks, OrderFacts};

/// A hash per field is enough to know whether a person changed it. Zero is the empty value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hashes(pub Vec<u64>);

/// The hash of one value in the target's normal form.
pub fn hash(value: &str) -> u64 {
    if value.is_empty() {
        0
    } else {
        xxh3_64(value.as_bytes()).max(1)
    }
}

impl Hashes {
    /// Of values in the target's normal form.
    pub fn of<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        Self(values.into_iter().map(hash).collect())
    }
}

/// The hash of a contact's marks; zero for none.
pub fn hash_of_marks(marks: &Marks) -> u64 {
    if *marks == Marks::default() {
        0
    } else {
        hash(&format!("{marks:?}"))
    }
}

/// The hash of what the shop says of an order and of the contact it hangs on.
pub fn hash_of_facts(facts: &OrderFacts, contact: &str) -> u64 {
    let mut hasher = Xxh3Default::new();
    let mut add = |text: &str| {
        hasher.update(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    let moment = |at: Option<jiff::Timestamp>| at.map_or_else(String::new, |at| at.as_second().to_string());
    for text in [
        &facts.shop,
        &facts.code,
        &facts.status,
        &facts.currency,
        &facts.coupons,
        &facts.items,
        &facts.url,
    ] {
        add(text);
    }
    add(contact);
    add(&moment(facts.placed_at));
    add(&moment(facts.gone_at));
    add(&facts.total.map_or_else(String::new, |total| total.to_string()));
    add(facts.paid.map_or("", |paid| if paid { "1" } else { "0" }));
    hasher.digest().max(1)
}

/// A hash over all fields as we last wrote them, kept beside the record by targets that have room for it.
///
/// While it fits what stands there, no person has changed anything since, though the ID map that would
/// know it field by field was lost, or the target is an older copy of itself. It fits for the contact or
/// order of this key alone: what another shop's state wrote is not ours. Empty fields do not count, so
/// that a mapping may gain fields.
pub fn seal(key: &str, specs: &[FieldSpec], written: &Hashes) -> i64 {
    let mut hasher = Xxh3Default::new();
    hasher.update(key.as_bytes());
    for (spec, hash) in specs.iter().zip(&written.0).filter(|(_, hash)| **hash != 0) {
        hasher.update(&[0]);
        hasher.update(spec.name.as_bytes());
        hasher.update(&hash.to_le_bytes());
    }
    hasher.digest().cast_signed()
}
