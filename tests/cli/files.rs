//! Downloaded files: what is wrong with one is told with its name, the place in it and what to do, and
//! calls for a person; nothing is made of it.

use std::io::Write as _;

use insta::assert_snapshot;

use crate::{Place, settings, shop};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The files of the place, and what is wrong with each.
fn bad_files(place: &Place) -> Vec<&'static str> {
    let whole = shop::orders(&shop::ORDERS);
    let packed = gzip(whole.as_bytes());
    let mut flipped = packed.clone();
    let checksum = flipped.len() - 8;
    flipped[checksum] ^= 1;
    let files: [(&str, &[u8]); 12] = [
        ("ends-early.xml", whole.get(..700).unwrap().as_bytes()),
        ("ends-early.csv", b"code;date;paid\n1;2024-01-01;1\n2;2024-"),
        ("ends-early.xml.gz", &packed[..packed.len() - 4]),
        ("checksum.xml.gz", &flipped),
        (
            "doctype.xml",
            b"<?xml version=\"1.0\"?>\n<!DOCTYPE ORDERS>\n<ORDERS/>",
        ),
        (
            "page.xml",
            b"<!DOCTYPE html><html><body>P\xc5\x99ihl\xc3\xa1\xc5\xa1en\xc3\xad</body></html>",
        ),
        ("products.xml", b"<SHOP><SHOPITEM/></SHOP>"),
        ("notes.csv", b"to be bought: milk\n"),
        ("table.xlsx", b"PK\x03\x04\x14\x00"),
        ("customers.xml", shop::CUSTOMERS.as_bytes()),
        ("nothing.xml", b""),
        ("blank.csv", b"\r\n \r\n"),
    ];
    for (name, bytes) in files {
        std::fs::write(place.path(name), bytes).unwrap();
    }
    std::fs::create_dir(place.path("folder")).unwrap();
    let names = files.map(|(name, _)| name);
    names
        .into_iter()
        .chain(["folder", "/dev/null", "missing.xml"])
        .collect()
}

#[test]
fn what_is_wrong_with_a_file_is_told_and_nothing_is_made_of_it() {
    let place = shop::fresh();
    let _settings = settings(&place);
    let mut told = String::new();
    for name in bad_files(&place) {
        let words = ["import", "--customers", "customers.xml", "--orders", name];
        told.push_str(&format!("{name}\n{}", place.refuses(2, &words)));
        assert!(!place.state_dir().join("state.db").exists(), "{name}");
        assert!(!place.state_dir().join("contacts.db").exists(), "{name}");
    }
    assert_snapshot!(told);
    let orders = place.refuses(2, &["import", "--customers", "orders.xml"]);
    assert!(
        orders.contains("this is a document of orders, not of customers"),
        "{orders}"
    );
}

#[test]
fn a_bad_file_changes_nothing_of_what_is_known() {
    let place = shop::imported();
    let _settings = settings(&place);
    let before = std::fs::read(place.state_dir().join("contacts.db")).unwrap();
    let mut told = String::new();
    for name in bad_files(&place) {
        let ended = place.run(&["import", "--orders", name]);
        assert_eq!(ended.code, 2, "{name}: {}{}", ended.stdout, ended.stderr);
        told.push_str(&format!("{name}\n{}{}", ended.stdout, ended.stderr));
        let after = std::fs::read(place.state_dir().join("contacts.db")).unwrap();
        assert!(before == after, "{name}");
    }
    assert_snapshot!(told);
}

/// Whoever runs the tests as root may read everything, so root has to give that up first.
#[test]
fn a_file_that_may_not_be_read_calls_for_its_owner() {
    let place = shop::fresh();
    let orders = place.path("orders.xml");
    std::fs::set_permissions(&orders, std::os::unix::fs::PermissionsExt::from_mode(0o000)).unwrap();
    let words = ["import", "--orders", "orders.xml"];
    let mut command = place.command(&words);
    if std::fs::File::open(&orders).is_ok() {
        let rights = "-dac_override,-dac_read_search";
        command = std::process::Command::new("setpriv");
        command
            .args([
                "--inh-caps",
                rights,
                "--bounding-set",
                rights,
                env!("CARGO_BIN_EXE_shoptet-sync"),
            ])
            .args(words)
            .current_dir(place.folder.path());
    }
    let Ok(ended) = command.output() else {
        eprintln!("SKIPPED: there is no setpriv here");
        return;
    };
    let told = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(2), "{told}");
    assert_snapshot!(told, @r"
    error: reading orders from orders.xml: this user may not read it
     hint: give the user who runs the command the right to read the file and to enter its folder
    ");
}

