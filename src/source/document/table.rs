//! CSV: a header line and rows, whatever the delimiter; columns are found by name.
//!
//! The pieces of `csv` that never hold more than a row: a quote that is never closed would make the
//! whole reader swallow the rest of the document.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::bytes::Text;
use super::{Content, FIELD_CAP, Fault, Part, RECORD_CAP};
use crate::error::{Kind, Result};

/// The system's exports have fewer than a hundred columns.
const COLUMNS_CAP: usize = 4096;

/// A table and its current row.
pub(super) struct Table {
    reader: Reader,
    names: Vec<String>,
    /// Columns up to the last that has a name; behind a trailing delimiter there is one without.
    columns: usize,
    output: Vec<u8>,
    ends: Vec<usize>,
    fields: usize,
    too_large: bool,
    line: u64,
}

impl Table {
    /// Reads the header. `required` is the column without which the document is none of ours, by its
    /// folded names; `foreign` is one that only documents of the other kind have.
    pub(super) fn open(
        text: &mut Text,
        content: Content,
        required: &[&str],
        foreign: &[&str],
    ) -> Result<Self> {
        let mut table = Self {
            reader: ReaderBuilder::new().delimiter(delimiter(text.window())).build(),
            names: Vec::new(),
            columns: 0,
            output: vec![0; 64 << 10],
            ends: vec![0; 256],
            fields: 0,
            too_large: false,
            line: 1,
        };
        table.advance(text)?;
        table.names = (0..table.fields)
            .map(|at| folded(table.field(Some(at)).unwrap_or_default()))
            .collect();
        table.columns = table
            .names
            .iter()
            .rposition(|name| !name.is_empty())
            .map_or(0, |last| last + 1);
        if table.column(required).is_some() {
            return Ok(table);
        }
        if table.column(foreign).is_some() {
            return Err(content.is_other(text));
        }
        let name = required.first().copied().unwrap_or_default();
        Err(text.error(
            Kind::NotData,
            format!("this is neither XML nor JSON lines, nor CSV with a column `{name}`"),
        ))
    }

    /// The first of these columns that the table has; names are folded.
    pub(super) fn column(&self, names: &[&str]) -> Option<usize> {
        names
            .iter()
            .find_map(|name| self.names.iter().position(|known| known == name))
    }

    /// Goes to the next row; `false` after the last.
    pub(super) fn next(&mut self, text: &mut Text, rows: u64) -> Result<bool> {
        if !self.advance(text)? {
            return Ok(false);
        }
        // A row cut short by the end of the document, or a quote that swallowed the rest of it.
        if self.fields < self.columns && text.window().is_empty() && !text.fill()? {
            return Err(text.ends_early("the last row is not complete", rows));
        }
        Ok(true)
    }

    /// The key of the current row and whether the rest of the row can be used; without a key it
    /// belongs to nobody.
    pub(super) fn key(&self, column: Option<usize>, name: &str) -> Part<(&str, Part<()>)> {
        let whole = self.check();
        // In a row with a column too many or too few, only the first is sure to be in its place.
        let key = match &whole {
            Err(_) if column != Some(0) => "",
            _ => self.field(column)?,
        };
        match (key, whole) {
            ("", Ok(())) => Err(Fault::of(name, "is missing")),
            ("", Err(fault)) => Err(fault),
            (key, whole) => Ok((key, whole)),
        }
    }

    fn check(&self) -> Part<()> {
        if self.too_large {
            return Err(Fault::new("the row is larger than 4 MiB"));
        }
        if self.fields < self.columns {
            return Err(Fault(format!(
                "the row has {} columns, the header {}",
                self.fields, self.columns
            )));
        }
        for at in self.columns..self.fields {
            if !self.field(Some(at))?.is_empty() {
                return Err(Fault::new("the row has more columns than the header"));
            }
        }
        Ok(())
    }

    /// The text of a column in the current row, trimmed; empty where there is no such column.
    pub(super) fn field(&self, column: Option<usize>) -> Part<&str> {
        let Some(column) = column.filter(|column| *column < self.fields && !self.too_large) else {
            return Ok("");
        };
        let start = column
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .map_or(0, |end| *end);
        let end = self.ends.get(column).copied().unwrap_or_default();
        let name = || self.names.get(column).map_or("a column", String::as_str);
        let bytes = self.output.get(start..end).unwrap_or_default();
        if bytes.len() > FIELD_CAP {
            return Err(Fault::of(name(), "is larger than 1 MiB"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Fault::of(name(), "is not valid UTF-8"))?;
        if text.contains('\0') {
            return Err(Fault::of(name(), "holds a NUL character"));
        }
        Ok(text.trim())
    }

    /// The fields of the current row, one behind the other.
    pub(super) fn row(&self) -> &[u8] {
        let last = self.fields.checked_sub(1).and_then(|last| self.ends.get(last));
        let length = last.copied().unwrap_or_default();
        self.output.get(..length).unwrap_or_default()
    }

    /// The line that the current row starts in.
    pub(super) const fn line(&self) -> u64 {
        self.line
    }

    fn advance(&mut self, text: &mut Text) -> Result<bool> {
        let (mut written, mut fields) = (0, 0);
        self.too_large = false;
        self.fields = 0;
        let mut begun = false;
        loop {
            if !begun {
                let blank = text
                    .window()
                    .iter()
                    .position(|byte| !matches!(byte, b'\r' | b'\n'));
                text.consume(blank.unwrap_or(text.window().len()));
                self.line = text.line();
            }
            if text.window().is_empty() {
                text.fill()?;
                if !begun && !text.window().is_empty() {
                    continue;
                }
            }
            begun = true;
            let output = self.output.get_mut(written..).unwrap_or_default();
            let ends = self.ends.get_mut(fields..).unwrap_or_default();
            let (result, read, wrote, ended) = self.reader.read_record(text.window(), output, ends);
            text.consume(read);
            written += wrote;
            fields += ended;
            self.fields += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::Record => return Ok(true),
                ReadRecordResult::End => return Ok(false),
                ReadRecordResult::OutputFull if self.output.len() < RECORD_CAP => {
                    self.output.resize(self.output.len() * 2, 0);
                }
                ReadRecordResult::OutputEndsFull if self.ends.len() < COLUMNS_CAP => {
                    self.ends.resize(self.ends.len() * 2, 0);
                }
                // The rest of the row is read over what is known of it, so that the next is found.
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    self.too_large = true;
                    (written, fields) = (0, 0);
                }
            }
        }
    }
}

/// The delimiter: whichever stands most often in the first line, outside of quotes.
fn delimiter(window: &[u8]) -> u8 {
    let line = window.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let mut quoted = false;
    let mut counts = [(b';', 0), (b',', 0), (b'\t', 0)];
    for byte in line {
        quoted ^= *byte == b'"';
        for (delimiter, count) in &mut counts {
            *count += usize::from(!quoted && byte == delimiter);
        }
    }
    counts
        .iter()
        .rev()
        .max_by_key(|(_, count)| *count)
        .map_or(b';', |(delimiter, _)| *delimiter)
}

/// A column's name without case, accents, spaces and signs: `Číslo objednávky` is `cisloobjednavky`.
fn folded(name: &str) -> String {
    name.nfd()
        .filter(|letter| !is_combining_mark(*letter) && letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}
