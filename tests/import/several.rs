//! Several shops, several targets, several runs at once.

use std::process::{Command, Stdio};

use shoptet_sync::demo::random::Random;
use shoptet_sync::sync::deliver::DeliveryOptions;
use shoptet_sync::sync::engine::Engine;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn the_second_of_two_runs_is_told_who_holds_the_lock() {
    let trial = Trial::by(World::generate(81, 10, 20), Customers::Xml, Orders::Xml).await;
    let configuration = trial.configuration();
    let slow = Fault::once("/export/customers.xml", FaultKind::Hang(Duration::from_secs(3)));
    trial.shop.change(|world| world.faults.push(slow));
    let run = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shoptet-sync"));
        command.args(["import", "--config"]).arg(&configuration);
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let first = run();
    let lock = trial.state().join("lock");
    while !std::fs::read_to_string(&lock)
        .unwrap_or_default()
        .contains("process")
    {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let pid = first.id();
    let second = run().wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(2), "{told}");
    assert!(
        told.contains(&format!("`import` (process {pid}, since ")),
        "{told}"
    );
    assert_eq!(first.wait_with_output().unwrap().status.code(), Some(0));
    trial.agrees("the first one");
}

/// Two shops of one group and one of its own, told to two databases of which one takes the group alone.
struct Shops {
    shops: Vec<SimulatedShop>,
    folder: tempfile::TempDir,
}

impl Shops {
    async fn open(worlds: impl IntoIterator<Item = World>) -> Self {
        let mut shops = Vec::new();
        for world in worlds {
            shops.push(SimulatedShop::start(world).await.unwrap());
        }
        Self {
            shops,
            folder: a_folder(),
        }
    }

    fn setup(&self) -> Setup {
        let mut text = "state_dir = \"state\"\n".to_owned();
        for (shop, (name, group)) in
            self.shops
                .iter()
                .zip([("cz", "domek"), ("sk", "domek"), ("other", "other")])
        {
            let doors = shop.change(|world| world.doors.clone());
            text.push_str(&format!(
                "[[shop]]\nname = \"{name}\"\ngroup = \"{group}\"\nurl = \"{}\"\ncountry = \"CZ\"\ncurrency = \"CZK\"\n\
                 [shop.exports]\npartner_id = 3\nmin_interval = \"0s\"\ncustomers_hash = \"{}\"\norders_hash = \"{}\"\n",
                shop.url(),
                doors.customers_hash,
                doors.orders_hash
            ));
        }
        text.push_str("[[target]]\nname = \"all\"\nkind = \"sqlite\"\npath = \"all.db\"\n");
        text.push_str("[[target]]\nname = \"group\"\nkind = \"sqlite\"\npath = \"group.db\"\nshops = [\"cz\", \"sk\"]\n");
        let path = self.folder.path().join("shoptet-sync.toml");
        std::fs::write(&path, text).unwrap();
        setup_of(&path)
    }

    async fn import(&self) -> Report {
        let report = import(&self.setup(), &ImportOptions::default(), &Silent)
            .await
            .unwrap();
        assert_eq!(report.failures, [""; 0]);
        report
    }

