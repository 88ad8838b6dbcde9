//! Contacts written and read.

use std::collections::{BTreeMap, HashMap};

use tokio_postgres::Row;

use super::columns::{ColumnType, sent, sent_time, text, time};
use super::rows::{Column, Rows, When, update, upsert};
use super::seals::{Sealed, new_seals, seal_rows};
use super::session::Session;
use super::statement::Statement;
use super::tables::{Names, Table, quoted};
use crate::error::Result;
use crate::model::{ContactWrite, Marks, Shown, Value};

/// A mapped field in its table: its quoted name, and its type, unless there is no such column yet.
pub type Field = (String, Option<ColumnType>);

/// The statements that carry out these writes.
pub fn written(names: &Names, fields: &[Field], writes: &[ContactWrite], now: &str) -> Vec<Statement> {
    let mut made = Vec::new();
    // What is written into a record that is there differs from one to the next; each kind of change has its
    // own statement, so that a field that stays is not touched.
    let mut changed: BTreeMap<(Vec<usize>, bool), Vec<&ContactWrite>> = BTreeMap::new();
    for write in writes {
        match write.remote_id {
            None => made.push(write),
            Some(_) => {
                let set = write.set.iter().map(|(field, _)| *field).collect();
                changed
                    .entry((set, write.marks.is_some()))
                    .or_default()
                    .push(write);
            }
        }
    }
    let table = names.of(Table::Contacts);
    let mut statements = Vec::new();
    if !made.is_empty() {
        statements.push(upsert(&table, columns_of_new(fields, &made, now)));
    }
    for ((set, marks), writes) in &changed {
        if !set.is_empty() || *marks {
            statements.push(update(&table, columns(fields, set, *marks, writes, now)));
        }
    }
    let seals = writes.iter().map(|write| (record(write), write.seal));
    statements.push(seal_rows(names, Sealed::Contacts, seals));
    statements
}

/// The rows of contacts that are all new.
pub fn made(names: &Names, fields: &[Field], writes: &[ContactWrite], now: &str) -> Vec<Rows> {
    let new: Vec<&ContactWrite> = writes.iter().collect();
    let seals = writes.iter().map(|write| (record(write), write.seal));
    vec![
        Rows {
            table: names.of(Table::Contacts),
            columns: columns_of_new(fields, &new, now),
        },
        new_seals(names, Sealed::Contacts, seals),
    ]
}

fn columns_of_new(fields: &[Field], made: &[&ContactWrite], now: &str) -> Vec<Column> {
    let all: Vec<usize> = (0..fields.len()).collect();
    columns(fields, &all, true, made, now)
}

/// The record that a write concerns.
pub const fn record(write: &ContactWrite) -> &String {
    match &write.remote_id {
        Some(record) => record,
        None => &write.key,
    }
}

fn columns(fields: &[Field], set: &[usize], marks: bool, writes: &[&ContactWrite], now: &str) -> Vec<Column> {
    let column = |name: &str, kind, when, value: &dyn Fn(&ContactWrite) -> Option<String>| Column {
        name: name.to_owned(),
        kind,
        values: writes.iter().map(|write| value(write)).collect(),
        when,
    };
    let at = |_: &ContactWrite| Some(now.to_owned());
    let mut columns = vec![
        column("key", ColumnType::Text, When::Key, &|write| {
            Some(record(write).clone())
        }),
        column("updated_at", ColumnType::Time, When::Changed, &at),
    ];
    if writes.iter().all(|write| write.remote_id.is_none()) {
        columns.push(column("created_at", ColumnType::Time, When::Made, &at));
    }
    if marks {
        columns.push(column("gone_at", ColumnType::Time, When::Differs, &|write| {
            sent_time(write.marks.as_ref().and_then(|marks| marks.gone_at))
        }));
        columns.push(column("merged_into", ColumnType::Text, When::Differs, &|write| {
            write.marks.as_ref().and_then(|marks| marks.merged_into.clone())
        }));
    }
    let mut places = vec![None; fields.len()];
    for field in set {
        let Some((name, Some(kind))) = fields.get(*field) else {
            continue;
        };
        if let Some(place) = places.get_mut(*field) {
            *place = Some(columns.len());
        }
        columns.push(Column {
            name: name.clone(),
            kind: *kind,
            values: vec![None; writes.len()],
            when: When::Differs,
        });
    }
    for (row, write) in writes.iter().enumerate() {
        for (field, value) in &write.set {
            put(&mut columns, places.get(*field).copied().flatten(), row, value);
        }
    }
    columns
}

/// Puts a value into a row of a column.
pub fn put(columns: &mut [Column], column: Option<usize>, row: usize, value: &Value) {
    let slot = column
        .and_then(|column| columns.get_mut(column))
        .and_then(|column| column.values.get_mut(row));
    if let Some(slot) = slot {
        *slot = sent(value);
    }
}

/// The contacts with these keys, as they stand there.
///
/// # Errors
/// When the server does not answer.
pub async fn read(
    session: &mut Session,
    names: &Names,
    fields: &[Field],
    keys: Vec<&String>,
) -> Result<HashMap<String, Shown>> {
    let ask = Statement::new(format!(
        "SELECT there.key, seals.seal, there.merged_into, there.gone_at{} FROM {} AS there LEFT JOIN {} AS seals \
         ON seals.key = there.key WHERE there.key = ANY($1)",
        selected(fields),
        names.of(Table::Contacts),
        names.of(Table::ContactSeals),
    ))
    .texts(keys);
    let rows = session.read(&ask).await?;
    Ok(rows.iter().map(|row| shown(row, fields)).collect())
}

/// The expressions that show mapped fields.
pub fn selected(fields: &[Field]) -> String {
    let expression = |(name, kind): &Field| match kind {
        Some(kind) => format!(", {}", kind.selected(&format!("there.{name}"))),
        None => ", NULL::text".to_owned(),
    };
    fields.iter().map(expression).collect()
}

/// What mapped fields show, from this place of a row on.
pub fn values(row: &Row, from: usize, fields: &[Field]) -> Vec<String> {
    let value = |(place, (_, kind)): (usize, &Field)| {
        kind.map_or_else(String::new, |kind| kind.shown(row, from + place))
    };
    fields.iter().enumerate().map(value).collect()
}

fn shown(row: &Row, fields: &[Field]) -> (String, Shown) {
    let key = text(row, 0).unwrap_or_default();
    let gone_at = time(row, 3);
    let shown = Shown {
        remote_id: key.clone(),
        values: values(row, 4, fields),
        unreadable: gone_at.is_err().then_some("gone_at"),
        marks: Marks {
            gone_at: gone_at.ok().flatten(),
            merged_into: text(row, 2).filter(|key| !key.is_empty()),
        },
        facts: None,
        seal: row.try_get(1).unwrap_or_default(),
        lists: Vec::new(),
        parts: None,
    };
    (key, shown)
}

/// The fields of a layout as their table has them.
pub fn fields<'a>(
    specs: impl IntoIterator<Item = &'a crate::model::FieldSpec>,
    known: Option<&super::tables::Columns>,
) -> Vec<Field> {
    let field = |spec: &crate::model::FieldSpec| {
        let kind = known.and_then(|known| known.get(&spec.name)).copied();
        (quoted(&spec.name), kind)
    };
    specs.into_iter().map(field).collect()
}
