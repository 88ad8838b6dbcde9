//! `check`, and whether it is the one that was delivered to before.

use shoptet_sync::sync::check::{Verdict, check};
use shoptet_sync::sync::import::ImportOptions;

use super::{ORDERS, STATUSES, home, home_with, jane};
use crate::fake_daktela::Daktela;
use crate::imported::Home;
use crate::written::{customers, order, orders};

/// What is wrong with the target, a line each.
fn problems(home: &Home) -> Vec<String> {
    told(home, &[Verdict::Problem, Verdict::Passing])
}

fn told(home: &Home, verdicts: &[Verdict]) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let points = runtime.block_on(check(&home.setup(), &[])).unwrap();
    let of_target = points
        .into_iter()
        .filter(|point| point.about == "target callcentre");
    let wrong = of_target.filter(|point| verdicts.contains(&point.verdict));
    wrong.map(|point| point.detail).collect()
}

#[test]
fn everything_that_is_not_there_or_cannot_be_written_is_named() {
    let fake = Daktela::start();
    fake.change(|world| {
        world.add_field("fixed", "TEXT");
        world.contact_scheme.get_mut("fixed").unwrap().readonly = true;
        world.add_field("one", "TEXT");
        world.agent_makes("anybody", "Anybody", "");
    });
    let keys = "order_type = \"orders\"\nmarker = \"customFields.state\"\n";
    let behind = "[target.fields]\n\"customFields.none\" = \"contact.city\"\n\"customFields.fixed\" = \"contact.city\"\n\
        \"customFields.one\" = \"contact.emails\"\n\"customFields.email\" = \"contact.emails\"\n\
        [target.statuses]\n\"Nová\" = \"OPEN:new\"\n\"*\" = \"CLOSE:finished\"\n";
    let home = home_with(&fake, keys, behind);
    assert_eq!(
        problems(&home),
        [
            "there is no field `customFields.none`",
            "the field `customFields.fixed` cannot be written: it is read-only",
            "the field `customFields.one` holds one value, and a list is mapped to it",
            "there is no field `customFields.state`",
            "there is no type of CRM record `orders`; there is: claims, shop_orders",
            "there is no status `finished`; there is: cancelled, done, new",
        ]
    );
    let home = home_with(&fake, "database = \"clients\"\n", "");
    assert_eq!(
        problems(&home),
        ["there is no CRM database `clients`; there is: default"]
    );
    assert_eq!(fake.writes(), 0);
}

#[test]
fn fields_of_orders_are_compared_with_a_record_of_their_type() {
    let fake = Daktela::start();
    fake.change(|world| world.add_record_field("sum", "TEXT"));
    let behind = "[target.order_fields]\ntitle = \"order.code\"\n\"customFields.sum\" = \"order.total\"\n";
    let mut delivered = home_with(&fake, ORDERS, &format!("{behind}{STATUSES}"));
    assert_eq!(problems(&delivered), [""; 0], "there is none yet to tell");
    let notes = told(&delivered, &[Verdict::Note]).join("\n");
    assert!(
        notes.contains("no contact there") && notes.contains("customFields.sum"),
        "{notes}"
    );
    delivered.import("", &orders(&[order("1").email("jane@shop.example")]));
    assert_eq!(problems(&delivered), [""; 0]);
    assert_eq!(told(&delivered, &[Verdict::Note]), [""; 0]);
    let more = format!("{behind}\"customFields.none\" = \"order.code\"\n{STATUSES}");
    assert_eq!(
        problems(&home_with(&fake, ORDERS, &more)),
        ["there is no field `customFields.none`"]
    );
}

#[test]
fn a_token_that_is_not_taken_is_told_without_being_shown() {
    let fake = Daktela::start();
    fake.change(|world| world.token = "another".to_owned());
    let told = problems(&home(&fake)).concat();
    assert!(told.contains("HTTP 401"), "{told}");
    assert!(!told.contains("t0ken"), "{told}");
}

