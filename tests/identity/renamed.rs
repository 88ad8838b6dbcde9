//! A shop that was read before keeps its group and its name: keys are made of them.

use shoptet_sync::error::Error;
use shoptet_sync::source::Silent;
use shoptet_sync::sync::check::{Verdict, check};
use shoptet_sync::sync::full_plan::plan_after_pull;
use shoptet_sync::sync::import::ImportOptions;
use shoptet_sync::sync::plan::plan;

use crate::imported::{Home, TARGET};
use crate::written::{customer, customers, order, orders};

const SHOP: &str = "[[shop]]\nname = \"main\"\ngroup = \"both\"\nurl = \"https://main.example\"\ncountry = \"CZ\"\n\
    currency = \"CZK\"\ntimezone = \"UTC\"\n";

fn everybody() -> (String, String) {
    (
        customers(&[customer("g1").login("jane@shop.example")]),
        orders(&[order("1").of("g1"), order("2").email("ann@shop.example")]),
    )
}

fn in_words(error: &Error) -> String {
    format!("{}: {}", error.doing(), error.cause())
}

/// Nothing is read or written with the shop changed like this, and everything says why.
fn is_refused(changed: &str, told: &str) {
    let (people, placed) = everybody();
    let mut home = Home::with(&format!("{SHOP}{TARGET}"));
    home.import(&people, &placed);
    let before = home.shown();
    let stored = "SELECT name, grp FROM shops UNION ALL SELECT key, '' FROM contacts";
    let state = home.in_state(stored);
    home.configure(&format!("{changed}{TARGET}"));
    let shop = changed.split('"').nth(1).unwrap().to_owned();
    let now = home.now();
    let refused = home.try_import(&shop, Some(&people), Some(&placed), now, ImportOptions::default());
    let error = refused.unwrap_err();
    assert_eq!((error.exit_code(), in_words(&error).as_str()), (2, told));
    assert!(
        error.hint().contains("put ") && error.hint().contains("a new state_dir"),
        "{}",
        error.hint()
    );
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let setup = home.setup();
    let planned = runtime.block_on(plan(&setup, &mut |_, _| Ok(()), &Silent));
    let pulled = runtime.block_on(plan_after_pull(&setup, &mut |_, _| Ok(()), &Silent));
    for error in [planned.unwrap_err(), pulled.unwrap_err()] {
        assert_eq!((error.exit_code(), in_words(&error).as_str()), (2, told));
    }
    let points = runtime.block_on(check(&setup, &[])).unwrap();
    let found = points
        .iter()
        .filter(|point| point.verdict == Verdict::Problem && point.detail == told);
    assert_eq!(found.count(), 1, "{points:?}");
    assert_eq!((home.shown(), home.in_state(stored)), (before, state));
    home.configure(&format!("{SHOP}{TARGET}"));
    assert!(
        home.import(&people, &placed).targets.is_empty(),
        "put back, all is as it was"
    );
}

#[test]
fn another_group_is_refused() {
    is_refused(
        &SHOP.replace("\"both\"", "\"other\""),
        "recognising shop main: its group was `both` and is `other` now: the key of every contact begins with the \
         group, so all of them would come a second time",
    );
}

#[test]
fn another_name_is_refused() {
    is_refused(
        &SHOP.replace("\"main\"", "\"cz\""),
        "recognising shop cz: https://main.example was read as shop `main` before: the key of every order begins \
         with the name, so all of them would come a second time",
    );
}

#[test]
fn a_shop_that_comes_moves_or_goes_is_welcome() {
    let (people, placed) = everybody();
    let mut home = Home::with(&format!("{SHOP}{TARGET}"));
    home.import(&people, &placed);
    let another = SHOP.replace("main", "second");
    home.configure(&format!("{SHOP}{another}{TARGET}"));
    home.import_of("second", None, Some(&placed));
    home.configure(&format!(
        "{}{another}{TARGET}",
        SHOP.replace("//main.", "//www.main.")
    ));
    home.import(&people, &placed);
    home.configure(&format!("{another}{TARGET}"));
    home.import_of("second", None, Some(&placed));
}
