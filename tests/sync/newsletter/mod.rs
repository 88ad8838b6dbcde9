//! Who wants the newsletter: as the shop's lists tell, else as the customers export does, else unknown.

mod untold;

use std::collections::BTreeMap;

use shoptet_sync::demo::{Fault, FaultKind};
use shoptet_sync::state::State;

use super::*;

/// A mapping that names it.
const NAMED: &str = "[target.fields]\nemail = \"contact.email\"\nnewsletter = \"contact.newsletter\"";

const LISTS: [&str; 2] = ["/api/mailing-lists", "/api/unsubscribed-emails"];

async fn trial(world: World, ways: (Customers, Orders)) -> Trial {
    let mut trial = Trial::by(world, ways.0, ways.1).await;
    trial.more.target = NAMED;
    trial
}

const BY_API: (Customers, Orders) = (Customers::Snapshot, Orders::Snapshot);

/// A guest orders; answers with the code of the order.
fn guest_orders(world: &mut World, email: &str) -> String {
    let like = world.orders[0].clone();
    world.add_order(&like, None, Some(email.to_owned()))
}

/// What the contact database says of each e-mail, `None` where it says nothing.
fn said(trial: &Trial) -> BTreeMap<String, Option<bool>> {
    let contacts = rusqlite::Connection::open(trial.contacts()).unwrap();
    let mut statement = contacts
        .prepare("SELECT email, newsletter FROM contacts WHERE email <> '' AND merged_into IS NULL")
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

/// What the shop's lists say of an e-mail.
fn wanted(world: &World, email: &str) -> bool {
    let is_on = |list: &[(String, jiff::Timestamp)]| {
        let of = list.iter().filter(|(on, _)| on.trim().to_lowercase() == email);
        of.map(|(_, at)| *at).max()
    };
    let agreed = is_on(&world.mailing.subscribers);
    agreed > is_on(&world.mailing.unsubscribed)
}

/// Every contact shows what the lists say.
fn shows_the_lists(trial: &Trial, about: &str) {
    let said = said(trial);
    assert!(said.len() > 10, "{about}");
    trial.shop.change(|world| {
        for (email, said) in &said {
            assert_eq!(*said, Some(wanted(world, email)), "{about}: {email}");
        }
    });
}

/// How often each list was asked for since the last look, everything below it included.
fn asked(trial: &Trial) -> [usize; 2] {
    let requests = trial.shop.requests();
    trial.shop.forget_requests();
    LISTS.map(|list| {
        let of = requests.iter().filter(|request| request.path.starts_with(list));
        of.count()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_lists_say_is_followed() {
    for seed in 0..rounds(2) {
        let trial = trial(World::generate(seed, 40, 90), BY_API).await;
        // A guest can agree too, and an e-mail be written in any way.
        let guest = trial.shop.change(|world| {
            let guest = guest_orders(world, "Host.Novak@posta.example");
            let now = world.clock.now();
            world.mailing.add("host.NOVAK@posta.example", now);
            guest
        });
        trial.import().await;
        shows_the_lists(&trial, &format!("{seed}, imported with {guest}"));
        for round in 0..4 {
            for _ in 0..3 {
                trial.shop.change(|world| {
                    // Nobody changes their mind within a second.
                    let events = [
                        World::anything_happens,
                        World::somebody_subscribes,
                        World::somebody_unsubscribes,
                    ];
                    for event in events {
                        event(world);
                        world.clock.advance(jiff::SignedDuration::from_secs(1));
                    }
                });
            }
            trial.sync().await;
            shows_the_lists(&trial, &format!("{seed}, round {round}"));
        }
        let before = trial.dump();
        trial.import().await;
        same(&before, &trial.dump(), "read whole, it is the same");
        // Taken off the second list, which only a whole reading shows.
        trial.shop.change(|world| world.mailing.unsubscribed.clear());
        trial.import().await;
        shows_the_lists(&trial, "in the end");
    }
}

/// In between it costs a request a list, and writes nothing when nothing is new.
#[tokio::test(flavor = "multi_thread")]
async fn with_nothing_new_it_asks_twice_and_writes_nothing() {
    let trial = trial(World::generate(5, 30, 60), BY_API).await;
    trial.import().await;
    shows_the_lists(&trial, "imported");
    asked(&trial);
    let before = std::fs::read(trial.contacts()).unwrap();
    for _ in 0..3 {
        let report = trial.sync().await;
        assert!(report.targets.is_empty(), "{:?}", report.targets);
        assert_eq!(asked(&trial), [1, 1]);
    }
    assert!(
        before == std::fs::read(trial.contacts()).unwrap(),
        "a byte changed"
    );
    // The one who changes is the one who is delivered.
    trial.shop.change(|world| world.somebody_subscribes().unwrap());
    let report = trial.sync().await;
    assert_eq!(report.targets["contacts"].updated, 1, "{:?}", report.targets);
    assert_eq!(report.targets["contacts"].kept, 0, "{:?}", report.targets);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_asks_where_no_expression_names_it() {
    let mut trial = trial(World::generate(6, 20, 40), BY_API).await;
    trial.more.target = "";
    trial.import().await;
    trial.sync().await;
    assert_eq!(asked(&trial), [0, 0]);
    // Named later, it is read with the next run.
    trial.more.target = NAMED;
    trial.sync().await;
    shows_the_lists(&trial, "named later");
}

/// Changes are told for 30 days: after a longer pause the list is read whole.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_long_pause_it_is_read_whole() {
    let trial = trial(World::generate(10, 20, 40), BY_API).await;
    trial.import().await;
    let state = rusqlite::Connection::open(trial.state().join("state.db")).unwrap();
    state
        .execute_batch("UPDATE consent_lists SET read_to = read_to - 31 * 86400")
        .unwrap();
    drop(state);
    trial.shop.change(|world| {
        let left = world.mailing.subscribers.pop().unwrap();
        // So long ago that the changes tell it no more.
        world.mailing.left.retain(|(email, _)| *email != left.0);
    });
    trial.sync().await;
    shows_the_lists(&trial, "read whole");
}

/// Lists of several pages, of people whom the shop knows for nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn long_lists_are_read_to_their_end() {
    let trial = trial(World::generate(11, 20, 40), BY_API).await;
    trial.shop.change(|world| {
        let now = world.clock.now();
        for number in 0..2_600 {
            world.mailing.add(&format!("odber.{number}@posta.example"), now);
            world
                .mailing
                .unsubscribe(&format!("konec.{number}@posta.example"), now);
        }
        let later = world.mailing.subscribers.remove(0);
        world.mailing.subscribers.push(later);
    });
    trial.import().await;
    shows_the_lists(&trial, "imported");
    // One of them places an order later.
    trial.shop.change(|world| {
        guest_orders(world, "odber.2100@posta.example");
        guest_orders(world, "konec.2100@posta.example");
    });
    trial.sync().await;
    shows_the_lists(&trial, "and later");
    assert_eq!(said(&trial)["odber.2100@posta.example"], Some(true));
}

/// Nothing is left of somebody who is forgotten, and nothing brings it back.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_forgotten_is_on_no_list() {
    let trial = trial(World::generate(12, 20, 40), BY_API).await;
    let email = trial.shop.change(|world| world.mailing.subscribers[0].0.clone());
    let stranger = "nikdo.neznamy@posta.example";
    trial.shop.change(|world| {
        let now = world.clock.now();
        world.mailing.add(stranger, now);
        world.mailing.unsubscribe("jiny.neznamy@posta.example", now);
    });
    trial.import().await;
    let kept = || {
        let state = State::open_to_read(&trial.state()).unwrap();
        let shop = state.shops().unwrap()[0].id;
        let listed = |email: &str| {
            let email = shoptet_sync::merge::email::normalise(email).unwrap();
            state
                .consents_of(shop, shoptet_sync::merge::key::hash64(&email))
                .unwrap()
                .agreed
        };
        [listed(&email), listed(stranger)].map(|listed| listed.is_some())
    };
    assert_eq!(kept(), [true, true]);
    for who in [&*email, stranger] {
        let engine = Engine::open(trial.setup(), "forget").await.unwrap();
        let forgotten = engine.forget(who, true, &Silent).await.unwrap();
        assert_eq!(forgotten.exit_code(), 0, "{forgotten:?}");
    }
    assert_eq!(kept(), [false, false]);
    trial.sync().await;
    trial.import().await;
    assert_eq!(kept(), [false, false], "nor does the shop bring it back");
    let engine = Engine::open(trial.setup(), "forget").await.unwrap();
    engine.lift(stranger).await.unwrap();
    drop(engine);
    trial.import().await;
    assert_eq!(kept(), [false, true], "it was lifted");
}
