//! Once per incident: when it begins, when it ends, across restarts and changed configurations.

use super::*;

const BOTH: &str = r#"["failure", "recovery"]"#;

#[tokio::test]
async fn an_incident_is_told_once_when_it_begins_and_once_when_it_ends() {
    let (server, section) = told(BOTH).await;
    let notices = start(&config(&section));
    notices.tell(&good("main"));
    for _ in 0..5 {
        notices.tell(&bad("main"));
    }
    until("the failure arrives", || server.asked("/hook").len() == 1).await;
    notices.tell(&bad("main"));
    for _ in 0..3 {
        notices.tell(&good("main"));
    }
    until("the recovery arrives", || server.asked("/hook").len() == 2).await;
    notices.tell(&good("main"));
    assert_eq!(finish(notices).await, Incidents::default());
    assert_eq!(heard(&server), ["failure shop main", "recovery shop main"]);
}

#[tokio::test]
async fn a_message_has_all_its_fields() {
    let (server, section) = told(r#"["failure", "recovery", "run"]"#).await;
    let notices = start(&config(&section));
    let before = Timestamp::now();
    notices.tell(&bad("main"));
    until("failure and run arrive", || server.asked("/hook").len() == 2).await;
    notices.tell(&good("main"));
    finish(notices).await;

    let asked = server.asked("/hook");
    assert_eq!(asked[0].method, "POST");
    assert_eq!(asked[0].header("content-type"), "application/json");
    let [failure, run, recovery, good_run] = messages(&server).try_into().unwrap();
    let moment = |message: &Value, field: &str| -> Timestamp {
        let text = message[field].as_str().unwrap();
        assert!(!text.contains('.'), "whole seconds: {text}");
        text.parse().unwrap()
    };
    let since = moment(&failure, "since");
    assert!(since.duration_since(before).as_secs().abs() <= 2);
    let day = since.strftime("%Y-%m-%d %H:%M UTC").to_string();
    let hint = "check the address and the network; the next run tries again";
    let cause = "asking the shop for changes: no answer within 60 s";
    assert_eq!(
        failure,
        json!({
            "event": "failure",
            "what": "shop main",
            "since": since.to_string(),
            "time": since.to_string(),
            "cause": cause,
            "hint": hint,
            "needs_person": false,
            "counts": { "orders_read": 7 },
            "version": env!("CARGO_PKG_VERSION"),
            "text": format!("shoptet-sync: shop main fails since {day}: {cause} ({hint})"),
        })
    );
    assert_eq!(
        recovery,
        json!({
            "event": "recovery",
            "what": "shop main",
            "since": since.to_string(),
            "time": moment(&recovery, "time").to_string(),
            "cause": cause,
            "hint": null,
            "needs_person": false,
            "counts": { "orders_read": 7 },
            "version": env!("CARGO_PKG_VERSION"),
            "text": format!("shoptet-sync: shop main works again; it failed since {day}: {cause}"),
        })
    );
    assert!(moment(&recovery, "time") >= since);
    assert_eq!(run["event"], "run");
    assert_eq!(run["what"], "sync main");
    assert_eq!(run["since"], "2026-07-01T10:00:00Z", "when it began");
    assert_eq!(run["cause"], format!("shop main: {cause}"));
    assert_eq!(
        run["text"],
        format!("shoptet-sync: sync main failed: shop main: {cause}")
    );
    assert_eq!(good_run["cause"], Value::Null);
    assert_eq!(good_run["text"], "shoptet-sync: sync main is done");
    assert_eq!(good_run["counts"], json!({ "orders_read": 7 }));
}

#[tokio::test]
async fn parts_fail_and_recover_each_by_itself() {
    let (server, section) = told(BOTH).await;
    let notices = start(&config(&section));
    let login = Error::new(Kind::LoginRefused, "writing to contacts", "401");
    notices.tell(&bad("main").with(target("contacts"), Some(&login)));
    until("both failures arrive", || server.asked("/hook").len() == 2).await;
    notices.tell(&good("second"));
    notices.tell(&bad("second"));
    until("the third arrives", || server.asked("/hook").len() == 3).await;
    // A run that does not come to the target says nothing about it.
    notices.tell(&good("main"));
    finish(notices).await;
    assert_eq!(
        heard(&server),
        [
            "failure shop main",
            "failure target contacts",
            "failure shop second",
            "recovery shop main"
        ]
    );
    assert_eq!(messages(&server)[1]["needs_person"], true);
}

#[tokio::test]
async fn everybody_hears_only_what_they_asked_for() {
    let (failures, one) = told(r#"["failure"]"#).await;
    let (recoveries, two) = told(r#"["recovery"]"#).await;
    let (runs, three) = told(r#"["run"]"#).await;
    let (defaults, _) = told("").await;
    let four = format!("[[notify]]\nurl = \"{}hook\"\n", defaults.url);
    let notices = start(&config(&format!("{one}{two}{three}{four}")));
    notices.tell(&bad("main"));
    until("the failure arrives", || defaults.asked("/hook").len() == 1).await;
    until("the failure arrives", || failures.asked("/hook").len() == 1).await;
    notices.tell(&good("main"));
    notices.tell(&good("main"));
    finish(notices).await;
    assert_eq!(heard(&failures), ["failure shop main"]);
    assert_eq!(heard(&recoveries), ["recovery shop main"]);
    assert_eq!(heard(&runs), ["run sync main"; 3]);
    assert_eq!(heard(&defaults), ["failure shop main", "recovery shop main"]);
}

#[tokio::test]
async fn two_sections_of_one_way_are_one_receiver() {
    let (server, section_of_failures) = told(r#"["failure"]"#).await;
    let sections = format!("{section_of_failures}{}", section(&server, BOTH));
    let notices = start(&config(&sections));
    notices.tell(&bad("main"));
    finish(notices).await;
    assert_eq!(heard(&server), ["failure shop main"]);
}

#[tokio::test]
async fn a_restart_neither_repeats_nor_forgets_an_incident() {
    let (server, section) = told(BOTH).await;
    let config = config(&section);
    let notices = start(&config);
    notices.tell(&bad("main"));
    let remembered = serde_json::to_string(&finish(notices).await).unwrap();
    assert!(
        !remembered.contains("127.0.0.1"),
        "an address may hold a token: {remembered}"
    );

    let incidents = serde_json::from_str(&remembered).unwrap();
    let notices = Notices::start_with(&config, incidents, &fast()).unwrap();
    notices.tell(&bad("main"));
    notices.tell(&good("main"));
    assert_eq!(finish(notices).await, Incidents::default());
    assert_eq!(heard(&server), ["failure shop main", "recovery shop main"]);
}

#[tokio::test]
async fn what_could_not_be_told_is_told_after_a_restart() {
    let (server, section) = told(BOTH).await;
    let nobody = config("[[notify]]\nurl = \"http://127.0.0.1:9/hook\"\n");
    let notices = start(&nobody);
    notices.tell(&bad("main"));
    let incidents = finish(notices).await;
    assert_eq!(incidents.open().count(), 1);
    let notices = Notices::start_with(&config(&section), incidents, &fast()).unwrap();
    until("it is told without any run", || server.asked("/hook").len() == 1).await;
    finish(notices).await;
    assert_eq!(heard(&server), ["failure shop main"]);
}

#[tokio::test]
async fn the_end_is_told_although_the_beginning_never_could_be() {
    let is_up = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let asked = is_up.clone();
    let server = SmallShop::start(move |_, _| {
        let is_up = asked.load(std::sync::atomic::Ordering::SeqCst);
        answer(if is_up { 200 } else { 400 }, "")
    })
    .await;
    let notices = start(&config(&section(&server, BOTH)));
    notices.tell(&bad("main"));
    until("it was tried", || !server.asked("/hook").is_empty()).await;
    notices.tell(&good("main"));
    is_up.store(true, std::sync::atomic::Ordering::SeqCst);
    until("nothing is owed", || {
        *notices.incidents().borrow() == Incidents::default()
    })
    .await;
    finish(notices).await;
    assert_eq!(heard(&server).last().unwrap(), "recovery shop main");
}

#[tokio::test]
async fn a_part_that_is_no_longer_configured_is_forgotten() {
    let (server, section) = told(BOTH).await;
    let notices = start(&config(&section));
    notices.tell(&bad("main").with(target("gone"), Some(&unreachable())));
    let incidents = finish(notices).await;
    assert_eq!(incidents.open().count(), 2);
    let notices = Notices::start_with(&config(&section), incidents, &fast()).unwrap();
    let open: Vec<String> = notices
        .incidents()
        .borrow()
        .open()
        .map(|(part, ..)| part.to_string())
        .collect();
    assert_eq!(open, ["shop main"]);
    finish(notices).await;
    assert_eq!(server.asked("/hook").len(), 2, "and nobody is told");
}

#[tokio::test]
async fn a_run_that_was_told_to_end_is_neither_failure_nor_success() {
    let (server, section) = told(r#"["failure", "recovery", "run"]"#).await;
    let notices = start(&config(&section));
    let stopped = Error::new(Kind::Interrupted, "reading", "the program was told to end");
    notices.tell(&outcome("sync main").with(shop("main"), Some(&stopped)));
    assert_eq!(finish(notices).await, Incidents::default());
    assert_eq!(heard(&server), [""; 0]);
}

#[tokio::test]
async fn changes_are_announced_to_whoever_remembers_them() {
    let (_server, section) = told(BOTH).await;
    let notices = start(&config(&section));
    let mut incidents = notices.incidents();
    notices.tell(&good("main"));
    assert!(!incidents.has_changed().unwrap(), "a good run writes nothing");
    notices.tell(&bad("main"));
    // Once that it began, once that it was told, or both at once.
    let told = incidents.wait_for(|incidents| {
        let text = serde_json::to_value(incidents).unwrap();
        text["shop main"]["told"]
            .as_array()
            .is_some_and(|told| told.len() == 1)
    });
    tokio::time::timeout(Duration::from_secs(20), told)
        .await
        .unwrap()
        .unwrap();
    notices.tell(&bad("main"));
    assert!(
        !incidents.has_changed().unwrap(),
        "nor does a failure that is known"
    );
    finish(notices).await;
}
