//! Shops that live on between imports.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;

use super::cases;
use super::events::{Event, Living, event};
use super::found::{TODAY, check, contacts, import, tell};
use super::history::History;
use super::shops::{Order, World, settings, world};
use super::telling::shuffled;
use crate::imported::Home;

/// Steps of a life; an import follows each.
fn steps(most: usize) -> impl Strategy<Value = Vec<Vec<Event>>> {
    prop::collection::vec(prop::collection::vec(event(), 1..5), 1..most)
}

/// The contact of each order, by shop and code, after all merges so far.
fn places(home: &Home) -> BTreeMap<String, String> {
    let rows = home.in_state(
        "WITH RECURSIVE ends(id, final) AS (
           SELECT id, id FROM contacts WHERE merged_into IS NULL
           UNION ALL SELECT contacts.id, ends.final FROM contacts JOIN ends ON contacts.merged_into = ends.id)
         SELECT shops.name || ':' || code AS a, final AS b FROM orders JOIN shops ON shops.id = shop
           JOIN ends ON ends.id = contact",
    );
    rows.iter()
        .map(|row| row.split_once(" | ").unwrap())
        .map(|(order, contact)| (order.to_owned(), contact.to_owned()))
        .collect()
}

/// Where a contact of before stands now.
fn survivors(home: &Home) -> BTreeMap<String, String> {
    let rows = home.in_state(
        "WITH RECURSIVE ends(id, final) AS (
           SELECT id, id FROM contacts WHERE merged_into IS NULL
           UNION ALL SELECT contacts.id, ends.final FROM contacts JOIN ends ON contacts.merged_into = ends.id)
         SELECT id AS a, final AS b FROM ends",
    );
    rows.iter()
        .map(|row| row.split_once(" | ").unwrap())
        .map(|(id, end)| (id.to_owned(), end.to_owned()))
        .collect()
}

/// What could move an order: one that still has the same stays where it is. A guid counts once its
/// customer is known, deleted or not.
fn clues(living: &Living) -> BTreeMap<String, (Option<String>, Option<&'static str>)> {
    let world = &living.world;
    let clue = |order: &Order| {
        let mut known = world.customers.iter().chain(&living.deleted);
        let is_known =
            known.any(|customer| customer.shop == order.shop && Some(&customer.guid) == order.guid.as_ref());
        let guid = order.guid.clone().filter(|_| is_known);
        let key = format!("{}:{}", world.shops[order.shop].name, order.code);
        (key, (guid, order.known_email()))
    };
    world.orders.iter().map(clue).collect()
}

proptest! {
    #![proptest_config(cases(12))]

    /// Whatever happens: no order is lost, doubled or moved without a reason, nobody is mixed up.
    #[test]
    fn after_any_life(world in world(), steps in steps(4)) {
        let mut living = Living::of(world);
        let home = Home::with(&living.world.configuration());
        import(&home, &living.world, TODAY);
        for step in &steps {
            let (before, clues_before) = (places(&home), clues(&living));
            living.today += 1;
            step.iter().for_each(|event| living.happens(event));
            import(&home, &living.world, living.today);
            check(&home, &living.world);
            two_customers_of_one_shop_are_apart(&home);
            let (after, clues_after, ends) = (places(&home), clues(&living), survivors(&home));
            for (order, clue) in clues_before {
                if clues_after.get(&order) == Some(&clue) {
                    prop_assert_eq!(&after[&order], &ends[&before[&order]], "order {} moved", order);
                }
            }
        }
        // What is missing counts as deleted in the second listing; then nothing is left to do.
        for _ in 0..2 {
            living.today += 1;
            import(&home, &living.world, living.today);
        }
        check(&home, &living.world);
        let live = home.in_state("SELECT guid FROM customers WHERE gone_at IS NULL");
        prop_assert_eq!(live.len(), living.world.customers.len());
        let shown = home.shown();
        import(&home, &living.world, living.today + 1);
        prop_assert_eq!(home.shown(), shown);
    }

    /// After each import everybody is who the rules say.
    #[test]
    fn a_life_as_the_rules_have_it(
        mut world in world(),
        settings in settings(),
        steps in steps(6),
    ) {
        world.settings = settings;
        let mut living = Living::of(world);
        let home = Home::with(&living.world.configuration());
        let mut history = History::of(&living.world);
        let nothing: Vec<Event> = Vec::new();
        for step in std::iter::once(&nothing).chain(&steps).chain([&nothing, &nothing]) {
            living.today += 1;
            step.iter().for_each(|event| living.happens(event));
            import(&home, &living.world, living.today);
            for shop in 0..living.world.shops.len() {
                history.told(&living.world, shop, living.today);
            }
            prop_assert_eq!(contacts(&home), history.contacts(), "on day {}", living.today);
        }
    }

    /// Neither the order of the records in the documents nor telling older documents again changes anything.
    #[test]
    fn a_life_told_otherwise(
        mut world in world(),
        erases in any::<bool>(),
        steps in steps(5),
        by in prop::collection::vec(any::<Index>(), 12),
    ) {
        world.settings.erases = erases;
        let mut living = Living::of(world);
        let (straight, otherwise) = (
            Home::with(&living.world.configuration()),
            Home::with(&living.world.configuration()),
        );
        let nothing: Vec<Event> = Vec::new();
        let mut days: Vec<(World, u32)> = Vec::new();
        for (step, index) in std::iter::once(&nothing).chain(&steps).zip(&by) {
            living.today += 1;
            step.iter().for_each(|event| living.happens(event));
            import(&straight, &living.world, living.today);
            import(&otherwise, &shuffled(&living.world, &by), living.today);
            days.push((living.world.clone(), living.today));
            let (before, day) = &days[index.index(days.len())];
            for (place, shop) in before.shops.iter().enumerate() {
                let (customers, orders) = before.documents(place);
                tell(&otherwise, shop.name, Some(&customers), None, *day);
                tell(&otherwise, shop.name, None, Some(&orders), *day);
            }
            prop_assert_eq!(contacts(&otherwise), contacts(&straight), "on day {}", living.today);
            prop_assert_eq!(shown(&otherwise), shown(&straight), "on day {}", living.today);
        }
    }
}

/// All rows of the people, without the times of writing.
fn shown(home: &Home) -> Vec<(String, String)> {
    let shown = home.shown();
    let contacts = shown
        .contacts
        .iter()
        .filter(|(_, row)| row["merged_into"].is_empty());
    contacts
        .chain(&shown.orders)
        .map(|(key, row)| {
            let mut row = row.clone();
            for time in ["created_at", "updated_at", "gone_at"] {
                row.0.remove(time);
            }
            (key.clone(), format!("{row:?}"))
        })
        .collect()
}

fn two_customers_of_one_shop_are_apart(home: &Home) {
    let together = home.in_state(
        "SELECT contact FROM customers WHERE gone_at IS NULL AND missing = 0 GROUP BY contact, shop HAVING count(*) > 1",
    );
    assert_eq!(together, [""; 0]);
}
