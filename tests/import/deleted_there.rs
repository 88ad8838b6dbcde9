//! Rows that somebody deleted in the contact database, while the shop has no news of their people.

use super::*;
use shoptet_sync::sync::full_plan::plan_in_full;

async fn trial(seed: u64) -> Trial {
    let trial = Trial::by(World::generate(seed, 20, 60), Customers::Xml, Orders::Xml).await;
    trial.import().await;
    trial
}

fn execute(trial: &Trial, sql: &str) {
    Connection::open(trial.contacts())
        .unwrap()
        .execute_batch(sql)
        .unwrap();
}

fn count(trial: &Trial, sql: &str) -> i64 {
    let contacts = Connection::open(trial.contacts()).unwrap();
    contacts.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn they_come_again_with_a_full_import() {
    let trial = trial(120).await;
    let before = trial.dump_without_times();
    execute(
        &trial,
        "CREATE TEMP TABLE whose AS SELECT contact_key AS key FROM orders ORDER BY contact_key LIMIT 1;
         DELETE FROM orders WHERE contact_key IN (SELECT key FROM whose);
         DELETE FROM contacts WHERE key IN (SELECT key FROM whose);
         DELETE FROM contacts WHERE key = (SELECT max(key) FROM contacts WHERE key NOT IN (SELECT contact_key FROM orders));
         DELETE FROM orders WHERE key = (SELECT max(key) FROM orders);
         PRAGMA foreign_keys = OFF;
         DELETE FROM contacts WHERE key = (SELECT min(contact_key) FROM orders);",
    );
    assert!(trial.dump_without_times().len() < before.len());
    let report = trial.import().await;
    assert_eq!(report.exit_code(), 0);
    same(
        &before,
        &trial.dump_without_times(),
        "all of them, and as they were",
    );
    let again = trial.import().await;
    assert_eq!(again.targets.get("contacts"), None, "nothing was due");
}

/// The complete comparison itself writes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn with_nothing_missing_nothing_is_written() {
    let trial = trial(121).await;
    let bytes = || std::fs::read(trial.contacts()).unwrap();
    let before = bytes();
    let report = trial.import().await;
    assert_eq!(report.targets.get("contacts"), None);
    assert!(before == bytes());
}

/// What the shop deleted, what was merged away, and what is parked stay away.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_followed_no_more_stays_deleted() {
    let trial = trial(122).await;
    let state = Connection::open(trial.state().join("state.db")).unwrap();
    let contact = |number: i64| -> (i64, String) {
        let sql = "SELECT contacts.id, key FROM contacts JOIN customers ON customers.contact = contacts.id
             WHERE NOT EXISTS(SELECT 1 FROM orders WHERE orders.contact = contacts.id)
             ORDER BY contacts.id LIMIT 1 OFFSET ?1";
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        state.query_row(sql, [number], row).unwrap()
    };
    let (gone, erased, parked) = (contact(0), contact(1), contact(2));
    state
        .execute_batch(&format!(
            "UPDATE contacts SET gone_at = 1700000000 WHERE id = {};
             UPDATE contacts SET erased = 1 WHERE id = {};
             INSERT INTO parked(kind, shop, key, target, contact, reason, since)
               VALUES ('contact', '', '{}', 'contacts', {}, 'refused there', 1700000000);",
            gone.0, erased.0, parked.1, parked.0
        ))
        .unwrap();
    drop(state);
    let keys = format!("('{}', '{}', '{}')", gone.1, erased.1, parked.1);
    execute(&trial, &format!("DELETE FROM contacts WHERE key IN {keys}"));
    trial.import().await;
    let back = format!("SELECT count(*) FROM contacts WHERE key IN {keys}");
    assert_eq!(count(&trial, &back), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_plan_says_so_and_changes_nothing() {
    let trial = trial(123).await;
    execute(
        &trial,
        "DELETE FROM contacts WHERE key = (SELECT max(key) FROM contacts WHERE key NOT IN (SELECT contact_key FROM orders));
         DELETE FROM orders WHERE key = (SELECT max(key) FROM orders);",
    );
    let before = trial.dump();
    let plan = plan_in_full(&trial.setup(), &mut |_, _| Ok(()), &Silent)
        .await
        .unwrap();
    let target = serde_json::to_value(&plan.targets[0]).unwrap();
    assert_eq!(
        (&target["create"], &target["orders"]["create"]),
        (&1.into(), &1.into()),
        "{target}"
    );
    same(&before, &trial.dump(), "a plan");
}
