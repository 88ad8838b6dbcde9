//! Files that a person downloaded: looked at before anything is read, and told about in words that fit
//! them. Nobody but that person can bring a better one, so whatever is wrong with one calls for them.

use std::fs::{File, Metadata};
use std::io::ErrorKind;
use std::path::Path;

use jiff::Timestamp;

use super::pull::{Origin, ReadFile};
use crate::error::{Doing, Error, Kind, Result};
use crate::source::Section;
use crate::source::document::{self, Locale};

/// A file that a person gave, whose beginning is that of a document of this section. Without `as_of` it
/// speaks of its modification time.
///
/// # Errors
/// [`Kind::BadFile`] when it is missing, cannot be read, is empty, or begins as something else.
pub(super) fn given(
    section: Section,
    path: &Path,
    locale: &Locale,
    as_of: Option<Timestamp>,
) -> Result<ReadFile> {
    let doing = || format!("reading {} from {}", section.as_str(), path.display());
    let found =
        opened(path).map_err(|(cause, hint)| Error::new(Kind::BadFile, doing(), cause).with_hint(hint))?;
    document::look(path, section, locale).map_err(told)?;
    let modified = || {
        let modified = found.modified().doing(Kind::BadFile, doing)?;
        Timestamp::try_from(modified).doing(Kind::BadFile, doing)
    };
    let read_at = as_of.map_or_else(modified, Ok)?;
    Ok(ReadFile {
        path: path.to_owned(),
        read_at,
        read_to: read_at,
        source: "a file".to_owned(),
        origin: Origin::Given,
        complete: true,
        is_meant: true,
    })
}

/// What is known about a file that can be read, else the cause and what to do about it.
fn opened(path: &Path) -> std::result::Result<Metadata, (String, &'static str)> {
    let unreadable = |cause: std::io::Error| match cause.kind() {
        ErrorKind::NotFound => (
            "there is no such file".to_owned(),
            "check the name; a relative one starts at the folder in which the command is run",
        ),
        ErrorKind::PermissionDenied => (
            "this user may not read it".to_owned(),
            "give the user who runs the command the right to read the file and to enter its folder",
        ),
        _ => (
            cause.to_string(),
            "see whether another program can read the file, then run the command again",
        ),
    };
    let found = std::fs::metadata(path).map_err(unreadable)?;
    if found.is_dir() {
        return Err(("it is a folder".to_owned(), "name the file inside it"));
    }
    // A pipe would wait for its writer here, and have nothing left when it is read again.
    if !found.is_file() {
        return Err((
            "it is a pipe or a device, and a document is read more than once".to_owned(),
            "save it to a file first",
        ));
    }
    File::open(path).map_err(unreadable)?;
    Ok(found)
}

/// A failure of a document, told to whoever gave the file.
pub(super) fn told(error: Error) -> Error {
    let hint = match error.kind() {
        Kind::Truncated => {
            "the download broke off or is still going on: download it again, and import it once it is whole"
        }
        Kind::Damaged => {
            "download it again, and import it as the shop sent it: other programs change a file that they save"
        }
        Kind::NotData => {
            "download the export itself: it begins with its root element, its header line or its first record"
        }
        Kind::TooLarge => "no shop's export swells so much: download it again",
        _ => return error,
    };
    let doing = error.doing().to_owned();
    error.or_hint(hint).seen_as(Kind::BadFile, doing)
}
