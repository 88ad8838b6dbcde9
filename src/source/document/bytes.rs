//! The bytes of a document: from the file, unpacked, decoded to UTF-8, in a window that moves along.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use super::encoding::Decoding;
use super::{Content, Progress};
use crate::error::{Doing, Error, Kind, Result};

/// How much is appended to the window at a time, in bytes.
const CHUNK: usize = 128 << 10;

/// How much the unpacking takes from the file at a time, in bytes; reading past it needs no copy.
const PACKED_CHUNK: usize = 32 << 10;

/// Unpacked, no export of a real shop comes near this, in bytes.
const UNPACKED_CAP: u64 = 16 << 30;

/// Exports shrink to about a tenth; what swells more than this is a bomb.
const UNPACKED_RATIO: u64 = 200;

/// The ratio says nothing about small files, in bytes unpacked.
const RATIO_HOLDS_AFTER: u64 = 64 << 20;

/// A document as a window of bytes that starts at what has not been consumed.
///
/// The bytes are UTF-8 as far as the document is: a text in another encoding arrives decoded, bytes
/// that are damaged arrive as they are, for the record that holds them to be set aside.
pub(super) struct Text {
    path: PathBuf,
    content: Content,
    source: Source,
    decoding: Decoding,
    buffer: Vec<u8>,
    start: usize,
    ended: bool,
    size: u64,
    unpacked: u64,
    line: u64,
}

enum Source {
    Plain(Counted),
    Gzip(Box<MultiGzDecoder<Counted>>),
}

impl Text {
    /// Opens a file, gzip or not, told apart by its first bytes.
    pub(super) fn open(path: &Path, content: Content) -> Result<Self> {
        let doing = || format!("reading {} from {}", content.plural(), path.display());
        let file = File::open(path).map_err(|cause| Error::new(kind_of_io(&cause), doing(), cause))?;
        let size = file.metadata().doing(Kind::Disk, doing)?.len();
        let mut counted = Counted {
            file: BufReader::with_capacity(PACKED_CHUNK, file),
            read: 0,
        };
        let packed = counted
            .fill_buf()
            .doing(Kind::Disk, doing)?
            .starts_with(&[0x1f, 0x8b]);
        let source = if packed {
            Source::Gzip(Box::new(MultiGzDecoder::new(counted)))
        } else {
            Source::Plain(counted)
        };
        let mut text = Self {
            path: path.to_owned(),
            content,
            source,
            decoding: Decoding::default(),
            buffer: Vec::with_capacity(4 * CHUNK),
            start: 0,
            ended: false,
            size,
            unpacked: 0,
            line: 1,
        };
        text.fill()?;
        Ok(text)
    }

    /// What has been read and not consumed.
    pub(super) fn window(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// Lets go of the first `count` bytes of the window.
    pub(super) fn consume(&mut self, count: usize) {
        let gone = self.window();
        let gone = gone.get(..count).unwrap_or(gone);
        let (count, lines) = (gone.len(), memchr::memchr_iter(b'\n', gone).count());
        self.start += count;
        self.line += lines as u64;
    }

    /// Makes the window longer; `false` when there is no more.
    pub(super) fn fill(&mut self) -> Result<bool> {
        if self.ended {
            return Ok(false);
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        let before = self.buffer.len();
        // Doubling would take the window far past the largest record that is ever waited for.
        if self.buffer.capacity() - before < CHUNK {
            self.buffer.reserve_exact(CHUNK.max(before / 4));
        }
        while !self.ended && self.buffer.len() == before {
            let read = self
                .decoding
                .read(&mut self.source, &mut self.buffer, CHUNK as u64)
                .map_err(|cause| self.unreadable(&cause))?;
            self.ended = read == 0;
            self.unpacked += read as u64;
            self.check_swelling()?;
        }
        Ok(self.buffer.len() > before)
    }

    /// Whether the file is a gzip.
    pub(super) const fn is_packed(&self) -> bool {
        matches!(self.source, Source::Gzip(_))
    }

    /// The line that the window starts in, from 1.
    pub(super) const fn line(&self) -> u64 {
        self.line
    }

    /// Which byte of the file has been read.
    pub(super) fn progress(&self) -> Progress {
        Progress {
            read: self.source.read_so_far(),
            size: self.size,
        }
    }

    /// An error of this document.
    pub(super) fn error(&self, kind: Kind, cause: impl Into<String>) -> Error {
        let doing = format!("reading {} from {}", self.content.plural(), self.path.display());
        Error::new(kind, doing, cause.into())
    }

    /// The error of a document that stops before its end; `what` is missing.
    pub(super) fn ends_early(&self, what: &str, records: u64) -> Error {
        self.error(
            Kind::Truncated,
            format!(
                "it ends early, after record {records} in line {}: {what}",
                self.line
            ),
        )
    }

    fn check_swelling(&self) -> Result<()> {
        let Source::Gzip(_) = self.source else {
            return Ok(());
        };
        let packed = self.source.read_so_far().max(1);
        let swells = self.unpacked > RATIO_HOLDS_AFTER && self.unpacked / packed > UNPACKED_RATIO;
        if swells || self.unpacked > UNPACKED_CAP {
            let times = self.unpacked / packed;
            return Err(self.error(
                Kind::TooLarge,
                format!(
                    "unpacked it is {times} times larger than packed, {} MiB so far",
                    self.unpacked >> 20
                ),
            ));
        }
        Ok(())
    }

    fn unreadable(&self, cause: &io::Error) -> Error {
        match (&self.source, cause.kind()) {
            (Source::Gzip(_), io::ErrorKind::UnexpectedEof) => self.error(
                Kind::Truncated,
                format!("the gzip data ends early, {}", self.reached()),
            ),
            (Source::Gzip(_), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) => self.error(
                Kind::Damaged,
                format!("the gzip data is damaged, {}: {cause}", self.reached()),
            ),
            (_, io::ErrorKind::InvalidData) => self.error(Kind::Damaged, cause.to_string()),
            _ => self
                .error(kind_of_io(cause), cause.to_string())
                .with_hint("see whether the disk that it lies on can be read, then run the command again"),
        }
    }

    /// How far unpacking came.
    fn reached(&self) -> String {
        let unpacked = memchr::memchr_iter(b'\n', self.window()).count() as u64;
        let read = self.source.read_so_far();
        format!(
            "at byte {read} of {}, line {} unpacked",
            self.size,
            self.line + unpacked
        )
    }
}

fn kind_of_io(cause: &io::Error) -> Kind {
    match cause.kind() {
        io::ErrorKind::NotFound => Kind::NotFound,
        _ => Kind::Disk,
    }
}

impl Source {
    fn read_so_far(&self) -> u64 {
        match self {
            Self::Plain(counted) => counted.read,
            Self::Gzip(decoder) => decoder.get_ref().read,
        }
    }
}

impl Read for Source {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(counted) => counted.read(into),
            Self::Gzip(decoder) => decoder.read(into),
        }
    }
}

/// A file that counts what was taken from it.
struct Counted {
    file: BufReader<File>,
    read: u64,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(into)?;
        self.read += count as u64;
        Ok(count)
    }
}

impl BufRead for Counted {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.file.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.file.consume(count);
        self.read += count as u64;
    }
}
