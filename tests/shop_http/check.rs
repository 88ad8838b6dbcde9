//! Facts about a shop, and `check`.

use super::*;

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
    let findings = without_address.check(&folder.spool()).await.findings;
    let lines: Vec<_> = findings
        .iter()
        .map(|finding| {
            let sign = if finding.ok { "ok" } else { "!!" };
            format!("{sign} {}: {} [{}]", finding.what, finding.detail, finding.hint)
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
    assert!(server.asked_at_all().iter().all(|asked| asked.method == "GET"));
    // Only that the link of the orders was tried, which may have moved the mark of the feed.
    assert_eq!(folder.files(), ["orders-tried.json"]);
    let trial = &server.asked("/export/orders.xml")[0].query;
    assert_eq!(trial["dateFrom"], trial["dateUntil"], "today alone");
}
