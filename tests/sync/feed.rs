//! The feed of what is new or changed, whose reading consumes: whatever becomes of a reading, nothing that it
//! told is lost.

use std::time::Duration;

use jiff::SignedDuration;
use shoptet_sync::demo::life::Happening;
use shoptet_sync::demo::world::FeedSends;
use shoptet_sync::demo::{Fault, FaultKind};

use super::*;

const FEED: &str = "/export/orders.xml";

/// What the feed can tell: it is silent about deletions.
const EVENTS: [fn(&mut World) -> Option<Happening>; 8] = [
    World::known_guest_orders_again,
    World::customer_orders,
    World::order_status_changes,
    World::order_is_cancelled,
    World::order_is_edited,
    World::order_email_is_edited,
    World::guest_registers,
    World::customer_is_edited,
];

/// What the shop does about its mark is documented nowhere: each possibility.
fn by_the_book_of(seed: u64, world: &mut World) {
    world.links.feed_sends = [
        FeedSends::SinceTheLater,
        FeedSends::SinceTheParameter,
        FeedSends::SinceTheMark,
    ][usize::try_from(seed % 3).unwrap()];
    world.links.mark_moves_at_start = (seed / 3).is_multiple_of(2);
    world.links.update_time_in_utc = (seed / 6).is_multiple_of(2);
    world.links.full_export_moves_mark = (seed / 12).is_multiple_of(2);
}

fn a_fault(world: &mut World) -> FaultKind {
    let percent = u8::try_from(world.random.below(100)).unwrap();
    match world.random.below(9) {
        0 => FaultKind::Truncate { percent },
        1 => FaultKind::EndsEarly { percent },
        2 => FaultKind::Reset,
        3 => FaultKind::LostAnswer,
        4 => FaultKind::AnsweredAgain,
        5 => FaultKind::Html,
        6 => FaultKind::EmptyBody,
        7 => FaultKind::Status(503),
        _ => FaultKind::SlowDrip {
            bytes: 300,
            pause: Duration::from_millis(1),
        },
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_it_told_is_lost() {
    for seed in 0..rounds(8) {
        let mut world = World::generate(seed, 15, 40);
        by_the_book_of(seed, &mut world);
        let trial = Trial::by(world, Customers::Xml, Orders::Xml).await;
        trial.import().await;
        let mut story = Vec::new();
        for step in 0..6 {
            let stops_after = trial.shop.change(|world| {
                for _ in 0..2 {
                    let event = world.random.index(EVENTS.len()).unwrap();
                    story.extend(EVENTS[event](world).map(|happening| happening.sentence));
                    let passes = i64::try_from(world.random.below(600)).unwrap();
                    world.time_passes(SignedDuration::from_secs(passes));
                }
                if world.random.chance(500) {
                    let fault = a_fault(world);
                    story.push(format!("({fault:?})"));
                    world.faults.push(Fault::once(FEED, fault));
                }
                world.random.chance(333).then(|| world.random.below(60))
            });
            // Whether it ends well, badly, or in the middle of anything.
            let run = trial.try_sync();
            match stops_after {
                Some(ms) => drop(tokio::time::timeout(Duration::from_millis(ms), run).await),
                None => drop(run.await),
            }
            trial.shop.change(|world| world.faults.clear());
            if step % 3 == 2 {
                trial.sync().await;
                trial.holds(&format!("seed {seed}, step {step}"), &story);
            }
        }
        trial.sync().await;
        trial.holds(&format!("seed {seed}, at the end"), &story);
        let rows = trial.dump();
        let report = trial.sync().await;
        assert_eq!((report.customers_changed, report.orders_changed), (0, 0));
        same(&rows, &trial.dump(), "nothing new");
    }
}

/// `check` tries the ordinary link, which may move the mark of the feed.
#[tokio::test(flavor = "multi_thread")]
async fn a_check_in_between_costs_nothing() {
    for feed_sends in [FeedSends::SinceTheLater, FeedSends::SinceTheMark] {
        let mut world = World::generate(5, 15, 40);
        world.links.feed_sends = feed_sends;
        world.links.full_export_moves_mark = true;
        world.links.mark_moves_at_start = true;
        let trial = Trial::by(world, Customers::Xml, Orders::Xml).await;
        trial.import().await;
        // The state keeps whole seconds, and so does the clock of the shop.
        tokio::time::sleep(Duration::from_millis(2_100)).await;
        trial.sync().await;
        trial.sync().await;
        trial.shop.change(|world| {
            world.time_passes(SignedDuration::from_mins(7));
            world.known_guest_orders_again().unwrap();
            world.time_passes(SignedDuration::from_mins(7));
        });
        shoptet_sync::sync::check::check(&trial.setup(), &[])
            .await
            .unwrap();
        trial.sync().await;
        trial.holds("after the check", &[]);
    }
}

/// What the shop is asked for: the feed once it can be relied on, and never more than changed.
#[tokio::test(flavor = "multi_thread")]
async fn the_feed_is_asked_once_it_can_be_relied_on() {
    let trial = Trial::by(World::generate(6, 15, 40), Customers::Xml, Orders::Xml).await;
    trial.import().await;
    // The state keeps whole seconds, and so does the clock of the shop.
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    for _ in 0..3 {
        trial.shop.change(|world| world.customer_orders().unwrap());
        trial.sync().await;
    }
    let asked: Vec<(bool, bool)> = trial.shop.change(|world| {
        let reads = world.links.reads.iter();
        reads
            .map(|read| (read.feed, read.asked_since.is_some()))
            .collect()
    });
    assert_eq!(asked, [(false, false), (false, true), (true, true), (true, true)]);
    trial.holds("followed", &[]);
}
