//! `forget`: a person is taken out of real databases, nothing of them is left, and nothing brings them back.
#![allow(clippy::unwrap_used, clippy::panic)] // the helpers of a test may fail like the test
#![allow(dead_code)] // what the tests share, not every one uses

#[path = "../support/imported.rs"]
mod imported;
#[path = "../support/written.rs"]
mod written;

mod whole;
mod accounts;
mod shared;
mod unknown;
mod lifting;
mod elsewhere;
mod traces;
mod restored;
mod killed;
mod disk;

use std::path::Path;

use imported::{Home, SHOP, TARGET, by_email};
use shoptet_sync::error::Error;
use shoptet_sync::source::Silent;
use shoptet_sync::sync::forget::Forgotten;
use written::{Customer, Order, customer, customers, order, orders, orders_as_xml, party};

const JANE: &str = "jane.kanarkova@priklad.example";

/// Everything that tells of Jane, in every form in which it is written down.
const CANARIES: [&str; 11] = [
    "jane.kanarkova",
    "Kanárková",
    "Kanarkova",
    "777666555",
    "777 666 555",
    "Tajná 1",
    "Tajnov",
    "99887766",
    "stare.kanarkova",
    "zvonek nefunguje",
    "Kanár s.r.o.",
];

impl Home {
    fn try_forget(&self, who: &str, whole: bool) -> Result<Forgotten, Error> {
        self.with_engine(async |engine| engine.forget(who, whole, &Silent).await)
    }

    fn try_open(&self) -> Result<(), Error> {
        shoptet_sync::state::State::open(&self.state_dir()).map(drop)
    }

    /// A person works with the contact database.
    fn with_contacts(&self, sql: &str) {
        let contacts = rusqlite::Connection::open(self.state_dir().join("contacts.db")).unwrap();
        contacts.execute_batch(sql).unwrap();
    }

    /// The configuration as a file, for the real program.
    fn configuration_file(&self) -> std::path::PathBuf {
        let path = self.state_dir().with_file_name("shoptet-sync.toml");
        std::fs::write(&path, format!("state_dir = \"state\"\n{}", self.configuration())).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        path
    }

    /// Forgets; nothing may be left to do.
    fn forget(&self, who: &str) -> Forgotten {
        let forgotten = self.try_forget(who, false).unwrap();
        assert_eq!(forgotten.exit_code(), 0, "{forgotten:?}");
        forgotten
    }

    /// Imports the same again in full.
    fn again(&mut self, shop: &Shop) -> u64 {
        self.import(&shop.customers(), &shop.orders()).suppressed
    }
}

/// A shop in which Jane is one of several.
#[derive(Clone)]
struct Shop {
    customers: Vec<Customer>,
    orders: Vec<Order>,
}

impl Shop {
    fn customers(&self) -> String {
        customers(&self.customers)
    }

    fn orders(&self) -> String {
        orders(&self.orders)
    }
}

/// Jane is a customer with two orders; Joe is one with one, and Eve a guest with one.
fn shop() -> Shop {
    let mut first = order("1")
        .email(JANE)
        .total("100.00")
        .placed("2024-05-01")
        .billing(janes());
    first.remark = "zvonek nefunguje".to_owned();
    first.delivery = party("Kanarkova", "Tajná 1", "Tajnov");
    let second = order("2")
        .of("g1")
        .email(JANE)
        .phone("777 666 555")
        .total("250.00")
        .placed("2024-05-02");
    Shop {
        customers: vec![
            customer("g1").login(JANE).phone("777666555").billing(janes()),
            customer("g2")
                .login("joe@shop.example")
                .phone("601123456")
                .billing(party("Joe", "Dlouhá 2", "Brno")),
        ],
        orders: vec![
            first,
            second,
            order("3")
                .email("joe@shop.example")
                .total("70.00")
                .placed("2024-05-03"),
            order("4")
                .email("eve@shop.example")
                .total("30.00")
                .placed("2024-05-04"),
        ],
    }
}

fn janes() -> written::Party {
    let mut party = party("Jane Kanárková", "Tajná 1", "Tajnov");
    party.company = "Kanár s.r.o.".to_owned();
    party.company_id = "99887766".to_owned();
    party
}

fn imported(shop: &Shop) -> Home {
    let mut home = Home::new();
    home.import(&shop.customers(), &shop.orders());
    home
}

/// The files in which any of the canaries stands, with the canary; backups, logs and spools included.
fn told_in(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(told_in(&path));
            continue;
        }
        // A socket cannot be read.
        let bytes = std::fs::read(&path).unwrap_or_default();
        for canary in CANARIES {
            if bytes
                .windows(canary.len())
                .any(|window| window == canary.as_bytes())
            {
                found.push(format!("{} tells {canary}", path.display()));
            }
        }
    }
    found
}
