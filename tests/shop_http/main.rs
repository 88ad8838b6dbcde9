//! Reaching the shop over HTTP: what it may answer, and what becomes of it.
#![allow(clippy::unwrap_used, clippy::panic)] // the helpers of a test may fail like the test

#[path = "../support/small_shop.rs"]
mod small_shop;

mod simulated;
mod keeper;

mod jobs;
mod paged;
mod changes;
mod many_changes;
mod consent;
mod details;
mod feed;
mod feed_lives;
mod limits;
mod downloads;
mod spool;
mod check;
mod log;

use std::os::unix::fs::PermissionsExt as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Response;
use shoptet_sync::error::{Error, Kind};
use shoptet_sync::http::Pace;
use shoptet_sync::secret::Secret;
use shoptet_sync::source::settings::{
    ApiSettings, ApiToken, CustomersSettings, CustomersSource, Deleted, ExportSettings, Guests, Mode,
    OrdersSettings, OrdersSource, ShopSettings,
};
use shoptet_sync::source::{Download, DownloadSource, Progress, Section, Shop, Silent, Spool, Unit};
use small_shop::{Asked, SmallShop, answer, data, refusal, with_header};
use url::Url;

const TOKEN: &str = "123456-p-canarytoken";
const HASH: &str = "canaryhash0123456789";

const LINES: &[u8] = b"\x1f\x8b not really gzip: whatever comes is kept as it comes";

fn fast() -> Pace {
    let ms = Duration::from_millis;
    Pace {
        connect: ms(2_000),
        answer: ms(2_000),
        first_byte: ms(2_000),
        slow_window: ms(200),
        slow_bytes: 1_000,
        retry_first: ms(1),
        retry_longest: ms(5),
        retry_attempts: 4,
        retry_total: ms(5_000),
        told_pause: ms(5_000),
        busy: ms(20),
        locked: ms(50),
        retry_after_longest: ms(3_000),
        bucket_drop: ms(1),
        job_poll_first: ms(1),
        job_poll_longest: ms(5),
        job_longest: ms(3_000),
        export_turn_longest: ms(2_000),
    }
}

fn settings(url: &Url) -> ShopSettings {
    ShopSettings {
        name: "main".into(),
        group: "main".into(),
        url: url.clone(),
        country: "CZ".into(),
        currency: None,
        timezone: None,
        hosts: Vec::new(),
        api: Some(ApiSettings {
            base_url: url.clone(),
            token: ApiToken::Private(Secret::new(TOKEN.into())),
            job_webhook: None,
        }),
        exports: Some(ExportSettings {
            partner_id: Some(3),
            customers_hash: Some(Secret::new(HASH.into())),
            orders_hash: Some(Secret::new(format!("{HASH}&updateTimeFrom=2020-01-01"))),
            orders_feed_hash: None,
            orders_pattern: -11,
            min_interval: Duration::ZERO,
        }),
        customers: CustomersSettings {
            source: CustomersSource::Api,
            mode: Mode::NewAndUpdated,
            deleted: Deleted::Mark,
        },
        orders: OrdersSettings {
            source: OrdersSource::Feed,
            mode: Mode::NewAndUpdated,
            since: None,
            until: None,
            guests: Guests::Contact,
            not_people: Vec::new(),
            cancelled: Vec::new(),
        },
    }
}

fn exports_only(url: &Url) -> ShopSettings {
    let mut settings = settings(url);
    settings.api = None;
    settings.customers.source = CustomersSource::Export;
    settings
}

fn shop(settings: &ShopSettings) -> Shop {
    let ours = "https://sync.example.com/base".parse().unwrap();
    Shop::with_pace(settings, Some(&ours), "Europe/Prague", &fast()).unwrap()
}

struct Folder {
    folder: tempfile::TempDir,
}

impl Folder {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn spool(&self) -> Spool {
        Spool::open(&self.folder.path().join("spool")).unwrap()
    }

