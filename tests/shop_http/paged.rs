//! Customers one by one, where no job can run.

use super::*;

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
