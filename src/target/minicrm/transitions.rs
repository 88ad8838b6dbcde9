//! The stages of an order and the ways between them. Pure.
//!
//! An order moves by verbs, and each verb leads from few stages (the manual, "Editing the status of an order");
//! everything else is answered by 405. There is no way straight from *In progress* to *Failed*: what is cancelled is
//! completed first.

use std::collections::VecDeque;

/// A stage of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The only one in which its lines can be changed.
    Draft,
    /// Issued.
    InProgress,
    /// Delivered.
    Completed,
    /// Successful.
    Paid,
    /// Unsuccessful.
    Failed,
}

/// What moves an order on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Draft → In progress.
    Finalize,
    /// In progress → Draft.
    Edit,
    /// In progress → Completed.
    Complete,
    /// Completed or Failed → Paid.
    Paid,
    /// Completed or Paid → Failed. The manual says "Completed" or "Unsuccessful", which makes no sense; of clients
    /// that were read, those that name it say "Successful".
    Storno,
}

/// From, by, to.
const WAYS: [(Stage, Step, Stage); 7] = [
    (Stage::Draft, Step::Finalize, Stage::InProgress),
    (Stage::InProgress, Step::Edit, Stage::Draft),
    (Stage::InProgress, Step::Complete, Stage::Completed),
    (Stage::Completed, Step::Paid, Stage::Paid),
    (Stage::Failed, Step::Paid, Stage::Paid),
    (Stage::Completed, Step::Storno, Stage::Failed),
    (Stage::Paid, Step::Storno, Stage::Failed),
];

/// Each stage with its word in the configuration, and what MiniCRM calls it in its languages. Confirmed are the
/// manual's words; assumed are those of the Hungarian and Romanian pages.
const WORDS: [(Stage, &str, &[&str]); 5] = [
    (
        Stage::Draft,
        "Draft",
        &[
            "to be issued",
            "piszkozat",
            "kiállítandó",
            "ciornă",
            "schiță",
            "de emis",
        ],
    ),
    (
        Stage::InProgress,
        "In progress",
        &[
            "inprogress",
            "issued",
            "folyamatban",
            "kiállított",
            "în desfășurare",
            "în curs",
            "emis",
        ],
    ),
    (
        Stage::Completed,
        "Completed",
        &[
            "complete",
            "teljesített",
            "teljesítve",
            "finalizat",
            "finalizată",
            "livrat",
        ],
    ),
    (
        Stage::Paid,
        "Paid",
        &[
            "successful",
            "success",
            "sikeres",
            "fizetve",
            "kifizetve",
            "plătit",
            "plătită",
            "cu succes",
        ],
    ),
    (
        Stage::Failed,
        "Failed",
        &[
            "unsuccessful",
            "storno",
            "sikertelen",
            "sztornó",
            "sztornózott",
            "eșuat",
            "nereușit",
            "fără succes",
        ],
    ),
];

/// The words that `[target.statuses]` may use.
pub const STAGE_WORDS: [&str; 5] = ["Draft", "In progress", "Completed", "Paid", "Failed"];

impl Stage {
    /// The stage of a word of the configuration.
    pub fn of_word(word: &str) -> Option<Self> {
        let is_it = |(_, name, _): &&(Self, &str, &[&str])| *name == word.trim();
        WORDS.iter().find(is_it).map(|(stage, ..)| *stage)
    }

    /// The stage that MiniCRM calls so, in any of its languages.
    pub fn of_label(label: &str) -> Option<Self> {
        let label = label.trim().to_lowercase();
        let is_it = |(_, name, others): &&(Self, &str, &[&str])| {
            name.to_lowercase() == label || others.contains(&label.as_str())
        };
        WORDS.iter().find(is_it).map(|(stage, ..)| *stage)
    }

    /// Its word in the configuration.
    pub fn word(self) -> &'static str {
        let is_it = |(stage, ..): &&(Self, &str, &[&str])| *stage == self;
        WORDS.iter().find(is_it).map_or("", |(_, word, _)| word)
    }

    /// The shortest way to another stage; empty where it is the same, `None` where none leads there.
    pub fn way_to(self, wanted: Self) -> Option<Vec<Step>> {
        let mut seen = vec![self];
        let mut open = VecDeque::from([(self, Vec::new())]);
        while let Some((at, way)) = open.pop_front() {
            if at == wanted {
                return Some(way);
            }
            for (from, step, to) in WAYS {
                if from == at && !seen.contains(&to) {
                    seen.push(to);
                    open.push_back((to, [way.as_slice(), &[step]].concat()));
                }
            }
        }
        None
    }

    /// Where a step leads from here, if it can be taken.
    pub fn after(self, step: Step) -> Option<Self> {
        let is_it = |(from, by, _): &&(Self, Step, Self)| *from == self && *by == step;
        WAYS.iter().find(is_it).map(|(.., to)| *to)
    }
}

impl Step {
    /// The verb at the end of the address.
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Finalize => "Finalize",
            Self::Edit => "Edit",
            Self::Complete => "Complete",
            Self::Paid => "Paid",
            Self::Storno => "Storno",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Stage; 5] = [
        Stage::Draft,
        Stage::InProgress,
        Stage::Completed,
        Stage::Paid,
        Stage::Failed,
    ];

    #[test]
    fn every_way_is_the_shortest_and_can_be_walked() {
        let told: Vec<String> = ALL
            .iter()
            .flat_map(|from| ALL.iter().map(move |to| (*from, *to)))
            .map(|(from, to)| {
                let Some(way) = from.way_to(to) else {
                    return format!("{} → {}: none", from.word(), to.word());
                };
                let end = way.iter().try_fold(from, |at, step| at.after(*step));
                assert_eq!(end, Some(to));
                let verbs: Vec<&str> = way.iter().map(|step| step.verb()).collect();
                format!("{} → {}: {}", from.word(), to.word(), verbs.join(" "))
            })
            .collect();
        let expected = "\
Draft → Draft: 
Draft → In progress: Finalize
Draft → Completed: Finalize Complete
Draft → Paid: Finalize Complete Paid
Draft → Failed: Finalize Complete Storno
In progress → Draft: Edit
In progress → In progress: 
In progress → Completed: Complete
In progress → Paid: Complete Paid
In progress → Failed: Complete Storno
Completed → Draft: none
Completed → In progress: none
Completed → Completed: 
Completed → Paid: Paid
Completed → Failed: Storno
Paid → Draft: none
Paid → In progress: none
Paid → Completed: none
Paid → Paid: 
Paid → Failed: Storno
Failed → Draft: none
Failed → In progress: none
Failed → Completed: none
Failed → Paid: Paid
Failed → Failed: ";
        assert_eq!(told.join("\n"), expected);
    }

    #[test]
    fn a_stage_is_known_by_its_word_and_by_what_it_is_called_there() {
        for (stage, word) in ALL.into_iter().zip(STAGE_WORDS) {
            assert_eq!(stage.word(), word);
            assert_eq!(Stage::of_word(word), Some(stage));
            assert_eq!(Stage::of_label(word), Some(stage));
        }
        assert_eq!(
            Stage::of_word("paid"),
            None,
            "a word of the configuration is exact"
        );
        assert_eq!(Stage::of_label(" Successful "), Some(Stage::Paid));
        assert_eq!(Stage::of_label("Folyamatban"), Some(Stage::InProgress));
        assert_eq!(Stage::of_label("Packed"), None);
    }
}
