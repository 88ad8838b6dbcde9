//! Commands beside a daemon: those that read do so, those that write go through it.

use shoptet_sync::demo::generate::write_files;
use shoptet_sync::demo::{Fault, FaultKind};

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

/// What fails is in `status` until it is well again, and the log tells each failure with its hint once.
#[tokio::test(flavor = "multi_thread")]
async fn status_tells_what_fails_and_since_when() {
    let trial = a_trial(7).await;
    trial.import().await;
    let fault = Fault::always("/export/*", FaultKind::Status(404));
    trial.shop.change(|world| world.faults.push(fault));
    let mut daemon = Daemon::start(&trial);
    let failing = |daemon: &Daemon| {
        let ended = daemon.beside(&["status", "--json"]);
        let status: serde_json::Value = serde_json::from_slice(&ended.stdout).unwrap();
        status["shops"][0]["failing"].clone()
    };
    until("failing", &trial, || failing(&daemon).is_object()).await;
    let told = failing(&daemon);
    let cause = told["cause"].as_str().unwrap();
    assert!(
        !told["hint"].as_str().unwrap().is_empty() || cause.contains('('),
        "{told}"
    );
    let words = text(&daemon.beside(&["status"]).stdout);
    assert!(
        words.contains("fails since") && words.contains(&format!("because {cause}")),
        "{words}"
    );
    daemon.signal("TERM");
    assert_eq!(daemon.ended(), Some(0));
    let words = text(&daemon.beside(&["status"]).stdout);
    assert!(words.contains("when the daemon ended, because"), "{words}");
    let log = std::fs::read_to_string(trial.folder.path().join("log")).unwrap();
    assert!(!log.contains("hint="), "{log}");
    trial.shop.change(|world| world.faults.clear());
    let daemon = Daemon::start(&trial);
    until("being well", &trial, || failing(&daemon).is_null()).await;
}

/// The scheduler's own messages are for whoever asks for them.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_begins_with_what_concerns_somebody() {
    let trial = a_trial(8).await;
    let configuration = trial.configuration();
    let log = trial.folder.path().join("log");
    let mut process = program(&configuration, &["run"])
        .env_remove("RUST_LOG")
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let read = || std::fs::read_to_string(&log).unwrap();
    until("the first import", &trial, || is_in_step(&trial)).await;
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(read().contains("at work"), "{}", read());
    assert!(
        !read().contains("Uninited") && !read().contains("creator"),
        "{}",
        read()
    );
}

/// Without a way into the shop nothing begins until somebody brings files, through the daemon.
#[tokio::test(flavor = "multi_thread")]
async fn files_are_taken_before_anything_was_imported() {
    let mut trial = a_trial(17).await;
    let folder = trial.folder.path().to_owned();
    let (customers, orders) = (folder.join("customers.jsonl.gz"), folder.join("orders.xml"));
    // The same shop.
    write_files(17, 20, 50, &folder).unwrap();
    // It cannot read the shop: the first import fails and is tried again in a minute.
    trial.shop.change(|world| {
        world
            .faults
            .push(Fault::always("/export/*", FaultKind::Status(404)))
    });
    trial.more.top = EVERY_SECOND;
    let daemon = Daemon::start(&trial);
    let log = || std::fs::read_to_string(folder.join("log")).unwrap_or_default();
    until("the first try", &trial, || log().contains("import:")).await;

    let status = daemon.beside(&["status"]);
    let told = text(&status.stdout);
    assert_eq!(status.status.code(), Some(0), "{told}{}", text(&status.stderr));
    assert!(
        told.contains("`run`") && told.contains("nothing is imported yet"),
        "{told}"
    );
    let unknown = daemon.beside(&["parked", "retry", "--all"]);
    assert_eq!(unknown.status.code(), Some(2), "{}", text(&unknown.stderr));

    let (customers, orders) = (customers.to_str().unwrap(), orders.to_str().unwrap());
    let words = [
        "import",
        "--shop",
        "main",
        "--customers",
        customers,
        "--orders",
        orders,
    ];
    let imported = daemon.beside(&words);
    assert_eq!(imported.status.code(), Some(0), "{}", text(&imported.stderr));
    assert!(is_in_step(&trial), "{}", text(&imported.stdout));
    trial.shop.change(|world| {
        world.faults.clear();
        world.customer_orders().unwrap();
    });
    until("following", &trial, || is_in_step(&trial)).await;
}
