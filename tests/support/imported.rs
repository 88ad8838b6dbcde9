//! Downloaded files on their way into a contact database, and what a person finds in it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Index;
use std::path::{Path, PathBuf};

use jiff::{Timestamp, ToSpan};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest, Sha256};
use shoptet_sync::config::{Environment, from_str};
use shoptet_sync::error::Error;
use shoptet_sync::http::Pace;
use shoptet_sync::source::Silent;
use shoptet_sync::sync::engine::Engine;
use shoptet_sync::sync::import::{Files, ImportOptions, Setup, import};
use shoptet_sync::sync::report::Report;

/// The shop of most tests.
pub const SHOP: &str = "[[shop]]\nname = \"main\"\nurl = \"https://main.example\"\ncountry = \"CZ\"\n\
    currency = \"CZK\"\ntimezone = \"UTC\"\n[shop.exports]\ncustomers_hash = \"x\"\norders_hash = \"x\"\n";

/// The target of most tests, with the default mapping.
pub const TARGET: &str = "[[target]]\nname = \"contacts\"\nkind = \"sqlite\"\npath = \"contacts.db\"\n";

/// Puts the names of a target in place of those of a configuration.
type Translate = Box<dyn Fn(&str) -> String + Send + Sync>;

/// A configuration, a state and contact databases in a folder of their own.
pub struct Home {
    folder: tempfile::TempDir,
    configuration: String,
    /// What a target calls the fields that the configuration names.
    translate: Option<Translate>,
    /// The stamp of the next import; each one speaks of a later day.
    now: Timestamp,
    runtime: tokio::runtime::Runtime,
    pace: Pace,
}

/// A row of a contact database; what is missing or empty is the empty text.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row(pub BTreeMap<String, String>);

impl Index<&str> for Row {
    type Output = str;

    fn index(&self, column: &str) -> &str {
        self.0.get(column).map_or("", String::as_str)
    }
}

impl Home {
    /// One shop, one target.
    pub fn new() -> Self {
        Self::with(&format!("{SHOP}{TARGET}"))
    }

    /// This configuration, without its `state_dir`.
    pub fn with(configuration: &str) -> Self {
        Self {
            folder: folder(),
            configuration: configuration.to_owned(),
            translate: None,
            now: "2024-06-01T00:00:00Z".parse().unwrap(),
            runtime: tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .unwrap(),
            pace: Pace::default(),
        }
    }

    /// The same with other intervals.
    #[allow(dead_code)] // not every test that shares this file waits for anything
    pub fn at_pace(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }

    /// The same, with a target that calls fields otherwise than the configuration does.
    #[allow(dead_code)] // not every test that shares this file has such a target
    pub fn translated(mut self, translate: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.translate = Some(Box::new(translate));
        self
    }

    /// From now on another configuration.
    pub fn configure(&mut self, configuration: &str) {
        self.configuration = configuration.to_owned();
    }

    /// The configuration, without its `state_dir`.
    #[allow(dead_code)] // not every test that shares this file changes its configuration
    pub fn configuration(&self) -> &str {
        &self.configuration
    }

