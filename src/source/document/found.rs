//! What is found in a document: records cut out of it, to be read by whoever has the time.
//!
//! Finding where a record ends takes a fraction of reading it. So one thread can go through a document
//! while others read what it cuts out.

use super::{Fault, KEY_CAP, Locale, Part};
use crate::model::{BadRecord, Reading};

/// Something in a document.
#[derive(Debug)]
pub enum Found<T: 'static> {
    /// A record that is read already, and about how much memory it takes, in bytes.
    Read(Reading<T>, usize),
    /// A record as it stands there.
    Piece(Piece<T>),
    /// A record that is known as it stands there, by its key.
    Known(String),
}

impl<T> Found<T> {
    /// The record; `None` where nobody has to read it.
    pub fn read(self, locale: &Locale) -> Option<Reading<T>> {
        match self {
            Self::Read(reading, _) => Some(reading),
            Self::Piece(piece) => Some(piece.read(locale)),
            Self::Known(_) => None,
        }
    }

    /// About how much memory it takes, in bytes.
    pub fn size(&self) -> usize {
        match self {
            Self::Piece(piece) => piece.text.len(),
            Self::Read(_, size) => *size,
            Self::Known(key) => key.len(),
        }
    }
}

/// A record as it stands in its document.
#[derive(Debug)]
pub struct Piece<T: 'static> {
    pub(super) text: Box<[u8]>,
    /// Where it begins.
    pub(super) line: u64,
    /// Its number.
    pub(super) position: u64,
    /// The hash of its text, where the document has prints.
    pub(super) print: u64,
    pub(super) recipe: &'static Recipe<T>,
}

/// How the records of one kind of document are read.
#[derive(Debug)]
pub(super) struct Recipe<T: 'static> {
    /// The record in a text, with its print.
    pub(super) read: fn(&[u8], u64, &Locale) -> Part<T>,
    /// The key of one that cannot be read.
    pub(super) key: fn(&[u8]) -> Option<String>,
}

impl<T> Piece<T> {
    /// The record in it.
    pub fn read(self, locale: &Locale) -> Reading<T> {
        match (self.recipe.read)(&self.text, self.print, locale) {
            Ok(record) => Reading::Record(record),
            Err(fault) => {
                let key = (self.recipe.key)(&self.text);
                Reading::Bad(bad_record(key, self.position, self.line, &self.text, &fault))
            }
        }
    }
}

/// A record that cannot be used: the `position`th, which begins in `line`; `text` is what there is of it.
pub(super) fn bad_record(
    key: Option<String>,
    position: u64,
    line: u64,
    text: &[u8],
    fault: &Fault,
) -> BadRecord {
    BadRecord {
        // Where columns or elements are mixed up, anything may stand in the key's place.
        key: key.filter(|key| !key.is_empty() && key.len() <= KEY_CAP && !key.contains('@')),
        position,
        imprint: imprint(text),
        reason: format!("{} (line {line})", fault.0),
    }
}

/// Tells records apart that stand at the same place of two documents.
fn imprint(text: &[u8]) -> u16 {
    let [first, second, ..] = xxhash_rust::xxh3::xxh3_64(text.trim_ascii()).to_be_bytes();
    u16::from_be_bytes([first, second])
}
