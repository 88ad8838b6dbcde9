//! `[[notify]]`: who is told when a run fails or recovers.

use url::Url;

use super::address::{Extent, web};
use super::known;
use super::section::Section;
use super::wording::unknown_word;

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// A run failed.
    Failure,
    /// A run succeeded after one that failed.
    Recovery,
    /// Every run.
    Run,
}

const NOTICES: [(&str, Notice); 3] = [
    ("failure", Notice::Failure),
    ("recovery", Notice::Recovery),
    ("run", Notice::Run),
];

/// How it is told.
#[derive(Debug, Clone)]
pub enum NotifyWay {
    /// To an address.
    Url(Url),
    /// To a program with its arguments.
    Command(Vec<String>),
}

/// One `[[notify]]`.
#[derive(Debug, Clone)]
pub struct NotifySettings {
    /// `failure` and `recovery` unless configured.
    pub on: Vec<Notice>,
    /// How.
    pub way: NotifyWay,
}

pub(super) fn read_all(top: &Section) -> Vec<Option<NotifySettings>> {
    top.tables("notify").iter().map(read).collect()
}

fn read(section: &Section) -> Option<NotifySettings> {
    section.refuse_unknown(&[&known::NOTIFY]);
    let on = section.parsed_list("on", |text| {
        let found = NOTICES.iter().find(|(word, _)| *word == text);
        found
            .map(|(_, notice)| *notice)
            .ok_or_else(|| unknown_word(text, &NOTICES.map(|(word, _)| word)))
    });
    let url = section.parsed("url", web(Extent::Query));
    let command = section.parsed_list("command", |word| Ok(word.to_owned()));
    let way = match (section.has("url"), section.has("command")) {
        (true, false) => NotifyWay::Url(url?),
        (false, true) => {
            let command = command?;
            if command.first().is_none_or(String::is_empty) {
                section.fault("command", "is empty: a program with its arguments");
            }
            NotifyWay::Command(command)
        }
        (true, true) => {
            section.fault("command", "there is a url already; give one of them");
            return None;
        }
        (false, false) => {
            section.missing("url", "an address to call, or a command to run");
            return None;
        }
    };
    Some(NotifySettings {
        on: on.unwrap_or_else(|| vec![Notice::Failure, Notice::Recovery]),
        way,
    })
}
