//! The envelope around every answer.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use futures_util::stream;
use serde_json::{Value, json};

pub fn answer(status: u16, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
        .headers_mut()
        .insert("content-type", "application/json".parse().unwrap());
    response
}

/// Without any body.
pub fn bare(status: u16) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

/// A fault of its own.
pub fn trouble() -> Response<Body> {
    answer(500, &json!({"error": ["Databáze neodpovídá"], "result": null}))
}

/// Too many requests.
pub fn busy(seconds: u64) -> Response<Body> {
    let mut response = answer(429, &json!({"error": ["Too many requests"], "result": null}));
    response
        .headers_mut()
        .insert("retry-after", seconds.to_string().parse().unwrap());
    response
}

/// What stands in front of a service that is being worked on.
pub fn page() -> Response<Body> {
    Response::new(Body::from("<!DOCTYPE html><title>Log in</title>"))
}

/// The same answer, broken off in its middle.
pub async fn half(answer: Response<Body>) -> Response<Body> {
    let (mut parts, body) = answer.into_parts();
    let bytes = axum::body::to_bytes(body, 8 << 20).await.unwrap();
    let some = bytes.slice(..bytes.len() / 2);
    parts.headers.insert("content-length", bytes.len().into());
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    Response::from_parts(parts, Body::from_stream(stream::iter([Ok(some), Err(broken)])))
}
