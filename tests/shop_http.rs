//! Reaching the shop over HTTP: what it may answer, and what becomes of it.
#![allow(clippy::unwrap_used)] // the helpers of a test may fail like the test

#[path = "support/small_shop.rs"]
mod small_shop;

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

// ---- what a test starts from ----

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

// ---- snapshot jobs ----

#[tokio::test]
async fn a_job_is_waited_for_and_its_result_kept_as_it_came() {
    let server = Jobs::new(&["pending", "running", "something-new", "completed"])
        .start()
        .await;
    let folder = Folder::new();
    let before = jiff::Timestamp::now();
    let download = shop(&settings(&server.url))
        .download_customers(&folder.spool(), &Silent)
        .await
        .unwrap();

    assert_eq!(std::fs::read(&download.path).unwrap(), LINES);
    assert_eq!(
        (download.source, download.complete),
        (DownloadSource::ApiSnapshot, true)
    );
    assert_eq!(download.bytes, LINES.len() as u64);
    assert!(download.requested_at >= before && download.requested_at <= jiff::Timestamp::now());
    assert_eq!(folder.files(), ["customers.data", "customers.json"]);
    assert!(
        server
            .asked("/api/webhooks")
            .iter()
            .all(|asked| asked.method == "GET"),
        "it was registered"
    );
    for asked in server.asked_at_all() {
        let (token, kind) = (
            asked.header("shoptet-private-api-token"),
            asked.header("content-type"),
        );
        let expected = if asked.path.starts_with("/api/") {
            (TOKEN, "application/json")
        } else {
            ("", "")
        };
        assert_eq!((token, kind), expected, "{}", asked.path);
    }
}

#[tokio::test]
async fn the_ends_of_a_job_are_told_apart() {
    for state in ["failed", "expired", "killed"] {
        let states: &'static [&'static str] = Box::leak(Box::new(["running", state]));
        let server = Jobs::new(states).start().await;
        let folder = Folder::new();
        let error = fails(shop(&settings(&server.url)).download_customers(&folder.spool(), &Silent)).await;
        assert_eq!(error.kind(), Kind::JobFailed, "{state}");
        assert_eq!(server.asked("/api/system/jobs/j1").len(), 1, "{state}");
        assert!(
            folder.files().is_empty(),
            "the next run asks for a new job: {:?}",
            folder.files()
        );
    }

    let server = Jobs {
        result: "",
        ..Jobs::new(&["completed"])
    }
    .start()
    .await;
    let folder = Folder::new();
    let empty = shop(&settings(&server.url))
        .download_customers(&folder.spool(), &Silent)
        .await
        .unwrap();
    assert_eq!(
        (empty.bytes, empty.complete),
        (0, true),
        "completed without a result: nobody there"
    );
}

