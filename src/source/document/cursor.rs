//! Walks through the elements of one XML record.

use std::borrow::Cow;
use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};

use super::{FIELD_CAP, Fault, Part};

/// Elements inside elements: the exports have five levels.
pub(super) const DEPTH_CAP: usize = 32;

/// A place in a record.
///
/// [`Cursor::child`] steps into the next child of the element it stands in, and out of that element
/// after its last. Every child is then either read as text, skipped, or walked through the same way.
pub(super) struct Cursor<'a> {
    record: &'a str,
    /// How far it is read, in bytes. The reader is behind after what never passed through it.
    at: usize,
    reader: Reader<&'a [u8]>,
    open: Vec<&'a str>,
    empty: bool,
}

impl<'a> Cursor<'a> {
    /// Stands before the record's own tag.
    pub(super) fn new(record: &'a str) -> Self {
        let mut reader = Reader::from_str(record);
        // Names are compared here, because plain tags never pass through the reader.
        reader.config_mut().check_end_names = false;
        reader.config_mut().allow_unmatched_ends = true;
        Self {
            record,
            at: 0,
            reader,
            open: Vec::with_capacity(8),
            empty: false,
        }
    }

    /// How long the whole record is, in bytes.
    pub(super) const fn length(&self) -> usize {
        self.record.len()
    }

    /// Steps into the next child and says its name; `None` is the end of the element we were in.
    pub(super) fn child(&mut self) -> Part<Option<&'a str>> {
        if self.empty {
            self.empty = false;
            self.open.pop();
            return Ok(None);
        }
        if let Some(tag) = self.plain_tag() {
            return tag.map(|name| self.note(name)).transpose();
        }
        loop {
            match self.event()? {
                Event::Start(tag) => return self.enter(tag.name().as_ref().len(), tag.len() + 1).map(Some),
                Event::Empty(tag) => {
                    self.empty = true;
                    return self.enter(tag.name().as_ref().len(), tag.len() + 2).map(Some);
                }
                Event::End(tag) => {
                    self.leave(tag.name().as_ref())?;
                    return Ok(None);
                }
                _ => {}
            }
        }
    }

    /// The text of the element stepped into, trimmed, with that of elements inside (a template may
    /// let HTML through); steps out of it.
    pub(super) fn text(&mut self) -> Part<Cow<'a, str>> {
        self.text_or(None)
    }

    /// As [`Cursor::text`], but of the elements inside only that of the child `name`.
    pub(super) fn text_or_child(&mut self, name: &str) -> Part<Cow<'a, str>> {
        self.text_or(Some(name))
    }

    fn text_or(&mut self, child: Option<&str>) -> Part<Cow<'a, str>> {
        let name = self.open.last().copied().unwrap_or_default();
        let text = match self.plain() {
            Some(text) => Cow::Borrowed(trimmed(text)),
            None => Cow::Owned(self.mixed(child)?.trim().to_owned()),
        };
        if text.len() > FIELD_CAP {
            return Err(Fault::of(told(name), "is larger than 1 MiB"));
        }
        Ok(text)
    }

    /// Steps out of the element stepped into, whatever it holds.
    pub(super) fn skip(&mut self) -> Part<()> {
        if self.plain().is_some() {
            return Ok(());
        }
        while self.child()?.is_some() {
            self.skip()?;
        }
        Ok(())
    }

    /// The short way past a tag without attributes, as nearly all are: the name of a start tag, or
    /// `Some(None)` where the element we are in ends.
    ///
    /// An event of the reader costs ten times more: it validates, notes and compares what is known
    /// here. Everything unusual is left to it.
    fn plain_tag(&mut self) -> Option<Option<&'a str>> {
        let bytes = self.record.as_bytes();
        let mut at = self.at;
        while bytes.get(at)?.is_ascii_whitespace() {
            at += 1;
        }
        let tag = bytes.get(at..)?.strip_prefix(b"<")?;
        let start = at + 1;
        if tag.first() == Some(&b'/') {
            let name = self.open.last()?;
            let close = start + 1 + name.len();
            if bytes.get(start + 1..close)? != name.as_bytes() || bytes.get(close) != Some(&b'>') {
                return None;
            }
            self.at = close + 1;
            self.open.pop();
            return Some(None);
        }
        let length = tag.iter().position(|&byte| !is_plain_name(byte))?;
        let end = start + length;
        let close = match (tag.get(length), tag.get(length + 1)) {
            (Some(b'>'), _) => 1,
            (Some(b'/'), Some(b'>')) => 2,
            _ => return None,
        };
        if length == 0 {
            return None;
        }
        self.empty = close == 2;
        self.at = end + close;
        self.record.get(start..end).map(Some)
    }

    /// The short way past an element that holds text and nothing else.
    fn plain(&mut self) -> Option<&'a str> {
        if self.empty {
            self.empty = false;
            self.open.pop();
            return Some("");
        }
        let name = self.open.last()?;
        let rest = self.record.as_bytes().get(self.at..)?;
        let length = memchr::memchr2(b'<', b'&', rest)?;
        let end = rest.get(length..)?.strip_prefix(b"</")?;
        if end.strip_prefix(name.as_bytes())?.first() != Some(&b'>') {
            return None;
        }
        let text = self.record.get(self.at..self.at + length)?;
        self.at += length + name.len() + "</>".len();
        self.open.pop();
        Some(text)
    }

    /// The long way: character data, entities, comments, and elements inside, all or only `child`.
    fn mixed(&mut self, child: Option<&str>) -> Part<String> {
        let name = self.open.last().copied().unwrap_or_default();
        let mut text = String::new();
        loop {
            match self.event()? {
                Event::Text(piece) => text.push_str(&piece.xml10_content()),
                Event::CData(piece) => text.push_str(&piece.xml10_content()),
                Event::GeneralRef(entity) => text.push_str(&resolved(&entity, name)?),
                Event::Start(tag) => {
                    let inner = self.enter(tag.name().as_ref().len(), tag.len() + 1)?;
                    if child.is_none_or(|wanted| wanted == inner) {
                        text.push_str(&self.text()?);
                    } else {
                        self.skip()?;
                    }
                }
                Event::End(tag) => {
                    self.leave(tag.name().as_ref())?;
                    return Ok(text);
                }
                _ => {}
            }
            if text.len() > FIELD_CAP {
                return Err(Fault::of(told(name), "is larger than 1 MiB"));
            }
        }
    }

    fn event(&mut self) -> Part<Event<'a>> {
        let behind = self.at.saturating_sub(self.read());
        self.reader.stream().consume(behind);
        let event = self.reader.read_event();
        self.at = self.read();
        match event {
            Ok(Event::Eof) => Err(Fault::new("the record ends inside an element")),
            Ok(Event::DocType(_)) => Err(Fault::new("the record holds a document type declaration")),
            Ok(event) => Ok(event),
            Err(quick_xml::Error::Syntax(error)) => {
                Err(Fault(format!("the record is not well-formed: {error}")))
            }
            // The other errors quote what they found.
            Err(_) => Err(Fault::of(
                told(self.open.last().copied().unwrap_or_default()),
                "is not well-formed",
            )),
        }
    }

    /// How far the reader has come, in bytes.
    fn read(&self) -> usize {
        self.record.len() - self.reader.get_ref().len()
    }

    /// Notes an element by the lengths of its name and of its tag from `<` on without the first byte.
    fn enter(&mut self, name: usize, tag: usize) -> Part<&'a str> {
        let at = self.at.saturating_sub(tag);
        self.note(self.record.get(at..at + name).unwrap_or_default())
    }

    fn note(&mut self, name: &'a str) -> Part<&'a str> {
        if self.open.len() >= DEPTH_CAP {
            return Err(Fault(format!(
                "the record holds more than {DEPTH_CAP} elements inside each other"
            )));
        }
        self.open.push(name);
        Ok(name)
    }

    fn leave(&mut self, name: &str) -> Part<()> {
        match self.open.pop() {
            Some(open) if open == name => Ok(()),
            open => Err(Fault::of(
                told(open.unwrap_or_default()),
                "is closed by another end tag than its own",
            )),
        }
    }
}

