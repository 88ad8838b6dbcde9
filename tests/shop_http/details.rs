//! Records read one at a time.

use std::collections::BTreeMap;

use futures_util::{Stream, StreamExt as _};
use shoptet_sync::demo::world::World;
use shoptet_sync::demo::{Fault, FaultKind};
use shoptet_sync::model::Reading;
use shoptet_sync::source::document::read_orders;
use shoptet_sync::source::{Detail, Told};

use super::simulated::{locale, register_jobs, settings_of, shop_of, started};
use super::*;

/// What came, by key; the error that ended it, if one did.
async fn all<T>(
    details: impl Stream<Item = Result<Detail<T>, Error>>,
) -> (BTreeMap<String, Detail<T>>, Option<Error>) {
    let mut details = std::pin::pin!(details);
    let mut read = BTreeMap::new();
    while let Some(detail) = details.next().await {
        match detail {
            Ok(detail) => {
                let earlier = read.insert(detail.key.clone(), detail);
                assert!(earlier.is_none(), "each once");
            }
            Err(error) => return (read, Some(error)),
        }
    }
    (read, None)
}

fn reason<T>(detail: &Detail<T>) -> &str {
    match &detail.told {
        Told::Read(Reading::Bad(bad)) => {
            assert_eq!(bad.key.as_ref(), Some(&detail.key));
            &bad.reason
        }
        Told::Read(Reading::Record(_)) => "read",
        Told::Gone => "gone",
    }
}

#[tokio::test]
async fn each_is_read_gone_or_bad_by_itself() {
    let simulated = started(World::generate(1, 40, 5)).await;
    simulated.change(|world| world.limits.latency = Duration::from_millis(3));
    let mut guids: Vec<String> =
        simulated.change(|world| world.customers.iter().map(|c| c.guid.clone()).collect());
    let faults = [
        (
            guids[3].clone(),
            FaultKind::Status(500),
            "HTTP 500, internal-error",
        ),
        (
            guids[7].clone(),
            FaultKind::Reset,
            "connection closed before message completed",
        ),
        (guids[11].clone(), FaultKind::Status(422), "HTTP 422"),
        (guids[15].clone(), FaultKind::Html, "the answer is no JSON"),
        (
            guids[19].clone(),
            FaultKind::EndsEarly { percent: 60 },
            "the answer is not as described, line 1 column",
        ),
        (
            guids[23].clone(),
            FaultKind::Truncate { percent: 60 },
            "end of file before message length reached",
        ),
        (
            guids[27].clone(),
            FaultKind::Status(404),
            "HTTP 404, page-not-found",
        ),
        (guids[31].clone(), FaultKind::EmptyBody, "the answer is no JSON"),
    ];
    simulated.change(|world| {
        for (guid, kind, _) in &faults {
            world
                .faults
                .push(Fault::always(format!("/api/customers/{guid}"), kind.clone()));
        }
    });
    simulated.change(|world| world.customers[35].remark = Some("a\0b".to_owned()));
    let bad = guids[35].clone();
    guids.push("00000000-gone".to_owned());
    let (product, locale) = (shop_of(&simulated), locale());
    let before = jiff::Timestamp::now();
    let (read, error) = all(product.customer_details(guids.clone(), &locale).unwrap()).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(read.len(), guids.len());
    for (key, detail) in &read {
        assert!(detail.requested_at >= before && detail.requested_at <= jiff::Timestamp::now());
        let told = reason(detail);
        match faults.iter().find(|(guid, ..)| guid == key) {
            Some((_, kind, expected)) => assert!(told.contains(expected), "{kind:?}: {told}"),
            None if *key == bad => assert_eq!(told, "a text holds a NUL character"),
            None if key == "00000000-gone" => assert_eq!(told, "gone"),
            None => assert_eq!(told, "read"),
        }
    }
    assert_eq!(simulated.most_at_once(), 2);
}

/// The service is down, not a record: nothing is parked for it, and the cursor stays.
#[tokio::test]
async fn an_api_that_stops_answering_ends_the_reading() {
    for (kind, expected) in [
        (FaultKind::Status(500), Kind::ServerFault),
        (FaultKind::Reset, Kind::Unreachable),
        (FaultKind::Status(401), Kind::LoginRefused),
        (FaultKind::Status(403), Kind::RightsMissing),
        (
            FaultKind::Busy {
                retry_after: "3600".to_owned(),
            },
            Kind::Busy,
        ),
        (FaultKind::Html, Kind::NotData),
    ] {
        let simulated = started(World::generate(2, 30, 30)).await;
        let codes: Vec<String> =
            simulated.change(|world| world.orders.iter().map(|order| order.code.clone()).collect());
        simulated.change(|world| world.faults.push(Fault::always("/api/*", kind.clone()).after(10)));
        let (product, locale) = (shop_of(&simulated), locale());
        let (read, error) = all(product.order_details(codes, &locale).unwrap()).await;
        assert_eq!(error.map(|error| error.kind()), Some(expected), "{kind:?}");
        assert!((9..=10).contains(&read.len()), "{}", read.len());
        assert!(read.values().all(|detail| reason(detail) == "read"));
    }
}

/// A detail is the same record as a line of a snapshot: notes and all.
#[tokio::test]
async fn a_detail_says_what_a_snapshot_says() {
    let simulated = started(World::generate(3, 20, 60)).await;
    register_jobs(&simulated);
    let mut settings = settings_of(&simulated);
    settings.orders.source = OrdersSource::Api;
    let (product, locale, folder) = (shop(&settings), locale(), Folder::new());
    let download = product.download_orders(&folder.spool(), &Silent).await.unwrap();
    let mut lines = BTreeMap::new();
    read_orders(&download.path, &locale, &mut |reading, _| {
        if let Reading::Record(order) = reading {
            lines.insert(order.code.clone(), order);
        }
        Ok(())
    })
    .unwrap();
    assert!(lines.values().any(|order| !order.tracking_number.is_empty()));
    let codes: Vec<String> = lines.keys().cloned().collect();
    let (read, error) = all(product.order_details(codes, &locale).unwrap()).await;
    assert!(error.is_none());
    assert_eq!(read.len(), lines.len());
    for (code, detail) in read {
        match detail.told {
            Told::Read(Reading::Record(order)) => assert_eq!(Some(&order), lines.get(&code)),
            told => panic!("{told:?}"),
        }
    }
}

#[tokio::test]
async fn a_code_may_have_any_letters() {
    let simulated = started(World::generate(4, 5, 5)).await;
    let code = "2026/07-ž 1?";
    simulated.change(|world| world.orders[0].code = code.to_owned());
    let (product, locale) = (shop_of(&simulated), locale());
    let (read, _) = all(product.order_details([code.to_owned()], &locale).unwrap()).await;
    // The simulated shop takes the path as it stands; what counts is that it is one segment of it.
    assert_eq!(read.len(), 1);
    let path = &simulated.requests()[0].path;
    assert!(
        path.starts_with("/api/orders/2026%2F07-") && path.ends_with("%201%3F"),
        "{path}"
    );
}

#[tokio::test]
async fn without_an_api_there_are_no_details() {
    let simulated = started(World::generate(5, 3, 3)).await;
    let mut settings = settings_of(&simulated);
    settings.api = None;
    let (product, locale) = (shop(&settings), locale());
    let error = product.customer_details(Vec::new(), &locale).err().unwrap();
    assert_eq!(error.kind(), Kind::Configuration);
}
