//! The configuration may name a status by its id; exports tell only its name, the API both.

use rusqlite::Connection;
use shoptet_sync::demo::truth::Truth;
use shoptet_sync::sync::plan::plan;
use shoptet_sync::sync::shop::ShopInRun;
use shoptet_sync::sync::statuses::statuses;
use shoptet_sync::sync::target::TargetInRun;

use super::*;

const CANCELLED_ORDER: &str = "Stornována";

/// An order that was called off does not count, and is called so; both are told by the id.
async fn by_id(customers: Customers, orders: Orders) -> Trial {
    let mut trial = Trial::by(World::generate(150, 30, 90), customers, orders).await;
    trial.more.orders = "cancelled = [-4]";
    trial.more.target = "[target.statuses]\n\"-4\" = \"off\"\n\"*\" = \"sold\"";
    trial
}

/// Every order has the stage of its status, and only what was not called off counts.
fn is_right(trial: &Trial, about: &str) {
    let truth = trial.shop.change(|world| Truth::of(world, &trial.reading()));
    let wrong = truth.disagreements(&trial.database(), &[CANCELLED_ORDER]);
    assert!(wrong.is_empty(), "{about}: {wrong:#?}");
    let sql =
        "SELECT count(*), sum(stage = 'off'), sum(stage = CASE status WHEN ?1 THEN 'off' ELSE 'sold' END)
               FROM orders";
    let counts: (i64, i64, i64) = Connection::open(trial.contacts())
        .unwrap()
        .query_row(sql, [CANCELLED_ORDER], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap();
    assert!(counts.1 > 0 && counts.0 == counts.2, "{about}: {counts:?}");
}

/// How often the status is listed, and the orders it is said to have.
fn listed(trial: &Trial) -> Vec<(Option<i64>, u64, bool)> {
    let (state, setup) = (State::open_to_read(&trial.state()).unwrap(), trial.setup());
    let shops = ShopInRun::all_from_state(&state, &setup.shops).unwrap();
    let targets = TargetInRun::all(&setup.targets).unwrap();
    let all = statuses(&state, &shops, &targets).unwrap();
    let off = all.iter().filter(|status| status.name == CANCELLED_ORDER);
    off.map(|status| (status.id, status.orders, status.cancelled))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_has_the_same_stage_from_either_source() {
    for (customers, orders) in [
        (Customers::Snapshot, Orders::Snapshot),
        (Customers::Snapshot, Orders::Xml),
        (Customers::Snapshot, Orders::Csv),
    ] {
        let trial = by_id(customers, orders).await;
        trial.import().await;
        let about = format!("{customers:?} and {orders:?}");
        is_right(&trial, &about);
        let off = trial
            .database()
            .orders
            .values()
            .filter(|order| order.status == CANCELLED_ORDER)
            .count();
        assert_eq!(listed(&trial), [(Some(-4), off as u64, true)], "{about}");
    }
}

/// Which name has the id is told one day: from then on it holds for the orders of before.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_api_tells_later_holds_for_what_was_delivered_before() {
    let mut trial = by_id(Customers::Xml, Orders::Xml).await;
    trial.import().await;
    let database = trial.database();
    assert!(
        database
            .orders
            .values()
            .any(|order| order.status == CANCELLED_ORDER)
    );
    assert_eq!(listed(&trial)[0].0, None);
    trial.ways = (Customers::Snapshot, Orders::Xml);
    trial.sync().await;
    is_right(&trial, "told");
    // A status that is offered from now on and that nothing hangs on is no reason to look at everybody.
    trial.shop.change(|world| {
        let mut status = world.shop.statuses[0].clone();
        (status.id, status.name) = (30, "Reklamace".to_owned());
        world.shop.statuses.push(status);
    });
    assert!(trial.sync().await.targets.is_empty());
    let planned = plan(&trial.setup(), &mut |_, _| Ok(()), &Silent).await.unwrap();
    assert_eq!(planned.targets[0].why_all, None);
    // Two of one name are told apart by nobody.
    trial.shop.change(|world| {
        let twin = world.shop.statuses.last_mut().unwrap();
        CANCELLED_ORDER.clone_into(&mut twin.name);
    });
    trial.sync().await;
    let told = listed(&trial);
    let is_open = |(id, orders, is_off): &(Option<i64>, u64, bool)| id.is_none() && *orders > 0 && !is_off;
    assert!(told.iter().any(is_open), "{told:?}");
}
