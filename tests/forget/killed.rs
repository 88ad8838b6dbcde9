//! Killed at any moment, forgetting is finished by the next run.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::*;

const MORE: &str = "[target.order_fields]\nnote = \"order.remark\"\n";

fn with_a_crowd() -> Shop {
    let mut shop = shop();
    for number in 0..60 {
        let crowd = format!("crowd{number}@shop.example");
        shop.orders.push(
            order(&format!("c{number}"))
                .email(&crowd)
                .billing(party("Dav", "Ulice", "Město")),
        );
    }
    shop
}

fn forget_in(home: &Home) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shoptet-sync"));
    command
        .arg("--config")
        .arg(home.configuration_file())
        .args(["forget", JANE, "--yes"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

#[test]
fn wherever_it_is_killed_the_next_run_ends_it() {
    let shop = with_a_crowd();
    let mut home = Home::with(&format!("{SHOP}{TARGET}{MORE}"));
    home.import(&shop.customers(), &shop.orders());
    let saved = home.state_dir().with_file_name("saved");
    copy(&home.state_dir(), &saved);
    let begun = Instant::now();
    assert!(forget_in(&home).status().unwrap().success());
    let whole = begun.elapsed();
    let mut in_the_midst = 0;
    // How long it takes differs by machine and moment, so it goes on until the midst was met.
    for round in 0..rounds(120) {
        if round >= rounds(12) && in_the_midst > 0 {
            break;
        }
        std::fs::remove_dir_all(home.state_dir()).unwrap();
        copy(&saved, &home.state_dir());
        let mut run = forget_in(&home).spawn().unwrap();
        let list = home.state_dir().join("suppressed.db");
        // Most is done once it is decided: two times of three that is waited for.
        let is_begun = || std::fs::metadata(&list).is_ok_and(|list| list.len() > 0);
        while round % 3 > 0 && !is_begun() && run.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        let after = whole.mul_f64(f64::from(round * 7 % 12) / 12.0);
        std::thread::sleep(after);
        let has_ended = run.try_wait().unwrap().is_some();
        run.kill().unwrap();
        run.wait().unwrap();
        let is_decided = list.exists()
            && home.with_engine(async |engine| engine.known_state().unwrap().suppressed().people()) > 0;
        in_the_midst += u32::from(is_decided && !has_ended);
        let about =
            format!("round {round}, killed after {after:?}, decided: {is_decided}, over: {has_ended}");
        if !is_decided {
            // Nothing was said, so nothing was done, and it is done when it is said again.
            assert_eq!(&home.shown().contact("main:c:g1")["email"], JANE, "{about}");
            home.forget(JANE);
        }
        assert_eq!(told_in(&home.state_dir()), [""; 0], "{about}");
        assert_eq!(home.again(&shop), 3, "{about}");
        assert_eq!(home.shown().contacts.len(), 63, "{about}");
        assert_eq!(&home.shown().contact("main:c:g1")["email"], "", "{about}");
        assert_eq!(told_in(&home.state_dir()), [""; 0], "{about}");
    }
    assert!(in_the_midst > 0, "it was never killed in the midst of it");
}

/// How many rounds a random test goes: `SHOPTET_SYNC_TEST_ROUNDS` times as many for a campaign.
fn rounds(usual: u32) -> u32 {
    let more = std::env::var("SHOPTET_SYNC_TEST_ROUNDS").ok();
    usual * more.and_then(|more| more.parse().ok()).unwrap_or(1)
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
