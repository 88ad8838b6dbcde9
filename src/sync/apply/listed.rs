//! A document read for nothing but its keys.

use crate::error::Result;
use crate::model::Reading;
use crate::source::Section;
use crate::source::document::{self, Found, Locale, Summary};
use crate::sync::parking::parked_key;
use crate::sync::pull::ReadFile;
use crate::sync::shop::ShopInRun;
use crate::sync::stream::Stream;
use crate::sync::unchanged::Unchanged;

/// The keys of a document on their way, each with how far it was read.
pub(super) type Listing = Stream<(Listed, document::Progress), Summary>;

/// What a listing holds, by its key.
pub(super) enum Listed {
    /// A record.
    Key(String),
    /// One that is parked, but says which it is.
    Bad(String),
    /// One that is parked under its place, because it does not even say which it is.
    Nameless(String),
}

fn listed<T>(section: Section, found: Found<T>, locale: &Locale, key: impl Fn(T) -> String) -> Listed {
    let reading = match found {
        Found::Known(key) => return Listed::Key(key),
        Found::Read(reading, _) => reading,
        Found::Piece(piece) => piece.read(locale),
    };
    match reading {
        Reading::Record(record) => Listed::Key(key(record)),
        Reading::Bad(bad) if bad.key.is_some() => Listed::Bad(parked_key(section, &bad)),
        Reading::Bad(bad) => Listed::Nameless(parked_key(section, &bad)),
    }
}

/// Lists a document; orders that are `unchanged` are not read for it.
///
/// # Errors
/// When it cannot be begun; what makes it one that cannot be trusted is told at the end.
pub(super) fn listing(
    file: &ReadFile,
    section: Section,
    shop: &ShopInRun,
    mut unchanged: Unchanged,
) -> Result<Listing> {
    let (file, shop) = (file.clone(), shop.clone());
    let locale = shop.locale.clone();
    match section {
        Section::Customers => Stream::begin(
            move |each| {
                document::find_customers(&file.path, &shop.locale, &mut |found, at| {
                    let size = found.size();
                    each((found, at), size)
                })
                .map_err(|error| file.distrusted(section, &shop, error))
            },
            move |(found, at)| {
                Ok(Some((
                    listed(section, found, &locale, |customer| customer.guid),
                    at,
                )))
            },
        ),
        Section::Orders => Stream::begin(
            move |each| {
                let mut known = |key: &str, print: u64| unchanged.holds(key, print);
                document::find_orders(&file.path, &shop.locale, &mut known, &mut |found, at| {
                    let size = found.size();
                    each((found, at), size)
                })
                .map_err(|error| file.distrusted(section, &shop, error))
            },
            move |(found, at)| Ok(Some((listed(section, found, &locale, |order| order.code), at))),
        ),
    }
}
