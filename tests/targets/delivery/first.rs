//! The first delivery into a service where contacts stand already: nobody is surprised by it.

use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{FAST, PROGRAM, STATUSES, configuration, email, ended, import, placed, words};
use crate::fake_daktela::{Daktela, Fault};
use crate::imported::{Home, TARGET};
use crate::open_shops::OpenShops;
use crate::written::{orders, orders_as_xml};

fn with_contacts() -> Daktela {
    let fake = Daktela::start();
    fake.change(|world| {
        world.agent_makes("mine", "Guest", &email(1));
        world.agent_makes("other", "Somebody", "other@shop.example");
    });
    fake
}

fn home(fake: &Daktela) -> Home {
    Home::with(&configuration(fake, FAST, STATUSES))
}

fn filters() -> insta::internals::SettingsBindDropGuard {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"127\.0\.0\.1:\d+", "[address]");
    settings.bind_to_scope()
}

#[test]
fn an_import_shows_the_plan_and_writes_nothing_until_somebody_agrees() {
    let _filters = filters();
    let fake = with_contacts();
    let mut home = home(&fake);
    let documents = orders(&placed(5));
    let of_it = import(&mut home, "", &documents);
    let (code, told) = ended(&home, &words(&of_it));
    assert_eq!((code, fake.writes()), (2, 0), "{told}");
    insta::assert_snapshot!("not_agreed", told);
    assert!(told.contains("--yes"));
    assert_eq!(
        home.shown().contacts.len(),
        5,
        "the other target has no such question"
    );

    // Nor does anything else write there.
    let of_it = import(&mut home, "", &documents);
    let (code, told) = ended(&home, &words(&of_it));
    assert_eq!((code, fake.writes()), (2, 0), "{told}");
    let (code, told) = ended(&home, &[&words(&of_it)[..], &["--json"]].concat());
    assert_eq!((code, fake.writes()), (2, 0), "{told}");
    assert!(told.contains("\"to_agree\": [\n    \"callcentre\""), "{told}");

    let of_it = import(&mut home, "", &documents);
    let (code, told) = ended(&home, &[&words(&of_it)[..], &["--yes"]].concat());
    assert_eq!((code, fake.writes()), (0, 9), "{told}");
    insta::assert_snapshot!("agreed", told);
    assert_eq!(
        fake.change(|world| world.contacts.len()),
        6,
        "one of them was there"
    );

    // Once is enough.
    let more = import(&mut home, "", &orders(&placed(6)));
    let (code, told) = ended(&home, &words(&more));
    assert_eq!((code, fake.writes()), (0, 11), "{told}");
}

#[test]
fn an_empty_one_asks_nobody() {
    let fake = Daktela::start();
    let mut home = home(&fake);
    let of_it = import(&mut home, "", &orders(&placed(5)));
    let (code, told) = ended(&home, &words(&of_it));
    assert_eq!((code, fake.writes()), (0, 10), "{told}");
}

/// Part of it was delivered; that the rest goes the same way was agreed to.
#[test]
fn whoever_agreed_is_not_asked_again_when_the_first_delivery_broke_off() {
    let fake = with_contacts();
    let mut home = home(&fake);
    let documents = orders(&placed(5));
    let mut writes = 0;
    fake.plan(move |asked| {
        writes += u32::from(asked.is_write());
        (writes > 3).then_some(Fault::Trouble)
    });
    let now = home.next_day();
    let agreed = shoptet_sync::sync::import::ImportOptions {
        agreed: true,
        ..Default::default()
    };
    let home = home.at_pace(super::fast());
    let report = home
        .try_import("main", Some(""), Some(&documents), now, agreed)
        .unwrap();
    assert_eq!(report.exit_code(), 1, "{report:?}");
    fake.mend();
    super::time_passes(&home);
    let report = home
        .try_import("main", Some(""), Some(&documents), now, Default::default())
        .unwrap();
    assert_eq!((report.exit_code(), report.to_agree), (0, Vec::new()));
    assert_eq!(
        fake.change(|world| (world.contacts.len(), world.records.len())),
        (6, 5)
    );
}

/// A shop that is read over the network, as `sync` and the daemon do it.
fn home_of(shops: &OpenShops, fake: &Daktela) -> Home {
    let home = shops.home("");
    let whole = configuration(fake, FAST, STATUSES);
    let of_crm = whole.split_once(TARGET).unwrap().1;
    Home::with(&format!("{}{of_crm}", home.configuration()))
}

fn open_shops() -> OpenShops {
    let shops = OpenShops::open([("main", "main")]);
    shops.show("main", "", &orders_as_xml(&placed(5)));
    shops
}

#[test]
fn a_sync_holds_it_back_too() {
    let _filters = filters();
    let (fake, shops) = (with_contacts(), open_shops());
    let home = home_of(&shops, &fake);
    for name in ["sync_not_agreed", "sync_not_agreed_again"] {
        let (code, told) = ended(&home, &["sync"]);
        assert_eq!((code, fake.writes()), (2, 0), "{told}");
        assert_eq!(home.shown().contacts.len(), 5);
        insta::assert_snapshot!(name, told);
    }
    let (code, told) = ended(&home, &["import", "--yes"]);
    assert_eq!((code, fake.writes()), (0, 9), "{told}");
    assert_eq!(ended(&home, &["sync"]).0, 0);
}

/// A daemon at work; killed at the latest when the test ends.
pub struct Daemon(pub Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn until(what: &str, is_true: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_true() {
        assert!(began.elapsed() < Duration::from_secs(20), "{what} did not happen");
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_daemon_holds_it_back_until_somebody_agrees_beside_it() {
    let (fake, shops) = (with_contacts(), open_shops());
    let home = home_of(&shops, &fake);
    let daemon = Daemon(
        home.program(PROGRAM, &["run"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    until("asking", || {
        fake.asked().len() >= 2 && home.state_dir().join("contacts.db").exists()
    });
    sleep(Duration::from_millis(300));
    assert_eq!(fake.writes(), 0);
    assert_eq!(home.shown().contacts.len(), 5);
    let (code, told) = ended(&home, &["import"]);
    assert_eq!((code, fake.writes()), (2, 0), "{told}");
    assert!(
        told.contains("4 contacts to create"),
        "shown beside it as well: {told}"
    );
    assert!(told.contains("import --yes"), "{told}");
    let (code, told) = ended(&home, &["import", "--yes"]);
    assert_eq!((code, fake.writes()), (0, 9), "{told}");
    drop(daemon);
}
