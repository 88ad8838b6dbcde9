//! Orders: their stages and lines.

use std::sync::Arc;

use serde_json::json;

use super::{STATUSES, again, history, home, jane, parked, target, the_card, the_order, until_it_is_done};
use crate::fake_minicrm::{Fault, MiniCrm as Fake, ORDERS, text};
use crate::imported::{Home, SHOP};
use crate::written::{order, orders};

#[test]
fn an_order_takes_the_shortest_way_to_its_stage_and_one_that_cannot_be_reached_is_told_and_not_sent() {
    let fake = Fake::start();
    let mut home = home(&fake);
    home.import("", &orders(&[jane("Nová")]));
    for (status, way) in [
        ("Odeslána", &["Finalize"][..]),
        ("Nová", &["Edit"]),
        ("Stornována", &["Finalize", "Complete", "Storno"]),
        ("Zaplacena", &["Paid"]),
        ("Nová", &[]),
        ("Stornována", &["Storno"]),
    ] {
        fake.forget_requests();
        home.import("", &orders(&[jane(status)]));
        let told: Vec<String> = way.iter().map(|verb| format!("POST Order/{verb}")).collect();
        assert_eq!(fake.told(), told, "{status}");
    }
    assert_eq!(the_order(&fake).stage, "Failed");
    let told = history(&home);
    assert!(
        told.contains("order 1 stays Paid in MiniCRM: no way leads from there to Draft"),
        "{told}"
    );
    assert_eq!(parked(&home), "");
    // A new order goes straight there.
    fake.forget_requests();
    home.import(
        "",
        &orders(&[
            jane("Stornována"),
            order("2").email("jane@shop.example").status("Zaplacena"),
        ]),
    );
    let verbs = ["", "/Finalize", "/Complete", "/Paid"].map(|verb| format!("POST Order{verb}"));
    assert_eq!(fake.told(), verbs);
}

#[test]
fn what_the_service_does_not_take_in_a_stage_is_told() {
    let fake = Fake::start();
    fake.change(|world| world.manners.paid_can_be_cancelled = false);
    let mut home = home(&fake);
    home.import("", &orders(&[jane("Zaplacena")]));
    home.import("", &orders(&[jane("Stornována")]));
    assert_eq!(the_order(&fake).stage, "Paid");
    let told = history(&home);
    assert!(
        told.contains("order 1 stays Paid in MiniCRM: no way leads from there to Failed"),
        "{told}"
    );
}

/// An order as the shop's XML tells it, with lines.
fn with_lines(status: &str, lines: &[(&str, &str, &str)]) -> String {
    let items: String = lines
        .iter()
        .map(|(code, amount, total)| {
            format!(
                "<ITEM><TYPE>product</TYPE><NAME>Product {code}</NAME><AMOUNT>{amount}</AMOUNT><CODE>{code}</CODE>\
                 <TOTAL_PRICE><WITH_VAT>{total}</WITH_VAT><VAT_RATE>21</VAT_RATE></TOTAL_PRICE></ITEM>"
            )
        })
        .collect();
    let order = order("1").email("jane@shop.example").status(status).xml();
    let order = order.replace(
        "<ORDER_ITEMS></ORDER_ITEMS>",
        &format!("<ORDER_ITEMS>{items}</ORDER_ITEMS>"),
    );
    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<ORDERS>{order}</ORDERS>\n")
}

