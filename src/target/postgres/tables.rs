//! The tables: made when missing, grown when the mapping grows, never shrunk.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::sleep;

use super::super::Layout;
use super::by_email;
use super::columns::{ColumnType, text};
use super::session::Session;
use super::statement::Statement;
use crate::error::{Kind, Result};
use crate::model::FieldSpec;

/// Version of the fixed part of the tables.
const VERSION: &str = "1";

/// Longer names PostgreSQL cuts off without a word.
const LONGEST_NAME: usize = 63;

/// How often somebody else may make the same tables at the same time.
const TRIES: u32 = 5;

/// Until somebody else who makes them is done.
const PAUSE: Duration = Duration::from_millis(200);

/// Columns of contacts that the table has by itself; no field may be called so.
pub const OWN_CONTACT_COLUMNS: [(&str, ColumnType); 5] = [
    ("key", ColumnType::Text),
    ("created_at", ColumnType::Time),
    ("updated_at", ColumnType::Time),
    ("gone_at", ColumnType::Time),
    ("merged_into", ColumnType::Text),
];

/// Columns of orders that the table has by itself.
pub const OWN_ORDER_COLUMNS: [(&str, ColumnType); 15] = [
    ("key", ColumnType::Text),
    ("contact_key", ColumnType::Text),
    ("shop", ColumnType::Text),
    ("code", ColumnType::Text),
    ("placed_at", ColumnType::Time),
    ("status", ColumnType::Text),
    ("stage", ColumnType::Text),
    ("total", ColumnType::Decimal),
    ("currency", ColumnType::Text),
    ("paid", ColumnType::Bool),
    ("coupons", ColumnType::Json),
    ("items", ColumnType::Json),
    ("url", ColumnType::Text),
    ("updated_at", ColumnType::Time),
    ("gone_at", ColumnType::Time),
];

/// Those of them that may be empty.
const MAY_BE_EMPTY: [&str; 7] = [
    "gone_at",
    "merged_into",
    "placed_at",
    "stage",
    "total",
    "paid",
    "url",
];

/// Where the tables are, and what they are called while they are filled.
#[derive(Debug, Clone)]
pub struct Names {
    /// The schema.
    pub schema: String,
    /// What the names end with; empty for those that everybody sees.
    pub ending: String,
}

impl Names {
    /// A table of ours as statements name it.
    pub fn of(&self, table: Table) -> String {
        format!("{}.{}", quoted(&self.schema), quoted(&self.bare(table)))
    }

    /// The name of a table in its schema.
    pub fn bare(&self, table: Table) -> String {
        format!("{}{}", table.name(), self.ending)
    }

    /// The name of an index, as it is made.
    pub fn index(&self, name: &str) -> String {
        quoted(&format!("{name}{}", self.ending))
    }
}

/// Our tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// What the program remembers there: the database's id, the number of each state's last delivery.
    Sync,
    /// The contacts.
    Contacts,
    /// The orders.
    Orders,
    /// The seals of contacts.
    ContactSeals,
    /// The seals of orders.
    OrderSeals,
}

impl Table {
    /// In the order in which they are made.
    pub const ALL: [Self; 5] = [
        Self::Sync,
        Self::Contacts,
        Self::Orders,
        Self::ContactSeals,
        Self::OrderSeals,
    ];

    /// Its name, once it is filled.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sync => "shoptet_sync",
            Self::Contacts => "contacts",
            Self::Orders => "orders",
            Self::ContactSeals => "shoptet_sync_contacts",
            Self::OrderSeals => "shoptet_sync_orders",
        }
    }

    /// What it consists of; `key` says what the key's column is beside being one.
    fn columns(self, key: &str) -> String {
        let own = |columns: &[(&str, ColumnType)]| {
            let column = |(name, kind): &(&str, ColumnType)| {
                let need = match *name {
                    "key" => key,
                    _ if MAY_BE_EMPTY.contains(name) => "",
                    _ => " NOT NULL",
                };
                format!("{name} {}{need}", kind.name())
            };
            columns.iter().map(column).collect::<Vec<_>>().join(", ")
        };
        match self {
            Self::Sync => "name text PRIMARY KEY, value text NOT NULL".to_owned(),
            Self::Contacts => own(&OWN_CONTACT_COLUMNS),
            Self::Orders => own(&OWN_ORDER_COLUMNS),
            Self::ContactSeals | Self::OrderSeals => format!("key text{key}, seal bigint NOT NULL"),
        }
    }
}

