//! What holds up one delivery holds up nobody else, and never a signal.

use rusqlite::Connection;
use shoptet_sync::state::State;

use super::*;

/// So long a held-up daemon may take to do what does not depend on what holds it up.
const SOON: Duration = Duration::from_secs(6);

/// Whoever updates a row has to count until about so much time has passed, on this machine.
fn make_slow(database: &Path, table: &str, each: Duration) {
    const TRIED: u32 = 1_000_000;
    let began = Instant::now();
    let count = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {TRIED}) SELECT max(i) FROM n"
    );
    let tried = Connection::open_in_memory().unwrap();
    let counted: u32 = tried.query_row(&count, [], |row| row.get(0)).unwrap();
    assert_eq!(counted, TRIED);
    let steps = f64::from(TRIED) * each.as_secs_f64() / began.elapsed().as_secs_f64();
    let slow = format!(
        "CREATE TRIGGER slow BEFORE UPDATE ON {table} BEGIN
         SELECT (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {steps:.0})
                 SELECT max(i) FROM n); END"
    );
    Connection::open(database).unwrap().execute_batch(&slow).unwrap();
}

fn readings(trial: &Trial) -> usize {
    let runs = State::open_to_read(&trial.state()).unwrap().last_runs(1_000);
    let runs = runs.unwrap().into_iter();
    runs.filter(|run| run.command == "sync main" && run.ended_at.is_some())
        .count()
}

fn log(trial: &Trial) -> String {
    std::fs::read_to_string(trial.folder.path().join("log")).unwrap()
}

/// The first batch takes far longer than the test.
#[tokio::test(flavor = "multi_thread")]
async fn the_second_signal_ends_it_in_the_midst_of_a_batch() {
    let mut trial = a_trial(11).await;
    trial.import().await;
    make_slow(&trial.contacts(), "contacts", Duration::from_secs(1));
    trial.more.target = "[target.fields]\nemail = \"contact.email\"\nkind = \"contact.kind\"";
    let mut daemon = Daemon::start(&trial);
    let journal = trial.state().join("contacts.db-journal");
    until("writing", &trial, || journal.exists()).await;
    let began = Instant::now();
    daemon.signal("TERM");
    until("hearing it", &trial, || log(&trial).contains("told to end")).await;
    daemon.signal("TERM");
    assert_eq!(daemon.ended(), Some(1), "{}", log(&trial));
    assert!(began.elapsed() < SOON, "{}", log(&trial));
}

/// Between two batches everybody has a turn.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_delivery_lets_others_have_their_turn() {
    let mut trial = Trial::by(World::generate(12, 300, 300), Customers::Xml, Orders::Xml).await;
    trial.more.top = EVERY_SECOND;
    trial.import().await;
    make_slow(&trial.contacts(), "contacts", Duration::from_millis(100));
    trial.more.target = "[target.fields]\nemail = \"contact.email\"\nkind = \"contact.kind\"";
    let mut daemon = Daemon::start(&trial);
    let written = || {
        let contacts = Connection::open(trial.contacts()).unwrap();
        let count = "SELECT count(*) FROM contacts WHERE kind IS NOT NULL";
        let count = contacts.query_row(count, [], |row| row.get::<_, i64>(0));
        count.unwrap_or_default()
    };
    until("writing", &trial, || written() > 0).await;
    let before = readings(&trial);
    let asked = daemon.beside(&["parked", "dismiss", "nothing"]);
    let told = text(&asked.stderr);
    assert!(told.contains("nothing is parked under"), "{told}");
    until("reading", &trial, || readings(&trial) > before).await;
    let all = i64::try_from(trial.database().contacts.len()).unwrap();
    assert!(written() < all, "the delivery is over: it was not long");
    let began = Instant::now();
    daemon.signal("TERM");
    assert_eq!(daemon.ended(), Some(0));
    assert!(began.elapsed() < SOON, "{}", log(&trial));
    assert!(written() < all, "it delivered to the end first");
}

/// A document is applied batch by batch, and in between everybody is heard.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_document_lets_others_have_their_turn() {
    const ORDERS: u32 = 1_500;
    let mut trial = Trial::by(
        World::generate(14, 50, ORDERS as usize),
        Customers::Xml,
        Orders::Xml,
    )
    .await;
    trial.more.top = EVERY_SECOND;
    trial.import().await;
    trial.shop.change(|world| {
        let now = world.clock.now();
        for order in &mut world.orders {
            order.remark = "všechno je jinak".to_owned();
            order.changed = now;
        }
    });
    make_slow(
        &trial.state().join("state.db"),
        "orders",
        Duration::from_millis(5),
    );
    let mut daemon = Daemon::start(&trial);
    let applied = || {
        let state = Connection::open(trial.state().join("state.db")).unwrap();
        let count = "SELECT count(*) FROM orders WHERE body LIKE '%jinak%'";
        state.query_row(count, [], |row| row.get::<_, u32>(0)).unwrap()
    };
    until("applying", &trial, || applied() > 0).await;
    let began = Instant::now();
    let asked = daemon.beside(&["parked", "dismiss", "nothing"]);
    let told = text(&asked.stderr);
    assert!(told.contains("nothing is parked under"), "{told}");
    assert!(began.elapsed() < SOON / 2, "{}", log(&trial));
    assert!(applied() < ORDERS, "the document is over: it was not long");
    let began = Instant::now();
    daemon.signal("TERM");
    assert_eq!(daemon.ended(), Some(0));
    assert!(began.elapsed() < SOON, "{}", log(&trial));
    assert!(applied() < ORDERS, "it applied everything first");
}

/// Somebody has the contact database open in a program that locks it.
#[tokio::test(flavor = "multi_thread")]
async fn a_locked_contact_database_holds_up_nobody_else() {
    let trial = a_trial(13).await;
    let mut daemon = Daemon::start(&trial);
    until("the first import", &trial, || is_in_step(&trial)).await;
    let other = Connection::open(trial.contacts()).unwrap();
    other.busy_timeout(LONGEST).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    trial.shop.change(|world| world.customer_orders().unwrap());
    // The delivery of what the first of them read waits for the lock; the others go on.
    let (began, before) = (Instant::now(), readings(&trial));
    until("reading on", &trial, || readings(&trial) > before + 3).await;
    assert!(began.elapsed() < SOON * 2, "{}", log(&trial));
    let asked = daemon.beside(&["parked", "dismiss", "nothing"]);
    assert!(
        text(&asked.stderr).contains("nothing is parked under"),
        "{}",
        text(&asked.stderr)
    );
    let began = Instant::now();
    daemon.signal("TERM");
    until("hearing it", &trial, || log(&trial).contains("told to end")).await;
    assert!(began.elapsed() < SOON, "{}", log(&trial));
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(daemon.ended(), Some(0), "{}", log(&trial));
    assert!(began.elapsed() < SOON, "{}", log(&trial));
    let _daemon = Daemon::start(&trial);
    until("what waited", &trial, || is_in_step(&trial)).await;
}
