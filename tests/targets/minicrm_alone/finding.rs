//! What was there before, and what was made by a write whose answer never came.

use super::{
    PAUSE, STATUSES, again, home, jane, lose_state, one_try_in_a_run, parked, target, until_it_is_done,
};
use crate::fake_minicrm::{Fault, Manners, MiniCrm as Fake, text};
use crate::imported::{Home, SHOP};
use crate::written::{order, orders, party};

#[test]
fn no_search_is_believed() {
    for reference_answers_card in [true, false] {
        let fake = Fake::start();
        fake.change(|world| world.manners.reference_answers_card = reference_answers_card);
        let mut home = home(&fake);
        // Keys and e-mails of which one is part of the other.
        let guest = |code: &str| order(code).status("Nová");
        let with_email = |code: &str, email: &str| order(code).email(email).status("Nová");
        home.import(
            "",
            &orders(&[guest("12"), with_email("3", "big.jane@shop.example")]),
        );
        home.import(
            "",
            &orders(&[
                guest("12"),
                guest("1"),
                guest("2"),
                with_email("3", "big.jane@shop.example"),
                with_email("4", "jane@shop.example"),
            ]),
        );
        assert_eq!(
            fake.change(|world| world.contacts.len()),
            5,
            "card itself: {reference_answers_card}"
        );
    }
}

#[test]
fn a_card_that_does_not_tell_its_external_id_is_believed_where_it_alone_was_found() {
    let fake = Fake::start();
    fake.change(|world| {
        world.manners = Manners {
            shows_reference: false,
            ..Manners::default()
        }
    });
    let mut home = home(&fake);
    home.import("", &orders(&[jane("Nová")]));
    lose_state(&home);
    home.import("", &orders(&[jane("Nová")]));
    assert_eq!(
        fake.change(|world| (world.contacts.len(), world.orders.len())),
        (1, 1)
    );
}

/// Two shops that do not share their people, and one woman who buys in both.
#[test]
fn shops_of_two_groups_in_one_system_keep_their_contacts_apart() {
    let fake = Fake::start();
    let second = SHOP
        .replace("\"main\"", "\"second\"")
        .replace("main.example", "second.example");
    let mut home = Home::with(&format!("{SHOP}{second}{}{STATUSES}", target(&fake, "")));
    for shop in ["main", "second"] {
        home.import_of(shop, Some(""), Some(&orders(&[jane("Nová")])));
    }
    fake.change(|world| {
        let keys: Vec<String> = world
            .cards
            .values()
            .filter_map(|card| card.get("ReferenceId").map(text))
            .collect();
        let of = |group: &str| crate::imported::by_email(group, "jane@shop.example");
        assert_eq!(keys, [of("main"), of("second")]);
        let subjects: Vec<&str> = world
            .orders
            .values()
            .map(|order| order.subject.as_str())
            .collect();
        assert_eq!(subjects, ["1 (main)", "1 (second)"]);
    });
}

#[test]
fn a_creation_whose_answer_was_lost_is_found_though_the_clocks_differ() {
    for seconds in [-100, 0, 100] {
        let fake = Fake::start();
        fake.change(|world| world.clock = jiff::SignedDuration::from_secs(seconds));
        let home = home(&fake);
        let is_new = |asked: &crate::fake_minicrm::Asked| asked.endpoint() == "PUT Contact";
        let mut lost = 0;
        fake.plan(move |asked| {
            lost += u32::from(is_new(asked));
            (is_new(asked) && lost == 1).then_some(Fault::LostAnswer)
        });
        until_it_is_done(&home, &orders(&[jane("Nová")]));
        fake.change(|world| {
            assert_eq!(
                (world.contacts.len(), world.addresses.len(), world.cards.len()),
                (1, 1, 2),
                "{seconds}"
            );
        });
        assert_eq!(parked(&home), "");
    }
}

#[test]
fn whoever_has_neither_e_mail_nor_phone_is_not_doubled_by_a_lost_answer() {
    let fake = Fake::start();
    let home = home(&fake);
    let mut lost = 0;
    fake.plan(move |asked| {
        let is_new = asked.endpoint() == "PUT Contact";
        lost += u32::from(is_new);
        (is_new && lost == 1).then_some(Fault::LostAnswer)
    });
    let mut nobody = order("1").status("Nová");
    nobody.billing = party("Jana Nováková", "Dlouhá 1", "Praha");
    until_it_is_done(&home, &orders(&[nobody]));
    assert_eq!(fake.change(|world| world.contacts.len()), 1);
    assert_eq!(parked(&home), "");
}

#[test]
fn an_order_whose_answer_was_lost_is_found_by_its_number() {
    let fake = Fake::start();
    let mut home = home(&fake);
    home.import("", &orders(&[jane("Nová")]));
    let mut lost = 0;
    fake.plan(move |asked| {
        let is_new = asked.endpoint() == "POST Order";
        lost += u32::from(is_new);
        (is_new && lost == 1).then_some(Fault::LostAnswer)
    });
    let second = order("2").email("jane@shop.example").status("Odeslána");
    until_it_is_done(&home, &orders(&[jane("Nová"), second]));
    fake.change(|world| {
        let of_it = world.orders.values().filter(|order| order.subject == "2");
        assert_eq!(
            of_it.map(|order| order.stage.as_str()).collect::<Vec<_>>(),
            ["In progress"]
        );
    });
}

/// All orders are drafts, nothing is listed, and the process that began to make one is gone: where it was made it is
/// found, and where it was not nobody can say so but a person.
#[test]
fn an_order_that_nobody_can_find_is_for_a_person() {
    for (fault, is_made) in [(Fault::LostAnswer, true), (Fault::LostRequest, false)] {
        let fake = Fake::start();
        // What is tried again later is so by the next process, which knows nothing of this one's numbers.
        let mut home = home(&fake).at_pace(one_try_in_a_run());
        let both = orders(&[jane("Nová"), order("7").email("joe@shop.example").status("Nová")]);
        home.import("", &orders(&[jane("Nová")]));
        fake.plan(move |asked| (asked.endpoint() == "POST Order").then_some(fault));
        assert_eq!(again(&home, &both).exit_code(), 1);
        fake.mend();
        std::thread::sleep(PAUSE);
        home.import("", &both);
        let count = || fake.change(|world| world.orders.len());
        let reason = parked(&home);
        if is_made {
            assert_eq!((reason.as_str(), count()), ("", 2));
            continue;
        }
        assert!(
            reason.contains("look for it in MiniCRM") && reason.contains("parked retry"),
            "{reason}"
        );
        assert_eq!(count(), 1);
        home.import("", &both);
        assert_eq!(count(), 1, "not by itself");
        home.with_engine(async |engine| {
            let state = engine.state().unwrap();
            let keys = ["main:7".to_owned()];
            let chosen = shoptet_sync::sync::parked::chosen(state, &keys).unwrap();
            shoptet_sync::sync::parked::retry(state, &engine.setup, chosen, true).unwrap();
        });
        home.import("", &both);
        assert_eq!((parked(&home).as_str(), count()), ("", 2));
    }
}
