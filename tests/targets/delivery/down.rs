//! A service that is down while the shop goes on.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::{STATUSES, configuration, done, email, fast, home, name_of, placed, record, run};
use crate::fake_daktela::{Asked, Daktela, Fault};
use crate::imported::Home;

const GUESTS: usize = 40;

/// Requests in any second.
const RATE: usize = 60;

/// The contacts that were changed or made, in the order of the requests.
fn written(fake: &Daktela) -> Vec<String> {
    let of_contacts = |asked: &Asked| asked.is_write() && asked.model == "contacts";
    let asked = fake.asked().into_iter().filter(of_contacts);
    asked.map(|asked| name_of(&asked)).collect()
}

/// Those that are written side by side arrive in any order.
fn comes_before(written: &[String], one: &str, other: &str) -> bool {
    const SIDE_BY_SIDE: usize = 8;
    let place = |name: &str| written.iter().position(|known| known == name).unwrap();
    place(one) < place(other) + SIDE_BY_SIDE
}

/// No more than the rate in any second; a request may be on its way for a while.
fn keeps_the_rate(fake: &Daktela) {
    let at: Vec<Instant> = fake.asked().iter().map(|asked| asked.at).collect();
    for (place, began) in at.iter().enumerate() {
        let until = *began + Duration::from_millis(950);
        let within = at[place..].iter().take_while(|at| **at < until).count();
        assert!(within <= RATE, "{within} requests in a second");
    }
}

#[test]
fn the_other_target_never_notices_and_later_all_of_it_arrives_the_oldest_change_first() {
    let fake = Daktela::start();
    let rate = format!("requests_per_second = {RATE}\n");
    let mut home = Home::with(&configuration(&fake, &rate, STATUSES)).at_pace(fast());
    let mut all = placed(GUESTS);
    assert_eq!(run(&mut home, &all).exit_code(), 0);

    // Backwards, so that the oldest change is that of the last guest.
    let mut changed: Vec<usize> = Vec::new();
    for hour in 0..9 {
        match hour % 3 {
            0 => fake.is_up(false),
            1 => fake.plan(|_| Some(Fault::Hang)),
            _ => fake.plan(|_| Some(Fault::Status(503))),
        }
        for _ in 0..2 {
            let guest = GUESTS - 1 - changed.len();
            all[guest] = all[guest].clone().phone(&format!("6011234{guest:02}"));
            changed.push(guest);
        }
        let began = Instant::now();
        let report = run(&mut home, &all);
        let took = began.elapsed();
        assert_eq!(report.failures.len(), 1, "told once: {:?}", report.failures);
        assert!(report.failures[0].contains("Daktela"), "{:?}", report.failures);
        assert_eq!((report.exit_code(), report.parked), (1, 0));
        assert!(took < Duration::from_millis(2_500), "{took:?}");
        let shown = home.shown();
        for guest in &changed {
            let phone = &shown.contact(&crate::e(&email(*guest)))["phone"];
            assert_eq!(
                phone,
                format!("+4206011234{guest:02}"),
                "at once, in the database"
            );
        }
        fake.mend();
        fake.is_up(true);
    }
    assert_eq!(
        home.in_state("SELECT * FROM due_contacts WHERE tries > 0"),
        [""; 0],
        "nobody is blamed"
    );

    // The configuration changes too, so everybody is due; and the shop once more, the first guest this time.
    fake.forget_requests();
    let everybody = "[target.fields]\ntitle = \"contact.name\"\nlastname = \"contact.last_name\"\n\
        \"customFields.email\" = \"contact.emails\"\n\"customFields.number\" = \"contact.phones\"\n\
        description = \"'of the shop'\"\n";
    home.configure(&configuration(&fake, &rate, &format!("{everybody}{STATUSES}")));
    all[0] = all[0].clone().phone("601123400");
    changed.push(0);
    let report = run(&mut home, &all);
    assert_eq!(
        (report.exit_code(), report.failures.len()),
        (0, 0),
        "{:?}",
        report.failures
    );
    assert_eq!(done(&report).updated, GUESTS as u64);
    let written = written(&fake);
    let mut times: BTreeMap<&String, usize> = BTreeMap::new();
    written
        .iter()
        .for_each(|name| *times.entry(name).or_default() += 1);
    assert!(times.values().all(|times| *times == 1), "nobody twice: {times:?}");
    for (place, guest) in changed.iter().enumerate() {
        for later in &changed[place + 1..] {
            assert!(
                comes_before(&written, &record(*guest), &record(*later)),
                "{guest} before {later}"
            );
        }
        let backfill = (0..GUESTS).filter(|other| !changed.contains(other));
        for other in backfill {
            assert!(
                comes_before(&written, &record(*guest), &record(other)),
                "{guest} before {other}"
            );
        }
    }
    keeps_the_rate(&fake);
    for guest in changed {
        let number = fake.change(|world| world.contacts[&record(guest)].get("customFields.number"));
        assert_eq!(number, format!("+4206011234{guest:02}"));
    }
    let before = fake.writes();
    assert_eq!(run(&mut home, &all).exit_code(), 0);
    assert_eq!(fake.writes(), before);
}

