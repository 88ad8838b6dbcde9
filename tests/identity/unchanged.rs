//! Records that stand in a document as they did before are passed over; nothing may be lost by it.

use super::imported::{SHOP, TARGET};
use super::written::{Order, order, orders_as_xml, party};
use super::*;

fn two() -> [Order; 2] {
    [
        order("1").email("jane@shop.example").total("10.00"),
        order("2").email("joe@shop.example").total("20.00"),
    ]
}

fn import(home: &mut Home, orders: &[Order]) -> u64 {
    let report = home.import_of("main", None, Some(&orders_as_xml(orders)));
    assert_eq!(
        report.orders_read,
        orders.len() as u64,
        "passed over or not, it was there"
    );
    report.orders_changed
}

fn status_of(home: &Home, key: &str) -> String {
    home.shown().order(key)["status"].to_owned()
}

#[test]
fn of_what_changes_nothing_is_passed_over() {
    let mut home = Home::new();
    let mut orders = two();
    import(&mut home, &orders);
    assert_eq!(import(&mut home, &orders), 0);
    orders[1].status = "Odesláno".to_owned();
    assert_eq!(import(&mut home, &orders), 1);
    assert_eq!(status_of(&home, "main:2"), "Odesláno");
    assert_eq!(import(&mut home, &two()), 1, "and back");
    assert_ne!(status_of(&home, "main:2"), "Odesláno");
}

/// As it is stored now it comes after itself, changed: the later one counts.
#[test]
fn what_comes_twice_is_read_twice() {
    let mut home = Home::new();
    import(&mut home, &two());
    let before = status_of(&home, "main:1");
    let [one, two] = two();
    let mut changed = one.clone();
    changed.status = "Odesláno".to_owned();
    import(&mut home, &[changed.clone(), one.clone(), two.clone()]);
    assert_eq!(status_of(&home, "main:1"), before);
    import(&mut home, &[one, changed, two]);
    assert_eq!(status_of(&home, "main:1"), "Odesláno");
}

/// A record means something else once the configuration does.
#[test]
fn with_another_configuration_everything_is_read() {
    let mut home = Home::new();
    let orders = two().map(|order| {
        let mut order = order;
        order.placed = "2024-05-01 12:00:00".to_owned();
        order
    });
    import(&mut home, &orders);
    home.configure(&format!(
        "{}{TARGET}",
        SHOP.replace("\"UTC\"", "\"Europe/Prague\"")
    ));
    assert_eq!(import(&mut home, &orders), 2);
    assert_eq!(&home.shown().order("main:1")["placed_at"], "2024-05-01T10:00:00Z");
}

/// The shop deleted it, or seemed to; it is there again with the very same bytes.
#[test]
fn what_was_missing_is_there_again() {
    let mut home = Home::new();
    let [one, two] = two();
    let both = [one.clone(), two];
    import(&mut home, &both);
    // Missing once is not gone yet, missing twice is.
    for times in [1, 2, 3] {
        for _ in 0..times {
            import(&mut home, std::slice::from_ref(&one));
        }
        assert_eq!(
            home.shown().order("main:2")["gone_at"].is_empty(),
            times < 2,
            "{times}"
        );
        import(&mut home, &both);
        assert_eq!(&home.shown().order("main:2")["gone_at"], "", "{times}");
    }
    // What was missing once, was there, and is missing once more is not gone.
    import(&mut home, std::slice::from_ref(&one));
    assert_eq!(&home.shown().order("main:2")["gone_at"], "");
}

/// A record that cannot be read is parked; the same as before is news then.
#[test]
fn what_was_parked_is_sound_again() {
    let mut home = Home::new();
    import(&mut home, &two());
    let sound = orders_as_xml(&two());
    let broken = sound.replace("<WITH_VAT>20.00</WITH_VAT>", "<WITH_VAT>twenty</WITH_VAT>");
    assert_ne!(sound, broken);
    home.import_of("main", None, Some(&broken));
    assert_eq!(home.in_state("SELECT key FROM parked WHERE dismissed = 0"), ["2"]);
    import(&mut home, &two());
    assert_eq!(home.in_state("SELECT key FROM parked"), [""; 0]);
}

#[test]
fn what_the_buyer_is_called_is_seen() {
    let mut home = Home::new();
    let mut orders = two();
    orders[0] = orders[0].clone().billing(party("Jana Nová", "Dlouhá 1", "Brno"));
    import(&mut home, &orders);
    orders[0] = orders[0]
        .clone()
        .billing(party("Jana Nováková", "Dlouhá 1", "Brno"));
    assert_eq!(import(&mut home, &orders), 1);
    let name = home.shown().contact(&e("jane@shop.example"))["full_name"].to_owned();
    assert_eq!(name, "Jana Nováková");
}
