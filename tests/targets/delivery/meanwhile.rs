//! What happens while a delivery goes on: the shop changes, the service wants to hear nothing, somebody ends it.

use std::process::Stdio;
use std::time::{Duration, Instant};

use futures_util::future::join;
use shoptet_sync::source::Silent;
use shoptet_sync::sync::import::ImportOptions;
use shoptet_sync::sync::incremental::How;

use super::first::Daemon;
use super::{FAST, PROGRAM, STATUSES, configuration, done, home, name_of, placed, record, run};
use crate::fake_daktela::{Asked, Daktela, Fault};
use crate::imported::{Home, TARGET};
use crate::open_shops::OpenShops;
use crate::written::{orders, orders_as_xml};

/// Those that are in hand when a change comes.
const IN_HAND: usize = 16;

#[test]
fn a_change_overtakes_a_long_backfill() {
    let fake = Daktela::start();
    let mut home = home(&fake);
    let mut all = placed(100);
    run(&mut home, &all);
    let mapping = "[target.fields]\ntitle = \"contact.name\"\nlastname = \"contact.last_name\"\n\
        \"customFields.email\" = \"contact.emails\"\n\"customFields.number\" = \"contact.phones\"\n\
        description = \"'anew'\"\n";
    home.configure(&configuration(&fake, FAST, &format!("{mapping}{STATUSES}")));
    for order in &mut all[98..] {
        *order = order.clone().phone("601123456");
    }
    let now = home.next_day();
    let files = home.files("main", Some(""), Some(&orders(&all)), now);
    let options = ImportOptions {
        files: Some(files),
        ..ImportOptions::default()
    };
    fake.forget_requests();
    fake.slow_down(Duration::from_millis(15));
    let written = || {
        let asked = fake.asked().into_iter().filter(Asked::is_write);
        asked.map(|asked| name_of(&asked)).collect::<Vec<_>>()
    };
    home.with_engine(async |engine| {
        let change = async {
            while written().len() < 8 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            engine.import(&options, &Silent).await.unwrap();
        };
        let (delivered, ()) = join(engine.deliver(1, How::Changes, &Silent), change).await;
        delivered.unwrap();
    });
    fake.slow_down(Duration::ZERO);
    let written = written();
    for guest in [98, 99] {
        let places: Vec<usize> = (0..written.len())
            .filter(|place| written[*place] == record(guest))
            .collect();
        assert_eq!(places.len(), 1, "once: {places:?}");
        assert!(places[0] < 8 + 2 * IN_HAND, "after {places:?} others");
    }
    assert_eq!(written.len(), 100);
}

#[test]
fn a_service_that_asks_for_an_hour_of_patience_has_it() {
    let fake = Daktela::start();
    let mut home = home(&fake);
    let all = placed(30);
    let mut writes = 0;
    fake.plan(move |asked| {
        writes += u32::from(asked.is_write());
        (writes > 10).then_some(Fault::Busy(3_600))
    });
    let report = run(&mut home, &all);
    assert_eq!((report.exit_code(), report.failures.len()), (1, 1), "{report:?}");
    assert_eq!(home.shown().contacts.len(), 30);
    let blamed = home.in_state("SELECT * FROM due_contacts WHERE tries > 0");
    assert!(blamed.is_empty(), "{blamed:?}");
    fake.forget_requests();
    let mut more = all.clone();
    more[0] = more[0].clone().phone("601123456");
    let report = run(&mut home, &more);
    assert_eq!((report.exit_code(), report.failures.len()), (1, 1), "{report:?}");
    assert!(report.failures[0].contains("patience"), "{report:?}");
    assert_eq!(fake.asked().len(), 0, "not asked at all, by the next process");
    // An hour later.
    fake.mend();
    std::fs::remove_dir_all(home.state_dir().join("quiet")).unwrap();
    let report = run(&mut home, &more);
    assert_eq!((report.exit_code(), done(&report).put_off), (0, 0), "{report:?}");
    assert_eq!(
        fake.change(|world| (world.contacts.len(), world.records.len())),
        (30, 30)
    );
}

#[test]
fn a_daemon_that_waits_for_an_answer_ends_when_it_is_told_to() {
    let fake = Daktela::start();
    let shops = OpenShops::open([("main", "main")]);
    shops.show("main", "", &orders_as_xml(&placed(5)));
    let of_crm = configuration(&fake, FAST, STATUSES);
    let of_crm = of_crm.split_once(TARGET).unwrap().1;
    for (number, method) in ["GET", "POST"].into_iter().enumerate() {
        let home = Home::with(&format!("{}{of_crm}", shops.home("").configuration()));
        fake.plan(move |asked| (asked.method == method).then_some(Fault::Silence));
        fake.forget_requests();
        let mut daemon = home
            .program(PROGRAM, &["run"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let began = Instant::now();
        while !fake.asked().iter().any(|asked| asked.method == method) {
            assert!(began.elapsed() < Duration::from_secs(20));
            std::thread::sleep(Duration::from_millis(10));
        }
        let began = Instant::now();
        let sent = std::process::Command::new("kill")
            .args(["-TERM", &daemon.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
        while daemon.try_wait().unwrap().is_none() {
            let waits = began.elapsed();
            if waits > Duration::from_secs(5) {
                daemon.kill().unwrap();
                daemon.wait().unwrap();
                assert_eq!(number, 1, "a question holds it up");
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(home.shown().contacts.len(), 5, "the other target has everything");
        fake.mend();
        let (code, told) = super::ended(&home, &["import", "--yes"]);
        assert_eq!(code, 0, "{told}");
        assert_eq!(
            fake.change(|world| (world.contacts.len(), world.records.len())),
            (5, 5)
        );
        fake.change(|world| {
            world.contacts.clear();
            world.records.clear();
        });
    }
}

#[test]
fn a_daemon_goes_on_with_the_other_target_while_one_hangs() {
    let fake = Daktela::start();
    let shops = OpenShops::open([("main", "main")]);
    shops.show("main", "", &orders_as_xml(&placed(5)));
    let of_crm = configuration(&fake, FAST, STATUSES);
    let of_crm = of_crm.split_once(TARGET).unwrap().1;
    let every_second = "[schedule]\nincremental = \"* * * * * *\"\nreconcile = \"0 0 0 1 1 *\"\n";
    let home = Home::with(&format!(
        "{every_second}{}{of_crm}",
        shops.home("").configuration()
    ));
    assert_eq!(super::ended(&home, &["import"]).0, 0);
    fake.forget_requests();
    fake.plan(|_| Some(Fault::Silence));
    let daemon = home.program(PROGRAM, &["run"]).stderr(Stdio::null()).spawn();
    let _daemon = Daemon(daemon.unwrap());
    let mut all = placed(5);
    for guests in [5, 6, 7] {
        let began = Instant::now();
        let has_them = || {
            let database = home.state_dir().join("contacts.db");
            database.exists() && home.shown().contacts.len() == guests
        };
        while !has_them() {
            assert!(began.elapsed() < Duration::from_secs(6), "{guests} guests");
            std::thread::sleep(Duration::from_millis(20));
        }
        all.extend(placed(guests + 1).split_off(guests));
        shops.show("main", "", &orders_as_xml(&all));
    }
    assert_eq!(fake.writes(), 0);
}
