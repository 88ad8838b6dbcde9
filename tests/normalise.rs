//! E-mails, phones and names: one spelling for each, and which of them identify anyone.

use insta::assert_snapshot;
use proptest::prelude::*;
use shoptet_sync::merge::email::{self, NotPeople};
use shoptet_sync::merge::{name, phone};

/// One line a case: what was written, and what became of it.
fn table<T: AsRef<str>>(cases: &[T], outcome: impl Fn(&str) -> String) -> String {
    let lines = cases.iter().map(|case| {
        let written = format!("{:?}", case.as_ref());
        format!("{written:<44} {}", outcome(case.as_ref()))
            .trim_end()
            .to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn emails() {
    let cases = [
        "jane@shop.example",
        " Jane.Doe@Shop.EXAMPLE \n",
        "jane+news@sub.shop.example",
        "ŽOFIE@shop.example",
        "z\u{30c}ofie@shop.example",
        "İ@shop.example",
        "jane@b\u{fc}cher.example",
        "",
        "jane",
        "jane@shop",
        "jane@.example",
        "jane@shop.",
        "jane@shop..example",
        "@shop.example",
        "jane@@shop.example",
        "a@shop.example,b@shop.example",
        "jane doe@shop.example",
        "jane\u{a0}doe@shop.example",
        "jane\u{200b}@shop.example",
        "jane\u{7}@shop.example",
    ];
    assert_snapshot!(table(&cases, |raw| match email::normalise(raw) {
        Some(normal) => normal.into_owned(),
        None => "-".to_owned(),
    }), @r#"
    "jane@shop.example"                          jane@shop.example
    " Jane.Doe@Shop.EXAMPLE \n"                  jane.doe@shop.example
    "jane+news@sub.shop.example"                 jane+news@sub.shop.example
    "ŽOFIE@shop.example"                         žofie@shop.example
    "z\u{30c}ofie@shop.example"                  žofie@shop.example
    "İ@shop.example"                             i̇@shop.example
    "jane@bücher.example"                        jane@bücher.example
    ""                                           -
    "jane"                                       -
    "jane@shop"                                  -
    "jane@.example"                              -
    "jane@shop."                                 -
    "jane@shop..example"                         -
    "@shop.example"                              -
    "jane@@shop.example"                         -
    "a@shop.example,b@shop.example"              -
    "jane doe@shop.example"                      -
    "jane\u{a0}doe@shop.example"                 -
    "jane\u{200b}@shop.example"                  -
    "jane\u{7}@shop.example"                     -
    "#);
}

#[test]
fn not_people() {
    let nobody = NotPeople::new([
        "*@market.example",
        " Shop@Shop.Example ",
        "no*reply@*",
        "*-bot*@x.example",
        "",
    ]);
    let cases = [
        "a1b2@market.example",
        "@market.example",
        "jane@supermarket.example",
        "jane@market.example.org",
        "shop@shop.example",
        "shop@shop.example.org",
        "noreply@any.example",
        "no-reply@any.example",
        "not@any.example",
        "a-bot-7@x.example",
        "a-bot@y.example",
    ];
    assert_snapshot!(table(&cases, |address| nobody.contains(address).to_string()), @r#"
    "a1b2@market.example"                        true
    "@market.example"                            true
    "jane@supermarket.example"                   false
    "jane@market.example.org"                    false
    "shop@shop.example"                          true
    "shop@shop.example.org"                      false
    "noreply@any.example"                        true
    "no-reply@any.example"                       true
    "not@any.example"                            false
    "a-bot-7@x.example"                          true
    "a-bot@y.example"                            false
    "#);
    assert!(!NotPeople::default().contains("jane@shop.example"));
}

#[test]
fn one_star_cannot_stand_for_overlapping_ends() {
    let nobody = NotPeople::new(["aa@x.example*aa@x.example"]);
    assert!(!nobody.contains("aa@x.example"));
    assert!(nobody.contains("aa@x.exampleaa@x.example"));
}

fn phones(country: &str, cases: &[&str]) -> String {
    table(cases, |raw| {
        let phone = phone::normalise(raw, country);
        let what = match (phone.e164, phone.identifies) {
            (Some(_), true) => "identifies",
            (Some(_), false) => "parses",
            (None, false) => "text",
            (None, true) => unreachable!("text never identifies"),
        };
        format!("{what:<10} {}", phone.shown())
    })
}

#[test]
fn czech_phones() {
    assert_snapshot!(phones("CZ", &[
        "+420601123456",
        "+420 601 123 456",
        "00420601123456",
        "00 420 601-123-456",
        "420601123456",
        "601123456",
        " 601 123 456 ",
        "601/123.456",
        "601\u{a0}123\u{a0}456",
        "(+420) 601 123 456",
        "tel.: 601 123 456",
        "+36301234567",
        "+421 0905 123 456",
        "+39 06 1234 5678",
        "+44 (0) 20 7946 0958",
        "+1 202 555 0143",
        "420123456",
        "999999999",
        "000000000",
        "+420111111111",
        "12345",
        "601 123 456, 602 123 456",
        "601123456/602123456",
        "+420 601 123 456 po 17. hodine",
        "neuvedeno",
        "",
        "+",
        "+999 123 456 789",
        "123456789012345678901234567890",
    ]), @r#"
    "+420601123456"                              identifies +420601123456
    "+420 601 123 456"                           identifies +420601123456
    "00420601123456"                             identifies +420601123456
    "00 420 601-123-456"                         identifies +420601123456
    "420601123456"                               identifies +420601123456
    "601123456"                                  identifies +420601123456
    " 601 123 456 "                              identifies +420601123456
    "601/123.456"                                identifies +420601123456
    "601\u{a0}123\u{a0}456"                      identifies +420601123456
    "(+420) 601 123 456"                         identifies +420601123456
    "tel.: 601 123 456"                          identifies +420601123456
    "+36301234567"                               identifies +36301234567
    "+421 0905 123 456"                          identifies +421905123456
    "+39 06 1234 5678"                           identifies +390612345678
    "+44 (0) 20 7946 0958"                       identifies +442079460958
    "+1 202 555 0143"                            identifies +12025550143
    "420123456"                                  identifies +420420123456
    "999999999"                                  parses     +420999999999
    "000000000"                                  text       000000000
    "+420111111111"                              parses     +420111111111
    "12345"                                      parses     +42012345
    "601 123 456, 602 123 456"                   text       601 123 456, 602 123 456
    "601123456/602123456"                        text       601123456/602123456
    "+420 601 123 456 po 17. hodine"             text       +420 601 123 456 po 17. hodine
    "neuvedeno"                                  text       neuvedeno
    ""                                           text
    "+"                                          text       +
    "+999 123 456 789"                           text       +999 123 456 789
    "123456789012345678901234567890"             text       123456789012345678901234567890
    "#);
}

#[test]
fn phones_of_other_countries() {
    assert_snapshot!(phones("HU", &[
        "06 30 123 4567",
        "+36 06 30 123 4567",
        "06301234567",
        "30 123 4567",
        "36301234567",
        "36 411 444",
        "06 1 234 5678",
        "+420601123456",
    ]), @r#"
    "06 30 123 4567"                             identifies +36301234567
    "+36 06 30 123 4567"                         identifies +36301234567
    "06301234567"                                identifies +36301234567
    "30 123 4567"                                identifies +36301234567
    "36301234567"                                identifies +36301234567
    "36 411 444"                                 identifies +3636411444
    "06 1 234 5678"                              identifies +3612345678
    "+420601123456"                              identifies +420601123456
    "#);
    assert_snapshot!(phones("SK", &["0905 123 456", "905123456", "421905123456", "02/1234 5678", "+420601123456"]), @r#"
    "0905 123 456"                               identifies +421905123456
    "905123456"                                  identifies +421905123456
    "421905123456"                               identifies +421905123456
    "02/1234 5678"                               identifies +421212345678
    "+420601123456"                              identifies +420601123456
    "#);
    assert_snapshot!(phones("PL", &["601 123 456", "48 360 12 34", "48601123456", "0048 601 123 456"]), @r#"
    "601 123 456"                                identifies +48601123456
    "48 360 12 34"                               identifies +48483601234
    "48601123456"                                identifies +48601123456
    "0048 601 123 456"                           identifies +48601123456
    "#);
    assert_snapshot!(phones("DE", &["0170/1234567", "491701234567", "+49 (0)170 1234567", "030 123456"]), @r#"
    "0170/1234567"                               identifies +491701234567
    "491701234567"                               identifies +491701234567
    "+49 (0)170 1234567"                         identifies +491701234567
    "030 123456"                                 identifies +4930123456
    "#);
    assert_snapshot!(phones("IT", &["06 1234 5678", "+39 06 1234 5678", "00390612345678"]), @r#"
    "06 1234 5678"                               identifies +390612345678
    "+39 06 1234 5678"                           identifies +390612345678
    "00390612345678"                             identifies +390612345678
    "#);
    assert_snapshot!(phones("US", &["(202) 555-0143", "1 202 555 0143", "011 420 601 123 456"]), @r#"
    "(202) 555-0143"                             identifies +12025550143
    "1 202 555 0143"                             identifies +12025550143
    "011 420 601 123 456"                        identifies +420601123456
    "#);
    assert_snapshot!(phones("", &["+420601123456", "601123456"]), @r#"
    "+420601123456"                              identifies +420601123456
    "601123456"                                  text       601123456
    "#);
    assert_snapshot!(phones("XX", &["00420601123456", "601123456"]), @r#"
    "00420601123456"                             identifies +420601123456
    "601123456"                                  text       601123456
    "#);
}

#[test]
fn the_country_decides_what_06_means() {
    let digits = |country| {
        phone::normalise("06 30 123 4567", country)
            .e164
            .map(phone::E164::digits)
    };
    assert_eq!(digits("HU"), Some(36_301_234_567));
    assert_ne!(digits("CZ"), digits("HU"));
}

#[test]
fn names() {
    let czech = [
        "Jana Nováková",
        "  Jana   Marie  Nováková ",
        "Nováková",
        "Ing. Jana Nováková, Ph.D.",
        "MUDr. Mgr. Jan Novák MBA",
        "prof. PhDr. Jan Novák, CSc.",
        "Ing. arch. Jan Novák",
        "Jan Doc",
        "Jana Nováková-Malá",
        "Jana Nováková - Malá",
        "Nováková, Jana",
        "Ludwig van Beethoven",
        "van Beethoven",
        "Jan Novák ml.",
        "Ing.",
        "",
        "-",
    ];
    assert_snapshot!(table(&czech, |full| parts(full, "CZ")), @r#"
    "Jana Nováková"                              Jana | Nováková
    "  Jana   Marie  Nováková "                  Jana Marie | Nováková
    "Nováková"                                    | Nováková
    "Ing. Jana Nováková, Ph.D."                  Jana | Nováková
    "MUDr. Mgr. Jan Novák MBA"                   Jan | Novák
    "prof. PhDr. Jan Novák, CSc."                Jan | Novák
    "Ing. arch. Jan Novák"                       Jan | Novák
    "Jan Doc"                                    Jan | Doc
    "Jana Nováková-Malá"                         Jana | Nováková-Malá
    "Jana Nováková - Malá"                       Jana | Nováková-Malá
    "Nováková, Jana"                             Jana | Nováková
    "Ludwig van Beethoven"                       Ludwig | van Beethoven
    "van Beethoven"                              van | Beethoven
    "Jan Novák ml."                              Jan | Novák
    "Ing."                                        | Ing.
    ""                                            |
    "-"                                           | -
    "#);
    let hungarian = [
        "Kovács Anna",
        "Dr. Kovács-Nagy Anna Mária",
        "ifj. Szabó István",
        "Anna",
        "Nagy, Éva",
    ];
    assert_snapshot!(table(&hungarian, |full| parts(full, "HU")), @r#"
    "Kovács Anna"                                Anna | Kovács
    "Dr. Kovács-Nagy Anna Mária"                 Anna Mária | Kovács-Nagy
    "ifj. Szabó István"                          István | Szabó
    "Anna"                                        | Anna
    "Nagy, Éva"                                  Éva | Nagy
    "#);
}

fn parts(full: &str, country: &str) -> String {
    let name = name::split(full, country);
    format!("{} | {}", name.first, name.last)
}

proptest! {
    #[test]
    fn a_normal_email_stays_as_it_is(raw in "\\PC{0,12}@?\\PC{0,8}\\.?\\PC{0,8}") {
        if let Some(normal) = email::normalise(&raw) {
            let again = email::normalise(&normal).map(std::borrow::Cow::into_owned);
            prop_assert_eq!(again.as_deref(), Some(&*normal));
        }
    }

    #[test]
    fn case_and_outer_spaces_of_an_email_do_not_matter(
        local in "[a-zA-Z0-9._+ěščřžýáíé-]{1,12}",
        domain in "[a-zA-Z0-9-]{1,8}\\.[a-z]{2,6}",
        before in "[ \t\r\n\u{a0}]{0,3}",
    ) {
        let address = format!("{local}@{domain}");
        let normal = email::normalise(&address).map(std::borrow::Cow::into_owned);
        prop_assert!(normal.is_some());
        for spelling in [address.to_uppercase(), address.to_lowercase(), format!("{before}{address}{before}")] {
            prop_assert_eq!(&email::normalise(&spelling).map(std::borrow::Cow::into_owned), &normal);
        }
    }

    #[test]
    fn an_e164_number_reads_as_itself_in_every_country(
        raw in "(\\+|00)?[0-9 ()./-]{0,20}",
        country in prop::sample::select(vec!["CZ", "SK", "HU", "PL", "DE", "AT", "GB", "US", "IT", "RU", "", "XX"]),
    ) {
        let phone = phone::normalise(&raw, country);
        if phone.identifies {
            let shown = phone.shown().into_owned();
            for other in ["CZ", "SK", "HU", "DE", "US", "IT", ""] {
                prop_assert_eq!(phone::normalise(&shown, other).e164, phone.e164, "{} in {}", &shown, other);
            }
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "\\PC{0,40}", country in "[A-Z]{0,3}") {
        let phone = phone::normalise(&text, &country);
        prop_assert!(phone.e164.is_some() || phone.shown() == text.trim());
        name::split(&text, &country);
        email::normalise(&text);
        NotPeople::new([text.as_str()]).contains(&text);
    }

    #[test]
    fn no_word_of_a_name_is_invented(full in "[\\p{L}., -]{0,30}", country in "CZ|HU") {
        let name = name::split(&full, &country);
        for word in name.first.split([' ', '-', ',']).chain(name.last.split([' ', '-', ','])) {
            prop_assert!(full.contains(word));
        }
        prop_assert!(!name.last.is_empty() || full.trim().is_empty() || !full.chars().any(char::is_alphanumeric));
    }
}
