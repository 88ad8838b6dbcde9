//! Failures: what was carried out and nobody heard of, what was refused, and what cannot be.

use std::time::Duration;

use shoptet_sync::http::Pace;
use shoptet_sync::sync::import::ImportOptions;

use super::{JANE, STATUSES, contacts, home, home_with, jane, text};
use crate::fake_daktela::{Asked, Daktela, Fault};
use crate::imported::Home;
use crate::written::{Order, customer, customers, order, orders};

fn placed(contacts: usize) -> Vec<Order> {
    (0..contacts)
        .map(|code| order(&code.to_string()).email(&format!("guest{code}@shop.example")))
        .collect()
}

fn agreed() -> ImportOptions {
    ImportOptions {
        agreed: true,
        ..ImportOptions::default()
    }
}

/// Imports until nothing fails; how many it took.
fn imported(home: &Home, customers: &str, orders: &str) -> usize {
    for run in 1..=4 {
        let report = home.try_import("main", Some(customers), Some(orders), home.now(), agreed());
        if report.is_ok_and(|report| report.failures.is_empty()) {
            return run;
        }
    }
    panic!("it does not end");
}

/// A thousand contacts, some with orders. Each of the writes loses its answer in one of two imports.
#[test]
fn the_answer_to_every_write_of_a_large_import_is_lost() {
    let people: Vec<_> = (0..1_000)
        .map(|number| customer(&format!("g{number}")).login(&format!("guest{number}@shop.example")))
        .collect();
    let documents = (customers(&people), orders(&placed(250)));
    for half in [0, 1] {
        let fake = Daktela::start();
        let home = home(&fake);
        fake.lose((1..=2_000).filter(|number| number % 2 == half));
        imported(&home, &documents.0, &documents.1);
        assert_eq!(fake.lost(), 625);
        let (contacts, records) = fake.change(|world| (world.contacts.clone(), world.records.clone()));
        assert_eq!(
            (contacts.len(), records.len()),
            (1_000, 250),
            "no twin, and nothing missing"
        );
        for (number, record) in records.values().map(|record| (record.get("name"), record)) {
            let number = number.replace("shoptet_main_o_", "");
            let contact = &contacts[&record.get("contact")];
            assert_eq!(
                contact.get("customFields.email"),
                format!("guest{number}@shop.example")
            );
            assert_eq!(
                (record.get("stage"), record.get("status")),
                ("CLOSE".to_owned(), "done".to_owned())
            );
        }
        let before = fake.writes();
        assert_eq!(before, 1_250, "and nothing was sent twice");
        imported(&home, &documents.0, &documents.1);
        assert_eq!(fake.writes(), before, "it is known what was written");
    }
}

/// The first request of a kind goes wrong, no other.
fn once(fake: &Daktela, fault: Fault, is_it: impl Fn(&Asked) -> bool + Send + 'static) {
    let mut is_done = false;
    fake.plan(move |asked| {
        let hits = !is_done && is_it(asked);
        is_done |= hits;
        hits.then_some(fault)
    });
}

#[test]
fn whatever_becomes_of_a_write_there_is_no_twin_and_nothing_is_missing() {
    let faults = [
        Fault::LostAnswer,
        Fault::HalfAnswer,
        Fault::LostRequest,
        Fault::Page,
        Fault::Busy(1),
        Fault::Status(408),
        Fault::Status(500),
        Fault::Status(502),
        Fault::Status(503),
    ];
    for model in ["contacts", "crmRecords"] {
        for fault in faults {
            let fake = Daktela::start();
            let home = home(&fake);
            once(&fake, fault, move |asked| {
                asked.method == "POST" && asked.model == model
            });
            let documents = (
                customers(&[jane()]),
                orders(&[order("1").of("g1").email("jane@shop.example")]),
            );
            imported(&home, &documents.0, &documents.1);
            assert_eq!(contacts(&fake), [JANE], "{model} {fault:?}");
            assert_eq!(text(&fake, JANE, "customFields.number"), "+420601123456");
            let records = fake.change(|world| world.records.clone());
            assert_eq!(records.len(), 1, "{model} {fault:?}");
            assert_eq!(records["shoptet_main_o_1"].get("contact"), JANE);
            // A change whose answer is lost is the same.
            once(&fake, fault, move |asked| asked.method == "PUT");
            let moved = customers(&[jane().login("jane.nova@shop.example")]);
            let done = orders(&[order("1").of("g1").email("jane@shop.example").status("Nová")]);
            imported(&home, &moved, &done);
            let counts = fake.change(|world| (world.contacts.len(), world.records.len()));
            assert_eq!(counts, (1, 1), "{model} {fault:?}");
            assert_eq!(
                text(&fake, JANE, "customFields.email"),
                "jane@shop.examplejane.nova@shop.example"
            );
            assert_eq!(
                fake.change(|world| world.records["shoptet_main_o_1"].get("stage")),
                "OPEN"
            );
        }
    }
}

