//! Invented people: each is a pure function of the seed, the crowd and a number.

use crate::demo::random::Random;
use crate::demo::world::Address;

use super::names::{CZ, Country, HU, SK, without_accents};

/// Reserved for examples (RFC 2606), so that no address belongs to anybody.
const MAIL_HOSTS: [&str; 4] = [
    "posta.example",
    "schranka.example",
    "mail.example",
    "freemail.example",
];

/// Which people: their e-mails and phones never meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Crowd {
    /// Registered customers.
    Customers,
    /// Guests with an e-mail.
    Guests,
    /// Guests who leave a phone number only.
    PhoneOnly,
}

/// Somebody.
pub(super) struct Person {
    pub(super) country: &'static Country,
    pub(super) number: u64,
    /// As it is written on a letter.
    pub(super) full_name: String,
    family: &'static str,
    /// Given names that go with the form of the family name.
    given_names: &'static [&'static str; 10],
    /// In lower case.
    pub(super) email: String,
    /// The number inside the country, without what is dialled before it.
    phone: String,
    /// Home, or the company's seat.
    pub(super) address: Address,
}

impl Person {
    /// The `number`-th of a crowd.
    pub(super) fn new(seed: u64, crowd: Crowd, number: u64) -> Self {
        let mut chance = Random::of(seed, 100 + crowd as u64, number);
        let country: &Country = match chance.below(100) {
            0..60 => &CZ,
            60..88 => &SK,
            _ => &HU,
        };
        let (given_names, family_names) = if chance.chance(500) {
            &country.women
        } else {
            &country.men
        };
        let (given, family) = (chance.pick(given_names), chance.pick(family_names));
        let full_name = if country.family_first {
            format!("{family} {given}")
        } else {
            format!("{given} {family}")
        };
        let host = chance.pick(&MAIL_HOSTS);
        // A few shops let accents into an address; two people of one name differ by the number.
        let local = if chance.chance(2) {
            format!("{given}.{family}").to_lowercase()
        } else {
            format!("{}.{}", without_accents(given), without_accents(family))
        };
        let guest = if crowd == Crowd::Customers { "" } else { ".host" };
        let address = Self::address(&mut chance, country, &full_name, family, crowd);
        Self {
            country,
            number,
            email: format!("{local}{guest}{number}@{host}"),
            phone: phone(country, crowd, number),
            full_name,
            family,
            given_names,
            address,
        }
    }

    fn address(
        chance: &mut Random,
        country: &Country,
        full_name: &str,
        family: &str,
        crowd: Crowd,
    ) -> Address {
        let (city, zip) = chance.pick(&country.towns);
        let street = chance.pick(&country.streets);
        let number = if chance.chance(700) {
            (1 + chance.below(2500)).to_string()
        } else {
            format!("{}/{}", 1 + chance.below(3000), 1 + chance.below(90))
        };
        let mut address = Address {
            full_name: full_name.to_owned(),
            city: city.to_owned(),
            zip: zip.to_owned(),
            country: country.code.to_owned(),
            ..Address::default()
        };
        // The shop's split of street and number is not reliable: some write both into one field.
        if chance.chance(150) {
            address.street = format!("{street} {number}");
        } else {
            address.street = street.to_owned();
            address.house_number = number;
        }
        if crowd != Crowd::PhoneOnly && chance.chance(80) {
            let id = 10_000_000 + chance.below(90_000_000);
            address.company = format!("{family} {}", country.company);
            address.company_id = id.to_string();
            address.vat_id = format!("{}{id}", country.code);
            if country.code == "SK" {
                address.tax_id = format!("20{id}");
            }
        }
        address
    }

    /// The phone as somebody writes it: with or without calling code, zeros and spaces.
    pub(super) fn phone(&self, chance: &mut Random) -> String {
        let code = self.country.calling_code;
        let (a, rest) = self.phone.split_at_checked(3).unwrap_or((&self.phone, ""));
        let (b, c) = rest.split_at_checked(3).unwrap_or((rest, ""));
        match chance.below(4) {
            0 => format!("+{code}{}", self.phone),
            1 => format!("+{code} {a} {b} {c}"),
            2 => format!("00{code}{}", self.phone),
            _ => format!("{}{a} {b} {c}", self.country.trunk),
        }
    }

    /// A log-in of somebody else in the same company.
    pub(super) fn second_login(&self, k: u64) -> String {
        let host = self
            .email
            .split_once('@')
            .map_or("mail.example", |(_, host)| host);
        format!("ucetni{k}.{}@{host}", self.number)
    }

    /// Somebody else of the same family.
    pub(super) fn relative(&self, chance: &mut Random) -> String {
        let given = chance.pick(self.given_names);
        format!("{given} {}", self.family)
    }
}

/// An e-mail as people type it: another case, spaces around it.
pub(super) fn as_typed(email: &str, chance: &mut Random) -> String {
    let typed = match chance.below(3) {
        0 => email.to_uppercase(),
        1 => {
            let mut letters = email.chars();
            let first = letters.next().map(|letter| letter.to_uppercase().to_string());
            first.unwrap_or_default() + letters.as_str()
        }
        _ => email.to_owned(),
    };
    if chance.chance(250) {
        format!(" {typed} ")
    } else {
        typed
    }
}

/// Nine digits, another for each number below ten millions: 7919 has no divisor in common with 10.
/// Every fiftieth guest, and every hundredth customer, shares the phone of the one before them when
/// both live in one country.
fn phone(country: &Country, crowd: Crowd, number: u64) -> String {
    let household = match crowd {
        Crowd::Customers => 100,
        Crowd::Guests => 50,
        Crowd::PhoneOnly => u64::MAX,
    };
    let number = if number % household == household - 1 {
        number - 1
    } else {
        number
    };
    let prefix = country.prefixes[crowd as usize];
    format!("{prefix}{:07}", number.wrapping_mul(7919) % 10_000_000)
}