    pub fn state_dir(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// What a run needs.
    pub fn setup(&self) -> Setup {
        let translated = self
            .translate
            .as_ref()
            .map(|translate| translate(&self.configuration));
        let configuration = translated.as_deref().unwrap_or(&self.configuration);
        let text = format!("state_dir = \"state\"\n{configuration}");
        let path = self.folder.path().join("sync.toml");
        let config = from_str(&text, &path, &Environment::default()).unwrap();
        let targets = config.targets.into_iter();
        Setup {
            state_dir: config.state_dir,
            shops: config.shops,
            targets: targets.map(|target| (target.target, target.mapping)).collect(),
            public_url: None,
            timezone: "UTC".to_owned(),
            pace: self.pace.clone(),
        }
    }

    /// Imports documents of a shop that speak of the moment `as_of`; an empty text is one without records.
    pub fn try_import(
        &self,
        shop: &str,
        customers: Option<&str>,
        orders: Option<&str>,
        as_of: Timestamp,
        options: ImportOptions,
    ) -> Result<Report, Error> {
        let files = self.files(shop, customers, orders, as_of);
        let options = ImportOptions {
            files: Some(files),
            ..options
        };
        self.runtime.block_on(import(&self.setup(), &options, &Silent))
    }

    /// Documents of a shop, downloaded.
    pub fn files(
        &self,
        shop: &str,
        customers: Option<&str>,
        orders: Option<&str>,
        as_of: Timestamp,
    ) -> Files {
        let document = |name: &str, text: Option<&str>| {
            text.map(|text| {
                let path = self.folder.path().join(name);
                let without_records = format!("<{0}></{0}>", name.to_uppercase());
                std::fs::write(&path, if text.is_empty() { &without_records } else { text }).unwrap();
                path
            })
        };
        Files {
            shop: shop.to_owned(),
            customers: document("customers", customers),
            orders: document("orders", orders),
            as_of: Some(as_of),
        }
    }

    /// Reads all shops and imports what they show; nothing may fail.
    #[allow(dead_code)] // not every test that shares this file has shops to read
    pub fn import_all(&self, options: &ImportOptions) -> Report {
        let report = self
            .runtime
            .block_on(import(&self.setup(), options, &Silent))
            .unwrap();
        assert_eq!(report.failures, [""; 0]);
        report
    }

    /// Imports documents of a shop a day later than the last; nothing may fail.
    pub fn import_of(&mut self, shop: &str, customers: Option<&str>, orders: Option<&str>) -> Report {
        self.now = self.now.checked_add(24.hours()).unwrap();
        let options = ImportOptions {
            agreed: true,
            ..ImportOptions::default()
        };
        let report = self
            .try_import(shop, customers, orders, self.now, options)
            .unwrap();
        assert_eq!(report.failures, [""; 0]);
        report
    }

    /// Imports documents of the one shop.
    pub fn import(&mut self, customers: &str, orders: &str) -> Report {
        self.import_of("main", Some(customers), Some(orders))
    }

    /// Works with an engine over the state.
    #[allow(dead_code)] // not every test that shares this file does
    pub fn with_engine<T>(&self, work: impl AsyncFnOnce(&Engine) -> T) -> T {
        self.runtime.block_on(async {
            let engine = Engine::open(self.setup(), "test").await.unwrap();
            work(&engine).await
        })
    }

    /// The stamp of the last import.
    #[allow(dead_code)] // not every test that shares this file has a clock
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// A day has passed.
    #[allow(dead_code)] // not every test that shares this file has a clock
    pub fn next_day(&mut self) -> Timestamp {
        self.now = self.now.checked_add(24.hours()).unwrap();
        self.now
    }

    /// The real program over the same state: words of a command line behind the name of the configuration.
    #[allow(dead_code)] // not every test that shares this file runs it
    pub fn program(&self, program: &str, words: &[&str]) -> std::process::Command {
        let path = self.folder.path().join("sync.toml");
        std::fs::write(&path, format!("state_dir = \"state\"\n{}", self.configuration)).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let mut command = std::process::Command::new(program);
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env("RUST_LOG", "error")
            .arg("--config")
            .arg(path)
            .args(words)
            .stdin(std::process::Stdio::null());
        command
    }

    /// What the one target shows.
    pub fn shown(&self) -> Shown {
        Shown::read(&self.state_dir().join("contacts.db"))
    }

    /// What another target shows.
    pub fn shown_in(&self, file: &str) -> Shown {
        Shown::read(&self.state_dir().join(file))
    }

    /// A person works with the contact database.
    pub fn by_hand(&self, sql: &str) {
        let connection = Connection::open(self.state_dir().join("contacts.db")).unwrap();
        assert_eq!(connection.execute(sql, []).unwrap(), 1, "{sql}");
    }

    /// The state, for what no target shows.
    pub fn in_state(&self, sql: &str) -> Vec<String> {
        rows(&self.state_dir().join("state.db"), sql)
            .into_iter()
            .map(|row| row.0.into_values().collect::<Vec<_>>().join(" | "))
            .collect()
    }
}

/// A folder in memory where there is one: hundreds of imports wait for the disk otherwise, which is
/// not what they are about.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap())
}

