//! Finds the file, lays the variables over it, and turns the result into settings.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};

use super::check::{Check, Fault, doing, refused};
use super::environment::Environment;
use super::place::take_apart;
use super::section::Section;
use super::{Config, notify, permissions, schedule, server, shop, target};
use crate::error::{Doing, Error, Kind, Result};

/// The file in the folder where a command is run.
const HERE: &str = "shoptet-sync.toml";
/// The file of an installed service.
const INSTALLED: &str = "/etc/shoptet-sync/config.toml";
/// Names another file.
const VARIABLE: &str = "SHOPTET_SYNC_CONFIG";
/// The state's folder when nothing says otherwise.
const STATE_DIR: &str = "shoptet-sync-state";
/// The lists, whose entries no variable can name.
const LISTS: [&str; 3] = ["shop", "target", "notify"];
/// Bytes; a configuration of a thousand shops is smaller.
const LARGEST_FILE: u64 = 4 << 20;

/// Loads the configuration: `explicit` (`--config`), else `$SHOPTET_SYNC_CONFIG`, else
/// `./shoptet-sync.toml`, else `/etc/shoptet-sync/config.toml`.
///
/// # Errors
/// [`Kind::Configuration`] when there is no file or anything in it is wrong; the cause lists every
/// fault found, one a line.
pub fn load(explicit: Option<&Path>) -> Result<Config> {
    let environment = Environment::of_process();
    from_path(&find(explicit, &environment, [HERE, INSTALLED])?, &environment)
}

/// Loads one file.
///
/// # Errors
/// As [`load`].
pub fn from_path(path: &Path, environment: &Environment) -> Result<Config> {
    let text = read(path)?;
    let (mut config, literal_secret) = compose(&text, path, environment)?;
    if literal_secret {
        config.warnings.extend(permissions::warning(path));
    }
    Ok(config)
}

/// Loads a configuration from text, as if it stood in `path`.
///
/// # Errors
/// As [`load`].
pub fn from_str(text: &str, path: &Path, environment: &Environment) -> Result<Config> {
    compose(text, path, environment).map(|(config, _)| config)
}

fn find(explicit: Option<&Path>, environment: &Environment, usual: [&str; 2]) -> Result<PathBuf> {
    if let Some(path) = explicit {
        return Ok(path.to_owned());
    }
    if let Some(path) = environment.path(VARIABLE) {
        return Ok(path);
    }
    for path in usual.map(PathBuf::from) {
        // A file that cannot be looked at is found: reading it says why.
        match path.try_exists() {
            Ok(false) => {}
            Ok(true) | Err(_) => return Ok(path),
        }
    }
    let [here, installed] = usual;
    let here = std::path::absolute(here).unwrap_or_else(|_| PathBuf::from(here));
    let cause = format!(
        "there is neither {} nor {installed}, and neither --config nor ${VARIABLE} names another file",
        here.display()
    );
    Err(
        Error::new(Kind::Configuration, "looking for the configuration", cause)
            .with_hint("`shoptet-sync init` writes one to start from, or name yours with --config FILE"),
    )
}

/// There is no file where somebody said that there is one.
fn missing(path: &Path, doing: String) -> Error {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let folder = whole.parent().filter(|folder| !folder.is_dir());
    let cause = match folder {
        Some(folder) => format!("there is no folder {}", folder.display()),
        None => format!("there is no file {}", whole.display()),
    };
    Error::new(Kind::Configuration, doing, cause).with_hint(format!(
        "check the name given by --config or ${VARIABLE}; a relative one starts at the folder in which the command is \
         run. `shoptet-sync init FILE` writes one to start from"
    ))
}

fn read(path: &Path) -> Result<String> {
    let doing = || format!("reading the configuration {}", path.display());
    let mut bytes = Vec::new();
    let file = match std::fs::File::open(path) {
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => return Err(missing(path, doing())),
        opened => opened.doing(Kind::Configuration, doing)?,
    };
    let mut capped = file.take(LARGEST_FILE.saturating_add(1));
    capped.read_to_end(&mut bytes).doing(Kind::Configuration, doing)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LARGEST_FILE {
        return Err(Error::new(Kind::Configuration, doing(), "larger than 4 MiB"));
    }
    String::from_utf8(bytes).map_err(|fault| {
        let valid = fault
            .as_bytes()
            .get(..fault.utf8_error().valid_up_to())
            .unwrap_or_default();
        let line = valid
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            .saturating_add(1);
        Error::new(Kind::Configuration, doing(), format!("line {line} is not UTF-8"))
            .with_hint("save the file as UTF-8")
    })
}

/// Also tells whether the file holds a secret in plain text.
fn compose(text: &str, path: &Path, environment: &Environment) -> Result<(Config, bool)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (values, places) = take_apart(text).map_err(|fault| {
        let text = format!("{}:{}: syntax: {}", path.display(), fault.place, fault.message);
        refused(path, vec![Fault { place: None, text }])
    })?;
    let mut faults = Vec::new();
    let figment = layered(values, path, environment, &mut faults);
    let entries = match figment
        .find_value("")
        .doing(Kind::Configuration, || doing(path))?
    {
        Value::Dict(_, entries) => entries,
        _ => Dict::new(),
    };
    let check = Check {
        file: path,
        places: &places,
        environment,
        figment: &figment,
        literal_secret: false.into(),
        warnings: Vec::new().into(),
        warnings_of_reading: Vec::new().into(),
        faults: faults.into(),
    };
    let config = settings(&Section::top(&check, &entries));
    let faults = check.faults.into_inner();
    match config {
        Some(mut config) if faults.is_empty() => {
            config.warnings = check.warnings.into_inner();
            config.warnings_of_reading = check.warnings_of_reading.into_inner();
            Ok((config, check.literal_secret.get()))
        }
        _ => Err(refused(path, faults)),
    }
}

