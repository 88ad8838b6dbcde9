//! Random small shops: few e-mails, phones and guids, spelled in several ways.

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

use crate::written::{self, Account, Party};

/// Each of a person's e-mails in some of its spellings; the last two identify nobody.
const EMAILS: [&[&str]; 7] = [
    &["ann@shop.example", " Ann@Shop.Example"],
    &["bob@shop.example"],
    &["cid@shop.example", "CID@shop.example"],
    &["dan@shop.example"],
    &["eve@shop.example"],
    &["nobody", "none@"],
    &["a7@market.example"],
];
const IDENTIFYING_EMAILS: usize = 5;

const PHONES: [&[&str]; 4] = [
    &["+420601123456", "601 123 456", "00420601123456"],
    &["602123456", "420602123456"],
    &["+420 603 123 456"],
    &["777777777", "12"],
];
const IDENTIFYING_PHONES: usize = 3;

/// What the contact database shows.
const FIELDS: [(&str, &str); 11] = [
    ("email", "contact.email"),
    ("emails", "contact.emails"),
    ("phone", "contact.phone"),
    ("full_name", "contact.name"),
    ("registered_at", "customer.created_at"),
    ("orders_count", "stats.orders_count"),
    ("orders_total", "stats.total"),
    ("first_order_at", "stats.first_order_at"),
    ("last_order_code", "last_order.code"),
    ("last_order_status", "last_order.status"),
    ("shop", "shop.name"),
];

/// A spelling of one of a few e-mails or phones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spelled {
    pub which: usize,
    pub how: usize,
}

impl Spelled {
    /// The e-mail as somebody wrote it.
    pub fn email(self) -> &'static str {
        EMAILS[self.which][self.how % EMAILS[self.which].len()]
    }

    /// The e-mail in its one spelling, when it identifies somebody.
    pub fn known_email(self) -> Option<&'static str> {
        (self.which < IDENTIFYING_EMAILS).then(|| EMAILS[self.which][0])
    }

    /// The phone as somebody wrote it.
    pub fn phone(self) -> &'static str {
        PHONES[self.which][self.how % PHONES[self.which].len()]
    }

    /// The phone as a contact shows it.
    pub fn shown_phone(self) -> &'static str {
        match (self.which, self.how % 2) {
            (3, 0) => "+420777777777",
            (3, _) => "+42012",
            _ => self.known_phone().unwrap_or_default(),
        }
    }

    /// The phone in its one spelling, when it identifies somebody.
    pub fn known_phone(self) -> Option<&'static str> {
        ["+420601123456", "+420602123456", "+420603123456"]
            .get(self.which)
            .copied()
            .filter(|_| self.which < IDENTIFYING_PHONES)
    }
}

/// A shop and the group it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shop {
    pub name: &'static str,
    pub group: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// Its shop, by its place.
    pub shop: usize,
    pub guid: String,
    /// Day of 2024.
    pub registered: u32,
    /// E-mail and phone of each account; the first one is the main one.
    pub accounts: Vec<(Option<Spelled>, Option<Spelled>)>,
    pub has_name: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub shop: usize,
    pub code: String,
    /// Day of 2024.
    pub placed: u32,
    pub guid: Option<String>,
    pub email: Option<Spelled>,
    pub phone: Option<Spelled>,
    pub cents: u32,
    pub is_cancelled: bool,
    pub has_name: bool,
}

/// What the configuration says of all shops.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settings {
    /// `guests = "skip"`
    pub skips_guests: bool,
    /// `deleted = "erase"`
    pub erases: bool,
}

/// Everything the shops know at a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct World {
    pub settings: Settings,
    pub shops: Vec<Shop>,
    pub customers: Vec<Customer>,
    pub orders: Vec<Order>,
}

/// One shop, two of one group, or three of which two share people.
fn shops() -> impl Strategy<Value = Vec<Shop>> {
    let shop = |name, group| Shop { name, group };
    prop_oneof![
        3 => Just(vec![shop("main", "main")]),
        3 => Just(vec![shop("cz", "both"), shop("outlet", "both")]),
        2 => Just(vec![shop("cz", "both"), shop("sk", "sk"), shop("outlet", "both")]),
    ]
}

pub fn email() -> impl Strategy<Value = Spelled> {
    (0..EMAILS.len(), 0..3_usize).prop_map(|(which, how)| Spelled { which, how })
}

pub fn phone() -> impl Strategy<Value = Spelled> {
    (0..PHONES.len(), 0..3_usize).prop_map(|(which, how)| Spelled { which, how })
}

pub fn customer() -> impl Strategy<Value = Customer> {
    let account = (weighted(0.9, email()), weighted(0.4, phone()));
    (0..3_usize, 1..20_u32, vec(account, 0..3), any::<bool>()).prop_map(
        |(shop, registered, accounts, has_name)| Customer {
            shop,
            guid: String::new(),
            registered,
            accounts,
            has_name,
        },
    )
}

pub fn order() -> impl Strategy<Value = Order> {
    let clues = (
        weighted(0.3, 0..7_u32),
        weighted(0.75, email()),
        weighted(0.6, phone()),
    );
    (
        0..3_usize,
        1..40_u32,
        clues,
        1..9_u32,
        weighted(0.2, Just(())),
        any::<bool>(),
    )
        .prop_map(
            |(shop, placed, (guid, email, phone), price, cancelled, has_name)| Order {
                shop,
                code: String::new(),
                placed,
                guid: guid.map(|guid| format!("g{guid}")),
                email,
                phone,
                cents: price * 1050,
                is_cancelled: cancelled.is_some(),
                has_name,
            },
        )
}

