//! The sign of life for a dead-man switch.

use super::*;

fn config_of(url: &str, more: &str) -> Config {
    config(&format!("[schedule]\nheartbeat_url = \"{url}\"\n{more}"))
}

#[tokio::test]
async fn the_address_is_called_after_good_runs_only() {
    let server = SmallShop::start(|_, _| answer(200, "")).await;
    let url = format!("{}ping/4f1c?from=sync", server.url);
    let notices = start(&config_of(&url, ""));
    notices.tell(&bad("main"));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(server.asked_at_all().is_empty(), "not after a bad one");
    notices.tell(&good("second"));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(server.asked_at_all().is_empty(), "not while another part fails");
    notices.tell(&good("main"));
    until("it is called", || server.asked("/ping/4f1c").len() == 1).await;
    notices.tell(&good("second"));
    finish(notices).await;
    let asked = server.asked("/ping/4f1c");
    assert_eq!(asked.len(), 2);
    assert_eq!(
        (asked[0].method.as_str(), asked[0].query["from"].as_str()),
        ("GET", "sync")
    );
    assert_eq!(asked[0].body, "");
}

#[tokio::test]
async fn a_call_that_fails_is_tried_again_and_is_no_incident() {
    let (told_of, section) = told(r#"["failure", "recovery"]"#).await;
    let server = SmallShop::start(|_, _| answer(500, "")).await;
    let notices = start(&config_of(server.url.as_str(), &section));
    notices.tell(&good("main"));
    assert_eq!(finish(notices).await, Incidents::default());
    assert_eq!(
        server.asked("/").len(),
        4,
        "all attempts of one call, then no more"
    );
    assert!(told_of.asked_at_all().is_empty());
}

#[tokio::test]
async fn while_a_call_hangs_one_more_is_enough_for_all_later_runs() {
    let server = SmallShop::start(|_, _| {
        std::thread::sleep(Duration::from_millis(100));
        answer(200, "")
    })
    .await;
    let notices = start(&config_of(server.url.as_str(), ""));
    for _ in 0..50 {
        notices.tell(&good("main"));
    }
    tokio::task::yield_now().await;
    finish(notices).await;
    assert!(
        (1..=2).contains(&server.asked("/").len()),
        "{}",
        server.asked("/").len()
    );
}
