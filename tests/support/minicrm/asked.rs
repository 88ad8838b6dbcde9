//! Requests as they arrive, and what no client may do.

use axum::extract::Request;
use serde_json::{Map, Value};

/// One request.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    /// Behind `/Api/`, without a slash at its end.
    pub path: Vec<String>,
    pub query: Vec<(String, String)>,
    pub login: Option<String>,
    pub content_type: String,
    pub text: String,
    /// What was sent, as JSON; null where it is none.
    pub body: Value,
}

impl Asked {
    /// Whether it changes something: MiniCRM deletes lines by GET, too.
    pub fn is_write(&self) -> bool {
        self.method != "GET" || self.path.iter().any(|part| part == "DeleteItem")
    }

    /// What it is about, without numbers: `PUT Contact`, `POST Order/Finalize`.
    pub fn endpoint(&self) -> String {
        let words: Vec<&str> = self
            .path
            .iter()
            .map(String::as_str)
            .filter(|part| *part != "R3" && part.parse::<u64>().is_err())
            .collect();
        format!("{} {}", self.method, words.join("/"))
    }

    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// What was sent, as an object.
    pub fn object(&self) -> Map<String, Value> {
        self.body.as_object().cloned().unwrap_or_default()
    }

    pub fn sent(&self, field: &str) -> String {
        super::text(&self.body[field])
    }

    /// What no client may do, whatever comes of it.
    pub fn violations(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut note = |what: &str| found.push(format!("{}: {what}", self.endpoint()));
        if self
            .query
            .iter()
            .any(|(name, value)| name != "Page" && value.is_empty())
        {
            note("a search for nothing, which finds everything");
        }
        let sends = matches!(self.method.as_str(), "PUT" | "POST");
        let is_upload = self.path.last().is_some_and(|part| part == "Upload");
        if sends && !self.text.is_empty() && !is_upload && self.content_type != "application/json" {
            note("what is sent is JSON, and says so");
        }
        if is_upload && self.content_type != "application/xml" {
            note("what is uploaded is XML, and says so");
        }
        if self.method == "PUT"
            && self.object().is_empty()
            && !self.path.iter().any(|part| part == "PurgePerson")
        {
            note("nothing was sent");
        }
        found
    }
}

pub async fn read(request: Request) -> Asked {
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, 64 << 20).await.unwrap();
    let header = |name: &str| {
        let value = parts
            .headers
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned());
        value.unwrap_or_default()
    };
    let path = parts.uri.path().strip_prefix("/Api/").unwrap_or_default();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    Asked {
        method: parts.method.to_string(),
        path: path.trim_end_matches('/').split('/').map(str::to_owned).collect(),
        query: url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect(),
        login: header("authorization").strip_prefix("Basic ").map(str::to_owned),
        content_type: header("content-type"),
        body: serde_json::from_str(&text).unwrap_or_default(),
        text,
    }
}
