//! Every oddity of the shop's documents, read from a fixture; the people in them are invented.

// The lints' leave for tests does not reach the functions that the tests share.
#![allow(clippy::unwrap_used)]

use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use serde_json::Value;
use shoptet_sync::model::{Customer, Order, Reading};
use shoptet_sync::source::document::{
    Format, Locale, Summary, customer_from_api, order_from_api, read_customers, read_orders,
};

fn locale() -> Locale {
    Locale {
        timezone: TimeZone::get("Europe/Prague").unwrap(),
        country: "CZ".to_owned(),
        currency: "CZK".to_owned(),
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

fn orders(path: &Path) -> (Vec<Reading<Order>>, Summary) {
    let mut read = Vec::new();
    let summary = read_orders(path, &locale(), &mut |reading, _| {
        read.push(reading);
        Ok(())
    });
    (read, summary.unwrap())
}

fn customers(path: &Path) -> (Vec<Reading<Customer>>, Summary) {
    let mut read = Vec::new();
    let summary = read_customers(path, &locale(), &mut |reading, _| {
        read.push(reading);
        Ok(())
    });
    (read, summary.unwrap())
}

fn bad<T>(read: &[Reading<T>]) -> usize {
    read.iter()
        .filter(|reading| matches!(reading, Reading::Bad(_)))
        .count()
}

/// What was read, without what is empty.
fn shown<T: serde::Serialize>((read, summary): (Vec<Reading<T>>, Summary)) -> String {
    let mut text = format!(
        "{:?}, {} records, {} bad\n",
        summary.format,
        summary.records,
        bad(&read)
    );
    for reading in read {
        match reading {
            Reading::Record(record) => {
                let mut value = serde_json::to_value(record).unwrap();
                drop_empty(&mut value);
                text.push_str(&serde_json::to_string_pretty(&value).unwrap());
            }
            Reading::Bad(bad) => text.push_str(&format!("{bad:?}")),
        }
        text.push('\n');
    }
    text
}

fn drop_empty(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(drop_empty);
            members.retain(|_, member| !is_empty(member));
        }
        Value::Array(elements) => elements.iter_mut().for_each(drop_empty),
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

#[test]
fn orders_of_the_system_xml() {
    insta::assert_snapshot!(shown(orders(&fixture("orders_system.xml"))));
}

#[test]
fn orders_of_an_edited_template() {
    insta::assert_snapshot!(shown(orders(&fixture("orders_edited_template.xml"))));
}

#[test]
fn orders_of_the_system_csv_in_windows_1250() {
    insta::assert_snapshot!(shown(orders(&fixture("orders_system_windows-1250.csv"))));
}

#[test]
fn orders_of_a_csv_with_czech_labels_and_a_code_that_comes_again() {
    insta::assert_snapshot!(shown(orders(&fixture("orders_labels.csv"))));
}

#[test]
fn orders_of_a_snapshot() {
    insta::assert_snapshot!(shown(orders(&fixture("orders_snapshot.jsonl"))));
}

#[test]
fn customers_of_a_snapshot() {
    insta::assert_snapshot!(shown(customers(&fixture("customers_snapshot.jsonl"))));
}

#[test]
fn customers_of_the_xml() {
    insta::assert_snapshot!(shown(customers(&fixture("customers.xml"))));
}

#[test]
fn customers_of_the_csv_in_windows_1250() {
    insta::assert_snapshot!(shown(customers(&fixture("customers_windows-1250.csv"))));
}

#[test]
fn a_detail_reads_as_the_line_of_a_snapshot() {
    let text = std::fs::read_to_string(fixture("orders_snapshot.jsonl")).unwrap();
    let order = order_from_api(text.lines().next().unwrap().as_bytes(), &locale()).unwrap();
    assert_eq!(
        orders(&fixture("orders_snapshot.jsonl")).0[0],
        Reading::Record(order)
    );
    let text = std::fs::read_to_string(fixture("customers_snapshot.jsonl")).unwrap();
    let customer = customer_from_api(text.lines().next().unwrap().as_bytes(), &locale()).unwrap();
    assert_eq!(
        customers(&fixture("customers_snapshot.jsonl")).0[0],
        Reading::Record(customer)
    );
}

/// Writes `bytes` to a file of its own.
fn document(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file.flush().unwrap();
    file
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn gzip_reads_as_the_file_inside_in_one_member_or_in_several() {
    let plain = std::fs::read(fixture("orders_system.xml")).unwrap();
    let expected = orders(&fixture("orders_system.xml")).0;
    assert_eq!(orders(document(&gzip(&plain)).path()).0, expected);
    let (first, second) = plain.split_at(plain.len() / 2);
    let members = [gzip(first), gzip(second)].concat();
    assert_eq!(orders(document(&members).path()).0, expected);
}

/// The same orders in every encoding that a merchant's editor may have left them in.
#[test]
fn every_encoding_reads_the_same() {
    let text = std::fs::read_to_string(fixture("orders_system.xml")).unwrap();
    let expected = orders(&fixture("orders_system.xml")).0;
    let declared = |encoding: &str| text.replace("encoding=\"utf-8\"", &format!("encoding=\"{encoding}\""));
    let windows_1250 = |text: &str| encoding_rs::WINDOWS_1250.encode(text).0.into_owned();
    let utf_16 = |text: &str| {
        let mut bytes = vec![0xff, 0xfe];
        bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        bytes
    };
    let documents = [
        (
            "utf-8 with a byte order mark",
            ["\u{feff}", &text].concat().into_bytes(),
        ),
        (
            "utf-8 without a declaration",
            text.split_once("?>").unwrap().1.as_bytes().to_vec(),
        ),
        (
            "utf-8 that says windows-1250",
            declared("windows-1250").into_bytes(),
        ),
        (
            "windows-1250 that says so",
            windows_1250(&declared("windows-1250")),
        ),
        ("windows-1250 that says utf-8", windows_1250(&text)),
        ("utf-16 with a byte order mark", utf_16(&text)),
    ];
    for (name, bytes) in documents {
        assert_eq!(orders(document(&bytes).path()).0, expected, "{name}");
    }
}

/// The first letter beyond ASCII may be cut in two by the end of what is read at a time.
#[test]
fn a_letter_on_the_edge_of_a_chunk_does_not_change_the_encoding() {
    let before = "<ORDER><CODE>2</CODE><STATUS>";
    for shift in 0..8 {
        let mut text = String::from("<ORDERS><ORDER><CODE>1</CODE></ORDER>");
        let blank = (128 << 10) - text.len() - before.len() - shift;
        text.push_str(&" ".repeat(blank));
        text.push_str(before);
        text.push_str("ééé</STATUS></ORDER></ORDERS>");
        let read = orders(document(text.as_bytes()).path()).0;
        let Reading::Record(order) = &read[1] else {
            panic!("{read:?}");
        };
        assert_eq!(order.status.name, "ééé", "{shift}");
    }
}

#[test]
fn records_that_span_many_chunks_are_read_whole() {
    let mut text = String::from("<ORDERS>");
    for number in 0..50 {
        text.push_str(&format!("<ORDER><CODE>{number}</CODE><REMARK>"));
        text.push_str(&"ř&amp;".repeat(number * 3000));
        text.push_str("</REMARK></ORDER>\n");
    }
    text.push_str("</ORDERS>");
    let (read, summary) = orders(document(text.as_bytes()).path());
    assert_eq!((summary.records, bad(&read)), (50, 0));
    for (number, reading) in read.iter().enumerate() {
        let Reading::Record(order) = reading else {
            panic!("{number}");
        };
        assert_eq!(order.code, number.to_string());
        assert_eq!(order.remark, "ř&".repeat(number * 3000));
    }
}

#[test]
fn progress_grows_to_the_size_of_the_file() {
    let bytes = gzip(&std::fs::read(fixture("orders_system.xml")).unwrap());
    let file = document(&bytes);
    let mut last = 0;
    let summary = read_orders(file.path(), &locale(), &mut |_, progress| {
        assert!(progress.read >= last && progress.size == bytes.len() as u64);
        last = progress.read;
        Ok(())
    })
    .unwrap();
    assert_eq!(summary.progress.read, bytes.len() as u64);
}

#[test]
fn documents_without_records_say_what_they_are() {
    let header = std::fs::read(fixture("orders_labels.csv")).unwrap();
    let header = header.split(|byte| *byte == b'\n').next().unwrap();
    for (bytes, format) in [
        (&b""[..], Format::Empty),
        (b" \r\n\t", Format::Empty),
        (b"<?xml version=\"1.0\"?>\n<ORDERS></ORDERS>\n", Format::Xml),
        (b"<ORDERS/>", Format::Xml),
        (b"<EXPORT>\n</EXPORT>", Format::Xml),
        (
            b"<EXPORT><HEADER>x</HEADER><ORDERS></ORDERS></EXPORT>",
            Format::Xml,
        ),
        (header, Format::Csv),
    ] {
        let (read, summary) = orders(document(bytes).path());
        assert_eq!((read.len(), summary.records, summary.format), (0, 0, format));
    }
    assert_eq!(customers(document(&gzip(b"")).path()).1.format, Format::Empty);
}

#[test]
fn one_record_alone_is_a_document() {
    let (read, summary) = orders(document(b"<ORDER><CODE>1</CODE></ORDER>").path());
    assert_eq!((read.len(), bad(&read), summary.records), (1, 0, 1));
}

#[test]
fn what_each_returns_ends_the_reading() {
    let stop =
        || shoptet_sync::error::Error::new(shoptet_sync::error::Kind::Interrupted, "reading", "told to end");
    let mut seen = 0;
    let error = read_orders(&fixture("orders_system.xml"), &locale(), &mut |_, _| {
        seen += 1;
        Err(stop())
    })
    .unwrap_err();
    assert_eq!((seen, error.kind()), (1, shoptet_sync::error::Kind::Interrupted));
}
