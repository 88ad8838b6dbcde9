//! What the program says of itself, and how every command ends when it cannot begin.

use insta::assert_snapshot;
use shoptet_sync::state::lock;

use crate::{Place, settings, shop};

#[test]
fn the_program_explains_itself() {
    let place = Place::new("");
    assert_snapshot!(place.prints(0, &["--help"]));
    for command in [
        "init",
        "check",
        "plan",
        "import",
        "status",
        "explain",
        "link",
        "statuses",
        "fields",
        "parked",
        "forget",
        "backup",
        "completions",
    ] {
        assert_snapshot!(format!("help_{command}"), place.prints(0, &[command, "--help"]));
    }
}

#[test]
fn completions_and_manual_name_every_command() {
    let place = Place::new("no configuration is read for them");
    let manual = place.prints(0, &["man"]);
    assert!(manual.starts_with(".ie") || manual.contains(".TH"), "{manual}");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = place.prints(0, &["completions", shell]);
        for command in ["import", "explain", "parked", "statuses", "forget", "backup"] {
            assert!(script.contains(command), "{shell}: {command}");
            assert!(manual.contains(command), "man: {command}");
        }
    }
}

#[test]
fn before_the_first_import_every_command_says_so() {
    let place = shop::fresh();
    for words in [
        &["plan"][..],
        &["status"],
        &["explain", "jana@priklad.example"],
        &["fields", "jana@priklad.example"],
        &["statuses"],
        &["parked"],
        &["parked", "retry", "--all"],
        &["parked", "dismiss", "--all"],
        &["backup", "state-backup.db"],
        &["link", "jana@priklad.example", "contacts", "--new"],
    ] {
        let told = place.refuses(2, words);
        assert!(
            told.contains("nothing was imported yet: run `shoptet-sync import` first"),
            "{words:?}: {told}"
        );
    }
    assert!(!place.state_dir().exists(), "none of them makes a state");
}

#[test]
fn whoever_holds_the_lock_is_named() {
    let place = shop::imported();
    let _settings = settings(&place);
    let _lock = lock::take(&place.state_dir(), "import").unwrap();
    let refused = place.refuses(2, &shop::IMPORT);
    assert_snapshot!(refused);
    for words in [
        &["link", "jana@priklad.example", "contacts", "--new"][..],
        &["parked", "retry", "--all"],
        &["parked", "dismiss", "--all"],
        &["plan", "--full"],
    ] {
        assert_eq!(place.refuses(2, words), refused, "{words:?}");
    }
}

#[test]
fn exit_codes_tell_what_to_do_next() {
    let place = shop::fresh();
    place.refuses(2, &["no-such-command"]);
    place.write("orders.xml", &shop::orders(&shop::ORDERS[..2]));
    place.prints(0, &shop::IMPORT);
    place.write("orders.xml", &shop::orders(&shop::ORDERS));
    let mut later = shop::IMPORT;
    later[6] = "2026-02-04T04:05:06Z";
    place.prints(3, &later);
    place.refuses(2, &["import", "--orders", "missing.xml"]);
    place.write("shoptet-sync.toml", "state_dir = 3");
    place.refuses(2, &["status"]);
    // The state's folder cannot be made: room or rights may come back.
    place.write("in-the-way", "");
    place.write(
        "shoptet-sync.toml",
        &format!("state_dir = \"in-the-way\"\n{}", shop::CONFIG),
    );
    place.refuses(1, &shop::IMPORT);
}
