//! The permanent links.

use super::*;

#[tokio::test]
async fn the_links_open_for_their_hash_only() {
    let visitor = Visitor::of(World::generate(8, 5, 5)).await;
    let orders = "/export/orders.xml?patternId=-11";
    let page = String::from_utf8(visitor.download(orders, "customers").await).unwrap();
    assert!(
        page.starts_with("<!DOCTYPE html>"),
        "a log-in page with status 200"
    );
    for (wrong, status) in [(WrongHash::Forbidden, 403), (WrongHash::NotFound, 404)] {
        visitor.shop.change(|world| world.doors.wrong_hash = wrong);
        let answer = visitor
            .client
            .get(visitor.link(orders, "0000"))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), status);
    }
    let log = visitor.shop.requests();
    assert_eq!(
        log.iter()
            .map(|request| request.parameter("hash").unwrap())
            .collect::<Vec<_>>(),
        ["customers", "wrong", "wrong"]
    );
    assert_eq!(visitor.codes(orders, "orders").await.len(), 5);
    let no_pattern = visitor
        .client
        .get(visitor.link("/export/orders.xml", "orders"))
        .send()
        .await
        .unwrap();
    assert_eq!(no_pattern.status(), 404);
}

#[tokio::test]
async fn a_link_filters_by_dates_and_by_change() {
    let mut world = World::generate(9, 20, 400);
    world.clock = Clock::standing_at("2026-07-01T10:00:00Z".parse().unwrap());
    let changed = world.order_status_changes().unwrap().orders.remove(0);
    let visitor = Visitor::of(world).await;
    let year = visitor
        .codes(
            "/export/orders.xml?patternId=-11&dateFrom=2020-1-1&dateUntil=2020-12-31",
            "orders",
        )
        .await;
    let of_2020 = visitor.shop.change(|world| {
        let zone = world.shop.zone();
        world
            .orders
            .iter()
            .filter(|order| zone.to_datetime(order.created).year() == 2020)
            .count()
    });
    assert_eq!(year.len(), of_2020);
    assert!(of_2020 > 30);
    // Ten o'clock UTC is noon in the shop.
    let local = "/export/orders.xml?patternId=-11&updateTimeFrom=2026-07-01%2012:00:00";
    assert_eq!(
        visitor.codes(local, "orders").await,
        std::slice::from_ref(&changed)
    );
    let too_late = "/export/orders.xml?patternId=-11&updateTimeFrom=2026-07-01%2012:00:01";
    assert!(visitor.codes(too_late, "orders").await.is_empty());
    visitor.shop.change(|world| world.links.update_time_in_utc = true);
    let utc = "/export/orders.xml?patternId=-11&updateTimeFrom=2026-07-01%2010:00:00";
    assert_eq!(visitor.codes(utc, "orders").await, [changed]);
}

#[tokio::test]
async fn the_feed_link_sends_what_changed_since_its_mark() {
    let mut world = World::generate(10, 20, 50);
    world.clock = Clock::standing_at("2026-07-01T10:00:00Z".parse().unwrap());
    world.links.full_export_moves_mark = false;
    let visitor = Visitor::of(world).await;
    let feed = "/export/orders.xml?patternId=-11";
    assert_eq!(
        visitor.codes(feed, "feed").await.len(),
        50,
        "the first download has everything"
    );
    visitor
        .shop
        .change(|world| world.time_passes(SignedDuration::from_mins(5)));
    assert!(visitor.codes(feed, "feed").await.is_empty());
    let happening = visitor.shop.change(|world| {
        world.time_passes(SignedDuration::from_mins(5));
        let happening = world.known_guest_orders_again().unwrap();
        world.time_passes(SignedDuration::from_secs(1));
        happening
    });
    assert_eq!(
        visitor.codes(feed, "orders").await.len(),
        51,
        "the ordinary link has no mark"
    );
    assert_eq!(visitor.codes(feed, "feed").await, happening.orders);
    // The download consumed it.
    let with_time = format!("{feed}&updateTimeFrom=2026-07-01%2011:00:00");
    assert!(visitor.codes(&with_time, "feed").await.is_empty());
    visitor
        .shop
        .change(|world| world.links.feed_sends = FeedSends::SinceTheParameter);
    assert_eq!(visitor.codes(&with_time, "feed").await, happening.orders);
}

