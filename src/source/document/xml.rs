//! XML: the document around its records, and one record after the other out of it.

use memchr::memmem;
use xxhash_rust::xxh3::xxh3_64;

use super::bytes::Text;
use super::cursor::{Cursor, DEPTH_CAP};
use super::cutter::{Cut, Cutter};
use super::found::{Found, Recipe};
use super::{Content, Fault, Part, Sink, log_in_page};
use crate::error::{Error, Kind, Result};

/// Markup outside of records: an XML declaration, the root, a comment. In bytes.
const MARKUP_CAP: usize = 64 << 10;

/// Hands each record, an element named `tag`, to the sink. `key` is the element that tells which record it
/// is. With a record comes the hash of how it stands there.
pub(super) fn find<T>(
    text: &mut Text,
    content: Content,
    tag: &str,
    key: &str,
    sink: &mut Sink<'_, T>,
    recipe: &'static Recipe<T>,
) -> Result<()> {
    let mut outside = Outside::new(content);
    let cutter = Cutter::new(tag);
    while outside.advance(text, tag, sink.records)? {
        let line = text.line();
        match cutter.cut(text, sink.records)? {
            Cut::Whole(length) => {
                let record = text.window().get(..length).unwrap_or_default();
                let print = xxh3_64(record);
                match key_in(record, key) {
                    Some(key) if sink.knows(&key, print)? => {
                        sink.found(Found::Known(key), text.progress())?
                    }
                    _ => sink.piece(recipe, record, line, print, text.progress())?,
                }
                text.consume(length);
            }
            Cut::Unclosed(length) => {
                let fault = Fault::of(tag, "has no end tag");
                let record = text.window().get(..length).unwrap_or_default();
                sink.bad(key_in(record, key), line, record, &fault, text.progress())?;
                text.consume(length);
            }
            Cut::TooLarge(beginning) => {
                let fault = Fault::of(tag, "is larger than 4 MiB");
                sink.bad(key_in(&beginning, key), line, &beginning, &fault, text.progress())?;
            }
        }
    }
    Ok(())
}

/// Reads one record, an element named `tag`.
pub(super) fn read<T>(record: &[u8], tag: &str, parse: impl FnOnce(&mut Cursor<'_>) -> Part<T>) -> Part<T> {
    let record = simdutf8::basic::from_utf8(record).map_err(|_| Fault::of(tag, "is not valid UTF-8"))?;
    if memchr::memchr(0, record.as_bytes()).is_some() {
        return Err(Fault::of(tag, "holds a NUL character"));
    }
    let mut cursor = Cursor::new(record);
    cursor.child()?;
    parse(&mut cursor)
}

/// The key of a record: the text of the element of that name right below it.
pub(super) fn key_in(record: &[u8], name: &str) -> Option<String> {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'<', record.get(at..)?) {
        let from = at + found + 1;
        let tag = record.get(from..from + memchr::memchr(b'>', record.get(from..)?)?)?;
        at = from + tag.len() + 1;
        match tag {
            [b'/', ..] => depth = depth.checked_sub(1)?,
            [b'!' | b'?', ..] | [.., b'/'] => {}
            _ if depth == 1 && tag == name.as_bytes() => {
                let rest = record.get(at..)?;
                let key = rest.get(..memchr::memchr2(b'<', b'&', rest)?)?;
                let key = std::str::from_utf8(key).ok()?.trim();
                return (!key.contains('\0')).then(|| key.to_owned());
            }
            _ => depth += 1,
        }
    }
    None
}

/// The part of a document around its records: declaration, root, comments.
struct Outside {
    content: Content,
    open: Vec<String>,
    seen_root: bool,
    /// Whether the element that holds the records of an export was seen.
    seen_list: bool,
    /// Whether anything but records was seen inside the root.
    seen_other: bool,
}

impl Outside {
    const fn new(content: Content) -> Self {
        Self {
            content,
            open: Vec::new(),
            seen_root: false,
            seen_list: false,
            seen_other: false,
        }
    }

