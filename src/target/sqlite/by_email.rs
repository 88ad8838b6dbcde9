//! Records found by their e-mail, in whatever spelling somebody typed it.
//!
//! SQLite lowers and trims ASCII alone, and an index over a function of ours would make the file unusable
//! for every other program. So most are found by an index over SQLite's own functions, and the few that have
//! anything else in their e-mail are read once and compared here.

use std::cell::OnceCell;
use std::collections::HashMap;

use rusqlite::{Connection, params};

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

/// The indexes for both.
pub fn indexes(column: &str) -> String {
    format!(
        "CREATE INDEX IF NOT EXISTS contacts_by_email ON contacts({});
         CREATE INDEX IF NOT EXISTS contacts_by_unusual_email ON contacts({}) WHERE {};",
        usual(column),
        quoted(column),
        is_unusual(column)
    )
}

/// The spelling that SQLite itself can tell.
fn usual(column: &str) -> String {
    format!("lower(trim({}))", quoted(column))
}

/// Whether there is anything in it but the signs of ASCII and spaces.
fn is_unusual(column: &str) -> String {
    format!("{} GLOB '*[^ -~]*'", quoted(column))
}
