//! Downloads on disk: what the shop sent, as it came, until it is committed.
//!
//! A download grows as `SECTION.part`; it counts only when its bytes are on the disk under
//! `SECTION.data` and `SECTION.json` beside it says what it is. A process killed at any moment
//! leaves either a complete download or nothing that counts.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncSeekExt as _, AsyncWriteExt as _};

use crate::error::{Doing as _, Kind, Result};

/// What a download holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Section {
    /// Registered customers.
    Customers,
    /// Orders.
    Orders,
}

impl Section {
    /// Its name in files, addresses and messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Orders => "orders",
        }
    }
}

/// How a download was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DownloadSource {
    /// A snapshot job of the API: JSON lines, usually gzip.
    ApiSnapshot,
    /// The paged list and each detail: JSON lines like a snapshot's.
    ApiPaged,
    /// A permanent link: XML or CSV.
    Export,
}

/// What of a section a download holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// Every record (of the days asked for).
    Whole,
    /// What changed from this moment on: it says nothing of a record that it lacks.
    ChangedSince(Timestamp),
    /// The same, from a link that may not tell it again.
    FeedSince(Timestamp),
}

/// A complete download.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Download {
    /// Where its bytes are.
    #[serde(skip)]
    pub path: PathBuf,
    /// What it holds.
    pub section: Section,
    /// How it was made.
    pub source: DownloadSource,
    /// Noted before the request: what the shop changes from here on may be missing.
    pub requested_at: Timestamp,
    /// How far the shop is read once this is stored: the same moment by the shop's clock, where that
    /// is behind ours. What the next reading of changes is asked with.
    pub cursor: Timestamp,
    /// What of the section it holds.
    pub extent: Extent,
    /// The shop it is of.
    pub shop_url: String,
    /// First order date asked for, inclusive.
    pub since: Option<Date>,
    /// Last order date asked for, inclusive.
    pub until: Option<Date>,
    /// Whether what is missing in it (within since and until) is missing in the shop.
    pub complete: bool,
    /// Size; 0 when the shop has no such record.
    pub bytes: u64,
}

/// The folder of one shop's downloads. One process uses it at a time.
#[derive(Debug, Clone)]
pub struct Spool {
    folder: PathBuf,
    /// Where it is noted when the shop was asked last.
    turns: PathBuf,
}

