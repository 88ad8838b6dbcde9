//! Phone numbers → E.164, and whether one identifies a person.
//!
//! The rules of each country come from the `phonenumber` crate (libphonenumber's metadata). The
//! numbers that nearly every order has, of the countries next door, take a short way without its
//! regular expressions; a test holds the short way to the library's answers.

mod lengths;
mod neighbours;

use std::borrow::Cow;
use std::fmt;

use lengths::is_possible;
use neighbours::{neighbour, short_way};
use phonenumber::Metadata;
use phonenumber::metadata::DATABASE;

/// A phone number as the buyer wrote it, understood or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phone<'a> {
    /// The number in E.164; `None` when it does not parse.
    pub e164: Option<E164>,
    /// Whether it may identify a person: its length is possible for its country, and it is not one
    /// digit repeated. Assigned ranges are not checked.
    pub identifies: bool,
    text: &'a str,
}

/// An international number: at most 15 digits, never with a leading zero, so a number holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct E164(u64);

impl E164 {
    /// The digits, calling code included.
    pub const fn digits(self) -> u64 {
        self.0
    }
}

/// `+420601123456`
impl fmt::Display for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.0)
    }
}

impl<'a> Phone<'a> {
    /// What a contact shows: E.164 where it parses, else what was written, trimmed.
    pub fn shown(&self) -> Cow<'a, str> {
        match self.e164 {
            Some(number) => Cow::Owned(number.to_string()),
            None => Cow::Borrowed(self.text),
        }
    }
}

/// Reads a number with the country of its order, else of its shop (ISO 3166-1 alpha-2, upper case).
pub fn normalise<'a>(raw: &'a str, country: &str) -> Phone<'a> {
    let text = raw.trim();
    let number = Written::read(text).and_then(|written| {
        let written = written.as_international(country);
        short_way(&written, country).or_else(|| library(&written, country))
    });
    match number {
        Some(number) => Phone {
            e164: Some(number.e164()),
            identifies: number.identifies(),
            text,
        },
        None => Phone {
            e164: None,
            identifies: false,
            text,
        },
    }
}

/// The digits that were written. More than this many are no phone number in any country.
const MOST_DIGITS: usize = 24;
/// E.164: calling code and national number together.
const LONGEST_E164: usize = 15;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Digits {
    digits: [u8; MOST_DIGITS],
    length: usize,
}

impl Digits {
    const NONE: Self = Self {
        digits: [0; MOST_DIGITS],
        length: 0,
    };

    /// False when it is full.
    fn push(&mut self, digit: u8) -> bool {
        match self.digits.get_mut(self.length) {
            Some(place) => {
                *place = digit;
                self.length = self.length.saturating_add(1);
                true
            }
            None => false,
        }
    }

    fn as_slice(&self) -> &[u8] {
        self.digits.get(..self.length).unwrap_or_default()
    }

    fn of(slice: &[u8]) -> Self {
        let mut digits = Self::NONE;
        for digit in slice {
            digits.push(*digit);
        }
        digits
    }
}

/// What was written, without punctuation.
#[derive(Debug, Clone, Copy)]
struct Written {
    /// Whether the calling code comes first.
    international: bool,
    digits: Digits,
}

impl Written {
    /// Words may stand before a number ("tel. 601 …") but not behind it: the library would dial
    /// them as digits.
    fn read(text: &str) -> Option<Self> {
        let mut international = false;
        let mut digits = Digits::NONE;
        for c in text.chars() {
            match c {
                '0'..='9' => {
                    let digit = u8::try_from(c).ok()?.wrapping_sub(b'0');
                    if !digits.push(digit) {
                        return None;
                    }
                }
                '+' if digits.length == 0 => international = true,
                ' '
                | '-'
                | '.'
                | '/'
                | '('
                | ')'
                | '['
                | ']'
                | '\u{a0}'
                | '\u{2007}'..='\u{2015}'
                | '\u{202f}' => {}
                _ if digits.length == 0 && !international && (c.is_alphabetic() || c == ':') => {}
                _ => return None,
            }
        }
        (digits.length > 0).then_some(Self {
            international,
            digits,
        })
    }

    /// Recognises `00420 …`, and `420 777 888 999` as the shop's API writes it.
    fn as_international(self, country: &str) -> Self {
        if self.international {
            return self;
        }
        let digits = self.digits.as_slice();
        let rest = match (digits, neighbour(country)) {
            ([0, 0, rest @ ..], Some(_)) => Some(rest),
            ([0, 0, rest @ ..], None) => dials_00(country).then_some(rest),
            (_, Some(country)) if country.is_without_plus(digits) => Some(digits),
            _ => None,
        };
        match rest {
            Some(rest) => Self {
                international: true,
                digits: Digits::of(rest),
            },
            None => self,
        }
    }
}

/// A calling code and the national number behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Number {
    code: u16,
    national: Digits,
}

impl Number {
    /// `None` when it is longer than E.164 allows.
    fn new(code: u16, national: &[u8]) -> Option<Self> {
        let code_length = match code {
            1..=9 => 1,
            10..=99 => 2,
            100..=999 => 3,
            _ => return None,
        };
        (national.len() <= LONGEST_E164.saturating_sub(code_length)).then(|| Self {
            code,
            national: Digits::of(national),
        })
    }

    fn e164(&self) -> E164 {
        // At most 15 digits: far from the end of a u64.
        let national = self.national.as_slice().iter();
        E164(national.fold(u64::from(self.code), |number, digit| {
            number.saturating_mul(10).saturating_add(u64::from(*digit))
        }))
    }

    fn identifies(&self) -> bool {
        let national = self.national.as_slice();
        let one_digit = national.windows(2).all(|pair| pair.first() == pair.last());
        !one_digit && is_possible(self.code, national.len())
    }
}

/// The library's answer. An international number is read without a country: with one, the library
/// would cut that country's trunk prefix off a foreign number.
fn library(written: &Written, country: &str) -> Option<Number> {
    let digits = written
        .digits
        .as_slice()
        .iter()
        .map(|digit| char::from(digit.wrapping_add(b'0')));
    let parsed = if written.international {
        let text: String = std::iter::once('+').chain(digits).collect();
        phonenumber::parse(None, text)
    } else {
        let text: String = digits.collect();
        phonenumber::parse(Some(country.parse().ok()?), text)
    };
    let parsed = parsed.ok()?;
    // Leading zeros included, which `value()` leaves out.
    let national: Vec<u8> = parsed
        .national()
        .to_string()
        .bytes()
        .map(|byte| byte.wrapping_sub(b'0'))
        .collect();
    Number::new(parsed.code().value(), &national)
}

/// Nearly everywhere; an unknown country counts as everywhere.
fn dials_00(country: &str) -> bool {
    DATABASE
        .by_id(country)
        .and_then(Metadata::international_prefix)
        .is_none_or(|prefix| prefix.as_str() == "00" || prefix.as_str().starts_with("00|"))
}
