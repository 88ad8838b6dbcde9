//! The embedded contact database: plain tables that a person can query and any program can read.
//!
//! It stays in rollback-journal mode, so that a reader needs nothing but the file. A call is one
//! transaction. The row's `key` is its remote identifier: our own key for the rows we made, a
//! person's for those that were adopted.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, OptionalExtension, ToSql, TransactionBehavior, params_from_iter};

use super::{Identity, Layout, Target};
use crate::error::{Doing, Error, Kind, Result};
use crate::model::{
    Ask, Candidate, ContactWrite, FieldSpec, Look, Marks, OrderFacts, OrderWrite, Shown, Value, ValueType,
};

/// The keys of `kind = "sqlite"`.
#[derive(Debug, Clone)]
pub struct SqliteSettings {
    /// The database file; relative paths are relative to the state directory.
    pub path: PathBuf,
}

/// Version of the fixed part of the tables.
const VERSION: i64 = 1;

const OWN_CONTACT_COLUMNS: [&str; 5] = ["key", "created_at", "updated_at", "gone_at", "merged_into"];
const OWN_ORDER_COLUMNS: [&str; 14] = [
    "key",
    "contact_key",
    "shop",
    "code",
    "placed_at",
    "status",
    "stage",
    "total",
    "currency",
    "paid",
    "coupons",
    "items",
    "url",
    "gone_at",
];

/// The open database.
pub struct SqliteTarget {
    path: PathBuf,
    connection: Option<Connection>,
    layout: Layout,
}

impl SqliteTarget {
    /// A target that opens its file when it is first needed.
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            connection: None,
            layout: Layout::default(),
        }
    }

    /// A database that is built from nothing and thrown away when that fails: no journal, no syncing,
    /// one transaction until [`SqliteTarget::finish_build`].
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn build(path: PathBuf) -> Result<Self> {
        let connection = open(&path)?;
        connection
            .execute_batch(
                "PRAGMA page_size = 8192; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
                 PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -4096; BEGIN;",
            )
            .doing(Kind::Disk, || format!("building {}", path.display()))?;
        Ok(Self {
            path,
            connection: Some(connection),
            layout: Layout::default(),
        })
    }

    /// Ends a build: indexes, then everything on the disk. The file can be renamed afterwards.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish_build(mut self) -> Result<()> {
        let path = self.path.clone();
        let doing = || format!("building {}", path.display());
        if let Some(connection) = self.connection.take() {
            create_indexes(&connection, &self.layout)?;
            connection
                .execute_batch("COMMIT; PRAGMA locking_mode = NORMAL;")
                .doing(Kind::Disk, doing)?;
            connection
                .close()
                .map_err(|(_, cause)| cause)
                .doing(Kind::Disk, doing)?;
        }
        let file = std::fs::File::open(&path).doing(Kind::Disk, doing)?;
        file.sync_all().doing(Kind::Disk, doing)
    }

    fn connection(&mut self) -> Result<&mut Connection> {
        if self.connection.is_none() {
            let connection = open(&self.path)?;
            connection
                .execute_batch("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL;")
                .doing(Kind::Database, || format!("opening {}", self.path.display()))?;
            self.connection = Some(connection);
        }
        self.connection
            .as_mut()
            .ok_or_else(|| Error::new(Kind::Database, "opening the contact database", "it is closed"))
    }

    /// One transaction around a whole call.
    fn transaction<T>(
        &mut self,
        work: impl FnOnce(&Connection, &Layout) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let path = self.path.clone();
        let layout = std::mem::take(&mut self.layout);
        let result = self.connection().and_then(|connection| {
            let doing = || format!("writing {}", path.display());
            if !connection.is_autocommit() {
                return work(connection, &layout).map_err(|cause| failure(doing(), &cause));
            }
            connection
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .and_then(|transaction| {
                    let done = work(&transaction, &layout)?;
                    transaction.commit()?;
                    Ok(done)
                })
                .map_err(|cause| failure(doing(), &cause))
        });
        self.layout = layout;
        result
    }

    fn find_contact(connection: &Connection, layout: &Layout, ask: &Ask) -> rusqlite::Result<Look> {
        if let Some(remote_id) = &ask.remote_id {
            return Ok(read_contact(connection, layout, remote_id)?.map_or(Look::Absent, Look::Found));
        }
        if let Some(shown) = read_contact(connection, layout, &ask.key)? {
            return Ok(Look::Found(shown));
        }
        let Some(email) = layout.email.and_then(|place| layout.contact.get(place)) else {
            return Ok(Look::Absent);
        };
        let by_email = format!(
            "SELECT key FROM contacts WHERE lower(trim({})) = ?1 AND merged_into IS NULL ORDER BY key LIMIT 20",
            quoted(&email.name)
        );
        for wanted in &ask.emails {
            let mut statement = connection.prepare_cached(&by_email)?;
            let keys: Vec<String> = statement
                .query_map([wanted], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            match keys.as_slice() {
                [] => {}
                [one] => return Ok(read_contact(connection, layout, one)?.map_or(Look::Absent, Look::Found)),
                several => {
                    let candidate = |key: &String| Candidate {
                        remote_id: key.clone(),
                        found_by: "email".to_owned(),
                    };
                    return Ok(Look::Ambiguous(several.iter().map(candidate).collect()));
                }
            }
        }
        Ok(Look::Absent)
    }
}

