//! From a contact to the values of a target: the default mapping, expressions, statuses, errors.

#![allow(clippy::unwrap_used)]

use std::fmt::Write;

use insta::assert_snapshot;
use jiff::Timestamp;
use rust_decimal::Decimal;
use shoptet_sync::error::{Error, Kind};
use shoptet_sync::mapping::settings::{FieldSettings, MappingSettings, UnmappedStatus};
use shoptet_sync::mapping::{self, Mapping, Needs, Stage};
use shoptet_sync::model::{
    Account, Address, Company, Contact, ContactKind, Customer, FieldSpec, Item, Items, OnEmpty, Order,
    OrderOf, OrderStatus, Party, ShopFacts, Stats, Value, ValueType, WritePolicy,
};

fn settings() -> MappingSettings {
    MappingSettings {
        target: "crm".to_owned(),
        fields: Vec::new(),
        order_fields: Vec::new(),
        statuses: Vec::new(),
        only: None,
        unmapped_status: UnmappedStatus::Park,
    }
}

fn field(name: &str, expression: &str, kind: Option<ValueType>) -> FieldSettings {
    FieldSettings {
        spec: FieldSpec {
            name: name.to_owned(),
            kind: kind.unwrap_or_default(),
            ..FieldSpec::default()
        },
        typed: kind.is_some(),
        expression: expression.to_owned(),
        place: "shoptet-sync.toml:12:9".to_owned(),
    }
}

fn one(expression: &str, kind: Option<ValueType>) -> Result<Mapping, Error> {
    Mapping::compile(&MappingSettings {
        fields: vec![field("note", expression, kind)],
        statuses: vec![("Vyřízena".to_owned(), "done".to_owned())],
        ..settings()
    })
}

fn one_of_order(expression: &str) -> Result<Mapping, Error> {
    Mapping::compile(&MappingSettings {
        order_fields: vec![field("note", expression, None)],
        ..settings()
    })
}

fn compute(expression: &str, kind: Option<ValueType>, contact: &Contact) -> Result<Value, Error> {
    Ok(one(expression, kind)?.contact_values(contact)?.remove(0))
}

fn written(value: &Value) -> String {
    match value {
        Value::Empty => "-".to_owned(),
        Value::Text(text) => format!("text     {text}"),
        Value::Integer(number) => format!("integer  {number}"),
        Value::Decimal(number) => format!("decimal  {number}"),
        Value::Bool(flag) => format!("bool     {flag}"),
        Value::Time(moment) => format!("time     {moment}"),
        Value::Json(json) => format!("json     {json}"),
    }
}

