//! Where the records of a document go, whatever its format.

use super::bytes::Text;
use super::found::{Found, Piece, Recipe, bad_record};
use super::{Fault, Format, Known, Progress, Summary};
use crate::error::Result;
use crate::model::Reading;

/// Where the records go: counts them and adds their number.
pub(super) struct Sink<'a, T: 'static> {
    each: &'a mut dyn FnMut(Found<T>, Progress) -> Result<()>,
    pub(super) known: Option<&'a mut Known<'a>>,
    pub(super) records: u64,
}

impl<'a, T> Sink<'a, T> {
    pub(super) fn new(each: &'a mut dyn FnMut(Found<T>, Progress) -> Result<()>) -> Self {
        Self {
            each,
            known: None,
            records: 0,
        }
    }

    pub(super) fn found(&mut self, found: Found<T>, progress: Progress) -> Result<()> {
        self.records += 1;
        (self.each)(found, progress)
    }

    /// Whether nobody has to read the record with this key.
    pub(super) fn knows(&mut self, key: &str, print: u64) -> Result<bool> {
        self.known.as_mut().map_or(Ok(false), |known| known(key, print))
    }

    /// `size` is about how much memory it takes, in bytes.
    pub(super) fn good(&mut self, record: T, size: usize, progress: Progress) -> Result<()> {
        self.found(Found::Read(Reading::Record(record), size), progress)
    }

    /// `text` begins in `line`.
    pub(super) fn piece(
        &mut self,
        recipe: &'static Recipe<T>,
        text: &[u8],
        line: u64,
        print: u64,
        progress: Progress,
    ) -> Result<()> {
        let piece = Piece {
            text: text.into(),
            line,
            position: self.records + 1,
            print,
            recipe,
        };
        self.found(Found::Piece(piece), progress)
    }

    /// `line` is where the record begins, `text` what there is of it.
    pub(super) fn bad(
        &mut self,
        key: Option<String>,
        line: u64,
        text: &[u8],
        fault: &Fault,
        progress: Progress,
    ) -> Result<()> {
        let bad = bad_record(key, self.records + 1, line, text, fault);
        let size = bad.reason.len();
        self.found(Found::Read(Reading::Bad(bad), size), progress)
    }

    pub(super) fn summary(&self, format: Format, text: &Text) -> Summary {
        Summary {
            format,
            records: self.records,
            progress: text.progress(),
        }
    }
}
