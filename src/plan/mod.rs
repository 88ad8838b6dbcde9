//! What is wanted against what we last wrote and what is there now: the action. Pure.
//!
//! The decision is a value: `plan` prints it, a run carries it out, tests compare it. A field counts
//! as untouched by people while it holds what we last wrote, what we meant to write and could not
//! confirm, or what is wanted anyway. A field that a person emptied is filled again only when the
//! wanted value changes.

mod fields;
mod hashes;

use crate::model::{FieldSpec, OnEmpty, Shown, WritePolicy};

pub use fields::{Fields, fields_that_stay, fields_to_write, united};
pub use hashes::{Hashes, hash, hash_of_facts, hash_of_marks, seal};

/// What the ID map remembers of a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remembered {
    /// What we last wrote, as the target showed it afterwards.
    pub written: Hashes,
    /// What we meant to write and have not seen confirmed.
    pub intended: Option<Hashes>,
}

impl Remembered {
    /// What a seal that fits tells of a record: everything in it is as we last wrote it.
    pub fn by_seal(key: &str, specs: &[FieldSpec], shown: &Shown) -> Option<Self> {
        let written = Hashes::of(shown.values.iter().map(String::as_str));
        (shown.seal? == seal(key, specs, &written)).then_some(Self {
            written,
            intended: None,
        })
    }

    fn written(&self, field: usize) -> Option<u64> {
        self.written.0.get(field).copied().filter(|hash| *hash != 0)
    }

    /// Whether what stands in a field, by its hash, is what we wrote or meant to write there.
    pub fn is_ours(&self, field: usize, there: u64) -> bool {
        let intended = self
            .intended
            .as_ref()
            .and_then(|hashes| hashes.0.get(field).copied());
        self.written(field) == Some(there) || intended == Some(there)
    }

    /// Whether everything wanted was already written and confirmed, so that nobody has to look.
    pub fn covers(&self, specs: &[FieldSpec], wanted: &[String]) -> bool {
        self.intended.is_none()
            && specs
                .iter()
                .zip(wanted)
                .enumerate()
                .all(|(field, (spec, wanted))| {
                    let skipped = wanted.is_empty() && spec.on_empty == OnEmpty::Keep;
                    let written = self.written.0.get(field).copied();
                    skipped || written == Some(hash(wanted)) || spec.write == WritePolicy::CreateOnly
                })
    }
}

/// The decision for one contact and one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// There is no such record: make one with all that is known.
    Create,
    /// Set these fields (places in the specs), and the marks when they differ.
    Update {
        /// Which fields.
        fields: Vec<usize>,
        /// Whether the marks are set.
        marks: bool,
    },
    /// Nothing to do.
    Keep,
    /// Its record was deleted there or merged into another one, and by configuration it stays so.
    Leave,
    /// Set aside, with the reason.
    Park(String),
}

impl Action {
    /// The decision for a record that exists.
    pub fn on_existing(fields: Vec<usize>, marks_differ: bool) -> Self {
        if fields.is_empty() && !marks_differ {
            Self::Keep
        } else {
            Self::Update {
                fields,
                marks: marks_differ,
            }
        }
    }
}

/// What the ID map shall remember as written, once the target shows `shown`; `set` are the places of what was just
/// written.
///
/// A field that we neither wrote nor found as wanted keeps what was remembered of it: when a person
/// takes their edit back, the field counts as untouched again. What the target made of a value of ours is ours.
pub fn remember(wanted: &[String], shown: &Shown, set: &[usize], before: Option<&Remembered>) -> Hashes {
    let one = |field: usize| match (wanted.get(field), shown.values.get(field)) {
        (Some(wanted), _) if shown.is_as_wanted(field, wanted) => hash(wanted),
        (_, Some(there)) if set.contains(&field) && shown.list(field).is_none() => hash(there),
        _ => before
            .and_then(|known| known.written.0.get(field).copied())
            .unwrap_or(0),
    };
    Hashes((0..shown.values.len()).map(one).collect())
}
