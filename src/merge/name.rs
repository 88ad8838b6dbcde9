//! A full name → first and last name, as far as that can be told.
//!
//! The shop keeps one text. Czech, Slovak and most other names end with the surname, Hungarian ones
//! begin with it. What this cannot know: a name typed the other way round, a surname of two words
//! without a hyphen (only its last word counts), a second given name used as a surname, a company
//! typed as a name. The full name always stays as it is.

/// First and last name, both without titles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Name {
    /// Given names; empty where there is only one word.
    pub first: String,
    /// Surname; the only word where there is but one.
    pub last: String,
}

/// Splits a full name; `country_code` is ISO 3166-1 alpha-2 and decides which end the surname is at.
pub fn split(full: &str, country_code: &str) -> Name {
    let words = words(full);
    // "Novák, Jan": the comma says which is the surname, whatever the country.
    if let Some(comma) = words.iter().position(|word| word.ends_with(','))
        && let (surname, given @ [_, ..]) = words.split_at(comma.saturating_add(1))
    {
        return Name {
            first: joined(given),
            last: joined(surname),
        };
    }
    let surname_first = country_code.eq_ignore_ascii_case("HU");
    match words.as_slice() {
        [] => Name::default(),
        [only] => Name {
            first: String::new(),
            last: joined(&[only]),
        },
        [surname, given @ ..] if surname_first => Name {
            first: joined(given),
            last: joined(&[surname]),
        },
        all => {
            let (given, surname) = all.split_at(surname_start(all));
            Name {
                first: joined(given),
                last: joined(surname),
            }
        }
    }
}

/// The words without titles; where there are only titles, all of them.
fn words(full: &str) -> Vec<&str> {
    let all = || full.split_whitespace();
    let names: Vec<&str> = all().filter(|word| !is_title(word)).collect();
    if names.iter().any(|word| word.chars().any(char::is_alphanumeric)) {
        names
    } else {
        all().collect()
    }
}

/// Where the surname begins: at the last word, earlier where a particle (`van`, `de`) or a lone
/// hyphen ties words together. The first word is always a given name.
fn surname_start(words: &[&str]) -> usize {
    let mut start = words.len().saturating_sub(1);
    while start > 1 {
        let before = words.get(start.saturating_sub(1)).copied().unwrap_or_default();
        let here = words.get(start).copied().unwrap_or_default();
        if !(is_particle(before) || is_hyphen(before) || is_hyphen(here)) {
            break;
        }
        start = start.saturating_sub(1);
    }
    start
}

fn joined(words: &[&str]) -> String {
    words
        .join(" ")
        .trim_end_matches(',')
        .replace(" - ", "-")
        .replace(" – ", "-")
}

fn is_hyphen(word: &str) -> bool {
    matches!(word, "-" | "–")
}

fn is_particle(word: &str) -> bool {
    const PARTICLES: [&str; 13] = [
        "von", "van", "der", "den", "de", "da", "di", "del", "della", "la", "le", "zu", "zur",
    ];
    PARTICLES.contains(&word)
}

/// Academic titles before and after a name, elder and younger (`ml.`, `ifj.`), and how letters begin.
fn is_title(word: &str) -> bool {
    /// Recognised with and without dots.
    const TITLES: [&str; 32] = [
        "ing", "ingarch", "mgr", "mgra", "mga", "bc", "bca", "mudr", "mddr", "mvdr", "judr", "phdr", "phmr",
        "pharmdr", "rndr", "rsdr", "thdr", "thlic", "thmgr", "paeddr", "pedr", "dr", "drsc", "csc", "phd",
        "artd", "mba", "llm", "mpa", "dba", "msc", "bsc",
    ];
    /// Words of their own too, so that only the dot tells.
    const WITH_DOT: [&str; 16] = [
        "doc", "prof", "arch", "dis", "hc", "ifj", "id", "özv", "mag", "dipl", "pí", "ml", "st", "jr", "sr",
        "p",
    ];
    let bare: String = word
        .chars()
        .filter(|c| !matches!(c, '.' | ','))
        .flat_map(char::to_lowercase)
        .collect();
    TITLES.contains(&bare.as_str()) || (word.contains('.') && WITH_DOT.contains(&bare.as_str()))
}
