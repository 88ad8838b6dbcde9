//! Snapshot jobs: every state, killed in between, and where the result may lie.

use super::*;

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

/// A state that is new to us says nothing about the end: it is waited on like any other, and as long.
#[tokio::test]
async fn a_state_that_nobody_knows_is_waited_on() {
    let states: Vec<_> = std::iter::repeat_n("being-archived", 12)
        .chain(["completed"])
        .collect();
    let server = Jobs::new(states.leak()).start().await;
    let download = shop(&settings(&server.url))
        .download_customers(&Folder::new().spool(), &Silent)
        .await
        .unwrap();
    assert_eq!(download.bytes, LINES.len() as u64);
    assert_eq!(server.asked("/api/system/jobs").len(), 13);
    assert_eq!(
        server.asked("/api/system/jobs/j1").len(),
        1,
        "only when it has ended"
    );

    let server = Jobs::new(&["being-archived"]).start().await;
    let pace = Pace {
        job_longest: Duration::from_millis(50),
        ..fast()
    };
    let impatient = Shop::with_pace(&settings(&server.url), None, "UTC", &pace).unwrap();
    let error = fails(impatient.download_customers(&Folder::new().spool(), &Silent)).await;
    assert_eq!(error.kind(), Kind::JobFailed);
    assert!(error.cause().contains("did not end within the time"), "{error}");
    assert_eq!(server.asked("/api/system/jobs/j1").len(), 0);
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
async fn a_result_with_nothing_in_it_is_no_shop_without_customers() {
    for nothing in ["", "\n \n"] {
        let jobs = Jobs::new(&["completed"]);
        let server = SmallShop::start(move |asked, url| match asked.path.as_str() {
            path if path.starts_with("/api-results/") => answer(200, nothing),
            _ => jobs.answer(asked, url),
        })
        .await;
        let folder = Folder::new();
        let error = fails(shop(&settings(&server.url)).download_customers(&folder.spool(), &Silent)).await;
        assert_eq!(
            (error.kind(), error.cause()),
            (Kind::Truncated, "the answer was empty")
        );
        assert_eq!(folder.spool().complete(Section::Customers).unwrap(), None);
    }
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
