//! Orders of some time ago that are told late, after incremental runs alone.

use std::time::Duration;

use jiff::Timestamp;

use super::*;

/// An e-mail belongs to whoever has it as a log-in when the order is placed. Until when somebody had it, an
/// incremental run tells as well as an import.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_goes_to_who_had_its_e_mail_then() {
    for (customers, orders) in [
        (Customers::Snapshot, Orders::Snapshot),
        (Customers::Xml, Orders::Xml),
    ] {
        let trial = Trial::by(World::generate(21, 12, 20), customers, orders).await;
        trial.import().await;
        let pause = || tokio::time::sleep(Duration::from_millis(2100));
        pause().await;
        let placed = Timestamp::now();
        pause().await;
        trial.sync().await;
        let email = trial.shop.change(|world| {
            let customer = world.customers[0].clone();
            let email = customer.accounts[0].email.clone();
            world.customer_mut(&customer.guid).unwrap().accounts[0].email =
                "moved.on@posta.example".to_owned();
            world.touch_customer(&customer.guid);
            email
        });
        trial.sync().await;
        // To the second nobody can say who had it.
        pause().await;
        trial.shop.change(|world| {
            let like = world.orders[1].clone();
            world.add_customer(&email, &like);
        });
        trial.sync().await;
        let late = trial.shop.change(|world| {
            let mut order = world.orders.last().unwrap().clone();
            order.code = "LATE1".to_owned();
            order.id += 1;
            order.guid = None;
            order.customer_guid = None;
            order.email = Some(email.clone());
            order.created = placed;
            world.orders.push(order);
            world.touch_order("LATE1");
            "main:LATE1"
        });
        trial.sync().await;
        let database = trial.database();
        let holder = &database.contacts[&database.orders[late].contact];
        assert_eq!(holder.email, "moved.on@posta.example", "{customers:?}");
    }
}

/// For one run the clock of this machine was a day ahead. What the shop tells today counts all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_ahead_costs_nothing() {
    for (customers, orders) in [
        (Customers::Snapshot, Orders::Snapshot),
        (Customers::Xml, Orders::Xml),
    ] {
        let trial = Trial::by(World::generate(23, 12, 30), customers, orders).await;
        trial.import().await;
        let state = rusqlite::Connection::open(trial.state().join("state.db")).unwrap();
        let ahead =
            "UPDATE orders SET read_at = read_at + 86400; UPDATE customers SET read_at = read_at + 86400;
            UPDATE readings SET read_at = read_at + 86400, finished_at = finished_at + 86400;";
        state.execute_batch(ahead).unwrap();
        trial.shop.change(|world| {
            world.order_status_changes().unwrap();
            world.customer_changes_email().unwrap();
            world.customers_are_updated_in_bulk(3).unwrap();
        });
        trial.sync().await;
        trial.holds(&format!("{customers:?}"), &[]);
        trial.shop.change(|world| world.orders.pop());
        for _ in 0..2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
            trial.import().await;
        }
        trial.holds("what is deleted", &[]);
    }
}
