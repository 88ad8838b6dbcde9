//! Who wants the newsletter.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use shoptet_sync::demo::world::{TooOld, World};
use shoptet_sync::demo::{Fault, FaultKind};
use shoptet_sync::source::{Consent, Consents};

use super::simulated::{now_of, pass_time, settings_of, shop_of, started};
use super::*;

const MEMBERS: &str = "/api/mailing-lists/newsletters";

#[derive(Debug, Default)]
struct Read {
    consents: BTreeMap<String, Consent>,
    pages: usize,
    longest: usize,
    cursor: Option<Timestamp>,
}

async fn read(consents: Consents<'_>) -> Read {
    let Consents::Told(mut pages) = consents else {
        panic!("it is not told")
    };
    assert_eq!(pages.cursor(), None, "not before its end");
    let mut read = Read::default();
    while let Some(page) = pages.next().await.unwrap() {
        read.pages += 1;
        read.longest = read.longest.max(page.len());
        for consent in page {
            read.consents.insert(consent.email.clone(), consent);
        }
    }
    assert!(pages.next().await.unwrap().is_none(), "an end is an end");
    read.cursor = pages.cursor();
    read
}

#[tokio::test]
async fn the_list_is_read_whole_and_then_by_its_changes() {
    let simulated = started(World::generate(1, 1_400, 20)).await;
    let product = shop_of(&simulated);
    let whole = read(product.newsletter(None).await.unwrap()).await;
    let expected: BTreeMap<String, Timestamp> =
        simulated.change(|world| world.mailing.subscribers.iter().cloned().collect());
    assert!(expected.len() > 500 && whole.pages == 4 && whole.longest == 500);
    assert_eq!(whole.consents.len(), expected.len());
    for (email, consent) in &whole.consents {
        assert_eq!((consent.agreed, consent.at), (true, Some(expected[email])));
    }

    pass_time(&simulated, 60);
    let (added, removed) = simulated.change(|world| {
        let added = world.somebody_subscribes().unwrap().email.unwrap();
        let removed = world.somebody_unsubscribes().unwrap().email.unwrap();
        (added, removed)
    });
    pass_time(&simulated, 60);
    let changes = read(product.newsletter(whole.cursor).await.unwrap()).await;
    let agreed: Vec<(&str, bool)> = changes
        .consents
        .values()
        .map(|consent| (consent.email.as_str(), consent.agreed))
        .collect();
    let mut expected = [(added.as_str(), true), (removed.as_str(), false)];
    expected.sort_unstable();
    assert_eq!(agreed, expected);
    let unsubscribed = read(product.unsubscribed(whole.cursor).await.unwrap()).await;
    assert_eq!(unsubscribed.consents.len(), 1);
    assert!(!unsubscribed.consents[&removed].agreed);

    pass_time(&simulated, 60);
    let nothing = read(product.newsletter(changes.cursor).await.unwrap()).await;
    assert!(nothing.consents.is_empty() && nothing.cursor.unwrap() > changes.cursor.unwrap());
}

#[tokio::test]
async fn those_who_unsubscribed_come_a_thousand_a_page() {
    let simulated = started(World::generate(2, 5, 5)).await;
    simulated.change(|world| {
        let now = world.clock.now();
        for number in 0..2_300 {
            world
                .mailing
                .unsubscribe(&format!("pryc.{number}@posta.example"), now);
        }
    });
    let read = read(shop_of(&simulated).unsubscribed(None).await.unwrap()).await;
    assert_eq!((read.consents.len(), read.pages, read.longest), (2_300, 6, 1_000));
    assert!(read.cursor.is_some());
}

