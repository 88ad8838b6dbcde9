//! It endures: a network and a service that fail in every way while the shop lives on, and at the end every
//! run was made, nothing has piled up, and the contact database shows what the shop holds.

use shoptet_sync::demo::politeness::impoliteness;
use shoptet_sync::demo::{Fault, FaultKind};
use shoptet_sync::state::State;
use shoptet_sync::state::journal::Run;

use super::*;

/// A run every two seconds, every third of them in full.
const SCHEDULE: &str =
    "[schedule]\nincremental = \"*/2 * * * * *\"\nreconcile = \"*/6 * * * * *\"\ntimezone = \"UTC\"\n";

const PERIOD: i64 = 2;

/// How long it storms; ten times as long with `SHOPTET_SYNC_TEST_ROUNDS=10`, and so on.
const STORM: Duration = Duration::from_secs(60);

/// Between two looks at the process.
const PAUSE: Duration = Duration::from_millis(250);

/// Looks for one thing that happens in the shop. Some concern thirty customers: more often, and reading
/// them would take more than the shop's bucket of requests holds.
const LOOKS_PER_EVENT: usize = 4;

/// Looks for one fault of the service.
const LOOKS_PER_FAULT: usize = 10;

/// How long it may take afterwards: two readings in full, which it takes to believe a deletion.
const CALM: Duration = Duration::from_secs(60);

/// So many orders that those deleted while a few readings in full fail are not suspiciously many.
const ORDERS: usize = 600;

/// Where it goes wrong. Their number has no divisor in common with that of the ways.
const WHERE: [&str; 7] = [
    "/api/*",
    "/export/*",
    "*",
    "/api/*/changes",
    "/export/orders.xml",
    "/api/mailing-lists*",
    "/action/*",
];

/// In what ways.
fn faults() -> [FaultKind; 12] {
    let ms = Duration::from_millis;
    [
        FaultKind::Reset,
        FaultKind::Status(500),
        FaultKind::Busy {
            retry_after: "1".to_owned(),
        },
        FaultKind::Truncate { percent: 60 },
        FaultKind::Hang(ms(1_200)),
        FaultKind::LostAnswer,
        FaultKind::Status(503),
        FaultKind::SlowDrip {
            bytes: 2_000,
            pause: ms(10),
        },
        FaultKind::Html,
        FaultKind::Status(423),
        FaultKind::EndsEarly { percent: 50 },
        FaultKind::EmptyBody,
    ]
}

/// As much of the default mapping as is compared, and who wants the newsletter.
const FIELDS: &str = "[target.fields]\n\
    email = \"contact.email\"\nemails = \"contact.emails\"\nfull_name = \"contact.name\"\n\
    registered_at = \"customer.created_at\"\norders_count = \"stats.orders_count\"\n\
    orders_total = \"stats.total\"\nlast_order_status = \"last_order.status\"\n\
    newsletter = \"contact.newsletter\"";

type Measure = fn(&Held) -> u64;

/// What the process holds at one moment.
#[derive(Debug, Clone, Copy)]
struct Held {
    /// Memory of its own, in KiB.
    memory: u64,
    /// Open files and connections.
    handles: u64,
    threads: u64,
}

