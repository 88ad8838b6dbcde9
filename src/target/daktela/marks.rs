//! Marks in a text field: words that agents can read, and that we can read back.

use jiff::Timestamp;

use crate::model::Marks;

const GONE: &str = "deleted in the shop ";
const MERGED: &str = "merged into ";

/// The words for marks; none for none.
pub fn words(marks: &Marks) -> String {
    let gone = marks.gone_at.map(|at| format!("{GONE}{at}"));
    let merged = marks
        .merged_into
        .as_ref()
        .map(|record| format!("{MERGED}{record}"));
    gone.into_iter().chain(merged).collect::<Vec<_>>().join("; ")
}

/// What the words mean; `None` for words that are not ours.
pub fn read(words: &str) -> Option<Marks> {
    let mut marks = Marks::default();
    let mut rest = words.trim();
    if let Some(gone) = rest.strip_prefix(GONE) {
        let (at, more) = gone.split_once("; ").unwrap_or((gone, ""));
        marks.gone_at = Some(at.parse::<Timestamp>().ok()?);
        rest = more;
    }
    if let Some(record) = rest.strip_prefix(MERGED) {
        marks.merged_into = Some(record.to_owned());
        rest = "";
    }
    rest.is_empty().then_some(marks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_back_and_other_words_are_not() {
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
            assert_eq!(words(&marks), told);
            assert_eq!(read(told), Some(marks));
        }
        for typed in [
            "call her",
            "deleted in the shop yesterday",
            "deleted in the shop 2026-11-22T10:00:00Z; call her",
        ] {
            assert_eq!(read(typed), None, "{typed}");
        }
    }
}
