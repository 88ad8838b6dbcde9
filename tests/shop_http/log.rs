//! What is logged, and what never is.

use futures_util::StreamExt as _;
use shoptet_sync::source::OrdersLink;

use super::*;

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
    exports.orders_feed_hash = Some(Secret::new("logcanary-feed&updateTimeFrom=logcanary".into()));
    let shop = shop(&settings);
    assert!(shop.customer("person").await.unwrap().is_some());
    let (folder, now, locale) = (Folder::new(), jiff::Timestamp::now(), simulated::locale());
    let guids = ["person", "faulty"].map(str::to_owned);
    let details: Vec<_> = shop.customer_details(guids, &locale).unwrap().collect().await;
    let told = format!("{details:?}");
    assert!(
        told.contains("the guid is missing") && told.contains("HTTP 503"),
        "{told}"
    );
    let errors = [
        shop.customer("faulty").await.unwrap_err(),
        shop.download_orders(&folder.spool(), &Silent).await.unwrap_err(),
        shop.download_changed_orders(OrdersLink::Feed, now, &folder.spool(), &Silent)
            .await
            .unwrap_err(),
        shop.changes(Section::Customers, now, &folder.spool(), &Silent)
            .await
            .unwrap_err(),
        shop.newsletter(None).await.err().unwrap(),
    ];
    assert!(logged().contains("asking again"), "the log was captured");
    let all = format!(
        "{}{told}{errors:?}{}",
        logged(),
        errors.iter().map(ToString::to_string).collect::<String>()
    );
    let leaks: Vec<_> = all.lines().filter(|line| line.contains("logcanary")).collect();
    assert!(leaks.is_empty(), "{leaks:?}");
}
