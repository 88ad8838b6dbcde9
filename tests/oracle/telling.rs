//! In whatever order it is told, and however often: the same.

use proptest::prelude::*;
use proptest::sample::Index;

use super::cases;
use super::found::{TODAY, check, grouping, import, imported, rows_with_orders};
use super::naive::grouping as expected_grouping;
use super::shops::{World, world};
use crate::imported::Home;

/// The same world with its records in another order.
pub fn shuffled(world: &World, by: &[Index]) -> World {
    let mut world = world.clone();
    let swaps = by.iter().rev().enumerate();
    for (place, index) in swaps {
        if place < world.orders.len() {
            let other = index.index(world.orders.len());
            world.orders.swap(place, other);
        }
        if place < world.customers.len() {
            let other = index.index(world.customers.len());
            world.customers.swap(place, other);
        }
    }
    world
}

proptest! {
    #![proptest_config(cases(14))]

    /// In a first import, and in a later one that finds a state.
    #[test]
    fn the_order_of_the_records(world in world(), by in prop::collection::vec(any::<Index>(), 12)) {
        let other = shuffled(&world, &by);
        let (one, other_home) = (imported(&world), imported(&other));
        prop_assert_eq!(grouping(&one), grouping(&other_home));
        prop_assert_eq!(one.shown().without_times(), other_home.shown().without_times());
    }

    #[test]
    fn importing_twice(world in world()) {
        let home = imported(&world);
        let before = home.shown();
        import(&home, &world, TODAY + 1);
        prop_assert_eq!(home.shown(), before, "not even the times of writing");
        check(&home, &world);
    }

    /// Everything into a state that knows nothing but one order of nobody: no first import at all.
    #[test]
    fn a_later_import_ends_where_a_first_one_does(mut world in world(), by in prop::collection::vec(any::<Index>(), 12)) {
        world.shops.truncate(1);
        world.customers.iter_mut().for_each(|customer| customer.shop = 0);
        world.orders.iter_mut().for_each(|order| order.shop = 0);
        let mut begin = World { shops: world.shops.clone(), ..World::default() };
        let mut order = super::shops::nobodys_order();
        order.code = "first".to_owned();
        begin.orders.push(order.clone());
        world.orders.push(order);
        let later = Home::with(&world.configuration());
        import(&later, &begin, TODAY);
        import(&later, &shuffled(&world, &by), TODAY + 1);
        check(&later, &world);
        prop_assert_eq!(grouping(&later), expected_grouping(&world));
        prop_assert_eq!(rows_with_orders(&later), rows_with_orders(&imported(&world)));
    }
}
