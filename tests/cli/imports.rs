//! `import`: what it prints, and what is left of a run that failed.

use insta::assert_snapshot;

use crate::{settings, shop};

#[test]
fn an_import_is_told_in_whole_sentences() {
    let place = shop::fresh();
    let _settings = settings(&place);
    let mut words = shop::IMPORT.to_vec();
    let mut told = String::new();
    let mut run = |about: &str, words: &[&str]| {
        let ended = place.run(words);
        told.push_str(&format!(
            "{about} [{}]\n{}{}",
            ended.code, ended.stdout, ended.stderr
        ));
    };
    run("a trial", &[&words[..], &["--limit", "1"]].concat());
    run("the rest", &words);
    run("again", &words);
    let mut later = shop::ORDERS;
    later[0].total = "1332.00";
    place.write("orders.xml", &shop::orders(&later[..5]));
    words[6] = "2026-02-04T04:05:06Z";
    run("one order has changed", &words);
    place.write("orders.xml", &shop::orders(&later[1..5]));
    for as_of in ["2026-02-05T04:05:06Z", "2026-02-06T04:05:06Z"] {
        words[6] = as_of;
        run("one order is missing", &words);
    }
    assert_snapshot!(told);
}

/// The cause of what failed while the rest went on is in `status` as well, not only where it scrolled by.
#[test]
fn status_tells_what_failed_in_part() {
    let place = shop::imported();
    let _settings = settings(&place);
    let mut later = shop::ORDERS;
    later[0].total = "1332.00";
    place.write("orders.xml", &shop::orders(&later));
    std::fs::write(
        place.state_dir().join("loyal.db"),
        "no database at all, as long as a header ………………………………",
    )
    .unwrap();
    let mut words = shop::IMPORT;
    words[6] = "2026-02-04T04:05:06Z";
    let told = place.prints(2, &words);
    let failure = told
        .lines()
        .find_map(|line| line.strip_prefix("failed: "))
        .unwrap();
    assert_snapshot!(place.prints(0, &["status"]));
    let runs = &place.json(0, &["status", "--json"])["runs"];
    assert_eq!(runs[0]["outcome"], "failed in part");
    assert_eq!(runs[0]["failures"], serde_json::json!([failure]));
    assert_eq!(runs[1]["failures"], serde_json::json!([]));
}

#[test]
fn a_run_that_ends_on_somebody_unknown_is_in_status_with_the_cause() {
    for is_first in [true, false] {
        let place = if is_first { shop::fresh() } else { shop::imported() };
        let words = [
            &shop::IMPORT[..],
            &["--only", "2025000001", "nobody@priklad.example"],
        ]
        .concat();
        let told = place.refuses(2, &words);
        let run = place.json(0, &["status", "--json"])["runs"][0].take();
        assert_eq!(run["outcome"], "failed");
        assert!(run["ended_at"].is_string());
        let failure = run["failures"][0].as_str().unwrap();
        assert!(told.contains("contact 2 of the 2 that --only names"), "{told}");
        assert!(
            !told.contains("priklad"),
            "an e-mail is nobody's business: {told}"
        );
        let cause = told.lines().next().unwrap().strip_prefix("error: ").unwrap();
        assert!(failure.starts_with(cause), "{told}{failure}");
        let status = place.prints(0, &["status"]);
        assert!(status.lines().nth(2).unwrap().ends_with(failure), "{status}");
    }
}

/// A file of the state's name that holds nothing, as a full disk or a broken copy leaves it.
#[test]
fn a_state_that_is_none_is_told_with_what_to_do() {
    let place = shop::imported();
    let _settings = settings(&place);
    let (file, contacts) = (
        place.state_dir().join("state.db"),
        place.state_dir().join("contacts.db"),
    );
    let before = std::fs::read(&contacts).unwrap();
    std::fs::write(&file, "").unwrap();
    let told = place.refuses(2, &["status"]);
    assert_snapshot!(told);
    for words in [
        &shop::IMPORT[..],
        &["plan"],
        &["explain", shop::JANA],
        &["parked", "retry", "--all"],
    ] {
        assert_eq!(place.refuses(2, words), told, "{words:?}");
    }
    std::fs::write(
        &file,
        "something else, as long as a header is: ……………………………………………………………………",
    )
    .unwrap();
    let other = place.refuses(2, &["status"]);
    assert_eq!(other.lines().last(), told.lines().last());
    // What it advises helps, also after a run that was killed while it made a state.
    std::fs::rename(&file, place.state_dir().join("state.db.new")).unwrap();
    place.prints(3, &[&shop::IMPORT[..], &["--accept"]].concat());
    assert_eq!(std::fs::read(&contacts).unwrap().len(), before.len());
}

/// What cannot be read of the customers has nothing to do with the orders that are passed over.
#[test]
fn orders_outside_the_interval_are_told_whatever_is_wrong_with_customers() {
    let config = shop::CONFIG.replacen(
        "[shop.exports]",
        "[shop.orders]\nsince = \"2025-02-01\"\n[shop.exports]",
        1,
    );
    for customers in [
        shop::CUSTOMERS.to_owned(),
        shop::CUSTOMERS.replace("2020-07-09 01:54:35", "once"),
    ] {
        let place = crate::Place::new(&config);
        place.write("customers.xml", &customers);
        place.write("orders.xml", &shop::orders(&shop::ORDERS));
        let told = place.prints(3, &shop::IMPORT);
        assert!(told.contains("1 of the orders were passed over"), "{told}");
    }
}

/// A moment that is yet to come is a slip of the pen.
#[test]
fn files_cannot_speak_of_the_future() {
    let place = shop::fresh();
    let words = [&shop::IMPORT[..6], &["2999-01-01T00:00:00Z"]].concat();
    let told = place.refuses(2, &words);
    assert!(told.contains("yet to come"), "{told}");
}
