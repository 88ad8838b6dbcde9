//! A first import ends where the rules say.

use std::path::PathBuf;

use proptest::prelude::*;
use shoptet_sync::source::{Shop, Silent};
use shoptet_sync::sync::build::Build;
use shoptet_sync::sync::pull::{Origin, ReadFile};
use shoptet_sync::sync::shop::ShopInRun;
use shoptet_sync::sync::stop::Stop;

use super::cases;
use super::found::{cents_of, check, contacts, imported};
use super::naive::everybody;
use super::shops::{World, world};
use crate::imported::Home;

/// A state built from all shops at once, as a first import does that reads them itself.
fn built(world: &World) -> Home {
    let home = Home::with(&world.configuration());
    let setup = home.setup();
    std::fs::create_dir_all(&setup.state_dir).unwrap();
    let mut shops = Vec::new();
    let (mut customers, mut orders) = (Vec::new(), Vec::new());
    for (place, settings) in setup.shops.iter().enumerate() {
        let source = Shop::with_pace(settings, None, "UTC", &setup.pace).unwrap();
        shops.push(ShopInRun::new(settings, &source.facts_as_configured()).unwrap());
        let document = |name: &str, text: String| {
            let path: PathBuf = setup.state_dir.join(format!("{place}-{name}"));
            std::fs::write(&path, text).unwrap();
            Some(ReadFile {
                path,
                read_at: "2024-06-01T00:00:00Z".parse().unwrap(),
                read_to: "2024-06-01T00:00:00Z".parse().unwrap(),
                source: "a file".to_owned(),
                origin: Origin::Given,
                complete: true,
                is_meant: true,
            })
        };
        let (of_customers, of_orders) = world.documents(place);
        customers.push(document("customers", of_customers));
        orders.push(document("orders", of_orders));
    }
    let stop = Stop::default();
    let mut build = Build::begin(&setup.state_dir.join("state.db"), &mut shops, &Silent, &stop).unwrap();
    build.customers(&customers).unwrap();
    build.orders(&orders).unwrap();
    build.into_state().finish_build().unwrap();
    home
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn whose_each_order_is(world in world()) {
        let found = contacts(&built(&world));
        let expected = everybody(&world);
        prop_assert_eq!(found.len(), expected.len(), "{:#?} instead of {:#?}", found, expected);
        for person in expected {
            prop_assert_eq!(found.get(&person.key), Some(&person.members(&world)), "{}", &person.key);
        }
    }
}

proptest! {
    #![proptest_config(cases(20))]

    #[test]
    fn what_each_contact_shows(mut world in world()) {
        world.shops.truncate(1);
        world.customers.iter_mut().for_each(|customer| customer.shop = 0);
        world.orders.iter_mut().for_each(|order| order.shop = 0);
        let home = imported(&world);
        check(&home, &world);
        let shown = home.shown();
        let expected = everybody(&world);
        prop_assert_eq!(shown.contacts.len(), expected.len());
        for person in expected {
            let row = shown.contact(&person.key);
            let (count, cents) = person.sums(&world);
            prop_assert_eq!(&row["orders_count"], count.to_string());
            prop_assert_eq!(cents_of(&row["orders_total"]), cents);
            prop_assert_eq!(&row["full_name"], person.name(&world));
            prop_assert_eq!(&row["phone"], person.phone(&world));
        }
    }
}
