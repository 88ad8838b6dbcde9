//! What only a PostgreSQL server can do to us, and we to it.

use std::collections::BTreeSet;

use shoptet_sync::sync::check::{Verdict, check};

use crate::imported::{Home, SHOP};
use crate::postgres::Postgres;
use crate::postgres_server::with_client;
use crate::rig::Rig;
use crate::sql_proxy::is_write;
use crate::written::{Order, customer, customers, order, orders};

fn guests(from: usize, to: usize) -> Vec<Order> {
    (from..to)
        .map(|code| order(&code.to_string()).email(&format!("guest{code}@shop.example")))
        .collect()
}

/// What a distributed PostgreSQL or a pooler cannot take, as far as one server's statements show it.
#[test]
fn no_statement_asks_for_a_session_or_a_single_server() {
    let Some(rig) = Postgres::new() else { return };
    let fields = "[target.fields]\nemail = \"contact.email\"\ntown = \"contact.city\"\n";
    let mut home = rig.home("[shop.customers]\ndeleted = \"erase\"\n", fields);
    let jane = customer("g1").login("jane@shop.example");
    home.import(&customers(std::slice::from_ref(&jane)), &orders(&guests(0, 5)));
    rig.insert(&home, "typed", "guest7@shop.example");
    home.import(&customers(std::slice::from_ref(&jane)), &orders(&guests(1, 9)));
    home.configure(&format!("{}more = \"stats.total\"\n", home.configuration()));
    home.import(&customers(std::slice::from_ref(&jane)), &orders(&guests(1, 9)));
    home.import(&customers(std::slice::from_ref(&jane)), &orders(&guests(1, 9)));
    home.with_engine(async |engine| {
        let forgotten = engine
            .forget("guest3@shop.example", false, &shoptet_sync::source::Silent)
            .await;
        assert_eq!(forgotten.unwrap().contacts.len(), 1);
    });
    let statements: BTreeSet<String> = rig.proxy.statements().into_iter().collect();
    assert!(statements.len() > 20, "{statements:#?}");
    let forbidden = [
        "TEMP",
        "TEMPORARY",
        "UNLOGGED",
        "LISTEN",
        "NOTIFY",
        "PREPARE",
        "DECLARE",
        "CURSOR",
        "LOCK",
        "SERIAL",
        "SEQUENCE",
        "CTID",
        "OID",
        "TRIGGER",
        "SAVEPOINT",
        "MERGE",
        "RETURNING",
        "SHARE",
        "SET_CONFIG",
        "NEXTVAL",
    ];
    for sql in &statements {
        let upper = sql.to_uppercase();
        let words: Vec<&str> = upper
            .split(|sign: char| !sign.is_alphanumeric() && sign != '_')
            .filter(|word| !word.is_empty())
            .collect();
        for word in forbidden {
            assert!(!words.contains(&word), "{word} in {sql}");
        }
        assert!(!upper.contains("ADVISORY"), "{sql}");
        assert_ne!(words.first(), Some(&"SET"), "{sql}");
        if words.first() == Some(&"INSERT") {
            assert!(
                upper.contains("ON CONFLICT (KEY)") || upper.contains("ON CONFLICT (NAME)"),
                "{sql}"
            );
        }
        if words.first() == Some(&"UPDATE") {
            assert!(
                upper.contains("KEY = WANTED.C0") || upper.contains("WHERE KEY = "),
                "by key: {sql}"
            );
        }
        if is_write(sql) && upper.contains("UNNEST") {
            assert!(upper.contains("IS DISTINCT FROM"), "{sql}");
        }
    }
}

fn backends(rig: &Postgres) -> String {
    // Those of this schema's program alone: they come through its proxy, and tell its name.
    format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{}'",
        rig.schema
    )
}

fn named_after_its_schema(rig: &Postgres) -> String {
    let mut address = rig.address();
    address.set_query(Some(&format!("application_name={}", rig.schema)));
    rig.target().replace(rig.address().as_str(), address.as_str())
}

#[test]
fn a_backend_that_is_terminated_again_and_again_holds_nothing_up() {
    let Some(rig) = Postgres::new() else { return };
    let mut home = Home::with(&format!("{SHOP}{}", named_after_its_schema(&rig)));
    home.import("", &orders(&guests(0, 10)));
    let is_over = std::sync::atomic::AtomicBool::new(false);
    let terminated = std::thread::scope(|scope| {
        let killer = scope.spawn(|| {
            let mut terminated = 0;
            with_client(&rig.server, async |client| {
                while !is_over.load(std::sync::atomic::Ordering::SeqCst) {
                    terminated += client.query(&backends(&rig), &[]).await.unwrap().len();
                    tokio::time::sleep(std::time::Duration::from_millis(120)).await;
                }
            });
            terminated
        });
        home.import("", &orders(&guests(0, 1_500)));
        is_over.store(true, std::sync::atomic::Ordering::SeqCst);
        killer.join().unwrap()
    });
    assert!(terminated > 0);
    let shown = rig.shown(&home);
    assert_eq!((shown.contacts.len(), shown.orders.len()), (1_500, 1_500));
}

