//! The configuration: what is loaded, what is refused and how that reads, and that no secret shows.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot be set up fails"
)]

mod examples;
mod values;
mod refusals;
mod secrets;
mod init;

use std::path::Path;

use shoptet_sync::config::{Config, Environment, from_str};
use shoptet_sync::error::{Kind, Result};

/// Stands in every secret of these tests, and may stand in nothing that a person reads.
const CANARY: &str = "c4nary0123456789abcdef0123456789abcdef0123456789";

/// The smallest shop and target; faults are put around them.
const SHOP: &str = "[[shop]]\nname = \"main\"\nurl = \"https://1234.myshoptet.com\"\ncountry = \"CZ\"\n";
const TARGET: &str = "[[target]]\nname = \"contacts\"\nkind = \"sqlite\"\n";

fn load(text: &str) -> Result<Config> {
    from_str(text, Path::new("sync.toml"), &Environment::default())
}

/// What a person reads when this configuration is loaded; always exit code 2, never a secret.
fn refusal(text: &str, environment: &Environment) -> String {
    let error = from_str(text, Path::new("sync.toml"), environment).expect_err("the configuration is wrong");
    assert_eq!(error.kind(), Kind::Configuration);
    assert_eq!(error.exit_code(), 2);
    let message = error.to_string();
    assert!(!message.contains(CANARY), "a secret shows: {message}");
    assert!(!format!("{error:?}").contains(CANARY), "a secret shows in Debug");
    message
}