/// The columns of a table by their names.
pub type Columns = BTreeMap<String, ColumnType>;

/// The tables that are there.
#[derive(Debug, Clone, Default)]
pub struct Tables(BTreeMap<String, Columns>);

impl Tables {
    /// Asks the server.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn read(session: &mut Session, names: &Names) -> Result<Self> {
        let ask = Statement::new(
            "SELECT table_name::text, column_name::text, data_type::text, udt_name::text
             FROM information_schema.columns WHERE table_schema::text = $1 AND table_name::text = ANY($2)",
        )
        .text(&names.schema)
        .texts(Table::ALL.map(|table| names.bare(table)));
        let mut tables = Self::default();
        for row in session.read(&ask).await? {
            let word = |place| text(&row, place).unwrap_or_default();
            let kind = ColumnType::of(&word(2), &word(3));
            tables.0.entry(word(0)).or_default().insert(word(1), kind);
        }
        Ok(tables)
    }

    /// The columns of a table; none when there is no such table.
    pub fn columns(&self, names: &Names, table: Table) -> Option<&Columns> {
        self.0.get(&names.bare(table))
    }

    /// Whether none of ours is there.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Tables of our names that another program made, or columns that cannot be written; a problem a line.
    pub fn problems(&self, names: &Names, layout: &Layout) -> Vec<String> {
        let mut problems = Vec::new();
        for (table, own, fields) in [
            (Table::Contacts, &OWN_CONTACT_COLUMNS[..], &layout.contact[..]),
            (Table::Orders, &OWN_ORDER_COLUMNS[..], mapped_order_fields(layout)),
        ] {
            let Some(known) = self.columns(names, table) else {
                continue;
            };
            let missing: Vec<&str> = own
                .iter()
                .map(|(name, _)| *name)
                .filter(|name| !known.contains_key(*name))
                .collect();
            let name = table.name();
            if !missing.is_empty() {
                problems.push(format!(
                    "its table `{name}` is another program's, it has no {}: name another `schema`",
                    missing.join(", ")
                ));
                continue;
            }
            for (column, wanted) in own {
                if known.get(*column) != Some(wanted) {
                    problems.push(format!(
                        "its column {name}.{column} has another type than {}",
                        wanted.name()
                    ));
                }
            }
            for spec in fields {
                if known.get(&spec.name) == Some(&ColumnType::Other) {
                    problems.push(format!(
                        "its column {name}.{} has a type that is not written",
                        spec.name
                    ));
                }
            }
        }
        problems
    }
}

/// What makes the layout impossible; a problem a line.
pub fn problems(layout: &Layout) -> Vec<String> {
    let mut problems = of_section("fields", &layout.contact, &OWN_CONTACT_COLUMNS);
    problems.extend(of_section(
        "order_fields",
        mapped_order_fields(layout),
        &OWN_ORDER_COLUMNS,
    ));
    problems
}

fn of_section(section: &str, specs: &[FieldSpec], own: &[(&str, ColumnType)]) -> Vec<String> {
    let mut problems = Vec::new();
    for spec in specs {
        let name = &spec.name;
        if own.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)) {
            problems.push(format!(
                "[target.{section}] `{name}`: the table has a column of that name of its own"
            ));
        }
        if name.len() > LONGEST_NAME {
            problems.push(format!(
                "[target.{section}] `{name}`: PostgreSQL takes no name of more than {LONGEST_NAME} bytes"
            ));
        }
    }
    problems
}

/// The stage is a column of the table itself.
pub fn mapped_order_fields(layout: &Layout) -> &[FieldSpec] {
    layout.order.get(1..).unwrap_or_default()
}

/// Makes the schema, and tables and columns that are missing, and gives a new database its id. Several programs
/// may do so at once.
///
/// # Errors
/// When the user may not, or the server does not answer.
pub async fn create(session: &mut Session, names: &Names, layout: &Layout) -> Result<()> {
    for _ in 1..TRIES {
        match try_create(session, names, layout).await {
            // Two made the same at the same time; the next time it is there.
            Err(error) if error.kind() == Kind::Refused => sleep(PAUSE).await,
            done => return done,
        }
    }
    try_create(session, names, layout).await
}