    fn files(&self) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(self.folder.path().join("spool"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

#[derive(Default)]
struct Told(Mutex<Vec<String>>);

impl Progress for Told {
    fn report(&self, _phase: &str, _done: u64, _total: Option<u64>, _unit: Unit) {}

    fn tell(&self, words: &str) {
        self.0.lock().unwrap().push(words.to_owned());
    }
}

const ESHOP: &str = r#"{
    "contactInformation": {"eshopId": 9, "eshopName": "Domeček", "url": "http://www.domecek.example", "email": "info@domecek.example"},
    "billingInformation": {"email": "info@domecek.example", "billingEmail": "fakturace@domecek.example"},
    "settings": {"timezone": "Europe/Bratislava", "vatPayer": true},
    "currencies": [{"code": "CZK", "isDefault": false}, {"code": "EUR", "isDefault": true}],
    "urls": [{"ident": "oauth", "url": "https://9.myshoptet.com/action/OAuthServer"}],
    "somethingNew": []
}"#;

/// A shop whose snapshot job passes through `states` (one per look at the list) and whose detail
/// then shows the last one.
#[derive(Clone)]
struct Jobs {
    states: &'static [&'static str],
    looks: Arc<AtomicUsize>,
    webhook: bool,
    result: &'static str,
}

impl Jobs {
    fn new(states: &'static [&'static str]) -> Self {
        Self {
            states,
            looks: Arc::default(),
            webhook: true,
            result: "/api-results/1-x.json",
        }
    }

    fn answer(&self, asked: &Asked, url: &Url) -> Response<Body> {
        let last = self.states.last().unwrap();
        match asked.path.as_str() {
            "/api/webhooks" if asked.method == "POST" => answer(201, r#"{"data":{"webhooks":[]}}"#),
            "/api/webhooks" if self.webhook => data(
                r#"{"webhooks":[{"id":1,"event":"order:create","url":"https://x"},{"id":2,"event":"job:finished","url":"https://x"}]}"#,
            ),
            "/api/webhooks" => data(r#"{"webhooks":[]}"#),
            "/api/customers/snapshot" | "/api/orders/snapshot" => answer(202, r#"{"data":{"jobId":"j1"}}"#),
            "/api/system/jobs" => {
                let look = self.looks.fetch_add(1, Ordering::SeqCst);
                let state = self.states.get(look).unwrap_or(last);
                data(&format!(
                    r#"{{"jobs":[{{"jobId":"other","status":"failed"}},{{"jobId":"j1","status":"{state}","endpoint":"x"}}]}}"#
                ))
            }
            "/api/system/jobs/j1" => {
                let result = match self.result {
                    "" => "null".to_owned(),
                    path if path.starts_with('/') => format!("\"{}\"", url.join(path).unwrap()),
                    elsewhere => format!("\"{elsewhere}\""),
                };
                data(&format!(
                    r#"{{"job":{{"jobId":"j1","status":"{last}","resultUrl":{result},"log":"jana.canary@example.cz failed"}}}}"#
                ))
            }
            "/api/eshop" => data(ESHOP),
            "/api/orders/statuses" => data(
                r#"{"defaultStatus":-1,"statuses":[{"id":-1,"name":"Nevyřízená"},{"id":26,"name":null}]}"#,
            ),
            path if path.starts_with("/api-results/") => answer(200, LINES),
            _ => refusal(404, "not-found", "no such address"),
        }
    }

    async fn start(self) -> SmallShop {
        SmallShop::start(move |asked, url| self.answer(asked, url)).await
    }
}

async fn fails(download: impl Future<Output = Result<Download, Error>>) -> Error {
    let error = download.await.unwrap_err();
    let text = error.to_string();
    for secret in [TOKEN, HASH, "canary"] {
        assert!(!text.contains(secret), "{text}");
    }
    error
}

fn body_in_pieces(pieces: Vec<(Duration, Result<&'static str, std::io::Error>)>) -> Body {
    use futures_util::StreamExt as _;
    Body::from_stream(
        futures_util::stream::iter(pieces).then(|(pause, piece)| async move {
            tokio::time::sleep(pause).await;
            piece
        }),
    )
}
