//! `init`: what it writes can be loaded, and it overwrites nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use clap::{Args as _, FromArgMatches as _};
use insta::assert_snapshot;
use shoptet_sync::cli::init::{InitArguments, run};
use shoptet_sync::error::Result;
use tempfile::TempDir;

/// Runs `init` with these words; what it printed.
fn init(words: &[&str], config: Option<&Path>) -> Result<String> {
    let command = InitArguments::augment_args(clap::Command::new("init").no_binary_name(true));
    let arguments = InitArguments::from_arg_matches(&command.get_matches_from(words)).unwrap();
    let mut stdout = Vec::new();
    run(&arguments, config, &mut stdout)?;
    Ok(String::from_utf8(stdout).unwrap())
}

#[test]
fn it_prints_each_example() {
    let examples = crate::examples::all();
    let text_of = |name: &str| &examples.iter().find(|(example, _)| example == name).unwrap().1;
    for (words, name) in [
        (&["--print"][..], "exports.toml"),
        (
            &["--print", "--target", "sqlite", "--source", "api-private"],
            "api-private.toml",
        ),
        (&["--print", "--source", "api-addon"], "api-addon.toml"),
        (&["--print", "--source", "group"], "group-of-shops.toml"),
        (&["--print", "--source", "files"], "from-files.toml"),
        (&["--print", "--fields"], "sqlite-fields.toml"),
        (&["--print", "--target", "postgres"], "postgres.toml"),
        (&["--print", "--target", "daktela"], "daktela.toml"),
        (&["--print", "--target", "minicrm"], "minicrm.toml"),
    ] {
        assert_eq!(&init(words, None).unwrap(), text_of(name));
    }
}

#[test]
fn it_writes_a_file_that_only_its_owner_reads_and_never_overwrites_one() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("sync.toml");
    let told = |text: String| text.replace(&folder.path().display().to_string(), "/etc/sync");
    let printed = init(&[], Some(&path)).unwrap();
    assert_snapshot!(told(printed), @"wrote /etc/sync/sync.toml: fill it in, then run `shoptet-sync check`");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

    fs::write(&path, "# edited").unwrap();
    let error = init(&[path.to_str().unwrap()], None).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert_snapshot!(told(error.to_string()), @"writing the configuration /etc/sync/sync.toml: the file exists already (name another file, or see the example with --print)");
    assert_eq!(fs::read_to_string(&path).unwrap(), "# edited");
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "no draft is left behind"
    );

    let other = folder.path().join("missing/sync.toml");
    assert_eq!(init(&[other.to_str().unwrap()], None).unwrap_err().exit_code(), 1);
    let json = folder.path().join("json.toml");
    assert_snapshot!(told(init(&["--json", json.to_str().unwrap()], None).unwrap()), @r#"{"written":"/etc/sync/json.toml"}"#);
}
