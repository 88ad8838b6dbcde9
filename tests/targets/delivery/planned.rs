//! `plan` for a service: in words, with the numbers of the run that follows, and without any write.

use super::{FAST, configuration, done, email, ended, fast, import, placed, record, run, words};
use crate::fake_daktela::Daktela;
use crate::imported::Home;
use crate::written::orders;

/// Of the statuses that come, one is not mapped.
const STATUSES: &str = "[target.statuses]\n\"Vyřízena\" = \"CLOSE:done\"\n\"Nová\" = \"OPEN:new\"\n";

fn plan(home: &Home, fake: &Daktela) -> String {
    let before = fake.writes();
    let (code, told) = ended(home, &["plan"]);
    assert_eq!(code, 0, "{told}");
    assert_eq!(fake.writes(), before, "a plan writes nothing");
    let lines = told.lines().filter(|line| line.contains("callcentre"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The same as numbers.
fn counts(home: &Home) -> serde_json::Value {
    let output = home
        .program(super::PROGRAM, &["plan", "--json"])
        .output()
        .unwrap();
    let whole: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    whole["targets"][1].clone()
}

/// What was read, and not delivered yet.
fn read(home: &mut Home, placed: &[crate::written::Order]) {
    let of_it = import(home, "", &orders(placed));
    let (code, told) = ended(home, &[&words(&of_it)[..], &["--limit", "0", "--yes"]].concat());
    assert!(code == 0 || code == 3, "{told}");
}

/// A run does in every number what was planned.
fn agree(planned: &serde_json::Value, home: &mut Home, placed: &[crate::written::Order], fake: &Daktela) {
    let before = fake.carried_out();
    let report = run(home, placed);
    let done = done(&report);
    let number = |value: &serde_json::Value| value.as_u64().unwrap_or_default();
    let of_orders = &planned["orders"];
    let unmapped: u64 = of_orders["unmapped"]
        .as_object()
        .unwrap()
        .values()
        .map(number)
        .sum();
    let expected = [
        number(&planned["create"]),
        number(&planned["update"]),
        number(&planned["ambiguous"]) + number(&planned["unmappable"]),
        number(&planned["left_out"]),
        number(&of_orders["create"]),
        number(&of_orders["update"]),
        unmapped + number(&of_orders["unmappable"]),
    ];
    let found = [
        done.created,
        done.updated,
        done.parked,
        done.left_out,
        done.orders_created,
        done.orders_updated,
        done.orders_parked,
    ];
    assert_eq!(found, expected, "{planned} {report:?}");
    let writes = done.created + done.updated + done.orders_created + done.orders_updated;
    assert_eq!(fake.carried_out() - before, writes);
}

#[test]
fn a_plan_tells_what_the_run_then_does() {
    let fake = Daktela::start();
    fake.change(|world| {
        // One is there already, of another two are there.
        world.agent_makes("mine", "Guest", &email(1));
        world.agent_makes("twin_a", "Guest", &email(2));
        world.agent_makes("twin_b", "Guest", &email(2));
    });
    let mut home = Home::with(&configuration(&fake, FAST, STATUSES)).at_pace(fast());
    let mut all = placed(20);
    for order in all.iter_mut().skip(15) {
        *order = order.clone().status("Čeká na kurýra");
    }
    read(&mut home, &all);
    insta::assert_snapshot!("first", plan(&home, &fake));
    let planned = counts(&home);
    agree(&planned, &mut home, &all, &fake);
    insta::assert_snapshot!("after_the_first", plan(&home, &fake));

    for (guest, order) in all.iter_mut().enumerate() {
        *order = match guest {
            0..3 => order.clone().phone(&format!("60112345{guest}")),
            3..6 => order.clone().status("Nová"),
            16 => order.clone().status("Nová"),
            _ => continue,
        };
    }
    all.extend(placed(23).split_off(20));
    // An agent has typed there too, and deleted somebody.
    fake.change(|world| {
        world.agent_types(&record(8), "customFields.number", &["+420777777777"]);
        world.agent_deletes(&record(9));
    });
    read(&mut home, &all);
    insta::assert_snapshot!("changes", plan(&home, &fake));
    let planned = counts(&home);
    agree(&planned, &mut home, &all, &fake);
    insta::assert_snapshot!("after_the_changes", plan(&home, &fake));

    // A changed mapping concerns everybody.
    let mapping = "[target.fields]\ntitle = \"contact.name\"\nlastname = \"contact.last_name\"\n\
        \"customFields.email\" = \"contact.emails\"\n\"customFields.number\" = \"contact.phones\"\n\
        description = \"'of the shop'\"\n";
    home.configure(&configuration(&fake, FAST, &format!("{mapping}{STATUSES}")));
    insta::assert_snapshot!("mapping", plan(&home, &fake));
    let planned = counts(&home);
    agree(&planned, &mut home, &all, &fake);
}
