//! Cuts one record out of an XML document by its tags, before anything inside it is looked at.
//!
//! So a fault inside a record stays inside. A record that lacks its end tag ends where the next one
//! begins; the price is that a record cannot hold an element of its own name.

use memchr::memmem::{self, Finder};

use super::RECORD_CAP;
use super::bytes::Text;
use super::xml::markup_length;
use crate::error::Result;

/// Finds where a record ends.
pub(super) struct Cutter {
    /// `<ORDER>`: the start of the next record, where this one lacks its end.
    next: Finder<'static>,
    /// `</ORDER`, which `</ORDER_ITEMS>` starts with too.
    end: Finder<'static>,
}

/// What was cut.
pub(super) enum Cut {
    /// A record of this length.
    Whole(usize),
    /// A record without an end tag; the next one starts after this length.
    Unclosed(usize),
    /// A record larger than the cap, already consumed; how it began.
    TooLarge(Vec<u8>),
}

/// How far a record has been searched for its end.
#[derive(Default)]
struct Search {
    at: usize,
    /// The end of the comment or character data that `at` is inside of: tags in there are text.
    section: Option<&'static [u8]>,
}

enum Step {
    End(usize),
    Next(usize),
    More,
}

impl Cutter {
    pub(super) fn new(tag: &str) -> Self {
        Self {
            next: Finder::new(&format!("<{tag}>")).into_owned(),
            end: Finder::new(&format!("</{tag}")).into_owned(),
        }
    }

    /// Cuts the record that the window starts with.
    pub(super) fn cut(&self, text: &mut Text, records: u64) -> Result<Cut> {
        let start = markup_length(text.window()).unwrap_or(1);
        if text.window().get(..start).is_some_and(|tag| tag.ends_with(b"/>")) {
            return Ok(Cut::Whole(start));
        }
        let mut search = Search {
            at: start,
            section: None,
        };
        let mut beginning = None;
        loop {
            let found = self.step(text.window(), &mut search);
            match (found, &mut beginning) {
                (Step::End(length), None) => return Ok(Cut::Whole(length)),
                (Step::Next(length), None) => return Ok(Cut::Unclosed(length)),
                (Step::End(length) | Step::Next(length), Some(beginning)) => {
                    text.consume(length);
                    return Ok(Cut::TooLarge(std::mem::take(beginning)));
                }
                (Step::More, _) => {}
            }
            if beginning.is_none() && text.window().len() > RECORD_CAP {
                beginning = Some(text.window().get(..1024).unwrap_or_default().to_vec());
            }
            if beginning.is_some() {
                text.consume(search.at);
                search.at = 0;
            }
            if !text.fill()? {
                return Err(text.ends_early("the last record is not closed", records));
            }
        }
    }

    fn step(&self, window: &[u8], search: &mut Search) -> Step {
        loop {
            let rest = window.get(search.at..).unwrap_or_default();
            if let Some(end) = search.section {
                let Some(found) = memmem::find(rest, end) else {
                    search.at += rest.len().saturating_sub(end.len());
                    return Step::More;
                };
                search.at += found + end.len();
                search.section = None;
                continue;
            }
            let end = self.end.find(rest);
            let inside = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
            if let Some(found) = memmem::find(inside, b"<!") {
                let section = rest.get(found..).unwrap_or_default();
                search.at += found;
                if section.len() < "<![CDATA[".len() {
                    return Step::More;
                }
                search.at += "<!".len();
                if section.starts_with(b"<![CDATA[") {
                    search.section = Some(b"]]>");
                } else if section.starts_with(b"<!--") {
                    search.section = Some(b"-->");
                }
                continue;
            }
            if let Some(found) = self.next.find(inside) {
                return Step::Next(search.at + found);
            }
            let Some(end) = end else {
                search.at += rest.len().saturating_sub(self.end.needle().len());
                return Step::More;
            };
            search.at += end;
            let Some(after) = rest.get(end + self.end.needle().len()..) else {
                return Step::More;
            };
            match after.first() {
                None => return Step::More,
                Some(b'>') => return Step::End(search.at + self.end.needle().len() + 1),
                Some(byte) if byte.is_ascii_whitespace() => {
                    let Some(close) = memchr::memchr(b'>', after) else {
                        return Step::More;
                    };
                    return Step::End(search.at + self.end.needle().len() + close + 1);
                }
                Some(_) => search.at += self.end.needle().len(),
            }
        }
    }
}
