//! How words, keys and types of the file are repeated in messages: never one that may be a secret.

use figment::value::Value;

use super::known;

/// No key, name or word of a correct file is longer; a secret that slipped into its place is.
const LONGEST_SHOWN: usize = 32;

/// Says that a word is none of the known ones, and which is nearest.
pub(super) fn unknown_word(word: &str, known: &[&str]) -> String {
    match known::nearest(word, known.iter().copied()) {
        Some(near) => format!(
            "{} is not known; the nearest known value is \"{near}\"",
            shown(word)
        ),
        None => format!("{} is not known; known: {}", shown(word), known.join(", ")),
    }
}

/// A word of the file in quotes, unless it might be a secret that slipped into the wrong place.
pub(super) fn shown(word: &str) -> String {
    if word.chars().count() > LONGEST_SHOWN || word.chars().any(char::is_control) {
        "this text".to_owned()
    } else {
        format!("\"{word}\"")
    }
}

/// The whole number that a value is.
pub(super) fn integer_of(value: &Value) -> Option<i128> {
    match value {
        Value::Num(_, number) => number
            .to_i128()
            .or_else(|| i128::try_from(number.to_u128()?).ok()),
        _ => None,
    }
}

/// A value's type in the words of a person.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::String(..) | Value::Char(..) => "text",
        Value::Bool(..) => "true or false",
        Value::Num(..) if integer_of(value).is_none() => "a number with a fraction",
        Value::Num(..) => "a number",
        Value::Empty(..) => "nothing",
        Value::Dict(..) => "a table",
        Value::Array(..) => "a list",
    }
}

/// A key as the file writes it, in quotes where it needs them.
pub(super) fn quoted_key(key: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '[' | ']');
    if !key.is_empty() && key.chars().count() <= LONGEST_SHOWN && key.chars().all(plain) {
        key.to_owned()
    } else if key.chars().count() <= LONGEST_SHOWN {
        shown(key)
    } else {
        "\"…\"".to_owned()
    }
}