#[test]
fn a_clock_that_shows_another_zone_matters_where_times_are_mapped() {
    for tells_timezone in [true, false] {
        let fake = Daktela::start();
        fake.change(|world| {
            world.timezone = "Asia/Tokyo".to_owned();
            world.manners.tells_timezone = tells_timezone;
            world.add_field("since", "DATETIME");
        });
        assert_eq!(problems(&home(&fake)), [""; 0], "no times are mapped");
        let home = home_with(
            &fake,
            "",
            "[target.fields]\n\"customFields.since\" = \"customer.created_at\"\n",
        );
        let told = problems(&home).concat();
        assert!(told.contains("clock") && told.contains("timezone"), "{told}");
        fake.change(|world| world.timezone = "Europe/Prague".to_owned());
        assert_eq!(problems(&home), [""; 0]);
    }
}

#[test]
fn another_database_is_another_target_and_is_refused_until_somebody_accepts_it() {
    let fake = Daktela::start();
    fake.change(|world| world.databases.extend([("clients".to_owned(), false)]));
    let mut home = home(&fake);
    home.import(&customers(&[jane()]), "");
    home.configure(
        &home
            .configuration()
            .replace(ORDERS, &format!("{ORDERS}database = \"clients\"\n")),
    );
    let people = customers(&[jane().login("more@shop.example")]);
    let report = home
        .try_import("main", Some(&people), Some(""), home.now(), Default::default())
        .unwrap();
    assert!(
        report.failures.concat().contains("another database"),
        "{:?}",
        report.failures
    );
    assert_eq!(report.exit_code(), 2);
}

#[test]
fn a_first_delivery_where_contacts_stand_has_to_be_agreed_to() {
    let fake = Daktela::start();
    fake.change(|world| world.agent_makes("jane", "Jane", "jane@shop.example"));
    let home = home(&fake);
    let import = |agreed| {
        let options = ImportOptions {
            agreed,
            ..ImportOptions::default()
        };
        let people = customers(&[jane()]);
        home.try_import("main", Some(&people), Some(""), home.now(), options)
            .unwrap()
    };
    assert_eq!(import(false).to_agree, ["callcentre"]);
    assert_eq!(fake.writes(), 0);
    assert_eq!(import(true).failures, [""; 0]);
    assert_eq!(import(false).failures, [""; 0], "once is enough");
    assert_eq!(fake.writes(), 1);
}

/// Names are of the whole instance: what stands there of our name is another program's, and is left alone.
#[test]
fn a_record_of_our_name_in_another_database_or_of_another_type_is_left_alone_and_told() {
    let fake = Daktela::start();
    fake.change(|world| world.databases.extend([("clients".to_owned(), false)]));
    let documents = (
        customers(&[jane()]),
        orders(&[order("1").email("jane@shop.example")]),
    );
    home(&fake).import(&documents.0, &documents.1);
    let (before, there) = (
        fake.writes(),
        fake.change(|world| (world.contacts.clone(), world.records.clone())),
    );
    let keys = |database: &str, order_type: &str| {
        home_with(
            &fake,
            &format!("database = \"{database}\"\norder_type = \"{order_type}\"\n"),
            STATUSES,
        )
    };
    let mut clients = keys("clients", "shop_orders");
    let report = clients.import(&documents.0, &documents.1);
    assert_eq!(report.exit_code(), 3);
    let reason = clients.in_state("SELECT reason FROM parked").concat();
    assert!(reason.contains("database default"), "{reason}");
    let options = ImportOptions {
        accept: true,
        agreed: true,
        ..ImportOptions::default()
    };
    let claims = keys("default", "claims");
    claims
        .try_import(
            "main",
            Some(&documents.0),
            Some(&documents.1),
            claims.now(),
            options,
        )
        .unwrap();
    let reason = claims.in_state("SELECT reason FROM parked").concat();
    assert!(reason.contains("type shop_orders"), "{reason}");
    assert_eq!(fake.writes(), before);
    assert_eq!(
        fake.change(|world| (world.contacts.clone(), world.records.clone())),
        there
    );
}

#[test]
fn another_program_with_another_group_of_shops_is_nothing_strange() {
    let fake = Daktela::start();
    home(&fake).import(&customers(&[jane()]), "");
    let home = home(&fake);
    let mut other = Home::with(
        &home
            .configuration()
            .replace("[[shop]]\n", "[[shop]]\ngroup = \"other\"\n"),
    );
    other.import(&customers(&[jane()]), "");
    let names: Vec<String> = super::contacts(&fake);
    assert_eq!(names, ["shoptet_main_c_g1", "shoptet_other_c_g1"]);
}