#[tokio::test]
async fn a_download_that_breaks_keeps_or_loses_the_mark_as_set() {
    let feed = "/export/orders.xml?patternId=-11";
    for at_start in [true, false] {
        // More than the buffers between the two sides hold.
        let mut world = World::generate(10, 20, 3000);
        world.links.mark_moves_at_start = at_start;
        let visitor = Visitor::of(world).await;
        let answer = visitor
            .client
            .get(visitor.link(feed, "feed"))
            .send()
            .await
            .unwrap();
        let marked = visitor.shop.change(|world| world.links.marks.contains_key("3"));
        assert_eq!(marked, at_start);
        answer.bytes().await.unwrap();
        assert!(visitor.shop.change(|world| world.links.marks.contains_key("3")));
    }
}

/// What was told, to whom and whether it left: so that a test can hold that nothing of it was lost.
#[tokio::test]
async fn readings_of_orders_are_put_down() {
    let mut world = World::generate(10, 20, 50);
    world.clock = Clock::standing_at("2026-07-01T10:00:00Z".parse().unwrap());
    world.links.mark_moves_at_start = false;
    let visitor = Visitor::of(world).await;
    let orders = "/export/orders.xml?patternId=-11";
    visitor.codes(orders, "orders").await;
    let happening = visitor.shop.change(|world| {
        world.time_passes(SignedDuration::from_mins(5));
        let happening = world.order_status_changes().unwrap();
        world.time_passes(SignedDuration::from_secs(1));
        happening
    });
    for kind in [FaultKind::Truncate { percent: 50 }, FaultKind::LostAnswer] {
        visitor
            .shop
            .change(|world| world.faults.push(Fault::once("/export/*", kind)));
        let link = visitor.link(orders, "feed");
        let answer = visitor.client.get(link).send().await;
        assert!(match answer {
            Ok(answer) => answer.bytes().await.is_err(),
            Err(_) => true,
        });
    }
    assert_eq!(visitor.codes(orders, "feed").await, happening.orders);
    visitor
        .shop
        .change(|world| world.time_passes(SignedDuration::from_mins(5)));
    assert_eq!(visitor.codes(orders, "feed").await, Vec::<String>::new());
    let reads = visitor
        .shop
        .change(|world| std::mem::take(&mut world.links.reads));
    let told: Vec<(bool, bool, usize)> = reads
        .iter()
        .map(|read| (read.feed, read.delivered, read.codes.len()))
        .collect();
    assert_eq!(
        told,
        [
            (false, true, 0),
            (true, false, 1),
            (true, false, 1),
            (true, true, 1),
            (true, true, 0)
        ],
        "the mark moves with what was delivered"
    );
    assert!(
        reads
            .iter()
            .skip(1)
            .all(|read| read.asked_since.is_none() && read.told_since.is_some())
    );
}

#[tokio::test]
async fn something_may_stand_between_the_shop_and_whoever_asks() {
    let mut world = World::generate(10, 20, 50);
    world.clock = Clock::standing_at("2026-07-01T10:00:00Z".parse().unwrap());
    let visitor = Visitor::of(world).await;
    let orders = "/export/orders.xml?patternId=-11";
    visitor.codes(orders, "feed").await;
    let change = |visitor: &Visitor| {
        visitor.shop.change(|world| {
            world.time_passes(SignedDuration::from_mins(5));
            let happening = world.known_guest_orders_again().unwrap();
            world.time_passes(SignedDuration::from_mins(5));
            happening.orders
        })
    };
    // Sent twice: the second answer has nothing left to tell.
    change(&visitor);
    let queue = |kind| {
        visitor
            .shop
            .change(|world| world.faults.push(Fault::once("/export/*", kind)))
    };
    queue(FaultKind::CarriedOutTwice);
    assert_eq!(visitor.codes(orders, "feed").await, Vec::<String>::new());
    assert_eq!(visitor.shop.change(|world| world.links.reads.len()), 3);
    // Kept on the way, and given again with the date it had.
    let changed = change(&visitor);
    queue(FaultKind::AnsweredAgain);
    assert_eq!(visitor.codes(orders, "feed").await, changed);
    visitor
        .shop
        .change(|world| world.time_passes(SignedDuration::from_mins(5)));
    let again = visitor
        .client
        .get(visitor.link(orders, "feed"))
        .send()
        .await
        .unwrap();
    assert_eq!(again.headers()["date"], "Wed, 01 Jul 2026 10:20:00 GMT");
    assert!(again.text().await.unwrap().contains(&changed[0]));
    assert_eq!(visitor.shop.change(|world| world.links.reads.len()), 4);
    assert_eq!(visitor.codes(orders, "feed").await, Vec::<String>::new());
}

