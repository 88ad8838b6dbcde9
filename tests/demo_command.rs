//! `demo` as a person runs it.
#![allow(clippy::unwrap_used)] // the helpers of a test may fail like the test

use std::path::Path;
use std::process::{Command, Output};

fn demo(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_shoptet-sync"))
        .arg("demo")
        .args(arguments)
        .arg("--dir")
        .arg(folder)
        .env_remove("RUST_LOG")
        .output()
        .unwrap()
}

#[test]
fn what_a_person_reads() {
    let folder = tempfile::tempdir().unwrap();
    let output = demo(&[], folder.path());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "",
        "nothing disturbs the story"
    );
    let path = folder.path().canonicalize().unwrap();
    let filters = [
        (regex(path.to_str().unwrap()), "DIR"),
        (regex(env!("CARGO_BIN_EXE_shoptet-sync")), "shoptet-sync"),
        (r"\d+\.\d s\b".to_owned(), "0.1 s"),
    ];
    insta::with_settings!({filters => filters.iter().map(|(from, to)| (from.as_str(), *to)).collect::<Vec<_>>()}, {
        insta::assert_snapshot!(text);
    });
}

#[test]
fn the_database_and_the_lines_to_try_are_real() {
    let folder = tempfile::tempdir().unwrap();
    let output = demo(
        &["--customers", "40", "--orders", "90", "--seed", "7", "--json"],
        folder.path(),
    );
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["counted"]["wrong"], serde_json::json!([]));
    assert_eq!(told["first"]["customers_read"], 40);
    assert_eq!(told["untouched"], true);
    let database = rusqlite::Connection::open(told["place"]["database"].as_str().unwrap()).unwrap();
    let commands = told["place"]["commands"].as_array().unwrap();
    for command in &commands[..2] {
        // What stands between the double quotes is what the shell hands on: there is nothing to escape in it.
        let sql = command.as_str().unwrap().split('"').nth(1).unwrap();
        let rows = database
            .prepare(sql)
            .unwrap()
            .query_map([], |_| Ok(()))
            .unwrap()
            .count();
        assert!(rows > 1, "{sql}");
    }
    let configuration = told["place"]["configuration"].as_str().unwrap();
    assert!(
        commands[2]
            .as_str()
            .unwrap()
            .contains(&format!("--config {configuration} explain "))
    );
}

#[test]
fn a_shop_without_anybody_is_no_reason_to_fail() {
    for (customers, orders) in [("0", "0"), ("0", "30"), ("30", "0"), ("1", "1")] {
        let folder = tempfile::tempdir().unwrap();
        let output = demo(&["--customers", customers, "--orders", orders], folder.path());
        let text = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{customers} and {orders}: {text}{errors}"
        );
    }
}

#[test]
fn a_folder_in_use_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine"), "mine").unwrap();
    let output = demo(&[], folder.path());
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("it is not empty"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

fn regex(text: &str) -> String {
    let special = |letter: char| !letter.is_alphanumeric() && letter != '/' && letter != '_';
    text.chars()
        .map(|letter| {
            if special(letter) {
                format!("\\{letter}")
            } else {
                letter.to_string()
            }
        })
        .collect()
}
