//! Documents of the shop, read record by record: downloaded exports (XML, CSV) and snapshots (JSON lines).
//!
//! What a document is, is told by its content, never by its name: gzip or not, UTF-8 or windows-1250,
//! XML, CSV or JSON lines. Memory does not grow with the document: the largest thing held is one
//! record, and a record larger than 4 MiB is set aside.
//!
//! One bad record never stops the rest: it is yielded as [`Reading::Bad`] with its number and a
//! reason that names elements and kinds of faults, never their text. What makes the whole document
//! untrustworthy (it ends early, a checksum fails, it is a log-in page) is an [`Error`]; the records
//! yielded before stand, and it is for the caller to keep or drop them.
//!
//! A code or guid that comes twice in one document is yielded twice. Finding the second needs a
//! memory of all, which the state has anyway.

use std::path::Path;

use jiff::tz::TimeZone;

use super::spool::Section;
use crate::error::{Error, Kind, Result};
use crate::model::{Customer, Order, Reading};

mod found;
mod sink;

mod bytes;
mod encoding;
mod xml;
mod cutter;
mod cursor;
mod table;
mod lines;
mod json;

mod orders_xml;
mod orders_csv;
mod orders_json;
mod customers_xml;
mod customers_csv;
mod customers_json;

mod export;
mod parties;
mod party_columns;
mod items;
mod numbers;
mod dates;
mod countries;

pub use customers_json::customer_from_api;
pub use found::{Found, Piece};
pub use orders_json::order_from_api;

use bytes::Text;
use sink::Sink;

/// A record, or an element of one, larger than this is set aside, in bytes of decoded text.
const RECORD_CAP: usize = 4 << 20;

/// A single value larger than this sets its record aside, in bytes.
const FIELD_CAP: usize = 1 << 20;

/// What is longer than this is no code or guid, in bytes.
const KEY_CAP: usize = 64;

/// What a document leaves unsaid because it is the same for the whole shop.
#[derive(Debug, Clone)]
pub struct Locale {
    /// The zone of times that are written without one.
    ///
    /// The hour that comes twice in October is read as its second, winter time; a time that
    /// does not exist in March is moved on by the hour that was skipped.
    pub timezone: TimeZone,
    /// ISO 3166-1 alpha-2. An address without a country is not given this one: that would be a guess.
    pub country: String,
    /// ISO 4217, for orders that do not name theirs.
    pub currency: String,
}

/// How far a document has been read, in bytes of the file as it lies on the disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Read so far.
    pub read: u64,
    /// The whole file.
    pub size: u64,
}

/// What kind of document it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// An export as XML.
    Xml,
    /// An export as CSV.
    Csv,
    /// A snapshot of the API: one JSON object a line.
    JsonLines,
    /// Nothing at all, or white space alone: an export with no records still has a root element or
    /// a header line, a snapshot has not.
    Empty,
}

/// What a document held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// What kind of document it was.
    pub format: Format,
    /// Records found, good and bad.
    pub records: u64,
    /// The end of the file.
    pub progress: Progress,
}

/// Reads a document of orders and hands each to `each`, in the document's order.
///
/// # Errors
/// As [`find_orders`].
pub fn read_orders(
    path: &Path,
    locale: &Locale,
    each: &mut dyn FnMut(Reading<Order>, Progress) -> Result<()>,
) -> Result<Summary> {
    find_orders(path, locale, &mut |_, _| Ok(false), &mut |found, progress| {
        found
            .read(locale)
            .map_or(Ok(()), |reading| each(reading, progress))
    })
}

/// Reads a document of customers and hands each to `each`, in the document's order.
///
/// # Errors
/// As [`find_orders`].
pub fn read_customers(
    path: &Path,
    locale: &Locale,
    each: &mut dyn FnMut(Reading<Customer>, Progress) -> Result<()>,
) -> Result<Summary> {
    find_customers(path, locale, &mut |found, progress| {
        found
            .read(locale)
            .map_or(Ok(()), |reading| each(reading, progress))
    })
}

/// Who knows a record by its key and the hash of how it stands in the document; such a one is not read.
pub type Known<'a> = dyn FnMut(&str, u64) -> Result<bool> + 'a;

/// Goes through a document of orders and hands each to `each`, in the document's order: those that are
/// `known` by their key alone. Only XML is searched for them; elsewhere every record is read.
///
/// # Errors
/// What `each` and `known` return; a file that cannot be opened; a document that is not one of orders
/// ([`Kind::NotData`]), ends early ([`Kind::Truncated`]), is damaged ([`Kind::Damaged`]) or swells
/// without end when unpacked ([`Kind::TooLarge`]).
pub fn find_orders(
    path: &Path,
    locale: &Locale,
    known: &mut Known<'_>,
    each: &mut dyn FnMut(Found<Order>, Progress) -> Result<()>,
) -> Result<Summary> {
    let (mut text, format) = open(path, Content::Orders)?;
    let mut sink = Sink::new(each);
    sink.known = Some(known);
    match format {
        Format::Xml => orders_xml::find(&mut text, &mut sink)?,
        Format::Csv => orders_csv::read(&mut text, locale, &mut sink)?,
        Format::JsonLines => orders_json::find(&mut text, &mut sink)?,
        Format::Empty => {}
    }
    Ok(sink.summary(format, &text))
}

