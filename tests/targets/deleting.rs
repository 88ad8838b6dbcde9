//! Customers and orders that the shop deletes, by each policy; and people who are forgotten.

use crate::imported::{Home, Shown};
use crate::rig::Rig;
use crate::written::{customer, customers, order, orders};

every_target!(
    kept,
    marked,
    erased,
    a_deleted_order_is_marked,
    whoever_is_forgotten_is_emptied,
);

/// Jane and Joe are customers, then two listings lack Jane.
fn deleted(rig: &impl Rig, policy: &str) -> (Home, Shown) {
    let mut home = rig.home(&format!("[shop.customers]\ndeleted = \"{policy}\"\n"), "");
    let jane = customer("g1").login("jane@shop.example").phone("601123456");
    let joe = customer("g2").login("joe@shop.example");
    let placed = orders(&[order("1").email("jane@shop.example")]);
    home.import(&customers(&[jane, joe.clone()]), &placed);
    for _ in 0..2 {
        home.import(&customers(std::slice::from_ref(&joe)), &placed);
    }
    let shown = rig.shown(&home);
    (home, shown)
}

fn kept<R: Rig>(rig: R) {
    let (_home, shown) = deleted(&rig, "keep");
    let row = shown.contact("main:c:g1");
    assert_eq!((&row["email"], &row["gone_at"]), ("jane@shop.example", ""));
}

fn marked<R: Rig>(rig: R) {
    let (mut home, shown) = deleted(&rig, "mark");
    let row = shown.contact("main:c:g1");
    assert_eq!((&row["email"], &row["orders_count"]), ("jane@shop.example", "1"));
    assert_ne!(&row["gone_at"], "");
    let joe = customers(&[customer("g2").login("joe@shop.example")]);
    let more = orders(&[
        order("1").email("jane@shop.example"),
        order("2").email("jane@shop.example"),
    ]);
    home.import(&joe, &more);
    assert_eq!(
        &rig.shown(&home).contact("main:c:g1")["gone_at"],
        "",
        "a new order takes the mark off"
    );
}

fn erased<R: Rig>(rig: R) {
    let (_home, shown) = deleted(&rig, "erase");
    let row = shown.contact("main:c:g1");
    let columns: Vec<&str> = row.0.keys().map(String::as_str).collect();
    assert_eq!(
        columns,
        ["created_at", "gone_at", "key", "updated_at"],
        "nothing of her is left"
    );
    assert_eq!(
        &shown.order("main:1")["contact_key"],
        "main:c:g1",
        "the order stays as a figure"
    );
    assert_eq!(&shown.contact("main:c:g2")["email"], "joe@shop.example");
}

fn a_deleted_order_is_marked<R: Rig>(rig: R) {
    let mut home = rig.home("", "");
    let placed = |code: &str| order(code).email("guest@shop.example");
    home.import("", &orders(&[placed("1"), placed("2")]));
    for _ in 0..2 {
        home.import("", &orders(&[placed("1")]));
    }
    let shown = rig.shown(&home);
    assert_ne!(&shown.order("main:2")["gone_at"], "");
    assert_eq!(&shown.order("main:1")["gone_at"], "");
}

fn whoever_is_forgotten_is_emptied<R: Rig>(rig: R) {
    let mut home = rig.home("", "[target.order_fields]\nremark = \"order.remark\"\n");
    let mut placed = order("1").email("guest@shop.example");
    placed.remark = "for Jane".to_owned();
    home.import("", &orders(&[placed, order("2").email("other@shop.example")]));
    let guest = crate::e("guest@shop.example");
    rig.edit(&home, &guest, "city", "typed by somebody");
    home.with_engine(async |engine| {
        engine
            .forget("guest@shop.example", false, &shoptet_sync::source::Silent)
            .await
            .unwrap();
    });
    let shown = rig.shown(&home);
    let columns: Vec<&str> = shown.contact(&guest).0.keys().map(String::as_str).collect();
    assert_eq!(columns, ["created_at", "gone_at", "key", "updated_at"]);
    assert_eq!(
        (&shown.order("main:1")["remark"], &shown.order("main:1")["total"]),
        ("", "100.00")
    );
    assert_eq!(
        &shown.contact(&crate::e("other@shop.example"))["email"],
        "other@shop.example"
    );
}
