//! What the API's orders and customers are read with, and what both have.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Visitor};

use super::parties::RawParty;
use super::{FIELD_CAP, Fault, Part};
use crate::error::Result;

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

/// The key of a record that could not be read: the text or number of that name right inside the outermost
/// object, as far as its brackets are in order.
pub(super) fn key_in(json: &[u8], name: &str) -> Option<String> {
    let mut open = Vec::new();
    let mut before = b' ';
    let mut at = 0;
    while let Some(&byte) = json.get(at) {
        at += 1;
        match byte {
            b'{' | b'[' => open.push(byte),
            b'}' if open.pop() != Some(b'{') => return None,
            b']' if open.pop() != Some(b'[') => return None,
            b'"' => {
                let text = text_at(json.get(at..)?)?;
                at += text.len() + 1;
                let is_name = open == [b'{'] && matches!(before, b'{' | b',') && text == name.as_bytes();
                let rest = json.get(at..)?.trim_ascii_start();
                if let (true, [b':', value @ ..]) = (is_name, rest) {
                    return plain(value.trim_ascii_start());
                }
            }
            _ => {}
        }
        if open.is_empty() {
            return None;
        }
        if !byte.is_ascii_whitespace() {
            before = byte;
        }
    }
    None
}

/// A text up to its closing quote, as it is written.
fn text_at(json: &[u8]) -> Option<&[u8]> {
    let mut at = 0;
    loop {
        match json.get(at)? {
            b'"' => return json.get(..at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// A text without escapes, or a whole number.
fn plain(value: &[u8]) -> Option<String> {
    let key = match value {
        [b'"', text @ ..] => text_at(text)?,
        _ => value.get(..value.iter().position(|byte| !byte.is_ascii_digit())?)?,
    };
    let key = std::str::from_utf8(key).ok()?.trim();
    let is_plain = !key.contains(|letter: char| letter == '\\' || letter.is_control());
    is_plain.then(|| key.to_owned())
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

/// Anything that is told as an object for the sake of its name.
#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(super) struct Named<'a> {
    #[serde(borrow)]
    pub(super) name: Loose<'a>,
}

/// An address of an order or of a customer.
#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct WireAddress<'a> {
    #[serde(borrow)]
    company: Loose<'a>,
    full_name: Loose<'a>,
    street: Loose<'a>,
    house_number: Loose<'a>,
    city: Loose<'a>,
    district: Loose<'a>,
    zip: Loose<'a>,
    country_code: Loose<'a>,
    company_id: Loose<'a>,
    vat_id: Loose<'a>,
    tax_id: Loose<'a>,
    /// Of a customer's delivery addresses.
    pub(super) is_default: Loose<'a>,
}

impl<'a> WireAddress<'a> {
    pub(super) fn raw(self) -> RawParty<'a> {
        RawParty {
            name: self.full_name.0,
            company: self.company.0,
            company_id: self.company_id.0,
            vat_id: self.vat_id.0,
            tax_id: self.tax_id.0,
            street: self.street.0,
            house_number: self.house_number.0,
            city: self.city.0,
            district: self.district.0,
            zip: self.zip.0,
            country_code: self.country_code.0,
            ..RawParty::default()
        }
    }
}
