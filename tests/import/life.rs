//! The shop lives on between imports, and every order stays with its person.

use shoptet_sync::demo::agreement::broken_promises;

use super::*;

/// Events whose history a fresh import sees as well: nobody changes who they are or what they are known
/// by, and nobody comes with a phone that decided about an order before.
const PLAIN: [fn(&mut World) -> Option<shoptet_sync::demo::life::Happening>; 4] = [
    World::known_guest_orders_again,
    World::customer_orders,
    World::order_status_changes,
    World::order_is_cancelled,
];

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_life_ends_where_a_fresh_import_does() {
    for (seed, orders) in [(1, Orders::Xml), (2, Orders::Snapshot), (3, Orders::Csv)] {
        let trial = Trial::by(World::generate(seed, 60, 180), Customers::Snapshot, orders).await;
        trial.import().await;
        for _ in 0..4 {
            for _ in 0..6 {
                trial.shop.change(|world| {
                    let event = world.random.index(PLAIN.len()).unwrap();
                    PLAIN[event](world).unwrap();
                });
            }
            trial.import().await;
            trial.agrees(&format!("seed {seed}"));
        }
        let lived = trial.dump_without_times();
        let fresh = trial.anew();
        fresh.import().await;
        same(&fresh.dump_without_times(), &lived, &format!("seed {seed}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_any_life_each_order_is_there_once() {
    for seed in 0..rounds(3) {
        let orders = if seed % 2 == 0 {
            Orders::Xml
        } else {
            Orders::Snapshot
        };
        let trial = Trial::by(World::generate(seed, 50, 140), Customers::Snapshot, orders).await;
        trial.import().await;
        let mut story = Vec::new();
        for step in 0..6 {
            for _ in 0..4 {
                story.extend(
                    trial
                        .shop
                        .change(|world| world.something_happens())
                        .map(|event| event.sentence),
                );
            }
            trial.import().await;
            holds(&trial, &format!("seed {seed}, step {step}"), &story);
        }
        // What is missing counts as deleted in the second listing.
        tokio::time::sleep(Duration::from_millis(5)).await;
        trial.import().await;
        holds(&trial, &format!("seed {seed}, at the end"), &story);
        nothing_is_left_of_the_deleted(&trial, &story);
        let rows = trial.dump();
        trial.import().await;
        same(&rows, &trial.dump(), "nothing new");
    }
}

fn holds(trial: &Trial, about: &str, story: &[String]) {
    let wrong = trial
        .shop
        .change(|world| broken_promises(world, &trial.database()));
    // A deletion is believed after two listings, and is looked at when they have been read.
    let wrong: Vec<_> = wrong
        .into_iter()
        .filter(|what| !what.contains("although the shop has none"))
        .collect();
    assert!(wrong.is_empty(), "{about}: {wrong:#?} after {story:#?}");
}

fn nothing_is_left_of_the_deleted(trial: &Trial, story: &[String]) {
    let wrong = trial
        .shop
        .change(|world| broken_promises(world, &trial.database()));
    assert!(wrong.is_empty(), "{wrong:#?} after {story:#?}");
}

/// How many rounds a random test goes: `SHOPTET_SYNC_TEST_ROUNDS` times as many for a campaign.
pub fn rounds(usual: u64) -> u64 {
    let more = std::env::var("SHOPTET_SYNC_TEST_ROUNDS").ok();
    usual * more.and_then(|more| more.parse().ok()).unwrap_or(1)
}
