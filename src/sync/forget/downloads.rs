//! Downloads that hold somebody who was forgotten are not kept.

use std::path::Path;

use crate::error::Result;
use crate::model::Reading;
use crate::source::document;
use crate::source::settings::ShopSettings;
use crate::source::{Download, Section, Spool};
use crate::state::State;
use crate::sync::intake;
use crate::sync::pull::ReadFile;
use crate::sync::shop::ShopInRun;
use crate::sync::suppress::{self, OrderLeft};

/// Discards what was downloaded and holds somebody who is suppressed, or cannot be looked through: shop
/// and section of each. What was never complete goes in any case.
///
/// # Errors
/// When the spool cannot be read or written.
pub fn discard(state: &State, settings: &[ShopSettings], spools: &Path) -> Result<Vec<String>> {
    let shops = ShopInRun::all_from_state(state, settings)?;
    discard_but(spools, |shop, section, download| {
        let file = ReadFile::of(download.clone());
        let shop = shops.iter().find(|known| known.settings.name == shop);
        shop.is_some_and(|shop| matches!(holds_suppressed(state, shop, section, &file), Ok(false)))
    })
}

/// Discards all that was downloaded: without a state nobody can tell whom it holds.
///
/// # Errors
/// When the spool cannot be read or written.
pub fn discard_all(spools: &Path) -> Result<Vec<String>> {
    discard_but(spools, |_, _, _| false)
}

fn discard_but(spools: &Path, is_harmless: impl Fn(&str, Section, &Download) -> bool) -> Result<Vec<String>> {
    let mut discarded = Vec::new();
    let Ok(folders) = std::fs::read_dir(spools) else {
        return Ok(discarded);
    };
    for folder in folders.flatten().filter(|folder| folder.path().is_dir()) {
        let name = folder.file_name().to_string_lossy().into_owned();
        let spool = Spool::open(&folder.path())?;
        for section in [Section::Customers, Section::Orders] {
            spool.discard_unfinished(section)?;
            match spool.refused(section)? {
                Some(refused) if is_harmless(&name, section, &refused) => {}
                Some(_) => {
                    spool.drop_refused(section)?;
                    discarded.push(format!("{} of {name}, refused ones", section.as_str()));
                }
                None => spool.drop_refused(section)?,
            }
            let Some(download) = spool.complete(section)? else {
                spool.discard(section)?;
                continue;
            };
            if !is_harmless(&name, section, &download) {
                spool.discard(section)?;
                discarded.push(format!("{} of {name}", section.as_str()));
            }
        }
    }
    Ok(discarded)
}

/// Whether a document holds anybody who is suppressed. A record that cannot be read may.
fn holds_suppressed(state: &State, shop: &ShopInRun, section: Section, file: &ReadFile) -> Result<bool> {
    let mut found = false;
    match section {
        Section::Customers => document::read_customers(&file.path, &shop.locale, &mut |reading, _| {
            found |= match reading {
                Reading::Bad(_) => true,
                Reading::Record(customer) => {
                    let intake = intake::customer(shop, &customer, file.read_at)?;
                    let left = suppress::customer(state, shop, &intake)?;
                    !matches!(left, Some(std::borrow::Cow::Borrowed(_)))
                }
            };
            Ok(())
        }),
        Section::Orders => document::read_orders(&file.path, &shop.locale, &mut |reading, _| {
            found |= match reading {
                Reading::Bad(_) => true,
                Reading::Record(order) => {
                    let intake = intake::order(shop, order, file.read_at)?;
                    !matches!(suppress::order(state, shop, &intake)?, OrderLeft::All)
                }
            };
            Ok(())
        }),
    }?;
    Ok(found)
}
