//! A listing that was refused is kept, and `--accept` believes that one: what a person could look at,
//! and not one that is read anew and that nobody has seen. Where nothing was refused, whoever says
//! `--accept` knows what comes.

use super::pull::ReadFile;
use super::shop::ShopInRun;
use crate::error::{Error, Kind, Result};
use crate::source::{Extent, Section, Shop, Spool};
use crate::state::State;

/// The listing that a person believes who says so now: the one that was refused, while nothing newer is
/// known.
///
/// # Errors
/// When state or spool cannot be read.
pub fn believed(
    state: &State,
    source: &Shop,
    spool: &Spool,
    shop: &str,
    section: Section,
) -> Result<Option<ReadFile>> {
    let known = state.shops()?.into_iter().find(|row| row.name == shop);
    let Some(known) = known else { return Ok(None) };
    let read = state.full_reading(known.id, section.as_str())?;
    let refused = source.refused(spool, section, read.map(|read| read.read_at))?;
    Ok(refused.map(|refused| ReadFile {
        is_meant: true,
        ..ReadFile::of(refused)
    }))
}

/// Whether what is read anew now can be believed: nothing else was refused that a person may mean.
///
/// # Errors
/// When the spool cannot be read.
pub fn is_nothing_kept(spool: &Spool) -> Result<bool> {
    Ok(spool.refused(Section::Customers)?.is_none() && spool.refused(Section::Orders)?.is_none())
}

/// Ends a full listing. A refused one is kept and the refusal says where; of one that was applied nothing
/// need be kept, nor of a refused one before it.
///
/// # Errors
/// What came of the listing, or that the spool cannot be written.
pub fn ended(spool: &Spool, section: Section, applied: Result<()>) -> Result<()> {
    match applied {
        Ok(()) => {
            spool.discard(section)?;
            spool.drop_refused(section)
        }
        Err(error) if error.kind() == Kind::Suspicious => Err(kept(spool, section, error)?),
        Err(error) => Err(error),
    }
}

/// Keeps a listing that was refused; answers with the refusal, which says where it lies.
fn kept(spool: &Spool, section: Section, error: Error) -> Result<Error> {
    let Some(kept) = spool.keep_refused(section)? else {
        return Ok(error);
    };
    Ok(error.with_hint(format!(
        "it is kept as {} ({}, read at {}): look at it and at the shop; when it is right all the same, run again with \
         --accept within a day, which takes this very one",
        kept.path.display(),
        size(kept.bytes),
        moment(kept.requested_at),
    )))
}

/// Orders that were put off because their customers were refused are read anew by whoever does not believe
/// those: the shop may say something else by now.
///
/// # Errors
/// When the spool cannot be read or written.
pub fn discard_put_off(spool: &Spool) -> Result<()> {
    let put_off = spool.complete(Section::Orders)?;
    // What the feed told is never thrown away.
    let is_whole = put_off.is_some_and(|download| download.extent == Extent::Whole);
    if is_whole && spool.refused(Section::Customers)?.is_some() {
        spool.discard(Section::Orders)?;
    }
    Ok(())
}

/// What to tell of a suspicious listing that a person believes.
pub fn accepted(section: Section, shop: &ShopInRun, file: &ReadFile, why: &Error) -> String {
    format!(
        "the {} of {} are accepted as read at {} ({}), although {}",
        section.as_str(),
        shop.settings.name,
        moment(file.read_at),
        file.source,
        why.cause()
    )
}

/// A moment, in UTC.
pub fn moment(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `74 MB`, `812 kB`, `96 bytes`
fn size(bytes: u64) -> String {
    match bytes {
        ..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}
