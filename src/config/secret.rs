//! A secret in its three forms: the text itself, `{ env = "NAME" }`, `{ file = "PATH" }`.
//!
//! No message repeats any part of a secret; a name that might be a secret pasted into the wrong
//! place is not repeated either.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::known;
use super::permissions;
use super::section::Section;
use crate::secret::Secret;

/// Bytes; the longest token of the shop has 255.
const LARGEST: u64 = 64 << 10;
/// Set by systemd for `LoadCredential=`.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// What a secret is used for decides what it may look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Goes into a header: visible ASCII.
    Token,
    /// The part of an export link after `hash=`: visible ASCII, cut at the first `&`.
    Hash,
    /// Typed by people: any text of one line.
    Password,
}

/// Reads the secret at a key.
pub(super) fn read(section: &Section, key: &str, shape: Shape) -> Option<Secret> {
    if !section.has(key) {
        return None;
    }
    let resolved = if section.is_table(key) {
        by_reference(section, key)?
    } else {
        let text = section.text(key)?;
        if !section.is_overridden(key) {
            section.check.literal_secret.set(true);
        }
        text.to_owned()
    };
    match trimmed(&resolved, shape) {
        Ok(secret) => Some(Secret::new(secret.to_owned())),
        Err(message) => {
            section.fault(key, message);
            None
        }
    }
}

fn by_reference(section: &Section, key: &str) -> Option<String> {
    let table = section.table(key, &[&known::SECRET])?;
    match (table.has("env"), table.has("file")) {
        (true, false) => {
            let name = table.text("env")?;
            from_variable(&table, name)
                .map_err(|message| table.fault("env", message))
                .ok()
        }
        (false, true) => {
            let path = table.text("file")?;
            from_file(&table, path)
                .map_err(|message| table.fault("file", message))
                .ok()
        }
        (true, true) => {
            section.fault(key, "has both env and file; give one of them");
            None
        }
        (false, false) => {
            section.fault(key, "a secret is text, { env = \"NAME\" } or { file = \"PATH\" }");
            None
        }
    }
}

fn from_variable(table: &Section, name: &str) -> Result<String, String> {
    let ordinary = name
        .chars()
        .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_');
    let called = if ordinary && !name.is_empty() {
        format!("the variable {name}")
    } else {
        "the variable named here".to_owned()
    };
    match table.check.environment.value(name) {
        None => Err(format!(
            "{called} is not set (env takes a variable's name, not the secret itself)"
        )),
        Some(value) => match value.to_str() {
            Some(value) => Ok(value.to_owned()),
            None => Err(format!("{called} is not UTF-8")),
        },
    }
}

fn from_file(table: &Section, name: &str) -> Result<String, String> {
    if name.is_empty() {
        return Err("is empty: name the file that holds the secret".to_owned());
    }
    // A hash or a token has no dot and no slash and is longer than anybody's file name.
    let looks_like_a_secret = name.len() >= 32 && !name.contains(['.', '/', '\\']);
    let folder = table.check.file.parent().unwrap_or(Path::new(""));
    let credentials = table.check.environment.path(CREDENTIALS);
    let beside = folder.join(name);
    let mut candidates = vec![beside.clone()];
    candidates.extend(credentials.iter().map(|folder| folder.join(name)));
    candidates.dedup();
    for path in &candidates {
        match read_small(path) {
            Ok(text) => {
                // systemd guards its folder by itself and shows its access list as group rights.
                if path == &beside {
                    permissions::warning(path)
                        .into_iter()
                        .for_each(|warning| table.check.warn(warning));
                }
                return text;
            }
            Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => {}
            Err(fault) if looks_like_a_secret => return Err(format!("cannot be read: {}", fault.kind())),
            Err(fault) => return Err(format!("{} cannot be read: {fault}", path.display())),
        }
    }
    if looks_like_a_secret {
        return Err("there is no such file (file takes a path, not the secret itself)".to_owned());
    }
    let looked: Vec<String> = candidates
        .iter()
        .map(|path: &PathBuf| path.display().to_string())
        .collect();
    Err(format!(
        "there is no file {}; write the secret, and nothing else, into a file of that name",
        looked.join(" nor ")
    ))
}

/// The outer result is about the file, the inner one about what it holds.
fn read_small(path: &Path) -> std::io::Result<Result<String, String>> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path)?;
    file.take(LARGEST.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LARGEST {
        return Ok(Err("the file is larger than 64 KiB".to_owned()));
    }
    let text = String::from_utf8(bytes).map_err(|_| "the file is not UTF-8".to_owned());
    Ok(text.map(|text| match text.strip_prefix('\u{feff}') {
        Some(text) => text.to_owned(),
        None => text,
    }))
}

/// The secret without its trailing newline, and a hash without the parameters pasted behind it.
fn trimmed(resolved: &str, shape: Shape) -> Result<&str, &'static str> {
    let secret = resolved.strip_suffix('\n').unwrap_or(resolved);
    let secret = secret.strip_suffix('\r').unwrap_or(secret);
    let secret = match shape {
        Shape::Hash if secret.contains("://") || secret.contains("hash=") || secret.contains('?') => {
            return Err("is a whole link; only the part between `hash=` and the next `&` is wanted");
        }
        Shape::Hash => secret.split('&').next().unwrap_or_default(),
        Shape::Token | Shape::Password => secret,
    };
    if secret.is_empty() {
        return Err("the secret is empty");
    }
    if secret.chars().any(char::is_control) {
        return Err("the secret has more than one line or a control character in it");
    }
    if shape != Shape::Password && !secret.chars().all(|letter| letter.is_ascii_graphic()) {
        return Err("the secret has a blank or a letter in it that no token has");
    }
    Ok(secret)
}
