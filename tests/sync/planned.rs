//! `plan --pull`: what changed in the shop is read for the plan, and the run after it finds all of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use jiff::SignedDuration;
use shoptet_sync::demo::world::FeedSends;
use shoptet_sync::sync::full_plan::plan_after_pull;
use shoptet_sync::sync::planned::Plan;

use super::*;

async fn plan(trial: &Trial) -> Plan {
    plan_after_pull(&trial.setup(), &mut |_, _| Ok(()), &Silent)
        .await
        .unwrap()
}

/// What is kept between runs, byte by byte; the pauses between requests and the lock left aside.
fn kept(state_dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(state_dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_file() && name != "lock" && !name.ends_with("-wal") && !name.ends_with("-shm") {
            found.insert(name, std::fs::read(&path).unwrap());
        }
    }
    found
}

/// Somebody new orders, an order is edited, a guest registers.
fn live_on(trial: &Trial) {
    trial.shop.change(|world| {
        world.time_passes(SignedDuration::from_mins(7));
        world.known_guest_orders_again().unwrap();
        world.customer_orders().unwrap();
        world.guest_registers().unwrap();
        world.customer_is_edited().unwrap();
        world.time_passes(SignedDuration::from_mins(7));
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn it_tells_what_the_run_does_and_keeps_nothing() {
    for ways in [
        (Customers::Snapshot, Orders::Snapshot),
        (Customers::Snapshot, Orders::Xml),
        (Customers::Xml, Orders::Xml),
    ] {
        let trial = Trial::by(World::generate(130, 20, 50), ways.0, ways.1).await;
        trial.import().await;
        trial.sync().await;
        let (before, rows) = (kept(&trial.state()), trial.dump());
        let nothing = plan(&trial).await;
        assert_eq!((nothing.exit_code, nothing.targets[0].create), (0, 0), "{ways:?}");
        live_on(&trial);
        let planned = plan(&trial).await;
        assert_eq!(
            (planned.exit_code, &planned.failures[..]),
            (0, &[][..]),
            "{ways:?}"
        );
        assert!(before == kept(&trial.state()), "{ways:?}: the state is as it was");
        same(&rows, &trial.dump(), "a plan writes nothing");
        assert!(!trial.state().join("plan").exists(), "{ways:?}");

        let report = trial.sync().await;
        let (told, done) = (&planned.targets[0], &report.targets["contacts"]);
        assert_eq!(
            (told.create, told.update, told.orders.create, told.orders.update),
            (
                done.created,
                done.updated,
                done.orders_created,
                done.orders_updated
            ),
            "{ways:?}"
        );
        assert!(done.orders_created >= 2 && done.updated > 0, "{ways:?}: {done:?}");
        trial.holds(&format!("{ways:?}"), &[]);
    }
}

/// What the feed tells it does not tell again, and the ordinary link may move the feed's mark.
#[tokio::test(flavor = "multi_thread")]
async fn it_leaves_the_feed_alone_and_costs_the_next_run_nothing() {
    for feed_sends in [FeedSends::SinceTheLater, FeedSends::SinceTheMark] {
        let mut world = World::generate(131, 15, 40);
        world.links.feed_sends = feed_sends;
        world.links.full_export_moves_mark = true;
        world.links.mark_moves_at_start = true;
        let trial = Trial::by(world, Customers::Xml, Orders::Xml).await;
        trial.import().await;
        // The state keeps whole seconds, and so does the clock of the shop.
        tokio::time::sleep(Duration::from_millis(2_100)).await;
        trial.sync().await;
        trial.sync().await;
        live_on(&trial);
        let before = trial.shop.change(|world| world.links.reads.len());
        let planned = plan(&trial).await;
        assert!(planned.targets[0].orders.create >= 2);
        let asked: Vec<(bool, bool)> = trial.shop.change(|world| {
            let reads = world.links.reads.iter().skip(before);
            reads
                .map(|read| (read.feed, read.asked_since.is_some()))
                .collect()
        });
        assert_eq!(asked, [(false, true)], "the ordinary link, with a time");
        trial.sync().await;
        trial.holds("after the plan", &[]);
    }
}

/// Before anything was imported, `sync` imports, and so does the plan.
#[tokio::test(flavor = "multi_thread")]
async fn before_the_first_import_it_plans_that() {
    let trial = Trial::by(World::generate(132, 10, 20), Customers::Xml, Orders::Xml).await;
    let planned = plan(&trial).await;
    assert_eq!(planned.targets[0].orders.create, 20);
    assert!(!trial.state().join("state.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_does_not_answer_is_told_and_the_rest_is_planned() {
    let trial = Trial::by(World::generate(133, 10, 20), Customers::Xml, Orders::Xml).await;
    trial.import().await;
    live_on(&trial);
    trial.shop.change(|world| {
        let down = shoptet_sync::demo::FaultKind::Status(503);
        let fault = shoptet_sync::demo::Fault::always("/export/orders.*", down);
        world.faults.push(fault);
    });
    let planned = plan(&trial).await;
    assert_eq!(planned.exit_code, 1);
    assert!(planned.failures[0].contains("503"), "{:?}", planned.failures);
    assert!(planned.targets[0].update + planned.targets[0].create > 0);
}
