//! `only` where a service is concerned: whom it does not get, and whom it keeps.

use super::{FAST, STATUSES, configuration, done, email, ended, fast, placed, record, run};
use crate::fake_daktela::Daktela;
use crate::imported::Home;
use crate::written::order;

const LOYAL: &str = "only = \"stats.orders_count >= 2\"\n";

#[test]
fn who_does_not_fulfil_it_does_not_go_there_and_who_was_delivered_is_followed() {
    let fake = Daktela::start();
    let keys = format!("{FAST}{LOYAL}");
    let mut home = Home::with(&configuration(&fake, &keys, STATUSES)).at_pace(fast());
    let mut all = placed(10);
    all.push(order("second").email(&email(3)));
    let report = run(&mut home, &all);
    let of_crm = done(&report);
    assert_eq!(
        (of_crm.created, of_crm.left_out, of_crm.orders_created),
        (1, 9, 2)
    );
    assert_eq!(report.exit_code(), 0);
    assert_eq!(
        home.shown().contacts.len(),
        10,
        "the other target has no such line"
    );
    let there = || {
        fake.change(|world| {
            (
                world.contacts.keys().cloned().collect::<Vec<_>>(),
                world.records.len(),
            )
        })
    };
    assert_eq!(there(), (vec![record(3)], 2));
    let of_others = |what: &str| {
        let asked = fake.asked().into_iter();
        asked
            .filter(|asked| asked.model == what && asked.name == Some(record(4)))
            .count()
    };
    assert_eq!(of_others("contacts"), 0, "nobody asks for who does not go there");

    let (code, told) = ended(&home, &["explain", &email(4)]);
    let line = told.lines().find(|line| line.contains("callcentre:")).unwrap();
    assert_eq!(
        (code, line),
        (
            0,
            "  callcentre: no record; `only` does not hold: stats.orders_count >= 2; not due; a run would leave it out"
        ),
        "{told}"
    );

    // Another one comes up to it, all orders included; the first falls below it and is followed all the same.
    all.push(order("another").email(&email(5)));
    all.retain(|order| order.code != "second");
    all[3] = all[3].clone().phone("601123456");
    let words_of_it = super::import(&mut home, "", &crate::written::orders(&all));
    let words: Vec<&str> = words_of_it
        .iter()
        .map(String::as_str)
        .chain(["--limit", "0"])
        .collect();
    let (_, told) = ended(&home, &words);
    let (code, planned) = ended(&home, &["plan", "--verbose"]);
    assert_eq!(code, 0, "{told}");
    insta::assert_snapshot!("only", of_target(&planned));
    let report = run(&mut home, &all);
    let of_crm = done(&report);
    assert_eq!(
        (of_crm.created, of_crm.updated, of_crm.left_out),
        (1, 1, 0),
        "{report:?}"
    );
    assert_eq!(of_crm.orders_created, 2, "{report:?}");
    assert_eq!(there().0.len(), 2);
    let number = fake.change(|world| world.contacts[&record(3)].get("customFields.number"));
    assert_eq!(number, "+420601123456");
    let (_, told) = ended(&home, &["explain", &email(3)]);
    let line = told.lines().find(|line| line.contains("callcentre:")).unwrap();
    assert!(
        line.starts_with(&format!("  callcentre: record {}", record(3))),
        "{told}"
    );

    // Who does not go there any more is not touched, and who never did gets nothing.
    let before = fake.writes();
    all[7] = all[7].clone().phone("601123457");
    assert_eq!(done(&run(&mut home, &all)).left_out, 1);
    assert_eq!(fake.writes(), before);
}

/// What is said of the service.
fn of_target(told: &str) -> String {
    let lines = told.lines().filter(|line| line.contains("callcentre"));
    lines.collect::<Vec<_>>().join("\n")
}

/// What was left out before goes there once the line is gone.
#[test]
fn a_filter_that_is_taken_away_lets_everybody_in() {
    let fake = Daktela::start();
    let keys = format!("{FAST}{LOYAL}");
    let mut home = Home::with(&configuration(&fake, &keys, STATUSES)).at_pace(fast());
    let all = placed(10);
    assert_eq!(done(&run(&mut home, &all)).left_out, 10);
    assert_eq!(fake.writes(), 0);
    home.configure(&configuration(&fake, FAST, STATUSES));
    let report = run(&mut home, &all);
    assert_eq!((done(&report).created, done(&report).orders_created), (10, 10));
    assert_eq!(fake.writes(), 20);
}