#[test]
fn a_server_that_is_away_is_told_and_what_waited_comes_later() {
    let Some(rig) = Postgres::new() else { return };
    let beside = "[[target]]\nname = \"beside\"\nkind = \"sqlite\"\npath = \"beside.db\"\n";
    let home = Home::with(&format!("{SHOP}{}{beside}", rig.target()));
    rig.proxy.close(true);
    let documents = orders(&guests(0, 10));
    let import =
        |home: &Home| home.try_import("main", Some(""), Some(&documents), home.now(), Default::default());
    let report = import(&home).unwrap();
    assert_eq!(report.failures.len(), 1, "{:?}", report.failures);
    assert!(
        report.failures[0].contains("connecting to the schema"),
        "{:?}",
        report.failures
    );
    assert_eq!(
        home.shown_in("beside.db").contacts.len(),
        10,
        "the other target has everything"
    );
    rig.proxy.close(false);
    assert_eq!(import(&home).unwrap().failures, [""; 0]);
    assert_eq!(rig.shown(&home).without_times().contacts.len(), 10);
}

/// Two shops, two programs, one database: in schemas of their own, and in the same one.
#[test]
fn two_programs_that_write_into_one_database_do_not_disturb_each_other() {
    let Some(rig) = Postgres::new() else { return };
    let Some(other) = Postgres::new() else { return };
    let mut apart = [rig.home("", ""), other.home("", "")];
    std::thread::scope(|scope| {
        for (place, home) in apart.iter_mut().enumerate() {
            scope.spawn(move || home.import("", &orders(&guests(place * 1_000, place * 1_000 + 600))));
        }
    });
    assert_eq!(rig.shown(&apart[0]).orders.len(), 600);
    assert_eq!(other.shown(&apart[1]).orders.len(), 600);

    let second = SHOP.replace("\"main\"", "\"second\"");
    let together = Home::with(&format!("{second}{}", rig.target()));
    let documents = orders(&guests(0, 600));
    let import = |home: &Home, documents: &str| {
        let options = shoptet_sync::sync::import::ImportOptions::default();
        let shop = if home.configuration().contains("\"second\"") {
            "second"
        } else {
            "main"
        };
        home.try_import(shop, Some(""), Some(documents), home.now(), options)
            .unwrap()
    };
    std::thread::scope(|scope| {
        scope.spawn(|| assert_eq!(import(&together, &documents).failures, [""; 0]));
        scope.spawn(|| assert_eq!(import(&apart[0], &orders(&guests(0, 900))).failures, [""; 0]));
    });
    let shown = rig.shown(&together);
    let of = |shop: &str| shown.orders.keys().filter(|key| key.starts_with(shop)).count();
    assert_eq!((of("main:"), of("second:")), (900, 600));
    let owners = rig.rows(
        "SELECT DISTINCT split_part(contact_key, ':', 1) || ' ' || shop AS key FROM @orders ORDER BY 1",
    );
    let owners: Vec<&str> = owners.iter().map(|row| &row["key"]).collect();
    assert_eq!(
        owners,
        ["main main", "second second"],
        "nobody takes the other's people"
    );
    for (home, documents) in [
        (&together, documents.clone()),
        (&apart[0], orders(&guests(0, 900))),
    ] {
        let before = rig.proxy.writes();
        assert_eq!(import(home, &documents).failures, [""; 0]);
        assert_eq!(rig.proxy.writes(), before, "each knows what it wrote");
    }
}

