//! It follows the shop by itself.

use super::*;

/// From nothing: the first import, then each change within a schedule's interval.
#[tokio::test(flavor = "multi_thread")]
async fn it_imports_and_then_follows() {
    let trial = a_trial(1).await;
    let _daemon = Daemon::start(&trial);
    until("the first import", &trial, || is_in_step(&trial)).await;
    for _ in 0..3 {
        trial
            .shop
            .change(|world| world.known_guest_orders_again().unwrap());
        trial.shop.change(|world| world.guest_registers().unwrap());
        assert!(!is_in_step(&trial));
        until("following", &trial, || is_in_step(&trial)).await;
    }
}

/// Reading everything, it notices what somebody deleted in the contact database.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_there_comes_again_with_the_next_complete_run() {
    let mut trial = a_trial(2).await;
    trial.more.top = "[schedule]\nincremental = \"0 0 0 1 1 *\"\nreconcile = \"* * * * * *\"\n";
    trial.import().await;
    let contacts = rusqlite::Connection::open(trial.contacts()).unwrap();
    let last = "DELETE FROM orders WHERE key = (SELECT max(key) FROM orders)";
    assert_eq!(contacts.execute(last, []).unwrap(), 1);
    assert!(!is_in_step(&trial));
    let _daemon = Daemon::start(&trial);
    until("the order comes again", &trial, || is_in_step(&trial)).await;
}