#[tokio::test]
async fn what_the_shop_does_not_tell_is_unknown() {
    let simulated = started(World::generate(3, 30, 5)).await;
    let product = shop_of(&simulated);
    let last_read = Some(now_of(&simulated));
    simulated.change(|world| world.mailing.module = false);
    for last_read in [None, last_read] {
        assert!(matches!(
            product.newsletter(last_read).await.unwrap(),
            Consents::Unknown
        ));
        assert!(matches!(
            product.unsubscribed(last_read).await.unwrap(),
            Consents::Told(_)
        ));
    }
    simulated.change(|world| {
        world.mailing.module = true;
        world
            .doors
            .missing_rights
            .insert("unsubscribed-emails".to_owned());
    });
    assert!(matches!(
        product.newsletter(None).await.unwrap(),
        Consents::Told(_)
    ));
    assert!(matches!(
        product.unsubscribed(None).await.unwrap(),
        Consents::Unknown
    ));

    let mut settings = settings_of(&simulated);
    settings.api = None;
    let without = shop(&settings);
    assert!(matches!(
        without.newsletter(None).await.unwrap(),
        Consents::Unknown
    ));
    assert!(matches!(
        without.unsubscribed(None).await.unwrap(),
        Consents::Unknown
    ));

    // No answer is no absence.
    simulated.change(|world| {
        world
            .faults
            .push(Fault::always("/api/mailing-lists*", FaultKind::Status(500)))
    });
    let error = product.newsletter(None).await.err().unwrap();
    assert_eq!(error.kind(), Kind::ServerFault);
}

#[tokio::test]
async fn changes_that_are_kept_no_longer_call_for_the_whole_list() {
    for too_old in [TooOld::WhatIsKept, TooOld::Refused(422)] {
        let simulated = started(World::generate(4, 30, 5)).await;
        simulated.change(|world| world.changes.too_old = too_old);
        let product = shop_of(&simulated);
        let last_read = now_of(&simulated) - SignedDuration::from_hours(24 * 31);
        assert!(matches!(
            product.newsletter(Some(last_read)).await.unwrap(),
            Consents::TooOld
        ));
        assert!(matches!(
            product.unsubscribed(Some(last_read)).await.unwrap(),
            Consents::Told(_)
        ));
    }
}

/// Somebody leaves the list between two pages: the rest moves up, and who came first on the second
/// page is on the first one now.
#[tokio::test]
async fn nobody_is_missed_while_the_list_shifts() {
    for leaves_for_good in [false, true] {
        let simulated = started(World::generate(5, 3_000, 5)).await;
        let members: Vec<String> = simulated.change(|world| {
            let subscribers = world.mailing.subscribers.iter();
            subscribers.map(|(email, _)| email.clone()).collect()
        });
        let first = members[0].clone();
        let mut asked = 0;
        simulated.before_each(move |request, world| {
            asked += usize::from(request.path == MEMBERS);
            if request.path == MEMBERS && asked == 2 {
                let now = world.clock.now();
                world.mailing.unsubscribe(&first, now);
                if !leaves_for_good {
                    world.mailing.add(&first, now);
                }
            }
        });
        let product = shop_of(&simulated);
        let whole = read(product.newsletter(None).await.unwrap()).await;
        assert!(members.iter().all(|email| whole.consents.contains_key(email)));
        assert_eq!(whole.pages, 3 * members.len().div_ceil(500));
        // Whoever left meanwhile shows in the changes since.
        let changes = read(product.newsletter(whole.cursor).await.unwrap()).await;
        assert_eq!(changes.consents[&members[0]].agreed, !leaves_for_good);
    }
}

#[tokio::test]
async fn a_list_that_never_stands_still_tells_no_cursor() {
    let simulated = started(World::generate(6, 2_000, 5)).await;
    let mut number = 0;
    simulated.before_each(move |request, world| {
        if request.path == MEMBERS {
            number += 1;
            let now = world.clock.now();
            let (first, _) = world.mailing.subscribers[0].clone();
            world.mailing.unsubscribe(&first, now);
            world.mailing.add(&format!("novy.{number}@posta.example"), now);
        }
    });
    let whole = read(shop_of(&simulated).newsletter(None).await.unwrap()).await;
    assert_eq!(whole.cursor, None);
    assert!(whole.pages <= 4 * 3, "{}", whole.pages);
}
