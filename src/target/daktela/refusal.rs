//! What Daktela says when it does not do as it was told, and what that calls for: decided by the status and by the
//! form of `error`, never by its words, which come in the language of whoever set the instance up.
//!
//! The forms, confirmed by published answers: `"…"`, `["…"]`, `{"primary": ["…"]}`, `{"form": {FIELD: "…"}}` with
//! fields of `customFields` one level deeper, and `primary` beside `form`. Newer builds answer some refusals with a
//! list of `violations` instead (status 422).

use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::wire::{Envelope, is_empty};
use crate::error::{Error, Kind, Result};
use crate::http::Answer;

/// Enough for the service's own words, too little for a page.
const LONGEST_MESSAGE: usize = 200;

/// What is longer may be a secret.
const LONGEST_WORD: usize = 40;

/// As many digits make a phone.
const DIGITS_OF_A_PHONE: usize = 9;

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    status: StatusCode,
    /// Whether it came in the envelope of the interface, and not from something before it.
    is_its_own: bool,
    /// What it says of the request as a whole.
    words: Vec<String>,
    /// What it says of single fields: `lastname`, `customFields.email`.
    fields: Vec<(String, String)>,
}

/// The envelope of an answer in which all went well, or the refusal.
///
/// # Errors
/// The outer one where an answer is neither: a page of something else, or damaged.
pub fn read(answer: &Answer, doing: &str) -> Result<Result<Envelope, Refusal>> {
    let status = answer.status;
    // A deletion is answered by nothing.
    if status == StatusCode::NO_CONTENT || (status.is_success() && answer.body.trim_ascii().is_empty()) {
        return Ok(Ok(Envelope::default()));
    }
    let envelope = serde_json::from_slice::<Envelope>(&answer.body);
    match (status.is_success(), envelope) {
        (true, Ok(envelope)) if is_empty(&envelope.error) => Ok(Ok(envelope)),
        // Told to be done, and why it was not.
        (_, Ok(envelope)) if !status.is_redirection() => {
            Ok(Err(Refusal::of(status, &envelope.error, &answer.body)))
        }
        (true, Err(error)) if answer.body.trim_ascii_start().first() == Some(&b'{') => {
            // Serde's own words may quote a value, and a value may be a person's.
            let cause = format!(
                "the answer is not as described, line {} column {}",
                error.line(),
                error.column()
            );
            Err(Error::new(Kind::Damaged, doing, cause))
        }
        (true, Err(_)) => Err(not_it(status, doing)),
        _ if status.is_redirection() => Err(not_it(status, doing)),
        _ => Ok(Err(Refusal {
            status,
            is_its_own: false,
            words: Vec::new(),
            fields: Vec::new(),
        })),
    }
}

fn not_it(status: StatusCode, doing: &str) -> Error {
    Error::new(
        Kind::NotData,
        doing,
        format!("HTTP {}, and no answer of Daktela's", status.as_u16()),
    )
    .with_hint("`url` has to be the address of Daktela itself, as in \"https://shop.daktela.com\"")
}

impl Refusal {
    fn of(status: StatusCode, error: &Value, body: &[u8]) -> Self {
        let mut refusal = Self {
            status,
            is_its_own: is_its_own(error, body),
            words: Vec::new(),
            fields: Vec::new(),
        };
        match error {
            Value::Object(forms) => {
                for (form, told) in forms {
                    match (form.as_str(), told) {
                        ("form", Value::Object(fields)) => refusal.add_fields("", fields),
                        _ => refusal.add_words(told),
                    }
                }
            }
            told => refusal.add_words(told),
        }
        refusal.add_violations(body);
        refusal
    }

