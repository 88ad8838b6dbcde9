//! What goes wrong at the shop: each ends with the right exit code and a clear message, nothing is
//! half-written, and the next import is complete.

use shoptet_sync::demo::world::JobEnd;

use super::*;

/// One fault: what it is called, where it happens, what it does to the shop.
struct Trouble {
    name: &'static str,
    ways: (Customers, Orders),
    happens: fn(&mut World),
}

fn fault(world: &mut World, on: &str, kind: FaultKind) {
    world.faults.push(Fault::always(on, kind));
}

const LINKS: (Customers, Orders) = (Customers::Xml, Orders::Xml);
const API: (Customers, Orders) = (Customers::Snapshot, Orders::Snapshot);
const ORDERS: &str = "/export/orders.*";
const RESULT: &str = "/api-results/*";

const TROUBLES: [Trouble; 21] = [
    Trouble {
        name: "the shop is down",
        ways: LINKS,
        happens: |world| fault(world, ORDERS, FaultKind::Status(503)),
    },
    Trouble {
        name: "no answer",
        ways: LINKS,
        happens: |world| fault(world, ORDERS, FaultKind::Reset),
    },
    Trouble {
        name: "a download that breaks off",
        ways: LINKS,
        happens: |world| fault(world, ORDERS, FaultKind::Truncate { percent: 60 }),
    },
    Trouble {
        name: "a document that ends early",
        ways: LINKS,
        happens: |world| fault(world, ORDERS, FaultKind::EndsEarly { percent: 60 }),
    },
    Trouble {
        name: "a log-in page",
        ways: LINKS,
        happens: |world| fault(world, ORDERS, FaultKind::Html),
    },
    Trouble {
        name: "another host",
        ways: LINKS,
        happens: |world| {
            fault(
                world,
                ORDERS,
                FaultKind::Redirect("https://parked.example/".to_owned()),
            )
        },
    },
    Trouble {
        name: "an empty answer",
        ways: LINKS,
        happens: |world| fault(world, ORDERS, FaultKind::EmptyBody),
    },
    Trouble {
        name: "a doctype",
        ways: LINKS,
        happens: |world| fault(world, ORDERS, FaultKind::Doctype),
    },
    Trouble {
        name: "no UTF-8",
        ways: LINKS,
        happens: |world| fault(world, ORDERS, FaultKind::InvalidUtf8),
    },
    Trouble {
        name: "elements inside elements",
        ways: LINKS,
        happens: |world| fault(world, ORDERS, FaultKind::DeepNesting { levels: 100_000 }),
    },
    Trouble {
        name: "a wrong hash",
        ways: LINKS,
        happens: |world| world.doors.orders_hash = "0".repeat(64),
    },
    Trouble {
        name: "a snapshot with a wrong checksum",
        ways: API,
        happens: |world| fault(world, RESULT, FaultKind::BadGzipCrc),
    },
    Trouble {
        name: "a gzip bomb",
        ways: API,
        happens: |world| fault(world, RESULT, FaultKind::GzipBomb { mebibytes: 300 }),
    },
    Trouble {
        name: "a snapshot that ends early",
        ways: API,
        happens: |world| fault(world, RESULT, FaultKind::EndsEarly { percent: 50 }),
    },
    Trouble {
        name: "a snapshot with nothing in it",
        ways: API,
        happens: |world| fault(world, RESULT, FaultKind::EmptyBody),
    },
    Trouble {
        name: "a result that is gone",
        ways: API,
        happens: |world| fault(world, RESULT, FaultKind::Status(404)),
    },
    Trouble {
        name: "a job that fails",
        ways: API,
        happens: |world| world.next_jobs_end.extend([JobEnd::Failed; 9]),
    },
    Trouble {
        name: "a wrong token",
        ways: API,
        happens: |world| world.doors.private_token = Some("renewed".to_owned()),
    },
    Trouble {
        name: "no right to customers",
        ways: API,
        happens: |world| world.doors.missing_rights.extend(["customers".to_owned()]),
    },
    Trouble {
        name: "no right to orders",
        ways: API,
        happens: |world| world.doors.missing_rights.extend(["orders".to_owned()]),
    },
    Trouble {
        name: "an API in trouble",
        ways: API,
        happens: |world| fault(world, "/api/*", FaultKind::Status(500)),
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_of_the_shop_is_told_and_passes() {
    let mut told = String::new();
    for Trouble { name, ways, happens } in TROUBLES {
        let trial = Trial::by(World::generate(51, 12, 30), ways.0, ways.1).await;
        // The configuration stays what it was before the trouble.
        let setup = trial.setup();
        let well = trial
            .shop
            .change(|world| (world.doors.clone(), world.faults.clone()));
        let begins = || trial.shop.change(happens);
        let passes = || {
            trial.shop.change(|world| {
                (world.doors, world.faults) = well.clone();
                world.next_jobs_end.clear();
            });
        };
        begins();
        let first = outcome(&setup, false).await;
        // A fault inside one record parks that one.
        let is_whole = !first.starts_with('3');
        if is_whole {
            assert!(!trial.contacts().exists(), "{name}: {first}");
            assert!(!trial.state().join("state.db").exists(), "{name}: {first}");
        }
        passes();
        assert_eq!(outcome(&setup, false).await, "0", "{name}, passed");
        trial.agrees(name);

        begins();
        trial
            .shop
            .change(|world| world.known_guest_orders_again())
            .unwrap();
        let (bytes, later) = (
            std::fs::read(trial.contacts()).unwrap(),
            outcome(&setup, false).await,
        );
        let is_untouched = bytes == std::fs::read(trial.contacts()).unwrap();
        assert!(is_untouched || later.starts_with('3'), "{name}: {later}");
        passes();
        assert_eq!(outcome(&setup, false).await, "0", "{name}, passed again");
        trial.agrees(name);
        let later = without_job(&later);
        let first = without_job(&first);
        let later = if later == first {
            String::new()
        } else {
            format!("   later: {later}\n")
        };
        told.push_str(&format!("{name}\n   {first}\n{later}"));
    }
    insta::with_settings!({filters => vec![(r"127\.0\.0\.1:\d+", "SHOP"), (r"byte \d+ of \d+, line \d+", "byte N of N, line N"), (r"(#orders-\d+)-[0-9a-f]{4}", "$1-XXXX")]}, {
        insta::assert_snapshot!(told);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_within_the_run_is_not_even_told() {
    let once = [
        ("503", ORDERS, FaultKind::Status(503)),
        (
            "429",
            "/api/customers/snapshot",
            FaultKind::Busy {
                retry_after: "0".to_owned(),
            },
        ),
        ("423", "/api/eshop", FaultKind::Status(423)),
        ("a reset", "/api/system/jobs", FaultKind::Reset),
        ("half a document", ORDERS, FaultKind::Truncate { percent: 50 }),
        ("half a snapshot", RESULT, FaultKind::Truncate { percent: 50 }),
    ];
    for (name, on, kind) in once {
        let trial = Trial::of(World::generate(52, 12, 30)).await;
        trial
            .shop
            .change(|world| world.faults.push(Fault::once(on, kind).times(2)));
        trial.import().await;
        trial.agrees(name);
        assert!(
            trial.shop.change(|world| world.faults.is_empty()),
            "{name} happened"
        );
    }
}

/// The bytes tell the encoding, whatever the document says of itself.
#[tokio::test(flavor = "multi_thread")]
async fn another_encoding_than_declared_is_read_as_it_is() {
    let trial = Trial::by(World::generate(55, 12, 60), Customers::Xml, Orders::Xml).await;
    trial.import().await;
    let expected = trial.dump_without_times();
    trial
        .shop
        .change(|world| fault(world, "/export/*", FaultKind::WrongDeclaredEncoding));
    let trial = trial.anew();
    trial.import().await;
    same(&expected, &trial.dump_without_times(), "no letter is lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_nobody_reaches() {
    let trial = Trial::by(World::generate(53, 12, 30), Customers::Xml, Orders::Xml).await;
    let mut setup = trial.setup();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    setup.shops[0].url = format!("http://{nobody}").parse().unwrap();
    let told = outcome(&setup, false).await;
    assert!(
        told.starts_with("1 ") && told.contains("check the address and the network"),
        "{told}"
    );
    assert!(!trial.contacts().exists());
}

/// Refused until a person says that it is right, and nothing of it is believed before.
#[tokio::test(flavor = "multi_thread")]
async fn suspicious_listings_are_refused() {
    type Becomes = fn(&mut World);
    let listings: [(&str, Becomes, &str); 5] = [
        (
            "no orders at all",
            |world| world.orders.clear(),
            "it holds nothing",
        ),
        (
            "no customers at all",
            |world| world.customers.clear(),
            "it holds nothing",
        ),
        (
            "a third of the orders",
            |world| world.orders.truncate(20),
            "40 of 60 known are missing in it",
        ),
        (
            "another shop's orders",
            |world| {
                world.orders = World::generate(99, 0, 70).orders;
                world
                    .orders
                    .iter_mut()
                    .for_each(|order| order.code.insert_str(0, "X-"));
            },
            "60 of 60 known are missing in it",
        ),
        (
            "another shop's customers, though they are few",
            |world| world.customers = World::generate(99, 12, 0).customers,
            "12 of 12 known are missing in it",
        ),
    ];
    for (name, becomes, cause) in listings {
        let trial = Trial::by(World::generate(54, 12, 60), Customers::Xml, Orders::Xml).await;
        let setup = trial.setup();
        trial.import().await;
        let before = trial.dump();
        let (customers, orders) = trial
            .shop
            .change(|world| (world.customers.clone(), world.orders.clone()));
        trial.shop.change(becomes);
        for _ in 0..3 {
            let told = outcome(&setup, false).await;
            assert!(told.starts_with("2 ") && told.contains(cause), "{name}: {told}");
            assert!(told.contains("--accept"), "{name}: {told}");
            same(&before, &trial.dump(), name);
        }
        let accepted = outcome(&setup, true).await;
        assert_eq!(accepted, "0", "{name}");
        trial
            .shop
            .change(|world| (world.customers, world.orders) = (customers, orders));
        outcome(&setup, true).await;
        let gone = trial
            .database()
            .orders
            .values()
            .filter(|order| !order.gone_at.is_empty())
            .count();
        assert!(
            gone <= 70,
            "{name}: what another shop had is missing now, what is back is there"
        );
        let back = trial.shop.change(|world| world.orders.len());
        let there = trial
            .database()
            .orders
            .values()
            .filter(|order| order.gone_at.is_empty())
            .count();
        assert!(there >= back, "{name}: {there} of {back}");
    }
}

/// Jobs have another number each time.
fn without_job(told: &str) -> String {
    let words = told
        .split(' ')
        .map(|word| if word.contains("sim1") { "JOB" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

/// The exit code, and what was told if it is not 0.
async fn outcome(setup: &Setup, accept: bool) -> String {
    let options = ImportOptions {
        accept,
        ..ImportOptions::default()
    };
    match import(setup, &options, &Silent).await {
        Ok(report) if report.exit_code() == 0 => "0".to_owned(),
        Ok(report) if report.exit_code() == 3 => format!("3 parked: {}", parked(&setup.state_dir).join("; ")),
        Ok(report) => format!("{} {}", report.exit_code(), report.failures.join("; ")),
        Err(error) => format!("{} {error}", error.exit_code()),
    }
}
