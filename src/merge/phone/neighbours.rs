//! The short way: numbers of the countries next door, without regular expressions.

use super::lengths::is_usual;
use super::{Number, Written};

/// A country whose numbers take the short way: its calling code is its own, and a number at home is
/// the national number, behind the trunk prefix where there is one.
#[derive(Debug)]
pub struct Neighbour {
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

/// In Slovenia `10` and two digits choose a carrier and begin an international number, as 00 does.
const SLOVENIA: &str = "SI";
const CHOSEN_CARRIER: &[u8] = &[1, 0];

/// The country with this ISO 3166-1 code, when it is one of them.
pub fn neighbour(id: &str) -> Option<&'static Neighbour> {
    NEIGHBOURS.iter().find(|country| country.id == id)
}

impl Neighbour {
    /// Whether these digits are a whole international number that lacks its plus. Where home
    /// numbers have no trunk prefix, one that is as long as a home number is a home number (the
    /// Polish area code 48).
    pub fn is_without_plus(&self, digits: &[u8]) -> bool {
        let Some(national) = digits.strip_prefix(self.code_digits) else {
            return false;
        };
        is_usual(self.code, national.len()) && (!self.trunk.is_empty() || !is_usual(self.code, digits.len()))
    }

    /// `None` leaves it to the library: zeros and repeated prefixes.
    fn number(&self, national: &[u8]) -> Option<Number> {
        let odd = national.first().is_none_or(|digit| *digit == 0) || national.len() < 3;
        (!odd).then(|| Number::new(self.code, national)).flatten()
    }
}

/// Reads a number of these countries; `None` leaves it to the library.
pub fn short_way(written: &Written, country: &str) -> Option<Number> {
    let digits = written.digits.as_slice();
    if written.international {
        return NEIGHBOURS
            .iter()
            .find_map(|country| Some((country, digits.strip_prefix(country.code_digits)?)))
            .and_then(|(country, national)| country.number(national));
    }
    let country = neighbour(country)?;
    if country.id == SLOVENIA && digits.starts_with(CHOSEN_CARRIER) {
        return None;
    }
    country.number(digits.strip_prefix(country.trunk).unwrap_or(digits))
}

#[cfg(test)]
mod tests {
    use super::super::{dials_00, library};
    use super::*;
    use phonenumber::metadata::DATABASE;
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
            let prefix = metadata.international_prefix().unwrap().to_string();
            let expected = if country.id == SLOVENIA {
                "00|10(?:22|66|88|99)"
            } else {
                "00"
            };
            assert_eq!(prefix, expected, "{}", country.id);
            assert_eq!(
                DATABASE.by_code(&country.code).unwrap().len(),
                1,
                "{}",
                country.id
            );
        }
    }

    #[test]
    fn a_carrier_chosen_in_slovenia_is_left_to_the_library() {
        let written = Written::read("10661010").unwrap();
        assert_eq!(short_way(&written, SLOVENIA), None);
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
            let short = short_way(&written, asked.id);
            if form < 2 && (3..=11).contains(&written.digits.as_slice().len().saturating_sub(code.to_string().len())) {
                let zero = written.digits.as_slice().get(code.to_string().len()) == Some(&0);
                prop_assert_eq!(short.is_some(), !zero, "{} takes the short way", raw);
            }
            if let (Some(short), Some(long)) = (short, library(&written, asked.id)) {
                prop_assert_eq!(short, long, "{} in {}", raw, asked.id);
            }
        }
    }
}
