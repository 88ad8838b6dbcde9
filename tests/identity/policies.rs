//! What a person typed, and who may write over it.

use super::e;
use crate::imported::{Home, SHOP, TARGET};
use crate::written::{Order, order, orders, party};

const FIELDS: &str = "[target.fields]\nemail = \"contact.email\"\n\
    usual = \"contact.city\"\n\
    always = { value = \"contact.city\", write = \"always\" }\n\
    if_empty = { value = \"contact.city\", write = \"if_empty\" }\n\
    create_only = { value = \"contact.city\", write = \"create_only\" }\n";

fn living_in(city: &str) -> String {
    let guest: Order = order("1")
        .email("guest@shop.example")
        .billing(party("Jana", "Dlouhá 1", city));
    orders(&[guest])
}

fn cities(home: &Home) -> [String; 4] {
    let shown = home.shown();
    let row = shown.contact(&e("guest@shop.example"));
    ["usual", "always", "if_empty", "create_only"].map(|column| row[column].to_owned())
}

fn edit(home: &Home, sql: &str) {
    home.by_hand(&format!("UPDATE contacts SET {sql}"));
}

#[test]
fn untouched_fields_follow_the_shop() {
    let mut home = Home::with(&format!("{SHOP}{TARGET}{FIELDS}"));
    home.import("", &living_in("Praha"));
    assert_eq!(cities(&home), ["Praha"; 4]);
    home.import("", &living_in("Brno"));
    assert_eq!(cities(&home), ["Brno", "Brno", "Praha", "Praha"]);
}

#[test]
fn what_a_person_typed_stays() {
    let mut home = Home::with(&format!("{SHOP}{TARGET}{FIELDS}"));
    home.import("", &living_in("Praha"));
    edit(
        &home,
        "usual = 'Olomouc', always = 'Olomouc', if_empty = 'Olomouc', create_only = 'Olomouc'",
    );
    home.import("", &living_in("Praha"));
    assert_eq!(cities(&home), ["Olomouc"; 4], "nothing new, nobody looked");
    home.import("", &living_in("Brno"));
    assert_eq!(cities(&home), ["Olomouc", "Brno", "Olomouc", "Olomouc"]);
    edit(&home, "usual = 'Praha'");
    home.import("", &living_in("Plzeň"));
    assert_eq!(cities(&home)[0], "Plzeň", "the person took the edit back");
}

#[test]
fn what_a_person_emptied_is_filled_again_only_with_another_value() {
    let mut home = Home::with(&format!("{SHOP}{TARGET}{FIELDS}"));
    home.import("", &living_in("Praha"));
    edit(
        &home,
        "usual = NULL, always = NULL, if_empty = NULL, create_only = NULL",
    );
    let more = format!(
        "{}{}",
        living_in("Praha"),
        orders(&[order("2").email("guest@shop.example")])
    );
    home.import("", &more);
    assert_eq!(cities(&home)[0], "");
    home.import("", &living_in("Brno"));
    assert_eq!(cities(&home), ["Brno", "Brno", "Brno", ""]);
}

#[test]
fn absent_is_not_empty_unless_the_field_says_so() {
    let fields = "[target.fields]\nkept = \"contact.city\"\n\
        cleared = { value = \"contact.city\", on_empty = \"clear\" }\n";
    let mut home = Home::with(&format!("{SHOP}{TARGET}{fields}"));
    home.import("", &living_in("Praha"));
    home.import("", &living_in(""));
    let shown = home.shown();
    let row = shown.contact(&e("guest@shop.example"));
    assert_eq!((&row["kept"], &row["cleared"]), ("Praha", ""));
}

#[test]
fn clearing_spares_what_a_person_typed() {
    let fields = "[target.fields]\ncleared = { value = \"contact.city\", on_empty = \"clear\" }\n";
    let mut home = Home::with(&format!("{SHOP}{TARGET}{fields}"));
    home.import("", &living_in("Praha"));
    edit(&home, "cleared = 'Olomouc'");
    home.import("", &living_in(""));
    assert_eq!(
        &home.shown().contact(&e("guest@shop.example"))["cleared"],
        "Olomouc"
    );
}

#[test]
fn a_changed_mapping_sends_the_differences_alone() {
    let fields = |more: &str| format!("{SHOP}{TARGET}[target.fields]\nemail = \"contact.email\"\n{more}");
    let mut home = Home::with(&fields("town = \"contact.city\"\n"));
    let two = format!(
        "{}{}",
        living_in("Praha"),
        orders(&[order("2").email("nobody@shop.example")])
    );
    home.import("", &two);
    edit(&home, "town = 'Olomouc' WHERE town IS NOT NULL");
    let before = home.shown();
    home.configure(&fields("town = \"contact.city\"\nstreet = \"contact.street\"\n"));
    let report = home.import("", &two);
    let delivered = &report.targets["contacts"];
    assert_eq!((delivered.created, delivered.updated, delivered.kept), (0, 1, 1));
    let shown = home.shown();
    let (guest, nobody) = (e("guest@shop.example"), e("nobody@shop.example"));
    let row = shown.contact(&guest);
    assert_eq!(
        (&row["town"], &row["street"]),
        ("Olomouc", "Dlouhá 1"),
        "the edit survives the mapping"
    );
    assert_eq!(
        shown.contact(&nobody),
        before.contact(&nobody),
        "nothing to send, not even a time"
    );
    home.configure(&fields(""));
    home.import("", &two);
    assert_eq!(
        &home.shown().contact(&guest)["street"],
        "Dlouhá 1",
        "a column is never dropped"
    );
}

#[test]
fn the_fields_of_orders_follow_the_same_rules() {
    let fields = "[target.order_fields]\nnote = \"order.remark\"\nwho = \"contact.email\"\n";
    let mut home = Home::with(&format!("{SHOP}{TARGET}{fields}"));
    let noted = |code: &str, remark: &str| {
        let mut order = order(code).email("guest@shop.example");
        order.remark = remark.to_owned();
        order
    };
    home.import(
        "",
        &orders(&[noted("1", "ring twice"), noted("2", "leave at the door")]),
    );
    home.by_hand("UPDATE orders SET note = 'typed' WHERE code = '2'");
    home.import(
        "",
        &orders(&[noted("1", "ring once"), noted("2", "do not ring").total("9.00")]),
    );
    let shown = home.shown();
    let (one, two) = (shown.order("main:1"), shown.order("main:2"));
    assert_eq!((&one["note"], &one["who"]), ("ring once", "guest@shop.example"));
    assert_eq!(
        (&two["note"], &two["total"]),
        ("typed", "9.00"),
        "what the shop says of it goes on"
    );
}
