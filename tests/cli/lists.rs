//! `status`, `statuses`, `fields`.

use insta::assert_snapshot;
use jiff::{Timestamp, ToSpan as _};
use shoptet_sync::state::{State, lock};

use crate::{settings, shop};

#[test]
fn status_tells_where_everything_stands() {
    let place = shop::imported();
    let _settings = settings(&place);
    assert_snapshot!(place.prints(0, &["status"]));
    assert_snapshot!("status_json", place.prints(0, &["status", "--json"]));
}

#[test]
fn a_run_is_going_on_while_whoever_began_it_works() {
    let place = shop::imported();
    let state = State::open(&place.state_dir()).unwrap();
    let before = Timestamp::now() - 1.hour();
    state.begin_run("sync", before).unwrap();
    let now = || place.prints(0, &["status"]);
    let killed = "did not end: it was killed";
    assert!(now().contains(killed), "{}", now());
    let lock = lock::take(&place.state_dir(), "import").unwrap();
    state.begin_run("import", Timestamp::now()).unwrap();
    let told = now();
    let of = |command: &str| {
        let mut lines = told.lines();
        lines
            .find(|line| line.starts_with(&format!("  {command} ")))
            .unwrap()
    };
    assert!(
        of("import").ends_with("is going on") && of("sync").ends_with(killed),
        "{told}"
    );
    assert_eq!(
        place.json(0, &["status", "--json"])["runs"][0]["is_going_on"],
        true
    );
    drop(lock);
    assert!(!now().contains("is going on"), "{}", now());
}

#[test]
fn statuses_name_the_line_that_is_missing() {
    let place = shop::imported();
    let _settings = settings(&place);
    assert_snapshot!(place.prints(0, &["statuses"]));
    assert_snapshot!("statuses_json", place.prints(0, &["statuses", "--json"]));
}

#[test]
fn fields_lists_every_value_with_an_example() {
    let place = shop::imported();
    let _settings = settings(&place);
    let text = place.prints(0, &["fields"]);
    assert_snapshot!(text);
    let json = place.json(0, &["fields", "--json"]);
    assert_eq!(json["example_of"], format!("main:c:{}", shop::JANA));
    let values = [&json["contact"], &json["order"]];
    let listed: usize = values.iter().map(|values| values.as_array().unwrap().len()).sum();
    assert_eq!(text.lines().filter(|line| line.starts_with("  ")).count(), listed);
    assert_snapshot!(serde_json::to_string_pretty(&json["contact"][2]).unwrap(), @r#"
    {
      "example": "jana@priklad.example",
      "meaning": "main e-mail, trimmed and lower case",
      "path": "contact.email",
      "type": "text"
    }
    "#);
}

#[test]
fn fields_of_somebody_show_what_would_be_written() {
    let place = shop::imported();
    let _settings = settings(&place);
    place
        .contacts()
        .execute("UPDATE contacts SET phone = NULL, full_name = 'Typed'", [])
        .unwrap();
    place.write(
        "shoptet-sync.toml",
        &shop::CONFIG.replace("orders_count  =", "orders ="),
    );
    assert_snapshot!(place.prints(0, &["fields", "JANA@priklad.example"]));
    assert_snapshot!(
        "fields_json",
        place.prints(0, &["fields", "main:2025000004", "--json"])
    );
}

#[test]
fn fields_are_listed_before_anything_was_imported() {
    let place = shop::fresh();
    let text = place.prints(0, &["fields"]);
    assert!(
        text.starts_with("there are no examples: nothing was imported yet\n"),
        "{text}"
    );
    assert!(text.contains("contact.email "), "{text}");
    assert!(!place.state_dir().exists(), "it makes nothing");
}
