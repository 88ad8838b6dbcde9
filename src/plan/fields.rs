//! Which fields of a record that exists are written, by the policy of each.

use super::{Remembered, hash};
use crate::model::{FieldSpec, OnEmpty, Shown, WritePolicy};

/// Which fields of an existing record are written.
///
/// `wanted` and what is shown are in the target's normal form and parallel to `specs`; `remembered` is
/// `None` for a record that was there before us.
pub fn fields_to_write(
    specs: &[FieldSpec],
    wanted: &[String],
    shown: &Shown,
    remembered: Option<&Remembered>,
) -> Vec<usize> {
    let decide = |field: usize, spec: &FieldSpec| {
        let (wanted, there) = (
            wanted.get(field).map_or("", String::as_str),
            shown.values.get(field).map_or("", String::as_str),
        );
        if wanted == there || (wanted.is_empty() && spec.on_empty == OnEmpty::Keep) {
            return false;
        }
        let is_ours = || remembered.is_some_and(|known| known.is_ours(field, hash(there)));
        // We wrote just this, and it is not there any more: a person took it away.
        let was_written = || remembered.is_some_and(|known| known.written(field) == Some(hash(wanted)));
        if shown.list(field).is_some() && !there.is_empty() {
            let may_change = matches!(spec.write, WritePolicy::Always | WritePolicy::IfUnchanged);
            // What is wanted stands among what a person added, or is added to it; only what is all ours is taken away.
            let is_enough = wanted.is_empty() || shown.is_as_wanted(field, wanted);
            return may_change
                && match is_enough {
                    true => is_ours(),
                    false => is_ours() || spec.write == WritePolicy::Always || !was_written(),
                };
        }
        match spec.write {
            WritePolicy::Always => true,
            WritePolicy::CreateOnly => false,
            WritePolicy::IfEmpty => there.is_empty() && !was_written(),
            WritePolicy::IfUnchanged if there.is_empty() => !was_written(),
            WritePolicy::IfUnchanged => is_ours(),
        }
    };
    specs
        .iter()
        .enumerate()
        .filter(|(field, spec)| decide(*field, spec))
        .map(|(field, _)| field)
        .collect()
}

/// What a field with several values shall hold: what we wrote there before is replaced, what a person added stays.
///
/// `spelled` are the values as they are spelled there, `normal` tells the normal form of one.
pub fn united(
    wanted: &[String],
    spelled: &[String],
    is_ours: bool,
    normal: impl Fn(&str) -> String,
) -> Vec<String> {
    if is_ours {
        return wanted.to_vec();
    }
    let known: Vec<String> = spelled.iter().map(|there| normal(there)).collect();
    let is_missing = |wanted: &&String| !known.contains(&normal(wanted));
    spelled
        .iter()
        .chain(wanted.iter().filter(is_missing))
        .cloned()
        .collect()
}

