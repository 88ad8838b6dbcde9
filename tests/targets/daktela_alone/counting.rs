//! Requests, counted.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::{ORDERS, STATUSES, home, home_with, jane};
use crate::fake_daktela::Daktela;
use crate::written::{Order, customers, order, orders};

fn counts<const N: usize>(counts: [(&str, usize); N]) -> BTreeMap<String, usize> {
    counts.map(|(what, count)| (what.to_owned(), count)).into()
}

fn placed(total: &str) -> Vec<Order> {
    let order = |code: usize| {
        order(&code.to_string())
            .email(&format!("guest{}@shop.example", code / 2))
            .total(total)
    };
    (0..60).map(order).collect()
}

#[test]
fn a_record_that_changed_is_written_once_and_nothing_else_is() {
    let fake = Daktela::start();
    let mut home = home(&fake);
    let mut all = placed("100.00");
    home.import("", &orders(&all));
    // One look whose it is; of each contact by name and by e-mail; of each order by name.
    let first = [
        ("GET contacts", 1 + 30 * 2),
        ("POST contacts", 30),
        ("GET crmRecords", 60),
        ("POST crmRecords", 60),
    ];
    assert_eq!(fake.counts(), counts(first));

    fake.forget_requests();
    home.import("", &orders(&all));
    assert_eq!(fake.counts(), counts([("GET contacts", 1)]), "nothing new");

    fake.forget_requests();
    all[7] = all[7].clone().status("Nová");
    home.import("", &orders(&all));
    let changed = [("GET contacts", 1), ("GET crmRecords", 1), ("PUT crmRecords", 1)];
    assert_eq!(fake.counts(), counts(changed), "its contact stays as it is");

    fake.forget_requests();
    all[7] = all[7].clone().phone("601123456");
    home.import("", &orders(&all));
    assert_eq!(fake.counts(), counts([("GET contacts", 2), ("PUT contacts", 1)]));
}

#[test]
fn an_adopted_contact_is_read_twice_and_written_once() {
    let fake = Daktela::start();
    fake.change(|world| world.agent_makes("jane", "Jane", "jane@shop.example"));
    let mut home = home(&fake);
    home.import(&customers(&[jane().login("second@shop.example")]), "");
    assert_eq!(
        fake.counts(),
        counts([("GET contacts", 1 + 2), ("PUT contacts", 1)])
    );
}

#[test]
fn the_token_travels_in_a_header_and_few_requests_side_by_side() {
    let fake = Daktela::start();
    fake.slow_down(Duration::from_millis(20));
    let mut home = home(&fake);
    home.import("", &orders(&placed("100.00")));
    assert!((2..=4).contains(&fake.most_at_once()), "{}", fake.most_at_once());
    for asked in fake.asked() {
        assert_eq!(asked.token.as_deref(), Some("t0ken"));
        assert!(
            asked
                .query
                .iter()
                .all(|(key, value)| !key.contains("t0ken") && !value.contains("t0ken"))
        );
    }
}

#[test]
fn no_more_requests_are_sent_in_a_second_than_were_configured() {
    let fake = Daktela::start();
    let keys = format!("{ORDERS}requests_per_second = 20\n");
    let configured = home_with(&fake, &keys, STATUSES)
        .configuration()
        .replace("requests_per_second = 1000\n", "");
    let mut home = crate::imported::Home::with(&configured);
    let began = Instant::now();
    home.import("", &orders(&placed("100.00")[..12]));
    let (requests, took) = (fake.asked().len(), began.elapsed());
    assert_eq!(requests, 1 + 6 * 3 + 12 * 2);
    assert!(took >= Duration::from_secs(2), "{requests} requests in {took:?}");
}
