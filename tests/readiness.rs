//! What the service manager hears, at a socket that stands for it.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)] // the helpers of a test may fail like the test

use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use shoptet_sync::daemon::readiness::Readiness;
use shoptet_sync::daemon::{Beating, Pulse};
use shoptet_sync::source::{Progress as _, Silent, Unit};
use tempfile::TempDir;

/// Stands for the service manager.
struct Manager {
    socket: UnixDatagram,
    path: PathBuf,
    _folder: TempDir,
}

impl Manager {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self {
            socket,
            path,
            _folder: folder,
        }
    }

    fn readiness(&self, watchdog: Option<Duration>) -> Readiness {
        Readiness::at(&self.path, watchdog)
    }

    /// The next datagram, line by line.
    fn hears(&self) -> Vec<String> {
        heard(&self.socket)
    }

    /// How many datagrams wait.
    fn counts(&self) -> usize {
        self.socket.set_nonblocking(true).unwrap();
        let mut buffer = [0; 4096];
        let mut count = 0;
        while let Ok(length) = self.socket.recv(&mut buffer) {
            assert_eq!(&buffer[..length], b"WATCHDOG=1\n");
            count += 1;
        }
        self.socket.set_nonblocking(false).unwrap();
        count
    }
}

fn heard(socket: &UnixDatagram) -> Vec<String> {
    let mut buffer = [0; 4096];
    let length = socket.recv(&mut buffer).unwrap();
    let text = std::str::from_utf8(&buffer[..length]).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn each_state_is_one_datagram() {
    let manager = Manager::new();
    let readiness = manager.readiness(None);
    readiness.ready("2 shops, 1 target");
    assert_eq!(manager.hears(), ["READY=1", "STATUS=2 shops, 1 target"]);
    readiness.status("reading shop main");
    assert_eq!(manager.hears(), ["STATUS=reading shop main"]);
    readiness.stopping("finishing what is in hand");
    assert_eq!(
        manager.hears(),
        ["STOPPING=1", "STATUS=finishing what is in hand"]
    );
}

/// Without the time, version 253 and newer end a service that reloads.
#[test]
fn a_reload_says_from_when_on_it_holds() {
    let manager = Manager::new();
    let uptime = || -> f64 {
        let text = std::fs::read_to_string("/proc/uptime").unwrap();
        text.split(' ').next().unwrap().parse().unwrap()
    };
    let before = uptime();
    manager.readiness(None).reloading();
    let lines = manager.hears();
    assert_eq!((lines[0].as_str(), lines.len()), ("RELOADING=1", 2));
    let microseconds: f64 = lines[1].strip_prefix("MONOTONIC_USEC=").unwrap().parse().unwrap();
    let seconds = microseconds / 1e6;
    // A machine that slept has been up for longer than its monotonic clock says.
    assert!(
        seconds > 0.0 && seconds <= uptime() + 0.1,
        "{seconds}, up {before}"
    );
}

#[test]
fn a_status_cannot_smuggle_another_message_in() {
    let manager = Manager::new();
    manager.readiness(None).status("all is well\nSTOPPING=1");
    assert_eq!(manager.hears(), ["STATUS=all is well"]);
}

#[test]
fn a_name_in_the_abstract_namespace_is_understood() {
    let name = format!("shoptet-sync-test-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let socket = UnixDatagram::bind_addr(&address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    Readiness::at(Path::new(&format!("@{name}")), None).status("heard");
    assert_eq!(heard(&socket), ["STATUS=heard"]);
}

#[test]
fn a_manager_that_is_gone_or_does_not_read_stops_nobody() {
    let folder = TempDir::new().unwrap();
    Readiness::at(&folder.path().join("gone"), None).ready("");
    Readiness::at(Path::new(&"x".repeat(500)), None).ready("");
    Readiness::default().ready("");

    let manager = Manager::new();
    let readiness = manager.readiness(None);
    // Nobody reads: its queue fills up.
    manager.socket.set_nonblocking(true).unwrap();
    let filler = UnixDatagram::unbound().unwrap();
    filler.set_nonblocking(true).unwrap();
    while filler.send_to(b"STATUS=one more", &manager.path).is_ok() {}
    let began = Instant::now();
    readiness.status("never heard");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

const WATCHDOG: Duration = Duration::from_millis(40);
const LONGEST_SILENCE: Duration = Duration::from_millis(500);

async fn rest(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}

#[tokio::test]
async fn the_watchdog_is_fed_twice_in_its_time_while_nothing_is_in_hand() {
    let manager = Manager::new();
    let watching = manager
        .readiness(Some(WATCHDOG))
        .watch_with(&Pulse::default(), LONGEST_SILENCE);
    let began = Instant::now();
    for _ in 0..20 {
        fed(&manager, || {}).await;
    }
    let rate = began.elapsed().as_millis() / 20;
    assert!(rate >= 15, "not far more often than needed: every {rate} ms");
    drop(watching);
    rest(50).await;
    manager.counts();
    rest(100).await;
    assert_eq!(manager.counts(), 0, "it ends with whoever keeps it");
}

#[tokio::test]
async fn the_watchdog_hungers_when_what_is_in_hand_does_not_move() {
    let manager = Manager::new();
    let pulse = Pulse::default();
    let _watching = manager
        .readiness(Some(WATCHDOG))
        .watch_with(&pulse, LONGEST_SILENCE);
    let hangs = pulse.begin();
    let moves = Beating {
        in_hand: pulse.begin(),
        progress: &Silent,
    };
    fed(&manager, || {}).await;
    // That one of two moves does not hide that the other hangs.
    for _ in 0..60 {
        moves.report("reading", 1, None, Unit::Records);
        rest(10).await;
    }
    manager.counts();
    rest(100).await;
    assert_eq!(manager.counts(), 0, "it is fed no more");

    let both_move = || {
        hangs.beat();
        moves.tell("on page 2");
    };
    fed(&manager, both_move).await;
    rest(600).await;
    manager.counts();
    rest(100).await;
    assert_eq!(manager.counts(), 0, "it moved once more, and then no more");

    let same = hangs.clone();
    drop((hangs, moves));
    rest(100).await;
    assert_eq!(manager.counts(), 0, "a clone of it is still in hand");
    drop(same);
    fed(&manager, || {}).await;
}

/// Waits until the watchdog is fed again.
async fn fed(manager: &Manager, meanwhile: impl Fn()) {
    let end = Instant::now() + Duration::from_secs(20);
    while manager.counts() == 0 {
        assert!(Instant::now() < end, "the watchdog hungers");
        meanwhile();
        rest(5).await;
    }
}

#[tokio::test]
async fn without_a_watchdog_none_is_fed() {
    let manager = Manager::new();
    for watchdog in [None, Some(Duration::ZERO)] {
        let _watching = manager
            .readiness(watchdog)
            .watch_with(&Pulse::default(), LONGEST_SILENCE);
        rest(50).await;
    }
    assert_eq!(manager.counts(), 0);
}

/// Only a process of its own can be given another environment.
#[test]
fn socket_and_watchdog_come_from_the_environment() {
    let manager = Manager::new();
    let speak = |variables: &[(&str, &str)]| {
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "in_a_process_of_its_own", "--ignored"])
            .env_remove("NOTIFY_SOCKET")
            .env_remove("WATCHDOG_USEC")
            .env_remove("WATCHDOG_PID")
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        assert!(status.status.success(), "{status:?}");
    };
    let path = manager.path.to_str().unwrap();
    let fed = "WATCHDOG=1";
    speak(&[("NOTIFY_SOCKET", path), ("WATCHDOG_USEC", "20000")]);
    assert_eq!(manager.hears(), ["READY=1", "STATUS=of its own"]);
    assert_eq!(manager.hears(), [fed]);
    manager.counts();
    for nobody in [
        &[("WATCHDOG_USEC", "20000")][..],
        &[("NOTIFY_SOCKET", ""), ("WATCHDOG_USEC", "20000")],
    ] {
        speak(nobody);
        assert_eq!(manager.counts(), 0, "{nobody:?}");
    }
    speak(&[
        ("NOTIFY_SOCKET", path),
        ("WATCHDOG_USEC", "20000"),
        ("WATCHDOG_PID", "1"),
    ]);
    assert_eq!(manager.hears(), ["READY=1", "STATUS=of its own"]);
    assert_eq!(manager.counts(), 0, "the watchdog is another process's");
}

#[tokio::test]
#[ignore = "speaks to the service manager that the test above stands for"]
async fn in_a_process_of_its_own() {
    let readiness = Readiness::of_process();
    readiness.ready("of its own");
    let _watching = readiness.watch(&Pulse::default());
    rest(200).await;
}
