//! From a contact to the values of a target: the default mapping, expressions, statuses, errors.

#![allow(clippy::unwrap_used)]

mod defaults;
mod paths;
mod expressions;
mod mistakes;
mod orders;
mod statuses;
mod outcome;

use std::fmt::Write;

use insta::assert_snapshot;
use jiff::Timestamp;
use rust_decimal::Decimal;
use shoptet_sync::error::{Error, Kind};
use shoptet_sync::mapping::settings::{FieldSettings, MappingSettings, UnmappedStatus};
use shoptet_sync::mapping::{self, Mapping, Needs, Stage};
use shoptet_sync::model::{
    Account, Address, Company, Contact, ContactKind, Customer, DATABASE, FieldSpec, Item, Items, OnEmpty,
    Order, OrderOf, OrderStatus, Party, ShopFacts, Stats, Value, ValueType, WritePolicy,
};

fn settings() -> MappingSettings {
    MappingSettings {
        target: "crm".to_owned(),
        fields: Vec::new(),
        order_fields: Vec::new(),
        statuses: Vec::new(),
        only: None,
        unmapped_status: UnmappedStatus::Park,
        conventions: &DATABASE,
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
        Value::List(texts) => format!("list     {}", texts.join(" | ")),
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
        vat_rate: "21".to_owned(),
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
