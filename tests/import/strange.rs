//! A contact database that is not what it was: another one, an emptied or an older one, or one whose
//! records somebody deleted; and a state that was lost or is older than what it delivered.

use shoptet_sync::sync::full_plan::plan_in_full;
use shoptet_sync::sync::planned::ContactPlan;

use super::*;

async fn is_refused(trial: &Trial, cause: &str) {
    let before = trial
        .contacts()
        .exists()
        .then(|| std::fs::read(trial.contacts()).unwrap());
    let report = trial.try_import().await.unwrap();
    assert_eq!(report.exit_code(), 2);
    assert!(report.failures[0].contains(cause), "{:?}", report.failures);
    assert!(report.failures[0].contains("--accept"), "{:?}", report.failures);
    let after = trial
        .contacts()
        .exists()
        .then(|| std::fs::read(trial.contacts()).unwrap());
    assert!(before == after, "nothing is written into what is refused");
}

async fn accept(trial: &Trial) {
    let accepted = ImportOptions {
        accept: true,
        ..ImportOptions::default()
    };
    assert_eq!(trial.import_as(&accepted).await.unwrap().exit_code(), 0);
}

async fn trial(seed: u64) -> Trial {
    let trial = Trial::by(World::generate(seed, 20, 40), Customers::Xml, Orders::Xml).await;
    trial.import().await;
    trial
}

/// One event in the shop, so that a run has something to write.
fn one_event(trial: &Trial) {
    trial.shop.change(|world| {
        let like = world.orders[0].clone();
        world.add_customer("new.face@posta.example", &like)
    });
}

fn execute(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

/// The target is told apart from another one that stands in its place.
#[tokio::test(flavor = "multi_thread")]
async fn another_database_in_its_place_is_refused() {
    let trial = trial(75).await;
    let before = trial.dump_without_times();
    std::fs::remove_file(trial.contacts()).unwrap();
    is_refused(&trial, "is not there or is empty now").await;
    assert!(!trial.contacts().exists(), "nothing was made");
    accept(&trial).await;
    same(&before, &trial.dump_without_times(), "made anew");
    trial.agrees("made anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emptied_database_is_refused() {
    let trial = trial(76).await;
    let before = trial.dump_without_times();
    execute(&trial.contacts(), "DELETE FROM orders; DELETE FROM contacts");
    one_event(&trial);
    is_refused(&trial, "is not there or is empty now").await;
    accept(&trial).await;
    trial.agrees("filled again");
    assert_eq!(trial.dump_without_times().len(), before.len() + 1);
}

/// Restored from a backup, it lacks what was delivered since, although its id is right.
#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_is_refused() {
    let trial = trial(77).await;
    let copy = trial.folder.path().join("copy.db");
    std::fs::copy(trial.contacts(), &copy).unwrap();
    one_event(&trial);
    trial.import().await;
    let whole = trial.dump_without_times();
    std::fs::copy(&copy, trial.contacts()).unwrap();
    is_refused(&trial, "an older copy").await;
    accept(&trial).await;
    same(
        &whole,
        &trial.dump_without_times(),
        "what was missing is there again",
    );
    let now = trial.dump();
    trial.import().await;
    same(&now, &trial.dump(), "and it is the one delivered to before");
}

/// What happens in the shop to people who are in the database already.
fn events_of_known_people(trial: &Trial) {
    trial.shop.change(|world| {
        for order in world.orders.iter_mut().take(20) {
            order.status = -4;
        }
        for customer in world.customers.iter_mut().take(10) {
            customer.billing.company = "Novější s.r.o.".to_owned();
        }
    });
}

/// Somebody's edit, in a contact that has not changed in the shop.
const TYPED: &str = "UPDATE contacts SET full_name = 'typed' WHERE key = (SELECT max(key) FROM contacts)";

/// Which of the values in an older copy are the program's own, the copy tells by itself; what a person
/// typed into it stays.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_since_an_older_copy_is_written_again() {
    let trial = trial(82).await;
    execute(&trial.contacts(), TYPED);
    let before = trial.dump_without_times();
    let copy = trial.folder.path().join("copy.db");
    std::fs::copy(trial.contacts(), &copy).unwrap();
    events_of_known_people(&trial);
    trial.import().await;
    let whole = trial.dump_without_times();
    assert!(difference(&before, &whole).len() > 10, "something was written");
    std::fs::copy(&copy, trial.contacts()).unwrap();
    accept(&trial).await;
    same(&whole, &trial.dump_without_times(), "nothing old is left");
}