#[test]
fn check_names_what_is_wrong_there() {
    let Some(rig) = Postgres::new() else { return };
    let points = |home: &Home| {
        let setup = home.setup();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let points = runtime.block_on(check(&setup, &[])).unwrap().into_iter();
        points
            .filter(|point| point.about == "target contacts")
            .collect::<Vec<_>>()
    };
    let wrong = |home: &Home| {
        let wrong = points(home)
            .into_iter()
            .filter(|point| point.verdict >= Verdict::Passing);
        wrong
            .map(|point| format!("{} ({})", point.detail, point.hint))
            .collect::<Vec<_>>()
    };
    let home = rig.home("", "");
    assert_eq!(wrong(&home), [""; 0]);
    assert!(
        rig.rows("SELECT nspname FROM pg_namespace WHERE nspname LIKE 't!_%' ESCAPE '!'")
            .iter()
            .all(|row| row["nspname"] != *rig.schema),
        "it makes nothing"
    );

    let denied = home.configuration().replace("postgres@", "nobody_known@");
    let denied = Home::with(&denied);
    assert!(wrong(&denied)[0].contains("the log-in"), "{:?}", wrong(&denied));
    let database = rig.server.path().to_owned();
    let elsewhere = Home::with(
        &home
            .configuration()
            .replace(&format!("{database}\""), "/no_such_database\""),
    );
    assert!(
        wrong(&elsewhere)[0].contains("no such database"),
        "{:?}",
        wrong(&elsewhere)
    );

    let long = "n".repeat(70);
    let home = rig.home(
        "",
        &format!("[target.fields]\n{long} = \"contact.email\"\nKey = \"contact.key\"\n"),
    );
    let told = wrong(&home);
    assert!(
        told[0].contains("63 bytes") && told[1].contains("of its own"),
        "{told:?}"
    );

    with_client(&rig.server, async |client| {
        let tables = format!("CREATE SCHEMA {0}; CREATE TABLE {0}.contacts(id int)", rig.schema);
        client.batch_execute(&tables).await.unwrap();
    });
    let told = wrong(&rig.home("", ""));
    assert!(told[0].contains("another program's"), "{told:?}");
}

/// Somebody who may read and write and no more: they are told which right is missing.
#[test]
fn a_missing_right_is_named() {
    let Some(rig) = Postgres::new() else { return };
    let user = rig.schema.clone();
    with_client(&rig.server, async |client| {
        client
            .batch_execute(&format!("CREATE USER {user}; CREATE SCHEMA {user}"))
            .await
            .unwrap();
    });
    let home = Home::with(
        &rig.home("", "")
            .configuration()
            .replace("postgres@", &format!("{user}@")),
    );
    let documents = orders(&guests(0, 3));
    let import = || {
        home.try_import("main", Some(""), Some(&documents), home.now(), Default::default())
            .unwrap()
    };
    let told = import().failures.concat();
    assert!(told.contains("GRANT USAGE ON SCHEMA"), "{told}");
    with_client(&rig.server, async |client| {
        client
            .batch_execute(&format!("GRANT USAGE, CREATE ON SCHEMA {user} TO {user}"))
            .await
            .unwrap();
    });
    assert_eq!(import().failures, [""; 0]);
    let shown = rig.shown(&home);
    with_client(&rig.server, async |client| {
        client
            .batch_execute(&format!("DROP OWNED BY {user}; DROP USER {user}"))
            .await
            .unwrap();
    });
    assert_eq!(shown.contacts.len(), 3);
}

/// A person gives columns types of their own; what fits is written, what does not is that row's affair.
#[test]
fn a_column_may_have_another_type_than_the_mapping_would_give_it() {
    let Some(rig) = Postgres::new() else { return };
    let fields = "[target.fields]\nemail = \"contact.email\"\nzip = \"contact.zip\"\nhow_many = \"stats.orders_count\"\n";
    let mut home = rig.home("", fields);
    home.import("", &orders(&guests(0, 3)));
    rig.by_hand(
        "ALTER TABLE @contacts ALTER COLUMN zip TYPE integer USING zip::integer",
        &[],
    );
    rig.by_hand("ALTER TABLE @contacts ALTER COLUMN how_many TYPE numeric", &[]);
    let with_zip = |zip: &str| {
        let mut all = guests(0, 4);
        all[0].billing.zip = zip.to_owned();
        all.push(order("again").email("guest1@shop.example"));
        orders(&all)
    };
    let report = home.import("", &with_zip("11000"));
    assert_eq!(report.parked, 0);
    let shown = rig.shown(&home);
    let row = |guest: &str| shown.contact(&crate::e(guest)).clone();
    assert_eq!(&row("guest0@shop.example")["zip"], "11000");
    assert_eq!(&row("guest1@shop.example")["how_many"], "2");
    let report = home.import("", &with_zip("SW1A 1AA"));
    assert_eq!(report.parked, 1);
    let reason = home.in_state("SELECT reason FROM parked").concat();
    assert!(reason.contains("22P02") && !reason.contains("SW1A"), "{reason}");
}

