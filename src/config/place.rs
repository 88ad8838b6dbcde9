//! Where each key of the file stands, for errors that an editor can jump to.
//!
//! figment keeps values but no positions and no order, so the file is taken apart once here: its
//! values for figment, and the line and column of every key and value beside them.

use std::collections::BTreeMap;
use std::fmt;

use figment::value::{Dict, Value};
use toml_edit::{Document, Item, TableLike};

use super::wording::quoted_key;

/// One step from the top of the file towards a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// A key of a table.
    Key(String),
    /// An entry of a list, from 0.
    Entry(usize),
}

/// A position in the file; both from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    line: usize,
    column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// The positions of everything in one file.
#[derive(Debug, Default)]
pub(super) struct Places {
    keys: BTreeMap<Vec<Step>, Place>,
    values: BTreeMap<Vec<Step>, Place>,
    dotted: Vec<Vec<Step>>,
}

impl Places {
    /// Where a key stands.
    pub(super) fn key(&self, path: &[Step]) -> Option<Place> {
        self.keys.get(path).copied()
    }

    /// Where a value stands; for a table its header, for the whole file its beginning.
    pub(super) fn value(&self, path: &[Step]) -> Option<Place> {
        self.values.get(path).copied()
    }

    /// Where a value stands, or the innermost of the tables around it that stands in the file.
    pub(super) fn innermost(&self, path: &[Step]) -> Option<Place> {
        let mut path = path;
        loop {
            match (self.value(path), path.split_last()) {
                (None, Some((_, around))) => path = around,
                (place, _) => return place,
            }
        }
    }

    /// Whether a table came about by a dot in a key (`a.b = 1`) and not by a header or braces.
    pub(super) fn is_dotted(&self, path: &[Step]) -> bool {
        self.dotted.iter().any(|dotted| dotted == path)
    }
}

/// What is wrong with the syntax, and where. Never the text itself: the line may hold a secret.
#[derive(Debug)]
pub(super) struct SyntaxFault {
    pub(super) place: Place,
    pub(super) message: String,
}

/// Takes the file apart.
pub(super) fn take_apart(text: &str) -> Result<(Dict, Places), SyntaxFault> {
    let lines = LineStarts::of(text);
    let document = Document::parse(text).map_err(|fault| {
        let span = fault.span().unwrap_or_default();
        SyntaxFault {
            place: lines.place(span.start),
            message: explained(fault.message(), text.get(span).unwrap_or_default()),
        }
    })?;
    let mut places = Places::default();
    places.values.insert(Vec::new(), lines.place(0));
    let mut walk = Walk { lines, places };
    let values = walk.table(document.as_table(), &mut Vec::new());
    Ok((values, walk.places))
}

/// The parser's message, which repeats nothing of the file, with what to do about the likeliest
/// slips. `at` is the text it is about.
fn explained(message: &str, at: &str) -> String {
    let first_line = message.lines().next().unwrap_or_default();
    if first_line.starts_with("invalid unquoted key") {
        format!("{first_line}; any other key stands in quotes: \"…\" = …")
    } else if first_line == "duplicate key" {
        format!(
            "{} was already given above",
            quoted_key(at.trim_matches(['"', '\'']))
        )
    } else {
        first_line.to_owned()
    }
}

struct Walk<'t> {
    lines: LineStarts<'t>,
    places: Places,
}

impl Walk<'_> {
    fn table(&mut self, table: &dyn TableLike, path: &mut Vec<Step>) -> Dict {
        let mut dict = Dict::new();
        for (name, item) in table.iter() {
            path.push(Step::Key(name.to_owned()));
            let key = table.get_key_value(name).and_then(|(key, _)| key.span());
            if let Some(span) = key {
                let place = self.lines.place(span.start);
                self.places.keys.insert(path.clone(), place);
            }
            if let Some(value) = self.item(item, path) {
                dict.insert(name.to_owned(), value);
            }
            path.pop();
        }
        dict
    }

    fn item(&mut self, item: &Item, path: &mut Vec<Step>) -> Option<Value> {
        if let Some(span) = item.span() {
            let place = self.lines.place(span.start);
            self.places.values.insert(path.clone(), place);
        }
        match item {
            Item::None => None,
            Item::Value(value) => Some(self.value(value, path)),
            Item::Table(table) => {
                if table.is_dotted() {
                    self.places.dotted.push(path.clone());
                }
                Some(self.table(table, path).into())
            }
            Item::ArrayOfTables(tables) => {
                let mut entries = Vec::with_capacity(tables.len());
                for (number, table) in tables.iter().enumerate() {
                    path.push(Step::Entry(number));
                    if let Some(span) = table.span() {
                        let place = self.lines.place(span.start);
                        self.places.values.insert(path.clone(), place);
                    }
                    entries.push(Value::from(self.table(table, path)));
                    path.pop();
                }
                Some(entries.into())
            }
        }
    }

    fn value(&mut self, value: &toml_edit::Value, path: &mut Vec<Step>) -> Value {
        if let Some(span) = value.span() {
            let place = self.lines.place(span.start);
            self.places.values.insert(path.clone(), place);
        }
        match value {
            toml_edit::Value::String(text) => text.value().clone().into(),
            toml_edit::Value::Integer(number) => (*number.value()).into(),
            toml_edit::Value::Float(number) => (*number.value()).into(),
            toml_edit::Value::Boolean(truth) => (*truth.value()).into(),
            // A date may stand without quotes; whoever asks for it parses the text.
            toml_edit::Value::Datetime(moment) => moment.value().to_string().into(),
            toml_edit::Value::Array(array) => {
                let mut entries = Vec::with_capacity(array.len());
                for (number, entry) in array.iter().enumerate() {
                    path.push(Step::Entry(number));
                    entries.push(self.value(entry, path));
                    path.pop();
                }
                entries.into()
            }
            toml_edit::Value::InlineTable(table) => {
                if table.is_dotted() {
                    self.places.dotted.push(path.clone());
                }
                self.table(table, path).into()
            }
        }
    }
}

/// Byte offsets of the lines' beginnings.
struct LineStarts<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> LineStarts<'t> {
    fn of(text: &'t str) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at.saturating_add(1));
        Self {
            text,
            starts: std::iter::once(0).chain(breaks).collect(),
        }
    }

    fn place(&self, offset: usize) -> Place {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = line
            .checked_sub(1)
            .and_then(|index| self.starts.get(index))
            .copied()
            .unwrap_or(0);
        let before = self.text.get(start..offset).unwrap_or_default();
        Place {
            line,
            column: before.chars().count().saturating_add(1),
        }
    }
}
