//! All records, page by page: an order by key needs nothing but the primary key's index.

use super::super::{EachRecord, Of};
use super::columns::text;
use super::contacts::Field;
use super::session::Session;
use super::statement::Statement;
use super::tables::{Names, Table, Tables};
use crate::error::Result;

/// Records that are read at once where all are.
const PAGE: i64 = 1_000;

/// Shows every contact and what stands in its field for the e-mail.
///
/// # Errors
/// When the server does not answer, or what `each` answers with.
pub async fn each(
    session: &mut Session,
    names: &Names,
    tables: &Tables,
    email: Option<&Field>,
    each: &mut EachRecord<'_>,
) -> Result<()> {
    if tables.columns(names, Table::Contacts).is_none() {
        return Ok(());
    }
    let email = match email {
        Some((name, Some(_))) => format!("{name}::text"),
        _ => "NULL::text".to_owned(),
    };
    let page = format!(
        "SELECT key, {email} FROM {} WHERE key > $1 ORDER BY key LIMIT $2",
        names.of(Table::Contacts)
    );
    let mut after = String::new();
    loop {
        let rows = session
            .read(&Statement::new(page.as_str()).text(&after).number(PAGE))
            .await?;
        for row in &rows {
            let key = text(row, 0).unwrap_or_default();
            each(&key, &text(row, 1).unwrap_or_default())?;
            after = key;
        }
        if rows.is_empty() {
            return Ok(());
        }
    }
}

/// Keys of records after this one, at most so many.
///
/// # Errors
/// When the server does not answer.
pub async fn after(
    session: &mut Session,
    names: &Names,
    tables: &Tables,
    of: Of,
    after: &str,
    most: usize,
) -> Result<Vec<String>> {
    let table = match of {
        Of::Contacts => Table::Contacts,
        Of::Orders => Table::Orders,
    };
    if tables.columns(names, table).is_none() {
        return Ok(Vec::new());
    }
    let ask = format!(
        "SELECT key FROM {} WHERE key > $1 ORDER BY key LIMIT $2",
        names.of(table)
    );
    let ask = Statement::new(ask)
        .text(after)
        .number(i64::try_from(most).unwrap_or(i64::MAX));
    let rows = session.read(&ask).await?;
    Ok(rows.iter().filter_map(|row| text(row, 0)).collect())
}
