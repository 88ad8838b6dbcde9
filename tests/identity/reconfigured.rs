//! A changed configuration reaches everybody who was delivered before, without a word from a shop.

use shoptet_sync::source::Silent;
use shoptet_sync::sync::deliver::DeliveryOptions;
use shoptet_sync::sync::plan::plan;
use shoptet_sync::sync::report::Report;

use crate::imported::{Home, Row, TARGET, by_email};
use crate::written::{customer, customers, order, orders, party};

/// Two shops of one group that are known from files alone: a run has nobody to ask.
const CZ: &str = "[[shop]]\nname = \"cz\"\ngroup = \"both\"\nurl = \"https://cz.example\"\ncountry = \"CZ\"\n\
    currency = \"CZK\"\ntimezone = \"UTC\"\n[shop.orders]\ncancelled = [\"Stornována\"]\n";
const SK: &str = "[[shop]]\nname = \"sk\"\ngroup = \"both\"\nurl = \"https://sk.example\"\ncountry = \"SK\"\n\
    currency = \"CZK\"\ntimezone = \"UTC\"\n[shop.orders]\ncancelled = [\"Stornována\"]\n";

/// Fields that empty what is empty now.
const FIELDS: &str = "[target.fields]\nemail = { value = \"contact.email\", on_empty = \"clear\" }\n\
    total = { value = \"stats.total\", on_empty = \"clear\" }\ncount = \"stats.orders_count\"\nurl = \"shop.url\"\n";

/// Jane ordered in both shops, Ann only in the second.
fn imported(configuration: &str) -> Home {
    let mut home = Home::with(configuration);
    let of = |code: &str, email: &str| order(code).email(email).total("10.00");
    let cz = [
        of("1", "jane@shop.example").phone("601123456"),
        of("2", "jane@shop.example").status("Vrácena"),
    ];
    let sk = [of("3", "jane@shop.example"), of("4", "ann@shop.example")];
    home.import_of("cz", None, Some(&orders(&cz)));
    home.import_of("sk", None, Some(&orders(&sk)));
    home
}

fn sync(home: &Home) -> Report {
    home.with_engine(async |engine| engine.sync(&DeliveryOptions::default(), &Silent).await)
        .unwrap()
}

/// Why the next run would look at everything.
fn why_all(home: &Home) -> Option<&'static str> {
    home.with_engine(async |engine| plan(&engine.setup, &mut |_, _| Ok(()), &Silent).await)
        .unwrap()
        .targets[0]
        .why_all
}

fn jane(home: &Home) -> Row {
    home.shown()
        .contact(&by_email("both", "jane@shop.example"))
        .clone()
}

/// What Jane's record shows in these columns before and after the configuration is another one.
fn jane_after(before: &str, after: &str, columns: [&str; 2]) -> [[String; 2]; 2] {
    let mut home = imported(before);
    let shown = |home: &Home| columns.map(|column| jane(home)[column].to_owned());
    let first = shown(&home);
    assert!(why_all(&home).is_none() && sync(&home).targets.is_empty());
    home.configure(after);
    assert_eq!(why_all(&home), Some("its configuration has changed"), "{after}");
    assert_eq!(sync(&home).targets["contacts"].created, 0);
    assert!(
        why_all(&home).is_none() && sync(&home).targets.is_empty(),
        "{after}"
    );
    [first, shown(&home)]
}

#[test]
fn a_shop_that_a_target_takes_from_now_on_comes_with_all_it_has() {
    let narrow = format!("{CZ}{SK}{TARGET}shops = [\"cz\"]\n");
    let mut home = imported(&narrow);
    assert_eq!(
        (home.shown().people().len(), &jane(&home)["orders_count"]),
        (1, "2")
    );
    home.configure(&format!("{CZ}{SK}{TARGET}"));
    let done = sync(&home).targets.remove("contacts").unwrap();
    assert_eq!((done.created, done.updated, done.orders_created), (1, 1, 2));
    let all = home.shown();
    assert_eq!((all.people().len(), &jane(&home)["orders_count"]), (2, "3"));
    // What is not taken any more stays as it is; who is of both shops shows the other.
    home.configure(&narrow);
    let done = sync(&home).targets.remove("contacts").unwrap();
    assert_eq!((done.updated, done.left_out), (1, 1));
    let ann = by_email("both", "ann@shop.example");
    assert_eq!(home.shown().contact(&ann), all.contact(&ann));
    assert_eq!(&jane(&home)["orders_count"], "2");
    assert!(sync(&home).targets.is_empty());
}

