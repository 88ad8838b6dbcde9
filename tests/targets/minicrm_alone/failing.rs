//! A service that refuses, fails or has no time.

use std::time::{Duration, Instant};

use super::{STATUSES, again, check_of, home, jane, parked, target};
use crate::fake_minicrm::{Fault, MiniCrm as Fake};
use crate::imported::{Home, SHOP};
use crate::written::{Order, order, orders};

#[test]
fn a_fault_of_its_own_that_comes_again_for_one_record_is_that_records() {
    let fake = Fake::start();
    let mut home = home(&fake);
    home.import("", &orders(&[jane("Nová")]));
    fake.plan(|asked| {
        let is_it = asked.endpoint() == "PUT Contact" && asked.sent("Email") == "bad@shop.example";
        is_it.then_some(Fault::Status(500))
    });
    let all: Vec<Order> = ["bad", "good", "better"]
        .iter()
        .zip(2..)
        .map(|(name, code)| {
            order(&code.to_string())
                .email(&format!("{name}@shop.example"))
                .status("Nová")
        })
        .chain([jane("Nová")])
        .collect();
    home.import("", &orders(&all));
    let reason = parked(&home);
    assert!(reason.contains("it answered 500"), "{reason}");
    assert_eq!(fake.change(|world| world.contacts.len()), 3);
}

#[test]
fn who_is_not_let_in_is_told_so_and_nobody_counts_as_deleted() {
    for refuses_by_401 in [false, true] {
        let fake = Fake::start();
        let mut home = home(&fake);
        home.import("", &orders(&[jane("Nová")]));
        fake.change(|world| (world.is_open, world.manners.refuses_by_401) = (false, refuses_by_401));
        let mut moved = jane("Odeslána");
        moved.phone = "601999999".to_owned();
        let report = again(&home, &orders(std::slice::from_ref(&moved)));
        let told = report.failures.concat();
        assert!(
            told.contains("does not accept the system id and the API key"),
            "{told}"
        );
        assert_eq!(report.exit_code(), 2);
        fake.change(|world| world.is_open = true);
        home.import("", &orders(&[moved]));
        fake.change(|world| {
            assert_eq!((world.contacts.len(), world.orders.len()), (1, 1));
            assert_eq!(world.contacts.values().next().unwrap()["Phone"], "+420601999999");
        });
    }
}

#[test]
fn what_is_said_too_often_waits_without_being_told_how_long() {
    let fake = Fake::start();
    let mut home = home(&fake);
    let mut count = 0;
    fake.plan(move |_| {
        count += 1;
        (count == 5).then_some(Fault::Busy(0))
    });
    home.import("", &orders(&[jane("Nová")]));
    assert_eq!(fake.change(|world| world.orders.len()), 1);
}

/// What an earlier process used of the sixty a minute stands beside the state.
#[test]
fn the_limit_holds_across_restarts() {
    let fake = Fake::start();
    let sixty = target(&fake, "").replace("requests_per_minute = 1000000\n", "");
    let home = Home::with(&format!("{SHOP}{sixty}{STATUSES}"));
    std::fs::create_dir_all(home.state_dir().join("rate")).unwrap();
    let used = jiff::Timestamp::now() - jiff::SignedDuration::from_secs(57);
    std::fs::write(
        home.state_dir().join("rate/minicrm-12345"),
        format!("{used}\n").repeat(60),
    )
    .unwrap();
    let began = Instant::now();
    check_of(&home);
    assert!(
        began.elapsed() >= Duration::from_millis(2_000),
        "{:?}",
        began.elapsed()
    );
}
