//! One record at a time, and whose fault it is when there is none.

use super::client::Client;
use super::listing::is_there;
use super::{customers, orders};
use crate::error::{Error, Kind, Result};
use crate::source::spool::Section;

/// What the shop says of one record.
pub(in crate::source) enum Told {
    /// Its detail, as the shop wrote it.
    Detail(String),
    /// There is no such record.
    Gone,
    /// Something is wrong with this one, while the shop answers for others.
    Broken(Error),
}

/// Reads the detail of one record.
///
/// # Errors
/// What stops every other record too: no connection, no log-in, no rights, no patience left.
pub(in crate::source) async fn detail(client: &Client, section: Section, key: &str) -> Result<Told> {
    let read = match section {
        Section::Customers => customers::detail(client, key).await,
        Section::Orders => orders::detail(client, key).await,
    };
    match read {
        Ok(Some(detail)) => Ok(Told::Detail(detail)),
        Ok(None) => Ok(Told::Gone),
        Err(error) => match error.kind() {
            // It answered, and this is what it has to say about this record.
            Kind::Refused | Kind::Damaged | Kind::TooLarge => Ok(Told::Broken(error)),
            Kind::Unreachable | Kind::ServerFault | Kind::Truncated | Kind::NotFound | Kind::NotData => {
                is_there(client).await.map_err(|_| error.clone())?;
                Ok(Told::Broken(error))
            }
            _ => Err(error),
        },
    }
}