/// It was still at it when we asked whether it was done, and took our second try for what it was.
#[test]
fn a_record_that_is_made_while_we_ask_for_it_is_taken_for_ours() {
    for model in ["contacts", "crmRecords"] {
        for refuses_with_200 in [false, true] {
            let fake = Daktela::start();
            fake.change(|world| world.manners.refuses_with_200 = refuses_with_200);
            let home = home(&fake);
            let (mut posted, mut asked_again) = (false, false);
            fake.plan(move |asked| {
                let is_it = asked.model == model;
                if is_it && asked.method == "POST" && !posted {
                    posted = true;
                    return Some(Fault::LostAnswer);
                }
                let looks = is_it && asked.method == "GET" && asked.name.is_some() && posted && !asked_again;
                asked_again |= looks;
                looks.then_some(Fault::NotThere)
            });
            // Without an e-mail there is nothing else to find her by.
            let jane = customer("g1").phone("601123456");
            imported(
                &home,
                &customers(&[jane]),
                &orders(&[order("1").of("g1").phone("601123456")]),
            );
            let (people, records) = fake.change(|world| (world.contacts.len(), world.records.len()));
            assert_eq!((people, records), (1, 1), "{model}");
            assert!(home.in_state("SELECT * FROM parked").is_empty());
            let posts = fake.counts()[&format!("POST {model}")];
            assert_eq!(posts, 2, "the second was refused, because the name was taken");
        }
    }
}

#[test]
fn a_look_up_that_fails_never_leads_to_a_create() {
    let is_search = |asked: &Asked| asked.parameter("filter[0][field]") == Some("customFields.email");
    let looks: [fn(&Asked) -> bool; 4] = [
        |asked| asked.name.as_deref() == Some(JANE),
        |asked| asked.parameter("filter[0][field]") == Some("customFields.email"),
        |asked| asked.parameter("skip") == Some("1"),
        |asked| asked.parameter("filter[0][field]") == Some("name"),
    ];
    for (number, look) in looks.into_iter().enumerate() {
        for fault in [
            Fault::Status(500),
            Fault::Status(404),
            Fault::Page,
            Fault::Status(403),
        ] {
            let fake = Daktela::start();
            fake.change(|world| {
                world.manners.most_on_a_page = 1;
                world.agent_makes("a", "Other", "ajane@shop.example");
                world.agent_makes("jane", "Jane", "jane@shop.example");
            });
            let home = home(&fake);
            fake.plan(move |asked| (asked.method == "GET" && look(asked)).then_some(fault));
            let report = home.try_import(
                "main",
                Some(&customers(&[jane()])),
                Some(""),
                home.now(),
                agreed(),
            );
            let report = report.unwrap();
            assert_ne!(
                report.exit_code(),
                0,
                "look {number}, {fault:?}: {:?}",
                report.failures
            );
            assert_eq!(fake.writes(), 0, "look {number}, {fault:?}");
            fake.mend();
            if !report.failures.is_empty() {
                assert!(
                    home.in_state("SELECT * FROM parked").is_empty(),
                    "look {number}, {fault:?}"
                );
                imported(&home, &customers(&[jane()]), "");
                assert_eq!(contacts(&fake), ["a", "jane"], "look {number}, {fault:?}");
            }
        }
    }
    let fake = Daktela::start();
    home(&fake).import(&customers(&[jane()]), "");
    assert!(
        fake.asked().iter().any(is_search),
        "it is asked for as it is looked for here"
    );
}

