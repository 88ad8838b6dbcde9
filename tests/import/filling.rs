//! A new contact database is filled by two sides; when one of them fails, it says why, and nothing is finished.
//! (A full disk under the writing side is in `disk`.)

use shoptet_sync::error::Kind;
use shoptet_sync::sync::compose::Composer;
use shoptet_sync::sync::fill::fill;
use shoptet_sync::sync::shop::ShopInRun;
use shoptet_sync::sync::stop::Stop;
use shoptet_sync::sync::target::TargetInRun;
use shoptet_sync::target::Target as _;
use shoptet_sync::target::sqlite::SqliteTarget;

use super::*;

/// The state cannot be read to its end while the other side has nothing to complain of.
#[tokio::test(flavor = "multi_thread")]
async fn the_reading_side_says_why_it_failed() {
    let trial = Trial::by(World::generate(91, 700, 900), Customers::Xml, Orders::Xml).await;
    trial.import().await;
    for damage in [
        "UPDATE customers SET body = '{' WHERE id = 600",
        "UPDATE orders SET total = 'much' WHERE id = 800",
    ] {
        Connection::open(trial.state().join("state.db"))
            .unwrap()
            .execute_batch(damage)
            .unwrap();
        let mut setup = trial.setup();
        setup.targets[0].0.name = "another".to_owned();
        let target = TargetInRun::new(&setup.targets[0].0, &setup.targets[0].1).unwrap();
        let path = trial.folder.path().join("another.db");
        let _ = std::fs::remove_file(&path);
        let filled = tokio::task::block_in_place(|| {
            let state = State::open(&trial.state()).unwrap();
            let shops = ShopInRun::all_from_state(&state, &setup.shops).unwrap();
            let composer = Composer::new(&state, &shops).unwrap();
            let mut remote = SqliteTarget::new(path.clone(), target.layout.clone(), state.id().unwrap());
            tokio::runtime::Handle::current()
                .block_on(remote.begin_build())
                .unwrap();
            // As in a build: nothing of it stays.
            state.transaction(|state| fill(state, &composer, &target, &mut remote, &Silent, &Stop::default()))
        });
        let error = filled.unwrap_err();
        assert_eq!(error.kind(), Kind::Database, "{damage}: {error}");
        assert!(error.doing().contains("reading"), "{damage}: {error}");
        let contacts = Connection::open(&path).unwrap();
        let indexes = "SELECT count(*) FROM sqlite_schema WHERE name = 'contacts_by_email'";
        let indexes: i64 = contacts.query_row(indexes, [], |row| row.get(0)).unwrap();
        assert_eq!(indexes, 0, "{damage}: it was finished all the same");
    }
}
