//! A system that is filled by its XML feed: few uploads instead of a request for every part of every record, and no
//! twin whatever gets lost.

use std::time::Duration;

use serde_json::json;
use shoptet_sync::http::Pace;
use shoptet_sync::sync::import::ImportOptions;

use super::{PAUSE, STATUSES, again, history, one_try_in_a_run, parked, target, the_order, until_it_is_done};
use crate::fake_minicrm::{Fault, MiniCrm as Fake, WEBSHOP, World, text};
use crate::imported::{Home, SHOP};
use crate::written::{Order, order, orders, party};

/// More than a feed is worth while for.
const MANY: usize = 320;

const UPLOAD: &str = "POST SyncFeed/Upload";

/// A home whose target has a feed, and which does not wait for long.
fn home(fake: &Fake) -> Home {
    let pace = Pace {
        job_poll_first: Duration::from_millis(5),
        retry_total: Duration::from_millis(500),
        ..Pace::default()
    };
    Home::with(&format!(
        "{SHOP}{}{STATUSES}",
        target(fake, "sync_feed_id = 119\nowner = \"Support\"\n")
    ))
    .at_pace(pace)
}

fn nth(number: usize, status: &str) -> Order {
    let mut placed = order(&number.to_string())
        .email(&format!("buyer{number}@shop.example"))
        .status(status);
    placed.billing = party(&format!("Jan O'{number}&Syn<i>"), "Dlouhá 1", "Praha");
    placed.billing.country = "CZ".to_owned();
    placed
}

fn many(status: &str) -> Vec<Order> {
    (1..=MANY).map(|number| nth(number, status)).collect()
}

/// Contacts, addresses and orders that are there.
fn counts(fake: &Fake) -> (usize, usize, usize) {
    fake.change(|world| (world.contacts.len(), world.addresses.len(), world.orders.len()))
}

/// The contact of a buyer.
fn contact_of(world: &World, number: usize) -> u64 {
    let email = format!("buyer{number}@shop.example");
    let mut with_it = world
        .contacts
        .iter()
        .filter(|(_, contact)| contact["Email"] == email);
    let (id, _) = with_it.next().unwrap();
    assert!(with_it.next().is_none(), "{email} is there twice");
    *id
}

fn stages_of(fake: &Fake, number: usize) -> Vec<String> {
    fake.change(|world| {
        let contact = contact_of(world, number);
        let orders = world.orders.values().filter(|order| order.customer == contact);
        orders.map(|order| order.stage.clone()).collect()
    })
}

#[test]
fn many_contacts_are_a_few_uploads() {
    let fake = Fake::start();
    let mut home = home(&fake);
    home.import("", &orders(&many("Odeslána")));
    assert_eq!(
        fake.told(),
        [UPLOAD; 5],
        "two to look at, two batches, and their orders"
    );
    assert_eq!(counts(&fake), (MANY, MANY, MANY));
    let requests = fake.asked().len();
    assert!(requests < 30, "{requests}: {:?}", fake.counts());
    fake.change(|world| {
        let contact = contact_of(world, 17);
        let of = |field: &str| text(&world.contacts[&contact][field]);
        assert_eq!(
            (of("Type"), of("LastName")),
            ("Person".to_owned(), "O'17&Syn<i>".to_owned())
        );
        let mut addresses = world
            .addresses
            .values()
            .filter(|address| address["ContactId"] == contact);
        let address = addresses.next().unwrap();
        assert_eq!(
            (&address["CountryId"], &address["City"]),
            (&json!("Czech Republic"), &json!("Praha"))
        );
        let mut cards = world.cards.values();
        let card = cards
            .find(|card| card["CategoryId"] == WEBSHOP && card["ContactId"] == contact)
            .unwrap();
        assert_eq!(text(&card["ReferenceId"]).len(), 15);
        assert_eq!(
            (&card["StatusId"], &card["UserId"], &card["Name"]),
            (&json!("Registered"), &json!("Support"), &json!("Jan O'17&Syn<i>"))
        );
        let order = world
            .orders
            .values()
            .find(|order| order.customer == contact)
            .unwrap();
        assert_eq!(
            (order.stage.as_str(), order.currency.as_str()),
            ("In progress", "CZK")
        );
        let (_, line) = &order.lines[0];
        assert_eq!(
            (&line["PriceNet"], &line["VAT"]),
            (&json!("100.000000"), &json!("0"))
        );
    });
    // Nothing of it is due again, nor missed when all is compared.
    fake.forget_requests();
    home.import("", &orders(&many("Odeslána")));
    assert_eq!(fake.told(), [""; 0]);
    let requests = fake.asked().len();
    assert!(requests < 30, "{requests}: {:?}", fake.counts());
}

