//! `init`: a commented configuration to start from.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::error::{Doing, Error, Kind, Result};

/// Where it is written unless told otherwise: where every command looks for it first.
const FILE: &str = "shoptet-sync.toml";

/// The arguments of `init`.
#[derive(Debug, Clone, Args)]
pub struct InitArguments {
    /// Kind of contact database
    #[arg(long, value_enum, default_value_t)]
    pub target: ExampleTarget,
    /// How the shop is read
    #[arg(long, value_enum, default_value_t, conflicts_with = "fields")]
    pub source: ExampleSource,
    /// With fields and statuses of one's own instead of the default ones
    #[arg(long)]
    pub fields: bool,
    /// Print it instead of writing a file
    #[arg(long)]
    pub print: bool,
    /// Tell the result as JSON
    #[arg(long)]
    pub json: bool,
    /// File to write; without it the one of --config, else ./shoptet-sync.toml
    pub file: Option<PathBuf>,
}

/// The kinds of target that there is an example for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ExampleTarget {
    /// The embedded database
    #[default]
    Sqlite,
    /// A PostgreSQL database
    Postgres,
    /// Daktela, a contact centre
    Daktela,
    /// MiniCRM R3
    Minicrm,
}

/// The ways into a shop that there is an example for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ExampleSource {
    /// The permanent links, which every shop has
    #[default]
    Exports,
    /// The API with a Premium shop's private token
    ApiPrivate,
    /// The API of an add-on, and the permanent links
    ApiAddon,
    /// Several shops that share their people
    Group,
    /// Downloaded files only
    Files,
}

/// Writes or prints the example; refuses to overwrite a file. `config` is what `--config` says.
///
/// # Errors
/// [`Kind::Configuration`] when the file exists already; [`Kind::Disk`] when it cannot be written.
pub fn run(arguments: &InitArguments, config: Option<&Path>, stdout: &mut dyn Write) -> Result<()> {
    let example = example(arguments);
    let printed =
        |written: std::io::Result<()>| written.doing(Kind::Disk, || "printing the configuration".to_owned());
    if arguments.print {
        return printed(match arguments.json {
            true => writeln!(stdout, "{}", json!({ "configuration": example })),
            false => stdout.write_all(example.as_bytes()),
        });
    }
    let path = arguments.file.as_deref().or(config).unwrap_or(Path::new(FILE));
    write_new(path, example)?;
    printed(match arguments.json {
        true => writeln!(stdout, "{}", json!({ "written": path })),
        false => writeln!(
            stdout,
            "wrote {}: fill it in, then run `shoptet-sync check`",
            path.display()
        ),
    })
}

/// The example as it stands in the folder `config`, where a test loads each of them.
fn example(arguments: &InitArguments) -> &'static str {
    match arguments.target {
        ExampleTarget::Postgres => include_str!("../../config/postgres.toml"),
        ExampleTarget::Daktela => include_str!("../../config/daktela.toml"),
        ExampleTarget::Minicrm => include_str!("../../config/minicrm.toml"),
        ExampleTarget::Sqlite if arguments.fields => include_str!("../../config/sqlite-fields.toml"),
        ExampleTarget::Sqlite => match arguments.source {
            ExampleSource::Exports => include_str!("../../config/exports.toml"),
            ExampleSource::ApiPrivate => include_str!("../../config/api-private.toml"),
            ExampleSource::ApiAddon => include_str!("../../config/api-addon.toml"),
            ExampleSource::Group => include_str!("../../config/group-of-shops.toml"),
            ExampleSource::Files => include_str!("../../config/from-files.toml"),
        },
    }
}

/// Only the owner may read the file, for secrets will be written into it; it appears whole or not at all.
fn write_new(path: &Path, text: &str) -> Result<()> {
    let doing = || format!("writing the configuration {}", path.display());
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        Some(_) | None => Path::new("."),
    };
    let mut draft = tempfile::NamedTempFile::new_in(folder).doing(Kind::Disk, doing)?;
    draft.write_all(text.as_bytes()).doing(Kind::Disk, doing)?;
    draft.as_file().sync_all().doing(Kind::Disk, doing)?;
    match draft.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(fault) if fault.error.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(
                Error::new(Kind::Configuration, doing(), "the file exists already")
                    .with_hint("name another file, or see the example with --print"),
            )
        }
        Err(fault) => Err(Error::new(Kind::Disk, doing(), fault.error)),
    }
}
