//! Are the configured shops the ones that were read before? The keys of contacts and orders are made of a
//! shop's group and name: under another one everybody would come a second time.

use crate::error::{Error, Kind, Result};
use crate::source::settings::ShopSettings;
use crate::state::State;
use crate::state::shops::ShopRow;

/// Refuses a configuration that gives a shop which the state knows another group or another name.
///
/// # Errors
/// A mistake in the configuration: what it was, what it is, what to do. Or the state cannot be read.
pub fn must_be_as_before(state: &State, shops: &[ShopSettings]) -> Result<()> {
    let known = state.shops()?;
    let is_configured = |row: &&ShopRow| shops.iter().any(|shop| shop.name == row.name);
    for shop in shops {
        match known.iter().find(|row| row.name == shop.name) {
            Some(row) if row.group != shop.group => return Err(regrouped(shop, row)),
            Some(_) => {}
            None => {
                let url = shop.url.as_str().trim_end_matches('/');
                let same = known.iter().find(|row| !is_configured(row) && row.url == url);
                if let Some(row) = same {
                    return Err(renamed(shop, row));
                }
            }
        }
    }
    Ok(())
}

fn regrouped(shop: &ShopSettings, row: &ShopRow) -> Error {
    let (now, before) = (&shop.group, &row.group);
    let cause = format!(
        "its group was `{before}` and is `{now}` now: the key of every contact begins with the group, so all of them would come a second time"
    );
    refused(shop, cause, &format!("group = \"{before}\""))
}

fn renamed(shop: &ShopSettings, row: &ShopRow) -> Error {
    let (url, before) = (&row.url, &row.name);
    let cause = format!(
        "{url} was read as shop `{before}` before: the key of every order begins with the name, so all of them would come a second time"
    );
    refused(
        shop,
        cause,
        &format!("name = \"{before}\" and group = \"{}\"", row.group),
    )
}

fn refused(shop: &ShopSettings, cause: String, before: &str) -> Error {
    Error::new(
        Kind::Configuration,
        format!("recognising shop {}", shop.name),
        cause,
    )
    .with_hint(format!(
        "put {before} back; or start from nothing, with a new state_dir and a new database"
    ))
}