fn open(path: &Path) -> Result<Connection> {
    let connection =
        Connection::open(path).map_err(|cause| failure(format!("opening {}", path.display()), &cause))?;
    connection
        .busy_timeout(std::time::Duration::from_secs(30))
        .doing(Kind::Database, || format!("opening {}", path.display()))?;
    Ok(connection)
}

/// A connection that cannot write. Tables and columns that a delivery would make first are stood in
/// for by empty ones of this connection's own.
fn open_to_look(path: &Path, layout: &Layout) -> Result<Connection> {
    let doing = || format!("opening {}", path.display());
    let connection = if path.exists() {
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
    } else {
        Connection::open_in_memory()
    };
    let connection = connection.map_err(|cause| failure(doing(), &cause))?;
    connection
        .busy_timeout(std::time::Duration::from_secs(30))
        .doing(Kind::Database, doing)?;
    let stand_in = || -> rusqlite::Result<()> {
        let order = layout.order.get(1..).unwrap_or_default();
        for (table, specs, keys) in [
            ("contacts", layout.contact.as_slice(), "key, gone_at, merged_into"),
            ("orders", order, "key, stage"),
        ] {
            let known = columns(&connection, table)?;
            let missing: String = specs
                .iter()
                .filter(|spec| !known.contains(&spec.name.to_lowercase()))
                .map(|spec| format!(", NULL AS {}", quoted(&spec.name)))
                .collect();
            if known.is_empty() {
                let keys = keys.replace(", ", ", NULL AS ");
                connection.execute_batch(&format!(
                    "CREATE TEMP VIEW {table} AS SELECT NULL AS {keys}{missing} WHERE FALSE"
                ))?;
            } else if !missing.is_empty() {
                connection.execute_batch(&format!(
                    "CREATE TEMP VIEW {table} AS SELECT *{missing} FROM main.{table}"
                ))?;
            }
        }
        Ok(())
    };
    stand_in().map_err(|cause| failure(doing(), &cause))?;
    Ok(connection)
}

/// A full disk and a damaged file call for different people.
fn failure(doing: String, cause: &rusqlite::Error) -> Error {
    use rusqlite::ErrorCode::{CannotOpen, DiskFull, PermissionDenied, ReadOnly, SystemIoFailure};
    let kind = match cause.sqlite_error_code() {
        Some(DiskFull | SystemIoFailure | CannotOpen | ReadOnly | PermissionDenied) => Kind::Disk,
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => Kind::Busy,
        _ => Kind::Database,
    };
    Error::new(kind, doing, cause)
}

fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

const fn column_type(kind: ValueType) -> &'static str {
    match kind {
        ValueType::Integer | ValueType::Bool => "INTEGER",
        // Exact decimals would become floating point in any other column.
        ValueType::Text | ValueType::Decimal | ValueType::Time | ValueType::Json => "TEXT",
    }
}

