//! What the shop does not tell, or not for the moment: nothing is held up, and what else is known holds.

use super::*;

/// What the shop does not tell fails nothing, and is said once.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_rights_it_is_unknown_and_said_once() {
    let trial = trial(World::generate(7, 30, 60), BY_API).await;
    trial.shop.change(|world| {
        world.mailing.module = false;
        world
            .doors
            .missing_rights
            .insert("unsubscribed-emails".to_owned());
    });
    let report = trial.import().await;
    assert_eq!(
        (report.notes.len(), report.exit_code()),
        (2, 0),
        "{:?}",
        report.notes
    );
    assert!(report.notes[0].contains("mailing lists"), "{:?}", report.notes);
    assert!(said(&trial).values().all(Option::is_none));
    for _ in 0..2 {
        let report = trial.sync().await;
        assert_eq!(
            (report.notes.len(), report.exit_code()),
            (0, 0),
            "{:?}",
            report.notes
        );
    }
    // One of the rights: who unsubscribed is known, of the others still nothing.
    let left = trial.shop.change(|world| {
        world.doors.missing_rights.clear();
        world
            .somebody_unsubscribes()
            .unwrap()
            .email
            .unwrap()
            .to_lowercase()
    });
    trial.sync().await;
    for (email, said) in said(&trial) {
        assert_eq!(said, (email == left).then_some(false), "{email}");
    }
    trial.shop.change(|world| world.mailing.module = true);
    assert_eq!(trial.sync().await.notes, [""; 0]);
    shows_the_lists(&trial, "with the module");
    // It is taken away again: nobody is told from a list of then, and that is said.
    trial.shop.change(|world| world.mailing.module = false);
    assert_eq!(trial.sync().await.notes.len(), 1);
    let known = State::open_to_read(&trial.state()).unwrap();
    let shop = known.shops().unwrap()[0].id;
    let email = said(&trial).into_keys().find(|email| *email != left).unwrap();
    let listed = known.consents_of(shop, shoptet_sync::merge::key::hash64(&email));
    assert_eq!(listed.unwrap(), shoptet_sync::model::ConsentListed::default());
}

/// The customers export says it of each customer; where a list knows better, the list holds.
#[tokio::test(flavor = "multi_thread")]
async fn the_export_tells_where_no_list_does() {
    for (orders, has_api) in [(Orders::Xml, false), (Orders::Snapshot, true)] {
        let trial = trial(World::generate(8, 30, 60), (Customers::Xml, orders)).await;
        trial.shop.change(|world| world.mailing.module = false);
        let report = trial.import().await;
        assert_eq!(report.notes.len(), usize::from(has_api), "{:?}", report.notes);
        let exported = |world: &World, email: &str| {
            let customer = world.customer_by_login(email)?;
            Some(customer.newsletter)
        };
        let right = |unsubscribed: Option<&str>| {
            trial.shop.change(|world| {
                let said = said(&trial);
                assert!(said.values().any(|said| *said == Some(true)));
                assert!(said.values().any(Option::is_none), "guests are unknown");
                for (email, said) in said {
                    let known = exported(world, &email).filter(|_| unsubscribed != Some(&email));
                    let expected = known.or((unsubscribed == Some(&email)).then_some(false));
                    assert_eq!(said, expected, "{email}");
                }
            });
        };
        right(None);
        let email = trial.shop.change(|world| {
            let agreed = world
                .customers
                .iter()
                .find(|customer| customer.newsletter)
                .unwrap();
            let email = agreed.accounts[0].email.clone();
            let now = world.clock.now();
            // The export was made before.
            world.mailing.unsubscribe(&email, now);
            email.trim().to_lowercase()
        });
        trial.sync().await;
        right(has_api.then_some(&*email));
    }
}

/// A list that cannot be read holds nothing else up, and is read whole once it can be.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_fails_holds_nothing_up() {
    let trial = trial(World::generate(9, 20, 40), BY_API).await;
    let broken = |on: &str| Fault::always(on, FaultKind::Status(500));
    trial
        .shop
        .change(|world| world.faults.push(broken("/api/mailing-lists*")));
    let report = trial.try_import().await.unwrap();
    assert_eq!((report.failures.len(), report.exit_code()), (1, 1), "{report:?}");
    assert!(said(&trial).len() > 10 && said(&trial).values().all(Option::is_none));
    trial.shop.change(|world| world.faults.clear());
    trial.sync().await;
    shows_the_lists(&trial, "once it answers");
    trial.shop.change(|world| {
        world.faults.push(broken("/api/unsubscribed-emails"));
        world.customer_orders().unwrap();
        world.somebody_unsubscribes().unwrap();
    });
    let report = trial.try_sync().await.unwrap();
    assert_eq!(
        (report.failures.len(), report.orders_changed),
        (1, 1),
        "{report:?}"
    );
    shows_the_lists(&trial, "the other list told it");
    trial.shop.change(|world| world.faults.clear());
    trial.sync().await;
    shows_the_lists(&trial, "at last");
}

/// In a group of shops the first one that knows has the word.
#[tokio::test(flavor = "multi_thread")]
async fn in_a_group_the_first_shop_that_knows_has_the_word() {
    let world = || World::generate(13, 20, 40);
    let (first, second) = (trial(world(), BY_API).await, trial(world(), BY_API).await);
    let agree = |trial: &Trial, agrees: bool| {
        trial.shop.change(|world| {
            let now = world.clock.now();
            for customer in world.customers.clone() {
                match agrees {
                    true => world.mailing.add(&customer.accounts[0].email, now),
                    false => world.mailing.unsubscribe(&customer.accounts[0].email, now),
                }
            }
        });
    };
    agree(&first, false);
    agree(&second, true);
    let block = |trial: &Trial, name: &str| {
        let text = trial.configuration_text();
        let (_, rest) = text.split_once("[[shop]]").unwrap();
        let (shop, _) = rest.split_once("[[target]]").unwrap();
        let named = shop.replacen(
            "name = \"main\"",
            &format!("name = \"{name}\"\ngroup = \"both\""),
            1,
        );
        format!("[[shop]]{named}")
    };
    let path = first.configuration();
    let text = std::fs::read_to_string(&path).unwrap();
    let (top, rest) = text.split_once("[[shop]]").unwrap();
    let (_, target) = rest.split_once("[[target]]").unwrap();
    let shops = block(&first, "one") + &block(&second, "two");
    std::fs::write(&path, format!("{top}{shops}[[target]]{target}")).unwrap();
    let run = async || {
        let engine = Engine::open(setup_of(&path), "test").await.unwrap();
        let report = engine.sync(&DeliveryOptions::default(), &Silent).await.unwrap();
        assert_eq!(report.failures, [""; 0]);
        let registered = first.shop.change(|world| {
            let emails = world.customers.iter().map(|customer| &customer.accounts[0].email);
            emails
                .map(|email| email.trim().to_lowercase())
                .collect::<Vec<_>>()
        });
        let mut said = said(&first);
        said.retain(|email, _| registered.contains(email));
        assert!(said.len() > 10, "{said:?}");
        said.into_values().collect::<Vec<_>>()
    };
    let said = run().await;
    assert!(said.iter().all(|said| *said == Some(false)), "{said:?}");
    first.shop.change(|world| {
        world.mailing.module = false;
        world
            .doors
            .missing_rights
            .insert("unsubscribed-emails".to_owned());
    });
    let said = run().await;
    assert!(said.iter().all(|said| *said == Some(true)), "{said:?}");
}
