//! The shop is left in peace: measured by its own log, over imports and incremental runs of one shop and of
//! two that are one outside, with one token and one address.

use std::time::Duration;

use shoptet_sync::demo::politeness::{impoliteness, most_at_once};
use shoptet_sync::demo::server::Request;
use shoptet_sync::demo::{Fault, FaultKind};
use shoptet_sync::sync::import::ImportOptions;

use super::*;

/// So long takes each answer of the API, so that requests can meet.
const LATENCY: Duration = Duration::from_millis(60);

/// Two shops of the configuration that are one and the same outside.
struct Twins(Trial);

impl Twins {
    async fn of(world: World, ways: (Customers, Orders)) -> Self {
        let mut trial = Trial::by(world, ways.0, ways.1).await;
        trial.more.target = "[target.fields]\nemail = \"contact.email\"\nnewsletter = \"contact.newsletter\"";
        Self(trial)
    }

    async fn engine(&self) -> Engine {
        let text = self.0.configuration_text();
        let (top, rest) = text.split_once("[[shop]]").unwrap();
        let (shop, target) = rest.split_once("[[target]]").unwrap();
        let second = shop.replacen("\"main\"", "\"second\"", 1);
        let path = self.0.configuration();
        std::fs::write(
            &path,
            format!("{top}[[shop]]{shop}[[shop]]{second}[[target]]{target}"),
        )
        .unwrap();
        Engine::open(setup_of(&path), "test").await.unwrap()
    }

    async fn import(&self) {
        let report = self
            .engine()
            .await
            .import(&ImportOptions::default(), &Silent)
            .await
            .unwrap();
        assert_eq!(report.failures, [""; 0]);
    }

    async fn sync(&self) {
        let report = self
            .engine()
            .await
            .sync(&DeliveryOptions::default(), &Silent)
            .await
            .unwrap();
        assert_eq!(report.failures, [""; 0]);
    }

    /// The log so far, in which nothing may be impolite.
    fn was_polite(&self) -> Vec<Request> {
        let requests = self.0.shop.requests();
        let told = self.0.shop.change(|world| impoliteness(&requests, world));
        assert_eq!(told, [""; 0]);
        requests
    }
}

fn asked(requests: &[Request], path: &str) -> usize {
    requests
        .iter()
        .filter(|request| request.path.starts_with(path))
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_than_two_requests_of_a_token_at_once() {
    for ways in [
        (Customers::Snapshot, Orders::Snapshot),
        (Customers::Paged, Orders::Xml),
    ] {
        let mut world = World::generate(1, 20, 30);
        world.limits.latency = LATENCY;
        let twins = Twins::of(world, ways).await;
        twins.import().await;
        twins
            .0
            .shop
            .change(|world| (0..12).for_each(|_| drop(world.customer_is_edited())));
        twins.sync().await;
        let requests = twins.was_polite();
        assert!(
            asked(&requests, "/api/customers/") > 20,
            "both read them one by one"
        );
        assert_eq!(most_at_once(&requests), 2, "{ways:?}: two it may be");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_asks_before_the_time_that_the_shop_asked_for() {
    let mut world = World::generate(2, 20, 30);
    world.limits.latency = LATENCY;
    let twins = Twins::of(world, (Customers::Snapshot, Orders::Xml)).await;
    let busy = |on: &str, skip| {
        let fault = Fault::once(
            on,
            FaultKind::Busy {
                retry_after: "1".to_owned(),
            },
        );
        twins.0.shop.change(|world| world.faults.push(fault.after(skip)));
    };
    busy("/api/*", 1);
    busy("/export/*", 0);
    twins.import().await;
    twins.0.shop.change(|world| {
        (0..12).for_each(|_| drop(world.customer_is_edited()));
        let until = world.clock.now() + Duration::from_secs(2);
        let until = until.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let dated = FaultKind::Busy { retry_after: until };
        world.faults.push(Fault::once("/export/*", dated));
    });
    // While the details of both are being read.
    busy("/api/customers/*-*", 6);
    twins.sync().await;
    let requests = twins.was_polite();
    let told = requests.iter().filter(|request| request.patience.is_some());
    assert_eq!(told.count(), 4, "each of them happened");
}

/// A whole hour is more than a run waits: the next run does not ask either, in this process or another.
#[tokio::test(flavor = "multi_thread")]
async fn not_even_the_next_run_asks_before() {
    for (on, side) in [("/api/*", "/api/"), ("/export/*", "/export/")] {
        let trial = Trial::by(World::generate(3, 10, 20), Customers::Snapshot, Orders::Xml).await;
        trial.import().await;
        let hour = FaultKind::Busy {
            retry_after: "3600".to_owned(),
        };
        trial
            .shop
            .change(|world| world.faults.push(Fault::once(on, hour)));
        trial.shop.forget_requests();
        for _ in 0..2 {
            let engine = Engine::open(trial.setup(), "sync").await.unwrap();
            for _ in 0..2 {
                let report = engine.sync(&DeliveryOptions::default(), &Silent).await.unwrap();
                assert_eq!(report.exit_code(), 1, "{report:?}");
            }
        }
        assert_eq!(asked(&trial.shop.requests(), side), 1, "{on}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_export_of_a_section_at_a_time() {
    let twins = Twins::of(World::generate(4, 40, 80), (Customers::Xml, Orders::Xml)).await;
    twins.0.shop.change(|world| {
        let slow = FaultKind::SlowDrip {
            bytes: 16_000,
            pause: Duration::from_millis(20),
        };
        world.faults.push(Fault::always("/export/*", slow));
    });
    twins.import().await;
    twins.0.shop.change(|world| world.customer_orders().unwrap());
    twins.sync().await;
    twins.import().await;
    let requests = twins.was_polite();
    assert_eq!(asked(&requests, "/export/customers"), 6);
    assert!(asked(&requests, "/export/orders") >= 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_detail_of_a_running_job_is_not_read_again_and_again() {
    let twins = Twins::of(
        World::generate(5, 20, 30),
        (Customers::Snapshot, Orders::Snapshot),
    )
    .await;
    twins.0.shop.change(|world| world.jobs_take.polls = 40);
    twins.import().await;
    let requests = twins.was_polite();
    assert!(asked(&requests, "/api/system/jobs") > 40, "it was waited for");
}