/// A value on its way into a column.
struct Column<'a>(&'a Value);

impl ToSql for Column<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Value::Empty => ToSqlOutput::Borrowed(ValueRef::Null),
            Value::Text(text) | Value::Json(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Value::Integer(number) => ToSqlOutput::Borrowed(ValueRef::Integer(*number)),
            Value::Bool(yes) => ToSqlOutput::Borrowed(ValueRef::Integer(i64::from(*yes))),
            Value::Decimal(_) | Value::Time(_) => ToSqlOutput::from(self.0.canonical().into_owned()),
        })
    }
}

/// What stands in a column, in the same normal form as [`Value::canonical`].
fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null | ValueRef::Blob(_) => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
    }
}

fn time(moment: Option<Timestamp>) -> Option<String> {
    moment.map(|moment| moment.to_string())
}

fn now() -> String {
    Timestamp::from_second(Timestamp::now().as_second())
        .unwrap_or_default()
        .to_string()
}

fn read_contact(connection: &Connection, layout: &Layout, key: &str) -> rusqlite::Result<Option<Shown>> {
    let columns: String = layout
        .contact
        .iter()
        .map(|spec| format!("{}, ", quoted(&spec.name)))
        .collect();
    let query = format!("SELECT {columns}gone_at, merged_into FROM contacts WHERE key = ?1");
    let count = layout.contact.len();
    let mut statement = connection.prepare_cached(&query)?;
    statement
        .query_row([key], |row| {
            let values = (0..count)
                .map(|place| row.get_ref(place).map(shown))
                .collect::<rusqlite::Result<_>>()?;
            let gone_at: Option<String> = row.get(count)?;
            Ok(Shown {
                remote_id: key.to_owned(),
                values,
                marks: Marks {
                    gone_at: gone_at.and_then(|text| text.parse().ok()),
                    merged_into: row.get(count + 1)?,
                },
            })
        })
        .optional()
}

fn read_order(connection: &Connection, layout: &Layout, key: &str) -> rusqlite::Result<Option<Shown>> {
    let columns: Vec<String> = layout.order.iter().map(|spec| quoted(&spec.name)).collect();
    let query = format!("SELECT {} FROM orders WHERE key = ?1", columns.join(", "));
    let mut statement = connection.prepare_cached(&query)?;
    statement
        .query_row([key], |row| {
            let values = (0..columns.len())
                .map(|place| row.get_ref(place).map(shown))
                .collect::<rusqlite::Result<_>>()?;
            Ok(Shown {
                remote_id: key.to_owned(),
                values,
                marks: Marks::default(),
            })
        })
        .optional()
}

fn create_tables(connection: &Connection, layout: &Layout) -> rusqlite::Result<()> {
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS shoptet_sync(name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL);
         CREATE TABLE IF NOT EXISTS contacts(key TEXT PRIMARY KEY NOT NULL,
           created_at TEXT NOT NULL, updated_at TEXT NOT NULL, gone_at TEXT, merged_into TEXT);
         CREATE TABLE IF NOT EXISTS orders(key TEXT PRIMARY KEY NOT NULL,
           contact_key TEXT NOT NULL REFERENCES contacts(key), shop TEXT NOT NULL, code TEXT NOT NULL, placed_at TEXT,
           status TEXT NOT NULL, stage TEXT, total TEXT, currency TEXT NOT NULL, paid INTEGER, coupons TEXT NOT NULL,
           items TEXT NOT NULL, url TEXT, updated_at TEXT NOT NULL, gone_at TEXT);",
    )?;
    add_missing_columns(connection, "contacts", &layout.contact)?;
    add_missing_columns(connection, "orders", layout.order.get(1..).unwrap_or_default())
}