#[test]
fn one_that_is_refused_is_set_aside_in_its_own_words_and_the_others_go_on() {
    for refuses_with_200 in [false, true] {
        let fake = Daktela::start();
        fake.change(|world| world.manners.refuses_with_200 = refuses_with_200);
        let fields = "[target.fields]\ntitle = \"contact.name\"\nlastname = \"contact.last_name\"\n\
            \"customFields.email\" = \"contact.emails\"\n\
            user = \"'nobody' if contact.email == 'guest3@shop.example' else 'agent'\"\n";
        let mut home = home_with(&fake, "", fields);
        let report = home.import("", &orders(&placed(10)));
        assert_eq!((report.parked, report.exit_code()), (1, 3));
        assert_eq!(contacts(&fake).len(), 9);
        let reason = home.in_state("SELECT reason FROM parked").concat();
        let code = if refuses_with_200 { 200 } else { 400 };
        assert_eq!(reason, format!("HTTP {code}, user: Chyba cizího klíče"));
    }
}

#[test]
fn what_is_wrong_with_all_of_them_ends_the_delivery_and_blames_no_record() {
    type Case = (&'static str, fn(&mut crate::fake_daktela::World), &'static str);
    let cases: [Case; 5] = [
        ("", |world| world.token = "another".to_owned(), "HTTP 401"),
        ("database = \"clients\"\n", |_| {}, "database"),
        ("order_type = \"orders\"\n", |_| {}, "type"),
        ("marker = \"customFields.state\"\n", |_| {}, "customFields.state"),
        (
            "marker = \"customFields.state\"\n",
            |world| {
                world.add_field("state", "TEXT");
                world.contact_scheme.get_mut("state").unwrap().readonly = true;
            },
            "read-only",
        ),
    ];
    for (keys, set, told) in cases {
        for ignores_unknown_fields in [false, true] {
            let fake = Daktela::start();
            fake.change(|world| {
                world.manners.ignores_unknown_fields = ignores_unknown_fields;
                set(world);
            });
            let home = home_with(&fake, keys, STATUSES);
            let documents = (customers(&[jane()]), orders(&placed(3)));
            let run = || {
                let (customers, orders) = (Some(documents.0.as_str()), Some(documents.1.as_str()));
                home.try_import("main", customers, orders, home.now(), agreed())
                    .unwrap()
            };
            let report = run();
            assert_eq!(report.exit_code(), 2, "{keys}{told}: {report:?}");
            assert!(
                report.failures.concat().contains(told),
                "{keys}{told}: {:?}",
                report.failures
            );
            assert!(!report.failures.concat().contains("t0ken"));
            assert!(home.in_state("SELECT * FROM parked").is_empty(), "{keys}{told}");
            // Put right, all of it arrives, and what was made before is not doubled.
            fake.change(|world| {
                world.token = "t0ken".to_owned();
                world.databases.insert("clients".to_owned(), false);
                world.types.push("orders".to_owned());
                world.add_field("state", "TEXT");
            });
            imported(&home, &documents.0, &documents.1);
            assert_eq!(contacts(&fake).len(), 4, "{keys}{told}");
        }
    }
}

/// Somebody moved it to where the token may not look, or what stands in front of it does not like its name.
#[test]
fn one_record_that_cannot_be_had_stops_none_of_the_others() {
    let faults = [
        ("GET", Fault::Forbidden),
        ("GET", Fault::Empty),
        ("GET", Fault::Status(404)),
        ("PUT", Fault::Forbidden),
        ("PUT", Fault::Status(404)),
    ];
    let name = |number: usize| format!("shoptet_main_c_g{number}");
    let fake = Daktela::start();
    let mut home = home(&fake);
    let people = |phone: &str| {
        let of = |number: usize| {
            let email = format!("guest{number}@shop.example");
            customer(&format!("g{number}")).login(&email).phone(phone)
        };
        customers(&(0..20).map(of).collect::<Vec<_>>())
    };
    home.import(&people("601123456"), "");
    fake.plan(move |asked| {
        let named = (0..faults.len()).find(|number| asked.name == Some(name(number * 3)))?;
        let (method, fault) = faults[named];
        (asked.method == method).then_some(fault)
    });
    home.try_import("main", Some(&people("602123456")), Some(""), home.now(), agreed())
        .unwrap();
    let phone = |number: usize| text(&fake, &name(number), "customFields.number");
    for number in 0..20 {
        let is_out_of_reach = number % 3 == 0 && number / 3 < faults.len();
        let shown = if is_out_of_reach {
            "+420601123456"
        } else {
            "+420602123456"
        };
        assert_eq!(phone(number), shown, "{number}");
    }
    fake.mend();
    imported(&home, &people("603123456"), "");
    assert_eq!(phone(0), "+420603123456");
}

