//! What the configuration takes from the environment, as a value: tests give their own.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// What stands before every key that is given by a variable.
const OVERRIDE: &str = "SHOPTET_SYNC__";

/// The environment's variables.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, OsString>);

impl Environment {
    /// The environment of this process.
    pub fn of_process() -> Self {
        let variables = std::env::vars_os();
        Self(
            variables
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
                .collect(),
        )
    }

    /// An environment of one's own.
    pub fn of<N: Into<String>, V: Into<OsString>>(variables: impl IntoIterator<Item = (N, V)>) -> Self {
        Self(
            variables
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }

    /// The value of a variable.
    pub(super) fn value(&self, name: &str) -> Option<&OsStr> {
        self.0.get(name).map(OsString::as_os_str)
    }

    /// A variable that names a folder or a file; an empty one counts as none.
    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.value(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    }

    /// Every `SHOPTET_SYNC__SECTION__KEY`: the variable, its keys in lower case, its value.
    pub(super) fn overrides(&self) -> impl Iterator<Item = (&str, Vec<String>, &OsStr)> {
        self.0.iter().filter_map(|(name, value)| {
            let keys = name.strip_prefix(OVERRIDE)?;
            let keys = keys.split("__").map(str::to_lowercase).collect();
            Some((name.as_str(), keys, value.as_os_str()))
        })
    }
}

impl std::fmt::Debug for Environment {
    /// Names only: the values of an environment are full of secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