/// A gzip says of itself that it is whole, and a snapshot of a shop without customers is one of nothing.
#[test]
fn a_gzip_of_nothing_is_a_snapshot_without_records() {
    let place = shop::fresh();
    std::fs::write(place.path("nobody.jsonl.gz"), gzip(b"")).unwrap();
    let words = [
        "import",
        "--customers",
        "nobody.jsonl.gz",
        "--orders",
        "orders.xml",
    ];
    let told = place.prints(3, &words);
    assert!(told.starts_with("read 0 customers and 6 orders\n"), "{told}");
}

#[test]
fn a_file_of_one_shop_that_is_missing_makes_nothing_of_the_others() {
    let second = "[[shop]]\nname = \"other\"\nurl = \"https://5678.myshoptet.com\"\ncountry = \"CZ\"\n";
    let place = shop::fresh();
    place.write(
        "shoptet-sync.toml",
        &shop::CONFIG.replacen("\n[[target]]", &format!("\n{second}\n[[target]]"), 1),
    );
    place.refuses(2, &["import", "--shop", "other", "--orders", "missing.xml"]);
    assert!(!place.state_dir().join("state.db").exists());
    let several = place.refuses(2, &["import", "--orders", "orders.xml"]);
    assert!(several.contains("say which with --shop"), "{several}");
    for words in [
        ["import", "--shop", "main"],
        ["import", "--as-of", "2026-02-03T04:05:06Z"],
    ] {
        let alone = place.refuses(2, &words);
        assert!(
            alone.contains("there is neither --customers nor --orders"),
            "{alone}"
        );
    }
}

/// Whoever imports an older file is told why it changes nothing, and what to do if it is not older.
#[test]
fn a_file_older_than_what_was_read_before_is_told() {
    let place = shop::imported();
    let mut earlier = shop::ORDERS;
    earlier[0].status = "Stornována";
    place.write("orders.xml", &shop::orders(&earlier));
    let mut words = shop::IMPORT;
    words[6] = "2026-02-01T00:00:00Z";
    assert_snapshot!(place.prints(3, &words));
    let again = place.json(3, &[&words[..], &["--json"]].concat());
    assert_eq!(again["notes"].as_array().unwrap().len(), 2);
    assert_eq!(again["orders_changed"], 0);
    words[6] = "2026-02-03T04:05:06Z";
    assert_eq!(
        place.json(3, &[&words[..], &["--json"]].concat())["notes"],
        serde_json::json!([])
    );
}

#[test]
fn a_day_alone_begins_where_the_shop_is() {
    let place = shop::imported();
    let mut words = shop::IMPORT;
    words[6] = "2026-02-03";
    let told = place.prints(3, &words);
    assert!(
        told.contains("as of 2026-02-02T23:00:00Z, older than what was read before"),
        "{told}"
    );
    words[6] = "2026-02-03T04:05";
    let told = place.refuses(2, &words);
    assert!(told.contains("or a day as in 2026-01-31"), "{told}");
}

/// Only the commands that read a shop say that it can be read from files alone.
#[test]
fn a_shop_without_a_way_in_is_told_where_it_matters() {
    let place = shop::fresh();
    let (before, after) = shop::CONFIG.split_once("[shop.exports]").unwrap();
    let config = format!("{before}[[target]]{}", after.split_once("[[target]]").unwrap().1);
    place.write("shoptet-sync.toml", &config);
    let _settings = settings(&place);
    let run = |words: &[&str]| {
        let output = place.command(words).env("RUST_LOG", "warn").output().unwrap();
        (
            output.status.code().unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, told) = run(&["import"]);
    assert_eq!(code, 2);
    assert_snapshot!(told);
    assert_eq!(run(&shop::IMPORT), (3, String::new()));
    for words in [
        &["status"][..],
        &["plan"],
        &["parked"],
        &["statuses"],
        &["fields"],
        &["explain", shop::JANA],
    ] {
        assert_eq!(run(words), (0, String::new()), "{words:?}");
    }
    assert!(
        place
            .run(&["check"])
            .stdout
            .contains("it can only be imported from files")
    );
}
