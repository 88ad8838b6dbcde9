//! The shop lives on, and a run follows after every few events.

use shoptet_sync::demo::life::Happening;

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

/// A life in which nobody becomes somebody else: no e-mails that change, no guests who register, nothing
/// that is deleted, and nobody who comes with the phone by which an order without e-mail has its contact:
/// that is decided when it is first read.
#[tokio::test(flavor = "multi_thread")]
async fn a_plain_life_ends_as_one_import_of_the_final_shop() {
    for seed in 0..rounds(4) {
        let (customers, orders) = WAYS[usize::try_from(seed).unwrap() % WAYS.len()];
        let trial = Trial::by(World::generate(seed + 500, 40, 110), customers, orders).await;
        trial.import().await;
        let mut story = Vec::new();
        for step in 0..20 {
            let happened = trial.shop.change(|world| match (step + seed) % 7 {
                0 => world.known_guest_orders_again(),
                1 => world.customer_orders(),
                2 => somebody_with_a_phone_of_their_own_registers(world),
                3 => world.order_status_changes(),
                4 => world.order_is_cancelled(),
                5 => world.order_is_edited(),
                _ => world.customers_are_updated_in_bulk(5),
            });
            story.extend(happened.map(|event| event.sentence));
            if step % 5 == 4 {
                trial.sync().await;
            }
        }
        let about = format!("seed {seed} by {customers:?} and {orders:?}: {story:#?}");
        trial.agrees(&about);
        let followed = trial.dump_without_times();
        let imported = trial.anew();
        imported.import().await;
        same(&followed, &imported.dump_without_times(), &about);
    }
}

fn somebody_with_a_phone_of_their_own_registers(world: &mut World) -> Option<Happening> {
    let happening = world.somebody_registers()?;
    let place = world.customers.len();
    let account = world.customers.last_mut()?.accounts.first_mut()?;
    account.phone = Some(format!("+420 799 000 {place:03}"));
    Some(happening)
}
