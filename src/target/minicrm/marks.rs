//! Marks in a text field of a card: since when the customer is deleted in the shop, and which contact took this one
//! over. A sentence that people understand and that is read back.

use crate::model::Marks;

const GONE: &str = "deleted in the shop since ";
const MERGED: &str = "now contact ";

/// The marks as a text.
pub fn text(marks: &Marks) -> String {
    let gone = marks.gone_at.map(|since| format!("{GONE}{since}"));
    let merged = marks.merged_into.as_ref().map(|into| format!("{MERGED}{into}"));
    gone.into_iter().chain(merged).collect::<Vec<_>>().join("; ")
}

/// The marks in a text; `None` where somebody wrote something else there.
pub fn of(text: &str) -> Option<Marks> {
    let mut marks = Marks::default();
    for sentence in text
        .split(';')
        .map(str::trim)
        .filter(|sentence| !sentence.is_empty())
    {
        if let Some(since) = sentence.strip_prefix(GONE) {
            marks.gone_at = Some(since.parse().ok()?);
        } else if let Some(into) = sentence.strip_prefix(MERGED) {
            marks.merged_into = Some(into.to_owned());
        } else {
            return None;
        }
    }
    Some(marks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_back_and_nothing_else_is() {
        let gone_at = "2024-06-03T00:00:00Z".parse().ok();
        for marks in [
            Marks::default(),
            Marks {
                gone_at,
                merged_into: None,
            },
            Marks {
                gone_at,
                merged_into: Some("37147".to_owned()),
            },
        ] {
            assert_eq!(of(&text(&marks)), Some(marks));
        }
        for typed in ["call her", "deleted in the shop since yesterday"] {
            assert_eq!(of(typed), None);
        }
    }
}