/// An order of which nothing is known but its code.
pub fn nobodys_order() -> Order {
    Order {
        shop: 0,
        code: String::new(),
        placed: 1,
        guid: None,
        email: None,
        phone: None,
        cents: 100,
        is_cancelled: false,
        has_name: false,
    }
}

pub fn settings() -> impl Strategy<Value = Settings> {
    (any::<bool>(), any::<bool>()).prop_map(|(skips_guests, erases)| Settings { skips_guests, erases })
}

/// A world of up to six customers and twelve orders.
pub fn world() -> impl Strategy<Value = World> {
    (shops(), vec(customer(), 0..6), vec(order(), 0..12)).prop_map(|(shops, customers, orders)| {
        let mut world = World {
            shops,
            ..World::default()
        };
        for customer in customers {
            world.register(customer);
        }
        for order in orders {
            world.place(order);
        }
        world
    })
}

impl World {
    /// A customer with a guid of its own.
    pub fn register(&mut self, mut customer: Customer) {
        customer.shop %= self.shops.len();
        customer.guid = format!("g{}", self.customers.len());
        self.customers.push(customer);
    }

    /// An order with a code of its own.
    pub fn place(&mut self, mut order: Order) {
        order.shop %= self.shops.len();
        order.code = self.orders.len().to_string();
        self.orders.push(order);
    }

    /// The configuration of the shops.
    pub fn configuration(&self) -> String {
        let Settings { skips_guests, erases } = self.settings;
        let guests = if skips_guests { "skip" } else { "contact" };
        let deleted = if erases { "erase" } else { "mark" };
        let shop = |shop: &Shop| {
            format!(
                "[[shop]]\nname = \"{0}\"\ngroup = \"{1}\"\nurl = \"https://{0}.example\"\ncountry = \"CZ\"\n\
                 currency = \"CZK\"\ntimezone = \"UTC\"\n[shop.exports]\ncustomers_hash = \"x\"\norders_hash = \"x\"\n\
                 [shop.customers]\ndeleted = \"{deleted}\"\n\
                 [shop.orders]\nguests = \"{guests}\"\nnot_people = [\"*@market.example\"]\n",
                shop.name, shop.group
            )
        };
        let shops: String = self.shops.iter().map(shop).collect();
        // Each field shows what is known now, and nothing that is left of before.
        let field = |(name, value): &(&str, &str)| {
            format!("{name} = {{ value = \"{value}\", on_empty = \"clear\" }}\n")
        };
        let fields: String = FIELDS.iter().map(field).collect();
        format!("{shops}{}[target.fields]\n{fields}", crate::imported::TARGET)
    }

    /// The documents of one shop, as the API would tell them.
    pub fn documents(&self, shop: usize) -> (String, String) {
        let customers = self.customers.iter().filter(|customer| customer.shop == shop);
        let orders = self.orders.iter().filter(|order| order.shop == shop);
        (
            customers
                .map(|customer| written_customer(customer).json() + "\n")
                .collect(),
            orders.map(|order| written_order(order).json() + "\n").collect(),
        )
    }
}

fn day(day: u32) -> String {
    let first: jiff::civil::DateTime = "2024-01-01T12:00:00".parse().unwrap();
    let at = first.checked_add(jiff::Span::new().days(i64::from(day))).unwrap();
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn named(has_name: bool, name: String) -> Party {
    Party {
        name: if has_name { name } else { String::new() },
        ..Party::default()
    }
}

fn written_customer(customer: &Customer) -> written::Customer {
    let account = |(place, (email, phone)): (usize, &(Option<Spelled>, Option<Spelled>))| Account {
        email: email.map_or("", Spelled::email).to_owned(),
        phone: phone.map_or("", Spelled::phone).to_owned(),
        main: place == 0,
        name: String::new(),
    };
    written::Customer {
        created: day(customer.registered),
        accounts: customer.accounts.iter().enumerate().map(account).collect(),
        billing: named(customer.has_name, customer.name()),
        ..written::customer(&customer.guid)
    }
}

fn written_order(order: &Order) -> written::Order {
    written::Order {
        placed: day(order.placed),
        guid: order.guid.clone().unwrap_or_default(),
        email: order.email.map_or("", Spelled::email).to_owned(),
        phone: order.phone.map_or("", Spelled::phone).to_owned(),
        status: if order.is_cancelled {
            "Stornována"
        } else {
            "Vyřízena"
        }
        .to_owned(),
        total: format!("{}.{:02}", order.cents / 100, order.cents % 100),
        billing: named(order.has_name, order.name()),
        ..written::order(&order.code)
    }
}

impl Customer {
    pub fn name(&self) -> String {
        format!("Customer {}", self.guid)
    }

    pub fn log_ins(&self) -> impl Iterator<Item = &'static str> {
        self.accounts
            .iter()
            .filter_map(|(email, _)| email.and_then(Spelled::known_email))
    }

    pub fn phones(&self) -> impl Iterator<Item = &'static str> {
        self.accounts
            .iter()
            .filter_map(|(_, phone)| phone.and_then(Spelled::known_phone))
    }
}

impl Order {
    pub fn name(&self) -> String {
        format!("Order {}", self.code)
    }

    pub fn known_email(&self) -> Option<&'static str> {
        self.email.and_then(Spelled::known_email)
    }

    pub fn known_phone(&self) -> Option<&'static str> {
        self.phone.and_then(Spelled::known_phone)
    }
}
