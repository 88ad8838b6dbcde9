//! Invented contacts on which `check` tries every expression: what only shows at evaluation (a
//! filter's argument, a list that is empty) then shows before the first real contact.

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::model::{
    Account, Address, Company, Contact, ContactKind, Customer, Item, Items, Order, OrderOf, OrderStatus,
    Party, ShopFacts, Stats,
};

/// A registered customer with everything, a guest with little, and one of whom nothing is known.
pub fn contacts() -> Vec<Contact> {
    vec![registered(), guest(), Contact::default()]
}

/// The order that order fields are tried on, besides an empty one.
pub fn order() -> OrderOf {
    let mut items = Items::default();
    items.push(&Item {
        kind: "product".to_owned(),
        code: "A-1".to_owned(),
        name: "Sample".to_owned(),
        amount: "2".to_owned(),
        unit_price: "600.25".to_owned(),
        total: "1200.50".to_owned(),
        vat_rate: "21".to_owned(),
    });
    OrderOf {
        shop: shop(),
        order: Order {
            code: "2026000001".to_owned(),
            placed_at: Some(moment()),
            changed_at: Some(moment()),
            status: OrderStatus {
                id: Some(-3),
                name: "Sample".to_owned(),
            },
            email: "sample@shop.example".to_owned(),
            phone: "+420601000000".to_owned(),
            billing: party(),
            delivery: party(),
            currency: "CZK".to_owned(),
            exchange_rate: Some(Decimal::ONE),
            total: Some(Decimal::new(120_050, 2)),
            total_without_vat: Some(Decimal::new(99_215, 2)),
            paid: Some(true),
            coupons: vec!["SAMPLE10".to_owned()],
            items,
            shipping: "Sample".to_owned(),
            payment: "Sample".to_owned(),
            remark: "Sample".to_owned(),
            tracking_number: "SAMPLE1".to_owned(),
            url: "https://shop.example/admin/1".to_owned(),
            ..Order::default()
        },
    }
}

fn registered() -> Contact {
    Contact {
        key: "sample:c:1".to_owned(),
        kind: ContactKind::Registered,
        phone: "+420601000000".to_owned(),
        phones: vec!["+420601000000".to_owned()],
        company: party().company,
        newsletter: Some(true),
        customer: Some(Customer {
            guid: "1".to_owned(),
            created_at: Some(moment()),
            changed_at: Some(moment()),
            billing: party(),
            deliveries: vec![party()],
            accounts: vec![Account {
                guid: "2".to_owned(),
                email: "sample@shop.example".to_owned(),
                phone: "+420601000000".to_owned(),
                name: "Sample Person".to_owned(),
                main: true,
            }],
            group: "Sample".to_owned(),
            price_list: "Sample".to_owned(),
            remark: "Sample".to_owned(),
            birth_date: "1990-01-31".to_owned(),
            admin_url: "https://shop.example/admin/2".to_owned(),
            newsletter: Some(true),
        }),
        ..guest()
    }
}

fn guest() -> Contact {
    Contact {
        key: "sample:e:1".to_owned(),
        kind: ContactKind::Guest,
        email: "sample@shop.example".to_owned(),
        emails: vec!["sample@shop.example".to_owned()],
        name: "Sample Person".to_owned(),
        first_name: "Sample".to_owned(),
        last_name: "Person".to_owned(),
        address: party().address,
        stats: Stats {
            orders_count: 1,
            totals: vec![("CZK".to_owned(), Decimal::new(120_050, 2))],
            total: Some(Decimal::new(120_050, 2)),
            first_order_at: Some(moment()),
            last_order_at: Some(moment()),
        },
        shop: shop(),
        first_order: Some(order()),
        last_order: Some(order()),
        orders: vec![order()],
        ..Contact::default()
    }
}

fn party() -> Party {
    Party {
        name: "Sample Person".to_owned(),
        company: Company {
            name: "Sample Ltd".to_owned(),
            id: "12345678".to_owned(),
            vat_id: "CZ12345678".to_owned(),
            tax_id: "12345678".to_owned(),
        },
        address: Address {
            street: "Sample Street".to_owned(),
            house_number: "1".to_owned(),
            city: "Sampletown".to_owned(),
            district: "Sample".to_owned(),
            zip: "100 00".to_owned(),
            country_code: "CZ".to_owned(),
        },
    }
}

fn shop() -> ShopFacts {
    ShopFacts {
        name: "sample".to_owned(),
        url: "https://shop.example".to_owned(),
    }
}

fn moment() -> Timestamp {
    Timestamp::constant(1_767_225_600, 0)
}
