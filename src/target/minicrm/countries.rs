//! Countries, which MiniCRM knows by their name in the language of the system. Names as its own plug-in for
//! WooCommerce writes them.

/// The language of a system.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Hungarian.
    Hungarian,
    /// Romanian.
    Romanian,
}

/// Code, English, Hungarian, Romanian.
const COUNTRIES: [[&str; 4]; 38] = [
    ["AT", "Austria", "Ausztria", "Austria"],
    ["BE", "Belgium", "Belgium", "Belgia"],
    ["BG", "Bulgaria", "Bulgária", "Bulgaria"],
    [
        "BA",
        "Bosnia and Herzegovina",
        "Bosznia-Hercegovina",
        "Bosnia și Herzegovina",
    ],
    ["CA", "Canada", "Kanada", "Canada"],
    ["CH", "Switzerland", "Svájc", "Elveția"],
    ["CY", "Cyprus", "Ciprus", "Cipru"],
    ["CZ", "Czech Republic", "Cseh Köztársaság", "Republica Cehă"],
    ["DE", "Germany", "Németország", "Germania"],
    ["DK", "Denmark", "Dánia", "Danemarca"],
    ["EE", "Estonia", "Észtország", "Estonia"],
    ["ES", "Spain", "Spanyolország", "Spania"],
    ["FI", "Finland", "Finnország", "Finlanda"],
    ["FR", "France", "Franciaország", "Franța"],
    ["GB", "United Kingdom", "Egyesült Királyság", "Marea Britanie"],
    ["GR", "Greece", "Görögország", "Grecia"],
    ["HR", "Croatia", "Horvátország", "Croația"],
    ["HU", "Hungary", "Magyarország", "Ungaria"],
    ["IE", "Ireland", "Írország", "Irlanda"],
    ["IS", "Iceland", "Izland", "Islanda"],
    ["IT", "Italy", "Olaszország", "Italia"],
    ["LI", "Liechtenstein", "Liechtenstein", "Liechtenstein"],
    ["LT", "Lithuania", "Litvánia", "Lituania"],
    ["LU", "Luxembourg", "Luxemburg", "Luxembourg"],
    ["LV", "Latvia", "Lettország", "Letonia"],
    ["MT", "Malta", "Málta", "Malta"],
    ["NL", "Netherlands", "Hollandia", "Olanda"],
    ["NO", "Norway", "Norvégia", "Norvegia"],
    ["PL", "Poland", "Lengyelország", "Polonia"],
    ["PT", "Portugal", "Portugália", "Portugalia"],
    ["RO", "Romania", "Románia", "România"],
    ["RS", "Serbia", "Szerbia", "Serbia"],
    ["SE", "Sweden", "Svédország", "Suedia"],
    ["SI", "Slovenia", "Szlovénia", "Slovenia"],
    ["SK", "Slovakia", "Szlovákia", "Slovacia"],
    ["TR", "Turkey", "Törökország", "Turcia"],
    ["UA", "Ukraine", "Ukrajna", "Ucrainia"],
    ["US", "United States", "USA", "Statele Unite"],
];

impl Language {
    /// The language of a system that calls a person so.
    pub fn of_person(called: &str) -> Self {
        match called.trim() {
            "Személy" => Self::Hungarian,
            "Persoană" | "Persoana" => Self::Romanian,
            _ => Self::English,
        }
    }

    const fn column(self) -> usize {
        match self {
            Self::English => 1,
            Self::Hungarian => 2,
            Self::Romanian => 3,
        }
    }
}

/// The two letters of a country, by any of its names; what is none of them stays as it is.
pub fn code(text: &str) -> &str {
    let text = text.trim();
    let is_it = |names: &&[&'static str; 4]| {
        names
            .iter()
            .any(|name| name.eq_ignore_ascii_case(text) || *name == text)
    };
    COUNTRIES
        .iter()
        .find(is_it)
        .and_then(|names| names.first())
        .copied()
        .unwrap_or(text)
}

/// What a country is called in a language, by its two letters or any of its names. Another text stays; two letters
/// that are not in the table are `None`: MiniCRM fails on what is no country's name.
pub fn name(text: &str, language: Language) -> Option<&str> {
    let letters = code(text);
    let found = COUNTRIES.iter().find(|names| names.first() == Some(&letters));
    match found.and_then(|names| names.get(language.column())) {
        Some(name) => Some(name),
        None => Some(text.trim()).filter(|text| text.len() != 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_the_same_in_every_language() {
        for text in ["CZ", "cz", "Czech Republic", " Cseh Köztársaság "] {
            assert_eq!(code(text), "CZ");
            assert_eq!(name(text, Language::Hungarian), Some("Cseh Köztársaság"));
        }
        assert_eq!(name("SK", Language::of_person("Persoană")), Some("Slovacia"));
        assert_eq!(name("HU", Language::of_person("Person")), Some("Hungary"));
        assert_eq!(
            (code("Atlantis"), name("Atlantis", Language::English)),
            ("Atlantis", Some("Atlantis"))
        );
        assert_eq!(name("JP", Language::English), None);
    }
}