    fn database(&self, name: &str) -> ContactDatabase {
        ContactDatabase::read(&self.folder.path().join("state").join(name)).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_shares_its_people_and_nobody_elses() {
    // The same people in all three shops, their orders under other codes: a person of the group is one
    // contact, and another one in the shop of its own.
    let world = |prefix: &str, more: u64| {
        let mut world = World::generate(82, 25, 60);
        for order in &mut world.orders {
            order.code.insert_str(0, prefix);
        }
        for customer in &mut world.customers {
            customer.guid.insert_str(0, prefix);
            let later = jiff::SignedDuration::from_hours(i64::try_from(more).unwrap());
            customer.created = customer.created.checked_add(later).unwrap();
        }
        world.random = Random::new(more);
        world
    };
    let shops = Shops::open([world("C-", 5), world("S-", 0), world("O-", 0)]).await;
    let truth = shops.shops[0].change(|world| Truth::of(world, &Reading::default()));
    // Guests without e-mail whom nobody's phone tells are one per order and shop.
    let nobody = |contact: &&shoptet_sync::demo::truth::ExpectedContact| {
        contact.keys.iter().all(|key| key.starts_with("main:o:"))
    };
    let without_clue = truth.contacts.iter().filter(nobody).count();
    shops.import().await;
    let (all, group) = (shops.database("all.db"), shops.database("group.db"));
    assert_eq!(group.people(), truth.contacts.len() + without_clue);
    assert_eq!(all.people(), 2 * truth.contacts.len() + without_clue);
    assert_eq!((group.orders.len(), all.orders.len()), (120, 180));
    for contact in truth.contacts.iter().filter(|contact| contact.customer.is_some()) {
        let guid = &contact.customer.clone().unwrap()[2..];
        // The older registration gives the key: the one in the second shop.
        let key = format!("domek:c:S-{guid}");
        let orders = group.orders.values().filter(|order| order.contact == key).count();
        assert_eq!(orders, 2 * contact.orders.len(), "{key}");
        assert!(!group.contacts.contains_key(&format!("domek:c:C-{guid}")));
    }
    // Told again, nothing changes; a customer of one shop who takes the log-in of the other joins it.
    assert!(shops.import().await.targets.is_empty());
    let (one, other) = shops.shops[0].change(|world| {
        let like = world.orders[0].clone();
        (world.add_customer("new.in.cz@posta.example", &like), like)
    });
    let second = shops.shops[1].change(|world| world.add_customer("new.in.sk@posta.example", &other));
    shops.import().await;
    assert_eq!(shops.database("group.db").people(), group.people() + 2);
    shops.shops[0].change(|world| {
        world.customer_mut(&one).unwrap().accounts[0].email = "new.in.sk@posta.example".to_owned();
        world.touch_customer(&one);
    });
    shops.import().await;
    let joined = shops.database("group.db");
    assert_eq!(
        joined.people(),
        group.people() + 1,
        "{one} and {second} log in with one e-mail"
    );
}

/// What one shop sent damaged costs nobody else's download: only that one is asked for again.
#[tokio::test(flavor = "multi_thread")]
async fn of_a_first_import_that_failed_only_the_damaged_document_is_fetched_again() {
    let shops = Shops::open([86, 87, 88].map(|seed| World::generate(seed, 10, 30))).await;
    let damaged = |on: &str| Fault::always(on, FaultKind::EndsEarly { percent: 60 });
    // The last one is not even read before the other ends the import.
    shops.shops[1].change(|world| world.faults.push(damaged("/export/customers.*")));
    shops.shops[2].change(|world| world.faults.push(damaged("/export/orders.*")));
    let spool = shops.folder.path().join("state/spool");
    let there =
        |shop: &str| ["customers.data", "orders.data"].map(|name| spool.join(shop).join(name).exists());
    let error = import(&shops.setup(), &ImportOptions::default(), &Silent)
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("reading the customers of shop sk (permanent link): it ends early"),
        "{error}"
    );
    assert_eq!(
        (there("cz"), there("sk"), there("other")),
        ([true; 2], [false, true], [true, false])
    );
    assert!(!shops.folder.path().join("state/all.db").exists());
    let asked = |shops: &Shops| {
        let count = |shop: &SimulatedShop| {
            shop.requests()
                .iter()
                .filter(|asked| asked.path.starts_with("/export/"))
                .count()
        };
        shops.shops.iter().map(count).collect::<Vec<_>>()
    };
    assert_eq!(asked(&shops), [2, 2, 2]);
    for shop in &shops.shops {
        shop.change(|world| world.faults.clear());
    }
    shops.import().await;
    assert_eq!(asked(&shops), [2, 3, 3]);
    assert_eq!(shops.database("all.db").orders.len(), 90);
    assert_eq!(there("cz"), [false; 2], "what is imported is not kept");
}

/// Killed between two of the last renamings: the other database and the state are complete as well.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_renamings_are_made_up_for() {
    let shops = Shops::open([
        World::generate(83, 10, 30),
        World::generate(84, 10, 30),
        World::generate(85, 10, 30),
    ])
    .await;
    shops.import().await;
    let state = shops.folder.path().join("state");
    let dumps = |shops: &Shops| {
        ["all.db", "group.db"].map(|name| dump(&shops.folder.path().join("state").join(name), &[]))
    };
    let expected = dumps(&shops);
    let unfinish = |names: &[&str]| {
        for name in names {
            std::fs::rename(state.join(name), state.join(format!("{name}.new"))).unwrap();
        }
    };
    for waiting in [&["state.db"][..], &["state.db", "group.db"]] {
        unfinish(waiting);
        assert!(
            shops.import().await.targets.is_empty(),
            "{waiting:?}: nothing is left to be done"
        );
        assert_eq!(dumps(&shops), expected, "{waiting:?}");
    }
    // All of them: nothing tells that they are complete, so everything is made again.
    unfinish(&["state.db", "all.db", "group.db"]);
    assert_eq!(shops.import().await.targets.len(), 2);
    assert_eq!(dumps(&shops)[0].len(), expected[0].len());
}

/// Who does not wait for the last is not held up by one that hangs; that one is read later, by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_hangs_does_not_hold_up_the_others() {
    let shops = Shops::open([
        World::generate(85, 10, 20),
        World::generate(87, 0, 0),
        World::generate(86, 8, 9),
    ])
    .await;
    let hangs = FaultKind::Hang(std::time::Duration::from_secs(3600));
    shops.shops[2].change(|world| world.faults.push(Fault::always("/export/*", hangs)));
    let mut setup = shops.setup();
    setup.pace.answer = std::time::Duration::from_millis(500);
    setup.pace.first_byte = std::time::Duration::from_secs(3600);
    let engine = Engine::open(setup.clone(), "run").await.unwrap();
    let options = ImportOptions {
        leave_the_late: true,
        ..ImportOptions::default()
    };
    let began = std::time::Instant::now();
    let report = engine.import(&options, &Silent).await.unwrap();
    assert!(began.elapsed() < std::time::Duration::from_secs(20), "{report:?}");
    assert_eq!(report.failures, [""; 0]);
    let told = |note: &&String| note.contains("shop other takes much longer");
    assert_eq!(report.notes.iter().filter(told).count(), 1, "{report:?}");
    assert_eq!(shops.database("all.db").orders.len(), 20);

    shops.shops[2].change(|world| world.faults.clear());
    let report = engine.sync(&DeliveryOptions::default(), &Silent).await.unwrap();
    assert_eq!(report.failures, [""; 0]);
    assert_eq!(shops.database("all.db").orders.len(), 29);
}
