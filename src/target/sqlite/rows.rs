//! Rows read and written. The statements depend on the layout alone and are put together once.

use rusqlite::{Connection, OptionalExtension, Statement, ToSql, params, params_from_iter};

use super::super::{Layout, Of};
use super::by_email::ByEmail;
use super::facts::{FACTS, FACTS_COUNT, bind_facts, read_facts};
use super::seals::Sealed;
use super::tables::{columns, quoted};
use super::values::{Column, shown, time};
use crate::model::{
    Ask, Candidate, ContactWrite, FieldSpec, Look, Marks, OrderFacts, OrderWrite, Shown, Value, Written,
};

/// More records of one e-mail than this are not worth naming.
const CANDIDATES: usize = 20;

/// The statements of one layout.
#[derive(Debug, Default)]
pub struct Statements {
    insert_contact: String,
    insert_order: String,
    select_contact: String,
    select_order: String,
    find_by_email: Option<ByEmail>,
}

impl Statements {
    /// For the tables as they are now: a column that is still missing reads as empty.
    pub fn new(connection: &Connection, layout: &Layout) -> rusqlite::Result<Self> {
        let names = |specs: &[FieldSpec]| {
            specs
                .iter()
                .map(|spec| format!(", {}", quoted(&spec.name)))
                .collect::<String>()
        };
        let places = |from: usize, count: usize| {
            (from..from + count)
                .map(|place| format!(", ?{place}"))
                .collect::<String>()
        };
        let readable = |table: &str, specs: &[FieldSpec]| -> rusqlite::Result<String> {
            let known = columns(connection, table)?;
            let column = |spec: &FieldSpec| {
                if known.contains(&spec.name.to_lowercase()) {
                    quoted(&spec.name)
                } else {
                    "NULL".to_owned()
                }
            };
            Ok(specs.iter().map(|spec| format!(", {}", column(spec))).collect())
        };
        let facts: Vec<String> = (1..=FACTS_COUNT).map(|place| format!("?{place}")).collect();
        let contact_columns = columns(connection, "contacts")?;
        let email = layout
            .email
            .and_then(|place| layout.contact.get(place))
            .filter(|spec| contact_columns.contains(&spec.name.to_lowercase()));
        Ok(Self {
            insert_contact: format!(
                "INSERT INTO contacts(key, created_at, updated_at, gone_at, merged_into{}) VALUES (?1, ?2, ?2, ?3, ?4{})",
                names(&layout.contact),
                places(5, layout.contact.len())
            ),
            insert_order: format!(
                "INSERT INTO orders({FACTS}{}) VALUES ({}{})",
                names(&layout.order),
                facts.join(", "),
                places(FACTS_COUNT + 1, layout.order.len())
            ),
            select_contact: format!(
                "SELECT gone_at, merged_into, {}{} FROM contacts WHERE key = ?1",
                Sealed::Contacts.column(),
                readable("contacts", &layout.contact)?
            ),
            select_order: format!(
                "SELECT key, {}{} FROM orders WHERE key = ?1",
                Sealed::Orders.column(),
                readable("orders", &layout.order)?
            ),
            find_by_email: email.map(|spec| ByEmail::new(&spec.name, layout.spelling)),
        })
    }

