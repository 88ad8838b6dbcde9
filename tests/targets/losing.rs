//! The lost answer: the target did it, and we saw an error. No twin may come of it, and nothing be missing.

use shoptet_sync::demo::random::Random;

use crate::rig::Network;
use crate::written::{Order, order, orders};

over_a_network!(
    an_answer_is_lost_at_any_write_of_an_import,
    an_answer_is_lost_at_any_later_write
);

fn placed(count: usize, remark: &str) -> Vec<Order> {
    (0..count)
        .map(|code| {
            let mut order = order(&code.to_string()).email(&format!("guest{}@shop.example", code / 2));
            order.remark = remark.to_owned();
            order
        })
        .collect()
}

/// Imports until nothing fails; whatever was lost on the way, it ends the same.
fn imported(home: &mut crate::imported::Home, orders: &str) {
    for _ in 0..3 {
        let report = home.try_import("main", Some(""), Some(orders), home.now(), Default::default());
        if report.is_ok_and(|report| report.failures.is_empty()) {
            return;
        }
    }
    panic!("it does not end");
}

fn an_answer_is_lost_at_any_write_of_an_import<R: Network>(rig: R) {
    let is_campaign = std::env::var("SHOPTET_SYNC_TEST_ROUNDS").is_ok();
    let people = if is_campaign { 1_000 } else { 500 };
    let documents = orders(&placed(people * 2, ""));
    let mut home = rig.home("", "");
    home.import("", &documents);
    let (expected, writes) = (rig.shown(&home).without_times(), rig.carried_out());
    assert_eq!(
        (expected.contacts.len(), expected.orders.len()),
        (people, people * 2)
    );
    // In a campaign each step of a database gets its turn. A service is written in thousands, and has a test of its own
    // in which every answer is lost.
    let mut chance = Random::new(7);
    let tried: Vec<u64> = match writes {
        0..=100 if is_campaign => (1..=writes).collect(),
        _ => (0..4).map(|_| 1 + chance.below(writes)).collect(),
    };
    for number in tried {
        let Some(rig) = R::new() else { return };
        let mut home = rig.home("", "");
        rig.lose([number]);
        imported(&mut home, &documents);
        assert_eq!(rig.lost(), 1, "write {number} of {writes}");
        assert_eq!(
            rig.shown(&home).without_times(),
            expected,
            "write {number} of {writes}"
        );
        let before = rig.writes(&home);
        home.import("", &documents);
        assert_eq!(rig.writes(&home), before, "it is known what was written");
    }
}

fn an_answer_is_lost_at_any_later_write<R: Network>(rig: R) {
    let mut home = rig.home("", "[target.order_fields]\nremark = \"order.remark\"\n");
    home.import("", &orders(&placed(20, "")));
    let mut chance = Random::new(8);
    for round in 0..6 {
        // Some are new, and all others change.
        let all = orders(&placed(100 + round * 100, &format!("round {round}")));
        let some = 1 + chance.below(8);
        rig.lose([some, some + 3]);
        imported(&mut home, &all);
        assert!(rig.lost() >= 1, "round {round}, write {some}");
        let shown = rig.shown(&home);
        assert_eq!(
            (shown.contacts.len(), shown.orders.len()),
            (50 + round * 50, 100 + round * 100)
        );
        assert!(
            shown
                .orders
                .values()
                .all(|order| order["remark"] == *format!("round {round}"))
        );
        let before = rig.writes(&home);
        home.import("", &all);
        assert_eq!(rig.writes(&home), before, "round {round}");
    }
}
