//! Countries: exports name them in the language of the shop, everyone else wants ISO 3166-1 alpha-2.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The alpha-2 code of a country given by code or by name; empty when neither is known.
pub(super) fn alpha2(code: &str, name: &str) -> String {
    for text in [code.trim(), name.trim()] {
        if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return text.to_ascii_uppercase();
        }
    }
    // Nine orders in ten, without the detour below.
    match name {
        "Česká republika" | "Česko" => return "CZ".to_owned(),
        "Slovensko" | "Slovenská republika" => return "SK".to_owned(),
        "Magyarország" | "Maďarsko" => return "HU".to_owned(),
        _ => {}
    }
    [code, name]
        .iter()
        .filter(|text| !text.is_empty())
        .find_map(|text| by_name(&folded(text)))
        .unwrap_or_default()
        .to_owned()
}

fn by_name(name: &str) -> Option<&'static str> {
    NAMES
        .iter()
        .find(|(_, names)| names.split('|').any(|known| known == name))
        .map(|(code, _)| *code)
}

/// Lower case, without accents, with single spaces.
fn folded(name: &str) -> String {
    let plain: String = name
        .nfd()
        .filter(|letter| !is_combining_mark(*letter))
        .flat_map(char::to_lowercase)
        .map(|letter| if letter.is_alphanumeric() { letter } else { ' ' })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Alpha-3, then Czech, Slovak, Hungarian, English, German, Polish and the country's own name, folded.
const NAMES: &[(&str, &str)] = &[
    (
        "CZ",
        "cze|ceska republika|cesko|csehorszag|cseh koztarsasag|czech republic|czechia|the czech republic|tschechien|tschechische republik|czechy|republika czeska|cehia",
    ),
    (
        "SK",
        "svk|slovensko|slovenska republika|szlovakia|slovakia|slovak republic|slowakei|slowakische republik|slowacja|slovacia",
    ),
    ("HU", "hun|madarsko|magyarorszag|hungary|ungarn|wegry|ungaria"),
    (
        "PL",
        "pol|polsko|polska|lengyelorszag|poland|polen|rzeczpospolita polska|polonia",
    ),
    (
        "DE",
        "deu|nemecko|spolkova republika nemecko|nemetorszag|germany|deutschland|niemcy|germania",
    ),
    ("AT", "aut|rakousko|rakusko|ausztria|austria|osterreich"),
    ("RO", "rou|rumunsko|romania|rumanien|rumunia"),
    ("BG", "bgr|bulharsko|bulgaria|bulgarien|българия"),
    (
        "SI",
        "svn|slovinsko|szlovenia|slovenia|slowenien|slowenia|slovenija",
    ),
    (
        "HR",
        "hrv|chorvatsko|horvatorszag|croatia|kroatien|chorwacja|hrvatska|croatia",
    ),
    ("RS", "srb|srbsko|szerbia|serbia|serbien|srbija"),
    ("UA", "ukr|ukrajina|ukrajna|ukraine|ukraina|україна"),
    (
        "IT",
        "ita|italie|taliansko|olaszorszag|italy|italien|wlochy|italia",
    ),
    (
        "FR",
        "fra|francie|francuzsko|franciaorszag|france|frankreich|francja",
    ),
    (
        "ES",
        "esp|spanelsko|spanielsko|spanyolorszag|spain|spanien|hiszpania|espana",
    ),
    ("PT", "prt|portugalsko|portugalia|portugal"),
    (
        "NL",
        "nld|nizozemsko|nizozemi|holandsko|hollandia|netherlands|the netherlands|niederlande|holandia|nederland",
    ),
    ("BE", "bel|belgie|belgicko|belgium|belgien|belgia|belgique"),
    (
        "LU",
        "lux|lucembursko|luxembursko|luxemburg|luxembourg|luksemburg",
    ),
    (
        "GB",
        "gbr|velka britanie|velka britania|spojene kralovstvi|spojene kralovstvo|anglie|nagy britannia|egyesult kiralysag|united kingdom|great britain|vereinigtes konigreich|grossbritannien|großbritannien|wielka brytania|zjednoczone krolestwo",
    ),
    ("IE", "irl|irsko|irorszag|ireland|irland|irlandia"),
    (
        "CH",
        "che|svycarsko|svajciarsko|svajc|switzerland|schweiz|szwajcaria|suisse",
    ),
    ("LI", "lie|lichtenstejnsko|lichtenstajnsko|liechtenstein"),
    ("DK", "dnk|dansko|dania|denmark|danemark|danmark"),
    ("SE", "swe|svedsko|svedorszag|sweden|schweden|szwecja|sverige"),
    ("NO", "nor|norsko|norvegia|norway|norwegen|norwegia|norge"),
    ("FI", "fin|finsko|finnorszag|finland|finnland|finlandia|suomi"),
    ("EE", "est|estonsko|esztorszag|estonia|estland|eesti"),
    ("LV", "lva|lotyssko|lettorszag|latvia|lettland|lotwa|latvija"),
    ("LT", "ltu|litva|litvania|lithuania|litauen|litwa|lietuva"),
    (
        "GR",
        "grc|recko|grecko|gorogorszag|greece|griechenland|grecja|ελλαδα",
    ),
    ("CY", "cyp|kypr|cyprus|ciprus|zypern|cypr"),
    ("MT", "mlt|malta"),
    ("MC", "mco|monako|monaco"),
    (
        "BA",
        "bih|bosna a hercegovina|bosznia hercegovina|bosnia and herzegovina|bosnien und herzegowina|bosnia i hercegowina",
    ),
    ("ME", "mne|cerna hora|cierna hora|montenegro|czarnogora|crna gora"),
    (
        "MK",
        "mkd|severni makedonie|severne macedonsko|makedonie|eszak macedonia|north macedonia|nordmazedonien|macedonia polnocna",
    ),
    ("AL", "alb|albanie|albansko|albania|albanien"),
    ("XK", "xkx|kosovo|koszovo|kosowo"),
    (
        "MD",
        "mda|moldavsko|moldova|moldavia|moldawien|republik moldau|moldawia",
    ),
    ("IS", "isl|island|izland|iceland|islandia"),
    ("TR", "tur|turecko|torokorszag|turkey|turkiye|turkei|turcja"),
    (
        "US",
        "usa|spojene staty americke|spojene staty|egyesult allamok|amerikai egyesult allamok|united states|united states of america|vereinigte staaten|stany zjednoczone",
    ),
    ("CA", "can|kanada|canada"),
    ("AU", "aus|australie|australia|australien"),
    ("CN", "chn|cina|kina|china|chiny"),
    ("JP", "jpn|japonsko|japan|japonia"),
    (
        "AE",
        "are|spojene arabske emiraty|united arab emirates|vereinigte arabische emirate",
    ),
    ("IL", "isr|izrael|israel"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_code_and_by_name_in_many_languages() {
        for (code, name, read) in [
            ("cz", "Slovensko", "CZ"),
            ("SVK", "", "SK"),
            ("", "SK", "SK"),
            ("", "Slovenská republika", "SK"),
            ("", "MAĎARSKO", "HU"),
            ("", "Österreich", "AT"),
            ("", " Velká  Británie ", "GB"),
            ("", "Spolková republika Německo", "DE"),
            ("", "Atlantida", ""),
            ("", "", ""),
        ] {
            assert_eq!(alpha2(code, name), read, "{code} {name}");
        }
    }
}
