//! Records found by their e-mail, in whatever spelling somebody typed it.
//!
//! SQLite lowers and trims ASCII alone, and an index over a function of ours would make the file unusable
//! for every other program. So most are found by an index over SQLite's own functions, and the few that have
//! anything else in their e-mail are read once and compared here.

use std::cell::OnceCell;
use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::super::Spelling;
use super::tables::quoted;

/// Finds the keys of contacts by e-mail.
#[derive(Debug)]
pub struct ByEmail {
    by_index: String,
    unusual: String,
    spelling: Option<Spelling>,
    /// The keys of those that no index finds, by their e-mail in its one spelling.
    found: OnceCell<HashMap<String, Vec<String>>>,
}

impl ByEmail {
    /// Over the column of this name.
    pub fn new(column: &str, spelling: Option<Spelling>) -> Self {
        Self {
            by_index: format!(
                "SELECT key FROM contacts WHERE {} = ?1 AND merged_into IS NULL ORDER BY key LIMIT ?2",
                usual(column)
            ),
            unusual: format!(
                "SELECT key, {} FROM contacts WHERE {} AND merged_into IS NULL ORDER BY key",
                quoted(column),
                is_unusual(column)
            ),
            spelling,
            found: OnceCell::new(),
        }
    }

    /// The keys of contacts with this e-mail, at most about so many, in their order.
    pub fn keys(&self, connection: &Connection, email: &str, most: usize) -> rusqlite::Result<Vec<String>> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let mut keys: Vec<String> = connection
            .prepare_cached(&self.by_index)?
            .query_map(params![email, most], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        if let Some(more) = self.unusual(connection)?.get(email) {
            keys.extend_from_slice(more);
            keys.sort_unstable();
            keys.dedup();
        }
        Ok(keys)
    }

    /// Read when they are first asked for, once per connection.
    fn unusual(&self, connection: &Connection) -> rusqlite::Result<&HashMap<String, Vec<String>>> {
        if let Some(found) = self.found.get() {
            return Ok(found);
        }
        let mut found: HashMap<String, Vec<String>> = HashMap::new();
        if let Some(spelling) = self.spelling {
            let mut statement = connection.prepare(&self.unusual)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                // What is no text is no e-mail.
                if let Some(email) = row.get_ref(1)?.as_str().ok().and_then(spelling) {
                    found.entry(email.into_owned()).or_default().push(row.get(0)?);
                }
            }
        }
        Ok(self.found.get_or_init(|| found))
    }
}

/// Makes the indexes for both; those that an earlier mapping had over another column go.
pub fn create_indexes(connection: &Connection, column: &str) -> rusqlite::Result<()> {
    let over = [
        ("contacts_by_email", format!("contacts({})", usual(column))),
        (
            "contacts_by_unusual_email",
            format!("contacts({}) WHERE {}", quoted(column), is_unusual(column)),
        ),
    ];
    for (name, over) in over {
        let create = format!("CREATE INDEX {name} ON {over}");
        let known: Option<String> = connection
            .query_row(
                "SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = ?1",
                [name],
                |row| row.get(0),
            )
            .optional()?;
        if known.as_ref() != Some(&create) {
            connection.execute_batch(&format!("DROP INDEX IF EXISTS {name}; {create}"))?;
        }
    }
    Ok(())
}

/// The spelling that SQLite itself can tell.
fn usual(column: &str) -> String {
    format!("lower(trim({}))", quoted(column))
}

/// Whether there is anything in it but the signs of ASCII and spaces.
fn is_unusual(column: &str) -> String {
    format!("{} GLOB '*[^ -~]*'", quoted(column))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name, definition and place in the file of each index.
    fn indexes(connection: &Connection) -> Vec<(String, String, i64)> {
        let select = "SELECT name, sql, rootpage FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name";
        let mut statement = connection.prepare(select).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        rows.unwrap().collect::<rusqlite::Result<_>>().unwrap()
    }

    #[test]
    fn the_indexes_follow_the_mapping_and_stay_otherwise() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE contacts(key TEXT PRIMARY KEY, email, \"our mail\", merged_into)")
            .unwrap();
        create_indexes(&connection, "email").unwrap();
        let before = indexes(&connection);
        assert_eq!(before.len(), 2);
        create_indexes(&connection, "email").unwrap();
        assert_eq!(indexes(&connection), before);

        create_indexes(&connection, "our mail").unwrap();
        let after = indexes(&connection);
        assert_eq!(after.len(), 2);
        assert!(
            after.iter().all(|(_, sql, _)| sql.contains("\"our mail\"")),
            "{after:?}"
        );
    }
}