#[tokio::test]
async fn the_detail_is_never_read_more_than_nine_times() {
    // The list says that it ended, the detail never does.
    let jobs = Jobs::new(&["completed"]);
    let server = SmallShop::start(move |asked, url| match asked.path.as_str() {
        "/api/system/jobs/j1" => data(r#"{"job":{"status":"running","resultUrl":null}}"#),
        _ => jobs.answer(asked, url),
    })
    .await;
    let folder = Folder::new();
    let error = fails(shop(&settings(&server.url)).download_customers(&folder.spool(), &Silent)).await;
    assert_eq!(error.kind(), Kind::JobFailed);
    assert_eq!(server.asked("/api/system/jobs/j1").len(), 9);
}

#[tokio::test]
async fn a_job_is_found_on_a_later_page_and_given_up_when_it_never_ends() {
    let jobs = Jobs::new(&["completed"]);
    let server = SmallShop::start(
        move |asked, url| match (asked.path.as_str(), asked.query.get("page")) {
            ("/api/system/jobs", Some(page)) if page == "1" => {
                data(r#"{"jobs":[{"jobId":"x","status":"running"}],"paginator":{"pageCount":2}}"#)
            }
            _ => jobs.answer(asked, url),
        },
    )
    .await;
    let folder = Folder::new();
    shop(&settings(&server.url))
        .download_customers(&folder.spool(), &Silent)
        .await
        .unwrap();

    let server = Jobs::new(&["running"]).start().await;
    let pace = Pace {
        job_longest: Duration::from_millis(50),
        ..fast()
    };
    let impatient = Shop::with_pace(&settings(&server.url), None, "UTC", &pace).unwrap();
    let error = fails(impatient.download_customers(&Folder::new().spool(), &Silent)).await;
    assert_eq!(error.kind(), Kind::JobFailed);
    assert_eq!(server.asked("/api/system/jobs/j1").len(), 0);
}

#[tokio::test]
async fn a_killed_import_goes_on_with_its_job() {
    let states: Vec<_> = std::iter::repeat_n("running", 200).chain(["completed"]).collect();
    let server = Jobs::new(states.leak()).start().await;
    let folder = Folder::new();
    let (first, spool) = (shop(&settings(&server.url)), folder.spool());
    let killed = tokio::time::timeout(
        Duration::from_millis(300),
        first.download_customers(&spool, &Silent),
    );
    assert!(killed.await.is_err(), "still waiting");
    assert_eq!(folder.files(), ["customers.job.json"]);

    folder.spool().remove_leftovers().unwrap();
    let told = Told::default();
    shop(&settings(&server.url))
        .download_customers(&folder.spool(), &told)
        .await
        .unwrap();
    assert_eq!(server.asked("/api/customers/snapshot").len(), 1);
    assert_eq!(
        *told.0.lock().unwrap(),
        ["going on with the snapshot job j1 of an earlier run"]
    );
}

#[tokio::test]
async fn a_lost_job_of_an_earlier_run_is_replaced() {
    let jobs = Jobs::new(&["completed"]);
    let requests = Arc::new(AtomicUsize::new(0));
    let (seen, forgetful) = (requests.clone(), jobs.clone());
    let server = SmallShop::start(move |asked, url| match asked.path.as_str() {
        "/api/customers/snapshot" => {
            seen.fetch_add(1, Ordering::SeqCst);
            forgetful.answer(asked, url)
        }
        // The first job vanishes; the second one is listed.
        "/api/system/jobs" if seen.load(Ordering::SeqCst) < 2 => data(r#"{"jobs":[]}"#),
        _ => forgetful.answer(asked, url),
    })
    .await;
    let folder = Folder::new();
    let error = fails(shop(&settings(&server.url)).download_customers(&folder.spool(), &Silent)).await;
    assert_eq!(error.kind(), Kind::JobFailed);
    shop(&settings(&server.url))
        .download_customers(&folder.spool(), &Silent)
        .await
        .unwrap();
    assert_eq!(requests.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn the_job_webhook_is_registered_when_there_is_none() {
    let server = Jobs {
        webhook: false,
        ..Jobs::new(&["completed"])
    }
    .start()
    .await;
    shop(&settings(&server.url))
        .download_customers(&Folder::new().spool(), &Silent)
        .await
        .unwrap();
    let asked = server.asked("/api/webhooks");
    assert_eq!(asked.len(), 2);
    insta::assert_snapshot!(asked[1].body, @r#"{"data":[{"event":"job:finished","url":"https://sync.example.com/base/webhooks/shoptet/main"}]}"#);

    // Somebody registers it between our look and our request: 422 by the description, 409 as met.
    for status in [409, 422] {
        let jobs = Jobs {
            webhook: false,
            ..Jobs::new(&["completed"])
        };
        let taken = Arc::new(AtomicUsize::new(0));
        let server = SmallShop::start(move |asked, url| {
            let late = Jobs {
                webhook: taken.load(Ordering::SeqCst) > 0,
                ..jobs.clone()
            };
            if asked.method == "POST" {
                taken.store(1, Ordering::SeqCst);
                return refusal(
                    status,
                    "invalid-request-data",
                    "Webhook already exists for this event",
                );
            }
            late.answer(asked, url)
        })
        .await;
        shop(&settings(&server.url))
            .download_customers(&Folder::new().spool(), &Silent)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_result_on_a_foreign_host_is_refused() {
    for (elsewhere, cause) in [
        (
            "https://evil.example/x.json",
            "the result lies on evil.example, which is not known as the shop's",
        ),
        ("ftp://127.0.0.1/x.json", "the result would travel unencrypted"),
    ] {
        let server = Jobs {
            result: elsewhere,
            ..Jobs::new(&["completed"])
        }
        .start()
        .await;
        let error =
            fails(shop(&settings(&server.url)).download_customers(&Folder::new().spool(), &Silent)).await;
        assert_eq!((error.kind(), error.cause()), (Kind::NotData, cause));
    }
}

#[tokio::test]
async fn orders_come_as_a_snapshot_of_the_configured_interval() {
    let server = Jobs::new(&["completed"]).start().await;
    let mut settings = settings(&server.url);
    settings.orders.source = OrdersSource::Api;
    settings.orders.since = Some("2021-01-01".parse().unwrap());
    let download = shop(&settings)
        .download_orders(&Folder::new().spool(), &Silent)
        .await
        .unwrap();
    assert_eq!(download.since, settings.orders.since);
    let asked = &server.asked("/api/orders/snapshot")[0];
    // The shop's own time zone, as the API tells it.
    assert_eq!(asked.query["creationTimeFrom"], "2021-01-01T00:00:00+0100");

    let server = Jobs {
        webhook: false,
        ..Jobs::new(&["completed"])
    }
    .start()
    .await;
    settings.url = server.url.clone();
    settings.api.as_mut().unwrap().base_url = server.url.clone();
    let alone = Shop::with_pace(&settings, None, "UTC", &fast()).unwrap();
    let error = fails(alone.download_orders(&Folder::new().spool(), &Silent)).await;
    assert_eq!(error.kind(), Kind::Configuration);
    assert!(error.cause().contains("job_webhook"), "{error}");
}

// ---- the paged list ----

#[tokio::test]
async fn without_a_job_webhook_customers_are_read_one_by_one() {
    let under_way = Arc::new(AtomicUsize::new(0));
    let counter = under_way.clone();
    let server = SmallShop::start(move |asked, _| {
        counter.fetch_add(1, Ordering::SeqCst);
        match (asked.path.as_str(), asked.query.get("page").map(String::as_str)) {
            ("/api/webhooks", _) => data(r#"{"webhooks":[]}"#),
            ("/api/customers", Some("1")) => data(
                r#"{"customers":[{"guid":"a-1"},{"guid":"b/2"}],"paginator":{"totalCount":3,"pageCount":2}}"#,
            ),
            ("/api/customers", Some("2")) => {
                data(r#"{"customers":[{"guid":"c-3"}],"paginator":{"totalCount":3,"pageCount":2}}"#)
            }
            ("/api/customers/a-1", _) => data("{\"customer\":{\"guid\":\"a-1\",\n  \"remark\":\"x\\ny\"}}"),
            ("/api/customers/b%2F2", _) => refusal(404, "customer-not-found", "gone meanwhile"),
            ("/api/customers/c-3", _) => data(r#"{"customer":{"guid":"c-3"}}"#),
            _ => answer(500, ""),
        }
    })
    .await;
    let folder = Folder::new();
    let told = Told::default();
    let shop = Shop::with_pace(&settings(&server.url), None, "UTC", &fast()).unwrap();
    let download = shop.download_customers(&folder.spool(), &told).await.unwrap();
    assert_eq!(
        (download.source, download.complete),
        (DownloadSource::ApiPaged, true)
    );
    insta::assert_snapshot!(std::fs::read_to_string(&download.path).unwrap(), @r#"
    {"guid":"a-1",   "remark":"x\ny"}
    {"guid":"c-3"}
    "#);
    insta::assert_snapshot!(told.0.lock().unwrap().join("\n"), @"
    the shop runs a snapshot job only when the webhook job:finished is registered: set `public_url` in [server], or `job_webhook` in [shop.api] to any address of yours that answers 200
    reading 3 customers one by one, which takes about 1 min
    ");
    assert_eq!(server.asked("/api/customers/snapshot").len(), 0);
}

#[tokio::test]
async fn a_killed_reading_one_by_one_goes_on_where_it_stopped() {
    let refuse = Arc::new(AtomicUsize::new(1));
    let refusing = refuse.clone();
    let server = SmallShop::start(move |asked, _| match asked.path.as_str() {
        "/api/webhooks" => data(r#"{"webhooks":[]}"#),
        "/api/customers" => {
            let guids: Vec<_> = (0..700)
                .map(|number| format!(r#"{{"guid":"g{number}"}}"#))
                .collect();
            let list = guids.join(",");
            data(&format!(
                r#"{{"customers":[{list}],"paginator":{{"totalCount":700,"pageCount":1}}}}"#
            ))
        }
        "/api/customers/g500" if refusing.load(Ordering::SeqCst) == 1 => refusal(403, "no-rights", "x"),
        path => {
            let guid = path.rsplit('/').next().unwrap();
            data(&format!(r#"{{"customer":{{"guid":"{guid}"}}}}"#))
        }
    })
    .await;
    let folder = Folder::new();
    let alone = || Shop::with_pace(&settings(&server.url), None, "UTC", &fast()).unwrap();
    let error = fails(alone().download_customers(&folder.spool(), &Silent)).await;
    assert_eq!(error.kind(), Kind::RightsMissing);
    folder.spool().remove_leftovers().unwrap();
    assert_eq!(
        folder.files(),
        ["customers.list", "customers.part", "customers.reading.json"]
    );

    refuse.store(0, Ordering::SeqCst);
    let told = Told::default();
    let download = alone().download_customers(&folder.spool(), &told).await.unwrap();
    let lines = std::fs::read_to_string(&download.path).unwrap();
    let expected: String = (0..700)
        .map(|number| format!("{{\"guid\":\"g{number}\"}}\n"))
        .collect();
    assert_eq!(lines, expected);
    assert!(
        told.0.lock().unwrap()[1].starts_with("going on with customer 300 of 700"),
        "{:?}",
        told.0
    );
    assert_eq!(server.asked("/api/customers").len(), 1);
    assert_eq!(
        (
            server.asked("/api/customers/g299").len(),
            server.asked("/api/customers/g300").len()
        ),
        (1, 2)
    );
    assert_eq!(folder.files(), ["customers.data", "customers.json"]);
}

#[tokio::test]
async fn another_download_ends_a_reading_one_by_one() {
    let server = Jobs::new(&["completed"]).start().await;
    let folder = Folder::new();
    let note = r#"{"api":"x","requested_at":"2026-01-01T00:00:00Z","stood_still":true,"customers":1,"done":1,"bytes":1}"#;
    let spool = folder.spool();
    for (name, text) in [
        ("customers.reading.json", note),
        ("customers.list", "a\n"),
        ("customers.part", "x"),
    ] {
        std::fs::write(folder.folder.path().join("spool").join(name), text).unwrap();
    }
    shop(&settings(&server.url))
        .download_customers(&spool, &Silent)
        .await
        .unwrap();
    assert_eq!(
        folder.files(),
        ["customers.data", "customers.json"],
        "its note must not vouch for foreign bytes"
    );
}

#[tokio::test]
async fn a_list_that_shifts_while_it_is_paged_is_not_called_complete() {
    let server = SmallShop::start(|asked, _| {
        match (asked.path.as_str(), asked.query.get("page").map(String::as_str)) {
            ("/api/webhooks", _) => data(r#"{"webhooks":[]}"#),
            ("/api/customers", Some("1")) => {
                data(r#"{"customers":[{"guid":"a"}],"paginator":{"totalCount":3,"pageCount":2}}"#)
            }
            ("/api/customers", _) => refusal(404, "page-not-found", "max page is 1"),
            _ => data(r#"{"customer":{"guid":"a"}}"#),
        }
    })
    .await;
    let shop = Shop::with_pace(&settings(&server.url), None, "UTC", &fast()).unwrap();
    let download = shop
        .download_customers(&Folder::new().spool(), &Silent)
        .await
        .unwrap();
    assert!(!download.complete);
    assert_eq!(server.asked("/api/customers").len(), 6, "read anew twice");
}

#[tokio::test]
async fn only_the_shops_own_word_confirms_that_a_customer_is_gone() {
    let server = SmallShop::start(|asked, _| match asked.path.as_str() {
        "/api/customers/gone" => refusal(404, "customer-not-found", "x"),
        "/api/customers/here" => data(r#"{"customer":{"guid":"here"}}"#),
        _ => answer(404, "<html>not found</html>"),
    })
    .await;
    let shop = shop(&settings(&server.url));
    assert_eq!(shop.customer("gone").await.unwrap(), None);
    assert_eq!(
        shop.customer("here").await.unwrap().as_deref(),
        Some(r#"{"guid":"here"}"#)
    );
    assert_eq!(shop.customer("lost").await.unwrap_err().kind(), Kind::NotFound);
}

// ---- log-in and limits ----

#[tokio::test]
async fn an_expired_token_is_renewed_once_for_all() {
    let handed_out = Arc::new(AtomicUsize::new(0));
    let counter = handed_out.clone();
    let server = SmallShop::start(move |asked, _| match asked.path.as_str() {
        "/token" => {
            assert_eq!(asked.header("authorization"), "Bearer canary-oauth");
            let serial = counter.fetch_add(1, Ordering::SeqCst);
            answer(
                200,
                format!(r#"{{"access_token":"access-{serial}","expires_in":1800}}"#),
            )
        }
        _ if asked.header("shoptet-access-token") == "access-0" => refusal(
            401,
            "expired-token",
            "Token access-0 is expired. Please ask for new one.",
        ),
        _ => data(r#"{"customer":{"guid":"x"}}"#),
    })
    .await;
    let mut settings = settings(&server.url);
    settings.api.as_mut().unwrap().token = ApiToken::Addon {
        oauth_token: Secret::new("canary-oauth".into()),
        token_url: server.url.join("/token").unwrap(),
    };
    let addon_shop = shop(&settings);
    let (a, b, c) = tokio::join!(
        addon_shop.customer("a"),
        addon_shop.customer("b"),
        addon_shop.customer("c")
    );
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(
        handed_out.load(Ordering::SeqCst),
        2,
        "the expired one and one new one for all"
    );
    assert!(
        server
            .asked("/token")
            .iter()
            .all(|asked| asked.header("shoptet-access-token").is_empty())
    );
}

#[tokio::test]
async fn a_token_that_stays_refused_is_not_renewed_again_and_again() {
    let server = SmallShop::start(|asked, _| match asked.path.as_str() {
        "/token" => answer(200, r#"{"access_token":"access-canary"}"#),
        _ => refusal(401, "invalid-token", "access-canary jana@canary.cz"),
    })
    .await;
    let mut settings = settings(&server.url);
    settings.api.as_mut().unwrap().token = ApiToken::Addon {
        oauth_token: Secret::new("canary-oauth".into()),
        token_url: server.url.join("/token").unwrap(),
    };
    let error = shop(&settings).customer("a").await.unwrap_err();
    insta::assert_snapshot!(error, @"asking the API of shop main for /api/customers/{id}: HTTP 401, invalid-token, … …, request 019c8c34-64f3 (renew the token or the hash in the shop's administration and in the configuration)");
    assert_eq!(server.asked("/token").len(), 2);
    assert_eq!(server.asked("/api/customers/a").len(), 2);

    let server = SmallShop::start(|_, _| answer(429, r#"{"error":"maximum_tokens_reached"}"#)).await;
    settings.api.as_mut().unwrap().token = ApiToken::Addon {
        oauth_token: Secret::new("canary-oauth".into()),
        token_url: server.url.join("/token").unwrap(),
    };
    let error = shop(&settings).customer("a").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Busy);
    assert!(error.hint().contains("five tokens"), "{error}");
    assert_eq!(
        server.asked("/token").len(),
        1,
        "a quota does not free itself in a second"
    );
}

#[tokio::test]
async fn busy_and_faulty_answers_are_waited_out() {
    let soon =
        |seconds: u64| httpdate::fmt_http_date(std::time::SystemTime::now() + Duration::from_secs(seconds));
    for (name, refused, at_least) in [
        (
            "429 with a date",
            Some(("retry-after", soon(2))),
            Duration::from_millis(900),
        ),
        ("429 without", None, Duration::from_millis(13)),
        ("423", None, Duration::from_millis(50)),
        ("503", None, Duration::ZERO),
    ] {
        let status = name.get(..3).unwrap().parse().unwrap();
        let count = AtomicUsize::new(0);
        let count = Arc::new(count);
        let server = SmallShop::start(move |_, _| {
            if count.fetch_add(1, Ordering::SeqCst) > 0 {
                return data(r#"{"customer":{"guid":"x"}}"#);
            }
            let response = refusal(status, "busy", "wait");
            match &refused {
                Some((name, value)) => with_header(response, name, value),
                None => response,
            }
        })
        .await;
        let started = Instant::now();
        assert!(
            shop(&settings(&server.url))
                .customer("x")
                .await
                .unwrap()
                .is_some(),
            "{name}"
        );
        assert!(started.elapsed() >= at_least, "{name}: {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn patience_has_an_end() {
    let server = SmallShop::start(|_, _| refusal(503, "system-maintenance", "later")).await;
    let error = shop(&settings(&server.url)).customer("x").await.unwrap_err();
    assert_eq!(error.kind(), Kind::ServerFault);
    assert_eq!(server.asked_at_all().len(), 4);

    let server = SmallShop::start(|_, _| with_header(refusal(429, "full", "x"), "retry-after", "3600")).await;
    assert_eq!(
        shop(&settings(&server.url))
            .customer("x")
            .await
            .unwrap_err()
            .kind(),
        Kind::Busy
    );
    assert_eq!(server.asked_at_all().len(), 1, "an hour is for the next run");

    let server = SmallShop::start(|_, _| refusal(403, "invalid-token-no-rights", "x")).await;
    assert_eq!(
        shop(&settings(&server.url))
            .customer("x")
            .await
            .unwrap_err()
            .kind(),
        Kind::RightsMissing
    );
    assert_eq!(server.asked_at_all().len(), 1, "asking again gives no rights");

    let nobody: Url = "http://127.0.0.1:9/".parse().unwrap();
    let error = shop(&settings(&nobody)).customer("x").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unreachable);
    assert!(error.cause().contains("refused"), "{error}");
}

#[tokio::test]
async fn a_full_bucket_slows_the_next_request_down() {
    let server = SmallShop::start(|_, _| {
        with_header(
            data(r#"{"customer":{}}"#),
            "X-RateLimit-Bucket-Filling",
            "200/200",
        )
    })
    .await;
    let shop = shop(&settings(&server.url));
    shop.customer("a").await.unwrap();
    let started = Instant::now();
    shop.customer("b").await.unwrap();
    assert!(
        started.elapsed() > Duration::from_millis(30),
        "40 drops of 1 ms: {:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn two_requests_are_under_way_at_most() {
    let counts = Arc::new(Mutex::new((0, 0)));
    let at_once = counts.clone();
    let server = SmallShop::start(move |_, _| {
        let leaving = at_once.clone();
        let mut now = at_once.lock().unwrap();
        now.0 += 1;
        now.1 = now.0.max(now.1);
        answer(
            200,
            Body::from_stream(futures_util::stream::once(async move {
                tokio::time::sleep(Duration::from_millis(10)).await;
                leaving.lock().unwrap().0 -= 1;
                Ok::<_, std::io::Error>(r#"{"data":{"customer":{}}}"#)
            })),
        )
    })
    .await;
    let shop = shop(&settings(&server.url));
    let all = futures_util::future::join_all((0..12).map(|_| shop.customer("x"))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(counts.lock().unwrap().1, 2);
}

#[tokio::test]
async fn a_redirect_takes_no_token_elsewhere() {
    let elsewhere = SmallShop::start(|_, _| data(r#"{"customer":{}}"#)).await;
    let there = elsewhere.url.to_string();
    let server = SmallShop::start(move |_, _| with_header(answer(302, ""), "location", &there)).await;
    assert_eq!(
        shop(&settings(&server.url))
            .customer("x")
            .await
            .unwrap_err()
            .kind(),
        Kind::NotData
    );
    assert_eq!(elsewhere.asked_at_all().len(), 0);
}

// ---- downloads ----

fn body_in_pieces(pieces: Vec<(Duration, Result<&'static str, std::io::Error>)>) -> Body {
    use futures_util::StreamExt as _;
    Body::from_stream(
        futures_util::stream::iter(pieces).then(|(pause, piece)| async move {
            tokio::time::sleep(pause).await;
            piece
        }),
    )
}

#[tokio::test]
async fn a_truncated_body_is_read_again_and_never_counts() {
    let count = Arc::new(AtomicUsize::new(0));
    let server = SmallShop::start(move |_, _| {
        if count.fetch_add(1, Ordering::SeqCst) == 2 {
            return answer(200, "<ORDERS></ORDERS>");
        }
        let pieces = vec![
            (Duration::ZERO, Ok("<ORDERS><ORDER>")),
            (Duration::ZERO, Err(std::io::Error::other("cut"))),
        ];
        with_header(answer(200, body_in_pieces(pieces)), "content-length", "1000")
    })
    .await;
    let folder = Folder::new();
    let pace = Pace {
        retry_attempts: 2,
        ..fast()
    };
    let twice = Shop::with_pace(&exports_only(&server.url), None, "UTC", &pace).unwrap();
    let error = fails(twice.download_orders(&folder.spool(), &Silent)).await;
    assert_eq!(error.kind(), Kind::Truncated);
    assert_eq!(folder.spool().complete(Section::Orders).unwrap(), None);
    assert_eq!(folder.files(), ["exports.json", "orders.part"]);
    folder.spool().remove_leftovers().unwrap();
    assert_eq!(folder.files(), ["exports.json"]);

    let download = twice.download_orders(&folder.spool(), &Silent).await.unwrap();
    assert_eq!(
        std::fs::read_to_string(download.path).unwrap(),
        "<ORDERS></ORDERS>"
    );
}

#[tokio::test]
async fn a_stalled_body_is_given_up_and_a_slow_one_is_not() {
    let server = SmallShop::start(|asked, _| {
        let mut pieces = vec![(Duration::ZERO, Ok("<ORDERS>"))];
        if asked.path.contains("orders") {
            pieces.push((Duration::from_secs(60), Ok("</ORDERS>")));
        } else {
            // 500 ms in all, 2.5 windows, each with more than the least.
            pieces.extend((0..10).map(|_| (Duration::from_millis(50), Ok(STEADY))));
        }
        answer(200, body_in_pieces(pieces))
    })
    .await;
    let pace = Pace {
        retry_attempts: 1,
        ..fast()
    };
    let shop = Shop::with_pace(&exports_only(&server.url), None, "UTC", &pace).unwrap();
    let error = fails(shop.download_orders(&Folder::new().spool(), &Silent)).await;
    assert_eq!(error.kind(), Kind::Unreachable);
    assert!(error.cause().starts_with("it stalled"), "{error}");
    let steady = shop
        .download_customers(&Folder::new().spool(), &Silent)
        .await
        .unwrap();
    assert_eq!(steady.bytes, 8 + 10 * STEADY.len() as u64);
}

const STEADY: &str = match std::str::from_utf8(&[b'x'; 700]) {
    Ok(text) => text,
    Err(_) => "",
};

#[tokio::test]
async fn what_is_no_export_is_told_with_what_to_do() {
    let elsewhere = SmallShop::start(|_, _| answer(200, "<ORDERS/>")).await;
    let there = elsewhere
        .url
        .join("/export/orders.xml")
        .unwrap()
        .to_string()
        .replace("127.0.0.1", "localhost");
    type Made = Box<dyn Fn() -> Response<Body> + Send + Sync>;
    let cases: Vec<(&str, Kind, Made)> = vec![
        (
            "wrong hash",
            Kind::LoginRefused,
            Box::new(|| answer(403, "Forbidden")),
        ),
        (
            "renewed link",
            Kind::LoginRefused,
            Box::new(|| answer(404, "gone")),
        ),
        (
            "page",
            Kind::NotData,
            Box::new(|| answer(200, "\u{feff}\n <!DOCTYPE HTML><title>Přihlášení")),
        ),
        (
            "xhtml page",
            Kind::NotData,
            Box::new(|| answer(200, "<?xml version='1.0'?><!doctype html><html>")),
        ),
        (
            "redirect elsewhere",
            Kind::NotData,
            Box::new(move || with_header(answer(302, ""), "location", &there)),
        ),
        (
            "redirect in circles",
            Kind::NotData,
            Box::new(|| with_header(answer(302, ""), "location", "?again")),
        ),
        (
            "too large",
            Kind::TooLarge,
            Box::new(|| {
                with_header(
                    answer(
                        200,
                        body_in_pieces(vec![(Duration::ZERO, Ok("x")), (Duration::from_secs(5), Ok("x"))]),
                    ),
                    "content-length",
                    "999999999999",
                )
            }),
        ),
        (
            "odd encoding",
            Kind::NotData,
            Box::new(|| with_header(answer(200, "x"), "content-encoding", "br")),
        ),
    ];
    let mut told = String::new();
    for (name, kind, made) in cases {
        let server = SmallShop::start({
            let made = Arc::new(made);
            move |_, _| made()
        })
        .await;
        let folder = Folder::new();
        let error = fails(shop(&exports_only(&server.url)).download_orders(&folder.spool(), &Silent)).await;
        assert_eq!(error.kind(), kind, "{name}");
        assert_eq!(folder.spool().complete(Section::Orders).unwrap(), None, "{name}");
        told.push_str(&format!("{name}: {error}\n"));
    }
    assert_eq!(elsewhere.asked_at_all().len(), 0);
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn a_link_is_made_of_its_parts_and_follows_its_own_host() {
    let server = SmallShop::start(|asked, _| match asked.path.as_str() {
        "/export/orders.xml" => with_header(answer(301, ""), "location", "/export/orders.xml/?moved=1"),
        "/export/customers.xml" => answer(404, ""),
        // A remark may speak of pages: only a document that begins as one is one.
        _ => answer(200, "email;remark\r\nx;<html>\r\n"),
    })
    .await;
    let mut settings = exports_only(&server.url);
    settings.orders.since = Some("2021-01-01".parse().unwrap());
    settings.orders.until = Some("2026-12-31".parse().unwrap());
    let folder = Folder::new();
    let shop = shop(&settings);
    let orders = shop.download_orders(&folder.spool(), &Silent).await.unwrap();
    assert_eq!(
        (orders.since, orders.until),
        (settings.orders.since, settings.orders.until)
    );
    insta::assert_debug_snapshot!(server.asked("/export/orders.xml")[0].query, @r#"
    {
        "dateFrom": "2021-01-01",
        "dateUntil": "2026-12-31",
        "hash": "canaryhash0123456789",
        "partnerId": "3",
        "patternId": "-11",
    }
    "#);
    assert_eq!(server.asked("/export/orders.xml/").len(), 1);

    let customers = shop.download_customers(&folder.spool(), &Silent).await.unwrap();
    assert_eq!(customers.source, DownloadSource::Export);
    assert_eq!(
        server.asked("/export/customers.csv")[0].query.len(),
        2,
        "partner and hash"
    );
    for asked in server.asked_at_all() {
        assert_eq!(asked.header("shoptet-private-api-token"), "");
    }
}

// ---- the spool ----

#[tokio::test]
async fn a_complete_download_is_used_again_until_it_is_committed() {
    let server = SmallShop::start(|_, _| answer(200, "<ORDERS></ORDERS>")).await;
    let folder = Folder::new();
    let mut settings = exports_only(&server.url);
    let first = shop(&settings)
        .download_orders(&folder.spool(), &Silent)
        .await
        .unwrap();
    let again = shop(&settings)
        .download_orders(&folder.spool(), &Silent)
        .await
        .unwrap();
    assert_eq!(first, again);
    assert_eq!(server.asked_at_all().len(), 1);

    let mode = |name: &str| {
        std::fs::metadata(folder.folder.path().join(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode("spool"), 0o700);
    for name in folder.files() {
        assert_eq!(mode(&format!("spool/{name}")), 0o600, "{name}");
    }

    settings.orders.since = Some("2021-01-01".parse().unwrap());
    shop(&settings)
        .download_orders(&folder.spool(), &Silent)
        .await
        .unwrap();
    assert_eq!(
        server.asked_at_all().len(),
        2,
        "another interval is another download"
    );

    folder.spool().discard(Section::Orders).unwrap();
    assert_eq!(folder.files(), ["exports.json"]);

    // A kill between the two renames leaves data that nothing describes.
    std::fs::write(folder.folder.path().join("spool/orders.data"), "<ORDERS>").unwrap();
    assert_eq!(folder.spool().complete(Section::Orders).unwrap(), None);
    folder.spool().remove_leftovers().unwrap();
    assert_eq!(folder.files(), ["exports.json"]);
}

#[tokio::test]
async fn a_full_disk_is_named() {
    let server = SmallShop::start(|_, _| answer(200, "<ORDERS></ORDERS>")).await;
    let folder = Folder::new();
    let spool = folder.spool();
    std::os::unix::fs::symlink("/dev/full", folder.folder.path().join("spool/orders.part")).unwrap();
    let error = fails(shop(&exports_only(&server.url)).download_orders(&spool, &Silent)).await;
    assert_eq!(error.kind(), Kind::Disk);
    assert!(error.doing().contains("orders.part"), "{error}");
    assert!(error.cause().contains("No space left"), "{error}");
}

#[tokio::test]
async fn the_pause_between_exports_holds_across_instances() {
    let count = Arc::new(AtomicUsize::new(0));
    let server = SmallShop::start(move |_, _| match count.fetch_add(1, Ordering::SeqCst) {
        0 => answer(503, ""),
        _ => answer(200, "<ORDERS></ORDERS>"),
    })
    .await;
    let folder = Folder::new();
    let mut settings = exports_only(&server.url);
    settings.exports.as_mut().unwrap().min_interval = Duration::from_millis(1_500);
    let started = Instant::now();
    shop(&settings)
        .download_orders(&folder.spool(), &Silent)
        .await
        .unwrap();
    assert!(
        started.elapsed() < Duration::from_millis(1_400),
        "a 503 is no export: no pause after it"
    );

    folder.spool().discard(Section::Orders).unwrap();
    let told = Told::default();
    shop(&settings)
        .download_orders(&folder.spool(), &told)
        .await
        .unwrap();
    assert!(
        started.elapsed() >= Duration::from_millis(1_500),
        "{:?}",
        started.elapsed()
    );
    assert!(told.0.lock().unwrap()[0].starts_with("waiting until "));

    folder.spool().discard(Section::Orders).unwrap();
    settings.exports.as_mut().unwrap().min_interval = Duration::from_secs(3600);
    let error = fails(shop(&settings).download_orders(&folder.spool(), &Silent)).await;
    assert_eq!(error.kind(), Kind::Busy);
    shop(&settings)
        .download_customers(&folder.spool(), &Silent)
        .await
        .unwrap();
}

#[tokio::test]
async fn what_ran_no_export_uses_up_no_turn() {
    let server = SmallShop::start(|_, _| answer(200, "<html>log in</html>")).await;
    let nobody: Url = "http://127.0.0.1:9/".parse().unwrap();
    for (url, kind) in [(&server.url, Kind::NotData), (&nobody, Kind::Unreachable)] {
        let folder = Folder::new();
        let mut settings = exports_only(url);
        settings.exports.as_mut().unwrap().min_interval = Duration::from_secs(3600);
        for _ in 0..2 {
            let error = fails(shop(&settings).download_orders(&folder.spool(), &Silent)).await;
            assert_eq!(error.kind(), kind);
        }
    }

    // One that broke off half-way did run.
    let server = SmallShop::start(|_, _| {
        let pieces = vec![
            (Duration::ZERO, Ok("<ORDERS>")),
            (Duration::ZERO, Err(std::io::Error::other("cut"))),
        ];
        answer(200, body_in_pieces(pieces))
    })
    .await;
    let folder = Folder::new();
    let mut settings = exports_only(&server.url);
    settings.exports.as_mut().unwrap().min_interval = Duration::from_secs(3600);
    let error = fails(shop(&settings).download_orders(&folder.spool(), &Silent)).await;
    assert_eq!(error.kind(), Kind::Busy, "{error}");
    assert_eq!(server.asked_at_all().len(), 1);
}

// ---- facts and check ----

#[tokio::test]
async fn facts_come_from_the_configuration_then_the_api_then_the_fallback() {
    let server = Jobs::new(&["completed"]).start().await;
    let facts = shop(&settings(&server.url)).facts().await.unwrap();
    let statuses: Vec<_> = facts
        .statuses
        .iter()
        .map(|status| (status.id, status.name.as_str()))
        .collect();
    assert_eq!(
        (facts.name.as_str(), facts.timezone.as_str()),
        ("Domeček", "Europe/Bratislava")
    );
    assert_eq!(
        facts.currency.as_deref(),
        Some("EUR"),
        "the default one, not the first"
    );
    assert_eq!(
        facts.hosts,
        ["127.0.0.1", "9.myshoptet.com", "www.domecek.example"]
    );
    assert_eq!(
        facts.emails,
        ["info@domecek.example", "fakturace@domecek.example"]
    );
    assert_eq!(statuses, [(Some(-1), "Nevyřízená"), (Some(26), "")]);

    let mut configured = settings(&server.url);
    configured.currency = Some("HUF".into());
    configured.timezone = Some("Europe/Budapest".into());
    let facts = shop(&configured).facts().await.unwrap();
    assert_eq!(
        (facts.currency.as_deref(), facts.timezone.as_str()),
        (Some("HUF"), "Europe/Budapest")
    );
    let facts = shop(&exports_only(&server.url)).facts().await.unwrap();
    assert_eq!(
        (facts.name.as_str(), facts.timezone.as_str()),
        ("main", "Europe/Prague")
    );
}

#[tokio::test]
async fn check_finds_what_is_wrong_and_touches_nothing() {
    let jobs = Jobs {
        webhook: false,
        ..Jobs::new(&["completed"])
    };
    let server = SmallShop::start(move |asked, url| match asked.path.as_str() {
        "/api/customers" => refusal(403, "invalid-token-no-rights", "no rights"),
        "/export/customers.xml" => answer(200, "<CUSTOMERS>"),
        "/export/orders.xml" => answer(403, ""),
        _ => jobs.answer(asked, url),
    })
    .await;
    let folder = Folder::new();
    let without_address = Shop::with_pace(&settings(&server.url), None, "Europe/Prague", &fast()).unwrap();
    let findings = without_address.check(&folder.spool()).await;
    let lines: Vec<_> = findings
        .iter()
        .map(|finding| {
            let sign = if finding.ok { "ok" } else { "!!" };
            format!("{sign} {}: {} [{}]", finding.what, finding.detail, finding.hint)
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
    assert!(server.asked_at_all().iter().all(|asked| asked.method == "GET"));
    assert!(folder.files().is_empty(), "{:?}", folder.files());
    let trial = &server.asked("/export/orders.xml")[0].query;
    assert_eq!(trial["dateFrom"], trial["dateUntil"], "today alone");
}

// ---- what is logged ----

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Everything at every level, the libraries' lines included, of all tests of this file.
fn log() -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .init();
        log
    })
}

fn logged() -> String {
    String::from_utf8_lossy(&log().0.lock().unwrap()).into_owned()
}

#[tokio::test]
async fn a_deprecation_is_logged_once_per_endpoint() {
    log();
    let server = SmallShop::start(|_, _| {
        let response = with_header(data(r#"{"customer":{}}"#), "X-Shoptet-Deprecated", "since 2026");
        with_header(response, "Sunset", "Sat, 31 Dec 2028 23:59:59 GMT")
    })
    .await;
    let mut settings = settings(&server.url);
    settings.name = "ageing".into();
    let shop = shop(&settings);
    for guid in ["a", "b", "c"] {
        shop.customer(guid).await.unwrap();
    }
    let lines: Vec<_> = logged()
        .lines()
        .filter(|line| line.contains("shop=ageing"))
        .map(str::to_owned)
        .collect();
    let warnings: Vec<_> = lines.iter().filter(|line| line.contains("WARN")).collect();
    assert_eq!(warnings.len(), 1, "{lines:?}");
    assert!(
        warnings[0].contains("/api/customers/{id}") && warnings[0].contains("31 Dec 2028"),
        "{warnings:?}"
    );
}

#[tokio::test]
async fn neither_secrets_nor_people_are_logged_at_any_level() {
    log();
    let server = SmallShop::start(|asked, _| match asked.path.as_str() {
        "/token" => answer(200, r#"{"access_token":"logcanary-access"}"#),
        "/export/orders.xml" => with_header(
            answer(302, ""),
            "location",
            "/export/second.xml?hash=logcanary-hash",
        ),
        path if path.starts_with("/export") => answer(503, "logcanary-body"),
        "/api/customers/person" => data(r#"{"customer":{"email":"logcanary@example.cz"}}"#),
        _ => refusal(503, "busy", "logcanary@example.cz logcanary-access"),
    })
    .await;
    let mut settings = settings(&server.url);
    settings.api.as_mut().unwrap().token = ApiToken::Addon {
        oauth_token: Secret::new("logcanary-oauth".into()),
        token_url: server.url.join("/token").unwrap(),
    };
    let exports = settings.exports.as_mut().unwrap();
    exports.orders_hash = Some(Secret::new("logcanary-hash".into()));
    let shop = shop(&settings);
    assert!(shop.customer("person").await.unwrap().is_some());
    let errors = [
        shop.customer("faulty").await.unwrap_err(),
        shop.download_orders(&Folder::new().spool(), &Silent)
            .await
            .unwrap_err(),
    ];
    assert!(logged().contains("asking again"), "the log was captured");
    let all = format!(
        "{}{}{errors:?}",
        logged(),
        errors.iter().map(ToString::to_string).collect::<String>()
    );
    let leaks: Vec<_> = all.lines().filter(|line| line.contains("logcanary")).collect();
    assert!(leaks.is_empty(), "{leaks:?}");
}
