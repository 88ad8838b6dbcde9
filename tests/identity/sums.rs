//! What the orders of a contact add up to.

use super::e;
use crate::imported::{Home, Row, SHOP, TARGET};
use crate::written::{Order, order, orders};

/// The sums per currency, which the default mapping does not show.
const FIELDS: &str = "[target.fields]\ncount = \"stats.orders_count\"\ntotal = \"stats.total\"\n\
    totals = \"stats.totals\"\nfirst = \"stats.first_order_at\"\nlast = \"stats.last_order_at\"\n\
    newest = \"last_order.code\"\n";

fn by_guest(code: &str) -> Order {
    order(code).email("guest@shop.example")
}

fn sums_in(shop: &str, placed: &[Order]) -> Row {
    let mut home = Home::with(&format!("{shop}{TARGET}{FIELDS}"));
    home.import("", &orders(placed));
    home.shown().contact(&e("guest@shop.example")).clone()
}

#[test]
fn per_currency_and_in_the_shops_own() {
    let row = sums_in(
        SHOP,
        &[
            by_guest("1").total("100.10"),
            by_guest("2").total("0.20"),
            by_guest("3").total("10.00").in_currency("EUR", "25.105"),
            by_guest("4").total("0.10").in_currency("EUR", "24.55"),
        ],
    );
    assert_eq!(&row["totals"], "100.30 CZK, 10.10 EUR");
    // 100.10 + 0.20 + 251.05 + 2.46 (2.455 rounded half away from zero, each order by itself)
    assert_eq!((&row["count"], &row["total"]), ("4", "353.81"));
}

#[test]
fn rounded_to_the_decimals_of_the_shops_currency() {
    let shop = SHOP.replace("\"CZK\"", "\"JPY\"");
    let placed = [
        by_guest("1").total("10.00").in_currency("EUR", "163.25"),
        by_guest("2").total("5").in_currency("JPY", "1"),
    ];
    assert_eq!(&sums_in(&shop, &placed)["total"], "1638");
}

#[test]
fn an_unknown_rate_makes_the_sum_unknown_rather_than_wrong() {
    let row = sums_in(
        SHOP,
        &[by_guest("1"), by_guest("2").total("10.00").in_currency("EUR", "")],
    );
    assert_eq!((&row["count"], &row["total"]), ("2", ""));
    assert_eq!(&row["totals"], "100.00 CZK, 10.00 EUR");
}

#[test]
fn cancelled_orders_are_listed_but_not_counted() {
    let placed = [
        by_guest("1").placed("2024-05-01"),
        by_guest("2").placed("2024-05-02").status("Stornována"),
        by_guest("0").placed("2024-04-01").status("Stornovaná"),
    ];
    let row = sums_in(SHOP, &placed);
    assert_eq!(
        (&row["count"], &row["total"], &row["newest"]),
        ("1", "100.00", "2")
    );
    assert_eq!(
        (&row["first"], &row["last"]),
        ("2024-05-01T12:00:00Z", "2024-05-01T12:00:00Z")
    );
}

#[test]
fn which_orders_are_cancelled_is_configured() {
    let shop = format!("{SHOP}[shop.orders]\ncancelled = [\"Vráceno\"]\n");
    let row = sums_in(
        &shop,
        &[
            by_guest("1").status("Stornována"),
            by_guest("2").status("Vráceno"),
        ],
    );
    assert_eq!((&row["count"], &row["total"]), ("1", "100.00"));
}

#[test]
fn a_contact_whose_orders_are_all_cancelled_has_a_sum_of_nothing() {
    let row = sums_in(SHOP, &[by_guest("1").status("Stornována")]);
    assert_eq!(
        (&row["count"], &row["total"], &row["totals"], &row["last"]),
        ("0", "0", "", "")
    );
}

#[test]
fn shops_of_a_group_with_different_currencies_have_no_common_sum() {
    let shop = |name: &str, currency: &str| {
        format!(
            "[[shop]]\nname = \"{name}\"\ngroup = \"both\"\nurl = \"https://{name}.example\"\ncountry = \"CZ\"\n\
             currency = \"{currency}\"\n[shop.exports]\norders_hash = \"x\"\n[shop.customers]\nmode = \"off\"\n"
        )
    };
    let only_cz = "[[target]]\nname = \"cz\"\nkind = \"sqlite\"\npath = \"cz.db\"\nshops = [\"cz\"]\n";
    let mut home = Home::with(&format!(
        "{}{}{TARGET}{FIELDS}{only_cz}{FIELDS}",
        shop("cz", "CZK"),
        shop("sk", "EUR")
    ));
    let placed = |currency: &str| orders(&[by_guest("1").in_currency(currency, "1")]);
    home.import_of("cz", None, Some(&placed("CZK")));
    home.import_of("sk", None, Some(&placed("EUR")));
    let key = crate::imported::by_email("both", "guest@shop.example");
    let shown = home.shown();
    let row = shown.contact(&key);
    assert_eq!((&row["count"], &row["total"]), ("2", ""));
    assert_eq!(&row["totals"], "100.00 CZK, 100.00 EUR");
    let shown = home.shown_in("cz.db");
    assert_eq!(
        &shown.contact(&key)["total"],
        "100.00",
        "where one shop alone is shown"
    );
}

/// However the configuration names a status and whichever half of it a document tells.
#[test]
fn half_a_status_is_the_whole_one() {
    let placed = orders(&["1", "2", "3", "4"].map(|code| by_guest(code).status("Zrušena")));
    let mut lines = placed.lines().map(str::to_owned).collect::<Vec<_>>();
    let whole = "\"status\":{\"id\":null,\"name\":\"Zrušena\"}";
    for (place, halves) in [
        (0, "\"id\":-4,\"name\":\"Zrušena\""),
        (1, "\"id\":-4,\"name\":null"),
    ] {
        assert!(lines[place].contains(whole), "{}", lines[place]);
        lines[place] = lines[place].replace(whole, &format!("\"status\":{{{halves}}}"));
    }
    lines[3] = lines[3].replace("Zrušena", "Vyřízena");
    for named in ["-4", "\"Zrušena\""] {
        let shop = format!("{SHOP}[shop.orders]\ncancelled = [{named}]\n");
        let mut home = Home::with(&format!("{shop}{TARGET}{FIELDS}"));
        home.import("", &lines.join("\n"));
        let shown = home.shown();
        assert_eq!(&shown.contact(&e("guest@shop.example"))["count"], "1", "{named}");
        assert_eq!(&shown.order("main:2")["status"], "Zrušena");
    }
}
