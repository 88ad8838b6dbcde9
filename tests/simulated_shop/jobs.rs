//! Webhooks, jobs and their results.

use super::*;

#[tokio::test]
async fn a_snapshot_needs_a_webhook_takes_its_time_and_leaves_a_file_for_a_day() {
    let mut world = World::generate(4, 25, 60);
    world.clock = Clock::standing_at("2026-05-04T10:00:00Z".parse().unwrap());
    world.jobs_take.polls = 2;
    let visitor = Visitor::of(world).await;
    assert_eq!(visitor.register_job_finished().await.status(), 201);
    let again = refusal(visitor.register_job_finished().await).await;
    assert_eq!(again, (422, "webhook-already-exists".to_owned()));

    let id = visitor.start_snapshot("/api/customers/snapshot").await;
    let detail = format!("/api/system/jobs/{id}");
    for _ in 0..10 {
        assert_eq!(visitor.data(&detail).await["job"]["resultUrl"], Value::Null);
    }
    let expected = (403, "job-detail-try-counter-exceeded-limit".to_owned());
    assert_eq!(visitor.refused(&detail).await, expected);
    assert_eq!(
        visitor.data("/api/system/jobs").await["jobs"][0]["status"],
        "running"
    );
    let done = visitor.data("/api/system/jobs?status=completed").await;
    assert_eq!(done["jobs"][0]["jobId"], id);

    let url = visitor.data(&detail).await["job"]["resultUrl"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(url.starts_with(visitor.shop.url()));
    let bytes = visitor
        .client
        .get(&url)
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    let text = unpack(&bytes).unwrap();
    let guids: BTreeSet<String> = text
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["guid"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    let expected = visitor
        .shop
        .change(|w| w.customers.iter().map(|c| c.guid.clone()).collect());
    assert_eq!(guids, expected);

    visitor
        .shop
        .change(|world| world.time_passes(SignedDuration::from_hours(24)));
    assert_eq!(visitor.client.get(&url).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn jobs_end_in_every_way() {
    let visitor = Visitor::of(World::generate(5, 3, 3)).await;
    visitor.register_job_finished().await;
    for (end, status) in [
        (JobEnd::Failed, "failed"),
        (JobEnd::Expired, "expired"),
        (JobEnd::Killed, "killed"),
        (JobEnd::WithoutResult, "completed"),
        (JobEnd::Never, "running"),
    ] {
        visitor.shop.change(|world| world.next_jobs_end.push_back(end));
        let id = visitor.start_snapshot("/api/orders/snapshot?include=notes").await;
        visitor.data("/api/system/jobs").await;
        let job = visitor.data(&format!("/api/system/jobs/{id}")).await["job"].take();
        assert_eq!(
            (&job["status"], &job["resultUrl"]),
            (&json!(status), &Value::Null)
        );
    }
}

#[tokio::test]
async fn webhooks_can_be_listed_changed_and_removed() {
    let visitor = Visitor::of(World::generate(5, 1, 1)).await;
    visitor.register_job_finished().await;
    let id = visitor.data("/api/webhooks").await["webhooks"][0]["id"].clone();
    let path = format!("/api/webhooks/{id}");
    let url = json!({"data": {"url": "https://me.example/other"}});
    assert_eq!(
        visitor
            .api(reqwest::Method::PATCH, &path, Some(url))
            .await
            .status(),
        200
    );
    assert_eq!(
        visitor.data(&path).await["webhook"]["url"],
        "https://me.example/other"
    );
    let unknown = json!({"data": {"address": "https://me.example"}});
    assert_eq!(
        visitor
            .api(reqwest::Method::PATCH, &path, Some(unknown))
            .await
            .status(),
        422
    );
    assert_eq!(
        visitor.api(reqwest::Method::DELETE, &path, None).await.status(),
        200
    );
    assert_eq!(
        visitor.refused(&path).await,
        (404, "webhook-not-found".to_owned())
    );
}
