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

/// Rows of one table that are all new.
#[derive(Debug, Clone)]
pub struct Rows {
    /// Its quoted name.
    pub table: String,
    /// All columns that have anything in them.
    pub columns: Vec<Column>,
}

impl Rows {
    /// The statement that takes them in the text form of `COPY`, and the rows in that form.
    pub fn copied(&self) -> (String, Vec<u8>) {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        let sql = format!("COPY {} ({}) FROM STDIN", self.table, names.join(", "));
        let count = self.columns.first().map_or(0, |column| column.values.len());
        let mut text = Vec::new();
        for row in 0..count {
            for (place, column) in self.columns.iter().enumerate() {
                if place > 0 {
                    text.push(b'\t');
                }
                match column.values.get(row) {
                    Some(Some(value)) => copy(value, &mut text),
                    _ => text.extend_from_slice(b"\\N"),
                }
            }
            text.push(b'\n');
        }
        (sql, text)
    }

    /// The statement that takes them away where they are there already.
    pub fn removed(&self) -> Statement {
        let keys = self
            .columns
            .first()
            .map_or_else(Vec::new, |column| column.values.clone());
        Statement::new(format!("DELETE FROM {} WHERE key = ANY($1)", self.table)).column(keys)
    }
}

/// A value as `COPY` takes it: what separates columns and rows is written with a backslash.
fn copy(value: &str, text: &mut Vec<u8>) {
    let mut rest = value;
    while let Some(place) = rest.find(['\\', '\t', '\n', '\r', '\0']) {
        let (before, after) = rest.split_at(place);
        text.extend_from_slice(before.as_bytes());
        let written: &[u8] = match after.as_bytes().first() {
            Some(b'\\') => b"\\\\",
            Some(b'\t') => b"\\t",
            Some(b'\n') => b"\\n",
            Some(b'\r') => b"\\r",
            // No column takes the zero character, and all rows would be refused with it.
            _ => b"",
        };
        text.extend_from_slice(written);
        rest = after.get(1..).unwrap_or_default();
    }
    text.extend_from_slice(rest.as_bytes());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_separates_rows_and_columns_is_told_from_what_stands_in_them() {
        let column = |name: &str, values: [Option<&str>; 2]| Column {
            name: name.to_owned(),
            kind: ColumnType::Text,
            values: values.map(|value| value.map(str::to_owned)).to_vec(),
            when: When::Differs,
        };
        let rows = Rows {
            table: "\"s\".orders".to_owned(),
            columns: vec![
                column("key", [Some("a\tb\\c"), Some("\\N")]),
                column("note", [None, Some("one\ntwo\r\0")]),
            ],
        };
        let (sql, text) = rows.copied();
        assert_eq!(sql, "COPY \"s\".orders (key, note) FROM STDIN");
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "a\\tb\\\\c\t\\N\n\\\\N\tone\\ntwo\\r\n"
        );
    }
}
