//! The shop lives on, and a run follows after every few events.

use super::*;

const WAYS: [(Customers, Orders); 4] = [
    (Customers::Snapshot, Orders::Snapshot),
    (Customers::Snapshot, Orders::Xml),
    (Customers::Xml, Orders::Xml),
    (Customers::Paged, Orders::Csv),
];

#[tokio::test(flavor = "multi_thread")]
async fn any_life_is_followed() {
    for seed in 0..rounds(4) {
        let (customers, orders) = WAYS[usize::try_from(seed).unwrap() % WAYS.len()];
        let trial = Trial::by(World::generate(seed, 40, 110), customers, orders).await;
        trial.import().await;
        let mut story = Vec::new();
        for _ in 0..4 {
            for _ in 0..4 {
                let happened = trial.shop.change(|world| world.anything_happens());
                story.extend(happened.map(|event| event.sentence));
            }
            trial.sync().await;
        }
        // An export tells of a deletion by leaving it out, twice; the feed does not tell it at all.
        for _ in 0..2 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            trial.import().await;
        }
        trial.holds(&format!("seed {seed} by {customers:?} and {orders:?}"), &story);
    }
}
