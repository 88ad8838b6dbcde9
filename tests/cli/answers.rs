//! `link`: a person's answer to an ambiguous match.

use insta::assert_snapshot;

use crate::{Place, settings, shop};

const PETR: &str = "petr@priklad.example";

fn records(place: &Place) -> Vec<(String, Option<String>)> {
    let contacts = place.contacts();
    let mut statement = contacts
        .prepare("SELECT key, full_name FROM contacts WHERE lower(email) = ?1 ORDER BY key")
        .unwrap();
    let rows = statement
        .query_map([PETR], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn an_ambiguous_match_is_parked_and_named_and_an_answer_settles_it() {
    let place = shop::ambiguous();
    let _settings = settings(&place);
    assert_eq!(records(&place).len(), 2, "none is created");
    assert_snapshot!("ambiguous_parked", place.prints(0, &["parked"]));
    assert_snapshot!("ambiguous_explained", place.prints(0, &["explain", PETR]));
    assert_snapshot!(place.prints(0, &["link", PETR, "contacts", "crm-2"]));
    assert_snapshot!("answered_explained", place.prints(0, &["explain", PETR]));
    assert_snapshot!(place.prints(0, &["plan", "--verbose"]));
    place.prints(3, &shop::IMPORT);
    assert_snapshot!(place.prints(0, &["link", PETR, "contacts", "crm-2"]));
    let text = place.prints(0, &["explain", PETR]);
    assert!(text.contains("contacts: record crm-2, written "), "{text}");
    assert_eq!(
        records(&place),
        [
            ("crm-1".to_owned(), Some("P. Svoboda".to_owned())),
            // What a person typed stays.
            ("crm-2".to_owned(), Some("Svoboda".to_owned())),
        ]
    );
}

#[test]
fn none_of_them_gets_a_record_of_its_own() {
    let place = shop::ambiguous();
    assert_snapshot!(place.prints(0, &["link", PETR, "contacts", "--new", "--json"]));
    place.prints(3, &shop::IMPORT);
    let created = format!("main:c:{}", shop::PETR);
    let keys: Vec<String> = records(&place).into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["crm-1", "crm-2", created.as_str()]);
}

#[test]
fn wrong_answers_are_refused() {
    let place = shop::ambiguous();
    let _settings = settings(&place);
    let refused: String = [
        &["link", PETR, "contact", "crm-1"][..],
        &["link", PETR, "contacts", "crm-4"],
        &["link", PETR, "contacts", "crm-3"],
        &["link", shop::JANA, "contacts", "crm-1"],
        &["link", shop::JANA, "contacts", "--new"],
        &["link", "nobody", "contacts", "--new"],
    ]
    .into_iter()
    .map(|words| format!("$ {}\n{}", words.join(" "), place.refuses(2, words)))
    .collect();
    assert_snapshot!(refused);
    place.refuses(2, &["link", PETR, "contacts"]);
    place.refuses(2, &["link", PETR, "contacts", "crm-1", "--new"]);
    assert!(
        place
            .prints(0, &["parked"])
            .contains("2 records could be this contact")
    );
}

#[test]
fn a_code_that_two_shops_have_names_both_contacts() {
    let second = "
[[shop]]
name = \"other\"
url = \"https://5678.myshoptet.com\"
country = \"CZ\"
";
    let place = shop::fresh();
    place.write(
        "shoptet-sync.toml",
        &shop::CONFIG.replacen("\n[[target]]", &format!("{second}\n[[target]]"), 1),
    );
    let import = |shop: &str| {
        let mut words = shop::IMPORT.to_vec();
        words.extend(["--shop", shop]);
        place.prints(3, &words);
    };
    import("main");
    import("other");
    assert_snapshot!(place.refuses(2, &["link", "2025000001", "contacts", "--new"]));
    let explained = place.json(0, &["explain", "2025000001", "--json"]);
    assert_eq!(explained["contacts"].as_array().unwrap().len(), 2);
}
