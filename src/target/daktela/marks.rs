//! Marks in a text field: words that agents can read, and that we can read back. What an agent typed there is theirs:
//! our words stand behind it.

use jiff::Timestamp;

use crate::model::Marks;

const GONE: &str = "deleted in the shop ";
const MERGED: &str = "merged into ";

/// Between our words, and between them and those of an agent.
const GAP: &str = "; ";

/// What stands in the field: our marks, and what somebody else wrote there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marked {
    /// What our words mean.
    pub marks: Marks,
    /// The values without them.
    pub of_others: Vec<String>,
}

/// The words for marks; none for none.
fn words(marks: &Marks) -> String {
    let gone = marks.gone_at.map(|at| format!("{GONE}{at}"));
    let merged = marks
        .merged_into
        .as_ref()
        .map(|record| format!("{MERGED}{record}"));
    gone.into_iter().chain(merged).collect::<Vec<_>>().join(GAP)
}

/// Takes apart what stands in the field.
pub fn read<'v>(values: impl IntoIterator<Item = &'v str>) -> Marked {
    let mut found = Marked::default();
    for value in values {
        let of_others: Vec<&str> = value
            .split(GAP)
            .filter(|words| !is_ours(words.trim(), &mut found.marks))
            .collect();
        let of_others = of_others.join(GAP);
        if !of_others.trim().is_empty() {
            found.of_others.push(of_others);
        }
    }
    found
}

/// What the field holds with these marks and what somebody else wrote there; a value of their own only where there are
/// several already.
pub fn written(marks: &Marks, mut of_others: Vec<String>) -> Vec<String> {
    let ours = words(marks);
    match of_others.as_mut_slice() {
        _ if ours.is_empty() => {}
        [one] => *one = format!("{one}{GAP}{ours}"),
        _ => of_others.push(ours),
    }
    of_others
}

/// Whether these words are one of our marks, which is noted then.
fn is_ours(words: &str, marks: &mut Marks) -> bool {
    if let Some(at) = words.strip_prefix(GONE) {
        let at = at.parse::<Timestamp>().ok();
        marks.gone_at = at.or(marks.gone_at);
        return at.is_some();
    }
    // A name has no gaps; what has was typed.
    match words.strip_prefix(MERGED) {
        Some(record) if !record.is_empty() && !record.contains(char::is_whitespace) => {
            marks.merged_into = Some(record.to_owned());
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_back_and_stand_behind_what_others_wrote() {
        let at = "2026-11-22T10:00:00Z".parse().ok();
        let into = Some("shoptet_main_c_g1".to_owned());
        for (gone_at, merged_into, told) in [
            (None, None, ""),
            (at, None, "deleted in the shop 2026-11-22T10:00:00Z"),
            (None, into.clone(), "merged into shoptet_main_c_g1"),
            (
                at,
                into,
                "deleted in the shop 2026-11-22T10:00:00Z; merged into shoptet_main_c_g1",
            ),
        ] {
            let marks = Marks { gone_at, merged_into };
            for of_others in [vec![], vec!["call her; soon"], vec!["call her", "she called"]] {
                let of_others: Vec<String> = of_others.into_iter().map(str::to_owned).collect();
                let there = written(&marks, of_others.clone());
                assert!(there.last().is_none_or(|last| last.ends_with(told)), "{there:?}");
                let read = read(there.iter().map(String::as_str));
                assert_eq!((&read.marks, &read.of_others), (&marks, &of_others));
            }
        }
    }

    #[test]
    fn what_was_typed_is_not_taken_for_a_mark() {
        for typed in [
            "call her",
            "deleted in the shop yesterday",
            "merged into the other one",
            "merged into ",
        ] {
            let read = read([typed]);
            assert_eq!(
                (read.marks, read.of_others),
                (Marks::default(), vec![typed.to_owned()]),
                "{typed}"
            );
        }
        let behind = read(["deleted in the shop 2026-11-22T10:00:00Z; call her"]);
        assert!(behind.marks.gone_at.is_some());
        assert_eq!(behind.of_others, ["call her"]);
    }
}
