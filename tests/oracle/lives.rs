//! Shops that live on between imports.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::Index;

use super::cases;
use super::found::{check, grouping, import, imported, rows_by_members};
use super::naive::{grouping as expected_grouping, only_joins};
use super::shops::{Customer, Order, Spelled, World, customer, email, order, phone, world};
use crate::imported::Home;

/// The world as it was on some days: what registered and was placed until then.
fn days(world: &World, cuts: &[u32]) -> Vec<World> {
    let until = |day: u32| World {
        shops: world.shops.clone(),
        customers: world
            .customers
            .iter()
            .filter(|customer| customer.registered <= day)
            .cloned()
            .collect(),
        orders: world
            .orders
            .iter()
            .filter(|order| order.placed <= day)
            .cloned()
            .collect(),
    };
    let mut cuts = cuts.to_vec();
    cuts.sort_unstable();
    cuts.iter()
        .map(|day| until(*day))
        .chain([world.clone()])
        .collect()
}

/// Something that happens in a shop.
#[derive(Debug, Clone)]
enum Event {
    Register(Customer),
    Place(Order),
    OrderEmail(Index, Option<Spelled>),
    OrderPhone(Index, Option<Spelled>),
    OrderGuid(Index, Option<u32>),
    Cancel(Index),
    DeleteOrder(Index),
    LogIns(Index, Vec<(Option<Spelled>, Option<Spelled>)>),
    Delete(Index),
    ComeBack,
}

fn event() -> impl Strategy<Value = Event> {
    use prop::option::weighted;
    let account = (weighted(0.9, email()), weighted(0.3, phone()));
    prop_oneof![
        2 => customer().prop_map(Event::Register),
        4 => order().prop_map(Event::Place),
        2 => (any::<Index>(), weighted(0.8, email())).prop_map(|(which, email)| Event::OrderEmail(which, email)),
        1 => (any::<Index>(), weighted(0.8, phone())).prop_map(|(which, phone)| Event::OrderPhone(which, phone)),
        1 => (any::<Index>(), weighted(0.8, 0..7_u32)).prop_map(|(which, guid)| Event::OrderGuid(which, guid)),
        1 => any::<Index>().prop_map(Event::Cancel),
        1 => any::<Index>().prop_map(Event::DeleteOrder),
        3 => (any::<Index>(), prop::collection::vec(account, 0..3)).prop_map(|(which, accounts)| Event::LogIns(which, accounts)),
        2 => any::<Index>().prop_map(Event::Delete),
        1 => Just(Event::ComeBack),
    ]
}

/// A world that changes, with what it has lost.
struct Living {
    world: World,
    registered: usize,
    placed: usize,
    deleted: Vec<Customer>,
}

impl Living {
    fn of(world: World) -> Self {
        Self {
            registered: world.customers.len(),
            placed: world.orders.len(),
            world,
            deleted: Vec::new(),
        }
    }