#[test]
fn what_was_told_is_written_before_what_a_new_mapping_changes() {
    let fake = Daktela::start();
    let mut home = home(&fake);
    let mut all = placed(30);
    run(&mut home, &all);
    let mapping = "[target.fields]\ntitle = \"contact.name\"\nlastname = \"contact.last_name\"\n\
        \"customFields.email\" = \"contact.emails\"\ndescription = \"'anew'\"\n";
    home.configure(&configuration(
        &fake,
        super::FAST,
        &format!("{mapping}{STATUSES}"),
    ));
    // It dies while it is being changed: most of it waits.
    let mut writes = 0;
    fake.plan(move |asked| {
        writes += u32::from(asked.is_write());
        (asked.is_write() && writes > 4).then_some(Fault::LostRequest)
    });
    let report = run(&mut home, &all);
    assert_eq!(
        (report.exit_code(), report.failures.len()),
        (1, 1),
        "{:?}",
        report.failures
    );
    fake.mend();
    fake.forget_requests();
    all[29] = all[29].clone().email("guest29@shop.example").phone("601123456");
    home.configure(&configuration(
        &fake,
        super::FAST,
        &format!("{mapping}{STATUSES}").replace(
            "description",
            "\"customFields.number\" = \"contact.phones\"\ndescription",
        ),
    ));
    run(&mut home, &all);
    let first = written(&fake).into_iter().take(8).collect::<Vec<_>>();
    assert!(first.contains(&record(29)), "{first:?}");
}

/// It still answers questions.
#[test]
fn one_that_takes_no_writes_is_given_up_soon_and_nobody_is_blamed() {
    for fault in [
        Fault::Status(503),
        Fault::Trouble,
        Fault::LostRequest,
        Fault::Hang,
    ] {
        let fake = Daktela::start();
        let mut home = home(&fake);
        fake.plan(move |asked| asked.is_write().then_some(fault));
        let report = run(&mut home, &placed(GUESTS));
        assert_eq!(
            (report.exit_code(), report.failures.len()),
            (1, 1),
            "{fault:?} {:?}",
            report.failures
        );
        assert!(report.failures[0].contains("Daktela"), "{:?}", report.failures);
        assert!(
            fake.writes() <= 16,
            "{fault:?}: {} writes were tried",
            fake.writes()
        );
        assert_eq!(home.shown().contacts.len(), GUESTS, "the other has them all");
        let blamed = home.in_state("SELECT * FROM due_contacts WHERE tries > 0");
        assert!(blamed.is_empty(), "{fault:?} {blamed:?}");
        fake.mend();
        assert_eq!(run(&mut home, &placed(GUESTS)).exit_code(), 0, "{fault:?}");
        let there = fake.change(|world| (world.contacts.len(), world.records.len()));
        assert_eq!(there, (GUESTS, GUESTS));
    }
}
