//! What changed, by the API.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use shoptet_sync::demo::world::{ChangesOrder, TooOld, World};
use shoptet_sync::demo::{Fault, FaultKind, SimulatedShop, random::Random};
use shoptet_sync::source::{Change, ChangeKind, Changed, Changes, ReadAll};

use super::simulated::{now_of, pass_time, register_jobs, settings_of, shop_of, started};
use super::*;

const CUSTOMERS: &str = "/api/customers/changes";

async fn changes_of(simulated: &SimulatedShop, section: Section, last_read: Timestamp) -> Changes {
    let folder = Folder::new();
    let read = shop_of(simulated)
        .changes(section, last_read, &folder.spool(), &Silent)
        .await;
    read.unwrap()
}

pub async fn changed(simulated: &SimulatedShop, section: Section, last_read: Timestamp) -> Changed {
    match changes_of(simulated, section, last_read).await {
        Changes::Since(changed) => changed,
        Changes::ReadAll(why) => panic!("{why:?}"),
    }
}

pub fn keys(listed: &[Change]) -> Vec<&str> {
    listed.iter().map(|change| change.key.as_str()).collect()
}

fn pages_asked(simulated: &SimulatedShop) -> usize {
    let requests = simulated.requests();
    requests
        .iter()
        .filter(|request| request.path == CUSTOMERS)
        .count()
}

#[tokio::test]
async fn nothing_new_is_one_request_and_moves_the_cursor() {
    for no_page in [false, true] {
        let simulated = started(World::generate(1, 60, 60)).await;
        simulated.change(|world| world.changes.empty_has_no_page = no_page);
        let last_read = now_of(&simulated);
        pass_time(&simulated, 120);
        for section in [Section::Customers, Section::Orders] {
            let changed = changed(&simulated, section, last_read).await;
            assert_eq!(changed.listed, []);
            let behind = now_of(&simulated).duration_since(changed.cursor.unwrap());
            assert!(
                behind >= SignedDuration::ZERO && behind < SignedDuration::from_secs(30),
                "by the shop's clock: {behind}"
            );
        }
        // Whether the address is right is asked only where the answer leaves it open.
        assert_eq!(simulated.requests().len(), if no_page { 4 } else { 2 });
        let from = simulated.requests()[0].parameter("from").unwrap().to_owned();
        let overlapped = last_read - SignedDuration::from_mins(5);
        assert_eq!(from, overlapped.strftime("%Y-%m-%dT%H:%M:%S+0000").to_string());
    }
}

#[tokio::test]
async fn a_wrong_address_is_no_empty_list() {
    let simulated = started(World::generate(1, 3, 3)).await;
    let mut settings = settings_of(&simulated);
    settings.api.as_mut().unwrap().base_url = format!("{}/v2", simulated.api_url()).parse().unwrap();
    let folder = Folder::new();
    let last_read = now_of(&simulated);
    let error = shop(&settings)
        .changes(Section::Customers, last_read, &folder.spool(), &Silent)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
}

#[tokio::test]
async fn every_change_is_told_once_whatever_it_is_called() {
    for (order, creation_is_add, without_time) in [
        (ChangesOrder::OldestFirst, false, false),
        (ChangesOrder::NewestFirst, true, false),
        (ChangesOrder::ByKey, true, true),
    ] {
        let simulated = started(World::generate(2, 200, 90)).await;
        let last_read = now_of(&simulated);
        pass_time(&simulated, 60);
        let (expected, deleted) = simulated.change(|world| {
            (world.changes.order, world.changes.creation_is_add) = (order, creation_is_add);
            world.changes.without_time = without_time;
            let mut expected = BTreeSet::new();
            for _ in 0..25 {
                expected.extend(world.customer_is_edited().unwrap().customers);
                expected.extend(world.somebody_registers().unwrap().customers);
                world.time_passes(SignedDuration::from_secs(20));
            }
            let deleted = world.customer_is_deleted().unwrap().customers.remove(0);
            expected.insert(deleted.clone());
            (expected, deleted)
        });
        let changed = changed(&simulated, Section::Customers, last_read).await;
        assert_eq!(changed.listed.len(), expected.len());
        assert_eq!(
            changed
                .listed
                .iter()
                .map(|c| c.key.clone())
                .collect::<BTreeSet<_>>(),
            expected
        );
        assert!(changed.download.is_none());
        for change in &changed.listed {
            assert_eq!(change.kind == ChangeKind::Deleted, change.key == deleted);
            assert_eq!(change.changed_at.is_none(), without_time);
        }
        if !without_time {
            assert!(changed.listed.is_sorted_by_key(|change| change.changed_at));
        }
        let asked = pages_asked(&simulated);
        assert_eq!(
            asked,
            expected.len().div_ceil(20),
            "a list that stands still is read once"
        );
    }
}