/// Without a state, too, what this program wrote is told from what people typed.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_lost_state_what_changed_is_written() {
    let trial = trial(83).await;
    execute(&trial.contacts(), TYPED);
    let copy = trial.folder.path().join("copy.db");
    std::fs::copy(trial.contacts(), &copy).unwrap();
    events_of_known_people(&trial);
    trial.import().await;
    let whole = trial.dump_without_times();
    std::fs::copy(&copy, trial.contacts()).unwrap();
    std::fs::remove_file(trial.state().join("state.db")).unwrap();
    accept(&trial).await;
    same(&whole, &trial.dump_without_times(), "nothing old is left");
}

/// In a row that a person changed nobody can tell any more which of the values are theirs: all stay, and
/// `plan` names what differs.
#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_been_typed_into_an_older_copy_stays_and_is_named() {
    let trial = trial(84).await;
    let known = trial.database().contacts.keys().next().unwrap().clone();
    execute(
        &trial.contacts(),
        &format!("UPDATE contacts SET full_name = 'typed', phone = '1' WHERE key = '{known}'"),
    );
    let before = trial.dump_without_times();
    std::fs::remove_file(trial.state().join("state.db")).unwrap();
    let mut kept = Vec::new();
    let mut each = |_: &str, contact: &ContactPlan| {
        kept.extend((!contact.kept.is_empty()).then(|| (contact.key.clone(), contact.kept.clone())));
        Ok(())
    };
    let plan = plan_in_full(&trial.setup(), &mut each, &Silent).await.unwrap();
    assert!(plan.targets[0].suspicious.is_some());
    assert_eq!(plan.targets[0].kept["full_name"], 1);
    assert_eq!(kept, [(known, vec!["phone".to_owned(), "full_name".to_owned()])]);
    accept(&trial).await;
    same(&before, &trial.dump_without_times(), "it stays");
}

/// The state was restored from a backup, the database was not.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_newer_than_the_state_is_refused() {
    let trial = trial(78).await;
    let state = trial.state().join("state.db");
    let copy = trial.folder.path().join("copy.db");
    std::fs::copy(&state, &copy).unwrap();
    one_event(&trial);
    trial.import().await;
    let whole = trial.dump_without_times();
    std::fs::copy(&copy, &state).unwrap();
    is_refused(&trial, "the state is an older copy").await;
    accept(&trial).await;
    same(&whole, &trial.dump_without_times(), "linked anew, nobody twice");
    // There was nothing to write; what was accepted once is not suspicious again.
    trial.import().await;
}

/// With the state lost, what is there is compared: what is right already is not written again.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_lost_state_nothing_is_rewritten() {
    let trial = trial(79).await;
    let before = trial.dump();
    execute(
        &trial.contacts(),
        "UPDATE orders SET status = 'typed' WHERE key = (SELECT max(key) FROM orders);
         UPDATE orders SET gone_at = 'yesterday' WHERE key = (SELECT min(key) FROM orders);",
    );
    std::fs::remove_file(trial.state().join("state.db")).unwrap();
    is_refused(&trial, "an earlier state").await;
    accept(&trial).await;
    let differs = difference(&before, &trial.dump());
    assert!(differs.len() <= 4, "two orders are put right: {differs:?}");
    let now = trial.dump().join("\n");
    assert!(!now.contains("yesterday") && !now.contains("typed"));
}

