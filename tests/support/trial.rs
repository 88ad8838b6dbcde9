//! A simulated shop, and somebody who imports it into a folder: real HTTP, real files, real SQLite.
#![allow(dead_code)] // not every test that shares this file uses all of it

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use shoptet_sync::config::{self, Environment};
use shoptet_sync::demo::shown::ContactDatabase;
use shoptet_sync::demo::truth::{Reading, Truth};
use shoptet_sync::demo::{Fault, FaultKind, SimulatedShop, World};
use shoptet_sync::error::Error;
use shoptet_sync::http::Pace;
use shoptet_sync::source::Silent;
use shoptet_sync::state::State;
use shoptet_sync::sync::import::{ImportOptions, Setup, import};
use shoptet_sync::sync::report::Report;

/// The statuses that the simulated shop's truth does not count.
pub const CANCELLED: [&str; 1] = ["Stornována"];

/// How customers are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Customers {
    Snapshot,
    Paged,
    Xml,
    Csv,
}

/// How orders are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Orders {
    Snapshot,
    Xml,
    Csv,
}

/// A simulated shop, and somebody who imports it into a folder.
pub struct Trial {
    pub shop: SimulatedShop,
    pub folder: tempfile::TempDir,
    pub ways: (Customers, Orders),
    /// More lines of `[shop.customers]`, `[shop.orders]` and the top of the file.
    pub more: More,
}

/// What a test adds to the configuration.
#[derive(Debug, Clone, Copy, Default)]
pub struct More {
    pub top: &'static str,
    pub customers: &'static str,
    pub orders: &'static str,
    pub target: &'static str,
    /// Whether the API is entered as an add-on, whose tokens expire.
    pub addon: bool,
}

impl Trial {
    pub async fn of(world: World) -> Self {
        Self::by(world, Customers::Snapshot, Orders::Xml).await
    }

    pub async fn by(mut world: World, customers: Customers, orders: Orders) -> Self {
        if customers == Customers::Csv {
            let no_xml = Fault::always("/export/customers.xml", FaultKind::Status(404));
            world.faults.push(no_xml);
        }
        Self {
            shop: SimulatedShop::start(world).await.unwrap(),
            folder: a_folder(),
            ways: (customers, orders),
            more: More::default(),
        }
    }

    /// The same shop, and nothing imported yet.
    pub fn anew(self) -> Self {
        Self {
            folder: a_folder(),
            ..self
        }
    }

    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    pub fn contacts(&self) -> PathBuf {
        self.state().join("contacts.db")
    }

    /// Writes the configuration and answers where.
    pub fn configuration(&self) -> PathBuf {
        let path = self.folder.path().join("shoptet-sync.toml");
        std::fs::write(&path, self.configuration_text()).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        path
    }

    pub fn configuration_text(&self) -> String {
        let (customers, orders) = self.ways;
        let doors = self.shop.change(|world| world.doors.clone());
        let (url, api_url) = (self.shop.url(), self.shop.api_url());
        let needs_api =
            matches!(customers, Customers::Snapshot | Customers::Paged) || orders == Orders::Snapshot;
        let api = if needs_api {
            let token = match (self.more.addon, doors.oauth_token, doors.private_token) {
                (true, Some(token), _) => {
                    let token_url = self.shop.token_url();
                    format!("oauth_token = \"{token}\"\ntoken_url = \"{token_url}\"")
                }
                (_, _, token) => format!("private_token = \"{}\"", token.unwrap_or_default()),
            };
            let webhook = match customers {
                Customers::Paged => String::new(),
                _ => format!("job_webhook = \"{url}/empty.html\"\n"),
            };
            format!("[shop.api]\nbase_url = \"{api_url}\"\n{token}\n{webhook}")
        } else {
            String::new()
        };
        let customers = match customers {
            Customers::Snapshot | Customers::Paged => "api",
            Customers::Xml | Customers::Csv => "export",
        };
        let (orders, pattern) = match orders {
            Orders::Snapshot => ("api", -11),
            Orders::Xml => ("feed", -11),
            Orders::Csv => ("feed", -9),
        };
        let More {
            top,
            customers: more_customers,
            orders: more_orders,
            target,
            addon: _,
        } = self.more;
        format!(
            "state_dir = \"state\"\n{top}\n\
             [[shop]]\nname = \"main\"\nurl = \"{url}\"\ncountry = \"CZ\"\ncurrency = \"CZK\"\n\
             {api}\
             [shop.exports]\npartner_id = 3\ncustomers_hash = \"{}\"\norders_hash = \"{}\"\norders_feed_hash = \"{}\"\n\
             orders_pattern = {pattern}\nmin_interval = \"0s\"\n\
             [shop.customers]\nsource = \"{customers}\"\n{more_customers}\n\
             [shop.orders]\nsource = \"{orders}\"\n{more_orders}\n\
             [[target]]\nname = \"contacts\"\nkind = \"sqlite\"\npath = \"contacts.db\"\n{target}\n",
            doors.customers_hash, doors.orders_hash, doors.orders_feed_hash
        )
    }

