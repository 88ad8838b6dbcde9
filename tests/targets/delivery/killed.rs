//! The program is killed between what it meant to write, the write and the note that it was written; the shop and the
//! agents go on meanwhile.

use std::time::{Duration, Instant};

use super::{PROGRAM, configuration, ended, import, words};
use crate::fake_daktela::{Asked, Daktela, Fault};
use crate::imported::Home;
use crate::written::{Customer, customer, customers, order, orders, party};

const JANE: &str = "shoptet_main_c_g1";
const ORDER: &str = "shoptet_main_o_1";

/// What an agent can type into, and what holds several values.
const MAPPING: &str = "[target.fields]\ntitle = \"contact.name\"\nlastname = \"contact.last_name\"\n\
    \"customFields.email\" = \"contact.emails\"\n\"customFields.number\" = \"contact.phones\"\n\
    [target.order_fields]\ndescription = \"order.total\"\n\
    [target.statuses]\n\"Vyřízena\" = \"CLOSE:done\"\n\"*\" = \"OPEN:new\"\n";

/// Jane, as the shop knows her on a day.
struct Day {
    name: &'static str,
    phone: &'static str,
    total: &'static str,
}

const FIRST: Day = Day {
    name: "Jane First",
    phone: "601111111",
    total: "100.00",
};
const SECOND: Day = Day {
    name: "Jane Second",
    phone: "602222222",
    total: "200.00",
};
const THIRD: Day = Day {
    name: "Jane Third",
    phone: "603333333",
    total: "300.00",
};

impl Day {
    fn documents(&self) -> (String, String) {
        let jane: Customer = customer("g1").login("jane@shop.example").phone(self.phone);
        let jane = jane.billing(party(self.name, "", ""));
        let order = order("1")
            .of("g1")
            .email("jane@shop.example")
            .phone(self.phone)
            .total(self.total);
        (customers(&[jane]), orders(&[order]))
    }

    fn import(&self, home: &mut Home) {
        let (customers, orders) = self.documents();
        let words_of_it = import(home, &customers, &orders);
        let (code, told) = ended(home, &[&words(&words_of_it)[..], &["--yes"]].concat());
        assert_eq!(code, 0, "{told}");
    }

    /// Begins to import and is killed as soon as the fake has heard what the fault is about.
    fn import_until_killed(&self, home: &mut Home, fake: &Daktela, is_heard: impl Fn(&Asked) -> bool) {
        let (customers, orders) = self.documents();
        let words_of_it = import(home, &customers, &orders);
        let words = [&words(&words_of_it)[..], &["--yes"]].concat();
        let mut program = home.program(PROGRAM, &words).spawn().unwrap();
        let began = Instant::now();
        while !fake.asked().iter().any(&is_heard) {
            assert!(began.elapsed() < Duration::from_secs(20), "it writes nothing");
            std::thread::sleep(Duration::from_millis(5));
        }
        program.kill().unwrap();
        program.wait().unwrap();
    }
}

fn home(fake: &Daktela) -> Home {
    Home::with(&configuration(fake, super::FAST, MAPPING))
}

fn field(fake: &Daktela, field: &str) -> String {
    fake.change(|world| world.contacts[JANE].values(field).join(", "))
}

fn total(fake: &Daktela) -> String {
    fake.change(|world| world.records[ORDER].get("description"))
}

/// Which write it is killed in: of which model, with which method.
const WRITES: [(&str, &str); 4] = [
    ("contacts", "POST"),
    ("contacts", "PUT"),
    ("crmRecords", "POST"),
    ("crmRecords", "PUT"),
];

/// A home in which the next import of the second day writes that.
fn before(fake: &Daktela, method: &str) -> Home {
    let mut home = home(fake);
    if method == "PUT" {
        FIRST.import(&mut home);
    }
    home
}

/// Killed in the first such write of the second day.
fn killed(home: &mut Home, fake: &Daktela, (model, method): (&'static str, &'static str), fault: Fault) {
    let is_it = move |asked: &Asked| asked.model == model && asked.method == method;
    fake.forget_requests();
    fake.plan(move |asked| is_it(asked).then_some(fault));
    SECOND.import_until_killed(home, fake, is_it);
    fake.mend();
    fake.forget_requests();
}

fn counts(fake: &Daktela) -> (usize, usize) {
    fake.change(|world| (world.contacts.len(), world.records.len()))
}

/// How many writes of each kind were sent.
fn sent(fake: &Daktela) -> String {
    let counts = fake
        .counts()
        .into_iter()
        .filter(|(what, _)| !what.starts_with("GET"));
    counts
        .map(|(what, count)| format!("{what} {count}"))
        .collect::<Vec<_>>()
        .join(", ")
}

