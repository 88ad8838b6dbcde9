//! Programs that are told.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;

struct Program {
    folder: TempDir,
}

impl Program {
    /// A shell script; `$OUT` in it is the folder where it may leave something.
    fn new(script: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("told");
        let out = folder.path().display();
        fs::write(&path, format!("#!/bin/sh\nOUT='{out}'\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        Self { folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap_or_default()
    }

    fn section(&self, arguments: &str) -> String {
        format!(
            "[[notify]]\non = [\"failure\"]\ncommand = [\"{}\"{arguments}]\n",
            self.file("told").display()
        )
    }
}

fn is_running(pid: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/status", pid.trim())).unwrap_or_default();
    status
        .lines()
        .any(|line| line.starts_with("State:") && !line.contains('Z'))
}

#[tokio::test]
async fn a_program_gets_its_arguments_as_they_are_and_the_json_on_its_input() {
    let program = Program::new("cat > \"$OUT/input\"; printf '%s\\n' \"$@\" > \"$OUT/arguments\"");
    let notices = start(&config(&program.section(r#", "$HOME; touch /tmp/x", "", "a b""#)));
    notices.tell(&bad("main"));
    finish(notices).await;
    let message: Value = serde_json::from_str(&program.text("input")).unwrap();
    assert_eq!(message["event"], "failure");
    assert_eq!(message["what"], "shop main");
    assert_eq!(
        program.text("arguments"),
        "$HOME; touch /tmp/x\n\na b\n",
        "no shell looked at them"
    );
}

#[tokio::test]
async fn a_program_that_reads_nothing_is_told_all_the_same() {
    let program = Program::new("exec <&-; echo once >> \"$OUT/runs\"");
    let notices = start(&config(&program.section("")));
    notices.tell(&bad("main"));
    finish(notices).await;
    assert_eq!(program.text("runs"), "once\n");
}

#[tokio::test]
async fn a_program_that_fails_is_run_again_later() {
    let program = Program::new("echo x >> \"$OUT/runs\"; test $(wc -l < \"$OUT/runs\") -ge 3");
    let notices = start(&config(&program.section("")));
    notices.tell(&bad("main"));
    until("it succeeds at the third time", || {
        program.text("runs").lines().count() == 3
    })
    .await;
    finish(notices).await;
    assert_eq!(program.text("runs").lines().count(), 3, "and then no more");
}

#[tokio::test]
async fn a_program_that_cannot_be_started_stops_nobody() {
    let (server, section) = told(r#"["failure"]"#).await;
    let notices = start(&config(&format!(
        "[[notify]]\ncommand = [\"/nowhere/to/be/found\"]\n{section}"
    )));
    notices.tell(&bad("main"));
    let incidents = finish(notices).await;
    assert_eq!(heard(&server), ["failure shop main"]);
    assert_eq!(incidents.open().count(), 1);
}

/// The shell's own child must go too, or it would be left behind at every incident.
#[tokio::test]
async fn a_program_that_takes_too_long_is_killed_with_what_it_started() {
    let program = Program::new("echo $$ > \"$OUT/self\"; sleep 600 & echo $! > \"$OUT/child\"; wait");
    let mut patience = fast_without_again();
    patience.command = Duration::from_millis(500);
    let config = config(&program.section(""));
    let notices = Notices::start_with(&config, Incidents::default(), &patience).unwrap();
    notices.tell(&bad("main"));
    until("it runs", || !program.text("child").is_empty()).await;
    let (shell, child) = (program.text("self"), program.text("child"));
    assert!(is_running(&shell) && is_running(&child));
    until("both are gone", || !is_running(&shell) && !is_running(&child)).await;
    finish(notices).await;
}

#[tokio::test]
async fn a_program_that_still_runs_at_the_end_is_killed_with_what_it_started() {
    let program = Program::new("echo $$ > \"$OUT/self\"; sleep 600 & echo $! > \"$OUT/child\"; wait");
    let notices = start(&config(&program.section("")));
    notices.tell(&bad("main"));
    until("it runs", || !program.text("child").is_empty()).await;
    let (shell, child) = (program.text("self"), program.text("child"));
    let incidents = notices.finish(Duration::from_millis(50)).await;
    assert_eq!(incidents.open().count(), 1, "it is told after the next start");
    until("both are gone", || !is_running(&shell) && !is_running(&child)).await;
}

#[tokio::test]
async fn what_a_program_leaves_running_on_purpose_goes_on() {
    let program = Program::new("sleep 5 & echo $! > \"$OUT/child\"");
    let notices = start(&config(&program.section("")));
    notices.tell(&bad("main"));
    assert_eq!(finish(notices).await.open().count(), 1);
    assert!(is_running(&program.text("child")));
}

/// What the service manager says to this process is not for programs that it starts. Only a process of its
/// own can be given another environment.
#[test]
fn a_program_does_not_hear_what_is_said_to_the_daemon() {
    let program = Program::new("env > \"$OUT/environment\"");
    let told = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "commands::in_a_process_of_its_own", "--ignored"])
        .env("SECTION", program.section(""))
        .env("NOTIFY_SOCKET", "/nowhere")
        .env("WATCHDOG_PID", "1")
        .env("WATCHDOG_USEC", "1000000")
        .env("OF_A_PERSON", "kept")
        .output()
        .unwrap();
    assert!(told.status.success(), "{told:?}");
    let environment = program.text("environment");
    assert!(environment.contains("OF_A_PERSON=kept"), "{environment}");
    assert!(!environment.contains("NOTIFY_SOCKET") && !environment.contains("WATCHDOG"));
}

#[tokio::test]
#[ignore = "belongs to the test above"]
async fn in_a_process_of_its_own() {
    let section = std::env::var("SECTION").unwrap();
    let notices = start(&config(&section));
    notices.tell(&bad("main"));
    finish(notices).await;
}