#[tokio::test]
async fn one_export_at_a_time_and_not_more_often_than_allowed() {
    let mut world = World::generate(11, 400, 3000);
    world.clock = Clock::standing_at("2026-07-01T10:00:00Z".parse().unwrap());
    world.links.min_interval = Some(SignedDuration::from_mins(15));
    let visitor = Visitor::of(world).await;
    let full = visitor.link("/export/orders.xml?patternId=-11", "orders");
    let changes = visitor.link(
        "/export/orders.xml?patternId=-11&updateTimeFrom=2026-01-01",
        "orders",
    );
    let running = visitor.client.get(&full).send().await.unwrap();
    assert_eq!(running.status(), 200);
    assert_eq!(
        visitor.client.get(&changes).send().await.unwrap().status(),
        429,
        "one is running"
    );
    let customers = visitor.link("/export/customers.csv", "customers");
    assert_eq!(
        visitor.client.get(&customers).send().await.unwrap().status(),
        200,
        "another section"
    );
    running.bytes().await.unwrap();
    let soon = visitor.client.get(&full).send().await.unwrap();
    assert_eq!(soon.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(visitor.client.get(&changes).send().await.unwrap().status(), 200);
    visitor
        .shop
        .change(|world| world.time_passes(SignedDuration::from_mins(15)));
    assert_eq!(visitor.client.get(&full).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn csv_has_the_real_columns_in_the_merchants_encoding() {
    let visitor = Visitor::of(World::generate(12, 30, 40)).await;
    let bytes = visitor
        .download("/export/orders.csv?patternId=-9", "orders")
        .await;
    let (text, _, damaged) = encoding_rs::WINDOWS_1250.decode(&bytes);
    assert!(!damaged && text.contains("Zásilkovna – výdejní místo"));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    assert_eq!(
        (header.len(), &header[0], &header[65], &header[66]),
        (67, "code", "billVatIdValidationStatus", "")
    );
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let (items, first) = visitor.shop.change(|world| {
        (
            world.orders.iter().map(|order| order.items.len()).sum::<usize>(),
            world.orders[0].clone(),
        )
    });
    assert_eq!(rows.len(), items);
    let column = |name: &str| header.iter().position(|column| column == name).unwrap();
    assert_eq!(&rows[0][column("itemName")], first.items[0].name);
    assert_eq!(&rows[0][column("sourceName")], "E-shop");
    let total = first.total();
    let expected = format!("{},{:02}", total / 100, total % 100);
    assert_eq!(&rows[0][column("totalPriceWithVat")], expected);

    let bytes = visitor.download("/export/customers.csv", "customers").await;
    let (text, ..) = encoding_rs::WINDOWS_1250.decode(&bytes);
    let accounts: usize = visitor
        .shop
        .change(|w| w.customers.iter().map(|c| c.accounts.len()).sum());
    assert_eq!(text.lines().count(), 1 + accounts);
    visitor
        .shop
        .change(|world| world.links.csv_encoding = Encoding::Utf8);
    let bytes = visitor.download("/export/customers.csv", "customers").await;
    assert_eq!(String::from_utf8(bytes).unwrap(), text);
}
