//! What is found while one configuration is checked, and how it is told at the end.

use std::cell::{Cell, RefCell};
use std::path::Path;

use figment::Figment;
use figment::value::Value;

use super::environment::Environment;
use super::place::{Place, Places};
use crate::error::{Error, Kind};

/// What all sections of one configuration share.
pub(super) struct Check<'c> {
    /// The configuration file.
    pub(super) file: &'c Path,
    pub(super) places: &'c Places,
    pub(super) environment: &'c Environment,
    pub(super) figment: &'c Figment,
    /// Whether the file holds a secret in plain text.
    pub(super) literal_secret: Cell<bool>,
    pub(super) warnings: RefCell<Vec<String>>,
    pub(super) warnings_of_reading: RefCell<Vec<String>>,
    pub(super) faults: RefCell<Vec<Fault>>,
}

/// Something wrong with the configuration.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fault {
    /// For the order of telling; what came by a variable stands first.
    pub(super) place: Option<Place>,
    /// Place, key, what is wrong and what to do.
    pub(super) text: String,
}

impl Check<'_> {
    pub(super) fn warn(&self, warning: String) {
        let mut warnings = self.warnings.borrow_mut();
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }

    /// The variable that a value came from, unless it came from the file.
    pub(super) fn variable(&self, value: &Value) -> Option<&str> {
        let metadata = self.figment.get_metadata(value.tag())?;
        match metadata.source {
            Some(_) => None,
            None => Some(&metadata.name),
        }
    }
}

/// One error of all faults, in the order of the file.
pub(super) fn refused(path: &Path, mut faults: Vec<Fault>) -> Error {
    faults.sort();
    faults.dedup();
    let cause = match faults.as_slice() {
        [fault] => fault.text.clone(),
        faults => {
            let lines: Vec<String> = faults.iter().map(|fault| format!("\n  {}", fault.text)).collect();
            format!("{} faults{}\n", faults.len(), lines.concat())
        }
    };
    Error::new(Kind::Configuration, doing(path), cause)
}

pub(super) fn doing(path: &Path) -> String {
    format!("loading the configuration {}", path.display())
}
