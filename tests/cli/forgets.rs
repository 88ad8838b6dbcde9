//! `forget`.

use insta::assert_snapshot;
use shoptet_sync::state::lock;

use crate::{Place, settings, shop};

const JANA: &str = "jana@priklad.example";

/// The same a day later, so that it counts as the newest.
fn import_again(place: &Place) -> crate::Ended {
    let mut later = shop::IMPORT;
    later[6] = "2026-02-04T04:05:06Z";
    place.run(&later)
}

#[test]
fn forget_tells_what_was_done_where() {
    let place = shop::imported();
    let _settings = settings(&place);
    assert_snapshot!(place.prints(0, &["forget", JANA, "--yes"]));
    assert_snapshot!("again", place.prints(0, &["forget", JANA, "--yes"]));
    assert_snapshot!(
        "forgotten_json",
        place.prints(0, &["forget", "2025000003", "--yes", "--json"])
    );
    let imported = import_again(&place);
    assert_eq!(imported.code, 3, "{}", imported.stderr);
    assert_snapshot!("import_leaves_them_out", imported.stdout);
    assert!(
        place
            .refuses(2, &["explain", JANA])
            .contains("nothing is known of it")
    );
}

#[test]
fn nobody_is_forgotten_unasked() {
    let place = shop::imported();
    let _settings = settings(&place);
    assert_snapshot!(place.refuses(2, &["forget", JANA]));
    assert!(!place.state_dir().join("suppressed.db").exists());
    place.refuses(2, &["forget"]);
    place.refuses(2, &["forget", JANA, "--lift", "--whole"]);
}

#[test]
fn who_cannot_be_told_is_not_named_in_the_answer() {
    let place = shop::imported();
    let _settings = settings(&place);
    assert_snapshot!(place.refuses(2, &["forget", "Jana Nováková", "--yes"]));
    assert_snapshot!(
        "lift_nobody",
        place.refuses(2, &["forget", "--lift", "nobody@priklad.example"])
    );
    let output = place
        .command(&["forget", JANA, "--yes"])
        .env("RUST_LOG", "trace")
        .output()
        .unwrap();
    let told = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{told}");
    for canary in [JANA, "jana", "Nováková", "600000001"] {
        assert!(!told.contains(canary), "{told}");
    }
}

#[test]
fn lift_ends_it() {
    let place = shop::imported();
    let _settings = settings(&place);
    place.prints(0, &["forget", JANA, "--yes"]);
    assert_snapshot!(place.prints(0, &["forget", "--lift", JANA]));
    import_again(&place);
    assert!(place.prints(0, &["explain", JANA]).contains("main:c:"));
    place.prints(0, &["forget", JANA, "--yes"]);
    assert_snapshot!(
        "lift_json",
        place.prints(0, &["forget", "--lift", JANA, "--json"])
    );
}

/// A slip in a code looks like a code; who made it must not take the person for forgotten.
#[test]
fn a_code_that_nobody_has_is_told_loudly() {
    let place = shop::imported();
    let loud = "ATTENTION: nobody known was taken out";
    for who in [
        "2025999999",
        "8a9a021e-0000-11e3-bb01-00000000ffff",
        "main:c:nobody",
    ] {
        assert!(
            place.prints(0, &["forget", who, "--yes"]).starts_with(loud),
            "{who}"
        );
    }
    for who in ["nova@priklad.example", "2025000003"] {
        assert!(
            !place.prints(0, &["forget", who, "--yes"]).contains(loud),
            "{who}"
        );
    }
}

#[test]
fn somebody_who_is_not_known_and_a_target_that_cannot_are_told() {
    let place = shop::fresh();
    let _settings = settings(&place);
    // Before the first import.
    assert_snapshot!(place.prints(0, &["forget", "nova@priklad.example", "--yes"]));
    place.prints(3, &shop::IMPORT);
    place
        .contacts()
        .execute_batch("CREATE TRIGGER guard BEFORE UPDATE ON contacts BEGIN SELECT raise(ABORT, 'no'); END")
        .unwrap();
    assert_snapshot!("by_hand", place.prints(2, &["forget", JANA, "--yes"]));
    let _lock = lock::take(&place.state_dir(), "import").unwrap();
    for words in [&["forget", JANA, "--yes"][..], &["forget", JANA, "--lift"]] {
        assert!(place.refuses(2, words).contains("`import` (process"), "{words:?}");
    }
}
