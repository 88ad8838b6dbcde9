//! Secrets: the three forms, what they are trimmed to, and that they show nowhere.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use shoptet_sync::config::{Config, Environment, from_path, from_str};
use shoptet_sync::source::settings::ApiToken;
use tempfile::TempDir;

use crate::{CANARY, SHOP, TARGET, refusal};

/// A folder with a configuration whose private token is written as given, mode 600.
fn folder_with(token: &str) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("config.toml");
    write(
        &path,
        &format!("{SHOP}[shop.api]\nprivate_token = {token}\n{TARGET}"),
        0o600,
    );
    (folder, path)
}

fn write(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn token(config: &Config) -> &str {
    match &config.shops[0].api.as_ref().unwrap().token {
        ApiToken::Private(secret) => secret.expose(),
        ApiToken::Addon { .. } => panic!("a private token was configured"),
    }
}

/// What is read, with the folder's random name replaced.
fn told(text: &str, folder: &Path) -> String {
    assert!(!text.contains(CANARY), "a secret shows: {text}");
    text.replace(&folder.display().to_string(), "/etc/sync")
}

#[test]
fn a_secret_is_text_a_variable_or_a_file() {
    let (folder, path) = folder_with(&format!("\"{CANARY}\""));
    assert_eq!(token(&from_path(&path, &Environment::default()).unwrap()), CANARY);

    write(
        &path,
        &format!("{SHOP}[shop.api]\nprivate_token = {{ env = \"TOKEN\" }}\n{TARGET}"),
        0o600,
    );
    let environment = Environment::of([("TOKEN", CANARY)]);
    assert_eq!(token(&from_path(&path, &environment).unwrap()), CANARY);

    write(
        &path,
        &format!("{SHOP}[shop.api]\nprivate_token = {{ file = \"token\" }}\n{TARGET}"),
        0o600,
    );
    for newline in ["", "\n", "\r\n"] {
        write(&folder.path().join("token"), &format!("{CANARY}{newline}"), 0o600);
        let config = from_path(&path, &Environment::default()).unwrap();
        assert_eq!(token(&config), CANARY);
        assert_eq!(config.warnings, Vec::<String>::new());
        assert!(!format!("{config:?}").contains(CANARY));
    }
}

#[test]
fn a_relative_file_is_looked_up_beside_the_configuration_then_in_the_credentials() {
    let (folder, path) = folder_with("{ file = \"token\" }");
    let credentials = TempDir::new().unwrap();
    // systemd's own access list shows as group rights; that is no reason for a warning.
    write(&credentials.path().join("token"), "from-credentials\n", 0o440);
    let environment = Environment::of([("CREDENTIALS_DIRECTORY", credentials.path())]);
    let config = from_path(&path, &environment).unwrap();
    assert_eq!(token(&config), "from-credentials");
    assert_eq!(config.warnings, Vec::<String>::new());

    write(&folder.path().join("token"), "from-beside\n", 0o600);
    assert_eq!(token(&from_path(&path, &environment).unwrap()), "from-beside");
}

#[test]
fn files_with_secrets_that_others_can_read_are_warned_about() {
    let (folder, path) = folder_with("{ file = \"the token\" }");
    write(&folder.path().join("the token"), CANARY, 0o640);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    // The configuration itself holds no secret: everybody may read it.
    let warnings = from_path(&path, &Environment::default()).unwrap().warnings;
    assert_snapshot!(told(&warnings.join("\n"), folder.path()), @"/etc/sync/the token holds a secret and can be read by other users of this machine (mode 640): chmod 600 '/etc/sync/the token'");

    let (folder, path) = folder_with(&format!("\"{CANARY}\""));
    assert_eq!(
        from_path(&path, &Environment::default()).unwrap().warnings,
        Vec::<String>::new()
    );
    fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).unwrap();
    let warnings = from_path(&path, &Environment::default()).unwrap().warnings;
    assert_snapshot!(told(&warnings.join("\n"), folder.path()), @"/etc/sync/config.toml holds a secret and can be read by other users of this machine (mode 604): chmod 600 /etc/sync/config.toml");
}

#[test]
fn a_secret_given_by_an_override_makes_no_warning_about_the_file() {
    let (_folder, path) = folder_with("{ env = \"TOKEN\" }");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let environment = Environment::of([("TOKEN", CANARY), ("SHOPTET_SYNC__SERVER__PASSWORD", CANARY)]);
    let config = from_path(&path, &environment).unwrap();
    assert_eq!(config.warnings, Vec::<String>::new());
    assert_eq!(config.server.unwrap().password.unwrap().expose(), CANARY);
}

