//! Killed at any moment, by nobody's leave: the next run ends where an undisturbed one does.

use std::process::{Child, Command, Stdio};
use std::time::Instant;

use shoptet_sync::demo::random::Random;

use super::*;
use crate::life::rounds;

/// Columns that tell when, not what.
const TIMES: [&str; 3] = ["created_at", "updated_at", "gone_at"];

#[tokio::test(flavor = "multi_thread")]
async fn a_first_import_can_be_killed_anywhere() {
    let trial = Trial::by(World::generate(41, 60, 200), Customers::Xml, Orders::Xml).await;
    let configuration = trial.configuration();
    let began = Instant::now();
    finished(start(&configuration));
    let undisturbed = began.elapsed();
    let expected = dump(&trial.contacts(), &TIMES);
    trial.agrees("undisturbed");
    let mut chance = Random::new(41);
    for round in 0..rounds(8) {
        std::fs::remove_dir_all(trial.state()).unwrap();
        let after = moment(&mut chance, undisturbed);
        let mut run = start(&configuration);
        let killed = watch_and_kill(&trial, &mut run, after);
        finished(start(&configuration));
        let about = format!("round {round}, killed after {after:?}: {killed}");
        same(&expected, &dump(&trial.contacts(), &TIMES), &about);
        let files = std::fs::read_dir(trial.state())
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        let left: Vec<_> = files
            .filter(|name| name.to_string_lossy().contains(".new"))
            .collect();
        assert!(left.is_empty(), "{about}: {left:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_import_can_be_killed_anywhere() {
    let trial = Trial::by(World::generate(42, 60, 200), Customers::Xml, Orders::Xml).await;
    let configuration = trial.configuration();
    finished(start(&configuration));
    let as_imported = trial.folder.path().join("as-imported");
    copy(&trial.state(), &as_imported);
    let mut story = Vec::new();
    trial.shop.change(|world| {
        for _ in 0..30 {
            story.extend(world.something_happens().map(|event| event.sentence));
        }
    });
    let began = Instant::now();
    finished(start(&configuration));
    let undisturbed = began.elapsed();
    // What is deleted has to be missing in two listings, and a run that was killed may have had one.
    finished(start(&configuration));
    let expected = without_merged(dump(&trial.contacts(), &TIMES));
    let mut chance = Random::new(42);
    for round in 0..rounds(8) {
        std::fs::remove_dir_all(trial.state()).unwrap();
        copy(&as_imported, &trial.state());
        let after = moment(&mut chance, undisturbed);
        let mut run = start(&configuration);
        let killed = watch_and_kill(&trial, &mut run, after);
        finished(start(&configuration));
        finished(start(&configuration));
        let about = format!("round {round}, killed after {after:?}: {killed}, {story:#?}");
        let found = without_merged(dump(&trial.contacts(), &TIMES));
        same(&expected, &found, &about);
    }
}

/// Found by chance: a run that was killed between its listing and what is missing in it. The next one took
/// that listing for one that still held the missing, and so two people for customers at the same time.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_known_before_the_listing_counts() {
    let trial = Trial::by(World::generate(43, 30, 60), Customers::Xml, Orders::Xml).await;
    trial.import().await;
    let as_imported = trial.folder.path().join("as-imported");
    copy(&trial.state(), &as_imported);
    trial.shop.change(|world| {
        for _ in 0..4 {
            world.customer_is_deleted_and_registers_again().unwrap();
        }
    });
    trial.import().await;
    trial.import().await;
    let expected = without_merged(dump(&trial.contacts(), &TIMES));

    std::fs::remove_dir_all(trial.state()).unwrap();
    copy(&as_imported, &trial.state());
    let state = || Connection::open(trial.state().join("state.db")).unwrap();
    state()
        .execute_batch(
            "CREATE TRIGGER killed BEFORE INSERT ON readings BEGIN SELECT RAISE(ABORT, 'as if it were killed'); END;
             CREATE TRIGGER killed_too BEFORE UPDATE ON readings BEGIN SELECT RAISE(ABORT, 'as if it were killed'); END",
        )
        .unwrap();
    trial.try_import().await.unwrap_err();
    state()
        .execute_batch("DROP TRIGGER killed; DROP TRIGGER killed_too")
        .unwrap();
    trial.import().await;
    trial.import().await;
    let found = without_merged(dump(&trial.contacts(), &TIMES));
    same(&expected, &found, "killed before what is missing was noted");
}

/// Whoever was merged before anybody wrote them down needs no row.
fn without_merged(dump: Vec<String>) -> Vec<String> {
    dump.into_iter()
        .filter(|row| !row.contains(" | merged_into="))
        .collect()
}

fn start(configuration: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_shoptet-sync"))
        .args(["import", "--config"])
        .arg(configuration)
        .env("RUST_LOG", "warn")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn finished(run: Child) {
    let output = run.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
}

/// Some time within a run, with a little beyond its end.
fn moment(chance: &mut Random, run: Duration) -> Duration {
    run * u32::try_from(chance.below(1_100)).unwrap() / 1_000
}

/// Lets the run go on for so long, reading the contact database all the while as any program would;
/// then kills it, unless it has ended.
fn watch_and_kill(trial: &Trial, run: &mut Child, after: Duration) -> &'static str {
    let began = Instant::now();
    while began.elapsed() < after {
        if trial.contacts().exists() {
            is_whole(&trial.contacts());
        }
        std::thread::sleep(Duration::from_millis(3));
    }
    let ended = run.try_wait().unwrap().is_some();
    run.kill().unwrap();
    run.wait().unwrap();
    if trial.contacts().exists() {
        is_whole(&trial.contacts());
    }
    if ended { "it had ended" } else { "in the midst" }
}

/// No order without its contact, and no damaged page, whoever looks whenever.
fn is_whole(path: &Path) {
    let connection = Connection::open(path).unwrap();
    connection.busy_timeout(Duration::from_secs(20)).unwrap();
    let lost: i64 = connection
        .query_row(
            "SELECT count(*) FROM orders WHERE contact_key NOT IN (SELECT key FROM contacts)",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(lost, 0);
    let found: i64 = connection
        .query_row("SELECT count(*) FROM contacts", [], |row| row.get(0))
        .unwrap();
    assert!(found > 0, "a database that is there holds its contacts");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}
