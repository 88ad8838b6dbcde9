//! Faults that change what a document says.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use serde_json::Value;

use super::answer::{Answer, share};
use crate::demo::faults::FaultKind;
use crate::demo::render::windows_1250;

/// Damages the body of an answer to `path`, when the fault is of that kind.
pub(super) fn damage_if_meant(answer: &mut Answer, fault: &FaultKind, path: &str) {
    let meant = matches!(
        fault,
        FaultKind::EndsEarly { .. }
            | FaultKind::EmptyBody
            | FaultKind::BadGzipCrc
            | FaultKind::GzipBomb { .. }
            | FaultKind::Doctype
            | FaultKind::DeepNesting { .. }
            | FaultKind::InvalidUtf8
            | FaultKind::WrongDeclaredEncoding
            | FaultKind::EmptyDocument
    );
    // An answer that is made while it is sent stays so.
    if meant {
        damage(answer, fault, path);
    }
}

fn damage(answer: &mut Answer, fault: &FaultKind, path: &str) {
    let bytes = answer.collect();
    match fault {
        FaultKind::EndsEarly { percent } => bytes.truncate(share(bytes.len(), *percent)),
        FaultKind::EmptyBody => bytes.clear(),
        FaultKind::BadGzipCrc => {
            // A gzip ends with four bytes of checksum and four of length.
            let at = bytes.len().saturating_sub(8);
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 0xFF;
            }
        }
        FaultKind::GzipBomb { mebibytes } => *bytes = gzip_bomb(*mebibytes),
        FaultKind::Doctype => edit_text(bytes, |text| {
            let declared = text.replacen("?>\n", "?>\n<!DOCTYPE ORDERS [<!ENTITY who \"somebody\">]>\n", 1);
            declared.replacen("<REMARK>", "<REMARK>&who;", 1)
        }),
        FaultKind::DeepNesting { levels } => edit_text(bytes, |text| nested(&text, *levels as usize)),
        FaultKind::InvalidUtf8 => edit(bytes, |mut plain| {
            let middle = plain.len() / 2;
            plain.splice(middle..middle, [0xFF, 0xFE]);
            plain
        }),
        FaultKind::WrongDeclaredEncoding => {
            edit(bytes, |plain| {
                windows_1250::encode(&String::from_utf8_lossy(&plain))
            });
        }
        FaultKind::EmptyDocument => edit_text(bytes, |text| without_records(&text, path)),
        _ => {}
    }
}

/// Changes the text, inside the gzip where it is one.
fn edit(bytes: &mut Vec<u8>, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
    let taken = std::mem::take(bytes);
    *bytes = if taken.starts_with(&[0x1F, 0x8B]) {
        let mut plain = Vec::new();
        // Our own gzip; were it damaged, what could be read is changed.
        let _ = MultiGzDecoder::new(taken.as_slice()).read_to_end(&mut plain);
        gzip(&change(plain))
    } else {
        change(taken)
    };
}

fn edit_text(bytes: &mut Vec<u8>, change: impl FnOnce(String) -> String) {
    edit(bytes, |plain| {
        change(String::from_utf8_lossy(&plain).into_owned()).into_bytes()
    });
}

/// A gzip of these bytes.
pub(super) fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory does not fail.
    let _ = encoder.write_all(plain);
    encoder.finish().unwrap_or_default()
}

/// Members of sixteen mebibytes one after the other: small to send, and quick to make.
fn gzip_bomb(mebibytes: u32) -> Vec<u8> {
    let member = gzip(&vec![b'a'; 16 << 20]);
    let members = mebibytes.div_ceil(16) as usize;
    member.repeat(members)
}

fn nested(text: &str, levels: usize) -> String {
    if text.trim_start().starts_with('<') {
        let (rest, root) = text.rsplit_once("</").unwrap_or((text, ""));
        let (open, close) = ("<DEEP>".repeat(levels), "</DEEP>".repeat(levels));
        let record = root.trim_end().trim_end_matches("S>");
        format!("{rest}<{record}>{open}{close}</{record}>\n</{root}")
    } else {
        format!("{text}{}{}\n", "[".repeat(levels), "]".repeat(levels))
    }
}

fn without_records(text: &str, path: &str) -> String {
    if path.ends_with(".csv") {
        return text.split_inclusive('\n').next().unwrap_or_default().to_owned();
    }
    if text.trim_start().starts_with('<') {
        let (_, root) = text.rsplit_once("</").unwrap_or(("", "ORDERS>\n"));
        let declaration = text.split_inclusive('\n').next().unwrap_or_default();
        return format!("{declaration}<{}</{root}", root.trim_end());
    }
    let Ok(mut answer) = serde_json::from_str::<Value>(text) else {
        // JSON lines.
        return String::new();
    };
    if let Some(data) = answer.get_mut("data").and_then(Value::as_object_mut) {
        for value in data.values_mut() {
            if let Some(list) = value.as_array_mut() {
                list.clear();
            }
            if let Some(total) = value.get_mut("totalCount") {
                *total = 0.into();
            }
        }
        return answer.to_string();
    }
    String::new()
}
