//! What an answer that is no success calls for, told by its status: the words are in the language of the system.

use reqwest::StatusCode;
use serde_json::Value;

use crate::error::{Error, Kind};

/// More of the service's words than this tells nobody more.
const LONGEST_WORDS: usize = 240;

/// Digits in a row, with what stands between those of a phone number, that are somebody's.
const DIGITS_OF_A_PHONE: usize = 7;

/// How the cause of such a fault begins.
const INTERNAL: &str = "it answered 500";

/// What to do when the log-in does not work. MiniCRM answers 404 where others answer 401 (the manual, "Error codes").
const LOGIN: &str = "look whether `system_id` and `api_key` belong together, whether the key was made anew, and whether \
    the subscription still has the REST interface";

/// The failure of an answer with this status and this body.
pub fn refused(status: StatusCode, body: &[u8], doing: &str) -> Error {
    let said = words(body);
    let cause = match said.is_empty() {
        true => format!("it answered {status}"),
        false => format!("it answered {}: {said}", status.as_u16()),
    };
    match status.as_u16() {
        401 => no_log_in(doing),
        402 | 403 => Error::new(Kind::RightsMissing, doing, cause)
            .with_hint("give the API key's system the right, or the subscription the part, that is missing"),
        300..=399 => Error::new(Kind::NotData, doing, cause)
            .with_hint("look whether `url` is the address of the system, such as https://r3.minicrm.hu"),
        500..=599 => Error::new(Kind::ServerFault, doing, cause),
        _ => Error::new(Kind::Refused, doing, cause),
    }
}

/// Somebody deleted what was to be changed since it was looked at: it is looked at again.
pub fn gone(doing: &str) -> Error {
    Error::new(Kind::Busy, doing, "it is not there any more")
}

/// Whether it is the fault of its own that the service reports for a value it does not know, too.
pub fn is_internal(error: &Error) -> bool {
    error.kind() == Kind::ServerFault && error.cause().starts_with(INTERNAL)
}

/// The system does not let us in.
pub fn no_log_in(doing: &str) -> Error {
    Error::new(
        Kind::LoginRefused,
        doing,
        "it does not accept the system id and the API key",
    )
    .with_hint(LOGIN)
}

/// An answer that is not what the interface answers.
pub fn not_understood(doing: &str) -> Error {
    Error::new(
        Kind::NotData,
        doing,
        "the answer is not what MiniCRM's interface answers",
    )
    .with_hint("look whether `url` is the address of the system, such as https://r3.minicrm.hu")
}

/// The service's own words, without those that could be a person's e-mail or phone.
fn words(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let text = match serde_json::from_str::<Value>(&text) {
        Ok(Value::Object(answer)) => ["Message", "Error", "Warning", "Info"]
            .iter()
            .filter_map(|name| answer.get(*name).and_then(Value::as_str))
            .find(|words| !words.trim().is_empty())
            .map_or_else(String::new, str::to_owned),
        Ok(Value::String(words)) => words,
        Ok(_) => String::new(),
        Err(_) if text.trim_start().starts_with('<') => "a page for people, in HTML".to_owned(),
        Err(_) => text.into_owned(),
    };
    let words: Vec<String> = without_phones(&text)
        .split_whitespace()
        .map(without_email)
        .collect();
    words.join(" ").chars().take(LONGEST_WORDS).collect()
}

fn without_email(word: &str) -> String {
    match word.contains('@') {
        true => "…".to_owned(),
        false => word.to_owned(),
    }
}

/// Numbers as long as a phone's, with the signs that people write between their digits.
fn without_phones(text: &str) -> String {
    let is_of_a_number =
        |sign: char| sign.is_ascii_digit() || matches!(sign, '+' | ' ' | '-' | '/' | '(' | ')' | '.');
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = rest.find(|sign: char| sign.is_ascii_digit() || sign == '+') {
        let (before, number) = rest.split_at(begin);
        let end = number.find(|sign| !is_of_a_number(sign)).unwrap_or(number.len());
        let (number, after) = number.split_at(end);
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        kept.push_str(before);
        kept.push_str(if digits >= DIGITS_OF_A_PHONE {
            "… "
        } else {
            number
        });
        rest = after;
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Call;

    fn of(status: u16, body: &str) -> Error {
        refused(
            StatusCode::from_u16(status).unwrap(),
            body.as_bytes(),
            "writing a contact",
        )
    }

    #[test]
    fn a_status_says_what_is_to_be_done_and_the_words_are_shown() {
        let error = of(
            400,
            "Project (PUT): Invalid value 'Gold' for the Lead qualification field.",
        );
        assert_eq!(error.kind(), Kind::Refused);
        assert_eq!(
            error.cause(),
            "it answered 400: Project (PUT): Invalid value 'Gold' for the Lead qualification field."
        );
        assert_eq!(of(405, "").kind(), Kind::Refused);
        assert_eq!(of(401, "").kind(), Kind::LoginRefused);
        assert_eq!(of(403, "").kind(), Kind::RightsMissing);
        assert_eq!(of(500, "").kind().calls_for(), Call::Retry);
        assert!(is_internal(&of(500, "")) && !is_internal(&of(503, "")) && !is_internal(&of(400, "")));
        assert_eq!(
            of(400, "{\"Message\": \"main contact\"}").cause(),
            "it answered 400: main contact"
        );
        assert!(of(400, "<html><body>no").cause().ends_with("in HTML"));
    }

    #[test]
    fn no_person_is_in_the_words() {
        let words = of(
            400,
            "Contact: 'jane@shop.example' or +420 601 123 456 is taken by 37147",
        )
        .cause()
        .to_owned();
        assert_eq!(words, "it answered 400: Contact: … or … is taken by 37147");
        assert!(of(400, &"é".repeat(9_000)).cause().chars().count() < 300);
    }
}
