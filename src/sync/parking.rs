//! Records of the shop that are set aside while a document is read.

use jiff::Timestamp;

use super::shop::ShopInRun;
use crate::error::{Error, Kind, Result};
use crate::model::BadRecord;
use crate::source::Section;
use crate::state::State;
use crate::state::parked::Parked;
use crate::state::suppressed::Sign;

/// Parks a record that could not be understood.
pub(super) fn park_bad(state: &State, shop: &ShopInRun, section: Section, bad: &BadRecord) -> Result<()> {
    let reason = format!("record {}: {}", bad.position, bad.reason);
    let key = parked_key(section, bad);
    park(state, section, &shop.settings.name, key, reason)
}

/// The key a bad record is parked under: its own, else its place in the document, with what tells it from
/// those at the same place of other documents.
pub(super) fn parked_key(section: Section, bad: &BadRecord) -> String {
    let place = || format!("#{}-{}-{:04x}", section.as_str(), bad.position, bad.imprint);
    bad.key.clone().unwrap_or_else(place)
}

/// What the parked records of a section are called.
pub(super) const fn kind_of(section: Section) -> &'static str {
    match section {
        Section::Customers => "customer",
        Section::Orders => "order",
    }
}

/// Parks a note that a document held a record twice.
pub(super) fn park_repeated(state: &State, section: Section, shop: &str, key: String) -> Result<()> {
    park(
        state,
        section,
        shop,
        key,
        "it stands twice in the document; the later one was used".to_owned(),
    )
}

fn park(state: &State, section: Section, shop: &str, key: String, reason: String) -> Result<()> {
    if is_suppressed(state, section, shop, &key)? {
        return Ok(());
    }
    state.park(&Parked {
        kind: kind_of(section).to_owned(),
        shop: shop.to_owned(),
        key,
        target: String::new(),
        contact: None,
        reason,
        since: Timestamp::now(),
        dismissed: false,
    })
}

/// Of a person who was forgotten nothing is noted, not even that it could not be read.
fn is_suppressed(state: &State, section: Section, shop: &str, key: &str) -> Result<bool> {
    if state.suppressed().is_empty() {
        return Ok(false);
    }
    let sign = match section {
        Section::Customers => Sign::Guid(key.to_owned()),
        Section::Orders => Sign::Order(shop.to_owned(), key.to_owned()),
    };
    let shops = state.shops()?;
    let of_shop = shops.iter().find(|known| known.name == shop);
    Ok(of_shop.is_some_and(|shop| state.suppressed().has(&shop.group, &sign)))
}

/// Why something was not delivered, for the list of what is parked: with the field it is about, where it
/// is about one.
pub(super) fn reason(error: &Error) -> String {
    match error.kind() {
        Kind::BadRecord if error.doing().contains('`') => format!("{}: {}", error.doing(), error.cause()),
        _ => error.cause().to_owned(),
    }
}