#[tokio::test]
async fn orders_tell_a_code_that_comes_again_as_it_is() {
    let simulated = started(World::generate(3, 20, 60)).await;
    let last_read = now_of(&simulated);
    pass_time(&simulated, 60);
    let (gone, again) = simulated.change(|world| {
        let gone = world.order_is_deleted().unwrap().orders.remove(0);
        world.time_passes(SignedDuration::from_mins(1));
        let again = world.order_code_comes_again().unwrap().orders.remove(0);
        (gone, again)
    });
    assert_eq!(gone, again);
    let changed = changed(&simulated, Section::Orders, last_read).await;
    assert_eq!(keys(&changed.listed), [gone.as_str()]);
    assert_eq!(changed.listed[0].kind, ChangeKind::Edited);
}

/// A record changes while the list is paged: in the oldest-first order the rest slides into the page
/// that was read, and their number stays the same.
#[tokio::test]
async fn nothing_is_missed_while_the_list_shifts() {
    let mut read_again = 0;
    for seed in 0..120_u64 {
        let mut random = Random::new(seed);
        let order = random.pick(&[
            ChangesOrder::OldestFirst,
            ChangesOrder::NewestFirst,
            ChangesOrder::ByKey,
        ]);
        let simulated = started(World::generate(seed, 150, 150)).await;
        let last_read = now_of(&simulated);
        pass_time(&simulated, 60);
        let before: BTreeSet<String> = simulated.change(|world| {
            world.changes.order = order;
            let edited: Vec<String> = world.customers[..95].iter().map(|c| c.guid.clone()).collect();
            for guid in &edited {
                world.touch_customer(guid);
                world.time_passes(SignedDuration::from_secs(1));
            }
            edited.into_iter().collect()
        });
        let changes_before = random.below(6) + 2;
        let mut asked = 0;
        simulated.before_each(move |request, world| {
            if request.path != CUSTOMERS {
                return;
            }
            asked += 1;
            if asked > 1 && asked <= changes_before {
                world.time_passes(SignedDuration::from_secs(1));
                match random.below(4) {
                    0 => drop(world.somebody_registers()),
                    1 => drop(world.customer_is_deleted()),
                    _ => {
                        let which = world.random.below(20) as usize;
                        let guid = world.customers[which].guid.clone();
                        world.touch_customer(&guid);
                    }
                }
            }
        });
        let changed = changed(&simulated, Section::Customers, last_read).await;
        let told: BTreeSet<String> = changed.listed.iter().map(|change| change.key.clone()).collect();
        assert_eq!(told.len(), changed.listed.len(), "each once");
        assert!(changed.cursor.is_some(), "{seed}: it stood still in the end");
        let missed: Vec<_> = before.difference(&told).collect();
        assert_eq!(missed, Vec::<&String>::new(), "seed {seed}, {order:?}");
        read_again += usize::from(pages_asked(&simulated) > told.len().div_ceil(20));
    }
    assert!(read_again > 20, "{read_again} lists had to be read again");
}

