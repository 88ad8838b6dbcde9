//! A small shop as downloaded files: few people, and one of every kind of trouble.

use std::fmt::Write as _;

use crate::Place;

/// Two targets: one that parks what is not mapped, one that only takes those who came back.
pub const CONFIG: &str = r#"
[[shop]]
name     = "main"
url      = "https://1234.myshoptet.com"
country  = "CZ"
currency = "CZK"
timezone = "Europe/Prague"

[shop.exports]
customers_hash = "0123456789abcdef"
orders_hash    = "0123456789abcdef"

[[target]]
name = "contacts"
kind = "sqlite"
unmapped_status = "park"

[target.fields]
email         = "contact.email"
full_name     = "contact.name"
phone         = { value = "contact.phone", write = "if_empty" }
orders_count  = "stats.orders_count"
last_order_at = "last_order.placed_at"

[target.order_fields]
note = "order.remark"

[target.statuses]
"Vyřízena"   = "done"
"Stornována" = "cancelled"

[[target]]
name = "loyal"
kind = "sqlite"
path = "loyal.db"
only = "stats.orders_count > 1"
unmapped_status = "keep"

[target.fields]
email = "contact.email"
"#;

pub const JANA: &str = "8a9a021e-0000-11e3-bb01-000000000001";
pub const PETR: &str = "8a9a021e-0000-11e3-bb01-000000000002";

/// Two registered customers.
pub const CUSTOMERS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<CUSTOMERS>
<CUSTOMER><GUID>8a9a021e-0000-11e3-bb01-000000000001</GUID><CUSTOMER_GROUP>VIP</CUSTOMER_GROUP>
<REGISTRATION_DATE>2020-07-09 01:54:35</REGISTRATION_DATE>
<BILLING_ADDRESS><FULL_NAME>Jana Nováková</FULL_NAME><STREET>Školní</STREET><HOUSE_NUMBER>12</HOUSE_NUMBER><CITY>Praha 2</CITY><ZIP>120 00</ZIP><COUNTRY>Česká republika</COUNTRY></BILLING_ADDRESS>
<ACCOUNTS><ACCOUNT><EMAIL>jana@priklad.example</EMAIL><PHONE>+420600000001</PHONE><MAIN_ACCOUNT>1</MAIN_ACCOUNT></ACCOUNT></ACCOUNTS></CUSTOMER>
<CUSTOMER><GUID>8a9a021e-0000-11e3-bb01-000000000002</GUID>
<REGISTRATION_DATE>2021-02-03 10:00:00</REGISTRATION_DATE>
<BILLING_ADDRESS><FULL_NAME>Petr Svoboda</FULL_NAME></BILLING_ADDRESS>
<ACCOUNTS><ACCOUNT><EMAIL>petr@priklad.example</EMAIL><MAIN_ACCOUNT>1</MAIN_ACCOUNT></ACCOUNT></ACCOUNTS></CUSTOMER>
</CUSTOMERS>
"#;

/// One `<ORDER>`.
pub struct Order {
    pub code: &'static str,
    pub date: &'static str,
    pub status: &'static str,
    pub name: &'static str,
    pub email: &'static str,
    pub phone: &'static str,
    pub total: &'static str,
}

/// What the shop sends at first: the last one has no code and cannot be read.
pub const ORDERS: [Order; 6] = [
    Order {
        code: "2025000001",
        date: "2025-01-02 08:00:00",
        status: "Vyřízena",
        name: "Jana Nováková",
        email: "jana@priklad.example",
        phone: "600000001",
        total: "1331.00",
    },
    Order {
        code: "2025000002",
        date: "2025-02-03 09:30:00",
        status: "Stornována",
        name: "Jana Nováková",
        email: "Jana@Priklad.example ",
        phone: "",
        total: "50.00",
    },
    Order {
        code: "2025000003",
        date: "2025-03-04 10:00:00",
        status: "Čeká na kurýra",
        name: "Karel Host",
        email: "karel@priklad.example",
        phone: "600000003",
        total: "200.00",
    },
    Order {
        code: "2025000004",
        date: "2025-04-05 11:00:00",
        status: "Vyřízena",
        name: "Bez Mailu",
        email: "",
        phone: "600 000 004",
        total: "99.00",
    },
    Order {
        code: "2025000005",
        date: "2025-05-06 12:00:00",
        status: "Vyřízena",
        name: "Jana Nováková",
        email: "jana@priklad.example",
        phone: "",
        total: "10.00",
    },
    Order {
        code: "",
        date: "2025-06-07 13:00:00",
        status: "Vyřízena",
        name: "Nikdo",
        email: "",
        phone: "",
        total: "1.00",
    },
];

/// The orders export of these orders.
pub fn orders(orders: &[Order]) -> String {
    let mut xml = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<ORDERS>\n".to_owned();
    for order in orders {
        let Order {
            code,
            date,
            status,
            name,
            email,
            phone,
            total,
        } = order;
        writeln!(
            xml,
            "<ORDER><CODE>{code}</CODE><DATE>{date}</DATE><STATUS>{status}</STATUS><CURRENCY><CODE>CZK</CODE></CURRENCY>\
             <CUSTOMER><EMAIL>{email}</EMAIL><PHONE>{phone}</PHONE>\
             <BILLING_ADDRESS><NAME>{name}</NAME></BILLING_ADDRESS></CUSTOMER><REMARK>zabalit</REMARK>\
             <TOTAL_PRICE><WITH_VAT>{total}</WITH_VAT></TOTAL_PRICE></ORDER>"
        )
        .unwrap();
    }
    xml + "</ORDERS>\n"
}

/// The words that import the two files as of a moment that no other test runs at.
pub const IMPORT: [&str; 7] = [
    "import",
    "--customers",
    "customers.xml",
    "--orders",
    "orders.xml",
    "--as-of",
    "2026-02-03T04:05:06Z",
];

/// A place with the small shop's files, not imported yet.
pub fn fresh() -> Place {
    let place = Place::new(CONFIG);
    place.write("customers.xml", CUSTOMERS);
    place.write("orders.xml", &orders(&ORDERS));
    place
}

/// The same, imported: one order without a code and one of unmapped status are parked.
pub fn imported() -> Place {
    let place = fresh();
    place.prints(3, &IMPORT);
    place
}

/// The same, imported into a contact database that held two records with Petr's e-mail before.
pub fn ambiguous() -> Place {
    let place = fresh();
    std::fs::create_dir(place.state_dir()).unwrap();
    place
        .contacts()
        .execute_batch(
            "CREATE TABLE contacts(key TEXT PRIMARY KEY NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
               gone_at TEXT, merged_into TEXT, email TEXT, full_name TEXT);
             INSERT INTO contacts(key, created_at, updated_at, email, full_name) VALUES
               ('crm-1', '2019-01-01T00:00:00Z', '2019-01-01T00:00:00Z', 'petr@priklad.example', 'P. Svoboda'),
               ('crm-2', '2019-01-01T00:00:00Z', '2019-01-01T00:00:00Z', 'Petr@priklad.example', 'Svoboda'),
               ('crm-3', '2019-01-01T00:00:00Z', '2019-01-01T00:00:00Z', 'jana@priklad.example', '');",
        )
        .unwrap();
    place.prints(3, &IMPORT);
    place
}
