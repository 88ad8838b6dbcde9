//! Commands beside a daemon: those that read do so, those that write go through it.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn commands_go_through_it() {
    let mut trial = a_trial(4).await;
    // Nothing by itself in the time of a test.
    trial.more.top = "[schedule]\nincremental = \"0 0 0 1 1 *\"\nreconcile = \"0 0 0 1 1 *\"\n";
    let daemon = Daemon::start(&trial);
    until("the first import", &trial, || is_in_step(&trial)).await;
    let second = daemon.beside(&["run"]);
    assert_eq!(second.status.code(), Some(2), "{}", text(&second.stderr));
    assert!(text(&second.stderr).contains("run"), "{}", text(&second.stderr));
    for words in [&["status"][..], &["parked"], &["plan"], &["statuses"]] {
        let ended = daemon.beside(words);
        assert_eq!(ended.status.code(), Some(0), "{words:?}: {}", text(&ended.stderr));
    }
    for words in [&["sync"][..], &["import"]] {
        trial.shop.change(|world| world.customer_orders().unwrap());
        let ended = daemon.beside(words);
        assert_eq!(ended.status.code(), Some(0), "{words:?}: {}", text(&ended.stderr));
        assert!(
            text(&ended.stdout).contains("1 order"),
            "{words:?}: {}",
            text(&ended.stdout)
        );
        assert!(is_in_step(&trial), "{words:?}");
    }
    let ended = daemon.beside(&["sync", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(report["failures"], serde_json::json!([]));
    let ended = daemon.beside(&["link", "nobody@posta.example", "contacts", "x"]);
    assert_eq!(ended.status.code(), Some(2), "{}", text(&ended.stderr));
    let ended = daemon.beside(&["parked", "dismiss", "nothing"]);
    assert!(
        text(&ended.stderr).contains("nothing is parked under"),
        "{}",
        text(&ended.stderr)
    );
}

/// Forgetting goes through the daemon, which works on meanwhile; a backup is made beside it.
#[tokio::test(flavor = "multi_thread")]
async fn forgetting_goes_through_it_and_a_backup_beside_it() {
    let trial = a_trial(6).await;
    let daemon = Daemon::start(&trial);
    until("the first import", &trial, || is_in_step(&trial)).await;
    let email = trial
        .shop
        .change(|world| world.customers[0].accounts[0].email.clone());
    let row = || {
        let key = trial
            .shop
            .change(|world| format!("main:c:{}", world.customers[0].guid));
        trial.database().contacts.get(&key).cloned().unwrap()
    };
    assert_eq!(row().email, email.to_lowercase());
    let ended = daemon.beside(&["forget", &email, "--yes", "--whole", "--json"]);
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    let forgotten: serde_json::Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(forgotten["targets"][0]["emptied"], 1, "{forgotten}");
    assert_eq!(row().email, "");
    // Runs go on, with what the shop tells of them too.
    let guid = trial.shop.change(|world| {
        let guid = world.customers[0].guid.clone();
        world.touch_customer(&guid);
        guid
    });
    let before = trial.database().contacts.len();
    trial.shop.change(|world| {
        let like = world.orders[0].clone();
        world.add_customer("new.face@posta.example", &like)
    });
    let has_come = || trial.database().contacts.len() > before;
    until("the new customer", &trial, has_come).await;
    assert_eq!(row().email, "", "{guid} stays forgotten");
    let file = trial.folder.path().join("backup.db");
    let made = daemon.beside(&["backup", &file.display().to_string()]);
    assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
    let sound = daemon.beside(&["backup", "--verify", &file.display().to_string(), "--json"]);
    let held: serde_json::Value = serde_json::from_slice(&sound.stdout).unwrap();
    assert_eq!(held["suppressed"], 1, "{held}");
    let lifted = daemon.beside(&["forget", "--lift", &email]);
    assert_eq!(lifted.status.code(), Some(0), "{}", text(&lifted.stderr));
    let log = std::fs::read_to_string(trial.folder.path().join("log")).unwrap();
    assert!(!log.contains(&email), "{log}");
}