/// A total that is never reached proves nothing; that two passes read the very same does.
#[tokio::test]
async fn a_list_that_never_stands_still_holds_the_cursor() {
    for moving in [true, false] {
        let asked_so_far = Arc::new(AtomicUsize::new(0));
        let counter = asked_so_far.clone();
        let server = SmallShop::start(move |asked, _| {
            let page: usize = asked.query["page"].parse().unwrap();
            let number = counter.fetch_add(1, Ordering::SeqCst);
            let second = if moving { number } else { page };
            let rows: Vec<String> = (0..20)
                .map(|row| {
                    format!(
                        r#"{{"guid":"g{}","changeTime":"2026-07-01T10:00:{second:02}+0200","changeType":"edit"}}"#,
                        page * 20 + row
                    )
                })
                .collect();
            data(&format!(
                r#"{{"changes":[{}],"paginator":{{"totalCount":41,"page":{page},"pageCount":2}}}}"#,
                rows.join(",")
            ))
        })
        .await;
        let folder = Folder::new();
        let last_read = Timestamp::now();
        let told = shop(&settings(&server.url))
            .changes(Section::Customers, last_read, &folder.spool(), &Silent)
            .await
            .unwrap();
        let Changes::Since(changed) = told else {
            panic!("{told:?}")
        };
        assert_eq!((changed.cursor.is_none(), changed.listed.len()), (moving, 40));
        assert_eq!(asked_so_far.load(Ordering::SeqCst), if moving { 8 } else { 4 });
        if moving {
            let newest = changed.listed[39].changed_at.unwrap();
            assert_eq!(newest.to_string(), "2026-07-01T08:00:07Z", "the newest of each");
        }
    }
}

#[tokio::test]
async fn what_is_too_old_is_told_as_such() {
    let day = SignedDuration::from_hours(24);
    for (kept, too_old, cursor_age, expected) in [
        (30, TooOld::WhatIsKept, 31, true),
        (30, TooOld::Refused(400), 31, true),
        (30, TooOld::Refused(422), 31, true),
        // It says 30 days and keeps fewer.
        (20, TooOld::Refused(422), 25, true),
        (30, TooOld::Refused(422), 29, false),
    ] {
        let simulated = started(World::generate(5, 10, 10)).await;
        simulated.change(|world| (world.changes.kept, world.changes.too_old) = (day * kept, too_old));
        let last_read = now_of(&simulated) - day * cursor_age;
        for section in [Section::Customers, Section::Orders] {
            let changes = changes_of(&simulated, section, last_read).await;
            let is_too_old = matches!(changes, Changes::ReadAll(ReadAll::TooOld));
            assert_eq!(is_too_old, expected, "{kept} {too_old:?} {cursor_age}");
        }
    }
}

#[tokio::test]
async fn a_refusal_that_is_not_about_age_is_an_error() {
    let simulated = started(World::generate(6, 10, 10)).await;
    simulated.change(|world| {
        world
            .faults
            .push(Fault::always(CUSTOMERS, FaultKind::Status(422)))
    });
    for hours in [1, 24 * 10] {
        let last_read = now_of(&simulated) - SignedDuration::from_hours(hours);
        let folder = Folder::new();
        let error = shop_of(&simulated)
            .changes(Section::Customers, last_read, &folder.spool(), &Silent)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Refused);
    }
}

/// Our clock is ahead of the shop's by two days here, and by ten minutes in life: what changes after a
/// reading is dated before it by our clock.
#[tokio::test]
async fn what_changes_after_a_reading_is_told_by_the_next_one() {
    let simulated = started(World::generate(9, 30, 30)).await;
    register_jobs(&simulated);
    let folder = Folder::new();
    let first = shop_of(&simulated)
        .download_customers(&folder.spool(), &Silent)
        .await
        .unwrap();
    assert!(first.cursor < first.requested_at - SignedDuration::from_hours(47));
    let mut cursor = first.cursor;
    for _ in 0..5 {
        pass_time(&simulated, 30);
        let edited = simulated.change(|world| world.customer_is_edited().unwrap().customers);
        pass_time(&simulated, 30);
        let changed = changed(&simulated, Section::Customers, cursor).await;
        assert_eq!(keys(&changed.listed), edited);
        cursor = changed.cursor.unwrap();
    }
}
