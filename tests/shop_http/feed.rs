//! Changed orders by the permanent links, whose reading may consume what it tells.

use jiff::SignedDuration;
use shoptet_sync::demo::FaultKind;
use shoptet_sync::demo::world::{FeedSends, World};
use shoptet_sync::source::{Extent, OrdersLink};

use super::keeper::{Keeper, agrees, orders_in};
use super::simulated::{happens, now_of, pass_time, settings_of, shop_of, started};
use super::*;

const ORDERS: &str = "/export/orders.xml";

#[tokio::test]
async fn the_request_names_the_time_in_utc_and_nothing_that_was_pasted() {
    let simulated = started(World::generate(1, 5, 5)).await;
    let folder = Folder::new();
    let last_read = now_of(&simulated);
    for (link, name, extent) in [
        (OrdersLink::Feed, "orders_feed", "feed_since"),
        (OrdersLink::Ordinary, "orders", "changed_since"),
    ] {
        simulated.forget_requests();
        let spool = folder.spool();
        let download = shop_of(&simulated)
            .download_changed_orders(link, last_read, &spool, &Silent)
            .await
            .unwrap();
        assert!(!download.complete);
        let note = std::fs::read_to_string(folder.folder.path().join("spool/orders.json")).unwrap();
        assert!(note.contains(extent), "{note}");
        let requests = simulated.requests();
        assert_eq!(requests.len(), 1);
        let query: Vec<&str> = requests[0].query.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(query, ["patternId", "partnerId", "hash", "updateTimeFrom"]);
        assert_eq!(requests[0].parameter("hash"), Some(name));
        let since = (last_read - SignedDuration::from_hours(1)).strftime("%Y-%m-%d %H:%M:%S");
        assert_eq!(
            requests[0].parameter("updateTimeFrom"),
            Some(since.to_string().as_str())
        );
        spool.discard(Section::Orders).unwrap();
    }
    assert_eq!(folder.files(), Vec::<String>::new(), "no turn was used up");
}

