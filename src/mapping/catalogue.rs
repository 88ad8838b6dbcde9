//! The paths as people read them: for `fields`, for the documentation, and for "did you mean".

use super::paths::{Holds, Over, Root};
use crate::model::ValueType;

/// One value that an expression can name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// As it is written: `contact.email`, `orders[].items[].code`. `[]` stands for an entry of a list.
    pub name: String,
    /// How it is written into a target unless the configuration names a type.
    pub kind: ValueType,
    /// One line.
    pub meaning: &'static str,
}

/// Everything that `[target.fields]` and `only` can name.
pub fn paths() -> Vec<Path> {
    listed(Over::Contact)
}

/// Everything that `[target.order_fields]` can name.
pub fn order_paths() -> Vec<Path> {
    listed(Over::Order)
}

pub fn listed(over: Over) -> Vec<Path> {
    over.roots().iter().flat_map(|root| of_root(*root)).collect()
}

fn of_root(root: Root) -> Vec<Path> {
    let entry = if root == Root::Orders { "[]" } else { "" };
    let mut paths = Vec::new();
    for field in root.fields() {
        let name = format!("{}{entry}.{}", root.name(), field.name);
        paths.push(Path {
            name: name.clone(),
            kind: field.kind,
            meaning: field.meaning,
        });
        if let Holds::Records(elements) = field.holds {
            paths.extend(elements.iter().map(|element| Path {
                name: format!("{name}[].{}", element.name),
                kind: element.kind,
                meaning: element.meaning,
            }));
        }
    }
    paths
}

/// The known path that looks most like a mistyped one, when one does.
pub fn nearest(over: Over, mistyped: &str) -> Option<String> {
    let names: Vec<String> = listed(over).into_iter().map(|path| path.name).collect();
    // `email` alone: the first word was forgotten.
    let forgotten = |name: &&String| name.split_once('.').is_some_and(|(_, rest)| rest == mistyped);
    if let Some(name) = names.iter().find(forgotten) {
        return Some(name.clone());
    }
    let known = names
        .into_iter()
        .chain(over.roots().iter().map(|root| root.name().to_owned()));
    closest(mistyped, known)
}

/// The closest of the known names; `None` when nothing is near enough to be meant.
pub fn closest(mistyped: &str, known: impl Iterator<Item = String>) -> Option<String> {
    // Below this, a suggestion is more puzzling than none.
    const NEAR_ENOUGH: f64 = 0.6;
    known
        .map(|name| (strsim::normalized_damerau_levenshtein(mistyped, &name), name))
        .filter(|(nearness, _)| *nearness >= NEAR_ENOUGH)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, name)| name)
}
