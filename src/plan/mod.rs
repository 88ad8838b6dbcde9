//! What is wanted against what we last wrote and what is there now: the action. Pure.
//!
//! The decision is a value: `plan` prints it, a run carries it out, tests compare it. A field counts
//! as untouched by people while it holds what we last wrote, what we meant to write and could not
//! confirm, or what is wanted anyway. A field that a person emptied is filled again only when the
//! wanted value changes.

mod hashes;

use crate::model::{FieldSpec, OnEmpty, Shown, WritePolicy};

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

    fn is_ours(&self, field: usize, there: u64) -> bool {
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
    /// Set aside, with the reason.
    Park(String),
}

/// Which fields of an existing record are written.
///
/// `wanted` and `there` are in the target's normal form and parallel to `specs`; `remembered` is
/// `None` for a record that was there before us.
pub fn fields_to_write(
    specs: &[FieldSpec],
    wanted: &[String],
    there: &[String],
    remembered: Option<&Remembered>,
) -> Vec<usize> {
    let decide = |field: usize, spec: &FieldSpec| {
        let (wanted, there) = (
            wanted.get(field).map_or("", String::as_str),
            there.get(field).map_or("", String::as_str),
        );
        if wanted == there || (wanted.is_empty() && spec.on_empty == OnEmpty::Keep) {
            return false;
        }
        // Empty now although we wrote just this: a person emptied it.
        let emptied_by_person =
            || there.is_empty() && remembered.is_some_and(|known| known.written(field) == Some(hash(wanted)));
        match spec.write {
            WritePolicy::Always => true,
            WritePolicy::CreateOnly => false,
            WritePolicy::IfEmpty => there.is_empty() && !emptied_by_person(),
            WritePolicy::IfUnchanged if there.is_empty() => !emptied_by_person(),
            WritePolicy::IfUnchanged => remembered.is_some_and(|known| known.is_ours(field, hash(there))),
        }
    };
    specs
        .iter()
        .enumerate()
        .filter(|(field, spec)| decide(*field, spec))
        .map(|(field, _)| field)
        .collect()
}

/// Which fields of an existing record differ and stay all the same, because a person changed them or was
/// there first. What the configuration writes once or into empty fields only is not among them.
pub fn fields_that_stay(
    specs: &[FieldSpec],
    wanted: &[String],
    there: &[String],
    written: &[usize],
) -> Vec<usize> {
    let stays = |field: &usize| {
        let Some((spec, wanted)) = specs.get(*field).zip(wanted.get(*field)) else {
            return false;
        };
        let is_wanted = !wanted.is_empty() || spec.on_empty == OnEmpty::Clear;
        let differs = there.get(*field) != Some(wanted) && !written.contains(field);
        spec.write == WritePolicy::IfUnchanged && is_wanted && differs
    };
    (0..specs.len()).filter(stays).collect()
}

/// How fields of an existing record are decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fields {
    /// By the write policy of each.
    #[default]
    ByPolicy,
    /// Somebody was forgotten: beside those, whatever we wrote and no longer want, were it to leave it empty.
    Anew,
}

