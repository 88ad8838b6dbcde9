//! Contacts: what each change of them costs, and their traps.

use serde_json::json;

use super::{STATUSES, again, home, jane, parked, target};
use crate::fake_minicrm::{Language, MiniCrm as Fake, WEBSHOP, text};
use crate::imported::{Home, SHOP};
use crate::written::{order, orders, party};

#[test]
fn a_new_contact_is_three_writes_and_an_order_one() {
    let fake = Fake::start();
    let mut home = home(&fake);
    home.import("", &orders(&[jane("Nová")]));
    assert_eq!(
        fake.told(),
        ["PUT Contact", "PUT Address", "PUT Project", "POST Order"]
    );
    fake.change(|world| {
        let contact = world.contacts.values().next().unwrap();
        let of = |field: &str| text(&contact[field]);
        assert_eq!(
            (
                of("Type"),
                of("FirstName"),
                of("LastName"),
                of("Email"),
                of("Phone")
            ),
            (
                "Person".to_owned(),
                "Jana".to_owned(),
                "Nováková".to_owned(),
                "jane@shop.example".to_owned(),
                "+420601123456".to_owned()
            )
        );
        let address = world.addresses.values().next().unwrap();
        assert_eq!(
            (&address["CountryId"], &address["City"]),
            (&json!("Czech Republic"), &json!("Praha"))
        );
        let card = world
            .cards
            .values()
            .find(|card| card["CategoryId"] == WEBSHOP)
            .unwrap();
        assert_eq!(card["ReferenceId"], json!(crate::e("jane@shop.example")));
        assert_eq!(
            (&card["Name"], &card["StatusId"]),
            (&json!("Jana Nováková"), &json!(2520))
        );
        let order = world.orders.values().next().unwrap();
        assert_eq!((order.subject.as_str(), order.currency.as_str()), ("1", "CZK"));
    });
    // A second one, in another run: the key and the e-mail are looked for, and nothing else.
    fake.forget_requests();
    home.import(
        "",
        &orders(&[jane("Nová"), order("2").email("joe@shop.example").status("Nová")]),
    );
    let counts = fake.counts();
    assert_eq!(counts["GET Contact"], 1, "{counts:?}");
    assert_eq!(
        fake.told(),
        ["PUT Contact", "PUT Project", "POST Order"],
        "he has no address"
    );
}

#[test]
fn a_changed_contact_is_one_write_for_each_part_that_changed() {
    let fake = Fake::start();
    let mut home = home(&fake);
    home.import("", &orders(&[jane("Nová")]));
    let mut moved = jane("Nová");
    moved.billing.city = "Brno".to_owned();
    let mut renamed = moved.clone();
    renamed.billing.name = "Jana Dvořáková".to_owned();
    for (changed, writes) in [
        (&moved, vec!["PUT Address"]),
        (&renamed, vec!["PUT Contact", "PUT Project"]),
        (&renamed, vec![]),
    ] {
        fake.forget_requests();
        home.import("", &orders(std::slice::from_ref(changed)));
        assert_eq!(fake.told(), writes);
    }
    assert_eq!(
        fake.change(|world| (world.contacts.len(), world.addresses.len(), world.cards.len())),
        (1, 1, 2)
    );
}

#[test]
fn a_company_is_a_business_and_stays_one() {
    let fake = Fake::start();
    fake.change(|world| world.speak(Language::Hungarian));
    let mut home = home(&fake);
    let mut placed = jane("Nová");
    placed.billing.company = "Firma s.r.o.".to_owned();
    placed.billing.company_id = "12345678".to_owned();
    placed.billing.vat_id = "CZ12345678".to_owned();
    home.import("", &orders(std::slice::from_ref(&placed)));
    fake.change(|world| {
        let contact = world.contacts.values().next().unwrap();
        let of = |field: &str| text(&contact[field]);
        assert_eq!(
            [
                of("Type"),
                of("Name"),
                of("RegistrationNumber"),
                of("EUVatNumber"),
                of("Email")
            ],
            [
                "Business",
                "Firma s.r.o.",
                "12345678",
                "CZ12345678",
                "jane@shop.example"
            ]
        );
        assert!(contact.get("FirstName").is_none());
        let address = world.addresses.values().next().unwrap();
        assert_eq!(
            address["CountryId"], "Cseh Köztársaság",
            "by its name in the language of the system"
        );
    });
    // She buys for herself now: what the record is stays, and its kind is told in Hungarian.
    fake.forget_requests();
    let mut private = order("2")
        .email("jane@shop.example")
        .status("Odeslána")
        .placed("2024-05-20");
    private.billing = party("Jana Dvořáková", "Krátká 2", "Brno");
    home.import("", &orders(&[placed.clone(), private.clone()]));
    let told = fake.told();
    assert!(
        told.contains(&"PUT Address".to_owned()) && told.contains(&"PUT Project".to_owned()),
        "{told:?}"
    );
    assert_eq!(fake.change(|world| world.contacts.len()), 1);
    // The stage is told in Hungarian, too.
    private.status = "Vyřízena".to_owned();
    fake.forget_requests();
    home.import("", &orders(&[placed, private]));
    assert_eq!(fake.told(), ["POST Order/Complete"]);
}