/// Every section is read before the first missing one ends it, so that all faults are found; what
/// has no value here because of a fault is never used.
fn settings(top: &Section) -> Option<Config> {
    let schedule = schedule::read(top);
    let server = server::read(top);
    let shops = shop::read_all(top);
    let state_dir = state_dir(top);
    let around = target::Around {
        shops: &shops,
        state_dir: state_dir.as_deref().unwrap_or(Path::new("")),
        timezone: schedule.as_ref().map_or("", |schedule| &schedule.timezone),
    };
    let targets = target::read_all(top, &around);
    let notify = notify::read_all(top);
    Some(Config {
        path: top.check.file.to_owned(),
        state_dir: state_dir?,
        schedule: schedule?,
        server,
        shops: shops
            .into_iter()
            .map(|shop| shop.settings)
            .collect::<Option<_>>()?,
        targets: targets.into_iter().collect::<Option<_>>()?,
        notify: notify.into_iter().collect::<Option<_>>()?,
        warnings: Vec::new(),
        warnings_of_reading: Vec::new(),
    })
}

fn state_dir(top: &Section) -> Option<PathBuf> {
    let folder = top.check.file.parent().unwrap_or(Path::new(""));
    if top.has("state_dir") {
        return top.parsed("state_dir", |text| match text {
            "" => Err("is empty: name the folder of the state".to_owned()),
            text => Ok(folder.join(text)),
        });
    }
    // systemd lists several folders with colons between them; the first is the unit's main one.
    let from_service = top.check.environment.path("STATE_DIRECTORY").and_then(|folders| {
        let first = folders.to_str()?.split(':').next()?.to_owned();
        Some(PathBuf::from(first))
    });
    Some(from_service.unwrap_or_else(|| folder.join(STATE_DIR)))
}

/// The file with every variable laid over it.
fn layered(values: Dict, path: &Path, environment: &Environment, faults: &mut Vec<Fault>) -> Figment {
    let mut figment = Figment::from(Layer {
        metadata: Metadata::from("configuration file", path),
        values,
    });
    for (variable, keys, value) in environment.overrides() {
        let mut fault = |text: &str| {
            faults.push(Fault {
                place: None,
                text: format!("{variable}: {text}"),
            });
        };
        let Some(value) = value.to_str() else {
            fault("is not UTF-8");
            continue;
        };
        if keys.first().is_some_and(|first| LISTS.contains(&first.as_str())) {
            fault("no variable reaches into a list; write { env = \"NAME\" } at the key in the file");
            continue;
        }
        let innermost = Value::from(value);
        let nested = keys
            .into_iter()
            .rev()
            .fold(innermost, |value, key| Dict::from([(key, value)]).into());
        if let Value::Dict(_, values) = nested {
            figment = figment.merge(Layer {
                metadata: Metadata::named(variable.to_owned()),
                values,
            });
        }
    }
    figment
}

/// The file, or one variable: figment remembers for every value which of them it came from.
struct Layer {
    metadata: Metadata,
    values: Dict,
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        self.metadata.clone()
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        Ok(Profile::Default.collect(self.values.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_looked_for_in_order() {
        let variable = Environment::of([(VARIABLE, "/srv/sync.toml")]);
        let none = Environment::of([(VARIABLE, "")]);
        let here = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        let usual = ["missing.toml", here];
        assert_eq!(
            find(Some(Path::new("my.toml")), &variable, usual).unwrap(),
            Path::new("my.toml")
        );
        assert_eq!(find(None, &variable, usual).unwrap(), Path::new("/srv/sync.toml"));
        assert_eq!(find(None, &none, usual).unwrap(), Path::new(here));
        let error = find(None, &none, ["missing.toml", "missing-too.toml"]).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        let told = error.to_string();
        let here = std::env::current_dir().unwrap().join("missing.toml");
        assert!(
            told.contains(&format!("neither {} nor missing-too.toml", here.display())),
            "{told}"
        );
        assert!(told.contains("--config") && told.contains(VARIABLE), "{told}");
        assert!(told.contains("shoptet-sync init"), "{told}");
    }

    #[test]
    fn a_file_that_is_not_there_is_named_in_full() {
        let error = read(Path::new("nowhere.toml")).unwrap_err();
        let whole = std::env::current_dir().unwrap().join("nowhere.toml");
        assert_eq!(error.exit_code(), 2);
        assert_eq!(error.cause(), format!("there is no file {}", whole.display()));
        assert!(error.hint().contains("shoptet-sync init FILE"), "{error}");
        let error = read(Path::new("/no/such/folder/sync.toml")).unwrap_err();
        assert_eq!(error.cause(), "there is no folder /no/such/folder");
    }
}
