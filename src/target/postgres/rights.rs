//! What the user of the database may do.

use super::columns::text;
use super::session::Session;
use super::statement::Statement;
use super::tables::{Names, Table, Tables};
use crate::error::Result;

/// What the user may not do; a problem a line.
///
/// # Errors
/// When the server does not answer.
pub async fn lacking(session: &mut Session, names: &Names, tables: &Tables) -> Result<Vec<String>> {
    let schema = &names.schema;
    let known = Statement::new(
        "SELECT has_schema_privilege(nspname::text, 'USAGE')::text, has_schema_privilege(nspname::text, 'CREATE')::text \
         FROM pg_catalog.pg_namespace WHERE nspname::text = $1",
    )
    .text(schema);
    let known = session.read(&known).await?;
    let lacks_nothing = Table::ALL
        .iter()
        .all(|table| tables.columns(names, *table).is_some());
    let Some(row) = known.first() else {
        let may = Statement::new("SELECT has_database_privilege(current_database()::text, 'CREATE')::text");
        let may = session.read(&may).await?;
        let may = may.first().and_then(|row| text(row, 0));
        return Ok(match may.as_deref() {
            Some("false") => vec![format!(
                "there is no schema `{schema}`, and the user may not make it: CREATE SCHEMA {schema} AUTHORIZATION …"
            )],
            _ => Vec::new(),
        });
    };
    let is_denied = |place| text(row, place).as_deref() == Some("false");
    let mut problems = Vec::new();
    if is_denied(0) {
        problems.push(format!(
            "the user may not use the schema `{schema}`: GRANT USAGE ON SCHEMA {schema} TO …"
        ));
    }
    if is_denied(1) && !lacks_nothing {
        problems.push(format!(
            "the user may not make tables in the schema `{schema}`: GRANT CREATE ON SCHEMA {schema} TO …"
        ));
    }
    Ok(problems)
}