/// A contact that somebody deleted there comes again with all its orders as soon as it has to be told
/// something, and hers alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_record_is_made_again() {
    let trial = trial(80).await;
    let before = trial.dump_without_times();
    let database = trial.database();
    let (code, order) = database.orders.iter().next().unwrap();
    execute(
        &trial.contacts(),
        &format!(
            "DELETE FROM orders WHERE contact_key = '{0}'; DELETE FROM contacts WHERE key = '{0}'",
            order.contact
        ),
    );
    let code = code.strip_prefix("main:").unwrap().to_owned();
    trial.shop.change(|world| {
        let order = world.orders.iter_mut().find(|order| order.code == code).unwrap();
        order.remark = "call first".to_owned();
    });
    assert_eq!(trial.import().await.exit_code(), 0);
    same(&before, &trial.dump_without_times(), "as it was");
    let now = trial.dump();
    trial.import().await;
    same(&now, &trial.dump(), "and stays");
}

/// A time that somebody typed and nobody can read is no time: it is written anew, and said so.
#[tokio::test(flavor = "multi_thread")]
async fn nonsense_in_gone_at_is_written_anew() {
    let trial = trial(82).await;
    let before = trial.dump_without_times();
    let database = trial.database();
    let (code, order) = database.orders.iter().next().unwrap();
    execute(
        &trial.contacts(),
        &format!(
            "UPDATE contacts SET gone_at = 'since spring' WHERE key = '{}'",
            order.contact
        ),
    );
    let code = code.strip_prefix("main:").unwrap().to_owned();
    trial.shop.change(|world| {
        let order = world.orders.iter_mut().find(|order| order.code == code).unwrap();
        order.remark = "call first".to_owned();
    });
    assert_eq!(trial.import().await.exit_code(), 0);
    same(&before, &trial.dump_without_times(), "as it was");
    let state = Connection::open(trial.state().join("state.db")).unwrap();
    let told = "SELECT what FROM history WHERE what LIKE '%gone_at cannot be read%'";
    let told: String = state.query_row(told, [], |row| row.get(0)).unwrap();
    assert!(told.starts_with("updated in contacts: marks"), "{told}");
}

/// A state that an earlier version wrote is brought up to date where it stands.
#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_state_is_upgraded() {
    let trial = trial(81).await;
    let before = trial.dump();
    execute(
        &trial.state().join("state.db"),
        "ALTER TABLE targets DROP COLUMN delivery; ALTER TABLE targets DROP COLUMN begun;
         DROP INDEX contact_links_by_record; DELETE FROM meta;
         ALTER TABLE due_contacts DROP COLUMN mark; ALTER TABLE due_orders DROP COLUMN mark;
         DROP TABLE cursors; ALTER TABLE customers DROP COLUMN listed_from; ALTER TABLE orders DROP COLUMN print;
         DROP TABLE left_behind; DROP TABLE consents; DROP TABLE consent_lists;
         ALTER TABLE targets DROP COLUMN agreed; ALTER TABLE contact_links DROP COLUMN parts;
         ALTER TABLE order_links DROP COLUMN parts; ALTER TABLE due_contacts DROP COLUMN since;
         ALTER TABLE due_contacts DROP COLUMN backfill; ALTER TABLE due_contacts DROP COLUMN tries;
         ALTER TABLE due_contacts DROP COLUMN not_before; PRAGMA user_version = 1",
    );
    execute(
        &trial.contacts(),
        "DELETE FROM shoptet_sync WHERE name LIKE 'delivery%';
         DROP TABLE shoptet_sync_contacts; DROP TABLE shoptet_sync_orders",
    );
    assert_eq!(trial.import().await.exit_code(), 0);
    same(&before, &trial.dump(), "nothing is new");
    one_event(&trial);
    trial.import().await;
    trial.agrees("and it goes on");
}