/// What is tried again later is so by the next run.
fn one_try_in_a_run() -> Pace {
    Pace {
        retry_first: Duration::from_millis(400),
        retry_longest: Duration::from_millis(1),
        ..Pace::default()
    }
}

#[test]
fn a_page_instead_of_an_order_does_not_say_that_its_contact_is_gone() {
    let fake = Daktela::start();
    let home = home(&fake).at_pace(one_try_in_a_run());
    fake.plan(|asked| (asked.method == "POST" && asked.model == "crmRecords").then_some(Fault::Status(404)));
    let documents = (customers(&[jane()]), orders(&placed(6)));
    let import = || {
        home.try_import(
            "main",
            Some(&documents.0),
            Some(&documents.1),
            home.now(),
            agreed(),
        )
        .unwrap()
    };
    assert_eq!(import().exit_code(), 1, "tried again later");
    assert_eq!(home.in_state("SELECT * FROM parked"), [""; 0]);
    fake.forget_requests();
    fake.mend();
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(import().failures, [""; 0]);
    let is_made = |asked: &&Asked| asked.method == "POST" && asked.model == "contacts";
    assert!(
        fake.asked().iter().filter(is_made).count() <= 2,
        "those that had no turn yet"
    );
    assert_eq!(
        fake.change(|world| (world.contacts.len(), world.records.len())),
        (7, 6)
    );
    let asked_by_email = fake
        .asked()
        .iter()
        .filter(|asked| asked.name.is_none() && asked.method == "GET")
        .count();
    assert!(
        asked_by_email <= 3,
        "it is still known which records they are: {:?}",
        fake.counts()
    );
}

#[test]
fn a_token_that_may_make_nothing_ends_the_delivery() {
    let fake = Daktela::start();
    let home = home(&fake);
    fake.plan(|asked| (asked.method == "POST").then_some(Fault::Forbidden));
    let report = home
        .try_import(
            "main",
            Some(&customers(&[jane()])),
            Some(""),
            home.now(),
            agreed(),
        )
        .unwrap();
    assert_eq!(report.exit_code(), 2, "{:?}", report.failures);
    assert!(home.in_state("SELECT * FROM parked").is_empty());
}

/// Joe was found by e-mail in a record that has the name of Jane's.
#[test]
fn a_name_that_is_somebody_elses_by_the_id_map_is_set_aside_and_not_written_into() {
    let fake = Daktela::start();
    fake.change(|world| world.agent_makes(JANE, "Joe", "joe@shop.example"));
    let home = home(&fake);
    let joe = customer("g2").login("joe@shop.example");
    let people = [joe, jane()];
    let options = || ImportOptions {
        accept: true,
        ..agreed()
    };
    home.try_import(
        "main",
        Some(&customers(&people[..1])),
        Some(""),
        home.now(),
        options(),
    )
    .unwrap();
    let before = fake.change(|world| world.contacts.clone());
    let report = home
        .try_import("main", Some(&customers(&people)), Some(""), home.now(), options())
        .unwrap();
    assert_eq!((report.failures, report.parked), (Vec::new(), 1));
    let reason = home.in_state("SELECT reason FROM parked").concat();
    assert!(reason.contains(JANE) && reason.contains("link"), "{reason}");
    assert_eq!(fake.change(|world| world.contacts.clone()), before);
}
