//! A history in which time only ever joins people: told bit by bit, in any order, it ends like told at once.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::Index;

use super::cases;
use super::found::{TODAY, check, grouping, import, imported, rows_with_orders, tell};
use super::naive::{grouping as expected_grouping, only_joins};
use super::shops::{World, world};
use crate::imported::Home;

/// The world as it was on some days: what registered and was placed until then.
fn days(world: &World, cuts: &[u32]) -> Vec<World> {
    let until = |day: u32| World {
        settings: world.settings,
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

/// What is known after each document of each day: the shops are told one after the other.
fn told(days: &[World]) -> Vec<World> {
    let mut known = World {
        shops: days[0].shops.clone(),
        ..World::default()
    };
    let mut all = Vec::new();
    for day in days {
        for shop in 0..day.shops.len() {
            known.customers.retain(|customer| customer.shop != shop);
            known.orders.retain(|order| order.shop != shop);
            known.customers.extend(
                day.customers
                    .iter()
                    .filter(|customer| customer.shop == shop)
                    .cloned(),
            );
            known
                .orders
                .extend(day.orders.iter().filter(|order| order.shop == shop).cloned());
            all.push(known.clone());
        }
    }
    all
}

proptest! {
    #![proptest_config(cases(14))]

    /// Where time only ever joins people, telling it bit by bit ends like telling it at once.
    #[test]
    fn a_history_in_several_imports(world in world(), cuts in prop::collection::vec(5..35_u32, 1..3)) {
        let days = days(&world, &cuts);
        let expected: Vec<BTreeSet<BTreeSet<String>>> = told(&days).iter().map(expected_grouping).collect();
        for pair in expected.windows(2) {
            prop_assume!(only_joins(&pair[0], &pair[1]));
        }
        let home = Home::with(&world.configuration());
        for (day, until) in days.iter().enumerate() {
            import(&home, until, TODAY + u32::try_from(day).unwrap());
            check(&home, until);
        }
        prop_assert_eq!(&grouping(&home), &expected[expected.len() - 1]);
        if world.shops.len() == 1 {
            // Files of several shops are a history too, which need not end the same.
            prop_assert_eq!(rows_with_orders(&home), rows_with_orders(&imported(&world)));
        }
    }
    /// Customers and orders of each day, in any order and some of them twice.
    #[test]
    fn a_history_in_any_order(
        world in world(),
        cuts in prop::collection::vec(5..35_u32, 1..3),
        by in prop::collection::vec(any::<Index>(), 12),
    ) {
        let days = days(&world, &cuts);
        let mut readings: Vec<Reading> = Vec::new();
        for day in 0..days.len() {
            for shop in 0..world.shops.len() {
                readings.extend([true, false].map(|of_customers| Reading { day, shop, of_customers }));
            }
        }
        for (place, index) in by.iter().enumerate() {
            let (place, other) = (place % readings.len(), index.index(readings.len()));
            readings.swap(place, other);
        }
        let again: Vec<Reading> = by.iter().take(3).map(|index| *index.get(&readings)).collect();
        readings.extend(again);
        let known = known_after(&days, &readings);
        let expected: Vec<BTreeSet<BTreeSet<String>>> = known.iter().map(expected_grouping).collect();
        for pair in expected.windows(2) {
            prop_assume!(only_joins(&pair[0], &pair[1]));
        }
        let home = Home::with(&world.configuration());
        for Reading { day, shop, of_customers } in &readings {
            let (customers, orders) = days[*day].documents(*shop);
            let told = if *of_customers { (Some(customers.as_str()), None) } else { (None, Some(orders.as_str())) };
            let as_of = TODAY + u32::try_from(*day).unwrap();
            tell(&home, world.shops[*shop].name, told.0, told.1, as_of);
        }
        check(&home, &world);
        prop_assert_eq!(&grouping(&home), &expected[expected.len() - 1]);
        if world.shops.len() == 1 {
            prop_assert_eq!(rows_with_orders(&home), rows_with_orders(&imported(&world)));
        }
    }
}

/// One document of a shop, as it was on a day.
#[derive(Debug, Clone, Copy)]
struct Reading {
    day: usize,
    shop: usize,
    of_customers: bool,
}

/// What is known after each reading: of each shop the latest customers and the latest orders told so far.
fn known_after(days: &[World], readings: &[Reading]) -> Vec<World> {
    (1..=readings.len())
        .map(|told| {
            let mut known = World {
                shops: days[0].shops.clone(),
                ..World::default()
            };
            for shop in 0..known.shops.len() {
                let latest = |of_customers: bool| {
                    let of_shop = readings[..told]
                        .iter()
                        .filter(|reading| reading.shop == shop && reading.of_customers == of_customers);
                    of_shop.map(|reading| reading.day).max()
                };
                if let Some(day) = latest(true) {
                    let customers = days[day]
                        .customers
                        .iter()
                        .filter(|customer| customer.shop == shop);
                    known.customers.extend(customers.cloned());
                }
                if let Some(day) = latest(false) {
                    let orders = days[day].orders.iter().filter(|order| order.shop == shop);
                    known.orders.extend(orders.cloned());
                }
            }
            known
        })
        .collect()
}
