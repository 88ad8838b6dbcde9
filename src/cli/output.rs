//! Results on stdout: JSON for programs, aligned text for people.

use std::io::{ErrorKind, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::error::{Doing, Kind, Result};

/// Where a command prints its result.
pub type Stdout<'a> = &'a mut (dyn Write + Send);

/// Prints a result as JSON, or in words.
///
/// # Errors
/// When stdout cannot be written.
pub fn print<T: Serialize>(
    stdout: Stdout<'_>,
    json: bool,
    result: &T,
    in_words: impl FnOnce(Stdout<'_>) -> std::io::Result<()>,
) -> Result<()> {
    printed(if json {
        serde_json::to_string_pretty(result)
            .map_err(std::io::Error::other)
            .and_then(|text| writeln!(stdout, "{text}"))
    } else {
        in_words(stdout)
    })
}

/// What became of the printing. A reader that has seen enough (`| head`) is no failure.
///
/// # Errors
/// When stdout cannot be written.
pub fn printed(written: std::io::Result<()>) -> Result<()> {
    match written {
        Err(cause) if cause.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.doing(Kind::Disk, || "printing the result".to_owned()),
    }
}

/// A moment as a person at the terminal reads it.
pub fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%Y-%m-%d %H:%M %Z")
        .to_string()
}

/// `1 order`, `2 orders`.
pub fn counted(count: u64, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

/// `312 contacts created, 40 updated`; what there is none of is left out.
pub fn sentence<'a>(
    parts: impl IntoIterator<Item = (u64, &'a str)>,
    one: &str,
    several: &str,
) -> Option<String> {
    let mut words = String::new();
    for (count, what) in parts.into_iter().filter(|(count, _)| *count > 0) {
        if words.is_empty() {
            words = counted(count, one, several);
        } else {
            words.push_str(&format!(", {count}"));
        }
        words.push_str(&format!(" {what}"));
    }
    (!words.is_empty()).then_some(words)
}

/// Text of the shop, fit for a terminal: no line breaks, no control characters.
pub fn plain(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect()
}

/// The same, cut to so many letters.
pub fn short(text: &str, longest: usize) -> String {
    let plain = plain(text);
    if plain.chars().count() <= longest {
        return plain;
    }
    let kept: String = plain.chars().take(longest.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// Rows in aligned columns; the last column is as long as it is.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<Row>,
}

#[derive(Debug)]
enum Row {
    Cells(Vec<String>),
    /// Belongs to the row above it, and to no column.
    Below(String),
}

impl Table {
    /// A table with these headings; the default one has none.
    pub fn new<const COLUMNS: usize>(headings: [&str; COLUMNS]) -> Self {
        let mut table = Self::default();
        table.row(headings);
        table
    }

    /// Adds a row of as many cells as come.
    pub fn row_of(&mut self, cells: Vec<String>) {
        self.rows
            .push(Row::Cells(cells.iter().map(|cell| plain(cell)).collect()));
    }

    /// Adds a row.
    pub fn row<const COLUMNS: usize>(&mut self, cells: [&str; COLUMNS]) {
        self.row_of(cells.map(str::to_owned).to_vec());
    }

    /// Adds a line that explains the row above it.
    pub fn below(&mut self, text: &str) {
        self.rows.push(Row::Below(plain(text)));
    }

    /// Writes it, each line indented by so many spaces.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn write(&self, stdout: Stdout<'_>, indent: usize) -> std::io::Result<()> {
        let mut widths: Vec<usize> = Vec::new();
        for row in &self.rows {
            let Row::Cells(cells) = row else { continue };
            widths.resize(widths.len().max(cells.len()), 0);
            for (width, cell) in widths.iter_mut().zip(cells) {
                *width = (*width).max(cell.chars().count());
            }
        }
        for row in &self.rows {
            let mut line = " ".repeat(indent);
            match row {
                Row::Below(text) => line.push_str(&format!("  {text}")),
                Row::Cells(cells) => {
                    for (cell, width) in cells.iter().zip(&widths) {
                        line.push_str(cell);
                        let missing = width.saturating_sub(cell.chars().count());
                        line.push_str(&" ".repeat(missing + 2));
                    }
                }
            }
            writeln!(stdout, "{}", line.trim_end())?;
        }
        Ok(())
    }
}