async fn try_create(session: &mut Session, names: &Names, layout: &Layout) -> Result<()> {
    let is_there =
        Statement::new("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname::text = $1").text(&names.schema);
    if session.read(&is_there).await?.is_empty() {
        let make = format!("CREATE SCHEMA IF NOT EXISTS {}", quoted(&names.schema));
        session.write(&[Statement::new(make)]).await?;
    }
    let tables = Tables::read(session, names).await?;
    for table in Table::ALL {
        let fields = match table {
            Table::Contacts => &layout.contact[..],
            Table::Orders => mapped_order_fields(layout),
            _ => &[],
        };
        let known = tables.columns(names, table);
        if known.is_none() {
            // A build makes each row once, and every order with its contact: asking that of every row takes longer
            // than the row.
            let is_build = !names.ending.is_empty();
            let rule = match table {
                Table::Orders if !is_build => format!(", {}", orders_hang_on_contacts(names)),
                _ => String::new(),
            };
            let key = if is_build { " NOT NULL" } else { " PRIMARY KEY" };
            let (table, columns) = (names.of(table), table.columns(key));
            let make = format!("CREATE TABLE IF NOT EXISTS {table} ({columns}{rule})");
            session.write(&[Statement::new(make)]).await?;
        }
        for spec in fields
            .iter()
            .filter(|spec| known.is_none_or(|known| !known.contains_key(&spec.name)))
        {
            let add = format!(
                "ALTER TABLE {} ADD COLUMN IF NOT EXISTS {} {}",
                names.of(table),
                quoted(&spec.name),
                ColumnType::made_for(spec.kind).name()
            );
            session.write(&[Statement::new(add)]).await?;
        }
    }
    let remember = format!(
        "INSERT INTO {} (name, value) VALUES ('version', $1), ('id', $2) ON CONFLICT (name) DO NOTHING",
        names.of(Table::Sync)
    );
    let id = format!("{:016x}", fresh_id());
    session
        .write(&[Statement::new(remember).text(VERSION).text(id)])
        .await
}

/// The rule that a key stands once in a table: the name of its index, and how it is made once the table is full.
pub fn key_once(names: &Names, table: Table) -> (String, Statement) {
    let name = format!("{}_pkey", table.name());
    let rule = format!(
        "ALTER TABLE {} ADD CONSTRAINT {} PRIMARY KEY (key)",
        names.of(table),
        names.index(&name)
    );
    (name, Statement::new(rule))
}

/// The rule that no order is without its contact.
pub fn orders_hang_on_contacts(names: &Names) -> String {
    let contacts = names.of(Table::Contacts);
    format!("CONSTRAINT orders_contact_key_fkey FOREIGN KEY (contact_key) REFERENCES {contacts} (key)")
}

/// The indexes that people and adoption look by: their names, and how they are made.
pub fn indexes(names: &Names, layout: &Layout, tables: &Tables) -> Vec<(&'static str, Table, Statement)> {
    let email = layout.email.and_then(|place| layout.contact.get(place));
    let is_text = |spec: &&FieldSpec| {
        let contacts = tables.columns(names, Table::Contacts);
        contacts.and_then(|known| known.get(&spec.name)) == Some(&ColumnType::Text)
    };
    let mut indexes = email
        .filter(is_text)
        .map_or_else(Vec::new, |spec| by_email::indexes(names, &quoted(&spec.name)))
        .into_iter()
        .map(|(name, index)| (name, Table::Contacts, index))
        .collect::<Vec<_>>();
    let name = "orders_by_contact";
    let orders = names.of(Table::Orders);
    indexes.push((
        name,
        Table::Orders,
        Statement::new(format!(
            "CREATE INDEX IF NOT EXISTS {} ON {orders} (contact_key, placed_at)",
            names.index(name)
        )),
    ));
    indexes
}

/// The name under which a state leaves the number of its last delivery.
pub fn delivery_of(writer: &str) -> String {
    format!("delivery of {writer}")
}

/// Puts a value under a name in the program's own table.
pub fn remember(names: &Names, name: &str, value: &str) -> Statement {
    let sync = names.of(Table::Sync);
    Statement::new(format!(
        "INSERT INTO {sync} AS there (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value
         WHERE there.value IS DISTINCT FROM excluded.value"
    ))
    .text(name)
    .text(value)
}

/// An identifier that may hold anything.
pub fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

/// Tells one database from another; it need not be secret.
fn fresh_id() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::hash::RandomState::new().build_hasher().finish()
}
