//! Reads one table of the configuration key by key and notes every fault, so that all of them are
//! told at once.

use figment::value::{Dict, Value};

use super::check::{Check, Fault};
use super::known::{self, Known};
use super::place::{Place, Step};
use super::wording::{integer_of, quoted_key, shown, type_name, unknown_word};

/// The entries of a table that was left out.
static EMPTY: Dict = Dict::new();

/// One table of the configuration.
pub(super) struct Section<'s> {
    pub(super) check: &'s Check<'s>,
    entries: &'s Dict,
    path: Vec<Step>,
    /// What stands before a key in messages: `schedule.`, `shop "main" → orders.`
    prefix: String,
}

impl<'s> Section<'s> {
    /// The top of the file.
    pub(super) fn top(check: &'s Check<'s>, entries: &'s Dict) -> Self {
        let top = Section {
            check,
            entries,
            path: Vec::new(),
            prefix: String::new(),
        };
        top.refuse_unknown(&[&known::FILE]);
        top
    }

    /// A table under this one, its unknown keys refused.
    pub(super) fn table(&self, key: &str, known: &[&Known]) -> Option<Section<'s>> {
        let table = self.open_table(key)?;
        table.refuse_unknown(known);
        Some(table)
    }

    /// A table under this one that may be left out: then one without keys.
    pub(super) fn table_or_empty(&self, key: &str, known: &[&Known]) -> Option<Section<'s>> {
        if self.has(key) {
            return self.table(key, known);
        }
        Some(self.under(key, &EMPTY))
    }

    /// A table under this one whose keys are the user's own.
    pub(super) fn open_table(&self, key: &str) -> Option<Section<'s>> {
        let Value::Dict(_, entries) = self.entries.get(key)? else {
            self.fault(key, format!("must be a table, is {}", self.type_of(key)));
            return None;
        };
        Some(self.under(key, entries))
    }

    fn under(&self, key: &str, entries: &'s Dict) -> Section<'s> {
        Section {
            check: self.check,
            entries,
            path: self.path_to(key),
            prefix: format!("{}{}.", self.prefix, quoted_key(key)),
        }
    }

    /// The entries of a list of tables (`[[key]]`). Each is called by its `name` where it has one.
    pub(super) fn tables(&self, key: &str) -> Vec<Section<'s>> {
        let Some(value) = self.entries.get(key) else {
            return Vec::new();
        };
        let Value::Array(_, entries) = value else {
            self.fault(
                key,
                format!("is a list; its sections are written [[{key}]], with two brackets"),
            );
            return Vec::new();
        };
        let mut sections = Vec::with_capacity(entries.len());
        for (number, entry) in entries.iter().enumerate() {
            let Value::Dict(_, entries) = entry else {
                self.fault_in_list(key, number, format!("must be a table, is {}", type_name(entry)));
                continue;
            };
            let mut path = self.path_to(key);
            path.push(Step::Entry(number));
            let prefix = match entries.get("name").and_then(Value::as_str) {
                Some(name) => format!("{key} {} → ", shown(name)),
                None => format!("{key}[{number}]."),
            };
            sections.push(Section {
                check: self.check,
                entries,
                path,
                prefix,
            });
        }
        sections
    }

    /// Notes a fault for every key that none of `known` has.
    pub(super) fn refuse_unknown(&self, known: &[&Known]) {
        for key in self.entries.keys() {
            if !known.iter().any(|section| section.keys.contains(&key.as_str())) {
                let place = self.check.places.key(&self.path_to(key));
                let message = format!("unknown key; {}", known::advice(key, known));
                self.note(key, self.entries.get(key), place, &message);
            }
        }
    }

    /// Whether the key is there at all.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Whether the key was given by a variable and not in the file.
    pub(super) fn is_overridden(&self, key: &str) -> bool {
        self.entries
            .get(key)
            .is_some_and(|value| self.check.variable(value).is_some())
    }

    /// The keys in the order of the file.
    pub(super) fn keys(&self) -> Vec<&'s str> {
        let mut keys: Vec<&str> = self.entries.keys().map(String::as_str).collect();
        keys.sort_by_key(|key| self.check.places.key(&self.path_to(key)));
        keys
    }

    /// A text.
    pub(super) fn text(&self, key: &str) -> Option<&'s str> {
        let value = self.entries.get(key)?;
        let text = value.as_str();
        if text.is_none() {
            self.fault(key, format!("must be text in quotes, is {}", type_name(value)));
        }
        text
    }

    /// A text that cannot be left out; `what` says what it is good for.
    pub(super) fn required_text(&self, key: &str, what: &str) -> Option<&'s str> {
        if !self.has(key) {
            self.missing(key, what);
        }
        self.text(key)
    }

    /// A text, parsed. The parser's message says what is wrong and never repeats the text.
    pub(super) fn parsed<T>(&self, key: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        match parse(self.text(key)?) {
            Ok(parsed) => Some(parsed),
            Err(message) => {
                self.fault(key, message);
                None
            }
        }
    }

    /// One of some known words.
    pub(super) fn choice<T: Copy>(&self, key: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            self.fault(
                key,
                unknown_word(text, &words.iter().map(|(word, _)| *word).collect::<Vec<_>>()),
            );
        }
        found.map(|(_, meaning)| *meaning)
    }

    /// A whole number.
    pub(super) fn integer<T: TryFrom<i128>>(&self, key: &str) -> Option<T> {
        let value = self.entries.get(key)?;
        let Some(number) = integer_of(value) else {
            self.fault(key, format!("must be a whole number, is {}", type_name(value)));
            return None;
        };
        let fitting = T::try_from(number).ok();
        if fitting.is_none() {
            self.fault(key, format!("{number} is out of range"));
        }
        fitting
    }

    /// A list; each entry with its number, for [`Section::fault_in_list`].
    pub(super) fn list(&self, key: &str) -> Option<impl Iterator<Item = (usize, &'s Value)> + use<'s>> {
        let value = self.entries.get(key)?;
        let Value::Array(_, entries) = value else {
            self.fault(
                key,
                format!("must be a list in brackets, is {}", type_name(value)),
            );
            return None;
        };
        Some(entries.iter().enumerate())
    }

    /// A list of texts, each parsed; faulty ones are noted and left out.
    pub(super) fn parsed_list<T>(
        &self,
        key: &str,
        mut parse: impl FnMut(&str) -> Result<T, String>,
    ) -> Option<Vec<T>> {
        let mut list = Vec::new();
        for (number, value) in self.list(key)? {
            let parsed = match value.as_str() {
                Some(text) => parse(text),
                None => Err(format!("must be text in quotes, is {}", type_name(value))),
            };
            match parsed {
                Ok(parsed) => list.push(parsed),
                Err(message) => self.fault_in_list(key, number, message),
            }
        }
        Some(list)
    }

    /// Whether the key holds a list with nothing in it.
    pub(super) fn list_is_empty(&self, key: &str) -> bool {
        matches!(self.entries.get(key), Some(Value::Array(_, entries)) if entries.is_empty())
    }

    /// What kind of value stands at the key.
    fn type_of(&self, key: &str) -> &'static str {
        self.entries.get(key).map_or("nothing", type_name)
    }

    /// Whether the key holds a table.
    pub(super) fn is_table(&self, key: &str) -> bool {
        matches!(self.entries.get(key), Some(Value::Dict(..)))
    }

    /// Whether the table at the key came about by a dot in its key.
    pub(super) fn is_dotted(&self, key: &str) -> bool {
        self.check.places.is_dotted(&self.path_to(key))
    }

    /// `file:line:column` of the value, for messages of later stages.
    pub(super) fn place_of(&self, key: &str) -> String {
        let file = self.check.file.display();
        match self.check.places.value(&self.path_to(key)) {
            Some(place) => format!("{file}:{place}"),
            None => file.to_string(),
        }
    }

    /// Notes what is wrong with the value of a key, or with its absence.
    pub(super) fn fault(&self, key: &str, message: impl AsRef<str>) {
        let place = self.check.places.value(&self.path_to(key));
        self.note(key, self.entries.get(key), place, message.as_ref());
    }

    /// Notes what is wrong with one entry of a list.
    pub(super) fn fault_in_list(&self, key: &str, number: usize, message: impl AsRef<str>) {
        let mut path = self.path_to(key);
        path.push(Step::Entry(number));
        let place = self.check.places.value(&path);
        self.note(&format!("{key}[{number}]"), None, place, message.as_ref());
    }

    /// Notes that a key is missing; what stands wrong then is the head of the section.
    pub(super) fn missing(&self, key: &str, what: &str) {
        let place = self.check.places.value(&self.path);
        self.note(key, None, place, &format!("is missing: {what}"));
    }

    fn note(&self, key: &str, value: Option<&Value>, place: Option<Place>, message: &str) {
        let variable = |value: &Value| self.check.variable(value).map(str::to_owned);
        // A table carries the mark of a variable that reaches into it, though it stands in the file.
        let value_variable = value.filter(|value| value.as_dict().is_none()).and_then(variable);
        let (place, origin) = match (value_variable, place) {
            (Some(name), _) => (None, Some(name)),
            (None, Some(place)) => (Some(place), None),
            // A section that stands nowhere in the file was made by the variables in it, or left out.
            (None, None) => match value.into_iter().chain(self.entries.values()).find_map(variable) {
                Some(name) => (None, Some(name)),
                None => (self.check.places.innermost(&self.path), None),
            },
        };
        let file = self.check.file.display();
        let origin = match (origin, place) {
            (Some(variable), _) => variable,
            (None, Some(place)) => format!("{file}:{place}"),
            (None, None) => file.to_string(),
        };
        let text = format!("{origin}: {}{}: {message}", self.prefix, quoted_key(key));
        self.check.faults.borrow_mut().push(Fault { place, text });
    }

    fn path_to(&self, key: &str) -> Vec<Step> {
        let mut path = self.path.clone();
        path.push(Step::Key(key.to_owned()));
        path
    }
}