    fn add_words(&mut self, told: &Value) {
        match told {
            Value::String(words) => self.words.push(words.clone()),
            Value::Array(several) => several.iter().for_each(|told| self.add_words(told)),
            Value::Object(several) => several.values().for_each(|told| self.add_words(told)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn add_fields(&mut self, within: &str, fields: &serde_json::Map<String, Value>) {
        for (field, told) in fields {
            let field = match within {
                "" => field.clone(),
                within => format!("{within}.{field}"),
            };
            match told {
                Value::Object(deeper) => self.add_fields(&field, deeper),
                told => {
                    let mut of_it = Self {
                        words: Vec::new(),
                        fields: Vec::new(),
                        ..self.clone()
                    };
                    of_it.add_words(told);
                    self.fields.push((field, of_it.words.join(", ")));
                }
            }
        }
    }

    fn add_violations(&mut self, body: &[u8]) {
        let problem: Problem = serde_json::from_slice(body).unwrap_or_default();
        let fields = problem.violations.into_iter();
        self.fields
            .extend(fields.map(|one| (one.property_path, one.message)));
    }

    /// Whether there is no such record.
    pub fn is_not_there(&self) -> bool {
        self.status == StatusCode::NOT_FOUND && self.is_its_own
    }

    /// Whether a record may have been refused for what it holds: another one with its name is among the reasons.
    pub fn is_about_the_record(&self) -> bool {
        self.kind() == Kind::Refused
    }

    /// Whether it is about this field.
    pub fn names(&self, field: &str) -> bool {
        self.fields.iter().any(|(named, _)| named == field)
    }

    fn kind(&self) -> Kind {
        match self.status.as_u16() {
            401 => Kind::LoginRefused,
            // Something in front of it may not like what stands in one record.
            403 if self.is_its_own => Kind::RightsMissing,
            404 | 405 => Kind::NotFound,
            408 => Kind::Unreachable,
            500..=599 => Kind::ServerFault,
            _ if self.is_about_setup() => Kind::Configuration,
            _ => Kind::Refused,
        }
    }

    /// Whether it is about what the configuration says of all records: the database, the type of record.
    fn is_about_setup(&self) -> bool {
        let of_all = |(field, _): &(String, String)| matches!(field.as_str(), "database" | "type");
        self.fields.iter().any(of_all)
    }

    /// As a person reads it, where it came of one record: that one alone may be out of reach (an agent moved it to
    /// where the token has no rights, a proxy does not like its name). So it is tried again, which tells a record
    /// from an outage; nothing but a token that is not taken, and what is wrong with the configuration, is about all.
    pub fn into_error_of_one(self, doing: &str) -> Error {
        of_one(self.into_error(doing))
    }

    /// As a person reads it, where a record was to be made: a right that is missing for that is missing for all.
    pub fn into_error_of_making(self, doing: &str) -> Error {
        match self.kind() {
            Kind::RightsMissing => self.into_error(doing),
            _ => self.into_error_of_one(doing),
        }
    }

    /// As a person reads it.
    pub fn into_error(self, doing: &str) -> Error {
        let mut told: Vec<String> = self.words.iter().map(|words| shown(words)).collect();
        told.extend(
            self.fields
                .iter()
                .map(|(field, words)| format!("{}: {}", shown(field), shown(words))),
        );
        told.retain(|words| !words.is_empty());
        let cause = match told.join(", ") {
            told if told.is_empty() => format!("HTTP {}", self.status.as_u16()),
            told => format!("HTTP {}, {told}", self.status.as_u16()),
        };
        let error = Error::new(self.kind(), doing, cause);
        match self.kind() {
            Kind::LoginRefused => {
                error.with_hint("issue a token (Manage, Users, API tokens) and put it where `token` says")
            }
            Kind::RightsMissing => error.with_hint(
                "give the user of the token the right to read, create and edit contacts and CRM records",
            ),
            Kind::Configuration => {
                error.with_hint("`shoptet-sync check` names what `database` and `order_type` can be")
            }
            Kind::NotFound => error.with_hint("check `url`: it has to be the address of Daktela itself"),
            _ => error,
        }
    }
}

/// A failure that may be one record's alone: nobody knows what became of that one, and the others go on.
pub fn of_one(error: Error) -> Error {
    match error.kind() {
        Kind::RightsMissing | Kind::NotFound | Kind::Damaged | Kind::NotData => {
            let (doing, hint) = (error.doing().to_owned(), error.hint().to_owned());
            error.seen_as(Kind::ServerFault, doing).or_hint(hint)
        }
        _ => error,
    }
}

/// How newer builds tell of problems with a request (RFC 9457).
#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    status: Value,
    violations: Vec<Violation>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Violation {
    property_path: String,
    message: String,
}

/// Whether an answer is of the interface itself: what stands in front of it may answer in JSON, too, and what it does
/// not find need not be missing.
fn is_its_own(error: &Value, body: &[u8]) -> bool {
    let problem: Problem = serde_json::from_slice(body).unwrap_or_default();
    !is_empty(error) || problem.status.is_u64() || !problem.violations.is_empty()
}

/// Words of the service's without what might be a person (anything with an `@`, long numbers) or a secret.
fn shown(message: &str) -> String {
    let word = |word: &str| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let is_phone = digits >= DIGITS_OF_A_PHONE && !word.chars().any(char::is_alphabetic);
        match word.contains('@') || is_phone || word.chars().count() > LONGEST_WORD {
            true => "…".to_owned(),
            false => word.to_owned(),
        }
    };
    // A phone may be written with spaces between its digits.
    let joined = without_gaps_between_digits(message);
    let words: Vec<String> = joined.split_whitespace().map(word).collect();
    let words = words.join(" ");
    words
        .chars()
        .filter(|letter| !letter.is_control())
        .take(LONGEST_MESSAGE)
        .collect()
}

fn without_gaps_between_digits(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let is_digit = |place: Option<&char>| place.is_some_and(char::is_ascii_digit);
    let is_gap = |place: usize| {
        letters.get(place).is_some_and(|letter| letter.is_whitespace())
            && is_digit(place.checked_sub(1).and_then(|before| letters.get(before)))
            && is_digit(letters.get(place + 1))
    };
    let kept = letters.iter().enumerate().filter(|(place, _)| !is_gap(*place));
    kept.map(|(_, letter)| *letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, body: &str) -> Refusal {
        let answer = Answer {
            status: StatusCode::from_u16(status).unwrap(),
            body: body.as_bytes().to_vec(),
        };
        read(&answer, "asking").unwrap().unwrap_err()
    }

    #[test]
    fn every_form_of_refusal_is_told_apart_and_told() {
        for (body, told) in [
            (
                r#"{"error":"Object not exist","result":null}"#,
                "HTTP 400, Object not exist",
            ),
            (
                r#"{"error":["Object not exist"],"result":null}"#,
                "HTTP 400, Object not exist",
            ),
            (
                r#"{"error":{"primary":["Nelze","uložit"]},"result":null}"#,
                "HTTP 400, Nelze, uložit",
            ),
            (
                r#"{"error":{"form":{"lastname":"Item is mandatory"}},"result":{"lastname":null}}"#,
                "HTTP 400, lastname: Item is mandatory",
            ),
            (
                r#"{"error":{"form":{"customFields":{"email":["E-mail není ve správném formátu"]}}}}"#,
                "HTTP 400, customFields.email: E-mail není ve správném formátu",
            ),
            (
                r#"{"error":{"primary":["Chyba"],"form":{"user":"Chyba cizího klíče"}}}"#,
                "HTTP 400, Chyba, user: Chyba cizího klíče",
            ),
            (
                r#"{"violations":[{"propertyPath":"title","message":"This value should not be blank."}]}"#,
                "HTTP 400, title: This value should not be blank.",
            ),
            ("<html>", "HTTP 400"),
        ] {
            let error = refusal(400, body).into_error("asking");
            assert_eq!((error.kind(), error.cause()), (Kind::Refused, told), "{body}");
        }
    }

    #[test]
    fn what_a_refusal_calls_for_is_decided_by_status_and_form() {
        let plain = r#"{"error":["Neco"],"result":null}"#;
        for (status, body, kind) in [
            (200, plain, Kind::Refused),
            (
                201,
                r#"{"error":{"form":{"lastname":"x"}},"result":{"name":"a"}}"#,
                Kind::Refused,
            ),
            (401, plain, Kind::LoginRefused),
            (403, plain, Kind::RightsMissing),
            (403, "<html>blocked</html>", Kind::Refused),
            (404, plain, Kind::NotFound),
            (408, "", Kind::Unreachable),
            (409, plain, Kind::Refused),
            (422, plain, Kind::Refused),
            (500, "<html>", Kind::ServerFault),
            (
                400,
                r#"{"error":{"form":{"database":"Chyba cizího klíče"}}}"#,
                Kind::Configuration,
            ),
            (
                400,
                r#"{"error":{"form":{"type":"Chyba cizího klíče"}}}"#,
                Kind::Configuration,
            ),
            (
                400,
                r#"{"error":{"form":{"user":"Chyba cizího klíče"}}}"#,
                Kind::Refused,
            ),
        ] {
            let refusal = refusal(status, body);
            assert_eq!(refusal.is_not_there(), status == 404, "{status} {body}");
            assert_eq!(refusal.into_error("asking").kind(), kind, "{status} {body}");
        }
        for of_others in ["<html>nginx</html>", r#"{"message":"no route"}"#, "{}", ""] {
            assert!(!refusal(404, of_others).is_not_there(), "{of_others}");
        }
        assert!(refusal(404, r#"{"title":"An error occurred","status":404}"#).is_not_there());
    }

    #[test]
    fn what_came_of_one_record_ends_nothing_unless_it_is_about_all() {
        let own = r#"{"error":["Neco"],"result":null}"#;
        for (status, body, kind) in [
            (401, own, Kind::LoginRefused),
            (403, own, Kind::ServerFault),
            (404, "<html>nginx</html>", Kind::ServerFault),
            (405, own, Kind::ServerFault),
            (409, own, Kind::Refused),
        ] {
            let error = refusal(status, body).into_error_of_one("asking");
            assert_eq!(error.kind(), kind, "{status} {body}");
        }
        let told = refusal(403, own).into_error_of_one("asking").to_string();
        assert!(told.contains("the right to read"), "{told}");
    }

    #[test]
    fn what_is_no_answer_of_daktelas_is_neither_data_nor_a_refusal() {
        for (status, body, kind) in [
            (200, "<html>log in</html>", Kind::NotData),
            (302, "", Kind::NotData),
            (200, r#"{"error":[],"result":{"na"#, Kind::Damaged),
        ] {
            let answer = Answer {
                status: StatusCode::from_u16(status).unwrap(),
                body: body.as_bytes().to_vec(),
            };
            assert_eq!(
                read(&answer, "asking").unwrap_err().kind(),
                kind,
                "{status} {body}"
            );
        }
        let answer = Answer {
            status: StatusCode::NO_CONTENT,
            body: Vec::new(),
        };
        assert!(read(&answer, "deleting").unwrap().is_ok());
    }

    #[test]
    fn no_person_is_told_of() {
        let told = "Kontakt jana@shop.example (+420 601 123 456) už existuje, viz 2024";
        assert_eq!(shown(told), "Kontakt … … už existuje, viz 2024");
    }
}
