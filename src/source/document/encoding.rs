//! Which encoding a document is in: by its byte order mark, by its content, by its declaration.
//!
//! The content is asked before the declaration, because exports have been seen that declare UTF-8
//! and are windows-1250, and because text in windows-1250 hardly ever is valid UTF-8. The question
//! is settled by the first chunk that is not plain ASCII; until then both read the same.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, WINDOWS_1250};

/// How far into a document the XML declaration is looked for, in bytes.
const DECLARATION: usize = 200;

/// What is known about the encoding so far.
#[derive(Default)]
pub(super) enum Decoding {
    /// Nothing has been read.
    #[default]
    Start,
    /// Only ASCII so far; the declaration, if there was one.
    Ascii(Option<&'static Encoding>),
    /// UTF-8: bytes pass as they are.
    Utf8,
    /// Something else: bytes are decoded.
    Other { decoder: Decoder, raw: Vec<u8> },
}

impl Decoding {
    /// Reads `chunk` bytes or what is left, appends them as UTF-8 and says how many were read; 0 at
    /// the end.
    pub(super) fn read(
        &mut self,
        source: &mut impl Read,
        into: &mut Vec<u8>,
        chunk: u64,
    ) -> io::Result<usize> {
        if let Self::Other { decoder, raw } = self {
            raw.clear();
            let count = source.take(chunk).read_to_end(raw)?;
            decode(decoder, raw, count == 0, into);
            return Ok(count);
        }
        let before = into.len();
        let mut count = 0;
        loop {
            let more = source.take(chunk).read_to_end(into)?;
            count += more;
            if self.settle(into, before, more == 0) {
                return Ok(count);
            }
        }
    }

    /// Looks at what was appended since `before`, and decodes it again if it is not UTF-8. `false`
    /// when that cannot be told without more.
    fn settle(&mut self, into: &mut Vec<u8>, before: usize, ended: bool) -> bool {
        let fresh = into.get(before..).unwrap_or_default();
        if matches!(self, Self::Start) {
            if let Some((encoding, mark)) = Encoding::for_bom(fresh) {
                into.drain(before..before + mark);
                if encoding == UTF_8 {
                    *self = Self::Utf8;
                } else {
                    self.switch(encoding, into, before);
                }
                return true;
            }
            *self = Self::Ascii(declared(fresh));
        }
        let Self::Ascii(declared) = *self else {
            return true;
        };
        if fresh.is_ascii() {
            return true;
        }
        match judge(fresh, declared, ended) {
            Verdict::Utf8 => *self = Self::Utf8,
            Verdict::Other(encoding) => self.switch(encoding, into, before),
            Verdict::Unclear => return false,
        }
        true
    }

    fn switch(&mut self, encoding: &'static Encoding, into: &mut Vec<u8>, before: usize) {
        let mut decoder = encoding.new_decoder_without_bom_handling();
        let raw = into.split_off(before);
        decode(&mut decoder, &raw, false, into);
        *self = Self::Other { decoder, raw };
    }
}

enum Verdict {
    Utf8,
    Other(&'static Encoding),
    /// The only letter beyond ASCII is cut in two by the end of what was read.
    Unclear,
}

/// Which encoding these bytes are in.
fn judge(bytes: &[u8], declared: Option<&'static Encoding>, ended: bool) -> Verdict {
    let (mut letters, mut broken, mut cut) = (0_usize, 0_usize, false);
    for piece in bytes.utf8_chunks() {
        letters += piece.valid().chars().filter(|letter| !letter.is_ascii()).count();
        cut = std::str::from_utf8(piece.invalid()).is_err_and(|error| error.error_len().is_none());
        broken += usize::from(!piece.invalid().is_empty());
    }
    // Only the last piece can be an unfinished letter.
    if cut && !ended {
        broken -= 1;
        if letters == 0 && broken == 0 {
            return Verdict::Unclear;
        }
    }
    // A damaged byte among many good letters is damage, not another encoding.
    if broken == 0 || letters > broken {
        return Verdict::Utf8;
    }
    Verdict::Other(
        declared
            .filter(|encoding| *encoding != UTF_8)
            .unwrap_or(WINDOWS_1250),
    )
}

/// The encoding that an XML declaration names.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..DECLARATION).unwrap_or(bytes).trim_ascii_start();
    if !head.starts_with(b"<?xml") {
        return None;
    }
    let end = memchr::memmem::find(head, b"?>")?;
    let head = head.get(..end)?;
    let name = head.get(memchr::memmem::find(head, b"encoding")? + "encoding".len()..)?;
    let name = name.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let quote = *name.first()?;
    let name = name.get(1..)?;
    Encoding::for_label(name.get(..memchr::memchr(quote, name)?)?)
}

fn decode(decoder: &mut Decoder, mut raw: &[u8], last: bool, into: &mut Vec<u8>) {
    let mut space = vec![0; 16 << 10];
    loop {
        let (result, read, written, _) = decoder.decode_to_utf8(raw, &mut space, last);
        into.extend_from_slice(space.get(..written).unwrap_or_default());
        raw = raw.get(read..).unwrap_or_default();
        if result == CoderResult::InputEmpty {
            return;
        }
    }
}