#[test]
fn lines_are_replaced_by_their_ids_and_never_doubled() {
    let fake = Fake::start();
    let mut home = home(&fake);
    home.import(
        "",
        &with_lines("Odeslána", &[("A", "2", "242.00"), ("B", "1", "121.00")]),
    );
    let lines = |fake: &Fake| -> Vec<(u64, String, String)> {
        let lines = the_order(fake).lines;
        lines
            .iter()
            .map(|(id, line)| (*id, text(&line["SKU"]), text(&line["PriceNet"])))
            .collect()
    };
    let before = lines(&fake);
    assert_eq!((before[0].1.as_str(), before[0].2.as_str()), ("A", "100.000000"));
    assert_eq!(fake.told()[2..], ["POST Order", "POST Order/Finalize"]);

    fake.forget_requests();
    home.import(
        "",
        &with_lines("Odeslána", &[("A", "2", "242.00"), ("B", "1", "242.00")]),
    );
    assert_eq!(
        fake.told(),
        ["POST Order/Edit", "POST Order", "POST Order/Finalize"]
    );
    let after = lines(&fake);
    assert_eq!(
        (after.len(), after[1].0, after[1].2.as_str()),
        (2, before[1].0, "200.000000")
    );

    fake.forget_requests();
    home.import(
        "",
        &with_lines("Odeslána", &[("C", "1", "121.00"), ("B", "1", "242.00")]),
    );
    assert_eq!(
        fake.told(),
        [
            "POST Order/Edit",
            "POST Order",
            "GET Order/DeleteItem",
            "POST Order/Finalize"
        ]
    );
    let codes: Vec<String> = lines(&fake).into_iter().map(|(_, code, _)| code).collect();
    assert_eq!(codes, ["B", "C"]);
    assert_eq!(the_order(&fake).stage, "In progress");

    // Nobody can change the lines of one that is done; everything else goes on.
    fake.forget_requests();
    home.import("", &with_lines("Vyřízena", &[("B", "1", "242.00")]));
    assert_eq!(
        fake.told(),
        [
            "POST Order/Edit",
            "GET Order/DeleteItem",
            "POST Order/Finalize",
            "POST Order/Complete"
        ]
    );
    fake.forget_requests();
    home.import("", &with_lines("Vyřízena", &[("D", "1", "242.00")]));
    assert_eq!(fake.told(), [""; 0]);
    let told = history(&home);
    assert!(
        told.contains("the lines of order 1 stay as they are in MiniCRM"),
        "{told}"
    );
}

#[test]
fn a_change_of_lines_that_was_broken_off_does_not_leave_a_draft() {
    let fake = Fake::start();
    let mut home = home(&fake);
    home.import("", &with_lines("Odeslána", &[("A", "2", "242.00")]));
    // The answer to its lines is lost, and then the way back.
    let before = fake.carried_out();
    let mut count = 0;
    fake.plan(move |asked| {
        let is_it = asked.is_write() && asked.path.first().is_some_and(|part| part == "Order");
        count += u64::from(is_it);
        match (is_it, count) {
            (true, 2) => Some(Fault::LostAnswer),
            (true, 3) => Some(Fault::LostRequest),
            _ => None,
        }
    });
    until_it_is_done(&home, &with_lines("Odeslána", &[("A", "2", "484.00")]));
    assert!(fake.carried_out() > before);
    let order = the_order(&fake);
    assert_eq!((order.stage.as_str(), order.lines.len()), ("In progress", 1));
    assert_eq!(order.lines[0].1["PriceNet"], "200.000000");
}

#[test]
fn a_stage_that_nobody_knows_is_left_alone() {
    let fake = Fake::start();
    let mut home = home(&fake);
    home.import("", &orders(&[jane("Odeslána")]));
    // The state remembers where it left the order; a record that tells something else is not believed to be there.
    fake.change(|world| {
        world.manners.order_tells_status = true;
        for order in world.orders.values_mut() {
            order.stage = "Packed".to_owned();
        }
    });
    let report = again(&home, &orders(&[jane("Vyřízena")]));
    assert!(report.failures.is_empty(), "{:?}", report.failures);
    assert_eq!(the_order(&fake).stage, "Packed");
}

#[test]
fn orders_and_their_fields_are_read_wherever_they_stand() {
    let fake = Arc::new(Fake::start());
    fake.change(|world| {
        world.add_field(&ORDERS.to_string(), "Remark", json!("Text(255)"));
        (world.manners.order_tells_status, world.manners.order_shows_fields) = (true, true);
    });
    let fields = "[target.order_fields]\n\"Order.Remark\" = \"order.remark\"\n";
    let mut home = Home::with(&format!("{SHOP}{}{fields}{STATUSES}", target(&fake, "")));
    let remark = |text: &str, status: &str| {
        let mut placed = jane(status);
        placed.remark = text.to_owned();
        orders(&[placed])
    };
    home.import("", &remark("first", "Nová"));
    assert_eq!(fake.told()[3..], ["POST Order", "POST Order/Project"]);
    fake.forget_requests();
    home.import("", &remark("second", "Nová"));
    assert_eq!(fake.told(), ["POST Order/Project"]);
    assert!(!fake.counts().contains_key("GET Project/"), "{:?}", fake.counts());
    // What a person typed into it stays.
    fake.change(|world| {
        let card = the_card(world);
        world
            .cards
            .get_mut(&card)
            .unwrap()
            .insert("Remark".to_owned(), json!("typed"));
    });
    home.import("", &remark("third", "Odeslána"));
    fake.change(|world| {
        let card = the_card(world);
        assert_eq!(world.cards[&card]["Remark"], "typed");
    });
    assert_eq!(the_order(&fake).stage, "In progress");
}