#[tokio::test]
async fn a_space_is_written_as_it_is_in_the_shops_own_links() {
    let queries = Arc::new(Mutex::new(Vec::new()));
    let seen = queries.clone();
    let router = axum::Router::new().fallback(move |request: axum::extract::Request| {
        seen.lock()
            .unwrap()
            .push(request.uri().query().unwrap().to_owned());
        async { "<ORDERS></ORDERS>" }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("http://{}/", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let last_read = "2026-07-01T11:30:05Z".parse().unwrap();
    shop(&exports_only(&url))
        .download_changed_orders(OrdersLink::Feed, last_read, &Folder::new().spool(), &Silent)
        .await
        .unwrap();
    assert_eq!(
        *queries.lock().unwrap(),
        [format!(
            "patternId=-11&partnerId=3&hash={HASH}&updateTimeFrom=2026-07-01%2010:30:05"
        )],
        "and without a feed link the ordinary one does"
    );
}

#[tokio::test]
async fn no_pause_is_kept_between_requests_with_a_time() {
    let simulated = started(World::generate(2, 5, 40)).await;
    simulated.change(|world| world.links.min_interval = Some(SignedDuration::from_mins(15)));
    let mut settings = settings_of(&simulated);
    settings.exports.as_mut().unwrap().min_interval = Duration::from_secs(900);
    let (product, folder) = (shop(&settings), Folder::new());
    let full = product.download_orders(&folder.spool(), &Silent).await.unwrap();
    for link in [OrdersLink::Ordinary, OrdersLink::Feed, OrdersLink::Feed] {
        folder.spool().discard(Section::Orders).unwrap();
        let started = Instant::now();
        product
            .download_changed_orders(link, full.cursor, &folder.spool(), &Silent)
            .await
            .unwrap();
        assert!(started.elapsed() < Duration::from_secs(2));
    }
}

/// A document of changes never passes for everything, nor everything for changes.
#[tokio::test]
async fn a_feed_is_never_taken_for_a_whole_listing() {
    let simulated = started(World::generate(3, 10, 50)).await;
    let (product, folder) = (shop_of(&simulated), Folder::new());
    let last_read = now_of(&simulated);
    pass_time(&simulated, 120);
    simulated.change(|world| world.order_status_changes());
    let spool = folder.spool();
    let feed = product
        .download_changed_orders(OrdersLink::Feed, last_read, &spool, &Silent)
        .await
        .unwrap();
    assert_eq!(orders_in(&feed).unwrap().len(), 1);
    let whole = product.download_orders(&spool, &Silent).await.unwrap();
    assert_eq!(
        (whole.extent, orders_in(&whole).unwrap().len()),
        (Extent::Whole, 50)
    );
    let feed = product
        .download_changed_orders(OrdersLink::Feed, last_read, &spool, &Silent)
        .await
        .unwrap();
    assert!(matches!(feed.extent, Extent::FeedSince(_)));
}

/// What the first answer consumed is told by nobody but the ordinary link.
#[tokio::test]
async fn a_feed_that_did_not_arrive_is_read_through_the_ordinary_link() {
    for (kind, switches) in [
        (FaultKind::LostAnswer, true),
        (FaultKind::Truncate { percent: 50 }, true),
        (FaultKind::EmptyBody, true),
        (FaultKind::Status(504), true),
        (FaultKind::Status(423), false),
        (
            FaultKind::Busy {
                retry_after: "0".to_owned(),
            },
            false,
        ),
    ] {
        let simulated = started(World::generate(4, 10, 50)).await;
        simulated.change(|world| world.links.feed_sends = FeedSends::SinceTheMark);
        let mut keeper = Keeper::new(&simulated).await;
        keeper.run(&simulated).await.unwrap();
        pass_time(&simulated, 120);
        keeper.run(&simulated).await.unwrap();
        pass_time(&simulated, 120);
        let changed = simulated.change(|world| world.order_status_changes().unwrap().orders);
        simulated.forget_requests();
        happens(&simulated, ORDERS, kind.clone());
        let download = keeper.run(&simulated).await.unwrap();
        let links: Vec<String> = simulated
            .requests()
            .iter()
            .map(|request| request.parameter("hash").unwrap().to_owned())
            .collect();
        let second = if switches { "orders" } else { "orders_feed" };
        assert_eq!(links, ["orders_feed", second], "{kind:?}");
        assert_eq!(matches!(download.extent, Extent::ChangedSince(_)), switches);
        agrees(&keeper, &simulated, &format!("{kind:?}: {changed:?}")).await;
    }
}

#[tokio::test]
async fn a_dead_feed_link_is_told_and_not_replaced() {
    let simulated = started(World::generate(5, 5, 5)).await;
    let product = shop_of(&simulated);
    simulated.change(|world| world.doors.orders_feed_hash = "0".repeat(64));
    let folder = Folder::new();
    let told = Told::default();
    let last_read = now_of(&simulated);
    let error = product
        .download_changed_orders(OrdersLink::Feed, last_read, &folder.spool(), &told)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::NotData);
    assert!(error.hint().contains("renewed"), "{error}");
    assert_eq!(simulated.requests().len(), 1);
    assert!(told.0.lock().unwrap().is_empty());
}

/// Downloaded, then killed: nobody asks again, whatever link was wanted; and once it is stored it is
/// not told a second time.
#[tokio::test]
async fn a_download_that_was_not_stored_is_stored_first() {
    let simulated = started(World::generate(6, 10, 50)).await;
    let mut keeper = Keeper::new(&simulated).await;
    keeper.run(&simulated).await.unwrap();
    pass_time(&simulated, 120);
    let changed = simulated.change(|world| world.order_status_changes().unwrap().orders);
    let feed = keeper.download(&simulated).await.unwrap();
    assert!(matches!(feed.extent, Extent::FeedSince(_)));
    simulated.forget_requests();
    pass_time(&simulated, 120);
    // The cursor may be kept in whole seconds.
    keeper.cursor = jiff::Timestamp::from_second(keeper.cursor.as_second()).unwrap();
    let again = keeper.download(&simulated).await.unwrap();
    assert_eq!((&again, simulated.requests().len()), (&feed, 0));
    keeper.store(&again).unwrap();
    assert!(keeper.orders.contains_key(&changed[0]));

    // Killed between storing and emptying the spool.
    let later = simulated.change(|world| world.order_status_changes().unwrap().orders);
    let next = keeper.download(&simulated).await.unwrap();
    assert_ne!(next.requested_at, feed.requested_at);
    assert!(
        orders_in(&next)
            .unwrap()
            .iter()
            .any(|order| order.code == later[0])
    );

    // A download that reaches less far back than what is asked for now is no use, and gone for good.
    let earlier = feed.cursor - SignedDuration::from_hours(24);
    simulated.forget_requests();
    let folder = &keeper.folder;
    let reaching = shop_of(&simulated)
        .download_changed_orders(OrdersLink::Feed, earlier, &folder.spool(), &Silent)
        .await
        .unwrap();
    assert!(matches!(reaching.extent, Extent::ChangedSince(_)));
}
