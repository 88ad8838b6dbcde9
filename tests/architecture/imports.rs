//! What a file names of its own crate: in `use` items, however nested, and in paths in the code.

use super::tokens::{Token, tokens};

/// An item of this crate that a file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Its path from the root of the crate.
    pub path: Vec<String>,
    /// The line where it is named, from 1.
    pub line: usize,
}

/// Everything of its own crate that a file names; `file` is its path below `src`.
pub fn imports(file: &str, code: &str) -> Vec<Import> {
    let mut reader = Reader {
        tokens: tokens(code),
        at: 0,
        here: module_of(file),
        opened: Vec::new(),
        found: Vec::new(),
    };
    while reader.at < reader.tokens.len() {
        reader.step();
    }
    reader.found
}

/// The module that a file is.
fn module_of(file: &str) -> Vec<String> {
    let parts = file.trim_end_matches(".rs").split('/').map(str::to_owned);
    parts.filter(|part| part != "mod" && part != "lib").collect()
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    /// The module the reader is in.
    here: Vec<String>,
    /// For each brace that is open, whether a module of its own began with it.
    opened: Vec<bool>,
    found: Vec<Import>,
}

impl Reader {
    fn text(&self, ahead: usize) -> &str {
        self.tokens
            .get(self.at + ahead)
            .map_or("", |token| token.text.as_str())
    }

    fn step(&mut self) {
        match self.text(0) {
            "mod" if self.text(2) == "{" => {
                self.here.push(self.text(1).to_owned());
                self.opened.push(true);
                self.at += 3;
            }
            "{" => {
                self.opened.push(false);
                self.at += 1;
            }
            "}" => {
                if self.opened.pop() == Some(true) {
                    self.here.pop();
                }
                self.at += 1;
            }
            // `use<'a>` in a type names lifetimes.
            "use" if self.text(1) != "<" => {
                self.at += 1;
                self.tree(&[]);
            }
            // `pub(in crate::…)` says who may look, and uses nothing.
            "in" if self.at > 0 && self.tokens[self.at - 1].text == "(" => {
                while !matches!(self.text(0), ")" | "") {
                    self.at += 1;
                }
            }
            "crate" | "super" | "self" | "shoptet_sync" if self.text(1) == "::" => {
                let mut path = Vec::new();
                let line = self.word_into(&mut path);
                while self.text(0) == "::"
                    && self.text(1).starts_with(|c: char| c.is_alphabetic() || c == '_')
                {
                    self.at += 1;
                    self.word_into(&mut path);
                }
                self.note(&path, line);
            }
            _ => self.at += 1,
        }
    }

    fn word_into(&mut self, path: &mut Vec<String>) -> usize {
        path.push(self.text(0).to_owned());
        let line = self.tokens.get(self.at).map_or(0, |token| token.line);
        self.at += 1;
        line
    }

    /// One tree of a `use`: a path, and perhaps more trees in braces at its end.
    fn tree(&mut self, prefix: &[String]) {
        let mut path = prefix.to_vec();
        let mut line = self.tokens.get(self.at).map_or(0, |token| token.line);
        loop {
            match self.text(0) {
                "::" => self.at += 1,
                "{" => {
                    self.at += 1;
                    while !matches!(self.text(0), "}" | ";" | "") {
                        self.tree(&path);
                        if self.text(0) == "," {
                            self.at += 1;
                        }
                    }
                    self.at += 1;
                    return;
                }
                "as" => self.at += 2,
                "*" => self.at += 1,
                "," | "}" | ";" | "" => break,
                _ => line = self.word_into(&mut path),
            }
        }
        self.note(&path, line);
    }

    /// Notes a path as it is written, if it leads into this crate.
    fn note(&mut self, written: &[String], line: usize) {
        let mut path = self.here.clone();
        let mut rest = written;
        match rest.first().map(String::as_str) {
            Some("crate" | "shoptet_sync") => {
                path.clear();
                rest = &rest[1..];
            }
            Some("self" | "super") => {}
            _ => return,
        }
        while let Some(first @ ("self" | "super")) = rest.first().map(String::as_str) {
            if first == "super" {
                path.pop();
            }
            rest = &rest[1..];
        }
        path.extend(rest.iter().filter(|word| *word != "self").cloned());
        if !path.is_empty() {
            self.found.push(Import { path, line });
        }
    }
}
