//! Amounts and prices: exact decimals, in every way a template or a spreadsheet writes them.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::{Fault, Part};

/// More digits than any price or amount has, fewer than [`Decimal`] can hold.
const DIGITS_CAP: usize = 24;

/// An exact decimal; `None` where nothing is written. `what` names the value in a fault.
///
/// Comma or dot for decimals, spaces of any kind or the other one for thousands, and a unit, a
/// currency or a per cent sign behind are all read. No exponents, no infinities.
pub(super) fn decimal(text: &str, what: &str) -> Part<Option<Decimal>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let number = if is_plain(text) {
        Some(Cow::Borrowed(text))
    } else {
        plain(text).map(Cow::Owned)
    };
    number
        .and_then(|number| Decimal::from_str_exact(&number).ok())
        .map(|number| Some(if number.is_zero() { Decimal::ZERO } else { number }))
        .ok_or_else(|| Fault::of(what, "is not a number"))
}

/// A price: as [`decimal`], with two decimals at least, so that one price reads the same whichever
/// way it was told.
pub(super) fn price(text: &str, what: &str) -> Part<Option<Decimal>> {
    Ok(decimal(text, what)?.map(|price| {
        let mut price = price.normalize();
        price.rescale(price.scale().max(2));
        price
    }))
}

/// A price as text, empty where nothing is written.
pub(super) fn price_text<'a>(text: &'a str, what: &str) -> Part<Cow<'a, str>> {
    let decimals = text.split_once('.').map(|(_, decimals)| decimals.len());
    if decimals == Some(2) && is_canonical(text) {
        return Ok(Cow::Borrowed(text));
    }
    Ok(price(text, what)?.map_or_else(Cow::default, |price| Cow::Owned(price.to_string())))
}

/// How many of something, as text without needless zeros, empty where nothing is written.
pub(super) fn amount_text<'a>(text: &'a str, what: &str) -> Part<Cow<'a, str>> {
    if !text.contains('.') && is_canonical(text) {
        return Ok(Cow::Borrowed(text));
    }
    Ok(decimal(text, what)?.map_or_else(Cow::default, |amount| Cow::Owned(amount.normalize().to_string())))
}

/// A rate in per cent as text without needless zeros, empty where nothing is written. One that is no number
/// ("exempt") is not known: nothing else of the order depends on it.
pub(super) fn rate_text(text: &str) -> Cow<'_, str> {
    amount_text(text, "a rate").unwrap_or_default()
}

/// Yes or no, `None` where nothing is written.
pub(super) fn yes_or_no(text: &str, what: &str) -> Part<Option<bool>> {
    match text.trim().to_lowercase().as_str() {
        "" => Ok(None),
        "1" | "true" | "yes" | "ano" | "áno" | "igen" | "ja" | "tak" => Ok(Some(true)),
        "0" | "false" | "no" | "ne" | "nie" | "nem" | "nein" => Ok(Some(false)),
        _ => Err(Fault::of(what, "is neither yes nor no")),
    }
}

/// Digits with at most one dot inside and a minus before.
fn is_plain(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let mut dots = 0;
    let fits = digits.bytes().all(|byte| {
        dots += usize::from(byte == b'.');
        byte.is_ascii_digit() || byte == b'.'
    });
    fits && dots <= 1
        && digits.len() <= DIGITS_CAP
        && digits.starts_with(|first: char| first.is_ascii_digit())
        && digits.ends_with(|last: char| last.is_ascii_digit())
}

/// Plain, and without needless zeros in front or a minus before nothing.
fn is_canonical(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    is_plain(text)
        && (!digits.starts_with('0') || digits == "0" || digits.starts_with("0."))
        && (digits.len() == text.len() || digits.bytes().any(|byte| matches!(byte, b'1'..=b'9')))
}

/// Rewrites a number as digits with a dot.
fn plain(text: &str) -> Option<String> {
    let (negative, text) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    // A unit behind the digits holds no digits: that keeps exponents out.
    let unit = |letter: char| !letter.is_ascii_digit() && !matches!(letter, '.' | ',');
    let text = text
        .trim_end_matches('.')
        .trim_end_matches(unit)
        .trim_end_matches(['.', ',']);
    let decimal_mark = match (text.rfind('.'), text.rfind(',')) {
        (Some(dot), Some(comma)) => Some(if dot > comma { '.' } else { ',' }),
        (Some(_), None) if text.matches('.').count() == 1 => Some('.'),
        (None, Some(_)) if text.matches(',').count() == 1 => Some(','),
        _ => None,
    };
    let mut number = String::with_capacity(text.len() + 1);
    if negative {
        number.push('-');
    }
    let sign = number.len();
    let mut digits = 0;
    let mut decimals = false;
    for letter in text.chars() {
        match letter {
            '0'..='9' => {
                digits += 1;
                number.push(letter);
            }
            _ if Some(letter) == decimal_mark && !decimals => {
                decimals = true;
                if number.len() == sign {
                    number.push('0');
                }
                number.push('.');
            }
            '.' | ',' | '\'' if !decimals => {}
            _ if letter.is_whitespace() && !decimals => {}
            _ => return None,
        }
    }
    (digits > 0 && digits <= DIGITS_CAP).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_price() {
        for (written, read) in [
            ("23572.00", "23572.00"),
            ("23572", "23572.00"),
            ("1 331,00", "1331.00"),
            ("1\u{a0}331,5", "1331.50"),
            ("1\u{202f}331.5", "1331.50"),
            ("1.331,00 Kč", "1331.00"),
            ("1,331.00", "1331.00"),
            ("1.234.567", "1234567.00"),
            ("-99,90", "-99.90"),
            ("\u{2212}5 €", "-5.00"),
            ("12 %", "12.00"),
            ("25,10", "25.10"),
            (",5", "0.50"),
            ("-0.00", "0.00"),
            ("31.2345", "31.2345"),
            ("007.10", "7.10"),
            ("", ""),
        ] {
            assert_eq!(
                price_text(written, "X").map_err(|fault| fault.0),
                Ok(Cow::Borrowed(read)),
                "{written}"
            );
        }
    }

    #[test]
    fn amounts_lose_needless_zeros() {
        for (written, read) in [
            ("1.000", "1"),
            ("2", "2"),
            ("0,5 ks", "0.5"),
            ("1.0", "1"),
            ("10", "10"),
        ] {
            assert_eq!(
                amount_text(written, "X").map_err(|fault| fault.0),
                Ok(Cow::Borrowed(read)),
                "{written}"
            );
        }
    }

    #[test]
    fn what_is_no_number() {
        for written in [
            "1e999999",
            "NaN",
            "inf",
            "Kč",
            "1,2,3.4.5",
            "1-2",
            "9999999999999999999999999999999",
        ] {
            assert!(decimal(written, "X").is_err(), "{written}");
        }
    }
}