impl Held {
    fn by(process: u32) -> Self {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let value = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse().unwrap()
        };
        Self {
            memory: value("RssAnon:"),
            handles: std::fs::read_dir(format!("/proc/{process}/fd")).unwrap().count() as u64,
            threads: value("Threads:"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes more than a minute: `.ci/run` runs it"]
async fn it_endures_faults_and_a_shop_that_lives_on() {
    let mut trial = Trial::by(World::generate(7, 60, ORDERS), Customers::Snapshot, Orders::Xml).await;
    trial.more.top = SCHEDULE;
    trial.more.addon = true;
    trial.more.target = FIELDS;
    let mut daemon = Daemon::start(&trial);
    until("the first import", &trial, || is_in_step(&trial)).await;

    let (began, long) = (Instant::now(), STORM * rounds());
    let (mut held, mut looked, mut sent) = (Vec::new(), 0, 0);
    while began.elapsed() < long {
        trial.shop.change(|world| {
            if looked % LOOKS_PER_EVENT == 0 {
                world.anything_happens();
            }
            if looked % LOOKS_PER_FAULT == 0 && world.faults.len() < WHERE.len() {
                let kinds = faults();
                let kind = kinds[sent % kinds.len()].clone();
                world.faults.push(Fault::once(WHERE[sent % WHERE.len()], kind));
                sent += 1;
            }
            if looked % 40 == 20 {
                let now = world.clock.now();
                world
                    .doors
                    .access_tokens
                    .iter_mut()
                    .for_each(|(_, until)| *until = now);
            }
        });
        looked += 1;
        held.push(Held::by(daemon.process.id()));
        tokio::time::sleep(PAUSE).await;
    }

    let left = trial.shop.change(|world| std::mem::take(&mut world.faults).len());
    assert!(
        sent - left >= faults().len(),
        "{sent} faults, of which {left} never happened"
    );
    let calm = Instant::now();
    while !(is_in_step(&trial) && wrong_consents(&trial).is_empty()) && calm.elapsed() < CALM {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut wrong = trial
        .shop
        .change(|world| broken_promises(world, &trial.database()));
    wrong.extend(wrong_consents(&trial));
    let log = || std::fs::read_to_string(trial.folder.path().join("log")).unwrap();
    assert!(wrong.is_empty(), "{wrong:#?} after {}", troubles(&log()));
    let told = trial
        .shop
        .change(|world| impoliteness(&trial.shop.requests(), world));
    assert_eq!(told, [""; 0]);
    daemon.signal("TERM");
    assert_eq!(daemon.ended(), Some(0));
    every_run_was_made(&runs(&trial), long);
    let log = log();
    nothing_piles_up(&held);
    assert!(!log.contains("panicked"), "{log}");
    trial.shop.change(|world| {
        for account in world.customers.iter().flat_map(|customer| &customer.accounts) {
            assert!(!log.contains(&account.email), "the log tells of people");
        }
    });
}

/// Contacts of which it is shown wrongly whether they want the newsletter.
fn wrong_consents(trial: &Trial) -> Vec<String> {
    let contacts = rusqlite::Connection::open(trial.contacts()).unwrap();
    let mut statement = contacts
        .prepare(
            "SELECT key, email, newsletter FROM contacts
             WHERE email <> '' AND merged_into IS NULL AND gone_at IS NULL",
        )
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    let Ok(said) = rows.and_then(Iterator::collect::<Result<Vec<(String, String, Option<bool>)>, _>>) else {
        // It is being written.
        return vec!["the contacts could not be read".to_owned()];
    };
    trial.shop.change(|world| {
        let agreed = |email: &str| {
            let mut subscribers = world.mailing.subscribers.iter();
            subscribers.any(|(on, _)| on.trim().to_lowercase() == email)
        };
        let wrong = said
            .iter()
            .filter(|(_, email, said)| *said != Some(agreed(email)));
        wrong
            .map(|(key, _, said)| format!("{key} is said to want the newsletter: {said:?}"))
            .collect()
    })
}

/// What the log says went wrong.
fn troubles(log: &str) -> String {
    let lines = log.lines().filter(|line| !line.trim_start().starts_with("INFO"));
    lines.collect::<Vec<_>>().join("\n")
}

fn rounds() -> u32 {
    let more = std::env::var("SHOPTET_SYNC_TEST_ROUNDS").ok();
    more.and_then(|more| more.parse().ok()).unwrap_or(1)
}

/// The runs that read the shop by the schedule, the first one first.
fn runs(trial: &Trial) -> Vec<Run> {
    let mut runs = State::open_to_read(&trial.state())
        .unwrap()
        .last_runs(10_000)
        .unwrap();
    runs.retain(|run| run.command.ends_with(" main"));
    runs.reverse();
    runs
}

/// Each run waits for a moment of the schedule of its own, none begins before the one before it has ended,
/// and none is late: a moment that passes during a run is made up for as soon as that has ended.
fn every_run_was_made(runs: &[Run], long: Duration) {
    println!("{} runs", runs.len());
    assert!(runs.len() as u64 > long.as_secs() / 6, "{} runs", runs.len());
    let reconciles = runs.iter().filter(|run| run.command == "reconcile main");
    assert!(reconciles.count() as u64 > long.as_secs() / 25, "{runs:#?}");
    let mut late = Vec::new();
    for pair in runs.windows(2) {
        let [one, next] = pair else { continue };
        let began = one.started_at.as_second();
        let ended = one.ended_at.unwrap().as_second();
        let next = next.started_at.as_second();
        assert!(next >= ended, "two runs overlap: {pair:#?}");
        let moment = (began / PERIOD + 1) * PERIOD;
        assert!(next >= moment, "two runs for one moment: {pair:#?}");
        // A tick comes once a second; what is told here has whole ones.
        let by = next - moment.max(ended);
        assert!(by <= 3, "a run was lost: {pair:#?}");
        if by >= PERIOD {
            late.push(pair);
        }
    }
    // A machine that has more to do may lose one.
    assert!(late.len() <= 1 + runs.len() / 10, "runs were lost: {late:#?}");
}

/// After a third of the time to warm up, what it holds does not grow. All of it goes up and down with each
/// reading; what has leaked shows in the least that it holds.
fn nothing_piles_up(held: &[Held]) {
    let third = held.len() / 3;
    let (middle, last) = (&held[third..2 * third], &held[2 * third..]);
    let what: [(&str, Measure, u64, u64); 3] = [
        ("KiB of memory", |held| held.memory, 6 * 1_024, 150 * 1_024),
        ("handles", |held| held.handles, 2, 80),
        // The runtime keeps a thread for what blocks until it was idle for ten seconds.
        ("threads", |held| held.threads, 4, 40),
    ];
    for (what, of, more, most) in what {
        let least = |held: &[Held]| held.iter().map(of).min().unwrap();
        let (before, after) = (least(middle), least(last));
        let largest = held.iter().map(of).max().unwrap();
        println!("{what}: {before}, later {after}, at most {largest}");
        assert!(after <= before + more, "{what}: {before}, later {after}");
        assert!(largest <= most, "{what}: {largest}");
    }
}