    pub fn setup(&self) -> Setup {
        setup_of(&self.configuration())
    }

    pub async fn try_import(&self) -> Result<Report, Error> {
        self.import_as(&ImportOptions::default()).await
    }

    pub async fn import_as(&self, options: &ImportOptions) -> Result<Report, Error> {
        import(&self.setup(), options, &Silent).await
    }

    /// Imports; nothing may fail.
    pub async fn import(&self) -> Report {
        let report = self.try_import().await.unwrap();
        assert_eq!(report.failures, [""; 0]);
        report
    }

    pub fn database(&self) -> ContactDatabase {
        ContactDatabase::read(&self.contacts()).unwrap()
    }

    pub fn reading(&self) -> Reading {
        Reading {
            orders_name_customers: self.ways.1 == Orders::Snapshot,
            ..Reading::default()
        }
    }

    /// The contacts are what a fresh import of the shop as it is has to end with.
    pub fn agrees(&self, about: &str) {
        let truth = self.shop.change(|world| Truth::of(world, &self.reading()));
        let wrong = truth.disagreements(&self.database(), &CANCELLED);
        assert!(wrong.is_empty(), "{about}: {wrong:#?}");
    }

    pub fn dump(&self) -> Vec<String> {
        dump(&self.contacts(), &[])
    }

    /// What is shown, whenever it was written.
    pub fn dump_without_times(&self) -> Vec<String> {
        dump(&self.contacts(), &["created_at", "updated_at"])
    }
}

/// In memory where there is such a place: whoever kills a process loses nothing that it wrote, synced or
/// not, and a disk that syncs takes most of the time of these tests.
pub fn a_folder() -> tempfile::TempDir {
    let in_memory = tempfile::tempdir_in("/dev/shm");
    in_memory.or_else(|_| tempfile::tempdir()).unwrap()
}

pub fn setup_of(configuration: &Path) -> Setup {
    let config = config::from_path(configuration, &Environment::default()).unwrap();
    Setup {
        state_dir: config.state_dir,
        shops: config.shops,
        targets: config
            .targets
            .into_iter()
            .map(|target| (target.target, target.mapping))
            .collect(),
        public_url: None,
        timezone: config.schedule.timezone,
        pace: fast(),
    }
}

pub fn fast() -> Pace {
    let ms = Duration::from_millis;
    Pace {
        connect: ms(2_000),
        answer: ms(5_000),
        first_byte: ms(5_000),
        slow_window: ms(2_000),
        slow_bytes: 1_000,
        retry_first: ms(1),
        retry_longest: ms(5),
        retry_attempts: 4,
        retry_total: ms(5_000),
        told_pause: ms(5_000),
        busy: ms(20),
        locked: ms(50),
        retry_after_longest: ms(3_000),
        bucket_drop: ms(1),
        job_poll_first: ms(1),
        job_poll_longest: ms(5),
        job_longest: ms(3_000),
        export_turn_longest: ms(2_000),
    }
}

/// Every row of the contact database as text, without some columns.
pub fn dump(path: &Path, without: &[&str]) -> Vec<String> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let integrity: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(integrity, "ok");
    let mut rows = Vec::new();
    for table in ["contacts", "orders"] {
        let mut statement = connection
            .prepare(&format!("SELECT * FROM {table} ORDER BY key"))
            .unwrap();
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut found = statement.query([]).unwrap();
        while let Some(row) = found.next().unwrap() {
            let mut text = table.to_owned();
            for (place, column) in columns
                .iter()
                .enumerate()
                .filter(|(_, column)| !without.contains(&column.as_str()))
            {
                let value = match row.get_ref(place).unwrap() {
                    ValueRef::Null => continue,
                    ValueRef::Integer(number) => number.to_string(),
                    ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                    other => unreachable!("{column} is {other:?}"),
                };
                text.push_str(&format!(" | {column}={value}"));
            }
            rows.push(text);
        }
    }
    rows
}

/// What is parked: kind, key and reason.
pub fn parked(state_dir: &Path) -> Vec<String> {
    let parked = State::open_to_read(state_dir).unwrap().parked().unwrap();
    let told = parked
        .iter()
        .filter(|parked| !parked.dismissed)
        .map(|parked| format!("{} {}: {}", parked.kind, parked.key, parked.reason));
    told.collect()
}

/// What stands in one dump and not in the other; nothing, when they are the same.
pub fn difference(one: &[String], other: &[String]) -> Vec<String> {
    let lost = one
        .iter()
        .filter(|row| !other.contains(row))
        .map(|row| format!("- {row}"));
    let gained = other
        .iter()
        .filter(|row| !one.contains(row))
        .map(|row| format!("+ {row}"));
    lost.chain(gained).collect()
}

pub fn same(one: &[String], other: &[String], about: &str) {
    let difference = difference(one, other);
    // Items make a row long; its beginning tells enough.
    let shown = difference
        .iter()
        .take(12)
        .map(|row| row.chars().take(700).collect::<String>());
    assert!(
        difference.is_empty(),
        "{about}: {} rows, of which {:#?}",
        difference.len(),
        shown.collect::<Vec<_>>()
    );
}
