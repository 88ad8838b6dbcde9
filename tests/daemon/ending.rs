//! It ends when it is told to, and loads its configuration again when it is told that.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_in_time_and_goes_on_where_it_was() {
    let trial = a_trial(2).await;
    for signal in ["TERM", "INT"] {
        let mut daemon = Daemon::start(&trial);
        until("being in step", &trial, || is_in_step(&trial)).await;
        daemon.signal(signal);
        let began = Instant::now();
        assert_eq!(daemon.ended(), Some(0), "{signal}");
        assert!(began.elapsed() < Duration::from_secs(10), "{signal}");
        assert!(!trial.state().join("control.sock").exists(), "{signal}");
        trial.shop.change(|world| world.customer_orders().unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_configuration_is_taken_whole_or_not_at_all() {
    let mut trial = a_trial(3).await;
    let daemon = Daemon::start(&trial);
    until("being in step", &trial, || is_in_step(&trial)).await;
    let good = trial.configuration_text();
    let log = || std::fs::read_to_string(trial.folder.path().join("log")).unwrap();
    std::fs::write(&daemon.configuration, format!("{good}\nnonsense = 1\n")).unwrap();
    daemon.signal("HUP");
    until("refusing it", &trial, || {
        log().contains("the configuration stays as it was")
    })
    .await;
    assert!(log().contains("nonsense"), "{}", log());
    trial.shop.change(|world| world.customer_orders().unwrap());
    until("following all the same", &trial, || is_in_step(&trial)).await;
    trial.more.target = "[target.fields]\nemail = \"contact.email\"\nkind = \"contact.kind\"";
    std::fs::write(&daemon.configuration, trial.configuration_text()).unwrap();
    daemon.signal("HUP");
    let has_kind = || {
        dump(&trial.contacts(), &[])
            .iter()
            .any(|row| row.contains("kind=registered"))
    };
    until("writing the new field", &trial, has_kind).await;
}
