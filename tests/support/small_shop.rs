//! A server on loopback that answers as the test says and remembers what it was asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, Response, StatusCode};
use url::Url;

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: Method,
    pub path: String,
    pub query: BTreeMap<String, String>,
    pub headers: HeaderMap,
    pub body: String,
}

impl Asked {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// The server; it ends with the test's runtime.
#[derive(Clone)]
pub struct SmallShop {
    pub url: Url,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl SmallShop {
    pub async fn start(
        answer: impl Fn(&Asked, &Url) -> Response<Body> + Clone + Send + Sync + 'static,
    ) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url: Url = format!("http://{}/", listener.local_addr().unwrap())
            .parse()
            .unwrap();
        let shop = Self {
            url: url.clone(),
            asked: Arc::default(),
        };
        let asked_so_far = shop.asked.clone();
        let router = axum::Router::new().fallback(move |request: Request| {
            let (asked_so_far, answer, url) = (asked_so_far.clone(), answer.clone(), url.clone());
            async move {
                let asked = read(request).await;
                asked_so_far.lock().unwrap().push(asked.clone());
                answer(&asked, &url)
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        shop
    }

    /// Every request to `path` so far.
    pub fn asked(&self, path: &str) -> Vec<Asked> {
        self.asked
            .lock()
            .unwrap()
            .iter()
            .filter(|asked| asked.path == path)
            .cloned()
            .collect()
    }

    /// Every request so far.
    pub fn asked_at_all(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn read(request: Request) -> Asked {
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    Asked {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

/// Any answer.
pub fn answer(status: u16, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

/// A good answer of the API.
pub fn data(data: &str) -> Response<Body> {
    // Its mock fills `errors` of good answers too, and new attributes may come any day.
    answer(
        200,
        format!(
            r#"{{"data":{data},"errors":[{{"errorCode":"ignored"}}],"metadata":{{"requestId":"r"}},"new":1}}"#
        ),
    )
}

/// A refusal of the API.
pub fn refusal(status: u16, code: &str, message: &str) -> Response<Body> {
    let body = serde_json::json!({
        "data": null,
        "errors": [{ "errorCode": code, "message": message, "instance": "unknown" }],
        "metadata": { "requestId": "019c8c34-64f3" },
    });
    answer(status, body.to_string())
}

pub fn with_header(mut response: Response<Body>, name: &'static str, value: &str) -> Response<Body> {
    response.headers_mut().insert(name, value.parse().unwrap());
    response
}
