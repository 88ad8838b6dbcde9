//! No secret and no person in a log line at any level, nor in an error.

use std::process::{Command, Output};

use super::*;

const CANARIES: [&str; 7] = [
    "kanarek@",
    "Kanárek",
    "Kanarek",
    "777666555",
    "777 666 555",
    "canarytoken",
    "canaryhash",
];

fn world() -> World {
    let mut world = World::generate(91, 20, 50);
    world.doors.private_token = Some("123456-p-1-canarytoken".to_owned());
    world.doors.orders_hash = "canaryhash".repeat(6);
    world.doors.customers_hash = "canaryhash".repeat(5);
    for order in &mut world.orders {
        order.email = order.email.as_ref().map(|_| "kanarek@posta.example".to_owned());
        order.phone = Some("+420 777 666 555".to_owned());
        order.billing.full_name = "Kanárek Žlutý".to_owned();
        order.remark = "Kanarek".to_owned();
    }
    for (number, customer) in world.customers.iter_mut().enumerate() {
        customer.billing.full_name = "Kanárek Zelený".to_owned();
        for account in &mut customer.accounts {
            account.email = format!("kanarek@{number}.posta.example");
            account.phone = Some("777666555".to_owned());
        }
    }
    world
}

fn run(configuration: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_shoptet-sync"))
        .args(["import", "--config"])
        .arg(configuration)
        .args(more)
        .env("RUST_LOG", "trace")
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

fn is_quiet(output: &Output, about: &str) -> String {
    let told = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    let leaks: Vec<_> = told
        .lines()
        .filter(|line| CANARIES.iter().any(|canary| line.contains(canary)))
        .collect();
    assert!(leaks.is_empty(), "{about}: {leaks:#?}");
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn canaries_are_never_heard() {
    let trial = Trial::by(world(), Customers::Snapshot, Orders::Xml).await;
    let configuration = trial.configuration();
    let told = is_quiet(&run(&configuration, &[]), "the first import");
    assert!(
        told.contains("TRACE") && told.contains("read 20 customers and 50 orders"),
        "{told}"
    );
    trial.shop.change(|world| {
        for _ in 0..15 {
            world.something_happens();
        }
        world.orders[3].code.clear();
    });
    for log in ["auto", "json"] {
        let output = run(&configuration, &["--log-format", log]);
        assert_eq!(output.status.code(), Some(3));
        is_quiet(&output, "a later import");
    }
    let parked = parked(&trial.state()).join("\n");
    assert!(!CANARIES.iter().any(|canary| parked.contains(canary)), "{parked}");

    let troubles: [(&str, &str, FaultKind, i32); 6] = [
        // First, since a complete download of an import that failed is used again.
        (
            "customers",
            "/api-results/*",
            FaultKind::EndsEarly { percent: 50 },
            1,
        ),
        ("orders", "/export/orders.*", FaultKind::Html, 2),
        (
            "orders",
            "/export/orders.*",
            FaultKind::EndsEarly { percent: 50 },
            1,
        ),
        ("orders", "/export/orders.*", FaultKind::InvalidUtf8, 3),
        (
            "orders",
            "/export/orders.*",
            FaultKind::Redirect("/export/other.xml?hash=canaryhash".to_owned()),
            2,
        ),
        ("the API", "/api/*", FaultKind::Status(401), 2),
    ];
    for (what, on, kind, code) in troubles {
        let about = format!("{what}: {kind:?}");
        trial
            .shop
            .change(|world| world.faults = vec![Fault::always(on, kind)]);
        let output = run(&configuration, &[]);
        let told = is_quiet(&output, &about);
        assert_eq!(output.status.code(), Some(code), "{about}: {told}");
    }
    trial.shop.change(|world| {
        world.faults.clear();
        world.doors.orders_hash = "0".repeat(64);
    });
    is_quiet(&run(&configuration, &[]), "a wrong hash");
    let unknown = run(&configuration, &["--only", "kanarek@nobody.example"]);
    is_quiet(&unknown, "somebody unknown");
}
