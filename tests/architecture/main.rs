//! The house of `src/lib.rs` held to the code: who may use whom, how long a file may be, what has
//! no place in it. The table of contents itself is the rule; nothing is listed twice.

// The lints' leave for tests does not reach the functions that the tests share.
#![allow(clippy::unwrap_used)]

mod contents;
mod imports;
mod tokens;

use std::path::{Path, PathBuf};

use contents::{Contents, Group};
use imports::{Import, imports};

/// A file past this many lines of code, its tests not counted, asks to be split.
const MOST_LINES: usize = 400;

/// Names of folders and files that say nothing about what is in them.
const SAY_NOTHING: [&str; 4] = ["utils", "common", "helpers", "types"];

/// What is not finished has no place in what is shipped.
const UNFINISHED: [&str; 4] = ["TODO", "FIXME", "todo!", "unimplemented!"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every Rust file below a folder: its path from there, with `/`, and its text.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
                found.push((name.to_owned(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    assert!(found.len() > 100, "the sources were found");
    found
}

/// Whether a module may name an item: `None`, or why not.
fn forbidden(contents: &Contents, from: &str, import: &Import) -> Option<String> {
    let to = import.path.first()?.as_str();
    if to == from {
        return None;
    }
    let Some(group) = contents.group_of(to) else {
        return Some(format!("`{to}` is not in the table of contents"));
    };
    // `main.rs` starts the program and may name everything.
    let why = match (contents.group_of(from)?, from, group, to) {
        (_, "main", ..) => return None,
        (Group::Shared, _, Group::Shared, _) => return None,
        (Group::Shared, ..) => "what is shared uses nobody",
        (_, _, Group::Shared, _) => return None,
        (Group::Stage, _, Group::Stage, _) => "no stage uses another stage",
        (Group::Stage, ..) => "a stage does not know what stands above it",
        (Group::Above, "sync", Group::Stage, _) => return None,
        (Group::Above, "sync", ..) => "a run does not know what starts it",
        (Group::Above, "config", Group::Stage, _)
            if import.path.get(1).is_some_and(|name| name == "settings") =>
        {
            return None;
        }
        (Group::Above, "config", ..) => "the configuration composes settings and knows nothing else",
        (Group::Above, "daemon", Group::Stage, _) | (Group::Above, "daemon", _, "sync" | "config") => {
            return None;
        }
        (Group::Above, "daemon", ..) => "the daemon does not know who started it",
        (Group::Above, "cli", ..) => return None,
        (Group::Above, "demo", ..) => "the simulated world shares no code with what it tests",
        _ => "not foreseen",
    };
    Some(why.to_owned())
}

/// Every breach in one file, a line each.
fn breaches(contents: &Contents, file: &str, text: &str) -> Vec<String> {
    let from = file.split(['/', '.']).next().unwrap_or_default();
    let told = |import: &Import| {
        forbidden(contents, from, import).map(|why| {
            format!(
                "src/{file}:{} uses crate::{}: {why}",
                import.line,
                import.path.join("::")
            )
        })
    };
    imports(file, text).iter().filter_map(told).collect()
}

/// Lines that are neither empty nor comment, up to the tests at the end.
fn lines_of_code(text: &str) -> usize {
    text.lines()
        .map(str::trim)
        .take_while(|line| *line != "#[cfg(test)]")
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .count()
}

#[test]
fn nobody_uses_whom_the_house_does_not_allow() {
    let contents = Contents::read(&source().join("lib.rs"));
    let all: Vec<String> = files(&source())
        .iter()
        .filter(|(file, _)| file != "lib.rs")
        .flat_map(|(file, text)| breaches(&contents, file, text))
        .collect();
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn the_table_of_contents_is_complete_and_drawn() {
    let contents = Contents::read(&source().join("lib.rs"));
    let mut there: Vec<String> = files(&source())
        .iter()
        .map(|(file, _)| file.split(['/', '.']).next().unwrap().to_owned())
        .filter(|name| name != "lib" && name != "main")
        .collect();
    there.dedup();
    let mut listed = contents.modules();
    listed.sort();
    assert_eq!(listed, there, "lib.rs lists what lies in src, and nothing else");
    assert_eq!(
        contents.picture,
        contents.of(Group::Stage),
        "the picture shows the stages, in the order in which they are read"
    );
    for (group, expected) in [
        (Group::Shared, "error"),
        (Group::Stage, "source"),
        (Group::Above, "sync"),
    ] {
        assert!(contents.of(group).iter().any(|name| name == expected));
    }
}

#[test]
fn a_folder_is_a_set_of_siblings_and_a_file_has_one_subject() {
    let mut all = Vec::new();
    for (file, text) in files(&source()) {
        let lines = lines_of_code(&text);
        if lines > MOST_LINES {
            all.push(format!("src/{file} has {lines} lines of code: split it"));
        }
        if file.split(['/', '.']).any(|part| SAY_NOTHING.contains(&part)) {
            all.push(format!("src/{file}: the name says nothing about what is in it"));
        }
        if let Some(word) = UNFINISHED.iter().find(|word| text.contains(**word)) {
            all.push(format!("src/{file} holds {word}"));
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

/// A checker that finds nothing is no proof: it finds each kind of breach in a small sample.
#[test]
fn the_checker_finds_every_kind_of_breach() {
    let contents = Contents::read(&source().join("lib.rs"));
    let allowed = [
        ("sync/one.rs", "use crate::{merge::key, state::{self, State}};"),
        (
            "merge/one.rs",
            "use crate::model::{Order, Customer}; use super::key;",
        ),
        (
            "merge/one.rs",
            "// use crate::state::State;\nconst TEXT: &str = \"crate::state\";",
        ),
        (
            "config/shop.rs",
            "use crate::source::settings::{ShopSettings, Mode};",
        ),
        ("model/one.rs", "fn f() -> crate::error::Result<()> { Ok(()) }"),
        ("cli/one.rs", "use crate::demo::World; use crate::sync::import;"),
        (
            "daemon/one.rs",
            "use crate::config::Config; use crate::{source::Progress, sync::report::Report};",
        ),
        (
            "merge/one.rs",
            "mod tests { use super::*; use super::super::key; }",
        ),
    ];
    for (file, text) in allowed {
        assert_eq!(
            breaches(&contents, file, text),
            Vec::<String>::new(),
            "{file}: {text}"
        );
    }
    let forbidden = [
        ("merge/one.rs", "use crate::state::State;"),
        (
            "merge/one.rs",
            "use crate::{error::Error, model::{Order, Item}, state::{State as Remembered}};",
        ),
        (
            "merge/phone/one.rs",
            "fn f() { let s = super::super::super::state::State::default(); }",
        ),
        ("merge/mod.rs", "use super::state;"),
        (
            "merge/one.rs",
            "mod inner { use super::super::super::plan::Action; }",
        ),
        ("plan.rs", "type T<'a> = Option<&'a crate::sync::push::Push>;"),
        ("error.rs", "use crate::merge::key;"),
        (
            "model/one.rs",
            "pub(in crate::model) fn f(_: ::shoptet_sync::config::Config) {}",
        ),
        (
            "config/shop.rs",
            "use crate::source::{settings::ShopSettings, Shop};",
        ),
        ("config/shop.rs", "use crate::sync::import::Setup;"),
        ("sync/one.rs", "use crate::config::Config;"),
        ("daemon/one.rs", "use crate::cli::Cli;"),
        ("sync/one.rs", "use crate::{\n  demo, // why not\n};"),
        ("demo/one.rs", "use crate::source::document;"),
        ("daemon/one.rs", "use crate::cli::asked::Asked;"),
        ("demo/one.rs", "fn f() { crate::sync::import::import(); }"),
        ("state/one.rs", "use crate::nowhere::at_all;"),
        ("state/one.rs", "use crate::merge as people;"),
        ("state/one.rs", "use {crate::merge::key, std::io};"),
    ];
    for (file, text) in forbidden {
        assert_eq!(breaches(&contents, file, text).len(), 1, "{file}: {text}");
    }
    let long = format!(
        "//! Doc.\n\n{}#[cfg(test)]\nmod tests {{\n}}\n",
        "fn f() {}\n".repeat(401)
    );
    assert_eq!(lines_of_code(&long), 401);
}