    /// Finds a contact: the record the ID map names, else by key, else by e-mail.
    pub fn find_contact(&self, connection: &Connection, ask: &Ask) -> rusqlite::Result<Look> {
        let found = |shown: Option<Shown>| shown.map_or(Look::Absent, Look::Found);
        if let Some(record) = &ask.remote_id {
            return self.read_contact(connection, record).map(found);
        }
        if !ask.not_these.contains(&ask.key)
            && let Some(shown) = self.read_contact(connection, &ask.key)?
        {
            return Ok(Look::Found(shown));
        }
        let Some(by_email) = &self.find_by_email else {
            return Ok(Look::Absent);
        };
        for email in &ask.emails {
            let limit = CANDIDATES.saturating_add(ask.not_these.len());
            let mut keys = by_email.keys(connection, email, limit)?;
            keys.retain(|key| !ask.not_these.contains(key));
            match keys.as_slice() {
                [] => {}
                [one] => return self.read_contact(connection, one).map(found),
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

    fn read_contact(&self, connection: &Connection, key: &str) -> rusqlite::Result<Option<Shown>> {
        let mut statement = connection.prepare_cached(&self.select_contact)?;
        let count = statement.column_count();
        statement
            .query_row([key], |row| {
                let (gone_at, merged_into) = (shown(row.get_ref(0)?), shown(row.get_ref(1)?));
                let marks = Marks {
                    gone_at: gone_at.parse().ok(),
                    merged_into: (!merged_into.is_empty()).then_some(merged_into),
                };
                let is_unreadable = marks.gone_at.is_none() && !gone_at.is_empty();
                let values = (3..count)
                    .map(|place| row.get_ref(place).map(shown))
                    .collect::<rusqlite::Result<_>>()?;
                Ok(Shown {
                    remote_id: key.to_owned(),
                    values,
                    marks,
                    unreadable: is_unreadable.then_some("gone_at"),
                    facts: None,
                    seal: row.get(2)?,
                    lists: Vec::new(),
                    parts: None,
                })
            })
            .optional()
    }

    /// Finds an order by its key.
    pub fn find_order(&self, connection: &Connection, ask: &Ask) -> rusqlite::Result<Look> {
        let key = ask.remote_id.as_ref().unwrap_or(&ask.key);
        let mut statement = connection.prepare_cached(&self.select_order)?;
        let count = statement.column_count();
        let found = statement
            .query_row([key], |row| {
                let values = (2..count)
                    .map(|place| row.get_ref(place).map(shown))
                    .collect::<rusqlite::Result<_>>()?;
                Ok(Shown {
                    remote_id: key.clone(),
                    values,
                    seal: row.get(1)?,
                    ..Shown::default()
                })
            })
            .optional()?;
        let Some(mut shown) = found else {
            return Ok(Look::Absent);
        };
        if ask.with_facts {
            shown.facts = read_facts(connection, key)?.map(Box::new);
        }
        Ok(Look::Found(shown))
    }

    /// Inserts or updates a contact; answers with its record.
    pub fn write_contact(
        &self,
        connection: &Connection,
        layout: &Layout,
        write: &ContactWrite,
        now: &str,
    ) -> rusqlite::Result<Written> {
        match &write.remote_id {
            Some(record) => {
                update_contact(connection, layout, record, write, now)?;
                Sealed::Contacts.set(connection, record, write.seal)?;
            }
            None => self.insert_contact(connection, layout, write, now)?,
        }
        // A column shows exactly what was put into it.
        Ok(Written::as_sent(write.remote_id.as_ref().unwrap_or(&write.key)))
    }

    fn insert_contact(
        &self,
        connection: &Connection,
        layout: &Layout,
        write: &ContactWrite,
        now: &str,
    ) -> rusqlite::Result<()> {
        let mut statement = connection.prepare_cached(&self.insert_contact)?;
        let marks = write.marks.as_ref();
        statement.raw_bind_parameter(1, &write.key)?;
        statement.raw_bind_parameter(2, now)?;
        statement.raw_bind_parameter(3, marks.and_then(|marks| time(marks.gone_at)))?;
        statement.raw_bind_parameter(4, marks.and_then(|marks| marks.merged_into.as_ref()))?;
        bind_fields(&mut statement, 5, layout.contact.len(), &write.set)?;
        statement.raw_execute()?;
        Sealed::Contacts.add(connection, write.seal)
    }

    /// Inserts or updates an order; answers with its record.
    pub fn write_order(
        &self,
        connection: &Connection,
        layout: &Layout,
        write: &OrderWrite,
        now: &str,
    ) -> rusqlite::Result<Written> {
        match (&write.remote_id, &write.facts) {
            (None, Some(facts)) => {
                let mut statement = connection.prepare_cached(&self.insert_order)?;
                statement.raw_bind_parameter(1, &write.key)?;
                statement.raw_bind_parameter(2, now)?;
                bind_facts(&mut statement, facts, &write.contact)?;
                bind_fields(&mut statement, FACTS_COUNT + 1, layout.order.len(), &write.set)?;
                statement.raw_execute()?;
                Sealed::Orders.add(connection, write.seal)?;
            }
            (record, facts) => {
                let record = record.as_ref().unwrap_or(&write.key);
                update_order(connection, layout, record, facts.as_ref(), write, now)?;
                Sealed::Orders.set(connection, record, write.seal)?;
            }
        }
        // A column shows exactly what was put into it.
        Ok(Written::as_sent(write.remote_id.as_ref().unwrap_or(&write.key)))
    }
}

/// Keys of a table after one, in their own order.
pub fn keys_after(
    connection: &Connection,
    of: Of,
    after: &str,
    most: usize,
) -> rusqlite::Result<Vec<String>> {
    let table = match of {
        Of::Contacts => "contacts",
        Of::Orders => "orders",
    };
    connection
        .prepare_cached(&format!(
            "SELECT key FROM {table} WHERE key > ?1 AND typeof(key) = 'text' ORDER BY key LIMIT ?2"
        ))?
        .query_map(params![after, i64::try_from(most).unwrap_or(i64::MAX)], |row| {
            row.get(0)
        })?
        .collect()
}

/// The column of the main e-mail, as far as there is one.
pub fn readable_email(connection: &Connection, layout: &Layout) -> rusqlite::Result<String> {
    let known = columns(connection, "contacts")?;
    let column = layout
        .email
        .and_then(|place| layout.contact.get(place))
        .filter(|spec| known.contains(&spec.name.to_lowercase()));
    Ok(column.map_or_else(|| "NULL".to_owned(), |spec| quoted(&spec.name)))
}

/// Binds the fields that are set; the others are empty. A cached statement remembers the last row's.
fn bind_fields(
    statement: &mut Statement<'_>,
    from: usize,
    count: usize,
    set: &[(usize, Value)],
) -> rusqlite::Result<()> {
    let mut set = set.iter().peekable();
    for place in 0..count {
        match set.next_if(|(field, _)| *field == place) {
            Some((_, value)) => statement.raw_bind_parameter(from + place, Column(value))?,
            None => statement.raw_bind_parameter(from + place, Option::<i64>::None)?,
        }
    }
    Ok(())
}

fn update_contact(
    connection: &Connection,
    layout: &Layout,
    record: &str,
    write: &ContactWrite,
    now: &str,
) -> rusqlite::Result<()> {
    let mut columns = vec!["updated_at = ?".to_owned()];
    let mut values: Vec<Box<dyn ToSql + '_>> = vec![Box::new(now)];
    add_fields(&layout.contact, &write.set, &mut columns, &mut values);
    if let Some(marks) = &write.marks {
        columns.push("gone_at = ?, merged_into = ?".to_owned());
        values.push(Box::new(time(marks.gone_at)));
        values.push(Box::new(&marks.merged_into));
    }
    values.push(Box::new(record));
    let update = format!("UPDATE contacts SET {} WHERE key = ?", columns.join(", "));
    connection
        .prepare_cached(&update)?
        .execute(params_from_iter(values.iter()))
        .map(drop)
}

fn update_order(
    connection: &Connection,
    layout: &Layout,
    record: &str,
    facts: Option<&OrderFacts>,
    write: &OrderWrite,
    now: &str,
) -> rusqlite::Result<()> {
    if let Some(facts) = facts {
        let columns: Vec<String> = FACTS
            .split(", ")
            .enumerate()
            .skip(1)
            .map(|(place, name)| format!("{name} = ?{}", place + 1))
            .collect();
        let update = format!("UPDATE orders SET {} WHERE key = ?1", columns.join(", "));
        let mut statement = connection.prepare_cached(&update)?;
        statement.raw_bind_parameter(1, record)?;
        statement.raw_bind_parameter(2, now)?;
        bind_facts(&mut statement, facts, &write.contact)?;
        statement.raw_execute()?;
    }
    let mut columns = vec!["updated_at = ?".to_owned()];
    let mut values: Vec<Box<dyn ToSql + '_>> = vec![Box::new(now)];
    add_fields(&layout.order, &write.set, &mut columns, &mut values);
    values.push(Box::new(record));
    let update = format!("UPDATE orders SET {} WHERE key = ?", columns.join(", "));
    connection
        .prepare_cached(&update)?
        .execute(params_from_iter(values.iter()))
        .map(drop)
}

fn add_fields<'a>(
    specs: &[FieldSpec],
    set: &'a [(usize, Value)],
    columns: &mut Vec<String>,
    values: &mut Vec<Box<dyn ToSql + 'a>>,
) {
    for (place, value) in set {
        if let Some(spec) = specs.get(*place) {
            columns.push(format!("{} = ?", quoted(&spec.name)));
            values.push(Box::new(Column(value)));
        }
    }
}