#[test]
fn the_owner_is_one_of_its_users_or_nobody() {
    for (owner, number) in [
        ("Support", Some("100001")),
        ("100002", Some("100002")),
        ("support", None),
    ] {
        let fake = Fake::start();
        let more = format!("owner = \"{owner}\"\n");
        let home = Home::with(&format!("{SHOP}{}{STATUSES}", target(&fake, &more)));
        let documents = orders(&[order("1").email(&format!("{owner}@shop.example")).status("Nová")]);
        let report = again(&home, &documents);
        let owners: Vec<String> = fake.change(|world| {
            let cards = world.cards.values().filter(|card| card["CategoryId"] == WEBSHOP);
            cards.map(|card| text(&card["UserId"])).collect()
        });
        match number {
            Some(number) => assert_eq!(
                (report.failures.concat(), owners.as_slice()),
                (String::new(), &[number.to_owned()][..])
            ),
            None => assert!(
                report.failures.concat().contains("is no user of MiniCRM"),
                "{:?}",
                report.failures
            ),
        }
    }
}

#[test]
fn a_value_that_a_list_does_not_offer_is_not_sent_and_parks_its_contact_alone() {
    let fake = Fake::start();
    fake.change(|world| world.add_field("Person", "Segment", json!({"421": "VIP", "422": "New"})));
    let fields = "[target.fields]\n\"Person.Email\" = \"contact.email\"\n\
        \"Person.Segment\" = \"'Gold' if contact.email == 'gold@shop.example' else 'VIP'\"\n";
    let mut home = Home::with(&format!("{SHOP}{}{fields}{STATUSES}", target(&fake, "")));
    let guest = |code: &str, name: &str| order(code).email(&format!("{name}@shop.example")).status("Nová");
    home.import("", &orders(&[guest("1", "gold"), guest("2", "jane")]));
    let reason = parked(&home);
    assert!(
        reason.contains("`Person.Segment`") && reason.contains("it offers: VIP, New"),
        "{reason}"
    );
    assert_eq!(fake.change(|world| world.contacts.len()), 1);
}

/// Addresses cannot be deleted: a contact that was there keeps those it has, and the default one is used.
#[test]
fn addresses_do_not_pile_up() {
    let fake = Fake::start();
    let mut home = home(&fake);
    fake.change(|world| {
        let person = json!({"Type": "Person", "LastName": "Typed", "Email": "jane@shop.example",
            "CreatedAt": "2020-01-01 12:00:00", "UpdatedAt": "2020-01-01 12:00:00"});
        world.contacts.insert(7, person.as_object().cloned().unwrap());
        for (id, default) in [(8, 0), (9, 1)] {
            let address = json!({"ContactId": 7, "Name": "Office", "Default": default, "County": "here"});
            world.addresses.insert(id, address.as_object().cloned().unwrap());
        }
    });
    for city in ["Praha", "Brno", "Plzeň"] {
        let mut placed = jane("Nová");
        placed.billing.city = city.to_owned();
        home.import("", &orders(&[placed]));
    }
    fake.change(|world| {
        assert_eq!((world.contacts.len(), world.addresses.len()), (1, 2));
        assert_eq!(world.addresses[&9]["City"], "Plzeň");
        assert!(world.addresses[&8].get("City").is_none());
        assert_eq!(world.addresses[&9]["County"], "here", "what a person typed stays");
    });
}
