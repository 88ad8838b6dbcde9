//! What a person did there stays.

use crate::e;
use crate::imported::Home;
use crate::rig::Rig;
use crate::written::{Order, order, orders, party};

every_target!(
    an_edit_survives,
    what_a_person_emptied_is_filled_again_only_with_another_value,
    a_record_that_somebody_deleted_is_made_again_by_the_next_import,
    two_guests_who_are_one_are_merged,
);

const FIELDS: &str = "[target.fields]\nemail = \"contact.email\"\n\
    usual = \"contact.city\"\n\
    always = { value = \"contact.city\", write = \"always\" }\n\
    if_empty = { value = \"contact.city\", write = \"if_empty\" }\n\
    create_only = { value = \"contact.city\", write = \"create_only\" }\n";

const COLUMNS: [&str; 4] = ["usual", "always", "if_empty", "create_only"];

fn living_in(city: &str) -> String {
    let guest: Order = order("1")
        .email("guest@shop.example")
        .billing(party("Jana", "Dlouhá 1", city));
    orders(&[guest])
}

fn cities(rig: &impl Rig, home: &Home) -> [String; 4] {
    let shown = rig.shown(home);
    COLUMNS.map(|column| shown.contact(&e("guest@shop.example"))[column].to_owned())
}

fn an_edit_survives<R: Rig>(rig: R) {
    let mut home = rig.home("", FIELDS);
    home.import("", &living_in("Praha"));
    assert_eq!(cities(&rig, &home), ["Praha"; 4]);
    let guest = e("guest@shop.example");
    for column in COLUMNS {
        rig.edit(&home, &guest, column, "Olomouc");
    }
    home.import("", &living_in("Praha"));
    assert_eq!(cities(&rig, &home), ["Olomouc"; 4], "nothing new, nobody looked");
    home.import("", &living_in("Brno"));
    assert_eq!(cities(&rig, &home), ["Olomouc", "Brno", "Olomouc", "Olomouc"]);
    rig.edit(&home, &guest, "usual", "Praha");
    home.import("", &living_in("Plzeň"));
    assert_eq!(cities(&rig, &home)[0], "Plzeň", "the person took the edit back");
}

fn what_a_person_emptied_is_filled_again_only_with_another_value<R: Rig>(rig: R) {
    let mut home = rig.home("", FIELDS);
    home.import("", &living_in("Praha"));
    let guest = e("guest@shop.example");
    for column in COLUMNS {
        rig.edit(&home, &guest, column, "");
    }
    let more = format!(
        "{}{}",
        living_in("Praha"),
        orders(&[order("2").email("guest@shop.example")])
    );
    home.import("", &more);
    assert_eq!(cities(&rig, &home)[0], "");
    home.import("", &living_in("Brno"));
    assert_eq!(cities(&rig, &home), ["Brno", "Brno", "Brno", ""]);
}

fn a_record_that_somebody_deleted_is_made_again_by_the_next_import<R: Rig>(rig: R) {
    let mut home = rig.home("", "");
    let both = orders(&[
        order("1").email("guest@shop.example"),
        order("2").email("other@shop.example"),
    ]);
    home.import("", &both);
    let before = rig.shown(&home).without_times();
    rig.delete(&home, &e("guest@shop.example"));
    home.import("", &both);
    assert_eq!(rig.shown(&home).without_times(), before);
}

/// Two guests by two e-mails; then the shop gives an order of the one the e-mail of the other.
fn two_guests_who_are_one_are_merged<R: Rig>(rig: R) {
    let mut home = rig.home("", "");
    let first = order("1").email("first@shop.example").placed("2024-05-01");
    let second = order("2").email("second@shop.example").placed("2024-05-02");
    home.import("", &orders(&[first.clone(), second.clone()]));
    home.import("", &orders(&[first, second.email("first@shop.example")]));
    let shown = rig.shown(&home);
    let (stays, goes) = (e("first@shop.example"), e("second@shop.example"));
    assert_eq!(shown.orders.len(), 2);
    assert_eq!(&shown.order("main:1")["contact_key"], stays);
    let hangs_on = if rig.moves_orders() { &stays } else { &goes };
    assert_eq!(&shown.order("main:2")["contact_key"], hangs_on);
    assert_eq!(&shown.contact(&goes)["merged_into"], stays);
    assert_eq!(&shown.contact(&stays)["orders_count"], "2");
}
