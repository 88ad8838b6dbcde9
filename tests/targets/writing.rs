//! Made, changed, refused; and nothing when there is nothing.

use crate::e;
use crate::rig::Rig;
use crate::written::{Order, order, orders, party};

every_target!(
    what_changed_is_written_and_nothing_else,
    a_run_with_nothing_new_writes_nothing,
    one_that_is_refused_is_parked_and_the_others_go_on,
    every_type_is_shown_as_it_was_written,
    a_field_that_the_mapping_gains_is_filled,
    an_empty_value_stays_out_unless_the_field_says_so,
    many_at_once_all_arrive,
);

fn living_in(city: &str) -> Order {
    order("1")
        .email("guest@shop.example")
        .billing(party("Jana", "Dlouhá 1", city))
}

fn what_changed_is_written_and_nothing_else<R: Rig>(rig: R) {
    let mut home = rig.home("", "");
    let other = order("2").email("other@shop.example");
    home.import("", &orders(&[living_in("Praha"), other.clone()]));
    let before = rig.shown(&home);
    // What is written is stamped by the second.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let report = home.import("", &orders(&[living_in("Brno").status("Nová"), other]));
    let done = &report.targets["contacts"];
    assert_eq!(
        (
            done.created,
            done.updated,
            done.orders_created,
            done.orders_updated
        ),
        (0, 1, 0, 1)
    );
    let shown = rig.shown(&home);
    let guest = e("guest@shop.example");
    assert_eq!(&shown.contact(&guest)["city"], "Brno");
    assert_eq!(
        (&shown.order("main:1")["status"], &shown.order("main:1")["stage"]),
        ("Nová", "Nová")
    );
    assert_ne!(
        shown.contact(&guest)["updated_at"],
        before.contact(&guest)["updated_at"]
    );
    assert_eq!(
        shown.contact(&guest)["created_at"],
        before.contact(&guest)["created_at"]
    );
    assert_eq!(
        shown.contact(&e("other@shop.example")),
        before.contact(&e("other@shop.example"))
    );
    assert_eq!(shown.order("main:2"), before.order("main:2"));
}

fn a_run_with_nothing_new_writes_nothing<R: Rig>(rig: R) {
    let mut home = rig.home("", "");
    let documents = orders(&[living_in("Praha"), order("2").email("other@shop.example")]);
    home.import("", &documents);
    // The first run after an import that had filled an empty target finds everything as it was, too.
    for _ in 0..3 {
        let (before, writes) = (rig.shown(&home), rig.writes(&home));
        let report = home.import("", &documents);
        assert!(report.targets.is_empty(), "{:?}", report.targets);
        assert_eq!((rig.writes(&home), rig.shown(&home)), (writes, before));
    }
}

fn one_that_is_refused_is_parked_and_the_others_go_on<R: Rig>(rig: R) {
    let mut home = rig.home("", "");
    home.import("", &orders(&[order("0").email("first@shop.example")]));
    rig.refuse(&home, "email", "refused@shop.example");
    let guest = |code: &str| order(code).email(&format!("guest{code}@shop.example"));
    let mut all = vec![
        order("0").email("first@shop.example"),
        order("9").email("refused@shop.example"),
    ];
    all.extend((10..40).map(|code| guest(&code.to_string())));
    let report = home.import("", &orders(&all));
    assert_eq!((report.parked, report.exit_code()), (1, 3));
    let shown = rig.shown(&home);
    assert_eq!((shown.contacts.len(), shown.orders.len()), (31, 31));
    let reason = home.in_state("SELECT reason FROM parked").concat();
    assert!(reason.contains(rig.refusal()), "{reason}");
    assert!(!reason.contains('@'), "no person in a reason: {reason}");
}

