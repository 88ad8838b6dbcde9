//! What a failure of the server calls for: decided by its SQLSTATE, never by its words, which may be in any
//! language and hold what stands in a row.

use std::error::Error as _;
use std::io;

use tokio_postgres::Error as ServerError;
use tokio_postgres::error::DbError;

use crate::error::{Error, Kind};

/// Puts a failure into our table.
pub fn failure(doing: impl Into<String>, failure: &ServerError) -> Error {
    match failure.as_db_error() {
        Some(told) => by_state(doing, told),
        None => without_state(doing, failure),
    }
}

/// The code and the names that a failure comes with: those of columns and rules, nothing of what stands in a row.
fn by_state(doing: impl Into<String>, told: &DbError) -> Error {
    let state = told.code().code();
    let (kind, cause, hint) = meaning(state);
    let names = [
        ("table", told.table()),
        ("column", told.column()),
        ("rule", told.constraint()),
    ];
    let names: String = names
        .into_iter()
        .filter_map(|(what, name)| name.map(|name| format!(", {what} {name}")))
        .collect();
    let error = Error::new(kind, doing, format!("{cause} (SQLSTATE {state}{names})"));
    match hint {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

/// What is said of a table, an index or a rule that is there already.
const MADE_ALREADY: &str = "somebody else made the same at the same time";

/// Whether a failure says that what was to be made is there already.
pub fn is_made_already(error: &Error) -> bool {
    error.cause().starts_with(MADE_ALREADY)
}

/// Kind, cause and hint of a SQLSTATE, by its class where the code alone says no more (PostgreSQL's
/// documentation, appendix A).
fn meaning(state: &str) -> (Kind, &'static str, Option<&'static str>) {
    const GRANT: &str = "give the user the right: to use the schema and create in it, or to create a schema, and to \
                         read and write our tables";
    const LOGIN: &str =
        "check user and password in `url` and `password`, and what the server's pg_hba.conf allows";
    const ROW: &str = "look at the rules, triggers and columns of our tables there; it is tried again when the shop \
                       changes it, or by `shoptet-sync parked retry`";
    match state {
        "42501" => (Kind::RightsMissing, "the user lacks a right", Some(GRANT)),
        "42804" | "42846" | "42883" => (
            Kind::Configuration,
            "a column has a type that is not written",
            Some("`shoptet-sync check` names it"),
        ),
        "42P01" | "42703" | "3F000" => (
            Kind::Database,
            "a table or column of ours is missing",
            Some("somebody removed it while we were at work: run the command again, it is made anew"),
        ),
        "3D000" => (
            Kind::Configuration,
            "there is no such database",
            Some("create the database, or name another one in `url`"),
        ),
        "25006" => (Kind::ServerFault, "the server only reads now", None),
        "42P06" | "42P07" | "42P16" | "42701" | "42710" => (Kind::Busy, MADE_ALREADY, None),
        "55P03" | "55006" => (Kind::Busy, "somebody else holds a lock", None),
        "P0001" => (Kind::Refused, "a trigger forbids it", Some(ROW)),
        "57014" => (Kind::Busy, "the server gave the statement up", None),
        _ => match state.get(..2).unwrap_or_default() {
            "08" => (Kind::Unreachable, "the connection failed", None),
            "0A" => (Kind::Configuration, "this server cannot do that", None),
            "21" | "22" | "23" | "44" => (
                Kind::Refused,
                "a rule or a column of the table forbids this row",
                Some(ROW),
            ),
            "28" => (Kind::LoginRefused, "the server refuses the log-in", Some(LOGIN)),
            "40" => (Kind::Busy, "it collided with somebody else's work", None),
            "53" => (
                Kind::Busy,
                "the server has no room, memory or connection left",
                None,
            ),
            "57" => (Kind::Unreachable, "the server is going down or coming up", None),
            "58" | "XX" => (Kind::ServerFault, "the server reports a fault of its own", None),
            _ => (Kind::Database, "the server does not accept a statement", None),
        },
    }
}

/// No answer of the server's: the way to it failed.
fn without_state(doing: impl Into<String>, failure: &ServerError) -> Error {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = failure.source();
    while let Some(link) = cause {
        if let Some(refused) = certificate(link) {
            return Error::new(Kind::Configuration, doing, refused).with_hint(
                "the server's certificate has to be valid for the host in `url` and signed by somebody the system or \
                 `ca_file` knows",
            );
        }
        if let Some(io) = link.downcast_ref::<io::Error>() {
            return Error::new(Kind::Unreachable, doing, io.kind());
        }
        cause = link.source();
    }
    if failure.is_closed() {
        return Error::new(Kind::Unreachable, doing, "the connection was closed");
    }
    // What remains are the library's own words: of a connection that could not be made, or of a value.
    Error::new(Kind::Unreachable, doing, failure)
}

/// What is wrong with a certificate, if that is what a link of the chain tells.
fn certificate(link: &(dyn std::error::Error + 'static)) -> Option<String> {
    let inner = link
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner.or_else(|| link.downcast_ref::<rustls::Error>())? {
        invalid @ rustls::Error::InvalidCertificate(_) => Some(invalid.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Call;

    #[test]
    fn collisions_and_lost_connections_are_tried_again_rows_are_set_aside_people_are_called() {
        for state in [
            "40001", "40P01", "40003", "08006", "57P01", "57P03", "53300", "55P03", "25006",
        ] {
            assert_eq!(meaning(state).0.calls_for(), Call::Retry, "{state}");
        }
        for state in ["23505", "23503", "22P02", "22021", "44000", "P0001", "21000"] {
            assert_eq!(meaning(state).0, Kind::Refused, "{state}");
        }
        for state in [
            "28P01", "28000", "42501", "3D000", "42804", "0A000", "42P01", "42601",
        ] {
            assert_eq!(meaning(state).0.calls_for(), Call::Human, "{state}");
        }
    }
}