fn is_plain_name(byte: u8) -> bool {
    PLAIN_NAME.get(usize::from(byte)).is_some_and(|plain| *plain)
}

/// A table, because this is asked of every byte of every tag.
const PLAIN_NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        let letter = byte as u8;
        table[byte] = letter.is_ascii_alphanumeric() || letter == b'_';
        byte += 1;
    }
    table
};

/// As `trim`, with a quick answer for what needs none.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] => text,
        [] => text,
        _ => text.trim(),
    }
}

/// A name as it may be told: in a broken document anything can stand between angle brackets.
fn told(name: &str) -> &str {
    if !name.is_empty() && name.len() <= 40 && name.bytes().all(is_plain_name) {
        name
    } else {
        "an element"
    }
}

/// The five entities of XML and the numeric ones; no document may define its own.
fn resolved(entity: &BytesRef<'_>, name: &str) -> Part<String> {
    match entity.resolve_char_ref() {
        Ok(Some('\0')) | Err(_) => return Err(Fault::of(told(name), "holds an impossible character")),
        Ok(Some(letter)) => return Ok(letter.to_string()),
        Ok(None) => {}
    }
    match resolve_predefined_entity(entity) {
        Some(text) => Ok(text.to_owned()),
        None => Err(Fault::of(told(name), "holds an unknown entity")),
    }
}
