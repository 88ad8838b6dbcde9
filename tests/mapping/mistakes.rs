//! What is wrong with an expression: said when it is loaded, when it is checked, or of the field it was for.

use super::*;

#[test]
fn what_cannot_be_right_is_said_at_load() {
    let mistakes = [
        "contact.emial",
        "contact.emial | lower",
        "contakt.email",
        "customer.groups",
        "orders.code",
        "orders[0].totl",
        "orders | map(attribute='cod') | join(', ')",
        "orders | map(attribute='items') | map(attribute='cod')",
        "last_order.items | map(attribute='price')",
        "orders | selectattr('stat', 'eq', 'done') | list",
        "contact.email.domain",
        "contact[shop.name]",
        "contact.name | uper",
        "contact.name is emty",
        "contact.name.upper()",
        "debug()",
        "now()",
        "order.code",
        "email",
        "contact.name |",
        "contact.name if",
        "{{ contact.name }}",
        "",
    ];
    let mut lines = String::new();
    for mistake in mistakes {
        let error = one(mistake, None).unwrap_err();
        assert_eq!(error.kind(), Kind::Configuration);
        assert!(error.doing().contains("`note`") && error.doing().contains("shoptet-sync.toml:12:9"));
        writeln!(lines, "{mistake}\n    {}", error.cause()).unwrap();
    }
    assert_snapshot!("mistakes", lines);
    assert_snapshot!(one("contact.emial", None).unwrap_err(), @"reading field `note` of target `crm` at shoptet-sync.toml:12:9: unknown path `contact.emial`; the nearest known is `contact.email` (`shoptet-sync fields` lists every value an expression can use)");
    assert_snapshot!(one_of_order("stats.total").unwrap_err().cause(), @"unknown path `stats`; every path begins with `order`, `contact`, `shop` (at `stats` in `stats.total`)");
}

/// Whoever the contact is: so nobody has to be parked first.
#[test]
fn what_never_fits_its_field_is_said_at_load() {
    use ValueType::{Bool, Decimal, Integer, Json, Text, Time};
    let cases = [
        ("orders", None),
        ("orders[1:]", None),
        ("orders | map(attribute='items')", None),
        ("orders", Some(Integer)),
        ("contact", Some(Integer)),
        ("orders[0]", Some(Time)),
        ("last_order.items", Some(Decimal)),
        ("stats.total", Some(Time)),
        ("stats.orders_count", Some(Time)),
        ("last_order.placed_at", Some(Integer)),
        ("last_order.paid", Some(Time)),
    ];
    let mut lines = String::new();
    for (expression, kind) in cases {
        let error = one(expression, kind).unwrap_err();
        assert_eq!(error.kind(), Kind::Configuration, "{expression}");
        assert!(error.doing().contains("`note`") && error.doing().contains("shoptet-sync.toml:12:9"));
        writeln!(lines, "{expression}\n    {}", error.cause()).unwrap();
    }
    assert_snapshot!("never", lines);
    // What may fit for one contact and not for another is not.
    for (expression, kind) in [
        ("orders", Json),
        ("contact", Text),
        ("last_order.items", Text),
        ("stats.total", Integer),
        ("contact.name", Time),
        ("stats.orders_count", Bool),
        ("orders | map(attribute='code')", Integer),
    ] {
        one(expression, Some(kind)).unwrap();
    }
}

#[test]
fn a_result_that_does_not_fit_names_the_field_and_not_the_value() {
    use ValueType::{Bool, Decimal, Integer, Json, Time};
    let cases = [
        ("contact.name", Integer),
        ("contact.name", Decimal),
        ("contact.name", Bool),
        ("contact.name", Time),
        ("stats.total", Integer),
        ("customer.birth_date", Time),
        ("contact.name | int", Integer),
        ("contact.name + 1", Json),
        ("'x' * 2000000", ValueType::Text),
    ];
    let mut lines = String::new();
    for (expression, kind) in cases {
        let error = compute(expression, Some(kind), &company()).unwrap_err();
        assert_eq!(error.kind(), Kind::BadRecord, "{expression}");
        let told = error.to_string();
        for secret in ["Jana", "Nov", "1985", "1489", "P-2026"] {
            assert!(!told.contains(secret), "{told}");
        }
        assert!(error.doing().contains("field `note` of target `crm`"), "{told}");
        writeln!(lines, "{expression}\n    {}", error.cause()).unwrap();
    }
    assert_snapshot!("misfits", lines);
}

#[test]
fn check_tries_every_expression_before_the_first_contact_does() {
    for good in [
        "contact.name | upper",
        "orders | map(attribute='code') | join(', ')",
        "orders[3].items[9].total",
    ] {
        one(good, None).unwrap().check().unwrap();
    }
    Mapping::compile(&settings()).unwrap().check().unwrap();
    let error = one("(orders | first).code", None).unwrap().check().unwrap_err();
    assert_eq!(error.kind(), Kind::Configuration);
    assert_snapshot!(error, @"computing field `note` of target `crm`: `(orders | first).code`: undefined value (tried on an invented contact; write the expression so that empty values do no harm)");
    let error = one("contact.name | round('x')", None)
        .unwrap()
        .check()
        .unwrap_err();
    assert_snapshot!(error.cause(), @"`contact.name | round('x')`: invalid operation: cannot convert string to i32");
    let only = Mapping::compile(&MappingSettings {
        only: Some((
            "stats.total + 1 > 5".to_owned(),
            "shoptet-sync.toml:9:1".to_owned(),
        )),
        ..settings()
    });
    assert_snapshot!(only.unwrap().check().unwrap_err(), @"computing `only` of target `crm`: `stats.total + 1 > 5`: invalid operation: tried to use + operator on unsupported types string and number (tried on an invented contact; write the expression so that empty values do no harm)");
    assert!(
        one_of_order("order.total / 2").unwrap().check().is_err(),
        "an order without a total"
    );
}
