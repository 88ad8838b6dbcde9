//! Who were customers at the same time are two, whatever becomes of them.

use super::{e, people, whose};
use crate::again::{anew, ann, jane, joe, told};
use crate::imported::Home;
use crate::written::{customer, customers, order, orders};

/// Jane and a twin log in with the same e-mail, then Jane is deleted.
fn twin_is_left(home: &mut Home) {
    let twin = customer("g9").login("jane@shop.example");
    told(
        home,
        &[
            &[jane(), joe()],
            &[jane(), twin.clone(), joe()],
            &[twin.clone(), joe()],
            &[twin, joe()],
        ],
    );
}

#[test]
fn two_who_logged_in_with_the_same_stay_two_whatever_the_other_does_later() {
    let mut home = Home::new();
    twin_is_left(&mut home);
    let expected = people(&[("main:c:g1", "main:1"), ("main:c:g2", ""), ("main:c:g9", "")]);
    assert_eq!(whose(&home), expected);
    // It logs in with something else for a while.
    let twin = customer("g9").login("twin@shop.example");
    told(&mut home, &[&[twin, joe()]]);
    let twin = customer("g9").login("jane@shop.example");
    told(&mut home, &[&[twin, joe()]]);
    assert_eq!(whose(&home), expected);
}

#[test]
fn what_was_nobodys_between_two_does_not_become_the_one_who_is_left() {
    let mut home = Home::new();
    let twin = customer("g9").login("jane@shop.example");
    let placed = orders(&[order("1").email("jane@shop.example").placed("2024-06-01")]);
    home.import(&customers(&[jane(), twin.clone(), joe()]), &placed);
    for _ in 0..3 {
        home.import(&customers(&[twin.clone(), joe()]), &placed);
    }
    let other = customer("g9").login("other@shop.example");
    home.import(&customers(&[other, joe()]), &placed);
    home.import(&customers(&[twin, joe()]), &placed);
    assert_eq!(
        whose(&home),
        people(&[
            (&e("jane@shop.example"), "main:1"),
            ("main:c:g1", ""),
            ("main:c:g2", ""),
            ("main:c:g9", "")
        ])
    );
}

#[test]
fn a_customer_beside_the_deleted_one_does_not_become_it_by_its_e_mail() {
    let with_hers = customer("g2").login("jane@shop.example");
    let expected = people(&[("main:c:g1", "main:1"), ("main:c:g2", ""), ("main:c:g3", "")]);
    for days in [
        // The e-mail goes over first, then Jane is deleted; the other way round; both at once.
        vec![
            &[jane(), joe(), ann()][..],
            &[customer("g1").login("new@shop.example"), with_hers.clone(), ann()],
            &[with_hers.clone(), ann()],
            &[with_hers.clone(), ann()],
        ],
        vec![
            &[jane(), joe(), ann()],
            &[joe(), ann()],
            &[joe(), ann()],
            &[with_hers.clone(), ann()],
        ],
        vec![
            &[jane(), joe(), ann()],
            &[with_hers.clone(), ann()],
            &[with_hers.clone(), ann()],
        ],
    ] {
        let mut home = Home::new();
        told(&mut home, &days);
        assert_eq!(whose(&home), expected);
    }
}

#[test]
fn nobody_takes_over_two_who_were_customers_at_the_same_time() {
    let mut home = Home::new();
    let twin = customer("g2").login("jane@shop.example");
    told(
        &mut home,
        &[&[jane(), twin, ann()], &[ann()], &[ann()], &[anew(), ann()]],
    );
    // The order was nobody's of the two; the newcomer has the e-mail alone now.
    let shown = home.shown();
    assert_eq!(
        &shown.contact("main:c:g9")["registered_at"],
        "2024-06-20T12:00:00Z"
    );
    assert_eq!(&shown.contact("main:c:g1")["merged_into"], "");
    assert_eq!(&shown.contact("main:c:g2")["merged_into"], "");
}

#[test]
fn whom_somebody_has_taken_over_comes_back_as_somebody_else() {
    let mut home = Home::new();
    let after = [anew(), joe()];
    told(&mut home, &[&[jane(), joe()], &[joe()], &[joe()], &after]);
    let taken_over = people(&[("main:c:g1", "main:1"), ("main:c:g2", "")]);
    assert_eq!(whose(&home), taken_over);
    told(&mut home, &[&[jane(), anew(), joe()]]);
    assert_eq!(
        whose(&home),
        people(&[("main:c:g1", "main:1"), ("main:c:g2", ""), ("main:c:main:g1", "")]),
        "two customers of one shop are two contacts"
    );
    let more = orders(&[
        order("1").email("jane@shop.example"),
        order("2").of("g1").placed("2024-06-25"),
        order("3").of("g9").placed("2024-06-25"),
    ]);
    home.import(&customers(&[jane(), anew(), joe()]), &more);
    assert_eq!(
        whose(&home),
        people(&[
            ("main:c:g1", "main:1 main:3"),
            ("main:c:g2", ""),
            ("main:c:main:g1", "main:2")
        ])
    );
}
