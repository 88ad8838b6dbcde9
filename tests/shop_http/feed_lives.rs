//! Shops that live while their orders are read by the feed, and whatever goes wrong.

use futures_util::{StreamExt as _, stream};
use jiff::SignedDuration;
use shoptet_sync::demo::random::Random;
use shoptet_sync::demo::world::{FeedSends, World};
use shoptet_sync::demo::{Fault, FaultKind, SimulatedShop};

use super::keeper::{Keeper, agrees};
use super::simulated::{happens, pass_time, started};
use super::*;

const ORDERS: &str = "/export/orders.xml";

/// An answer that was kept on the way tells its age, and counts for no more than it says.
#[tokio::test]
async fn an_old_answer_moves_the_cursor_no_further_than_it_reaches() {
    for feed_sends in [FeedSends::SinceTheParameter, FeedSends::SinceTheMark] {
        let simulated = started(World::generate(7, 10, 50)).await;
        simulated.change(|world| world.links.feed_sends = feed_sends);
        let mut keeper = Keeper::new(&simulated).await;
        keeper.run(&simulated).await.unwrap();
        happens(&simulated, ORDERS, FaultKind::AnsweredAgain);
        pass_time(&simulated, 1);
        keeper.run(&simulated).await.unwrap();
        let reaches = keeper.cursor;
        pass_time(&simulated, 10);
        simulated.change(|world| world.order_status_changes());
        pass_time(&simulated, 120);
        let carried_out = simulated.change(|world| world.links.reads.len());
        keeper.run(&simulated).await.unwrap();
        assert_eq!(simulated.change(|world| world.links.reads.len()), carried_out);
        assert!(keeper.cursor.duration_since(reaches).abs() < SignedDuration::from_mins(2));
        keeper.run(&simulated).await.unwrap();
        agrees(&keeper, &simulated, &format!("{feed_sends:?}")).await;
    }
}

/// A proxy that sends a request again gets what the first one left. Where the shop heeds the time that
/// is asked for, that is everything; where its mark alone counts, nobody could tell.
#[tokio::test]
async fn a_request_that_is_carried_out_twice_loses_nothing_where_the_time_counts() {
    let simulated = started(World::generate(8, 10, 50)).await;
    simulated.change(|world| world.links.feed_sends = FeedSends::SinceTheParameter);
    let mut keeper = Keeper::new(&simulated).await;
    keeper.run(&simulated).await.unwrap();
    for _ in 0..5 {
        pass_time(&simulated, 120);
        simulated.change(|world| world.order_status_changes());
        happens(&simulated, ORDERS, FaultKind::CarriedOutTwice);
        keeper.run(&simulated).await.unwrap();
        agrees(&keeper, &simulated, "carried out twice").await;
    }
}

/// A shop that lives, a reading after every few events, and whatever goes wrong at whatever moment,
/// under everything that is not known about the shop's mark.
#[tokio::test]
async fn nothing_is_lost_whatever_the_mark_does() {
    let rounds = std::env::var("SHOPTET_SYNC_TEST_ROUNDS").ok();
    let rounds: u64 = rounds.and_then(|rounds| rounds.parse().ok()).unwrap_or(1);
    let lives = stream::iter(0..32 * rounds).map(a_life).buffer_unordered(8);
    let counts = lives
        .fold(Counts::default(), |sum, life| async move {
            Counts {
                stored: sum.stored + life.stored,
                through_feed: sum.through_feed + life.through_feed,
                cut_short: sum.cut_short + life.cut_short,
            }
        })
        .await;
    assert!(
        counts.stored > 300 && counts.through_feed > 120 && counts.cut_short > 50,
        "{counts:?}"
    );
}

/// What the shop saw of a life.
#[derive(Debug, Default)]
struct Counts {
    stored: usize,
    through_feed: usize,
    cut_short: usize,
}

async fn a_life(seed: u64) -> Counts {
    let mut random = Random::new(seed);
    let mut world = World::generate(seed, 20, 80);
    let links = &mut world.links;
    links.mark_moves_at_start = seed & 1 == 0;
    links.full_export_moves_mark = seed & 2 == 0;
    links.update_time_in_utc = seed & 4 == 0;
    links.feed_sends = [
        FeedSends::SinceTheLater,
        FeedSends::SinceTheParameter,
        FeedSends::SinceTheMark,
    ][(seed / 8 % 3) as usize];
    let told = format!("seed {seed}, {:?}", world.links.feed_sends);
    let simulated = started(world).await;
    let mut keeper = Keeper::new(&simulated).await;
    let mut life = Vec::new();
    let mut stored = 0;
    for _ in 0..12 {
        pass_time(&simulated, random.below(240) as i64 + 1);
        simulated.change(|world| {
            for _ in 0..random.below(4) {
                life.extend(world.order_status_changes());
                life.extend(world.known_guest_orders_again());
                life.extend(world.order_is_edited());
                world.time_passes(SignedDuration::from_secs(20));
            }
        });
        if random.chance(600) {
            go_wrong(&simulated, &mut keeper, &mut random).await;
        }
        stored += usize::from(keeper.run(&simulated).await.is_ok());
        simulated.change(|world| world.faults.clear());
    }
    keeper.run(&simulated).await.unwrap();
    // The full export may move the mark: nobody asks the feed after it.
    agrees(&keeper, &simulated, &format!("{told}: {life:?}")).await;
    let reads = simulated.change(|world| world.links.reads.clone());
    Counts {
        stored,
        through_feed: reads.iter().filter(|read| read.feed && read.delivered).count(),
        cut_short: reads.iter().filter(|read| !read.delivered).count(),
    }
}

/// One of the things that go wrong: a fault in the next answer, or a process killed at some moment.
async fn go_wrong(simulated: &SimulatedShop, keeper: &mut Keeper, random: &mut Random) {
    let percent = random.below(100) as u8;
    let fault = match random.below(14) {
        0 => Some(FaultKind::Reset),
        1 => Some(FaultKind::LostAnswer),
        2 => Some(FaultKind::Truncate { percent }),
        3 => Some(FaultKind::EndsEarly { percent }),
        4 => Some(FaultKind::EmptyBody),
        5 => Some(FaultKind::Status(503)),
        6 => Some(FaultKind::Html),
        7 => Some(FaultKind::AnsweredAgain),
        _ => None,
    };
    if let Some(kind) = fault {
        let times = random.below(5) as u32 + 1;
        simulated.change(|world| world.faults.push(Fault::once(ORDERS, kind).times(times)));
        return;
    }
    match random.below(4) {
        // Killed before the request was sent.
        0 => keeper.feed_is_open = true,
        // Killed somewhere during the download.
        1 => {
            let slow = FaultKind::SlowDrip {
                bytes: 3_000,
                pause: Duration::from_millis(2),
            };
            happens(simulated, ORDERS, slow);
            let until = Duration::from_micros(random.below(30_000));
            let killed = tokio::time::timeout(until, keeper.download(simulated)).await;
            drop(killed);
        }
        // Killed after it, before anything was stored.
        2 => drop(keeper.download(simulated).await),
        // Killed after everything was stored, before the spool was emptied.
        _ => {
            if let Ok(download) = keeper.download(simulated).await {
                keeper.store(&download).unwrap();
            }
        }
    }
}