fn every_type_is_shown_as_it_was_written<R: Rig>(rig: R) {
    let fields = "[target.fields]\nemail = \"contact.email\"\nhow_many = \"stats.orders_count\"\n\
        sum = \"stats.total\"\nfirst = \"stats.first_order_at\"\nall = { value = \"contact.emails\", type = \"json\" }\n\
        is_big = { value = \"stats.orders_count > 10\", type = \"bool\" }\n\
        codes = { value = \"orders | map(attribute='code') | list\", type = \"json\" }\n\
        [target.order_fields]\nremark = \"order.remark\"\nlines = \"order.items\"\n";
    let mut home = rig.home("", fields);
    let mut placed = living_in("Praha").total("1234.50");
    placed.coupon = "SLEVA10".to_owned();
    placed.remark = "Zvoňte\u{301} \"dole\" \\ 'vlevo'\nprosím".to_owned();
    home.import("", &orders(std::slice::from_ref(&placed)));
    let shown = rig.shown(&home);
    let row = shown.contact(&e("guest@shop.example"));
    assert_eq!(
        (&row["how_many"], &row["sum"], &row["is_big"]),
        ("1", "1234.50", "0")
    );
    assert!(
        row["first"].starts_with("2024-05-01T12:00:00"),
        "{}",
        &row["first"]
    );
    assert!(row["codes"].contains("\"1\""), "{}", &row["codes"]);
    let row = shown.order("main:1");
    assert_eq!(&row["remark"], placed.remark);
    assert!(row["items"].contains("SLEVA10") && row["lines"].contains("SLEVA10"));
    // Whoever looks finds what was written: another status asks what stands there, and changes nothing else.
    let report = home.import("", &orders(&[placed.clone().status("Nová")]));
    assert_eq!(report.targets["contacts"].orders_updated, 1);
    let sum = "sum = \"stats.total\"\n";
    let gained = format!("total = \"stats.total\"\n{sum}");
    let configured = home
        .configuration()
        .replace(&rig.mapping(sum), &rig.mapping(&gained));
    home.configure(&configured);
    home.import("", &orders(&[placed.status("Nová")]));
    let after = rig.shown(&home);
    assert_eq!(&after.contact(&e("guest@shop.example"))["total"], "1234.50");
}

fn a_field_that_the_mapping_gains_is_filled<R: Rig>(rig: R) {
    let fields = "[target.fields]\nemail = \"contact.email\"\n";
    let mut home = rig.home("", fields);
    home.import("", &orders(&[living_in("Praha")]));
    let gained = rig.mapping("Town = \"contact.city\"\n");
    home.configure(&home.configuration().replace(
        &rig.mapping("email = \"contact.email\"\n"),
        &format!("{}{gained}", rig.mapping("email = \"contact.email\"\n")),
    ));
    home.import("", &orders(&[living_in("Praha")]));
    assert_eq!(
        &rig.shown(&home).contact(&e("guest@shop.example"))["Town"],
        "Praha"
    );
}

fn an_empty_value_stays_out_unless_the_field_says_so<R: Rig>(rig: R) {
    let fields = "[target.fields]\nkept = \"contact.city\"\n\
        cleared = { value = \"contact.city\", on_empty = \"clear\" }\n";
    let mut home = rig.home("", fields);
    home.import("", &orders(&[living_in("Praha")]));
    home.import("", &orders(&[living_in("")]));
    let shown = rig.shown(&home);
    let row = shown.contact(&e("guest@shop.example"));
    assert_eq!((&row["kept"], &row["cleared"]), ("Praha", ""));
}

fn many_at_once_all_arrive<R: Rig>(rig: R) {
    let mut home = rig.home("", "");
    let all: Vec<Order> = (0..1_500)
        .map(|code| order(&code.to_string()).email(&format!("guest{}@shop.example", code / 2)))
        .collect();
    home.import("", &orders(&all[..10]));
    let report = home.import("", &orders(&all));
    assert_eq!(
        (report.parked, report.targets["contacts"].orders_created),
        (0, 1_490)
    );
    let shown = rig.shown(&home);
    assert_eq!((shown.contacts.len(), shown.orders.len()), (750, 1_500));
    assert!(shown.people().values().all(|orders| orders.len() == 2));
}
