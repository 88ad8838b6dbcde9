//! Addresses that are busy, broken, slow or gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use small_shop::with_header;

/// A server that answers with these statuses in turn, then with 200.
async fn answering(statuses: &'static [u16]) -> SmallShop {
    let next = Arc::new(AtomicUsize::new(0));
    SmallShop::start(move |_, _| {
        let number = next.fetch_add(1, Ordering::SeqCst);
        answer(statuses.get(number).copied().unwrap_or(200), "")
    })
    .await
}

#[tokio::test]
async fn a_fault_that_may_pass_is_tried_again_at_once() {
    for statuses in [&[500, 503][..], &[429], &[408, 502, 504]] {
        let server = answering(statuses).await;
        let patience = fast_without_again();
        let config = config(&section(&server, r#"["failure"]"#));
        let notices = Notices::start_with(&config, Incidents::default(), &patience).unwrap();
        notices.tell(&bad("main"));
        finish(notices).await;
        assert_eq!(server.asked("/hook").len(), statuses.len() + 1, "{statuses:?}");
    }
}

#[tokio::test]
async fn retry_after_is_waited_for() {
    let next = Arc::new(AtomicUsize::new(0));
    let server = SmallShop::start(move |_, _| match next.fetch_add(1, Ordering::SeqCst) {
        0 => with_header(answer(429, ""), "retry-after", "1"),
        _ => answer(204, ""),
    })
    .await;
    let notices = start(&config(&section(&server, r#"["failure"]"#)));
    let began = Instant::now();
    notices.tell(&bad("main"));
    finish(notices).await;
    assert_eq!(server.asked("/hook").len(), 2);
    assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_refusal_is_tried_again_later_and_no_redirect_is_followed() {
    for status in [400, 401, 404, 302, 307] {
        let server = SmallShop::start(move |asked, _| match asked.path.as_str() {
            "/hook" => with_header(answer(status, ""), "location", "/elsewhere"),
            _ => answer(200, ""),
        })
        .await;
        let patience = fast_without_again();
        let config = config(&section(&server, r#"["failure", "run"]"#));
        let notices = Notices::start_with(&config, Incidents::default(), &patience).unwrap();
        notices.tell(&bad("main"));
        until("it was tried", || !server.asked("/hook").is_empty()).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(
            server.asked("/hook").len(),
            1,
            "{status}: once, and not in a loop"
        );
        assert!(server.asked("/elsewhere").is_empty(), "{status}");
        // Something new does not wait for the pause.
        notices.tell(&bad("main"));
        until("it is tried again", || server.asked("/hook").len() == 2).await;
        let incidents = notices.finish(Duration::from_secs(20)).await;
        assert_eq!(incidents.open().count(), 1, "it stays owed");
        assert_eq!(heard(&server)[..2], ["failure shop main"; 2]);
    }
}

#[tokio::test]
async fn an_address_that_was_away_is_told_when_it_is_back() {
    let server = answering(&[400; 5]).await;
    let notices = start(&config(&section(&server, r#"["failure"]"#)));
    notices.tell(&bad("main"));
    until("it is told without another run", || {
        server.asked("/hook").len() == 6
    })
    .await;
    finish(notices).await;
    assert_eq!(server.asked("/hook").len(), 6, "and then no more");
}

#[tokio::test]
async fn who_never_answers_holds_up_neither_the_run_nor_others() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent_section = format!(
        "[[notify]]\non = [\"failure\", \"run\"]\nurl = \"http://{}/hook\"\n",
        silent.local_addr().unwrap()
    );
    let (server, section) = told(r#"["failure"]"#).await;
    let mut patience = fast();
    patience.http.answer = Duration::from_secs(3600);
    let config = config(&format!("{silent_section}{section}"));
    let notices = Notices::start_with(&config, Incidents::default(), &patience).unwrap();
    let began = Instant::now();
    for _ in 0..1_000 {
        notices.tell(&bad("main"));
    }
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    until("the other one is told", || server.asked("/hook").len() == 1).await;
    let began = Instant::now();
    let incidents = notices.finish(Duration::from_millis(100)).await;
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "the end waits no longer than it may"
    );
    assert_eq!(incidents.open().count(), 1);
}

#[tokio::test]
async fn runs_that_wait_are_bounded_and_the_newest_are_kept() {
    let server = SmallShop::start(|_, _| answer(200, "")).await;
    let notices = start(&config(&section(&server, r#"["run"]"#)));
    // On this one thread no task runs in between.
    for number in 0..100 {
        notices.tell(&outcome(&format!("sync {number}")).with(shop("main"), None));
    }
    finish(notices).await;
    let heard = heard(&server);
    assert_eq!(heard.len(), 32);
    assert_eq!(
        (heard[0].as_str(), heard[31].as_str()),
        ("run sync 68", "run sync 99")
    );
}

#[tokio::test]
async fn a_run_that_could_not_be_told_is_not_told_later() {
    let server = answering(&[400]).await;
    let notices = start(&config(&section(&server, r#"["run"]"#)));
    notices.tell(&good("main"));
    until("it was tried", || server.asked("/hook").len() == 1).await;
    notices.tell(&good("second"));
    finish(notices).await;
    assert_eq!(heard(&server), ["run sync main", "run sync second"]);
}
