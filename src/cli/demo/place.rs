//! The folder of a demonstration: its configuration, its contact database, and what to try there.

use std::hash::Hasher;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use xxhash_rust::xxh3::Xxh3Default;

use crate::demo::SimulatedShop;
use crate::demo::shown::ContactDatabase;
use crate::error::{Doing, Error, Kind, Result};

/// Where everything is.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Place {
    /// The configuration that was written.
    pub configuration: PathBuf,
    /// The contact database.
    pub database: PathBuf,
    /// Lines to try in a terminal.
    pub commands: Vec<String>,
}

impl Place {
    /// Makes the folder and writes a configuration for this shop into it.
    ///
    /// # Errors
    /// When the folder holds something already, or cannot be written.
    pub(super) fn prepare(folder: Option<&Path>, shop: &SimulatedShop) -> Result<Self> {
        let doing = || "making the folder of the demonstration".to_owned();
        let folder = match folder {
            Some(folder) => {
                std::fs::create_dir_all(folder).doing(Kind::Disk, doing)?;
                let folder = folder.canonicalize().doing(Kind::Disk, doing)?;
                refuse_used(&folder)?;
                folder
            }
            None => tempfile::Builder::new()
                .prefix("shoptet-sync-demo-")
                .tempdir()
                .doing(Kind::Disk, doing)?
                .keep(),
        };
        let configuration = folder.join("shoptet-sync.toml");
        write_for_its_owner(&configuration, &configuration_for(shop))?;
        Ok(Self {
            database: folder.join("contacts.db"),
            configuration,
            commands: Vec::new(),
        })
    }

    /// The same with commands to try: for somebody with several orders, so that there is something to see.
    pub(super) fn with_queries(self, database: &ContactDatabase) -> Self {
        let live = database
            .contacts
            .values()
            .filter(|contact| contact.merged_into.is_empty());
        let busiest = live
            .filter(|contact| !contact.email.is_empty())
            .max_by_key(|contact| (contact.orders_count, &contact.email));
        let email = busiest.map_or("", |contact| contact.email.as_str());
        let quoted_email = email.replace('\'', "''");
        let sqlite = format!("sqlite3 -box {}", for_the_shell(&self.database.to_string_lossy()));
        let query = |sql: &str| format!("{sqlite} {}", for_the_shell(sql));
        let commands = vec![
            query(
                "SELECT full_name, email, orders_count, orders_total FROM contacts ORDER BY orders_count DESC LIMIT 8",
            ),
            query(&format!(
                "SELECT code, status, total, currency FROM orders JOIN contacts ON contacts.key = contact_key \
                 WHERE email = '{quoted_email}' ORDER BY placed_at"
            )),
            format!(
                "{} --config {} explain {}",
                for_the_shell(&this_program()),
                for_the_shell(&self.configuration.to_string_lossy()),
                for_the_shell(email)
            ),
        ];
        Self { commands, ..self }
    }

    /// A hash of every byte of the database.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn fingerprint(&self) -> Result<u64> {
        let read = || -> std::io::Result<u64> {
            let mut file = std::fs::File::open(&self.database)?;
            let mut hasher = Xxh3Default::new();
            let mut piece = vec![0; 1 << 16];
            loop {
                match file.read(&mut piece)? {
                    0 => return Ok(hasher.finish()),
                    length => hasher.write(piece.get(..length).unwrap_or_default()),
                }
            }
        };
        read().doing(Kind::Disk, || format!("reading {}", self.database.display()))
    }
}

fn refuse_used(folder: &Path) -> Result<()> {
    let doing = || format!("using the folder {}", folder.display());
    let mut entries = std::fs::read_dir(folder).doing(Kind::Disk, doing)?;
    if entries.next().is_none() {
        return Ok(());
    }
    Err(
        Error::new(Kind::Configuration, doing(), "it is not empty").with_hint(
            "name a new folder: the simulated shop is another one each time, and would not go with what is there",
        ),
    )
}

/// It holds a token and a hash, and shows how a file with secrets is kept.
fn write_for_its_owner(path: &Path, text: &str) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .doing(Kind::Disk, || format!("writing {}", path.display()))
}

fn configuration_for(shop: &SimulatedShop) -> String {
    let (token, hash) = shop.change(|world| {
        let doors = &world.doors;
        (
            doors.private_token.clone().unwrap_or_default(),
            doors.orders_hash.clone(),
        )
    });
    let (url, api) = (shop.url(), shop.api_url());
    format!(
        r#"# Written by `shoptet-sync demo`. The simulated shop ended with the demonstration, so nothing can
# be imported from it any more; what was imported is here, for every command that only looks.

state_dir = "."                           # beside this file: the state, and the contact database

[[shop]]
name    = "main"
url     = "{url}"       # a real one: https://1234.myshoptet.com
country = "CZ"                            # for phone numbers written without a prefix

[shop.api]                                # customers come through the API of a Premium shop …
base_url      = "{api}"       # left out for a real shop
private_token = "{token}"
job_webhook   = "{url}/empty.html"

[shop.exports]                            # … and orders through the permanent link, which every shop has
partner_id     = 3
orders_hash    = "{hash}"
orders_pattern = -11                      # the system's XML
min_interval   = "0s"                     # a real shop allows one full export in 15 minutes

[shop.customers]
source = "api"

[shop.orders]
source = "feed"

[[target]]
name = "contacts"
kind = "sqlite"
path = "contacts.db"
"#
    )
}

/// The program as it was called, so that the line works from the same folder.
fn this_program() -> String {
    let called = std::env::args_os().next();
    called.map_or_else(
        || "shoptet-sync".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

fn for_the_shell(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-@:+".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    // In double quotes, since the text is SQL with single ones; what the shell would replace is escaped.
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        if "\"\\$`".contains(letter) {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::for_the_shell;

    #[test]
    fn lines_to_try_survive_the_shell() {
        assert_eq!(
            for_the_shell("/tmp/demo-1/contacts.db"),
            "/tmp/demo-1/contacts.db"
        );
        assert_eq!(for_the_shell("/tmp/my demo"), "\"/tmp/my demo\"");
        assert_eq!(for_the_shell("a'b$c`d\"e\\"), "\"a'b\\$c\\`d\\\"e\\\\\"");
        assert_eq!(for_the_shell(""), "\"\"");
    }
}