impl Spool {
    /// Opens the folder and makes it where it is missing.
    ///
    /// # Errors
    /// [`Kind::Disk`] when it cannot be made.
    pub fn open(folder: &Path) -> Result<Self> {
        let doing = || format!("opening the spool {}", folder.display());
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .doing(Kind::Disk, doing)?;
        // An existing folder may be more open than it should be: what lies here is about people.
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).doing(Kind::Disk, doing)?;
        Ok(Self {
            folder: folder.to_owned(),
            turns: folder.to_owned(),
        })
    }

    /// A spool in another folder for downloads of the same shop: it keeps its pauses together with
    /// this one, for the shop counts requests, not folders.
    ///
    /// # Errors
    /// [`Kind::Disk`] when the folder cannot be made.
    pub fn beside(&self, folder: &Path) -> Result<Self> {
        Ok(Self {
            turns: self.turns.clone(),
            ..Self::open(folder)?
        })
    }

    /// Removes what a killed process left. For a run at its start, and only for one that holds the
    /// lock: to any other process these may be the files of a download under way.
    ///
    /// # Errors
    /// [`Kind::Disk`] when they cannot be removed.
    pub fn remove_leftovers(&self) -> Result<()> {
        let doing = || format!("cleaning the spool {}", self.folder.display());
        for entry in fs::read_dir(&self.folder).doing(Kind::Disk, doing)? {
            let path = entry.doing(Kind::Disk, doing)?.path();
            let kind = path.extension().and_then(|extension| extension.to_str());
            let leftover = match kind {
                Some("new") => true,
                // A reading one by one goes on with these, and its note says how far it came.
                Some("part" | "list") => !path.with_extension("reading.json").exists(),
                Some("data") => !path.with_extension("json").exists(),
                _ => false,
            };
            if leftover {
                remove(&path)?;
            }
        }
        Ok(())
    }

    /// The complete download of a section that was not committed yet.
    ///
    /// # Errors
    /// [`Kind::Disk`] when it cannot be read.
    pub fn complete(&self, section: Section) -> Result<Option<Download>> {
        self.described(section.as_str())
    }

    /// The download under a name whose data is all there.
    pub(super) fn described(&self, name: &str) -> Result<Option<Download>> {
        let Some(mut download) = self.recall::<Download>(name)? else {
            return Ok(None);
        };
        download.path = self.file(name, "data");
        match fs::metadata(&download.path) {
            Ok(found) if found.len() == download.bytes => Ok(Some(download)),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).doing(Kind::Disk, || format!("looking at {}", download.path.display())),
        }
    }

    /// Removes the download of a section: it is committed, or no longer wanted.
    ///
    /// # Errors
    /// [`Kind::Disk`] when it cannot be removed.
    pub fn discard(&self, section: Section) -> Result<()> {
        // The description goes first: data without one is a leftover, never a download.
        self.forget(section.as_str())?;
        remove(&self.file(section.as_str(), "data"))
    }

    /// Removes what arrived of a download that was never complete.
    ///
    /// # Errors
    /// [`Kind::Disk`] when it cannot be removed.
    pub fn discard_unfinished(&self, section: Section) -> Result<()> {
        self.forget_reading(section)?;
        remove(&self.file(section.as_str(), "part"))
    }

    /// Starts a download; an earlier one of the section, complete or not, is gone from here on.
    pub(super) async fn begin(&self, section: Section) -> Result<Incoming> {
        self.discard(section)?;
        self.forget_reading(section)?;
        let path = self.file(section.as_str(), "part");
        let file = tokio::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)
            .await
            .doing(Kind::Disk, || format!("creating {}", path.display()))?;
        Ok(Incoming {
            spool: self.clone(),
            section,
            path,
            file,
            bytes: 0,
            blank: true,
        })
    }

    /// Goes on with a download of which `bytes` are known to be right; `None` when they are not there.
    pub(super) async fn go_on(&self, section: Section, bytes: u64) -> Result<Option<Incoming>> {
        let path = self.file(section.as_str(), "part");
        let doing = || format!("going on with {}", path.display());
        let mut file = match tokio::fs::OpenOptions::new().write(true).open(&path).await {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).doing(Kind::Disk, doing),
        };
        if file.metadata().await.doing(Kind::Disk, doing)?.len() < bytes {
            return Ok(None);
        }
        file.set_len(bytes).await.doing(Kind::Disk, doing)?;
        file.seek(io::SeekFrom::End(0)).await.doing(Kind::Disk, doing)?;
        Ok(Some(Incoming {
            spool: self.clone(),
            section,
            path,
            file,
            bytes,
            blank: bytes == 0,
        }))
    }

    /// Forgets how far a reading one by one came: it is complete, or another download replaces it.
    pub(super) fn forget_reading(&self, section: Section) -> Result<()> {
        self.forget(&reading_note(section))?;
        remove(&self.file(section.as_str(), "list"))
    }

    /// The list of what a download shall hold, to be read and written.
    pub(super) fn list(&self, section: Section) -> Result<fs::File> {
        let path = self.file(section.as_str(), "list");
        fs::OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .doing(Kind::Disk, || format!("opening {}", path.display()))
    }

    /// Whether it goes again with the run that made it.
    pub(super) fn is_aside(&self) -> bool {
        self.folder != self.turns
    }

    /// The folder that notes when the shop was asked last.
    pub(super) fn of_turns(&self) -> Self {
        Self {
            folder: self.turns.clone(),
            turns: self.turns.clone(),
        }
    }

    /// Reads a small note, `None` when there is none or it is not readable as one.
    pub(super) fn recall<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let path = self.file(name, "json");
        match fs::read(&path) {
            // A note that no longer parses (another version wrote it) is worth a new download, not a stop.
            Ok(text) => Ok(serde_json::from_slice(&text).ok()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).doing(Kind::Disk, || format!("reading {}", path.display())),
        }
    }

    /// Writes a small note durably.
    pub(super) fn remember<T: Serialize>(&self, name: &str, note: &T) -> Result<()> {
        let path = self.file(name, "json");
        let doing = || format!("writing {}", path.display());
        let text = serde_json::to_vec_pretty(note).doing(Kind::Disk, doing)?;
        let fresh = self.file(name, "new");
        let written = || -> io::Result<()> {
            let mut file = fs::OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&fresh)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&fresh, &path)
        };
        written().doing(Kind::Disk, doing)?;
        self.sync_folder()
    }

    /// Removes a small note.
    pub(super) fn forget(&self, name: &str) -> Result<()> {
        remove(&self.file(name, "json"))
    }

    pub(super) fn file(&self, name: &str, extension: &str) -> PathBuf {
        self.folder.join(format!("{name}.{extension}"))
    }

    fn sync_folder(&self) -> Result<()> {
        fs::File::open(&self.folder)
            .and_then(|folder| folder.sync_all())
            .doing(Kind::Disk, || {
                format!("syncing the folder {}", self.folder.display())
            })
    }
}

/// A download that is still arriving.
pub(super) struct Incoming {
    spool: Spool,
    section: Section,
    path: PathBuf,
    file: tokio::fs::File,
    bytes: u64,
    /// Whether nothing but white space has arrived.
    blank: bool,
}

impl Incoming {
    /// Appends.
    pub async fn write(&mut self, piece: &[u8]) -> Result<()> {
        self.bytes = self.bytes.saturating_add(piece.len() as u64);
        self.blank = self.blank && piece.trim_ascii().is_empty();
        self.file
            .write_all(piece)
            .await
            .doing(Kind::Disk, || format!("writing {}", self.path.display()))
    }

    /// Whether nothing but white space has arrived.
    pub fn is_blank(&self) -> bool {
        self.blank
    }

    /// Makes what was written so far durable; returns how many bytes that is.
    pub async fn sync(&mut self) -> Result<u64> {
        let doing = || format!("writing {}", self.path.display());
        // Tokio reports a failed write only at the next one: flush first, lest a full disk is missed.
        self.file.flush().await.doing(Kind::Disk, doing)?;
        self.file.sync_all().await.doing(Kind::Disk, doing)?;
        Ok(self.bytes)
    }

    /// Makes it durable and complete; path and size are filled in.
    pub async fn finish(mut self, description: Download) -> Result<Download> {
        self.sync().await?;
        let download = Download {
            path: self.spool.file(self.section.as_str(), "data"),
            bytes: self.bytes,
            ..description
        };
        fs::rename(&self.path, &download.path)
            .doing(Kind::Disk, || format!("writing {}", download.path.display()))?;
        self.spool.remember(self.section.as_str(), &download)?;
        Ok(download)
    }
}

/// The note of how far a reading one by one came; with it, an incomplete download is worth keeping.
pub(super) fn reading_note(section: Section) -> String {
    format!("{}.reading", section.as_str())
}

pub(super) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).doing(Kind::Disk, || format!("removing {}", path.display()))
        }
        _ => Ok(()),
    }
}
