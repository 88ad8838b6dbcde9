//! Seals: what tells a row that nobody has changed since this program wrote it. They stand in tables of their
//! own, by the row's key.

use super::columns::ColumnType;
use super::rows::{Column, Rows, When};
use super::statement::Statement;
use super::tables::{Names, Table};

/// The two tables that are sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealed {
    /// `contacts`
    Contacts,
    /// `orders`
    Orders,
}

impl Sealed {
    /// The table of its seals.
    pub const fn table(self) -> Table {
        match self {
            Self::Contacts => Table::ContactSeals,
            Self::Orders => Table::OrderSeals,
        }
    }
}

/// Seals rows, new ones and known ones.
pub fn seal_rows<'a>(
    names: &Names,
    sealed: Sealed,
    rows: impl IntoIterator<Item = (&'a String, i64)>,
) -> Statement {
    let (keys, seals): (Vec<&String>, Vec<i64>) = rows.into_iter().unzip();
    Statement::new(format!(
        "INSERT INTO {} AS there (key, seal) SELECT wanted.key, wanted.seal FROM unnest($1, $2) AS wanted(key, seal) \
         ON CONFLICT (key) DO UPDATE SET seal = excluded.seal WHERE there.seal IS DISTINCT FROM excluded.seal",
        names.of(sealed.table())
    ))
    .texts(keys)
    .numbers(seals)
}

/// The seals of rows that are all new.
pub fn new_seals<'a>(
    names: &Names,
    sealed: Sealed,
    rows: impl IntoIterator<Item = (&'a String, i64)>,
) -> Rows {
    let (keys, seals) = rows
        .into_iter()
        .map(|(key, seal)| (Some(key.clone()), Some(seal.to_string())))
        .unzip();
    let column = |name: &str, kind, values, when| Column {
        name: name.to_owned(),
        kind,
        values,
        when,
    };
    Rows {
        table: names.of(sealed.table()),
        columns: vec![
            column("key", ColumnType::Text, keys, When::Key),
            column("seal", ColumnType::Integer, seals, When::Differs),
        ],
    }
}

/// Takes the seals off rows.
pub fn take_off(names: &Names, sealed: Sealed, keys: Vec<String>) -> Statement {
    Statement::new(format!(
        "DELETE FROM {} WHERE key = ANY($1)",
        names.of(sealed.table())
    ))
    .texts(keys)
}