#[test]
fn a_hash_ends_at_the_first_parameter_behind_it() {
    let text = format!(
        "{SHOP}[shop.exports]\ncustomers_hash = \"{CANARY}\"\norders_hash = \"{CANARY}\"\n\
         orders_feed_hash = \"{CANARY}&updateTimeFrom=2026-01-01%2000:00:00\"\n{TARGET}"
    );
    let config = from_str(&text, Path::new("sync.toml"), &Environment::default()).unwrap();
    let exports = config.shops[0].exports.as_ref().unwrap();
    assert_eq!(exports.orders_feed_hash.as_ref().unwrap().expose(), CANARY);
    assert!(!format!("{config:?}").contains(CANARY));
}

#[test]
fn wrong_secrets_are_told_without_a_letter_of_them() {
    let cases = [
        "\"\"",
        "7",
        "[\"CANARY\"]",
        "{ }",
        "{ evn = \"CANARY\" }",
        "{ CANARY = \"env\" }",
        "{ env = \"TOKEN\", file = \"token\" }",
        "{ env = \"NOT_SET\" }",
        "{ env = \"CANARY\" }",
        "{ env = \"EMPTY\" }",
        "{ file = \"missing\" }",
        "{ file = \"CANARY\" }",
        "{ file = \"two-lines\" }",
        "{ file = \"not-text\" }",
        "{ file = \".\" }",
        "\"CANARY and more\"",
    ];
    let mut page = String::new();
    for case in cases {
        let (folder, path) = folder_with(&case.replace("CANARY", CANARY));
        write(
            &folder.path().join("two-lines"),
            &format!("{CANARY}\n{CANARY}\n"),
            0o600,
        );
        fs::write(folder.path().join("not-text"), [0xff, 0xfe, 0x41]).unwrap();
        let environment = Environment::of([("TOKEN", CANARY), ("EMPTY", "")]);
        let error = from_path(&path, &environment).expect_err("the secret is wrong");
        assert!(!format!("{error:?}").contains(CANARY));
        page.push_str(&format!("{case}\n    {}\n\n", told(error.cause(), folder.path())));
    }
    assert_snapshot!(page);
}

#[test]
fn a_whole_link_is_refused() {
    let pasted = [
        format!("https://1234.myshoptet.com/export/orders.xml?patternId=-11&partnerId=3&hash={CANARY}"),
        format!("hash={CANARY}&updateTimeFrom=2026-01-01"),
        format!("orders.xml?partnerId=3&{CANARY}"),
    ];
    let told = pasted.map(|pasted| {
        let exports = format!("[shop.exports]\ncustomers_hash = \"x\"\norders_hash = \"{pasted}\"\n");
        refusal(&format!("{SHOP}{exports}{TARGET}"), &Environment::default())
    });
    assert!(told.iter().all(|each| *each == told[0]));
    assert_snapshot!(told[0], @r#"loading the configuration sync.toml: sync.toml:7:15: shop "main" → exports.orders_hash: is a whole link; only the part between `hash=` and the next `&` is wanted (correct the configuration file)"#);
}

/// Any slip of the hand in a file full of secrets: something deleted, something typed in.
#[test]
fn no_slip_of_the_hand_shows_a_secret() {
    let text = format!(
        "{SHOP}[shop.api]\noauth_token = \"{CANARY}\"\ntoken_url = \"https://1234.myshoptet.com/token\"\n\
         [shop.exports]\ncustomers_hash = {{ env = \"{CANARY}\" }}\norders_hash = {{ file = \"{CANARY}\" }}\n\
         orders_feed_hash = \"{CANARY}&updateTimeFrom=2026\"\n{TARGET}"
    );
    let letters: Vec<char> = text.chars().collect();
    let typed = proptest::sample::select(vec![
        "", "\"", "'", "=", "\n", "[", "]", "{", "}", ",", ".", "#", " ", "\\", "\u{7f}", "é", "hash=",
        "env", "=\"",
    ]);
    let slip = (0..letters.len(), 0..12_usize, typed);
    proptest::proptest!(|((at, deleted, typed) in slip)| {
        let before: String = letters.iter().take(at).collect();
        let after: String = letters.iter().skip(at + deleted).collect();
        if let Err(error) = from_str(&format!("{before}{typed}{after}"), Path::new("sync.toml"), &Environment::default()) {
            assert!(!format!("{error} {error:?}").contains(CANARY), "a secret shows: {error}");
        }
    });
}