    fn happens(&mut self, event: &Event) {
        let world = &mut self.world;
        let order =
            |which: &Index, orders: &mut Vec<Order>| (!orders.is_empty()).then(|| which.index(orders.len()));
        match event {
            Event::Register(customer) => {
                let mut customer = customer.clone();
                customer.shop %= world.shops.len();
                customer.guid = format!("g{}", self.registered);
                customer.registered += 20;
                self.registered += 1;
                world.customers.push(customer);
            }
            Event::Place(order) => {
                let mut order = order.clone();
                order.shop %= world.shops.len();
                order.code = self.placed.to_string();
                order.placed += 40;
                self.placed += 1;
                world.orders.push(order);
            }
            Event::OrderEmail(which, email) => {
                if let Some(place) = order(which, &mut world.orders) {
                    world.orders[place].email = *email;
                }
            }
            Event::OrderPhone(which, phone) => {
                if let Some(place) = order(which, &mut world.orders) {
                    world.orders[place].phone = *phone;
                }
            }
            Event::OrderGuid(which, guid) => {
                if let Some(place) = order(which, &mut world.orders) {
                    world.orders[place].guid = guid.map(|guid| format!("g{guid}"));
                }
            }
            Event::Cancel(which) => {
                if let Some(place) = order(which, &mut world.orders) {
                    world.orders[place].is_cancelled = true;
                }
            }
            Event::DeleteOrder(which) => {
                if let Some(place) = order(which, &mut world.orders) {
                    world.orders.remove(place);
                }
            }
            Event::LogIns(which, accounts) => {
                if !world.customers.is_empty() {
                    let place = which.index(world.customers.len());
                    world.customers[place].accounts.clone_from(accounts);
                }
            }
            Event::Delete(which) => {
                if !world.customers.is_empty() {
                    let place = which.index(world.customers.len());
                    self.deleted.push(world.customers.remove(place));
                }
            }
            Event::ComeBack => world.customers.extend(self.deleted.pop()),
        }
    }
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

/// What could move an order: an order that still has the same stays where it is.
fn clues(world: &World) -> BTreeMap<String, (Option<String>, Option<&'static str>)> {
    let clue = |order: &Order| {
        let named = world
            .customers
            .iter()
            .any(|customer| customer.shop == order.shop && Some(&customer.guid) == order.guid.as_ref());
        let guid = order.guid.clone().filter(|_| named);
        (
            format!("{}:{}", world.shops[order.shop].name, order.code),
            (guid, order.known_email()),
        )
    };
    world.orders.iter().map(clue).collect()
}

proptest! {
    #![proptest_config(cases(24))]

    /// Where time only ever joins people, telling it bit by bit ends like telling it at once.
    #[test]
    fn a_history_in_several_imports(world in world(), cuts in prop::collection::vec(5..35_u32, 1..3)) {
        let days = days(&world, &cuts);
        let expected: Vec<BTreeSet<BTreeSet<String>>> = days.iter().map(expected_grouping).collect();
        for pair in expected.windows(2) {
            prop_assume!(only_joins(&pair[0], &pair[1]));
        }
        let home = Home::with(&world.configuration());
        for (day, until) in days.iter().enumerate() {
            import(&home, until, day as i64);
            check(&home, until);
        }
        prop_assert_eq!(&grouping(&home), &expected[expected.len() - 1]);
        prop_assert_eq!(rows_by_members(&home), rows_by_members(&imported(&world)));
    }
}

proptest! {
    #![proptest_config(cases(20))]

    /// Whatever happens: no order is lost, doubled or moved without a reason, nobody is mixed up.
    #[test]
    fn after_any_life(world in world(), steps in prop::collection::vec(prop::collection::vec(event(), 1..5), 1..4)) {
        let mut living = Living::of(world);
        let home = Home::with(&living.world.configuration());
        import(&home, &living.world, 0);
        let mut day = 0;
        for step in &steps {
            let (before, clues_before) = (places(&home), clues(&living.world));
            step.iter().for_each(|event| living.happens(event));
            day += 1;
            import(&home, &living.world, day);
            check(&home, &living.world);
            two_customers_of_one_shop_are_apart(&home);
            let (after, clues_after, ends) = (places(&home), clues(&living.world), survivors(&home));
            for (order, clue) in clues_before {
                if clues_after.get(&order) == Some(&clue) {
                    prop_assert_eq!(&after[&order], &ends[&before[&order]], "order {} moved", order);
                }
            }
        }
        // What is missing counts as deleted in the second listing; then nothing is left to do.
        for _ in 0..2 {
            day += 1;
            import(&home, &living.world, day);
        }
        check(&home, &living.world);
        let live = home.in_state("SELECT guid FROM customers WHERE gone_at IS NULL");
        prop_assert_eq!(live.len(), living.world.customers.len());
        let shown = home.shown();
        import(&home, &living.world, day + 1);
        prop_assert_eq!(home.shown(), shown);
    }
}

fn two_customers_of_one_shop_are_apart(home: &Home) {
    let together = home.in_state(
        "SELECT contact FROM customers WHERE gone_at IS NULL AND missing = 0 GROUP BY contact, shop HAVING count(*) > 1",
    );
    assert_eq!(together, [""; 0]);
}
