//! Phone numbers → E.164, and whether one identifies a person.
//!
//! The rules of each country come from the `phonenumber` crate (libphonenumber's metadata). The
//! numbers that nearly every order has, of the countries next door, take a short way without its
//! regular expressions; a test holds the short way to the library's answers.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

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
        !one_digit && LENGTHS.possible(self.code, national.len())
    }
}

/// A country whose numbers take the short way: its calling code is its own, and a number at home is
/// the national number, behind the trunk prefix where there is one.
#[derive(Debug)]
struct Neighbour {
    id: &'static str,
    code: u16,
    code_digits: &'static [u8],
    trunk: &'static [u8],
}

const fn neighbour_of(
    id: &'static str,
    code: u16,
    code_digits: &'static [u8],
    trunk: &'static [u8],
) -> Neighbour {
    Neighbour {
        id,
        code,
        code_digits,
        trunk,
    }
}

/// Calling codes and trunk prefixes as in libphonenumber; a test compares.
static NEIGHBOURS: [Neighbour; 13] = [
    neighbour_of("CZ", 420, &[4, 2, 0], &[]),
    neighbour_of("SK", 421, &[4, 2, 1], &[0]),
    neighbour_of("HU", 36, &[3, 6], &[0, 6]),
    neighbour_of("PL", 48, &[4, 8], &[]),
    neighbour_of("DE", 49, &[4, 9], &[0]),
    neighbour_of("AT", 43, &[4, 3], &[0]),
    neighbour_of("RO", 40, &[4, 0], &[0]),
    neighbour_of("HR", 385, &[3, 8, 5], &[0]),
    neighbour_of("SI", 386, &[3, 8, 6], &[0]),
    neighbour_of("BG", 359, &[3, 5, 9], &[0]),
    neighbour_of("FR", 33, &[3, 3], &[0]),
    neighbour_of("NL", 31, &[3, 1], &[0]),
    neighbour_of("BE", 32, &[3, 2], &[0]),
];

fn neighbour(id: &str) -> Option<&'static Neighbour> {
    NEIGHBOURS.iter().find(|country| country.id == id)
}

impl Neighbour {
    /// Whether these digits are a whole international number that lacks its plus. Where home
    /// numbers have no trunk prefix, one that is as long as a home number is a home number (the
    /// Polish area code 48).
    fn is_without_plus(&self, digits: &[u8]) -> bool {
        let Some(national) = digits.strip_prefix(self.code_digits) else {
            return false;
        };
        LENGTHS.usual(self.code, national.len())
            && (!self.trunk.is_empty() || !LENGTHS.usual(self.code, digits.len()))
    }

    /// `None` leaves it to the library: zeros and repeated prefixes.
    fn number(&self, national: &[u8]) -> Option<Number> {
        let odd = national.first().is_none_or(|digit| *digit == 0) || national.len() < 3;
        (!odd).then(|| Number::new(self.code, national)).flatten()
    }
}

fn short_way(written: &Written, country: &str) -> Option<Number> {
    let digits = written.digits.as_slice();
    if written.international {
        return NEIGHBOURS
            .iter()
            .find_map(|country| Some((country, digits.strip_prefix(country.code_digits)?)))
            .and_then(|(country, national)| country.number(national));
    }
    let country = neighbour(country)?;
    country.number(digits.strip_prefix(country.trunk).unwrap_or(digits))
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

fn dials_00(country: &str) -> bool {
    DATABASE
        .by_id(country)
        .and_then(Metadata::international_prefix)
        .is_some_and(|prefix| prefix.as_str() == "00" || prefix.as_str().starts_with("00|"))
}

/// How long national numbers can be, by calling code: bit N is set when N digits are possible.
struct Lengths {
    /// Of every kind of number.
    possible: Vec<u32>,
    /// Of fixed lines and mobiles.
    usual: Vec<u32>,
}

/// From the metadata, once: asking it each time costs more than everything else in here.
static LENGTHS: LazyLock<Lengths> = LazyLock::new(|| {
    let mut lengths = Lengths {
        possible: vec![0; 1000],
        usual: vec![0; 1000],
    };
    for country in DATABASE.iter() {
        let kinds = country.descriptors();
        let usual = [kinds.fixed_line(), kinds.mobile()];
        let others = [
            kinds.toll_free(),
            kinds.premium_rate(),
            kinds.shared_cost(),
            kinds.personal_number(),
            kinds.voip(),
            kinds.pager(),
            kinds.uan(),
            kinds.voicemail(),
        ];
        let mask = |kinds: &[Option<&phonenumber::metadata::Descriptor>]| {
            let lengths = kinds.iter().flatten().flat_map(|kind| kind.possible_length());
            lengths.fold(0, |mask, length| {
                mask | 1_u32.checked_shl(u32::from(*length)).unwrap_or(0)
            })
        };
        let code = usize::from(country.country_code());
        if let (Some(possible), Some(of_usual)) =
            (lengths.possible.get_mut(code), lengths.usual.get_mut(code))
        {
            *of_usual |= mask(&usual);
            *possible |= mask(&usual) | mask(&others);
        }
    }
    lengths
});

impl Lengths {
    fn possible(&self, code: u16, length: usize) -> bool {
        has(&self.possible, code, length)
    }

    fn usual(&self, code: u16, length: usize) -> bool {
        has(&self.usual, code, length)
    }
}

fn has(masks: &[u32], code: u16, length: usize) -> bool {
    let bit = u32::try_from(length)
        .ok()
        .and_then(|length| 1_u32.checked_shl(length));
    masks
        .get(usize::from(code))
        .zip(bit)
        .is_some_and(|(mask, bit)| mask & bit != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn neighbours_are_as_the_library_knows_them() {
        for country in &NEIGHBOURS {
            let metadata = DATABASE.by_id(country.id).unwrap();
            assert_eq!(metadata.country_code(), country.code, "{}", country.id);
            let trunk: Vec<u8> = metadata
                .national_prefix()
                .unwrap_or_default()
                .bytes()
                .map(|byte| byte - b'0')
                .collect();
            assert_eq!(trunk, country.trunk, "{}", country.id);
            assert!(metadata.national_prefix_for_parsing().is_none(), "{}", country.id);
            assert!(dials_00(country.id), "{}", country.id);
            assert_eq!(
                DATABASE.by_code(&country.code).unwrap().len(),
                1,
                "{}",
                country.id
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn the_short_way_agrees_with_the_library(
            at in 0..NEIGHBOURS.len(),
            home in 0..NEIGHBOURS.len(),
            form in 0..4_u8,
            national in "[0-9]{1,14}",
        ) {
            let (country, home) = (&NEIGHBOURS[at], &NEIGHBOURS[home]);
            let code = country.code;
            let trunk: String = country.trunk.iter().map(u8::to_string).collect();
            let (raw, asked) = match form {
                0 => (format!("+{code} {national}"), home),
                1 => (format!("00{code}{national}"), home),
                2 => (format!("{trunk}{national}"), country),
                _ => (national, country),
            };
            let Some(written) = Written::read(&raw) else { return Ok(()) };
            // The library takes the calling code off even where a home number is left without it.
            prop_assume!(form < 2 || !written.digits.as_slice().starts_with(country.code_digits));
            let written = written.as_international(asked.id);
            if let (Some(short), Some(long)) = (short_way(&written, asked.id), library(&written, asked.id)) {
                prop_assert_eq!(short, long, "{} in {}", raw, asked.id);
            }
        }
    }
}