fn add_missing_columns(connection: &Connection, table: &str, specs: &[FieldSpec]) -> rusqlite::Result<()> {
    let known = columns(connection, table)?;
    for spec in specs
        .iter()
        .filter(|spec| !known.contains(&spec.name.to_lowercase()))
    {
        let (name, kind) = (quoted(&spec.name), column_type(spec.kind));
        connection.execute_batch(&format!("ALTER TABLE {table} ADD COLUMN {name} {kind}"))?;
    }
    Ok(())
}

/// The columns of a table in lower case; none when there is no such table.
fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare(&format!("SELECT lower(name) FROM pragma_table_info('{table}')"))?
        .query_map([], |row| row.get(0))?
        .collect()
}

fn create_indexes(connection: &Connection, layout: &Layout) -> Result<()> {
    let by_email = layout
        .email
        .and_then(|place| layout.contact.get(place))
        .map_or_else(String::new, |spec| {
            format!(
                "CREATE INDEX IF NOT EXISTS contacts_by_email ON contacts(lower(trim({})));",
                quoted(&spec.name)
            )
        });
    connection
        .execute_batch(&format!(
            "{by_email} CREATE INDEX IF NOT EXISTS orders_by_contact ON orders(contact_key, placed_at);"
        ))
        .doing(Kind::Disk, || {
            "making the indexes of the contact database".to_owned()
        })
}

fn insert_contact(
    connection: &Connection,
    layout: &Layout,
    write: &ContactWrite,
    now: &str,
) -> rusqlite::Result<()> {
    let columns: String = layout
        .contact
        .iter()
        .map(|spec| format!(", {}", quoted(&spec.name)))
        .collect();
    let places: String = (0..layout.contact.len())
        .map(|place| format!(", ?{}", place + 6))
        .collect();
    let insert = format!(
        "INSERT INTO contacts(key, created_at, updated_at, gone_at, merged_into{columns}) VALUES (?1, ?2, ?3, ?4, ?5{places})"
    );
    let marks = write.marks.clone().unwrap_or_default();
    let mut statement = connection.prepare_cached(&insert)?;
    statement.raw_bind_parameter(1, &write.key)?;
    statement.raw_bind_parameter(2, now)?;
    statement.raw_bind_parameter(3, now)?;
    statement.raw_bind_parameter(4, time(marks.gone_at))?;
    statement.raw_bind_parameter(5, marks.merged_into)?;
    for place in 0..layout.contact.len() {
        statement.raw_bind_parameter(place + 6, Option::<i64>::None)?;
    }
    for (place, value) in &write.set {
        statement.raw_bind_parameter(place + 6, Column(value))?;
    }
    statement.raw_execute()?;
    Ok(())
}

fn update_contact(
    connection: &Connection,
    layout: &Layout,
    key: &str,
    write: &ContactWrite,
    now: &str,
) -> rusqlite::Result<()> {
    let mut columns = vec!["updated_at = ?".to_owned()];
    let mut values: Vec<Box<dyn ToSql + '_>> = vec![Box::new(now)];
    for (place, value) in &write.set {
        if let Some(spec) = layout.contact.get(*place) {
            columns.push(format!("{} = ?", quoted(&spec.name)));
            values.push(Box::new(Column(value)));
        }
    }
    if let Some(marks) = &write.marks {
        columns.push("gone_at = ?, merged_into = ?".to_owned());
        values.push(Box::new(time(marks.gone_at)));
        values.push(Box::new(&marks.merged_into));
    }
    values.push(Box::new(key));
    let update = format!("UPDATE contacts SET {} WHERE key = ?", columns.join(", "));
    connection
        .prepare_cached(&update)?
        .execute(params_from_iter(values.iter()))?;
    Ok(())
}

fn bind_facts<'a>(facts: &'a OrderFacts, contact: &'a str) -> [(&'static str, Box<dyn ToSql + 'a>); 12] {
    [
        ("contact_key", Box::new(contact)),
        ("shop", Box::new(&facts.shop)),
        ("code", Box::new(&facts.code)),
        ("placed_at", Box::new(time(facts.placed_at))),
        ("status", Box::new(&facts.status)),
        ("total", Box::new(facts.total.map(|total| total.to_string()))),
        ("currency", Box::new(&facts.currency)),
        ("paid", Box::new(facts.paid)),
        ("coupons", Box::new(&facts.coupons)),
        ("items", Box::new(&facts.items)),
        ("url", Box::new(&facts.url)),
        ("gone_at", Box::new(time(facts.gone_at))),
    ]
}

