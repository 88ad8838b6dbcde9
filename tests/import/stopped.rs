//! A first import is told to stop: it ends where it is, and the next one reads what was downloaded.

use shoptet_sync::error::Kind;
use shoptet_sync::source::{Progress, Unit};
use shoptet_sync::sync::engine::Engine;
use shoptet_sync::sync::stop::Stop;

use super::*;

/// Orders the stop as soon as this begins.
struct StopsAt(&'static str, Stop);

impl Progress for StopsAt {
    fn report(&self, phase: &str, _done: u64, _total: Option<u64>, _unit: Unit) {
        self.tell(phase);
    }

    fn tell(&self, words: &str) {
        if words.starts_with(self.0) {
            self.1.order();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_in_the_midst_of_a_document_and_keeps_the_downloads() {
    let trial = Trial::by(World::generate(21, 300, 700), Customers::Xml, Orders::Xml).await;
    let asked = || {
        let requests = trial.shop.requests();
        requests
            .iter()
            .filter(|asked| asked.path.contains("orders"))
            .count()
    };
    for place in ["reading orders of main", "making indexes", "contacts to contacts"] {
        let engine = Engine::open(trial.setup(), "import").await.unwrap();
        let stops = StopsAt(place, engine.stop.clone());
        let stopped = engine.import(&ImportOptions::default(), &stops).await;
        assert_eq!(stopped.unwrap_err().kind(), Kind::Interrupted, "{place}");
        assert!(engine.known_state().is_none(), "{place}");
        drop(engine);
        let mut left = std::fs::read_dir(trial.state()).unwrap();
        let is_database = |name: &str| name.contains("state.db") || name.contains("contacts.db");
        assert!(!left.any(|entry| is_database(&entry.unwrap().file_name().to_string_lossy())));
    }
    let before = asked();
    trial.import().await;
    assert_eq!(asked(), before, "the orders are downloaded again");
    trial.agrees("after three interrupted imports");
}
