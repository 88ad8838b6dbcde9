//! The envelope around every answer, and what its error codes call for.

use std::borrow::Cow;

use reqwest::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Kind, Result};

/// A guid has 36 characters; what is longer in a message may be a token.
const LONGEST_WORD: usize = 36;

/// Enough for the shop's own words, too little for a page.
const LONGEST_MESSAGE: usize = 200;

/// `data` of a good answer. Its `errors` are ignored: for a reading request they mean nothing, and
/// the shop's own mock fills them in.
pub(super) fn data<T: DeserializeOwned>(body: &[u8], doing: &str) -> Result<T> {
    #[derive(Deserialize)]
    struct Envelope<T> {
        data: T,
    }
    serde_json::from_slice::<Envelope<T>>(body)
        .map(|envelope| envelope.data)
        .map_err(|error| {
            if body.trim_ascii_start().first() != Some(&b'{') {
                return Error::new(Kind::NotData, doing, "the answer is no JSON")
                    .with_hint("check `base_url`: it has to be the address of the shop's API");
            }
            // Serde's own words may quote a value, and a value may be a person's.
            let cause = format!(
                "the answer is not as described, line {} column {}",
                error.line(),
                error.column()
            );
            Error::new(Kind::Damaged, doing, cause)
        })
}

/// Why the shop refused.
pub(super) struct Refusal {
    status: StatusCode,
    errors: Vec<ApiError>,
    request_id: String,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct ApiError {
    error_code: Option<String>,
    message: Option<String>,
}

impl Refusal {
    /// Reads what it can; an answer without an envelope still has its status.
    pub fn read(status: StatusCode, request_id_header: Option<&str>, body: &[u8]) -> Self {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Envelope {
            errors: Option<Vec<ApiError>>,
            metadata: Option<Metadata>,
        }
        #[derive(Deserialize, Default)]
        #[serde(default, rename_all = "camelCase")]
        struct Metadata {
            request_id: Option<String>,
        }
        let envelope: Envelope = serde_json::from_slice(body).unwrap_or_default();
        let request_id = envelope.metadata.and_then(|metadata| metadata.request_id);
        let request_id = request_id.as_deref().or(request_id_header).unwrap_or_default();
        Self {
            status,
            errors: envelope.errors.unwrap_or_default(),
            request_id: plain_code(request_id),
        }
    }

    /// Whether the shop gave this error code.
    pub fn has_code(&self, code: &str) -> bool {
        self.errors
            .iter()
            .any(|error| error.error_code.as_deref() == Some(code))
    }

    /// All of its error codes.
    pub fn codes(&self) -> Vec<String> {
        self.errors
            .iter()
            .filter_map(|error| error.error_code.clone())
            .collect()
    }

    /// The table of status and error codes (OpenAPI description, "Status codes").
    pub fn kind(&self) -> Kind {
        let busy_elsewhere =
            self.has_code("batch-job-already-running") || self.has_code("another-import-is-running");
        match self.status.as_u16() {
            401 => Kind::LoginRefused,
            403 => Kind::RightsMissing,
            404 => Kind::NotFound,
            409 if busy_elsewhere => Kind::Busy,
            423 | 429 => Kind::Busy,
            300..=399 => Kind::NotData,
            500..=599 => Kind::ServerFault,
            _ => Kind::Refused,
        }
    }

    /// The error as a person reads it; `secret` never shows, whatever the shop wrote.
    pub fn into_error(self, doing: &str, secret: &str) -> Error {
        let mut cause = format!("HTTP {}", self.status.as_u16());
        for error in self.errors.iter().take(3) {
            let code = plain_code(error.error_code.as_deref().unwrap_or_default());
            let message = shown(error.message.as_deref().unwrap_or_default(), secret);
            for part in [code, message] {
                if !part.is_empty() {
                    cause.push_str(", ");
                    cause.push_str(&part);
                }
            }
        }
        if !self.request_id.is_empty() {
            cause.push_str(", request ");
            cause.push_str(&self.request_id);
        }
        Error::new(self.kind(), doing, cause)
    }
}

/// An identifier as it may stand in an error: letters, digits and dashes, not endlessly many.
pub(super) fn plain_code(text: &str) -> String {
    text.chars()
        .filter(|char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_'))
        .take(64)
        .collect()
}

/// The shop's words without what might be a person (anything with an `@`, long numbers) or a
/// secret (the token itself, and any word longer than a guid).
fn shown(message: &str, secret: &str) -> String {
    let message = if secret.is_empty() {
        Cow::Borrowed(message)
    } else {
        Cow::Owned(message.replace(secret, "…"))
    };
    let words: Vec<&str> = message
        .split_whitespace()
        .map(|word| {
            let bare = word.trim_matches(|char: char| !char.is_alphanumeric());
            let digits = bare.chars().filter(char::is_ascii_digit).count();
            let is_phone = digits >= 9 && bare.chars().all(|char| !char.is_alphabetic());
            if word.contains('@') || is_phone || bare.chars().count() > LONGEST_WORD {
                "…"
            } else {
                word
            }
        })
        .collect();
    words
        .join(" ")
        .chars()
        .filter(|char| !char.is_control())
        .take(LONGEST_MESSAGE)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_shows_codes_and_safe_words_only() {
        let body = br#"{"data":null,"errors":[{"errorCode":"invalid-parameter",
            "message":"Customer \"157e7215-9035-11e4-a769-ac162d8a2454\" jana@example.cz +420777888999 token s3cret-x\n no","instance":"x"}],
            "metadata":{"requestId":"019c8c34-64f3"}}"#;
        let refusal = Refusal::read(StatusCode::BAD_REQUEST, None, body);
        let error = refusal.into_error("asking", "s3cret-x");
        insta::assert_snapshot!(error.cause(), @r#"HTTP 400, invalid-parameter, Customer "157e7215-9035-11e4-a769-ac162d8a2454" … … token … no, request 019c8c34-64f3"#);
        assert_eq!(error.kind(), Kind::Refused);
    }

    #[test]
    fn a_damaged_answer_never_quotes_a_value() {
        let error = data::<u32>(br#"{"data":"jana@example.cz"}"#, "asking").unwrap_err();
        assert_eq!(error.kind(), Kind::Damaged);
        assert!(!error.to_string().contains("jana"), "{error}");
        assert_eq!(
            data::<u32>(b" <html>", "asking").unwrap_err().kind(),
            Kind::NotData
        );
        assert_eq!(
            data::<u32>(br#"{"data":7,"errors":[{"x":1}],"new":{}}"#, "asking").unwrap(),
            7
        );
    }
}
