//! One row of many fails by itself.

use rusqlite::{Connection, ErrorCode};

use crate::error::{Error, Kind, Result};

/// Writes one row of a call. A row that a rule of the database forbids (a trigger, a constraint, a contact
/// that somebody deleted) is that row's failure and not the others'.
pub fn row_by_row<T>(
    connection: &Connection,
    is_build: bool,
    write: impl FnOnce() -> rusqlite::Result<T>,
) -> rusqlite::Result<Result<T>> {
    // A build has no journal to go back by, and nobody has made rules in it yet.
    if is_build {
        return write().map(Ok);
    }
    connection.prepare_cached("SAVEPOINT one_row")?.execute([])?;
    let written = write();
    let refused = match written {
        Ok(written) => Ok(written),
        Err(cause) if cause.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            connection.prepare_cached("ROLLBACK TO one_row")?.execute([])?;
            let cause = "a rule of the database (a constraint or a trigger) forbids this row, or its contact was deleted there";
            Err(Error::new(
                Kind::Refused,
                "writing a row of the contact database",
                cause,
            ))
        }
        Err(cause) => return Err(cause),
    };
    connection.prepare_cached("RELEASE one_row")?.execute([])?;
    Ok(refused)
}