#[test]
fn the_newest_value_of_the_shop_stands_there() {
    for write in WRITES {
        for fault in [Fault::Hang, Fault::Silence] {
            let fake = Daktela::start();
            let mut home = before(&fake, write.1);
            killed(&mut home, &fake, write, fault);
            THIRD.import(&mut home);
            let about = format!("{write:?} {fault:?}");
            assert_eq!(counts(&fake), (1, 1), "{about}");
            assert_eq!(field(&fake, "title"), "Jane Third", "{about}");
            assert_eq!(field(&fake, "customFields.number"), "+420603333333", "{about}");
            assert_eq!(total(&fake), THIRD.total, "{about}");
            let is_made = fault == Fault::Hang || write.1 == "PUT";
            let expected = match (write, is_made) {
                (("contacts", "POST"), true) => "POST crmRecords 1, PUT contacts 1",
                (("contacts", "POST"), false) => "POST contacts 1, POST crmRecords 1",
                (("crmRecords", "POST"), false) => "POST crmRecords 1, PUT contacts 1",
                _ => "PUT contacts 1, PUT crmRecords 1",
            };
            assert_eq!(sent(&fake), expected, "{about}");
            fake.forget_requests();
            THIRD.import(&mut home);
            assert_eq!(sent(&fake), "", "{about}");
        }
    }
}

#[test]
fn where_nothing_changed_since_it_is_not_written_twice() {
    for write in WRITES {
        for fault in [Fault::Hang, Fault::Silence] {
            let fake = Daktela::start();
            let mut home = before(&fake, write.1);
            killed(&mut home, &fake, write, fault);
            SECOND.import(&mut home);
            let about = format!("{write:?} {fault:?}");
            assert_eq!(counts(&fake), (1, 1), "{about}");
            assert_eq!(field(&fake, "title"), "Jane Second", "{about}");
            assert_eq!(field(&fake, "customFields.number"), "+420602222222", "{about}");
            assert_eq!(total(&fake), SECOND.total, "{about}");
            let left = match (write, fault) {
                (("contacts", "POST"), Fault::Hang) => "POST crmRecords 1",
                (("contacts", "POST"), _) => "POST contacts 1, POST crmRecords 1",
                (("contacts", "PUT"), Fault::Hang) => "PUT crmRecords 1",
                (("contacts", "PUT"), _) => "PUT contacts 1, PUT crmRecords 1",
                (_, Fault::Hang) => "",
                (("crmRecords", "POST"), _) => "POST crmRecords 1",
                _ => "PUT crmRecords 1",
            };
            assert_eq!(sent(&fake), left, "{about}");
        }
    }
}

/// Back to what it was before the write that nobody knows of.
#[test]
fn a_value_that_the_shop_takes_back_is_taken_back_there() {
    for write in [("contacts", "PUT"), ("crmRecords", "PUT")] {
        for fault in [Fault::Hang, Fault::Silence] {
            let fake = Daktela::start();
            let mut home = before(&fake, "PUT");
            killed(&mut home, &fake, write, fault);
            FIRST.import(&mut home);
            let about = format!("{write:?} {fault:?}");
            assert_eq!(field(&fake, "title"), "Jane First", "{about}");
            assert_eq!(field(&fake, "customFields.number"), "+420601111111", "{about}");
            assert_eq!(total(&fake), FIRST.total, "{about}");
            fake.forget_requests();
            FIRST.import(&mut home);
            assert_eq!(sent(&fake), "", "{about}");
        }
    }
}

#[test]
fn what_an_agent_typed_meanwhile_stays_whatever_the_shop_says() {
    for write in WRITES {
        for (fault, day) in [
            (Fault::Hang, SECOND),
            (Fault::Hang, THIRD),
            (Fault::Silence, THIRD),
        ] {
            let is_made = fault == Fault::Hang || write != ("contacts", "POST");
            if !is_made {
                continue;
            }
            let fake = Daktela::start();
            let mut home = before(&fake, write.1);
            killed(&mut home, &fake, write, fault);
            fake.change(|world| {
                world.agent_types(JANE, "title", &["Typed by an agent"]);
                let mut numbers = world.contacts[JANE].values("customFields.number");
                numbers.push("+420777777777".to_owned());
                let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
                world.agent_types(JANE, "customFields.number", &numbers);
            });
            day.import(&mut home);
            let about = format!("{write:?} {fault:?} {}", day.name);
            assert_eq!(counts(&fake), (1, 1), "{about}");
            assert_eq!(field(&fake, "title"), "Typed by an agent", "{about}");
            let numbers = field(&fake, "customFields.number");
            let newest = format!("+420{}", day.phone);
            assert!(
                numbers.contains("+420777777777") && numbers.contains(&newest),
                "{about} {numbers}"
            );
            fake.forget_requests();
            day.import(&mut home);
            assert_eq!(sent(&fake), "", "{about}");
            assert_eq!(field(&fake, "title"), "Typed by an agent", "{about}");
        }
    }
}

#[test]
fn what_an_agent_typed_into_an_order_meanwhile_stays_too() {
    for (write, fault) in [
        (("crmRecords", "POST"), Fault::Hang),
        (("crmRecords", "PUT"), Fault::Hang),
        (("crmRecords", "PUT"), Fault::Silence),
    ] {
        let fake = Daktela::start();
        let mut home = before(&fake, write.1);
        killed(&mut home, &fake, write, fault);
        let typed = "Call her back".to_owned();
        fake.change(|world| {
            let order = world.records.get_mut(ORDER).unwrap();
            order.fields.insert("description".to_owned(), typed.clone());
        });
        for day in [THIRD, SECOND, FIRST] {
            day.import(&mut home);
            assert_eq!(total(&fake), typed, "{write:?} {fault:?} {}", day.name);
            assert_eq!(field(&fake, "title"), day.name);
        }
        assert_eq!(counts(&fake), (1, 1));
    }
}