#[test]
fn what_came_by_xml_lives_on() {
    let fake = Fake::start();
    let mut home = home(&fake);
    let mut all = many("Nová");
    home.import("", &orders(&all));
    // A contact is written by requests as soon as it changes: it is known by its card.
    fake.forget_requests();
    all[4].billing.city = "Brno".to_owned();
    home.import("", &orders(&all));
    assert_eq!(
        fake.told(),
        ["PUT Address", UPLOAD],
        "its order hangs on what is called so now"
    );
    // So are new orders, of one who was asked for before and of one who was not.
    fake.forget_requests();
    for (code, number) in [("901", 5), ("902", 6)] {
        let mut placed = nth(number, "Zaplacena").email(&format!("buyer{number}@shop.example"));
        placed.code = code.to_owned();
        placed.billing = all[number - 1].billing.clone();
        all.push(placed);
    }
    home.import("", &orders(&all));
    let mut told = fake.told();
    told.sort();
    let verbs = ["", "/Complete", "/Finalize", "/Paid"].map(|verb| format!("POST Order{verb}"));
    assert_eq!(
        told,
        verbs.each_ref().map(|verb| [verb.clone(), verb.clone()]).concat()
    );
    assert_eq!(stages_of(&fake, 6), ["Draft", "Paid"]);
    // An order that came by XML is told of by XML, which has no word for what is paid.
    fake.forget_requests();
    all[6] = nth(7, "Odeslána");
    all[7] = nth(8, "Zaplacena");
    home.import("", &orders(&all));
    assert_eq!(fake.told(), [UPLOAD]);
    assert_eq!(
        (stages_of(&fake, 7), stages_of(&fake, 8)),
        (vec!["In progress".to_owned()], vec!["Completed".to_owned()])
    );
    let history = history(&home);
    assert!(
        history.contains("order 8 stays Completed in MiniCRM: it came by XML"),
        "{history}"
    );
    fake.forget_requests();
    home.import("", &orders(&all));
    assert_eq!(fake.told(), [""; 0]);
    assert_eq!(counts(&fake), (MANY, MANY, MANY + 2));
}

#[test]
fn an_upload_whose_answer_is_lost_is_sent_again_and_doubles_nothing() {
    for (lost, fault) in [
        (1, Fault::LostAnswer),
        (2, Fault::LostAnswer),
        (3, Fault::LostAnswer),
        (2, Fault::LostRequest),
    ] {
        let fake = Fake::start();
        let home = home(&fake);
        let mut uploads = 0;
        fake.plan(move |asked| {
            uploads += u64::from(asked.endpoint() == UPLOAD);
            (asked.endpoint() == UPLOAD && uploads == lost).then_some(fault)
        });
        until_it_is_done(&home, &orders(&many("Nová")));
        assert_eq!(counts(&fake), (MANY, MANY, MANY), "{lost} {fault:?}");
        assert_eq!(parked(&home), "");
        let told = fake.told();
        assert!(
            told.iter().all(|what| what == UPLOAD) && told.len() < 9,
            "{told:?}"
        );
    }
}

/// A process that is gone does not remember what it may have uploaded.
#[test]
fn what_another_process_uploaded_is_not_doubled() {
    for begun in [1, 2, 3] {
        let fake = Fake::start();
        let mut home = home(&fake).at_pace(Pace {
            job_poll_first: Duration::from_millis(5),
            retry_attempts: 1,
            ..one_try_in_a_run()
        });
        let mut uploads = 0;
        fake.plan(move |asked| {
            uploads += u64::from(asked.endpoint() == UPLOAD);
            (uploads >= begun).then_some(match asked.endpoint() == UPLOAD {
                true => Fault::LostAnswer,
                false => Fault::LostRequest,
            })
        });
        assert_eq!(again(&home, &orders(&many("Nová"))).exit_code(), 1);
        fake.mend();
        std::thread::sleep(PAUSE);
        home.import("", &orders(&many("Nová")));
        assert_eq!(counts(&fake), (MANY, MANY, MANY), "{begun}");
        assert_eq!(parked(&home), "");
    }
}