/// Whether it knows no TLS or has a certificate of its own making: nothing is said to it.
#[test]
fn a_server_that_cannot_be_verified_is_not_talked_to() {
    let Some(rig) = Postgres::new() else { return };
    let tls = format!("{}?sslmode=require\"", rig.address());
    let home = Home::with(
        &rig.home("", "")
            .configuration()
            .replace(&format!("{}\"", rig.address()), &tls),
    );
    let report = home.try_import(
        "main",
        Some(""),
        Some(&orders(&guests(0, 1))),
        home.now(),
        Default::default(),
    );
    let told = report.unwrap().failures.concat();
    assert!(told.contains("TLS") || told.contains("certificate"), "{told}");
    assert_eq!(rig.proxy.statements(), [""; 0]);
}

/// What is filled for the first time is seen when all of it is there; a run that is killed anywhere leaves nothing
/// that the next one does not know.
#[test]
fn a_first_import_can_be_killed_anywhere() {
    let Some(rig) = Postgres::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    std::fs::write(place("orders"), orders(&guests(0, 2_500))).unwrap();
    let beside = "[[target]]\nname = \"beside\"\nkind = \"sqlite\"\npath = \"beside.db\"\n";
    let configuration = format!("state_dir = \"state\"\n{SHOP}{}{beside}", rig.target());
    std::fs::write(place("sync.toml"), configuration).unwrap();
    let start = || {
        std::process::Command::new(env!("CARGO_BIN_EXE_shoptet-sync"))
            .args(["import", "--config"])
            .arg(place("sync.toml"))
            .arg("--orders")
            .arg(place("orders"))
            .env("RUST_LOG", "error")
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap()
    };
    let tables = || {
        let schema = &rig.schema;
        let of = format!(
            "SELECT table_name AS key FROM information_schema.tables WHERE table_schema = '{schema}'"
        );
        let names = rig.rows(&of).into_iter().map(|row| row["key"].to_owned());
        names.collect::<BTreeSet<String>>()
    };
    let seen = [
        "contacts",
        "orders",
        "shoptet_sync",
        "shoptet_sync_contacts",
        "shoptet_sync_orders",
    ];
    let began = std::time::Instant::now();
    assert!(start().wait().unwrap().success());
    let undisturbed = began.elapsed();
    let mut chance = shoptet_sync::demo::random::Random::new(11);
    for round in 0..8 {
        std::fs::remove_dir_all(place("state")).unwrap();
        let drop = format!("DROP SCHEMA \"{}\" CASCADE", rig.schema);
        with_client(&rig.server, async |client| {
            client.batch_execute(&drop).await.unwrap()
        });
        let after = undisturbed * u32::try_from(300 + chance.below(750)).unwrap() / 1_000;
        let mut run = start();
        std::thread::sleep(after);
        run.kill().unwrap();
        run.wait().unwrap();
        if tables().contains("contacts") {
            let rows =
                rig.rows("SELECT (SELECT count(*) FROM @contacts) AS c, (SELECT count(*) FROM @orders) AS o");
            assert_eq!(
                (&rows[0]["c"], &rows[0]["o"]),
                ("2500", "2500"),
                "round {round}: seen whole or not at all"
            );
        }
        assert!(
            start().wait().unwrap().success(),
            "round {round}, killed after {after:?}"
        );
        assert_eq!(
            tables(),
            seen.map(str::to_owned).into(),
            "round {round}: nothing is left"
        );
        let rows =
            rig.rows("SELECT (SELECT count(*) FROM @contacts) AS c, (SELECT count(*) FROM @orders) AS o");
        assert_eq!((&rows[0]["c"], &rows[0]["o"]), ("2500", "2500"), "round {round}");
        let before = rig.proxy.writes();
        assert!(start().wait().unwrap().success());
        assert_eq!(rig.proxy.writes(), before, "round {round}: all of it is known");
    }
}

/// The moment between the tables that are seen and the state that is not in its place yet.
#[test]
fn what_is_seen_already_is_taken_over_with_its_state() {
    let Some(rig) = Postgres::new() else { return };
    let mut home = rig.home("", "");
    home.import("", &orders(&guests(0, 20)));
    let (state, before) = (home.state_dir(), rig.shown(&home));
    let id = home.in_state("SELECT value FROM meta WHERE name = 'id'").concat();
    std::fs::rename(state.join("state.db"), state.join("state.db.new")).unwrap();
    std::fs::write(state.join("builders"), format!("{id}\n")).unwrap();
    let writes = rig.proxy.writes();
    home.import("", &orders(&guests(0, 20)));
    assert_eq!(rig.shown(&home), before);
    let written: Vec<String> = rig
        .proxy
        .statements()
        .into_iter()
        .filter(|sql| is_write(sql))
        .collect();
    let written = &written[usize::try_from(writes).unwrap()..];
    assert!(
        written.iter().all(|sql| sql.starts_with("DROP TABLE IF EXISTS")),
        "{written:#?}"
    );
    assert!(!state.join("builders").exists());
}
