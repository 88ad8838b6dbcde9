//! JSON lines: one object a line, as the results of snapshot jobs are.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, Visitor};

use super::bytes::Text;
use super::{Content, FIELD_CAP, Fault, Part, RECORD_CAP, Sink};
use crate::error::{Kind, Result};

/// Hands each line to `parse` and its outcome to the sink; `key` finds the key of a line that could
/// not be used.
pub(super) fn read<T>(
    text: &mut Text,
    content: Content,
    sink: &mut Sink<'_, T>,
    mut parse: impl FnMut(&[u8]) -> Part<T>,
    key: impl Fn(&[u8]) -> Option<String>,
) -> Result<()> {
    let mut searched = 0;
    loop {
        let window = text.window();
        let end = window
            .get(searched..)
            .and_then(|fresh| memchr::memchr(b'\n', fresh))
            .map(|at| searched + at);
        let Some(length) = end else {
            searched = window.len();
            if searched > RECORD_CAP {
                skip_line(text, sink)?;
                searched = 0;
            } else if !text.fill()? {
                return last_line(text, content, sink, parse, key);
            }
            continue;
        };
        searched = 0;
        one(text, length, content, sink, &mut parse, &key)?;
        text.consume(length + 1);
    }
}

fn one<T>(
    text: &Text,
    length: usize,
    content: Content,
    sink: &mut Sink<'_, T>,
    parse: &mut impl FnMut(&[u8]) -> Part<T>,
    key: &impl Fn(&[u8]) -> Option<String>,
) -> Result<()> {
    let line = text.window().get(..length).unwrap_or_default();
    if line.trim_ascii().is_empty() {
        return Ok(());
    }
    if sink.records == 0 {
        probe(text, line, content)?;
    }
    match parse(line) {
        Ok(record) => sink.good(record, text.progress()),
        Err(fault) => sink.bad(key(line), text.line(), &fault, text.progress()),
    }
}

/// A line without an end: whole, or what is left of one.
fn last_line<T>(
    text: &mut Text,
    content: Content,
    sink: &mut Sink<'_, T>,
    mut parse: impl FnMut(&[u8]) -> Part<T>,
    key: impl Fn(&[u8]) -> Option<String>,
) -> Result<()> {
    let line = text.window().trim_ascii();
    let cut = serde_json::from_slice::<IgnoredAny>(line).is_err_and(|error| error.is_eof());
    if !line.is_empty() && cut {
        return Err(text.ends_early("the last line is not complete", sink.records));
    }
    let length = text.window().len();
    one(text, length, content, sink, &mut parse, &key)?;
    text.consume(length);
    Ok(())
}

fn skip_line<T>(text: &mut Text, sink: &mut Sink<'_, T>) -> Result<()> {
    let line = text.line();
    loop {
        let length = text.window().len();
        if let Some(end) = memchr::memchr(b'\n', text.window()) {
            text.consume(end + 1);
            let fault = Fault::new("the line is larger than 4 MiB");
            return sink.bad(None, line, &fault, text.progress());
        }
        text.consume(length);
        if !text.fill()? {
            return Err(text.ends_early("the last line is not complete", sink.records));
        }
    }
}

/// Refuses a document whose first line shows that it is something else.
fn probe(text: &Text, line: &[u8], content: Content) -> Result<()> {
    #[derive(serde::Deserialize)]
    struct Probe {
        code: Option<IgnoredAny>,
        guid: Option<IgnoredAny>,
        items: Option<IgnoredAny>,
        accounts: Option<IgnoredAny>,
        errors: Option<IgnoredAny>,
    }
    let Ok(probe) = serde_json::from_slice::<Probe>(line) else {
        return Ok(());
    };
    let is_order = probe.code.is_some() && probe.items.is_some() && probe.accounts.is_none();
    let is_customer = probe.accounts.is_some() && probe.code.is_none();
    match content {
        Content::Orders if is_customer => Err(content.is_other(text)),
        Content::Customers if is_order => Err(content.is_other(text)),
        _ if probe.code.is_none() && probe.guid.is_none() && probe.errors.is_some() => Err(text.error(
            Kind::NotData,
            "this is an answer of the API to a request, not a snapshot",
        )),
        _ => Ok(()),
    }
}

/// Parses one object. The parser's own messages quote what they found, so they stay here.
pub(super) fn parse<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Part<T> {
    if memchr::memchr(b'\\', json).is_some() && memchr::memmem::find(json, b"\\u0000").is_some() {
        return Err(Fault::new("a text holds a NUL character"));
    }
    serde_json::from_slice(json).map_err(|error| {
        let column = error.column();
        Fault(match error.classify() {
            serde_json::error::Category::Data => {
                format!("an attribute is of an unexpected type or too large, at column {column}")
            }
            _ => format!("it is not valid JSON, at column {column}"),
        })
    })
}

/// A text, trimmed, as the API gives texts: perhaps null, perhaps a number.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Loose<'a>(pub(super) Cow<'a, str>);

impl Loose<'_> {
    pub(super) fn owned(self) -> String {
        self.0.into_owned()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Loose<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(LooseVisitor(std::marker::PhantomData))
    }
}

struct LooseVisitor<'a>(std::marker::PhantomData<&'a ()>);

impl<'de: 'a, 'a> Visitor<'de> for LooseVisitor<'a> {
    type Value = Loose<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text of at most 1 MiB, a number or null")
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        capped(text).map(|text| Loose(Cow::Borrowed(text)))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        capped(text).map(|text| Loose(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(Loose::default())
    }

    fn visit_bool<E: serde::de::Error>(self, yes: bool) -> Result<Self::Value, E> {
        Ok(Loose(Cow::Borrowed(if yes { "true" } else { "false" })))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Loose(Cow::Owned(number.to_string())))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Loose(Cow::Owned(number.to_string())))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Loose(Cow::Owned(number.to_string())))
    }
}

fn capped<E: serde::de::Error>(text: &str) -> Result<&str, E> {
    if text.len() > FIELD_CAP {
        return Err(E::invalid_length(text.len(), &"at most 1 MiB"));
    }
    Ok(text.trim())
}
