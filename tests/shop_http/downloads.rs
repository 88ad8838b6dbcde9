//! What may arrive instead of data, or not wholly.

use super::*;

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

/// A link that does not answer for long is not waited for in silence; one that answers soon is.
#[tokio::test]
async fn a_long_wait_is_told_once_with_its_reason() {
    let count = Arc::new(AtomicUsize::new(0));
    let server = SmallShop::start(move |_, _| match count.fetch_add(1, Ordering::SeqCst) % 4 {
        3 => answer(200, "<ORDERS></ORDERS>"),
        _ => answer(503, "later"),
    })
    .await;
    for (told_pause, times) in [(Duration::ZERO, 1), (Duration::from_secs(5), 0)] {
        let pace = Pace { told_pause, ..fast() };
        let shop = Shop::with_pace(&exports_only(&server.url), None, "UTC", &pace).unwrap();
        let told = Told::default();
        shop.download_orders(&Folder::new().spool(), &told).await.unwrap();
        let told = told.0.into_inner().unwrap();
        assert_eq!(told.len(), times, "{told:?}");
        for words in told {
            assert!(
                words.contains("orders export of shop") && words.contains("503"),
                "{words}"
            );
            assert!(words.contains("asked again in"), "{words}");
        }
    }
}
