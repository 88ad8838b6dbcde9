//! Requests as they arrive.

use std::time::Instant;

use axum::extract::Request;
use serde_json::{Map, Value};

/// One request.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    /// Of `/api/v6/contacts/NAME.json` the `contacts`; of any other address all of it.
    pub model: String,
    pub name: Option<String>,
    pub query: Vec<(String, String)>,
    pub token: Option<String>,
    /// What is no JSON object is null.
    pub body: Value,
    pub is_json: bool,
    pub at: Instant,
}

impl Asked {
    pub fn is_write(&self) -> bool {
        self.method != "GET"
    }

    /// A field of what was sent.
    pub fn sent(&self, field: &str) -> &Value {
        match field.strip_prefix("customFields.") {
            Some(custom) => &self.body["customFields"][custom],
            None => &self.body[field],
        }
    }

    pub fn object(&self) -> Map<String, Value> {
        self.body.as_object().cloned().unwrap_or_default()
    }

    pub fn parameter(&self, key: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| value.as_str())
    }

    /// What no client may do, whatever comes of it.
    pub fn violations(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut note = |what: &str| found.push(format!("{} {}: {what}", self.method, self.model));
        if self.query.iter().any(|(key, _)| key == "accessToken") {
            note("a token in the address");
        }
        if !matches!(self.method.as_str(), "GET" | "POST" | "PUT" | "DELETE") {
            note("there is no such method");
        }
        let take = self.parameter("take").and_then(|take| take.parse::<usize>().ok());
        if take.is_some_and(|take| take > 1_000) {
            note("more than 1,000 on a page");
        }
        for (key, operator) in self.query.iter().filter(|(key, _)| key.ends_with("[operator]")) {
            let condition = key.trim_end_matches("[operator]");
            let values = self
                .query
                .iter()
                .filter(|(key, value)| key.starts_with(&format!("{condition}[value]")) && !value.is_empty());
            if matches!(operator.as_str(), "in" | "notin") && values.count() == 0 {
                note("an empty list of values, which asks for everything");
            }
        }
        if self.is_write() && self.method != "DELETE" && !self.body.is_object() {
            note("nothing was sent");
        }
        found
    }
}

pub async fn read(request: Request) -> Asked {
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, 8 << 20).await.unwrap();
    let header = |name: &str| {
        parts
            .headers
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
    };
    let path: Vec<String> =
        url::form_urlencoded::parse(format!("path={}", parts.uri.path().replace('+', "%2B")).as_bytes())
            .next()
            .map(|(_, path)| path.into_owned())
            .unwrap()
            .trim_start_matches("/api/v6/")
            .trim_end_matches(".json")
            .splitn(2, '/')
            .map(str::to_owned)
            .collect();
    let is_of_it = parts.uri.path().starts_with("/api/v6/") && parts.uri.path().ends_with(".json");
    Asked {
        method: parts.method.to_string(),
        model: if is_of_it {
            path[0].clone()
        } else {
            parts.uri.path().to_owned()
        },
        name: path.get(1).filter(|_| is_of_it).cloned(),
        query: url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect(),
        token: header("x-auth-token"),
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
        is_json: header("content-type").is_some_and(|kind| kind.starts_with("application/json")),
        at: Instant::now(),
    }
}