/// A contact database as a person finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub contacts: BTreeMap<String, Row>,
    pub orders: BTreeMap<String, Row>,
}

impl Shown {
    pub fn read(path: &Path) -> Self {
        let keyed = |table: &str| {
            rows(path, &format!("SELECT * FROM {table}"))
                .into_iter()
                .map(|row| (row["key"].to_owned(), row))
                .collect()
        };
        Self {
            contacts: keyed("contacts"),
            orders: keyed("orders"),
        }
    }

    /// The contact with this key.
    pub fn contact(&self, key: &str) -> &Row {
        self.contacts
            .get(key)
            .unwrap_or_else(|| panic!("{key} is not among {:?}", self.contacts.keys()))
    }

    /// The order with this key.
    pub fn order(&self, key: &str) -> &Row {
        &self.orders[key]
    }

    /// The keys of all contacts that were not merged away, with the keys of their orders.
    pub fn people(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut people: BTreeMap<&str, BTreeSet<&str>> = self
            .contacts
            .iter()
            .filter(|(_, row)| row["merged_into"].is_empty())
            .map(|(key, _)| (key.as_str(), BTreeSet::new()))
            .collect();
        for (key, order) in &self.orders {
            let contact = people.get_mut(&order["contact_key"]);
            contact
                .unwrap_or_else(|| panic!("{key} is on nobody"))
                .insert(key);
        }
        people
    }

    /// Whose each order is, in a line: `key: orders; key: orders`.
    pub fn grouping(&self) -> String {
        let people = self.people();
        let lines = people
            .iter()
            .map(|(key, orders)| format!("{key}: {}", orders.iter().copied().collect::<Vec<_>>().join(" ")));
        let lines = lines.map(|line| line.trim_end().to_owned());
        lines.collect::<Vec<_>>().join("; ")
    }

    /// Some columns of all rows of both tables but the times of writing.
    pub fn without_times(&self) -> Self {
        let strip = |rows: &BTreeMap<String, Row>| {
            let strip_row = |row: &Row| {
                let mut row = row.clone();
                row.0.remove("created_at");
                row.0.remove("updated_at");
                row
            };
            rows.iter()
                .map(|(key, row)| (key.clone(), strip_row(row)))
                .collect()
        };
        Self {
            contacts: strip(&self.contacts),
            orders: strip(&self.orders),
        }
    }
}

fn rows(path: &Path, sql: &str) -> Vec<Row> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut found = statement.query([]).unwrap();
    let mut all = Vec::new();
    while let Some(row) = found.next().unwrap() {
        let text = |place| match row.get_ref(place).unwrap() {
            ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
            ValueRef::Integer(number) => number.to_string(),
            ValueRef::Real(number) => number.to_string(),
            ValueRef::Null | ValueRef::Blob(_) => String::new(),
        };
        let values = columns
            .iter()
            .enumerate()
            .map(|(place, name)| (name.clone(), text(place)));
        all.push(Row(values.filter(|(_, value)| !value.is_empty()).collect()));
    }
    all
}

/// The key of a guest known by an e-mail.
pub fn by_email(group: &str, email: &str) -> String {
    format!("{group}:e:{}", hex16(email))
}

/// The key of a guest known by a phone.
pub fn by_phone(group: &str, phone: &str) -> String {
    format!("{group}:p:{}", hex16(phone))
}

fn hex16(text: &str) -> String {
    let hash = Sha256::digest(text);
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