impl Fields {
    /// Which are written; as [`fields_to_write`].
    pub fn to_write(
        self,
        specs: &[FieldSpec],
        wanted: &[String],
        there: &[String],
        remembered: Option<&Remembered>,
    ) -> Vec<usize> {
        let mut fields = fields_to_write(specs, wanted, there, remembered);
        if let (Self::Anew, Some(known)) = (self, remembered) {
            let stale = |field: &usize| {
                let (wanted, there) = (wanted.get(*field), there.get(*field));
                wanted != there && there.is_some_and(|there| known.is_ours(*field, hash(there)))
            };
            fields.extend((0..specs.len()).filter(stale));
            fields.sort_unstable();
            fields.dedup();
        }
        fields
    }
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

/// What the ID map shall remember as written, once the target shows `shown`.
///
/// A field that we neither wrote nor found as wanted keeps what was remembered of it: when a person
/// takes their edit back, the field counts as untouched again.
pub fn remember(wanted: &[String], shown: &[String], before: Option<&Remembered>) -> Hashes {
    let one = |field: usize, shown: &String| {
        if wanted.get(field) == Some(shown) {
            hash(shown)
        } else {
            before
                .and_then(|known| known.written.0.get(field).copied())
                .unwrap_or(0)
        }
    };
    Hashes(
        shown
            .iter()
            .enumerate()
            .map(|(field, shown)| one(field, shown))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(write: WritePolicy) -> FieldSpec {
        FieldSpec {
            name: "phone".to_owned(),
            write,
            ..FieldSpec::default()
        }
    }

    /// One field: (policy, wanted, there, last written, intended) → is it written?
    fn written(
        policy: WritePolicy,
        wanted: &str,
        there: &str,
        last: Option<&str>,
        intended: Option<&str>,
    ) -> bool {
        let remembered = last.map(|last| Remembered {
            written: Hashes::of([last]),
            intended: intended.map(|intended| Hashes::of([intended])),
        });
        let (wanted, there) = ([wanted.to_owned()], [there.to_owned()]);
        !fields_to_write(&[spec(policy)], &wanted, &there, remembered.as_ref()).is_empty()
    }

    #[test]
    fn a_persons_edit_survives_and_ours_is_updated() {
        use WritePolicy::IfUnchanged;
        assert!(
            written(IfUnchanged, "new", "old", Some("old"), None),
            "still ours"
        );
        assert!(
            !written(IfUnchanged, "new", "typed", Some("old"), None),
            "a person's"
        );
        assert!(
            written(IfUnchanged, "newer", "new", Some("old"), Some("new")),
            "an unconfirmed write of ours"
        );
        assert!(
            !written(IfUnchanged, "new", "new", Some("old"), None),
            "already there"
        );
        assert!(
            !written(IfUnchanged, "ours", "theirs", None, None),
            "there before us"
        );
        assert!(written(IfUnchanged, "ours", "", None, None), "empty before us");
    }

    #[test]
    fn what_a_person_emptied_is_filled_again_only_when_the_wanted_value_changes() {
        use WritePolicy::{IfEmpty, IfUnchanged};
        for policy in [IfEmpty, IfUnchanged] {
            assert!(!written(policy, "old", "", Some("old"), None));
            assert!(written(policy, "new", "", Some("old"), None));
        }
    }

    #[test]
    fn absent_is_not_empty() {
        assert!(!written(WritePolicy::Always, "", "there", Some("there"), None));
        let clearing = FieldSpec {
            on_empty: OnEmpty::Clear,
            ..spec(WritePolicy::IfUnchanged)
        };
        let known = Remembered {
            written: Hashes::of(["there"]),
            intended: None,
        };
        let there = ["there".to_owned()];
        assert_eq!(
            fields_to_write(&[clearing], &[String::new()], &there, Some(&known)),
            [0]
        );
    }

    #[test]
    fn of_what_we_wrote_nothing_stays_that_is_not_wanted_after_somebody_was_forgotten() {
        let fields = |write, wanted: &str, there: &str| {
            let known = Remembered {
                written: Hashes::of(["ours"]),
                intended: None,
            };
            let (wanted, there) = ([wanted.to_owned()], [there.to_owned()]);
            !Fields::Anew
                .to_write(&[spec(write)], &wanted, &there, Some(&known))
                .is_empty()
        };
        for write in [
            WritePolicy::IfUnchanged,
            WritePolicy::IfEmpty,
            WritePolicy::CreateOnly,
        ] {
            assert!(
                fields(write, "", "ours"),
                "{write:?}: emptied, though absent is not empty"
            );
            assert!(fields(write, "another's", "ours"), "{write:?}");
            assert!(!fields(write, "ours", "ours"), "{write:?}: still wanted");
            assert!(!fields(write, "", "typed"), "{write:?}: a person's");
        }
    }

    #[test]
    fn the_other_policies() {
        assert!(written(WritePolicy::Always, "new", "typed", Some("old"), None));
        assert!(!written(WritePolicy::CreateOnly, "new", "", Some("old"), None));
        assert!(!written(WritePolicy::IfEmpty, "new", "old", Some("old"), None));
    }
}
