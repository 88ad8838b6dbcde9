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