/// Inserts or updates one order: the facts when they changed, and the mapped fields that are to be set.
fn write_order(
    connection: &Connection,
    layout: &Layout,
    key: &str,
    write: &OrderWrite,
    now: &str,
) -> rusqlite::Result<()> {
    let mut columns: Vec<String> = vec!["updated_at".to_owned()];
    let mut values: Vec<Box<dyn ToSql + '_>> = vec![Box::new(now)];
    if let Some(facts) = &write.facts {
        for (column, value) in bind_facts(facts, &write.contact) {
            columns.push(column.to_owned());
            values.push(value);
        }
    }
    for (place, value) in &write.set {
        if let Some(spec) = layout.order.get(*place) {
            columns.push(quoted(&spec.name));
            values.push(Box::new(Column(value)));
        }
    }
    values.push(Box::new(key));
    let sql = if write.remote_id.is_some() {
        format!("UPDATE orders SET {} = ? WHERE key = ?", columns.join(" = ?, "))
    } else {
        let places = vec!["?"; columns.len()].join(", ");
        format!(
            "INSERT INTO orders({}, key) VALUES ({places}, ?)",
            columns.join(", ")
        )
    };
    connection
        .prepare_cached(&sql)?
        .execute(params_from_iter(values.iter()))?;
    Ok(())
}

#[async_trait]
impl Target for SqliteTarget {
    async fn identity(&mut self) -> Result<Option<Identity>> {
        if self.connection.is_none() && !self.path.exists() {
            return Ok(None);
        }
        let path = self.path.display().to_string();
        let connection = self.connection()?;
        let ours: bool = connection
            .query_row(
                "SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'shoptet_sync'",
                [],
                |row| row.get(0),
            )
            .map_err(|cause| failure(format!("opening {path}"), &cause))?;
        if !ours {
            return Ok(None);
        }
        let id = connection
            .query_row("SELECT value FROM shoptet_sync WHERE name = 'id'", [], |row| {
                row.get(0)
            })
            .map_err(|cause| failure(format!("reading the id of {path}"), &cause))?;
        let holds_ours = connection
            .query_row("SELECT count(*) > 0 FROM contacts", [], |row| row.get(0))
            .map_err(|cause| failure(format!("reading {path}"), &cause))?;
        Ok(Some(Identity { id, holds_ours }))
    }

