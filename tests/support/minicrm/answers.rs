//! Answers in MiniCRM's shapes: JSON where all is well, plain text where it is not.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use serde_json::{Map, Value, json};

pub type Answer = (u16, String);

/// What was done, or read.
pub fn done(answer: Value) -> Answer {
    (200, answer.to_string())
}

/// The id of what was made or changed.
pub fn id(id: u64) -> Answer {
    done(json!({ "Id": id }))
}

/// A refusal in the service's words.
pub fn refused(what: &str, words: &str) -> Answer {
    (400, format!("{what}: {words}"))
}

/// A value that a list does not offer.
pub fn internal() -> Answer {
    (500, "Internal Server Error".to_owned())
}

pub fn not_found() -> Answer {
    (404, "Not Found".to_owned())
}

pub fn no_log_in() -> Answer {
    (404, "Unauthorized: Access denied".to_owned())
}

pub fn not_allowed() -> Answer {
    (405, "Method not allowed".to_owned())
}

/// A page of a list: an object by id, and an array where there is nothing.
pub fn page(count: usize, entries: Vec<(u64, Value)>) -> Answer {
    let results = match entries.is_empty() {
        true => json!([]),
        false => {
            let by_id: Map<String, Value> = entries
                .into_iter()
                .map(|(id, entry)| (id.to_string(), entry))
                .collect();
            Value::Object(by_id)
        }
    };
    done(json!({ "Count": count, "Results": results }))
}

pub fn response((status, body): Answer) -> Response<Body> {
    let kind = if status == 200 {
        "application/json; charset=utf-8"
    } else {
        "text/html; charset=utf-8"
    };
    Response::builder()
        .status(StatusCode::from_u16(status).unwrap())
        .header("content-type", kind)
        .body(Body::from(body))
        .unwrap()
}
