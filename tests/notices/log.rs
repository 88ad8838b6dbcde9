//! Addresses and arguments hold tokens: nothing of them is ever logged.

use std::sync::{Arc, Mutex, OnceLock};

use super::*;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Everything at every level, the libraries' lines included, of all tests of this file.
fn log() -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .init();
        log
    })
}

#[tokio::test]
async fn only_the_host_and_the_name_of_a_program_are_logged() {
    log();
    let server = SmallShop::start(|_, _| answer(403, "canary-body")).await;
    let sections = format!(
        "[schedule]\nheartbeat_url = \"{url}canary-ping/x?canary-key=1\"\n\
         [[notify]]\non = [\"failure\", \"run\"]\nurl = \"{url}canary-path/hook?token=canary-query\"\n\
         [[notify]]\nurl = \"http://127.0.0.1:9/canary-path\"\n\
         [[notify]]\ncommand = [\"/bin/false\", \"canary-argument\"]\n\
         [[notify]]\ncommand = [\"/nowhere/canary-free\", \"canary-argument\"]\n",
        url = server.url
    );
    let notices = start(&config(&sections));
    notices.tell(&good("main"));
    notices.tell(&bad("main"));
    until("the address was tried", || {
        !server.asked("/canary-path/hook").is_empty()
    })
    .await;
    let incidents = finish(notices).await;
    let logged = String::from_utf8_lossy(&log().0.lock().unwrap()).into_owned();
    for expected in [
        "calling 127.0.0.1: it answered 403 Forbidden",
        "running false: it ended with exit status: 1",
        "starting canary-free",
    ] {
        assert!(logged.contains(expected), "{expected} is told:\n{logged}");
    }
    let kept = serde_json::to_string(&incidents).unwrap();
    let everything = format!("{logged}{kept}").replace("canary-free", "");
    let leaks: Vec<&str> = everything
        .lines()
        .filter(|line| line.contains("canary"))
        .collect();
    assert!(leaks.is_empty(), "{leaks:#?}");
}
