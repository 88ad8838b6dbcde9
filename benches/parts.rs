//! The parts of an import that take the most time, each alone.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a measurement that cannot be set up ends"
)]

mod shop;

use std::sync::OnceLock;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use jiff::tz::TimeZone;
use shop::Shop;
use shoptet_sync::merge::{email, phone};
use shoptet_sync::model::Reading;
use shoptet_sync::source::document::{Locale, read_customers, read_orders};

fn main() {
    divan::main();
}

fn shop() -> &'static Shop {
    static SHOP: OnceLock<Shop> = OnceLock::new();
    SHOP.get_or_init(Shop::from_environment)
}

fn locale() -> Locale {
    Locale {
        timezone: TimeZone::get("Europe/Prague").unwrap(),
        country: "CZ".to_owned(),
        currency: "CZK".to_owned(),
    }
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn read_orders_xml(bencher: Bencher) {
    let (file, locale) = (shop().orders_file(), locale());
    bencher
        .counter(ItemsCount::new(shop().orders))
        .counter(BytesCount::new(file.metadata().unwrap().len()))
        .bench_local(|| {
            read_orders(&file, &locale, &mut |order, _| {
                black_box(order);
                Ok(())
            })
            .unwrap()
        });
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn read_customers_json_gzip(bencher: Bencher) {
    let (file, locale) = (shop().customers_file(), locale());
    bencher
        .counter(ItemsCount::new(shop().customers))
        .counter(BytesCount::new(file.metadata().unwrap().len()))
        .bench_local(|| {
            read_customers(&file, &locale, &mut |customer, _| {
                black_box(customer);
                Ok(())
            })
            .unwrap()
        });
}

/// E-mails and phones as buyers typed them, with the country of their order.
struct Typed {
    emails: Vec<String>,
    phones: Vec<(String, String)>,
}

fn typed() -> &'static Typed {
    static TYPED: OnceLock<Typed> = OnceLock::new();
    TYPED.get_or_init(|| {
        let mut typed = Typed {
            emails: Vec::new(),
            phones: Vec::new(),
        };
        read_orders(&shop().orders_file(), &locale(), &mut |reading, _| {
            if let Reading::Record(order) = reading {
                typed.emails.push(order.email);
                typed
                    .phones
                    .push((order.phone, order.billing.address.country_code));
            }
            Ok(())
        })
        .unwrap();
        typed
    })
}

#[divan::bench]
fn normalise_emails(bencher: Bencher) {
    let emails = &typed().emails;
    bencher.counter(ItemsCount::new(emails.len())).bench_local(|| {
        for email in emails {
            black_box(email::normalise(black_box(email)));
        }
    });
}

#[divan::bench]
fn normalise_phones(bencher: Bencher) {
    let phones = &typed().phones;
    bencher.counter(ItemsCount::new(phones.len())).bench_local(|| {
        for (phone, country) in phones {
            black_box(phone::normalise(black_box(phone), country));
        }
    });
}
