//! One record that fails every time, while the others arrive.

use super::{done, email, home, name_of, placed, record, run, time_passes, writes};
use crate::fake_daktela::{Asked, Daktela, Fault};
use crate::imported::Home;
use crate::written::order;

const FAULTS: [Fault; 4] = [
    Fault::Trouble,
    Fault::Status(503),
    Fault::LostRequest,
    Fault::Silence,
];

fn poison(fake: &Daktela, guests: impl IntoIterator<Item = usize>, fault: Fault) {
    let guests: Vec<usize> = guests.into_iter().collect();
    fake.plan(move |asked| guests.iter().any(|guest| writes(asked, *guest)).then_some(fault));
}

fn is_there(fake: &Daktela, guest: usize) -> bool {
    fake.change(|world| world.contacts.contains_key(&record(guest)))
}

/// How often those that are put off have failed.
fn tries(home: &Home) -> Vec<String> {
    home.in_state("SELECT tries FROM due_contacts WHERE tries > 0 ORDER BY contact")
}

fn in_state(home: &Home, sql: &str) {
    let state = rusqlite::Connection::open(home.state_dir().join("state.db")).unwrap();
    assert_eq!(state.execute(sql, []).unwrap(), 1, "{sql}");
}

#[test]
fn the_others_arrive_in_the_same_run_and_it_is_put_off_ever_longer_until_it_is_well() {
    for fault in FAULTS {
        let fake = Daktela::start();
        let mut home = home(&fake);
        poison(&fake, [3], fault);
        let all = placed(12);
        let report = run(&mut home, &all);
        assert_eq!(report.failures, [""; 0], "{fault:?}");
        let of_crm = done(&report);
        assert_eq!(
            (of_crm.created, of_crm.put_off, report.parked),
            (11, 1, 0),
            "{fault:?}"
        );
        assert_eq!(report.exit_code(), 1, "{fault:?}");
        // A run waits for the first tries, not for those that follow.
        let failed: u32 = tries(&home).concat().parse().unwrap();
        assert!((2..=4).contains(&failed), "{fault:?}: {failed}");

        // The pause holds in the next process.
        in_state(&home, "UPDATE due_contacts SET not_before = not_before + 60000");
        fake.forget_requests();
        let report = run(&mut home, &all);
        assert_eq!((report.exit_code(), done(&report).put_off), (1, 1), "{fault:?}");
        assert_eq!(report.failures, [""; 0], "{fault:?}");
        assert_eq!(fake.writes(), 0, "{fault:?}");
        let words = super::import(&mut home, "", &crate::written::orders(&all));
        let (code, told) = super::ended(&home, &super::words(&words));
        assert_eq!(code, 1, "{told}");
        assert!(
            told.contains("target callcentre: 1 contact tried again later"),
            "{told}"
        );

        // It alone is due, and fails: that is no fault of the target.
        time_passes(&home);
        let report = run(&mut home, &all);
        assert_eq!(report.failures, [""; 0], "{fault:?}");
        assert_eq!((report.exit_code(), done(&report).put_off), (1, 1), "{fault:?}");
        assert_eq!(tries(&home), [(failed + 1).to_string()], "{fault:?}");

        fake.mend();
        time_passes(&home);
        let report = run(&mut home, &all);
        assert_eq!((report.exit_code(), done(&report).put_off), (0, 0), "{fault:?}");
        assert!(is_there(&fake, 3) && tries(&home).is_empty());
        assert_eq!(
            fake.change(|world| (world.contacts.len(), world.records.len())),
            (12, 12)
        );
    }
}

#[test]
fn after_the_last_try_it_is_set_aside_in_the_services_own_words() {
    for (fault, words) in [
        (Fault::Trouble, "HTTP 500, Databáze neodpovídá"),
        (Fault::Status(503), "503"),
    ] {
        let fake = Daktela::start();
        let mut home = home(&fake);
        poison(&fake, [3], fault);
        let all = placed(12);
        run(&mut home, &all);
        in_state(&home, "UPDATE due_contacts SET tries = 9, not_before = 0");
        let report = run(&mut home, &all);
        assert_eq!(
            (report.parked, report.exit_code(), done(&report).put_off),
            (1, 3, 0),
            "{report:?}"
        );
        let reason = home.in_state("SELECT reason FROM parked").concat();
        assert!(reason.contains(words), "{reason}");
        assert!(!reason.contains('@'), "{reason}");
        fake.mend();
        // What the shop changes is tried again.
        let mut changed = all.clone();
        changed[3] = changed[3].clone().phone("601123456");
        assert_eq!(run(&mut home, &changed).exit_code(), 0);
        assert!(is_there(&fake, 3) && home.in_state("SELECT * FROM parked").is_empty());
    }
}