#[test]
fn statuses_that_do_not_count_any_more_are_taken_off() {
    let before = format!("{CZ}{SK}{TARGET}");
    let after = before.replace("\"Stornována\"", "\"Stornována\", \"Vrácena\"");
    let [first, then] = jane_after(&before, &after, ["orders_count", "orders_total"]);
    assert_eq!(
        (first, then),
        (
            ["3", "30.00"].map(str::to_owned),
            ["2", "20.00"].map(str::to_owned)
        )
    );
}

#[test]
fn another_country_shows() {
    let before = format!("{CZ}{SK}{TARGET}");
    let mut home = imported(&before);
    let joe = customer("g1").login("joe@shop.example").phone("601123456");
    home.import_of("cz", Some(&customers(&[joe])), None);
    let phone = |home: &Home| home.shown().contact("both:c:g1")["phone"].to_owned();
    assert_eq!(phone(&home), "+420601123456");
    home.configure(&before.replace("\"CZ\"", "\"SK\""));
    sync(&home);
    assert_eq!(phone(&home), "+421601123456");
    assert!(sync(&home).targets.is_empty());
}

#[test]
fn another_currency_and_address_show() {
    let before = format!("{CZ}{SK}{TARGET}{FIELDS}");
    let after = format!("{CZ}{}{TARGET}{FIELDS}", SK.replace("CZK", "EUR"));
    let [first, then] = jane_after(&before, &after, ["total", "email"]);
    assert_eq!((&*first[0], &*then[0]), ("30.00", ""));
    let after = before.replace("//cz.", "//www.cz.").replace("//sk.", "//www.sk.");
    let [first, then] = jane_after(&before, &after, ["url", "email"]);
    assert_ne!(first, then);
    assert!(then[0].starts_with("https://www."), "{then:?}");
}

#[test]
fn whoever_is_no_person_is_nobody_from_now_on() {
    let before = format!("{CZ}{SK}{TARGET}{FIELDS}");
    let after = before.replace("cancelled = ", "not_people = [\"jane@*\"]\ncancelled = ");
    let [first, then] = jane_after(&before, &after, ["email", "count"]);
    assert_eq!((&*first[0], &*then[0]), ("jane@shop.example", ""));
}

#[test]
fn the_shop_that_is_listed_first_now_gives_its_values() {
    let mut home = imported(&format!("{CZ}{SK}{TARGET}"));
    for (shop, guid, name) in [("cz", "g1", "Jane Here"), ("sk", "g2", "Jane There")] {
        let jane = customer(guid)
            .login("jane@shop.example")
            .billing(party(name, "", ""));
        home.import_of(shop, Some(&customers(&[jane])), None);
    }
    let name = |home: &Home| jane(home)["full_name"].to_owned();
    assert_eq!(name(&home), "Jane Here");
    home.configure(&format!("{SK}{CZ}{TARGET}"));
    sync(&home);
    assert_eq!(name(&home), "Jane There");
    assert!(sync(&home).targets.is_empty());
}

#[test]
fn what_means_the_same_is_no_change() {
    let mut home = imported(&format!("{CZ}{SK}{TARGET}"));
    for same in [
        format!("{CZ}{SK}{TARGET}shops = [\"sk\", \"cz\"]\n"),
        format!("{CZ}{SK}{TARGET}").replace(".example\"", ".example/\""),
    ] {
        home.configure(&same);
        assert_eq!(why_all(&home), None, "{same}");
    }
}