#[test]
fn a_lost_state_finds_what_was_uploaded() {
    let fake = Fake::start();
    let mut home = home(&fake);
    let some = many("Nová");
    home.import("", &orders(&some));
    super::lose_state(&home);
    // Fewer than a feed is worth while for are looked for by requests.
    for some in [&some[..3], &some[..]] {
        let options = ImportOptions {
            accept: true,
            agreed: true,
            ..ImportOptions::default()
        };
        let report = home.try_import("main", Some(""), Some(&orders(some)), home.now(), options);
        assert_eq!(report.unwrap().failures, [""; 0]);
    }
    assert_eq!(counts(&fake), (MANY, MANY, MANY));
}

#[test]
fn what_waits_to_be_worked_through_is_waited_for() {
    let fake = Fake::start();
    fake.change(|world| (world.waiting, world.prompt) = (Some(Vec::new()), 1));
    let mut home = home(&fake);
    let mut all = many("Nová");
    home.import("", &orders(&all));
    assert_eq!(counts(&fake).0, 2, "the first two are looked at");
    // Orders of those who wait are uploaded behind them.
    fake.forget_requests();
    all.push({
        let mut placed = nth(9, "Nová");
        placed.code = "909".to_owned();
        placed
    });
    assert_eq!(again(&home, &orders(&all)).failures, [""; 0]);
    assert_eq!(fake.told(), [UPLOAD]);
    // A change of a contact has to wait, and stays due.
    fake.forget_requests();
    all[9].billing.city = "Brno".to_owned();
    let failures = again(&home, &orders(&all)).failures.concat();
    assert!(failures.contains("not worked through yet"), "{failures}");
    assert_eq!(fake.told(), [""; 0]);
    fake.change(World::work_through_all);
    home.import("", &orders(&all));
    assert_eq!(fake.told(), ["PUT Address", UPLOAD]);
    assert_eq!(counts(&fake), (MANY, MANY, MANY + 1));
    assert_eq!(stages_of(&fake, 9).len(), 2);
}

#[test]
fn a_system_that_does_not_take_our_numbers_is_not_filled() {
    let fake = Fake::start();
    fake.change(|world| world.manners.longest_number = Some(2_147_483_647));
    let home = home(&fake);
    let failures = again(&home, &orders(&many("Nová"))).failures.concat();
    assert!(
        failures.contains("do not stand there, each by itself"),
        "{failures}"
    );
    assert!(counts(&fake).0 < 3);
}

#[test]
fn one_that_is_refused_does_not_take_the_others_with_it() {
    let fake = Fake::start();
    fake.change(|world| world.refused = Some(("Name".to_owned(), "buyer123@".to_owned())));
    let mut home = home(&fake);
    home.import("", &orders(&many("Nová")));
    assert_eq!(counts(&fake).0, MANY - 1);
    let reason = parked(&home);
    assert!(reason.contains("a rule forbids"), "{reason}");
}

#[test]
fn whoever_stands_there_already_is_linked_and_not_uploaded() {
    let fake = Fake::start();
    fake.change(|world| {
        world.next = 1_000;
        for number in 1..=150 {
            let person = json!({"Type": "Person", "LastName": "Typed", "Email": format!("Buyer{number}@shop.example"),
                "CreatedAt": "2020-01-01 12:00:00", "UpdatedAt": "2020-01-01 12:00:00"});
            world.contacts.insert(number, person.as_object().cloned().unwrap());
        }
    });
    let mut home = home(&fake);
    home.import("", &orders(&many("Nová")));
    assert_eq!(counts(&fake).0, MANY);
    assert_eq!(counts(&fake).2, MANY);
    fake.change(|world| assert_eq!(world.contacts[&150]["LastName"], "Typed"));
    let uploads = fake.told().iter().filter(|what| *what == UPLOAD).count();
    assert!(uploads < 6, "{uploads}");
    // All were listed, two pages of them, and nobody was searched for.
    assert!(
        fake.asked()
            .iter()
            .all(|asked| asked.parameter("Email").is_none())
    );
}

#[test]
fn whoever_came_by_xml_is_forgotten_like_anybody() {
    let fake = Fake::start();
    let mut home = home(&fake);
    home.import("", &orders(&many("Nová")));
    let told = home.with_engine(async |engine| {
        let forgotten = engine
            .forget("buyer7@shop.example", false, &shoptet_sync::source::Silent)
            .await;
        format!("{:?}", forgotten.unwrap())
    });
    assert!(told.contains("take the buyer out of it there"), "{told}");
    fake.change(|world| {
        let all = format!("{:?}{:?}{:?}", world.contacts, world.addresses, world.cards);
        assert!(!all.contains("buyer7@") && !all.contains("O'7&"), "{all}");
    });
    assert_eq!(the_order(&fake).stage, "Draft");
}