#[test]
fn a_change_in_the_shop_is_tried_at_once() {
    let fake = Daktela::start();
    let mut home = home(&fake);
    poison(&fake, [3], Fault::Trouble);
    let mut all = placed(12);
    run(&mut home, &all);
    in_state(
        &home,
        "UPDATE due_contacts SET not_before = not_before + 3600000, tries = 8",
    );
    fake.mend();
    assert_eq!(run(&mut home, &all).exit_code(), 1);
    assert!(!is_there(&fake, 3), "not before its time");
    all[3] = all[3].clone().phone("601123456");
    assert_eq!(run(&mut home, &all).exit_code(), 0);
    assert!(is_there(&fake, 3));
}

/// More of them than it takes to believe that the service is out of order.
#[test]
fn many_that_fail_hold_up_nobody() {
    let fake = Daktela::start();
    let mut home = home(&fake);
    poison(&fake, 0..20, Fault::Trouble);
    let mut all = placed(60);
    let report = run(&mut home, &all);
    assert_eq!(report.failures, [""; 0]);
    assert_eq!((done(&report).created, done(&report).put_off), (40, 20));
    for round in 0..3 {
        // They have waited longest, and what is new arrives all the same.
        time_passes(&home);
        all.push(crate::written::order(&format!("new{round}")).email(&email(100 + round)));
        let report = run(&mut home, &all);
        assert_eq!(report.failures, [""; 0], "{round}");
        assert_eq!((report.exit_code(), done(&report).put_off), (1, 20), "{round}");
        assert!(is_there(&fake, 100 + round), "{round}");
    }
    time_passes(&home);
    let report = run(&mut home, &all);
    assert_eq!(
        (report.exit_code(), report.failures.len(), done(&report).put_off),
        (1, 0, 20),
        "they alone"
    );
    let state = rusqlite::Connection::open(home.state_dir().join("state.db")).unwrap();
    state
        .execute("UPDATE due_contacts SET tries = 9, not_before = 0", [])
        .unwrap();
    let report = run(&mut home, &all);
    assert_eq!((report.parked, report.exit_code()), (20, 3), "{report:?}");
}

/// What fails is the question whether it is there.
#[test]
fn one_that_cannot_be_looked_up_is_one_that_fails() {
    let fake = Daktela::start();
    let mut home = home(&fake);
    fake.plan(|asked| (asked.name == Some(record(3))).then_some(Fault::Trouble));
    let all = placed(12);
    let report = run(&mut home, &all);
    assert_eq!(report.failures, [""; 0]);
    assert_eq!(
        (done(&report).created, done(&report).put_off, report.exit_code()),
        (11, 1, 1)
    );
    time_passes(&home);
    let report = run(&mut home, &all);
    assert_eq!(
        (done(&report).put_off, report.exit_code(), report.failures.len()),
        (1, 1, 0),
        "{report:?}"
    );
    let (_, told) = super::ended(&home, &["plan"]);
    assert!(told.contains("Databáze neodpovídá"), "{told}");
    fake.mend();
    time_passes(&home);
    assert_eq!(run(&mut home, &all).exit_code(), 0);
    assert!(is_there(&fake, 3));
}

/// Its contact arrives, and its other orders do.
#[test]
fn an_order_that_fails_is_put_off_with_its_contact_and_set_aside_in_the_end() {
    for fault in FAULTS {
        let fake = Daktela::start();
        let mut home = home(&fake);
        let is_it = |asked: &Asked| asked.is_write() && name_of(asked) == "shoptet_main_o_bad";
        fake.plan(move |asked| is_it(asked).then_some(fault));
        // Nobody else is due.
        let all = [order("bad").email(&email(0)), order("good").email(&email(0))];
        let report = run(&mut home, &all);
        assert_eq!(report.failures, [""; 0], "{fault:?}");
        assert_eq!(
            (
                done(&report).orders_created,
                done(&report).put_off,
                report.exit_code()
            ),
            (1, 1, 1),
            "{fault:?}"
        );
        time_passes(&home);
        let report = run(&mut home, &all);
        assert_eq!(
            (report.failures.len(), done(&report).put_off),
            (0, 1),
            "{fault:?} {report:?}"
        );
        in_state(&home, "UPDATE due_contacts SET tries = 9, not_before = 0");
        let report = run(&mut home, &all);
        assert_eq!(
            (report.parked, report.exit_code()),
            (1, 3),
            "{fault:?} {report:?}"
        );
        assert_eq!(
            fake.change(|world| (world.contacts.len(), world.records.len())),
            (1, 1)
        );
        fake.mend();
        let key = home.in_state("SELECT key FROM parked").concat();
        let (code, told) = super::ended(&home, &["parked", "retry", &key]);
        assert_eq!(code, 0, "{told}");
        let report = run(&mut home, &all);
        assert_eq!(
            (report.parked, report.exit_code()),
            (0, 0),
            "{fault:?} {report:?}"
        );
        assert_eq!(
            fake.change(|world| (world.contacts.len(), world.records.len())),
            (1, 2)
        );
    }
}
