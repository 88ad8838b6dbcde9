//! Faults do what they say, and are seen.

use super::*;

#[tokio::test]
async fn faults_do_what_they_say() {
    let visitor = Visitor::of(World::generate(13, 20, 50)).await;
    let link = visitor.link("/export/orders.xml?patternId=-11", "orders");
    let whole = visitor
        .codes("/export/orders.xml?patternId=-11", "orders")
        .await
        .len();
    assert_eq!(whole, 50);
    let queue = |kind: FaultKind| {
        visitor
            .shop
            .change(|world| world.faults.push(Fault::once("/export/orders.*", kind)));
    };
    let ask = || async { visitor.client.get(&link).send().await };
    let text =
        || async { String::from_utf8_lossy(&ask().await.unwrap().bytes().await.unwrap()).into_owned() };

    queue(FaultKind::Reset);
    assert!(ask().await.is_err());
    queue(FaultKind::Truncate { percent: 50 });
    assert!(ask().await.unwrap().bytes().await.is_err());
    queue(FaultKind::EndsEarly { percent: 50 });
    assert!(!text().await.contains("</ORDERS>"));
    queue(FaultKind::Html);
    assert!(text().await.starts_with("<!DOCTYPE html>"));
    queue(FaultKind::Doctype);
    assert!(text().await.contains("<!ENTITY"));
    queue(FaultKind::DeepNesting { levels: 1000 });
    let deep = text().await;
    assert!(deep.contains(&"<DEEP>".repeat(1000)) && deep.ends_with("</ORDER>\n</ORDERS>\n"));
    queue(FaultKind::EmptyDocument);
    assert_eq!(
        text().await,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<ORDERS></ORDERS>\n"
    );
    queue(FaultKind::EmptyBody);
    assert_eq!(text().await, "");
    for damaged in [FaultKind::InvalidUtf8, FaultKind::WrongDeclaredEncoding] {
        queue(damaged);
        let bytes = ask().await.unwrap().bytes().await.unwrap();
        assert!(bytes.starts_with(b"<?xml version=\"1.0\" encoding=\"utf-8\"?>"));
        assert!(std::str::from_utf8(&bytes).is_err());
    }
    queue(FaultKind::Redirect("http://elsewhere.example/".to_owned()));
    assert_eq!(
        ask().await.unwrap().headers()["location"],
        "http://elsewhere.example/"
    );
    queue(FaultKind::Busy {
        retry_after: "7".to_owned(),
    });
    assert_eq!(ask().await.unwrap().headers()["retry-after"], "7");
    queue(FaultKind::Status(503));
    assert_eq!(ask().await.unwrap().status(), 503);
    for (slow, least) in [
        (FaultKind::Hang(Duration::from_millis(200)), 200),
        (
            FaultKind::SlowDrip {
                bytes: 50_000,
                pause: Duration::from_millis(20),
            },
            40,
        ),
    ] {
        queue(slow);
        let start = std::time::Instant::now();
        assert!(text().await.ends_with("</ORDERS>\n"));
        assert!(start.elapsed() >= Duration::from_millis(least));
    }
    assert!(
        visitor.shop.change(|world| world.faults.is_empty()),
        "every fault happened"
    );
    assert!(text().await.ends_with("</ORDERS>\n"));
}

#[tokio::test]
async fn a_lost_answer_was_carried_out() {
    let visitor = Visitor::of(World::generate(13, 1, 1)).await;
    visitor.shop.change(|world| {
        world
            .faults
            .push(Fault::once("POST /api/webhooks", FaultKind::LostAnswer))
    });
    let url = format!("{}/api/webhooks", visitor.shop.api_url());
    let body = json!({"data": [{"event": "job:finished", "url": "https://me.example/hook"}]});
    let sent = visitor
        .client
        .post(url)
        .header(PRIVATE, &visitor.token)
        .json(&body)
        .send()
        .await;
    assert!(sent.is_err());
    assert_eq!(visitor.shop.change(|world| world.webhooks.len()), 1);
    let log = visitor.shop.requests();
    assert_eq!(
        (log[0].status, &log[0].fault),
        (Some(201), &Some(FaultKind::LostAnswer))
    );
}

#[tokio::test]
async fn damaged_results_of_jobs() {
    let visitor = Visitor::of(World::generate(14, 20, 5)).await;
    visitor.register_job_finished().await;
    let id = visitor.start_snapshot("/api/customers/snapshot").await;
    visitor.data("/api/system/jobs").await;
    let job = visitor.data(&format!("/api/system/jobs/{id}")).await;
    let url = job["job"]["resultUrl"].as_str().unwrap().to_owned();
    let download = |kind: FaultKind| {
        visitor
            .shop
            .change(|world| world.faults.push(Fault::once("/api-results/*", kind)));
        async {
            visitor
                .client
                .get(&url)
                .send()
                .await
                .unwrap()
                .bytes()
                .await
                .unwrap()
        }
    };
    assert!(unpack(&download(FaultKind::BadGzipCrc).await).is_err());
    assert!(unpack(&download(FaultKind::EndsEarly { percent: 90 }).await).is_err());
    assert!(unpack(&download(FaultKind::InvalidUtf8).await).is_err());
    assert_eq!(unpack(&download(FaultKind::EmptyDocument).await).unwrap(), "");
    assert!(
        unpack(&download(FaultKind::DeepNesting { levels: 500 }).await)
            .unwrap()
            .ends_with("]]]\n")
    );
    let bomb = download(FaultKind::GzipBomb { mebibytes: 64 }).await;
    assert!(bomb.len() < 1 << 20);
    assert_eq!(unpack(&bomb).unwrap().len(), 64 << 20);
}