    /// Goes to the start of the next record; `false` at the end of the document.
    fn advance(&mut self, text: &mut Text, tag: &str, records: u64) -> Result<bool> {
        loop {
            // White space, and whatever a merchant typed around the records.
            let skipped = memchr::memchr(b'<', text.window()).unwrap_or(text.window().len());
            let typed = text.window().get(..skipped).unwrap_or_default();
            self.seen_other |= !typed.trim_ascii().is_empty();
            text.consume(skipped);
            if text.window().is_empty() {
                if text.fill()? {
                    continue;
                }
                return match self.open.last() {
                    Some(_) => Err(text.ends_early("the root element is not closed", records)),
                    None if self.seen_root && records == 0 && self.seen_other && !self.seen_list => {
                        Err(Problem::Foreign.told_by(text, self.content))
                    }
                    None if self.seen_root => Ok(false),
                    None => Err(text.ends_early("there is no root element", records)),
                };
            }
            let Some(length) = markup_length(text.window()) else {
                if text.window().len() > MARKUP_CAP {
                    return Err(text.error(
                        Kind::Damaged,
                        format!("markup without an end in line {}", text.line()),
                    ));
                }
                if !text.fill()? {
                    return Err(text.ends_early("a tag is not closed", records));
                }
                continue;
            };
            let markup = text.window().get(..length).unwrap_or_default();
            if self
                .markup(markup, tag)
                .map_err(|problem| problem.told_by(text, self.content))?
            {
                return Ok(true);
            }
            text.consume(length);
        }
    }

    /// Takes one piece of markup; `true` when it starts a record.
    fn markup(&mut self, markup: &[u8], tag: &str) -> std::result::Result<bool, Problem> {
        match markup.get(1) {
            Some(b'?') => return Ok(false),
            Some(b'!') if markup.starts_with(b"<!--") || markup.starts_with(b"<![CDATA[") => {
                return Ok(false);
            }
            Some(b'!') => return Err(Problem::Declaration),
            _ => {}
        }
        let closing = markup.get(1) == Some(&b'/');
        let name = markup.get(if closing { 2 } else { 1 }..).unwrap_or_default();
        let end = name
            .iter()
            .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'));
        let name = String::from_utf8_lossy(name.get(..end.unwrap_or(name.len())).unwrap_or_default());
        if closing {
            return match self.open.pop() {
                Some(open) if open == name => Ok(false),
                _ => Err(Problem::Unbalanced),
            };
        }
        if name == tag {
            if self.open.is_empty() && self.seen_root {
                return Err(Problem::SecondRoot);
            }
            self.seen_root = true;
            return Ok(true);
        }
        self.seen_list |= name.strip_suffix('S') == Some(tag);
        if self.open.is_empty() {
            self.root(&name)?;
        } else {
            self.seen_other = true;
        }
        if !markup.ends_with(b"/>") {
            self.open.push(name.into_owned());
        }
        if self.open.len() > DEPTH_CAP {
            return Err(Problem::Deep);
        }
        Ok(false)
    }

    /// The header of a template can be edited, so an unknown root is taken, unless it turns out to
    /// hold other things and no record; what is surely something else is not.
    fn root(&mut self, name: &str) -> std::result::Result<(), Problem> {
        if self.seen_root {
            return Err(Problem::SecondRoot);
        }
        self.seen_root = true;
        match (self.content, name.to_ascii_lowercase().as_str()) {
            (_, "html") => Err(Problem::WebPage),
            (Content::Orders, "customers" | "customer") => Err(Problem::OtherContent),
            (Content::Customers, "orders" | "order") => Err(Problem::OtherContent),
            (_, "shop" | "rss" | "feed" | "products" | "shopitem" | "urlset" | "error") => {
                Err(Problem::Foreign)
            }
            _ => Ok(()),
        }
    }
}

/// What makes a document unusable outside of its records.
enum Problem {
    Declaration,
    Unbalanced,
    SecondRoot,
    Deep,
    WebPage,
    OtherContent,
    Foreign,
}

impl Problem {
    fn told_by(&self, text: &Text, content: Content) -> Error {
        let line = text.line();
        match self {
            Self::WebPage => log_in_page(text),
            Self::OtherContent => content.is_other(text),
            Self::Foreign => text.error(
                Kind::NotData,
                format!("this is XML, but not an export of {}", content.plural()),
            ),
            Self::Declaration => text.error(
                Kind::Damaged,
                format!("a document type or entity declaration in line {line}, which no export has"),
            ),
            Self::Unbalanced => text.error(
                Kind::Damaged,
                format!("an end tag in line {line} closes nothing that is open"),
            ),
            Self::SecondRoot => text.error(Kind::Damaged, format!("a second root element in line {line}")),
            Self::Deep => text.error(
                Kind::Damaged,
                format!("more than {DEPTH_CAP} elements inside each other in line {line}"),
            ),
        }
    }
}

/// The length of the markup that starts the window, `None` when its end is not in it.
pub(super) fn markup_length(window: &[u8]) -> Option<usize> {
    for (start, end) in [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")] {
        if window.starts_with(start.as_bytes()) {
            let inside = window.get(start.len()..)?;
            return Some(memmem::find(inside, end.as_bytes())? + start.len() + end.len());
        }
    }
    if window.len() < "<![CDATA[".len() && window.starts_with(b"<!") {
        return None;
    }
    let mut quote = None;
    for (at, &byte) in window.iter().enumerate().take(MARKUP_CAP) {
        match (quote, byte) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}
