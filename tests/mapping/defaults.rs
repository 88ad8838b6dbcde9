//! The mapping of a target without fields.

use super::*;

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
