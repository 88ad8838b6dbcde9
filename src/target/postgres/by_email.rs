//! Records found by their e-mail, in whatever spelling somebody typed it.
//!
//! What the server calls lower case depends on its locale. So letters of ASCII are put in lower case one by
//! one, over which there is an index, and the few records that have anything else in their e-mail are read
//! once and compared here.

use std::collections::{BTreeSet, HashMap};

use super::super::Spelling;
use super::columns::text;
use super::session::Session;
use super::statement::Statement;
use super::tables::{Names, Table};
use crate::error::Result;

/// Finds the keys of contacts by e-mail.
#[derive(Debug)]
pub struct ByEmail {
    by_index: String,
    unusual: String,
    spelling: Option<Spelling>,
    /// The keys of those that no index finds, by their e-mail in its one spelling; read when first asked for.
    found: Option<HashMap<String, Vec<String>>>,
}

impl ByEmail {
    /// Over the column of this quoted name.
    pub fn new(names: &Names, column: &str, spelling: Option<Spelling>) -> Self {
        let contacts = names.of(Table::Contacts);
        Self {
            by_index: format!(
                "SELECT key, {usual} FROM {contacts} WHERE {usual} = ANY($1) AND merged_into IS NULL ORDER BY key",
                usual = usual(column)
            ),
            unusual: format!(
                "SELECT key, {column}::text FROM {contacts} WHERE {} AND merged_into IS NULL ORDER BY key",
                is_unusual(column)
            ),
            spelling,
            found: None,
        }
    }

    /// The keys of contacts that have one of these e-mails, by e-mail.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn keys(
        &mut self,
        session: &mut Session,
        emails: BTreeSet<&String>,
    ) -> Result<HashMap<String, BTreeSet<String>>> {
        let unusual = match self.found.take() {
            Some(known) => known,
            None => self.read_unusual(session).await?,
        };
        let mut keys: HashMap<String, BTreeSet<String>> = HashMap::new();
        for email in &emails {
            if let Some(several) = unusual.get(*email) {
                keys.entry((*email).clone())
                    .or_default()
                    .extend(several.iter().cloned());
            }
        }
        self.found = Some(unusual);
        let ask = Statement::new(self.by_index.as_str()).texts(emails);
        for row in session.read(&ask).await? {
            if let (Some(key), Some(email)) = (text(&row, 0), text(&row, 1)) {
                keys.entry(email).or_default().insert(key);
            }
        }
        Ok(keys)
    }

    async fn read_unusual(&self, session: &mut Session) -> Result<HashMap<String, Vec<String>>> {
        let mut found: HashMap<String, Vec<String>> = HashMap::new();
        let Some(spelling) = self.spelling else {
            return Ok(found);
        };
        for row in session.read(&Statement::new(self.unusual.as_str())).await? {
            let (Some(key), Some(email)) = (text(&row, 0), text(&row, 1)) else {
                continue;
            };
            if let Some(email) = spelling(&email) {
                found.entry(email.into_owned()).or_default().push(key);
            }
        }
        Ok(found)
    }
}

/// The indexes for both.
pub fn indexes(names: &Names, column: &str) -> Vec<(&'static str, Statement)> {
    let contacts = names.of(Table::Contacts);
    let (usually, unusually) = ("contacts_by_email", "contacts_by_unusual_email");
    let on_usual = format!(
        "CREATE INDEX IF NOT EXISTS {} ON {contacts} ({})",
        names.index(usually),
        usual(column)
    );
    let on_unusual = format!(
        "CREATE INDEX IF NOT EXISTS {} ON {contacts} ({column}) WHERE {}",
        names.index(unusually),
        is_unusual(column)
    );
    vec![
        (usually, Statement::new(on_usual)),
        (unusually, Statement::new(on_unusual)),
    ]
}

/// The spelling that every server can tell, whatever its locale.
fn usual(column: &str) -> String {
    format!("translate(btrim({column}), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')")
}

/// Whether there is anything in it but the signs of ASCII and spaces.
fn is_unusual(column: &str) -> String {
    format!("{column} !~ '^[ -~]*$'")
}