    async fn check(&mut self, layout: &Layout) -> Result<Vec<String>> {
        let mut problems = Vec::new();
        let tables: [(&str, &[FieldSpec], &[&str]); 2] = [
            ("fields", &layout.contact, &OWN_CONTACT_COLUMNS),
            (
                "order_fields",
                layout.order.get(1..).unwrap_or_default(),
                &OWN_ORDER_COLUMNS,
            ),
        ];
        for (section, specs, own) in tables {
            let mut seen: Vec<String> = Vec::new();
            for spec in specs {
                let name = spec.name.to_lowercase();
                if own.contains(&name.as_str()) || name == "updated_at" {
                    problems.push(format!(
                        "[target.{section}] `{}`: the table has a column of that name of its own",
                        spec.name
                    ));
                }
                if seen.contains(&name) {
                    problems.push(format!(
                        "[target.{section}] `{}`: a column name does not tell capitals apart",
                        spec.name
                    ));
                }
                seen.push(name);
            }
        }
        if let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty())
            && folder.exists()
            && folder.metadata().is_ok_and(|data| data.permissions().readonly())
        {
            problems.push(format!("{} cannot be written", folder.display()));
        }
        if self.path.exists() {
            self.identity().await?;
        }
        Ok(problems)
    }

    async fn open_to_look(&mut self, layout: &Layout) -> Result<Option<Identity>> {
        self.layout = layout.clone();
        self.connection = Some(open_to_look(&self.path, layout)?);
        self.identity().await
    }

    async fn prepare(&mut self, layout: &Layout) -> Result<Identity> {
        if let Some(problem) = self.check(layout).await?.into_iter().next() {
            return Err(Error::new(
                Kind::Configuration,
                format!("preparing {}", self.path.display()),
                problem,
            ));
        }
        self.layout = layout.clone();
        let building = self
            .connection
            .as_ref()
            .is_some_and(|connection| !connection.is_autocommit());
        let fresh_id = format!("{:016x}", rand_id());
        self.transaction(|connection, layout| {
            create_tables(connection, layout)?;
            connection.execute(
                "INSERT OR IGNORE INTO shoptet_sync VALUES ('id', ?1)",
                [&fresh_id],
            )?;
            connection.execute(
                "INSERT OR IGNORE INTO shoptet_sync VALUES ('version', ?1)",
                [VERSION.to_string()],
            )?;
            Ok(())
        })?;
        if !building {
            let layout = self.layout.clone();
            create_indexes(self.connection()?, &layout)?;
        }
        self.identity()
            .await?
            .ok_or_else(|| Error::new(Kind::Database, "preparing the contact database", "it has no id"))
    }

    async fn look(&mut self, asks: &[Ask]) -> Result<Vec<Result<Look, Error>>> {
        let path = self.path.clone();
        let layout = self.layout.clone();
        let connection = self.connection()?;
        asks.iter()
            .map(|ask| {
                Self::find_contact(connection, &layout, ask)
                    .map(Ok)
                    .map_err(|cause| failure(format!("reading {}", path.display()), &cause))
            })
            .collect()
    }

    async fn look_at_orders(&mut self, asks: &[Ask]) -> Result<Vec<Result<Look, Error>>> {
        let path = self.path.clone();
        let layout = self.layout.clone();
        let connection = self.connection()?;
        asks.iter()
            .map(|ask| {
                read_order(connection, &layout, ask.remote_id.as_ref().unwrap_or(&ask.key))
                    .map(|found| Ok(found.map_or(Look::Absent, Look::Found)))
                    .map_err(|cause| failure(format!("reading {}", path.display()), &cause))
            })
            .collect()
    }

    async fn write_contacts(&mut self, writes: &[ContactWrite]) -> Result<Vec<Result<Shown, Error>>> {
        let now = now();
        self.transaction(|connection, layout| {
            let mut written = Vec::with_capacity(writes.len());
            for write in writes {
                let key = write.remote_id.as_ref().unwrap_or(&write.key);
                match &write.remote_id {
                    Some(key) => update_contact(connection, layout, key, write, &now)?,
                    None => insert_contact(connection, layout, write, &now)?,
                }
                let values = shown_after(layout.contact.len(), &write.set);
                written.push(Ok(Shown {
                    remote_id: key.clone(),
                    values,
                    marks: write.marks.clone().unwrap_or_default(),
                }));
            }
            Ok(written)
        })
    }

    async fn write_orders(&mut self, writes: &[OrderWrite]) -> Result<Vec<Result<Shown, Error>>> {
        let now = now();
        self.transaction(|connection, layout| {
            let mut written = Vec::with_capacity(writes.len());
            for write in writes {
                let key = write.remote_id.as_ref().unwrap_or(&write.key);
                write_order(connection, layout, key, write, &now)?;
                let values = shown_after(layout.order.len(), &write.set);
                written.push(Ok(Shown {
                    remote_id: key.clone(),
                    values,
                    marks: Marks::default(),
                }));
            }
            Ok(written)
        })
    }
}

/// The fields just set, as the columns show them; the others empty, since nobody asked for them.
fn shown_after(count: usize, set: &[(usize, Value)]) -> Vec<String> {
    let mut values = vec![String::new(); count];
    for (place, value) in set {
        if let Some(slot) = values.get_mut(*place) {
            *slot = value.canonical().into_owned();
        }
    }
    values
}

/// Tells one database file from another; it need not be secret.
fn rand_id() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::hash::RandomState::new().build_hasher().finish()
}