fn shown(mapping: &Mapping, contact: &Contact) -> String {
    let values = mapping.contact_values(contact).unwrap();
    let mut lines = String::new();
    for (spec, value) in mapping.specs().iter().zip(values) {
        writeln!(lines, "{:<18} {}", spec.name, written(&value)).unwrap();
    }
    lines
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn moment(text: &str) -> Option<Timestamp> {
    Some(text.parse().unwrap())
}

fn amount(text: &str) -> Option<Decimal> {
    Some(Decimal::from_str_exact(text).unwrap())
}

fn shop() -> ShopFacts {
    ShopFacts {
        name: "main".to_owned(),
        url: "https://www.shop.example".to_owned(),
    }
}

fn order(code: &str, placed_at: &str, status: &str, total: &str) -> OrderOf {
    let mut items = Items::default();
    items.push(&Item {
        kind: "product".to_owned(),
        code: format!("P-{code}"),
        name: "Hrnek modrý".to_owned(),
        amount: "2".to_owned(),
        unit_price: "600.25".to_owned(),
        total: "1200.50".to_owned(),
    });
    items.push(&Item {
        kind: "shipping".to_owned(),
        name: "Kurýr".to_owned(),
        amount: "1".to_owned(),
        total: "89.00".to_owned(),
        ..Item::default()
    });
    OrderOf {
        shop: shop(),
        order: Order {
            code: code.to_owned(),
            placed_at: moment(placed_at),
            status: OrderStatus {
                id: None,
                name: status.to_owned(),
            },
            currency: "CZK".to_owned(),
            total: amount(total),
            total_without_vat: amount("1000.00"),
            paid: Some(true),
            coupons: texts(&["JARO10", "VIP"]),
            items,
            shipping: "Kurýr".to_owned(),
            payment: "Kartou".to_owned(),
            remark: "Zvonit dvakrát".to_owned(),
            tracking_number: "DR123".to_owned(),
            url: format!("https://www.shop.example/admin/objednavky-detail/?code={code}"),
            ..Order::default()
        },
    }
}

fn company() -> Contact {
    let orders = vec![
        order("2026002", "2026-03-01T09:30:00Z", "Nevyřízena", "1289.50"),
        order("2026001", "2026-01-15T18:05:10Z", "Vyřízena", "200.00"),
    ];
    let billing = Party {
        name: "Jana Nováková".to_owned(),
        company: Company {
            name: "Hrnky s.r.o.".to_owned(),
            id: "12345678".to_owned(),
            vat_id: "CZ12345678".to_owned(),
            tax_id: "CZ12345678".to_owned(),
        },
        address: Address {
            street: "Dlouhá".to_owned(),
            house_number: "12/3".to_owned(),
            city: "Praha".to_owned(),
            district: "Praha 1".to_owned(),
            zip: "110 00".to_owned(),
            country_code: "CZ".to_owned(),
        },
    };
    Contact {
        key: "main:c:d7cc9ff4-9a15-11e3".to_owned(),
        kind: ContactKind::Registered,
        email: "jana@hrnky.example".to_owned(),
        emails: texts(&["jana@hrnky.example", "sklad@hrnky.example"]),
        phone: "+420601123456".to_owned(),
        phones: texts(&["+420601123456"]),
        name: billing.name.clone(),
        first_name: "Jana".to_owned(),
        last_name: "Nováková".to_owned(),
        company: billing.company.clone(),
        address: billing.address.clone(),
        newsletter: Some(false),
        customer: Some(Customer {
            guid: "d7cc9ff4-9a15-11e3".to_owned(),
            created_at: moment("2024-05-01T10:00:00Z"),
            changed_at: moment("2026-02-01T10:00:00Z"),
            group: "Velkoobchod".to_owned(),
            price_list: "Velkoobchodní ceník".to_owned(),
            remark: "platí včas".to_owned(),
            birth_date: "1985-02-03".to_owned(),
            admin_url: "https://www.shop.example/admin/zakaznik/7".to_owned(),
            deliveries: vec![billing.clone()],
            accounts: vec![
                Account {
                    guid: "a1".to_owned(),
                    email: "jana@hrnky.example".to_owned(),
                    main: true,
                    ..Account::default()
                },
                Account {
                    guid: "a2".to_owned(),
                    email: "sklad@hrnky.example".to_owned(),
                    ..Account::default()
                },
            ],
            billing,
            newsletter: Some(false),
        }),
        stats: Stats {
            orders_count: 2,
            totals: vec![
                ("CZK".to_owned(), Decimal::new(148_950, 2)),
                ("EUR".to_owned(), Decimal::new(1500, 2)),
            ],
            total: amount("1489.50"),
            first_order_at: moment("2026-01-15T18:05:10Z"),
            last_order_at: moment("2026-03-01T09:30:00Z"),
        },
        shop: shop(),
        first_order: orders.last().cloned(),
        last_order: orders.first().cloned(),
        orders,
        ..Contact::default()
    }
}

fn hungarian_guest() -> Contact {
    let mut only = order("2026003", "2026-02-02T08:00:00Z", "Stornována", "9990");
    only.order.currency = "HUF".to_owned();
    Contact {
        key: "main:e:0123456789abcdef".to_owned(),
        email: "anna@posta.example".to_owned(),
        emails: texts(&["anna@posta.example"]),
        phone: "+36301234567".to_owned(),
        phones: texts(&["+36301234567"]),
        name: "Kovács Anna".to_owned(),
        first_name: "Anna".to_owned(),
        last_name: "Kovács".to_owned(),
        address: Address {
            street: "Fő utca 1.".to_owned(),
            city: "Budapest".to_owned(),
            zip: "1011".to_owned(),
            country_code: "HU".to_owned(),
            ..Address::default()
        },
        stats: Stats {
            total: amount("0"),
            ..Stats::default()
        },
        shop: shop(),
        first_order: Some(only.clone()),
        last_order: Some(only.clone()),
        orders: vec![only],
        ..Contact::default()
    }
}

#[test]
fn the_default_mapping_of_a_registered_company() {
    let mapping = Mapping::compile(&settings()).unwrap();
    assert_snapshot!(shown(&mapping, &company()), @r#"
    email              text     jana@hrnky.example
    emails             text     jana@hrnky.example, sklad@hrnky.example
    phone              text     +420601123456
    full_name          text     Jana Nováková
    first_name         text     Jana
    last_name          text     Nováková
    company            text     Hrnky s.r.o.
    company_id         text     12345678
    vat_id             text     CZ12345678
    street             text     Dlouhá
    house_number       text     12/3
    city               text     Praha
    zip                text     110 00
    country_code       text     CZ
    customer_group     text     Velkoobchod
    registered_at      time     2024-05-01T10:00:00Z
    orders_count       integer  2
    orders_total       decimal  1489.50
    first_order_at     time     2026-01-15T18:05:10Z
    last_order_at      time     2026-03-01T09:30:00Z
    last_order_code    text     2026002
    last_order_status  text     Nevyřízena
    last_order_url     text     https://www.shop.example/admin/objednavky-detail/?code=2026002
    shop               text     main
    "#);
}

#[test]
fn the_default_mapping_of_a_guest() {
    let mapping = Mapping::compile(&settings()).unwrap();
    assert_snapshot!(shown(&mapping, &hungarian_guest()), @r#"
    email              text     anna@posta.example
    emails             text     anna@posta.example
    phone              text     +36301234567
    full_name          text     Kovács Anna
    first_name         text     Anna
    last_name          text     Kovács
    company            -
    company_id         -
    vat_id             -
    street             text     Fő utca 1.
    house_number       -
    city               text     Budapest
    zip                text     1011
    country_code       text     HU
    customer_group     -
    registered_at      -
    orders_count       integer  0
    orders_total       decimal  0
    first_order_at     -
    last_order_at      time     2026-02-02T08:00:00Z
    last_order_code    text     2026003
    last_order_status  text     Stornována
    last_order_url     text     https://www.shop.example/admin/objednavky-detail/?code=2026003
    shop               text     main
    "#);
}

#[test]
fn the_default_mapping_of_somebody_unknown() {
    let mapping = Mapping::compile(&settings()).unwrap();
    let values = mapping.contact_values(&Contact::default()).unwrap();
    let known: Vec<_> = values.iter().filter(|value| **value != Value::Empty).collect();
    assert_eq!(known, [&Value::Integer(0)], "only the count of orders is known");
}

#[test]
fn every_path_there_is() {
    let listed = |paths: Vec<mapping::Path>| {
        let lines = paths.iter().map(|path| {
            format!(
                "{:<38} {:<8} {}",
                path.name,
                format!("{:?}", path.kind).to_lowercase(),
                path.meaning
            )
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!("paths", listed(mapping::paths()));
    assert_snapshot!("order_paths", listed(mapping::order_paths()));
}

/// `orders[].items[].code` as an expression: of the first entry, as the `for`-less way is.
fn as_expression(path: &str) -> String {
    path.replace("[]", "[0]")
}

#[test]
fn every_path_is_read_bare_and_computed() {
    let contact = company();
    for path in mapping::paths() {
        let bare = as_expression(&path.name);
        for expression in [bare.clone(), format!("({bare}) or ''")] {
            for contact in [&contact, &Contact::default()] {
                let value = compute(&expression, Some(ValueType::Text), contact)
                    .or_else(|_| compute(&expression, Some(ValueType::Json), contact))
                    .unwrap_or_else(|error| panic!("{expression}: {error}"));
                let empty_anyway = [
                    "orders[0].stage",
                    "last_order.stage",
                    "customer.accounts[0].phone",
                    "customer.accounts[0].name",
                ];
                if *contact != Contact::default() && !empty_anyway.contains(&bare.as_str()) {
                    let falsy = bare == "contact.newsletter" && expression != bare;
                    assert!(value != Value::Empty || falsy, "{expression} reads nothing");
                }
            }
        }
        if !path.name.contains("[]") {
            let mapping = one(&path.name, None).unwrap();
            assert_eq!(mapping.specs()[0].kind, path.kind, "{}", path.name);
            mapping.contact_values(&contact).unwrap();
        }
    }
    for path in mapping::order_paths() {
        let mapping = one_of_order(&as_expression(&path.name)).unwrap();
        let values = mapping.order_values(&contact, &contact.orders[0]).unwrap();
        assert_eq!(values.len(), 1);
    }
}

#[test]
fn expressions() {
    use ValueType::{Bool, Decimal, Integer, Json, Text};
    let cases = [
        ("contact.email", None),
        ("contact.emails", None),
        ("contact.emails", Some(Json)),
        ("contact.newsletter", None),
        ("contact.newsletter", Some(Text)),
        ("stats.totals", None),
        ("stats.totals", Some(Json)),
        ("stats.totals.EUR", Some(Decimal)),
        ("stats.totals.USD", Some(Decimal)),
        ("stats.totals['CZK'] * 2", Some(Decimal)),
        ("stats.total", None),
        ("stats.total", Some(Text)),
        ("stats.total > 1000", Some(Bool)),
        ("stats.total < 1000", Some(Bool)),
        ("not stats.total > 1000 and 1000 <= stats.total", Some(Bool)),
        ("1 < (stats.total) < stats.totals.CZK + 1", Some(Bool)),
        ("stats.totals.USD > 1", Some(Bool)),
        (
            "orders | selectattr('total', 'gt', 500) | map(attribute='code') | list",
            Some(Json),
        ),
        ("(orders | first).total > 500 if orders else '-'", None),
        (
            "orders | map(attribute='total') | last > 500 if orders else '-'",
            None,
        ),
        ("last_order.total > 500 and orders[5].total <= 0", Some(Bool)),
        ("stats.total + 0.1", Some(Decimal)),
        ("'%.2f' | format(stats.total)", None),
        ("(stats.total / 100) | round(0) | int", Some(Integer)),
        ("stats.orders_count", Some(Text)),
        ("'VIP' if stats.orders_count >= 2 else 'new'", None),
        ("'VIP' if stats.orders_count >= 3", None),
        ("customer.created_at", None),
        ("customer.created_at[:10]", None),
        ("customer.created_at", Some(Text)),
        ("customer.created_at", Some(Json)),
        ("stats.last_order_at > '2026-02'", Some(Bool)),
        ("[contact.name, contact.company] | select | join(' / ')", None),
        ("contact.name ~ ' <' ~ contact.email ~ '>'", None),
        ("contact.name | upper", None),
        ("(contact.company or contact.name) | truncated", None),
        ("contact.company or contact.name", None),
        ("contact.zip | replace(' ', '')", Some(Integer)),
        ("contact.phone | replace('+', '00')", None),
        ("contact['city']", None),
        ("orders | map(attribute='code') | join(', ')", None),
        ("orders | map(attribute='code')", None),
        ("orders | map(attribute='code') | list", Some(Json)),
        ("orders | length", Some(Integer)),
        ("orders[0].code", None),
        ("orders[-1].code", None),
        ("orders[7].code", None),
        ("orders[:1] | map(attribute='total') | sum", Some(Decimal)),
        ("orders | sum(attribute='total')", Some(Decimal)),
        (
            "orders | selectattr('stage', 'eq', 'done') | map(attribute='code') | join",
            None,
        ),
        ("orders | map(attribute='items.0.code') | join(' ')", None),
        (
            "(orders | first).items | selectattr('type', 'eq', 'product') | map(attribute='total') | sum",
            Some(Decimal),
        ),
        ("(orders | sort(attribute='total') | first).code", None),
        ("last_order.coupons", None),
        ("'JARO10' in last_order.coupons", Some(Bool)),
        ("last_order.items", None),
        ("last_order.items[0]", Some(Json)),
        ("last_order.stage", None),
        ("first_order.stage", None),
        (
            "customer.accounts | rejectattr('main') | map(attribute='email') | join(', ')",
            None,
        ),
        ("customer.accounts", None),
        ("customer.delivery_addresses[0].city", None),
        ("contact.kind == 'registered'", Some(Bool)),
        ("'text'", Some(Json)),
        (
            "{'email': contact.email, 'orders': stats.orders_count}",
            Some(Json),
        ),
        ("none", None),
        ("shop.name", None),
    ];
    let empty = Contact::default();
    let company = company();
    let mut lines = String::new();
    for (expression, kind) in cases {
        let of = |contact| match compute(expression, kind, contact) {
            Ok(value) => written(&value),
            Err(error) => format!("{:?}: {}", error.kind(), error.cause()),
        };
        writeln!(lines, "{expression}\n    {}\n    {}", of(&company), of(&empty)).unwrap();
    }
    assert_snapshot!("expressions", lines);
}

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

#[test]
fn an_expression_of_the_greatest_length_does_no_harm() {
    let longest = |part: &str, end: &str| {
        let mut text = part.repeat((2000 - end.len()) / part.len());
        text.push_str(end);
        text
    };
    for text in [
        longest("1+", "1"),
        longest("1 if 1 else ", "1"),
        longest("not ", "1"),
        longest("1 and ", "1"),
    ] {
        one(&text, Some(ValueType::Text))
            .and_then(|mapping| mapping.check())
            .ok();
    }
    for nested in ["(", "[", "-", "{1:"] {
        assert!(one(&nested.repeat(600), None).is_err());
    }
    let error = one(&"1+".repeat(1000), None)
        .and(one(&"1 +".repeat(1000), None))
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Configuration);
    assert!(
        one(&"1 +".repeat(1000), None)
            .unwrap_err()
            .cause()
            .contains("longer than 2000")
    );
}

#[test]
fn only_decides_who_goes_there() {
    let wants = |expression: &str, contact: &Contact| {
        let mapping = Mapping::compile(&MappingSettings {
            only: Some((expression.to_owned(), "shoptet-sync.toml:9:1".to_owned())),
            ..settings()
        });
        mapping.unwrap().wants(contact).unwrap()
    };
    assert!(
        Mapping::compile(&settings())
            .unwrap()
            .wants(&Contact::default())
            .unwrap()
    );
    assert!(wants("stats.orders_count > 0", &company()));
    assert!(!wants("stats.orders_count > 0", &hungarian_guest()));
    assert!(wants("contact.kind == 'guest'", &hungarian_guest()));
    assert!(!wants("contact.newsletter", &company()));
    assert!(!wants("contact.newsletter", &Contact::default()));
    assert!(wants("contact.company", &company()));
    assert!(!wants("contact.company", &hungarian_guest()));
    assert!(wants("stats.total > 1000", &company()));
    assert!(!wants("stats.total > 1000", &Contact::default()));
}

#[test]
fn order_fields_see_the_order_its_contact_and_its_shop() {
    let contact = company();
    let mut of_outlet = contact.orders[1].clone();
    of_outlet.shop.name = "outlet".to_owned();
    let mapping = Mapping::compile(&MappingSettings {
        order_fields: vec![
            field("remark", "order.remark", None),
            field("shop", "shop.name", None),
            field(
                "line",
                "order.code ~ ' of ' ~ contact.name ~ ' in ' ~ shop.name",
                None,
            ),
            field(
                "goods",
                "order.items | selectattr('type', 'eq', 'product') | map(attribute='name')",
                None,
            ),
            field("stage", "order.stage", None),
        ],
        statuses: vec![("Vyřízena".to_owned(), "done".to_owned())],
        ..settings()
    });
    let mapping = mapping.unwrap();
    let values = mapping.order_values(&contact, &of_outlet).unwrap();
    assert_snapshot!(values.iter().map(written).collect::<Vec<_>>().join("\n"), @r#"
    text     Zvonit dvakrát
    text     outlet
    text     2026001 of Jana Nováková in outlet
    text     Hrnek modrý
    text     done
    "#);
    let needs = mapping.order_needs();
    assert!(needs.order_details && needs.items && !needs.orders && !needs.customer_details);
}

#[test]
fn statuses_are_found_by_id_of_the_shop_then_id_then_name_then_star() {
    let statuses = [
        ("main/26", "of this shop"),
        ("26", "by id"),
        ("-3", "system"),
        ("Vyr\u{30c}i\u{301}zena ", "by name"),
        ("10", "a name of digits"),
        ("a/b", "a name with a slash"),
        ("@deleted", "gone"),
        ("*", "all others"),
    ];
    let compile = |statuses: &[(&str, &str)], unmapped_status| {
        Mapping::compile(&MappingSettings {
            statuses: statuses
                .iter()
                .map(|(status, word)| ((*status).to_owned(), (*word).to_owned()))
                .collect(),
            unmapped_status,
            ..settings()
        })
    };
    let status = |id, name: &str| OrderStatus {
        id,
        name: name.to_owned(),
    };
    let all = compile(&statuses, UnmappedStatus::Park).unwrap();
    for (shop, asked, word) in [
        ("main", status(Some(26), "Vyřízena"), "of this shop"),
        ("outlet", status(Some(26), "Vyřízena"), "by id"),
        ("main", status(Some(-3), ""), "system"),
        ("main", status(Some(5), "Vyřízena"), "by name"),
        ("main", status(None, "Vyřízena"), "by name"),
        ("main", status(None, " Vyr\u{30c}i\u{301}zena"), "by name"),
        ("main", status(None, "vyřízena"), "all others"),
        ("main", status(None, "10"), "a name of digits"),
        ("main", status(None, "a/b"), "a name with a slash"),
        ("main", status(None, ""), "all others"),
    ] {
        assert_eq!(all.stage(shop, &asked), Stage::Mapped(word), "{asked:?}");
    }
    assert_eq!(all.deleted_stage(), Some("gone"));

    let unknown = status(None, "Nová");
    let some = &statuses[..4];
    assert_eq!(
        compile(some, UnmappedStatus::Park)
            .unwrap()
            .stage("main", &unknown),
        Stage::Unmapped
    );
    assert_eq!(
        compile(some, UnmappedStatus::Keep)
            .unwrap()
            .stage("main", &unknown),
        Stage::Kept
    );
    assert_eq!(compile(some, UnmappedStatus::Keep).unwrap().deleted_stage(), None);

    let twice = compile(
        &[("Vyřízena", "a"), (" Vyr\u{30c}i\u{301}zena", "b")],
        UnmappedStatus::Park,
    );
    assert_snapshot!(twice.unwrap_err(), @"reading the statuses of target `crm`: the status `Vyřízena` is mapped twice (keep one of the two lines; names are compared trimmed and in Unicode NFC)");
}

#[test]
fn the_stage_of_an_unmapped_status_is_empty_or_the_shop_s_name() {
    let stage = |unmapped_status| {
        let mapping = Mapping::compile(&MappingSettings {
            fields: vec![field("stage", "last_order.stage", None)],
            unmapped_status,
            ..settings()
        });
        mapping.unwrap().contact_values(&company()).unwrap().remove(0)
    };
    assert_eq!(stage(UnmappedStatus::Keep), Value::Text("Nevyřízena".to_owned()));
    assert_eq!(stage(UnmappedStatus::Park), Value::Empty);
}

#[test]
fn only_what_is_named_has_to_be_loaded() {
    let needs = |expression: &str| one(expression, Some(ValueType::Json)).unwrap().needs();
    let nothing = Needs::default();
    let orders = Needs {
        orders: true,
        ..nothing
    };
    assert_eq!(Mapping::compile(&settings()).unwrap().needs(), nothing);
    assert_eq!(needs("contact.email ~ stats.total ~ last_order.code"), nothing);
    assert_eq!(needs("orders | map(attribute='code')"), orders);
    assert_eq!(
        needs("orders | selectattr('paid') | map(attribute='total') | sum"),
        orders
    );
    assert_eq!(needs("orders | length"), orders);
    let details = Needs {
        order_details: true,
        ..nothing
    };
    assert_eq!(needs("last_order.remark"), details);
    assert_eq!(needs("first_order.tracking_number ~ ''"), details);
    let items = Needs {
        items: true,
        ..nothing
    };
    assert_eq!(needs("last_order.items[0].name"), items);
    assert_eq!(
        needs("orders | map(attribute='items') | first"),
        Needs {
            items: true,
            ..orders
        }
    );
    let customer = Needs {
        customer_details: true,
        ..nothing
    };
    assert_eq!(needs("customer.accounts | length"), customer);
    assert_eq!(
        needs("customer.group ~ customer.guid ~ customer.created_at"),
        nothing
    );
    // Where a whole record goes somewhere, everything in it is needed.
    let all_of_orders = Needs {
        order_details: true,
        items: true,
        ..orders
    };
    assert_eq!(needs("orders"), all_of_orders);
    assert_eq!(needs("orders | tojson"), all_of_orders);
    assert_eq!(
        needs("[last_order, first_order]"),
        Needs {
            orders: false,
            ..all_of_orders
        }
    );
    assert_eq!(
        needs("last_order if stats.total else first_order"),
        Needs {
            orders: false,
            ..all_of_orders
        }
    );
    assert_eq!(needs("customer"), customer);
    let only = Mapping::compile(&MappingSettings {
        only: Some(("orders | length > 1".to_owned(), String::new())),
        ..settings()
    });
    assert_eq!(only.unwrap().needs(), orders);
}

#[test]
fn the_fingerprint_changes_with_whatever_changes_the_outcome() {
    let base = || MappingSettings {
        fields: vec![
            field("a", "contact.email", None),
            field("b", "contact.name", None),
        ],
        order_fields: vec![field("c", "order.code", None)],
        statuses: vec![("Vyřízena".to_owned(), "done".to_owned())],
        only: Some(("contact.email".to_owned(), "here".to_owned())),
        ..settings()
    };
    let fingerprint =
        |settings: MappingSettings| Mapping::compile(&settings).unwrap().fingerprint().to_owned();
    let changed = |change: fn(&mut MappingSettings)| {
        let mut settings = base();
        change(&mut settings);
        fingerprint(settings)
    };
    let all = [
        fingerprint(base()),
        fingerprint(settings()),
        changed(|s| s.fields[0].expression = "contact.phone".to_owned()),
        changed(|s| s.fields[0].spec.name = "x".to_owned()),
        changed(|s| s.fields[0].spec.write = WritePolicy::Always),
        changed(|s| s.fields[0].spec.on_empty = OnEmpty::Clear),
        changed(|s| s.fields[0] = field("a", "contact.email", Some(ValueType::Json))),
        changed(|s| s.fields.swap(0, 1)),
        changed(|s| s.order_fields[0].expression = "order.url".to_owned()),
        changed(|s| s.order_fields.clear()),
        changed(|s| s.statuses[0].1 = "closed".to_owned()),
        changed(|s| s.statuses[0].0 = "*".to_owned()),
        changed(|s| s.statuses.clear()),
        changed(|s| s.only = None),
        changed(|s| s.unmapped_status = UnmappedStatus::Keep),
    ];
    let different: std::collections::HashSet<_> = all.iter().collect();
    assert_eq!(different.len(), all.len());
    assert_eq!(all[0], fingerprint(base()));
    assert_eq!(all[0], changed(|s| s.fields[0].place = "elsewhere".to_owned()));
    assert_eq!(
        all[0],
        changed(|s| s.fields[0].spec.kind = ValueType::Json),
        "an untyped field has its path's"
    );
}

#[test]
fn how_a_field_is_written_comes_through() {
    let mut clearing = field("phone", "contact.phone", None);
    clearing.spec.write = WritePolicy::IfEmpty;
    clearing.spec.on_empty = OnEmpty::Clear;
    let mapping = Mapping::compile(&MappingSettings {
        fields: vec![clearing, field("total", "stats.total", None)],
        ..settings()
    });
    let mapping = mapping.unwrap();
    assert_eq!(mapping.specs()[0].write, WritePolicy::IfEmpty);
    assert_eq!(mapping.specs()[0].on_empty, OnEmpty::Clear);
    assert_eq!(mapping.specs()[1].kind, ValueType::Decimal);
    assert_eq!(
        mapping.expressions().collect::<Vec<_>>(),
        ["contact.phone", "stats.total"]
    );
}

#[test]
fn a_mapping_can_be_shared_between_threads() {
    fn shareable<T: Send + Sync>(_: &T) {}
    shareable(&Mapping::compile(&settings()).unwrap());
}