/// Which fields of an existing record differ and stay all the same, because a person changed them or was
/// there first. What the configuration writes once or into empty fields only is not among them.
pub fn fields_that_stay(
    specs: &[FieldSpec],
    wanted: &[String],
    shown: &Shown,
    written: &[usize],
) -> Vec<usize> {
    let stays = |field: &usize| {
        let Some((spec, wanted)) = specs.get(*field).zip(wanted.get(*field)) else {
            return false;
        };
        let is_wanted = !wanted.is_empty() || spec.on_empty == OnEmpty::Clear;
        let differs = !shown.is_as_wanted(*field, wanted) && !written.contains(field);
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
        shown: &Shown,
        remembered: Option<&Remembered>,
    ) -> Vec<usize> {
        let mut fields = fields_to_write(specs, wanted, shown, remembered);
        if let (Self::Anew, Some(known)) = (self, remembered) {
            let stale = |field: &usize| {
                let (wanted, there) = (wanted.get(*field), shown.values.get(*field));
                wanted != there && there.is_some_and(|there| known.is_ours(*field, hash(there)))
            };
            fields.extend((0..specs.len()).filter(stale));
            fields.sort_unstable();
            fields.dedup();
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Hashes, remember};
    use super::*;
    use crate::model::one_per_line;

    fn spec(write: WritePolicy) -> FieldSpec {
        FieldSpec {
            name: "phone".to_owned(),
            write,
            ..FieldSpec::default()
        }
    }

    fn showing(value: &str) -> Shown {
        Shown {
            values: vec![value.to_owned()],
            ..Shown::default()
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
        let (wanted, there) = ([wanted.to_owned()], showing(there));
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
        assert_eq!(
            fields_to_write(&[clearing], &[String::new()], &showing("there"), Some(&known)),
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
            let (wanted, there) = ([wanted.to_owned()], showing(there));
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

    /// A field with several values: (wanted, there, last written) → what is written, if anything is.
    fn list(
        policy: WritePolicy,
        wanted: &[&str],
        there: &[&str],
        last: Option<&[&str]>,
    ) -> Option<Vec<String>> {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let normal = |texts: &[&str]| one_per_line(owned(texts));
        let shown = Shown {
            values: vec![normal(there)],
            lists: vec![(0, owned(there))],
            ..Shown::default()
        };
        let remembered = last.map(|last| Remembered {
            written: Hashes::of([normal(last).as_str()]),
            intended: None,
        });
        let wanted_text = [normal(wanted)];
        let is_written =
            !fields_to_write(&[spec(policy)], &wanted_text, &shown, remembered.as_ref()).is_empty();
        let is_ours = remembered.is_some_and(|known| known.is_ours(0, hash(&normal(there))));
        is_written.then(|| united(&owned(wanted), &owned(there), is_ours, str::to_owned))
    }

    #[test]
    fn what_a_person_added_to_a_list_stays_and_what_we_wrote_follows() {
        use WritePolicy::IfUnchanged;
        let written = |wanted: &[&str], there: &[&str], last| list(IfUnchanged, wanted, there, last);
        let some = |texts: &[&str]| Some(texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        assert_eq!(
            written(&["a"], &["x"], None),
            some(&["x", "a"]),
            "there before us"
        );
        assert_eq!(
            written(&["a"], &["a", "x"], Some(&["a"])),
            None,
            "added by a person"
        );
        assert_eq!(
            written(&["a", "b"], &["a", "x"], Some(&["a"])),
            some(&["a", "x", "b"])
        );
        assert_eq!(
            written(&["b"], &["a"], Some(&["a"])),
            some(&["b"]),
            "ours follows"
        );
        assert_eq!(
            written(&["a"], &["a", "b"], Some(&["a", "b"])),
            some(&["a"]),
            "ours shrinks"
        );
        assert_eq!(
            written(&["a", "b"], &["a"], Some(&["a", "b"])),
            None,
            "a person took one away"
        );
        assert_eq!(written(&["a"], &[], Some(&["a"])), None, "a person emptied it");
        assert_eq!(
            list(WritePolicy::Always, &["a"], &["x"], Some(&["a"])),
            some(&["x", "a"])
        );
        assert_eq!(list(WritePolicy::IfEmpty, &["a"], &["x"], None), None);
        assert_eq!(
            list(WritePolicy::IfEmpty, &["a"], &["a", "b"], Some(&["a", "b"])),
            None
        );
    }

    #[test]
    fn nothing_wanted_clears_a_list_of_ours_and_leaves_what_a_person_added() {
        let clearing = [FieldSpec {
            on_empty: OnEmpty::Clear,
            ..spec(WritePolicy::Always)
        }];
        let cleared = |there: &[&str], last: Option<&str>| {
            let there: Vec<String> = there.iter().map(|text| (*text).to_owned()).collect();
            let shown = Shown {
                values: vec![one_per_line(there.clone())],
                lists: vec![(0, there)],
                ..Shown::default()
            };
            let known = last.map(|last| Remembered {
                written: Hashes::of([last]),
                intended: None,
            });
            !fields_to_write(&clearing, &[String::new()], &shown, known.as_ref()).is_empty()
        };
        assert!(cleared(&["a"], Some("a")));
        assert!(!cleared(&["a", "x"], Some("a")), "a person added one");
        assert!(!cleared(&["x"], None), "there before us");
    }

    #[test]
    fn what_the_target_makes_of_a_value_is_ours() {
        let wanted = ["a long title".to_owned()];
        let written = remember(&wanted, &showing("a long t"), &[0], None);
        let known = Remembered {
            written,
            intended: None,
        };
        let newer = ["a new title".to_owned()];
        let specs = [spec(WritePolicy::IfUnchanged)];
        assert_eq!(
            fields_to_write(&specs, &newer, &showing("a long t"), Some(&known)),
            [0]
        );
        assert_eq!(
            remember(&wanted, &showing("typed"), &[], Some(&known)),
            known.written,
            "not written"
        );
    }
}
