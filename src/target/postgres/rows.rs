//! Many rows in one statement: a column travels as one array and is taken apart by `unnest`.
//!
//! Rows are told by their primary key alone, and one that holds already what it is to hold is left alone. So
//! the same statement can be sent twice, and rows may lie on several machines.

use super::columns::ColumnType;
use super::statement::Statement;

/// A column of the rows that are written.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its quoted name.
    pub name: String,
    /// Its type.
    pub kind: ColumnType,
    /// What is written: as many values as there are rows.
    pub values: Vec<Option<String>>,
    /// When it is written.
    pub when: When,
}

/// When a column is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// It tells the row; the first column, and no other one, is it.
    Key,
    /// When the row is made.
    Made,
    /// When anything else in the row differs.
    Changed,
    /// When it differs.
    Differs,
}

/// Makes rows, and where one is there already, brings it to what it is to hold.
pub fn upsert(table: &str, columns: Vec<Column>) -> Statement {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let values: Vec<String> = columns.iter().enumerate().map(value).collect();
    let set: Vec<String> = columns
        .iter()
        .filter(|column| matches!(column.when, When::Changed | When::Differs))
        .map(|column| format!("{name} = excluded.{name}", name = column.name))
        .collect();
    let told = |row: &'static str| {
        columns
            .iter()
            .filter(|column| column.when == When::Differs)
            .map(move |column| column.kind.comparable(&format!("{row}.{}", column.name)))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let sql = format!(
        "INSERT INTO {table} AS there ({}) SELECT {} FROM {} ON CONFLICT (key) DO UPDATE SET {} WHERE ({}) IS DISTINCT \
         FROM ({})",
        names.join(", "),
        values.join(", "),
        unnested(&columns),
        set.join(", "),
        told("there"),
        told("excluded"),
    );
    with_values(sql, columns)
}

/// Changes rows that are there.
pub fn update(table: &str, columns: Vec<Column>) -> Statement {
    let set: Vec<String> = columns
        .iter()
        .enumerate()
        .filter(|(_, column)| matches!(column.when, When::Changed | When::Differs))
        .map(|(place, column)| format!("{} = {}", column.name, value((place, column))))
        .collect();
    let differing = || {
        columns
            .iter()
            .enumerate()
            .filter(|(_, column)| column.when == When::Differs)
    };
    let there: Vec<String> = differing()
        .map(|(_, column)| column.kind.comparable(&format!("there.{}", column.name)))
        .collect();
    let wanted: Vec<String> = differing().map(value).collect();
    let sql = format!(
        "UPDATE {table} AS there SET {} FROM {} WHERE there.key = wanted.c0 AND ({}) IS DISTINCT FROM ({})",
        set.join(", "),
        unnested(&columns),
        there.join(", "),
        wanted.join(", "),
    );
    with_values(sql, columns)
}

fn value((place, column): (usize, &Column)) -> String {
    column.kind.cast(&format!("wanted.c{place}"))
}

fn unnested(columns: &[Column]) -> String {
    let (arrays, names): (Vec<String>, Vec<String>) = (0..columns.len())
        .map(|place| (format!("${}", place + 1), format!("c{place}")))
        .unzip();
    format!("unnest({}) AS wanted({})", arrays.join(", "), names.join(", "))
}

fn with_values(sql: String, columns: Vec<Column>) -> Statement {
    columns
        .into_iter()
        .fold(Statement::new(sql), |statement, column| {
            statement.column(column.values)
        })
}