/// Goes through a document of customers and hands each to `each`, in the document's order.
///
/// # Errors
/// As [`find_orders`].
pub fn find_customers(
    path: &Path,
    locale: &Locale,
    each: &mut dyn FnMut(Found<Customer>, Progress) -> Result<()>,
) -> Result<Summary> {
    let (mut text, format) = open(path, Content::Customers)?;
    let mut sink = Sink::new(each);
    match format {
        Format::Xml => customers_xml::find(&mut text, &mut sink)?,
        Format::Csv => customers_csv::read(&mut text, locale, &mut sink)?,
        Format::JsonLines => customers_json::find(&mut text, &mut sink)?,
        Format::Empty => {}
    }
    Ok(sink.summary(format, &text))
}

/// Looks at a file as far as its first record, so that one that is no document of this section is told
/// before anything is made of another.
///
/// # Errors
/// As [`read_orders`], as far as that goes; [`Kind::Truncated`] when there is nothing in it. Only a gzip
/// of nothing says of itself that it is whole: that is what a snapshot without records is.
pub fn look(path: &Path, section: Section, locale: &Locale) -> Result<()> {
    let content = match section {
        Section::Customers => Content::Customers,
        Section::Orders => Content::Orders,
    };
    let (text, format) = open(path, content)?;
    if format == Format::Empty && !text.is_packed() {
        let what = content.plural();
        return Err(text.error(Kind::Truncated, "it is empty").with_hint(format!(
            "an export without records still has its root element or its header line: download it again, or leave the \
             {what} out"
        )));
    }
    let mut is_one = false;
    let mut seen = || {
        is_one = true;
        Err(Error::new(
            Kind::Interrupted,
            "looking at a document",
            "that is enough",
        ))
    };
    let ended = match content {
        Content::Customers => read_customers(path, locale, &mut |_, _| seen()),
        Content::Orders => read_orders(path, locale, &mut |_, _| seen()),
    };
    if is_one { Ok(()) } else { ended.map(drop) }
}

/// What a document is expected to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Orders,
    Customers,
}

impl Content {
    const fn plural(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Customers => "customers",
        }
    }

    /// The error of a document of one kind where the other was expected.
    fn is_other(self, text: &Text) -> Error {
        let (expected, found) = match self {
            Self::Orders => ("orders", "customers"),
            Self::Customers => ("customers", "orders"),
        };
        text.error(
            Kind::NotData,
            format!("this is a document of {found}, not of {expected}"),
        )
        .with_hint("give each file where it belongs: customers as customers, orders as orders")
    }
}

/// Why one record cannot be used: names of elements and kinds of faults, never their text.
#[derive(Debug)]
struct Fault(String);

impl Fault {
    fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }

    /// A fault of one value: `what` is the name of its element, column or attribute.
    fn of(what: &str, reason: &str) -> Self {
        Self(format!("{what} {reason}"))
    }
}

/// A part of one record, or why there is none.
type Part<T> = std::result::Result<T, Fault>;

/// Opens a document and tells its format by its first bytes.
fn open(path: &Path, content: Content) -> Result<(Text, Format)> {
    let mut text = Text::open(path, content)?;
    let start = loop {
        let window = text.window();
        match window.iter().position(|byte| !byte.is_ascii_whitespace()) {
            Some(start) => break start,
            None => {
                let blank = window.len();
                text.consume(blank);
                if !text.fill()? {
                    return Ok((text, Format::Empty));
                }
            }
        }
    };
    text.consume(start);
    while text.window().len() < 1024 && text.fill()? {}
    let head = text.window();
    let head = head.get(..1024).unwrap_or(head);
    let format = if begins_like_html(head) {
        return Err(log_in_page(&text));
    } else if head.starts_with(b"PK\x03\x04") {
        let error = text.error(Kind::NotData, "this is a ZIP or XLSX file");
        return Err(error.with_hint("export it as CSV or XML instead"));
    // The magic bytes of gzip, taken for windows-1250.
    } else if head.starts_with("\u{1f}\u{2039}".as_bytes()) {
        let error = text.error(Kind::NotData, "it is compressed twice");
        return Err(error.with_hint("unpack it once and try again"));
    } else if head.get(1) == Some(&0) || (!head.starts_with(b"<") && head.contains(&0)) {
        return Err(text.error(Kind::NotData, "this is not text"));
    } else {
        match head.first() {
            Some(b'<') => Format::Xml,
            Some(b'{') => Format::JsonLines,
            Some(b'[') => {
                let error = text.error(Kind::NotData, "this is a JSON array");
                return Err(error.with_hint("JSON is read as lines, one object a line"));
            }
            _ => Format::Csv,
        }
    };
    Ok((text, format))
}

/// The shop answers a dead link with its log-in page and status 200.
fn log_in_page(text: &Text) -> Error {
    text.error(
        Kind::NotData,
        "this is a web page, such as a log-in page, not an export",
    )
}

fn begins_like_html(head: &[u8]) -> bool {
    ["<!doctype html", "<html", "<head", "<body"].iter().any(|tag| {
        head.get(..tag.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes()))
    })
}
