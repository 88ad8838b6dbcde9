//! The simulated shop keeps the real one's rules: what it refuses, what it sends, and how it fails.

// Outside the test functions themselves clippy does not know that these are tests.
#![allow(clippy::unwrap_used)]

mod api;
mod changes;
mod faults;
mod jobs;
mod links;

mod world;

use std::collections::BTreeSet;
use std::io::Read;
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use shoptet_sync::demo::generate::write_files;
use shoptet_sync::demo::truth::{Reading, Truth};
use shoptet_sync::demo::world::{Bucket, Encoding, FeedSends, JobEnd, WrongHash};
use shoptet_sync::demo::{Fault, FaultKind, SimulatedShop, World, clock::Clock};

const PRIVATE: &str = "Shoptet-Private-API-Token";
const ACCESS: &str = "Shoptet-Access-Token";

fn client() -> Client {
    // A second test finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let redirects = reqwest::redirect::Policy::none();
    Client::builder()
        .redirect(redirects)
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap()
}

struct Visitor {
    shop: SimulatedShop,
    client: Client,
    token: String,
}

impl Visitor {
    async fn of(world: World) -> Self {
        let token = world.doors.private_token.clone().unwrap();
        Self {
            shop: SimulatedShop::start(world).await.unwrap(),
            client: client(),
            token,
        }
    }

    async fn get(&self, path: &str) -> Response {
        self.api(reqwest::Method::GET, path, None).await
    }

    async fn api(&self, method: reqwest::Method, path: &str, body: Option<Value>) -> Response {
        let url = format!("{}{path}", self.shop.api_url());
        let request = self.client.request(method, url).header(PRIVATE, &self.token);
        let request = match body {
            Some(body) => request.json(&body),
            None => request.header("Content-Type", "application/json"),
        };
        request.send().await.unwrap()
    }

    async fn data(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.json::<Value>().await.unwrap()["data"].take()
    }

    async fn refused(&self, path: &str) -> (u16, String) {
        refusal(self.get(path).await).await
    }

    fn link(&self, path: &str, link: &str) -> String {
        let hash = self.shop.change(|world| match link {
            "customers" => world.doors.customers_hash.clone(),
            "orders" => world.doors.orders_hash.clone(),
            "feed" => world.doors.orders_feed_hash.clone(),
            other => other.to_owned(),
        });
        let joint = if path.contains('?') { '&' } else { '?' };
        format!("{}{path}{joint}partnerId=3&hash={hash}", self.shop.url())
    }

    async fn download(&self, path: &str, link: &str) -> Vec<u8> {
        let answer = self.client.get(self.link(path, link)).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.bytes().await.unwrap().to_vec()
    }

    async fn codes(&self, path: &str, link: &str) -> Vec<String> {
        let text = String::from_utf8(self.download(path, link).await).unwrap();
        assert!(text.ends_with("</ORDERS>\n"));
        let orders = text.split("<ORDER>").skip(1);
        orders
            .map(|order| between(order, "<CODE>", "</CODE>").to_owned())
            .collect()
    }

    async fn register_job_finished(&self) -> Response {
        let webhook = json!({"data": [{"event": "job:finished", "url": "https://me.example/hook"}]});
        self.api(reqwest::Method::POST, "/api/webhooks", Some(webhook))
            .await
    }

    async fn start_snapshot(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), 202);
        answer.json::<Value>().await.unwrap()["data"]["jobId"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}

async fn refusal(answer: Response) -> (u16, String) {
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["data"], Value::Null);
    assert!(body["metadata"]["requestId"].is_string());
    (
        status,
        body["errors"][0]["errorCode"].as_str().unwrap().to_owned(),
    )
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split_once(start).unwrap().1.split_once(end).unwrap().0
}

fn unpack(bytes: &[u8]) -> std::io::Result<String> {
    let mut text = String::new();
    MultiGzDecoder::new(bytes).read_to_string(&mut text)?;
    Ok(text)
}
