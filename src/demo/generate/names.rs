//! The invented people's names, towns and streets, by country.

/// What the people of one country are made of.
pub(super) struct Country {
    /// ISO 3166-1 alpha-2.
    pub code: &'static str,
    /// What they pay in, ISO 4217.
    pub currency: &'static str,
    /// Units of the shop's currency for one of this country's.
    pub exchange_rate: &'static str,
    /// VAT in per cent.
    pub vat_rate: u32,
    /// Calling code.
    pub calling_code: &'static str,
    /// What stands before a number dialled inside the country.
    pub trunk: &'static str,
    /// Beginnings of invented numbers of customers, of guests, of those who only phone: nobody is
    /// reached under them.
    pub prefixes: [&'static str; 3],
    /// Given and family names that go together.
    pub women: ([&'static str; 10], [&'static str; 10]),
    /// The same for men.
    pub men: ([&'static str; 10], [&'static str; 10]),
    /// Whether the family name comes first.
    pub family_first: bool,
    /// Towns with a postal code.
    pub towns: [(&'static str, &'static str); 6],
    /// Streets.
    pub streets: [&'static str; 6],
    /// What a company's name ends with.
    pub company: &'static str,
}

/// Czechia.
pub(super) const CZ: Country = Country {
    code: "CZ",
    currency: "CZK",
    exchange_rate: "1",
    vat_rate: 21,
    calling_code: "420",
    trunk: "",
    prefixes: ["63", "68", "69"],
    women: (
        [
            "Jana",
            "Žaneta",
            "Kateřina",
            "Růžena",
            "Anežka",
            "Věra",
            "Štěpánka",
            "Lucie",
            "Markéta",
            "Květa",
        ],
        [
            "Nováková",
            "Dvořáková",
            "Černá",
            "Šťastná",
            "Kučerová",
            "Procházková",
            "Králová",
            "Žižková",
            "Němcová",
            "Jelínková",
        ],
    ),
    men: (
        [
            "Jan", "Jiří", "Ondřej", "Řehoř", "Václav", "Šimon", "Přemysl", "Matěj", "Zdeněk", "Lukáš",
        ],
        [
            "Novák",
            "Dvořák",
            "Černý",
            "Šťastný",
            "Kučera",
            "Procházka",
            "Král",
            "Žižka",
            "Němec",
            "Jelínek",
        ],
    ),
    family_first: false,
    towns: [
        ("Praha 4", "140 00"),
        ("Brno", "60200"),
        ("Ostrava-Poruba", "708 00"),
        ("Plzeň", "30100"),
        ("Hradec Králové", "500 02"),
        ("Ústí nad Labem", "40001"),
    ],
    streets: [
        "Dlouhá",
        "Nádražní",
        "Na Příkopě",
        "Žižkova",
        "Smetanovo nábřeží",
        "Školní",
    ],
    company: "& synové, s.r.o.",
};

/// Slovakia.
pub(super) const SK: Country = Country {
    code: "SK",
    currency: "EUR",
    exchange_rate: "25.11",
    vat_rate: 23,
    calling_code: "421",
    trunk: "0",
    prefixes: ["96", "97", "98"],
    women: (
        [
            "Žofia",
            "Zuzana",
            "Ľudmila",
            "Soňa",
            "Dáša",
            "Kristína",
            "Mária",
            "Anna",
            "Ľubica",
            "Božena",
        ],
        [
            "Kováčová",
            "Horváthová",
            "Ďuricová",
            "Šimková",
            "Ľuptáková",
            "Krajčírová",
            "Gajdošová",
            "Hudáková",
            "Ševčíková",
            "Polláková",
        ],
    ),
    men: (
        [
            "Ján",
            "Jozef",
            "Štefan",
            "Ľubomír",
            "Matúš",
            "Juraj",
            "Rastislav",
            "Vladimír",
            "Miloš",
            "Andrej",
        ],
        [
            "Kováč",
            "Horváth",
            "Ďurica",
            "Šimko",
            "Ľupták",
            "Krajčír",
            "Gajdoš",
            "Hudák",
            "Ševčík",
            "Pollák",
        ],
    ),
    family_first: false,
    towns: [
        ("Bratislava", "811 01"),
        ("Košice", "04001"),
        ("Žilina", "010 01"),
        ("Banská Bystrica", "97401"),
        ("Nitra", "949 01"),
        ("Prešov", "08001"),
    ],
    streets: [
        "Hlavná",
        "Štúrova",
        "Námestie SNP",
        "Kukučínova",
        "Železničná",
        "Ľudová",
    ],
    company: "a partneri, s.r.o.",
};

/// Hungary.
pub(super) const HU: Country = Country {
    code: "HU",
    currency: "HUF",
    exchange_rate: "0.064",
    vat_rate: 27,
    calling_code: "36",
    trunk: "06",
    prefixes: ["61", "64", "65"],
    women: (
        [
            "Ágnes",
            "Ildikó",
            "Erzsébet",
            "Katalin",
            "Zsuzsanna",
            "Éva",
            "Judit",
            "Réka",
            "Orsolya",
            "Ünige",
        ],
        [
            "Nagy",
            "Kovács",
            "Tóth",
            "Szűcs",
            "Kőműves",
            "Győri",
            "Mészáros",
            "Németh",
            "Takács",
            "Rácz",
        ],
    ),
    men: (
        [
            "István", "László", "József", "Zoltán", "Gábor", "Győző", "Ödön", "Tamás", "Péter", "Attila",
        ],
        [
            "Nagy",
            "Kovács",
            "Tóth",
            "Szűcs",
            "Kőműves",
            "Győri",
            "Mészáros",
            "Németh",
            "Takács",
            "Rácz",
        ],
    ),
    family_first: true,
    towns: [
        ("Budapest", "1052"),
        ("Győr", "9021"),
        ("Székesfehérvár", "8000"),
        ("Debrecen", "4024"),
        ("Szeged", "6720"),
        ("Pécs", "7621"),
    ],
    streets: [
        "Kossuth Lajos utca",
        "Petőfi utca",
        "Széchenyi tér",
        "Rákóczi út",
        "Ady Endre utca",
        "Dózsa György út",
    ],
    company: "és Társa Kft.",
};

/// Letters without their accents, for the left part of an e-mail address.
pub(super) fn without_accents(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .filter_map(|letter| match letter {
            'á' | 'ä' => Some('a'),
            'č' => Some('c'),
            'ď' => Some('d'),
            'é' | 'ě' => Some('e'),
            'í' => Some('i'),
            'ľ' | 'ĺ' => Some('l'),
            'ň' => Some('n'),
            'ó' | 'ô' | 'ö' | 'ő' => Some('o'),
            'ř' | 'ŕ' => Some('r'),
            'š' => Some('s'),
            'ť' => Some('t'),
            'ú' | 'ů' | 'ü' | 'ű' => Some('u'),
            'ý' => Some('y'),
            'ž' => Some('z'),
            plain if plain.is_ascii_alphanumeric() => Some(plain),
            _ => None,
        })
        .collect()
}
