//! Bad documents: each gives a clear error that names what and where, and one bad record never stops
//! the rest. No reason and no error quotes what stood in the document.

// The lints' leave for tests does not reach the functions that the tests share.
#![allow(clippy::unwrap_used)]

use std::io::Write;
use std::path::Path;

use jiff::tz::TimeZone;
use shoptet_sync::error::{Error, Kind};
use shoptet_sync::model::{Customer, Order, Reading};
use shoptet_sync::source::document::{
    Locale, customer_from_api, order_from_api, read_customers, read_orders,
};

fn locale() -> Locale {
    Locale {
        timezone: TimeZone::get("Europe/Prague").unwrap(),
        country: "CZ".to_owned(),
        currency: "CZK".to_owned(),
    }
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

/// The document's path is another on every machine.
fn told(error: &Error) -> String {
    format!("{:?}: {} ({})", error.kind(), error.cause(), error.hint())
}

/// What an import sees of a document: a line for each record, and how it ended.
fn orders(bytes: &[u8]) -> String {
    let file = document(bytes);
    let mut lines = Vec::new();
    let end = read_orders(file.path(), &locale(), &mut |reading: Reading<Order>, _| {
        lines.push(match reading {
            Reading::Record(order) => format!("order {}", order.code),
            Reading::Bad(bad) => format!(
                "bad {} {}: {}",
                bad.position,
                bad.key.unwrap_or_default(),
                bad.reason
            ),
        });
        Ok(())
    });
    lines.push(match end {
        Ok(summary) => format!("{} records, {} bad", summary.records, summary.bad),
        Err(error) => told(&error),
    });
    lines.join("\n")
}

fn customers(bytes: &[u8]) -> String {
    let file = document(bytes);
    let mut lines = Vec::new();
    let end = read_customers(file.path(), &locale(), &mut |reading: Reading<Customer>, _| {
        lines.push(match reading {
            Reading::Record(customer) => format!("customer {}", customer.guid),
            Reading::Bad(bad) => format!(
                "bad {} {}: {}",
                bad.position,
                bad.key.unwrap_or_default(),
                bad.reason
            ),
        });
        Ok(())
    });
    lines.push(match end {
        Ok(summary) => format!("{} records, {} bad", summary.records, summary.bad),
        Err(error) => told(&error),
    });
    lines.join("\n")
}

/// Three orders, the middle one with `inside` in it.
fn between(inside: &str) -> Vec<u8> {
    format!(
        "<ORDERS>\n<ORDER><CODE>1</CODE></ORDER>\n<ORDER><CODE>2</CODE>{inside}</ORDER>\n<ORDER><CODE>3</CODE></ORDER>\n</ORDERS>"
    )
    .into_bytes()
}

#[test]
fn a_log_in_page_is_not_data() {
    let expected = "NotData: this is a web page, such as a log-in page, not an export (open the link in a browser without logging in: it has to answer with the export itself)";
    for page in [
        "<!DOCTYPE html><html><body>jana@priklad.cz</body></html>",
        "\u{feff}\r\n  <!doctype HTML>\n<html lang=\"cs\">",
        "<HTML><head>",
        "<?xml version=\"1.0\"?><!-- x --><html xmlns=\"http://www.w3.org/1999/xhtml\"/>",
    ] {
        assert_eq!(orders(page.as_bytes()), expected, "{page}");
        assert_eq!(customers(&gzip(page.as_bytes())), expected, "{page}");
    }
}

#[test]
fn what_is_no_export_at_all() {
    insta::assert_snapshot!(orders(b"Access denied"), @"NotData: this is neither XML nor JSON lines, nor CSV with a column `code` (open the link in a browser without logging in: it has to answer with the export itself)");
    insta::assert_snapshot!(orders(b"PK\x03\x04\x14\x00"), @"NotData: this is a ZIP or XLSX file (export it as CSV or XML instead)");
    insta::assert_snapshot!(orders(&gzip(&gzip(b"<ORDERS/>"))), @"NotData: it is compressed twice (unpack it once and try again)");
    insta::assert_snapshot!(orders(b"[{\"code\":\"1\"}]"), @"NotData: this is a JSON array (JSON is read as lines, one object a line)");
    insta::assert_snapshot!(orders(b"\x00\x01\x02"), @"NotData: this is not text (open the link in a browser without logging in: it has to answer with the export itself)");
    insta::assert_snapshot!(orders(b"<SHOP><SHOPITEM/></SHOP>"), @"NotData: this is XML, but not an export of orders (open the link in a browser without logging in: it has to answer with the export itself)");
    for answer in [
        "<response><message>x</message></response>",
        "<message>Access denied</message>",
    ] {
        assert!(orders(answer.as_bytes()).starts_with("NotData: this is XML, but not an export of orders"));
        assert!(
            customers(answer.as_bytes()).starts_with("NotData: this is XML, but not an export of customers")
        );
    }
    insta::assert_snapshot!(orders(br#"{"data":null,"errors":[{"errorCode":"x"}]}"#), @"NotData: this is an answer of the API to a request, not a snapshot (open the link in a browser without logging in: it has to answer with the export itself)");
    insta::assert_snapshot!(customers(b"email;billingFullName\njana@priklad.cz;Jana"), @"NotData: this is neither XML nor JSON lines, nor CSV with a column `guid` (open the link in a browser without logging in: it has to answer with the export itself)");
}

#[test]
fn orders_given_as_customers_and_the_other_way_round() {
    let orders_for_customers = [
        "<ORDERS><ORDER><CODE>1</CODE></ORDER></ORDERS>",
        "code;date;itemName\n1;2024-01-01;x\n",
        r#"{"code":"1","guid":null,"items":[]}"#,
    ];
    for text in orders_for_customers {
        assert!(
            customers(text.as_bytes()).starts_with("NotData: this is a document of orders, not of customers"),
            "{text}"
        );
    }
    let customers_for_orders = [
        "<CUSTOMERS><CUSTOMER><GUID>1</GUID></CUSTOMER></CUSTOMERS>",
        "guid;accountGuid;email\n1;2;x\n",
        r#"{"guid":"1","accounts":[]}"#,
    ];
    for text in customers_for_orders {
        assert!(
            orders(text.as_bytes()).starts_with("NotData: this is a document of customers, not of orders"),
            "{text}"
        );
    }
}

#[test]
fn a_document_that_ends_early() {
    let whole = between("<REMARK>x</REMARK>");
    // Wherever it is cut, the root element or something inside is not closed.
    for cut in 1..whole.len() {
        let told = orders(&whole[..cut]);
        let last = told.lines().last().unwrap();
        assert!(last.starts_with("Truncated: it ends early"), "{cut}: {told}");
    }
    insta::assert_snapshot!(orders(&whole[..60]), @r"
    order 1
    Truncated: it ends early, after record 1 in line 3: the last record is not closed (the answer ended early; the next run reads it again)
    ");
    insta::assert_snapshot!(orders(b"<ORDERS><ORDER><CODE>1</CODE></ORDER>\n"), @r"
    order 1
    Truncated: it ends early, after record 1 in line 2: the root element is not closed (the answer ended early; the next run reads it again)
    ");
    insta::assert_snapshot!(orders(b"code;date;paid\n1;2024-01-01;1\n2;2024-"), @"Truncated: it ends early, after record 0 in line 3: the last row is not complete (the answer ended early; the next run reads it again)");
    insta::assert_snapshot!(orders(b"code;remark;paid\n1;\"never closed;1\n2;x;1\n3;x;1\n"), @"Truncated: it ends early, after record 0 in line 5: the last row is not complete (the answer ended early; the next run reads it again)");
    insta::assert_snapshot!(orders(b"{\"code\":\"1\"}\n{\"code\":\"2\",\"ema"), @r"
    order 1
    Truncated: it ends early, after record 1 in line 2: the last line is not complete (the answer ended early; the next run reads it again)
    ");
    insta::assert_snapshot!(orders(b"{\"code\":\"1\"}\n{\"code\":\"2\"}"), @r"
    order 1
    order 2
    2 records, 0 bad
    ");
}

#[test]
fn gzip_that_ends_early_or_is_damaged() {
    // How small it packs differs between machines.
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"byte \d+ of \d+", "byte N of N");
    let _settings = settings.bind_to_scope();
    let packed = gzip(&between(""));
    insta::assert_snapshot!(orders(&packed[..packed.len() - 9]), @"Truncated: the gzip data ends early, at byte N of N, line 5 unpacked (the answer ended early; the next run reads it again)");
    let mut damaged = packed.clone();
    let checksum = damaged.len() - 8;
    damaged[checksum] ^= 1;
    insta::assert_snapshot!(orders(&damaged), @"Damaged: the gzip data is damaged, at byte N of N, line 5 unpacked: corrupt gzip stream does not have a matching checksum (nothing of it was used and it is not kept: run the command again, and if it stays so, look at what the address answers)");
    let mut damaged = packed.clone();
    damaged[14] = 0xff;
    assert!(orders(&damaged).contains("Damaged: "), "{}", orders(&damaged));
    insta::assert_snapshot!(orders(&[packed, b"something behind".to_vec()].concat()), @"Damaged: the gzip data is damaged, at byte N of N, line 5 unpacked: invalid gzip header (nothing of it was used and it is not kept: run the command again, and if it stays so, look at what the address answers)");
}

#[test]
fn a_gzip_bomb_is_refused() {
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(b"<ORDERS>").unwrap();
    for _ in 0..80 {
        bomb.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let told = orders(&bomb.finish().unwrap());
    assert!(told.starts_with("TooLarge: unpacked it is "), "{told}");
}

#[test]
fn document_types_and_entities_are_refused() {
    insta::assert_snapshot!(orders(b"<?xml version=\"1.0\"?>\n<!DOCTYPE ORDERS [<!ENTITY a \"b\">]>\n<ORDERS/>"), @"Damaged: a document type or entity declaration in line 2, which no export has (nothing of it was used and it is not kept: run the command again, and if it stays so, look at what the address answers)");
    insta::assert_snapshot!(orders(b"<!DOCTYPE ORDERS SYSTEM \"file:///etc/passwd\"><ORDERS/>"), @"Damaged: a document type or entity declaration in line 1, which no export has (nothing of it was used and it is not kept: run the command again, and if it stays so, look at what the address answers)");
    insta::assert_snapshot!(orders(&between("<!ENTITY a 'b'>")), @r"
    order 1
    bad 2 2: the record is not well-formed: unknown or missed symbol in markup (line 3)
    order 3
    3 records, 1 bad
    ");
    insta::assert_snapshot!(orders(&between("<REMARK>&jana;</REMARK>")), @r"
    order 1
    bad 2 2: REMARK holds an unknown entity (line 3)
    order 3
    3 records, 1 bad
    ");
    insta::assert_snapshot!(orders(&between("<REMARK>&#0;</REMARK>")), @r"
    order 1
    bad 2 2: REMARK holds an impossible character (line 3)
    order 3
    3 records, 1 bad
    ");
    insta::assert_snapshot!(orders(&between("<REMARK>Novák & syn</REMARK>")), @r"
    order 1
    bad 2 2: REMARK is not well-formed (line 3)
    order 3
    3 records, 1 bad
    ");
}

#[test]
fn a_broken_record_stays_alone() {
    insta::assert_snapshot!(orders(&between("<REMARK>x</NOTE>")), @r"
    order 1
    bad 2 2: REMARK is closed by another end tag than its own (line 3)
    order 3
    3 records, 1 bad
    ");
    insta::assert_snapshot!(orders(&between("<REMARK>")), @r"
    order 1
    bad 2 2: REMARK is closed by another end tag than its own (line 3)
    order 3
    3 records, 1 bad
    ");
    insta::assert_snapshot!(orders(&between("Jana <jana@priklad.cz> Nová")), @r"
    order 1
    bad 2 2: an element is closed by another end tag than its own (line 3)
    order 3
    3 records, 1 bad
    ");
    insta::assert_snapshot!(orders(&between("<REMARK a='x>y</REMARK>")), @r"
    order 1
    bad 2 2: the record is not well-formed: attribute value not closed: `'` not found before end of input (line 3)
    order 3
    3 records, 1 bad
    ");
    // Its end tag is missing: it ends where the next one starts.
    insta::assert_snapshot!(
        orders(b"<ORDERS><ORDER><CODE>1</CODE>\n<ORDER><CODE>2</CODE></ORDER></ORDERS>"), @r"
    bad 1 1: ORDER has no end tag (line 1)
    order 2
    2 records, 1 bad
    ");
    insta::assert_snapshot!(orders(b"<ORDERS><ORDER/><ORDER><CODE> </CODE></ORDER><ORDER></ORDER></ORDERS>"), @r"
    bad 1 : the order code is missing (line 1)
    bad 2 : the order code is missing (line 1)
    bad 3 : the order code is missing (line 1)
    3 records, 3 bad
    ");
}

/// A record's key stands right below it; what is called the same further inside is somebody else's.
#[test]
fn the_key_of_a_broken_record_is_its_own() {
    let without =
        "<CURRENCY><CODE>CZK</CODE></CURRENCY><ORDER_ITEMS><ITEM><CODE>A-1</CODE></ITEM></ORDER_ITEMS>";
    let broken = "<REMARK>&jana;</REMARK>";
    for (inside, told) in [
        (without.to_owned(), "bad 1 : the order code is missing (line 1)"),
        (
            format!("{without}{broken}"),
            "bad 1 : REMARK holds an unknown entity (line 1)",
        ),
        (
            format!("{without}{broken}<CODE>7</CODE>"),
            "bad 1 7: REMARK holds an unknown entity (line 1)",
        ),
        (
            format!("<!-- <A> --><EMPTY/>{broken}<CODE>7</CODE>"),
            "bad 1 7: REMARK holds an unknown entity (line 1)",
        ),
        // Where tags are mixed up, nobody knows what is right below.
        (
            format!("<REMARK></NOTE></REMARK></ITEM>{without}"),
            "bad 1 : REMARK is closed by another end tag than its own (line 1)",
        ),
    ] {
        let document = format!("<ORDERS><ORDER>{inside}</ORDER></ORDERS>");
        assert_eq!(
            orders(document.as_bytes()),
            format!("{told}\n1 records, 1 bad"),
            "{inside}"
        );
    }
}

#[test]
fn values_that_are_not_what_they_should_be() {
    for (inside, reason) in [
        (
            "<DATE>0000-01-01 00:00:00</DATE>",
            "the date is not a plausible date",
        ),
        ("<DATE>99999-01-01</DATE>", "the date is not a date"),
        ("<DATE>včera</DATE>", "the date is not a date"),
        (
            "<TOTAL_PRICE><WITH_VAT>1e999999</WITH_VAT></TOTAL_PRICE>",
            "the total price is not a number",
        ),
        (
            "<TOTAL_PRICE><WITH_VAT>NaN</WITH_VAT></TOTAL_PRICE>",
            "the total price is not a number",
        ),
        (
            "<TOTAL_PRICE><PAID>maybe</PAID></TOTAL_PRICE>",
            "whether it is paid is neither yes nor no",
        ),
        (
            "<CURRENCY><EXCHANGE_RATE>x</EXCHANGE_RATE></CURRENCY>",
            "the exchange rate is not a number",
        ),
        (
            "<ORDER_ITEMS><ITEM><AMOUNT>many</AMOUNT></ITEM></ORDER_ITEMS>",
            "the amount of an item is not a number",
        ),
        ("<REMARK>a\0b</REMARK>", "ORDER holds a NUL character"),
    ] {
        assert_eq!(
            orders(&between(inside)),
            format!("order 1\nbad 2 2: {reason} (line 3)\norder 3\n3 records, 1 bad"),
            "{inside}"
        );
    }
}

#[test]
fn bytes_that_are_not_utf_8_in_a_document_that_is() {
    let mut bytes = between("<STATUS>příliš žluťoučký</STATUS>");
    let at = bytes.windows(2).position(|pair| pair == "ž".as_bytes()).unwrap();
    bytes[at + 1] = b'x';
    insta::assert_snapshot!(orders(&bytes), @r"
    order 1
    bad 2 2: ORDER is not valid UTF-8 (line 3)
    order 3
    3 records, 1 bad
    ");
    insta::assert_snapshot!(orders(b"code;remark\n1;\xc5\x99\xc5\x99\xc5\x99\n2;\xff\n3;x\n"), @r"
    order 1
    bad 2 2: remark is not valid UTF-8 (line 3)
    order 3
    3 records, 1 bad
    ");
    insta::assert_snapshot!(orders("{\"code\":\"1\",\"email\":\"ř\"}\n{\"code\":\"2\",\"email\":\"\u{1}\"}\n{\"code\":\"3\",\"email\":\"\\u0000\"}\n".as_bytes()), @r"
    order 1
    bad 2 2: it is not valid JSON, at column 22 (line 2)
    bad 3 3: a text holds a NUL character (line 3)
    3 records, 2 bad
    ");
}

#[test]
fn values_and_records_too_large_are_set_aside() {
    let field = "x".repeat(2 << 20);
    insta::assert_snapshot!(orders(&between(&format!("<REMARK>{field}</REMARK>"))), @r"
    order 1
    bad 2 2: REMARK is larger than 1 MiB (line 3)
    order 3
    3 records, 1 bad
    ");
    insta::assert_snapshot!(orders(&between(&format!("<REMARK>&lt;{field}</REMARK>"))), @r"
    order 1
    bad 2 2: REMARK is larger than 1 MiB (line 3)
    order 3
    3 records, 1 bad
    ");
    insta::assert_snapshot!(orders(&between(&format!("<REMARK>{}</REMARK>", field.repeat(5)))), @r"
    order 1
    bad 2 2: ORDER is larger than 4 MiB (line 3)
    order 3
    3 records, 1 bad
    ");
    // What looks like an end inside of character data is none.
    let inside = format!(
        "<REMARK><![CDATA[{0}</ORDER>{0}<ORDER>{0}]]></REMARK>",
        field.repeat(2)
    );
    insta::assert_snapshot!(orders(&between(&inside)), @r"
    order 1
    bad 2 2: ORDER is larger than 4 MiB (line 3)
    order 3
    3 records, 1 bad
    ");
    insta::assert_snapshot!(orders(format!("code;remark\n1;x\n2;{field}\n3;\"{}\"\n4;x\n", field.repeat(5)).as_bytes()), @r"
    order 1
    bad 2 2: remark is larger than 1 MiB (line 3)
    bad 3 : the row is larger than 4 MiB (line 4)
    order 4
    4 records, 2 bad
    ");
    insta::assert_snapshot!(orders(format!("{{\"code\":\"1\"}}\n{{\"code\":\"2\",\"email\":\"{field}\"}}\n{{\"code\":\"3\",\"email\":\"{}\"}}\n{{\"code\":\"4\"}}\n", field.repeat(5)).as_bytes()), @r"
    order 1
    bad 2 2: an attribute is of an unexpected type or too large, at column 2097174 (line 2)
    bad 3 3: the line is larger than 4 MiB (line 3)
    order 4
    4 records, 2 bad
    ");
    insta::assert_snapshot!(orders(format!("<ORDERS><{field}").as_bytes()), @"Damaged: markup without an end in line 1 (nothing of it was used and it is not kept: run the command again, and if it stays so, look at what the address answers)");
}

#[test]
fn nesting_without_end() {
    let deep = |times: usize| format!("{}{}", "<A>".repeat(times), "</A>".repeat(times));
    insta::assert_snapshot!(orders(&between(&deep(100_000))), @r"
    order 1
    bad 2 2: the record holds more than 32 elements inside each other (line 3)
    order 3
    3 records, 1 bad
    ");
    insta::assert_snapshot!(orders(&between(&format!("<REMARK>&amp;{}</REMARK>", deep(1000)))), @r"
    order 1
    bad 2 2: the record holds more than 32 elements inside each other (line 3)
    order 3
    3 records, 1 bad
    ");
    insta::assert_snapshot!(orders("<ORDERS>".repeat(1000).as_bytes()), @"Damaged: more than 32 elements inside each other in line 1 (nothing of it was used and it is not kept: run the command again, and if it stays so, look at what the address answers)");
    let nested = |inside: &str| {
        format!(
            "{{\"code\":\"1\",\"{inside}\":{}{}}}\n",
            "[".repeat(100_000),
            "]".repeat(100_000)
        )
    };
    // In what is not read, nesting harms nobody.
    insta::assert_snapshot!(orders(format!("{}{}", nested("new"), nested("items")).as_bytes()), @r"
    order 1
    bad 2 1: an attribute is of an unexpected type or too large, at column 23 (line 2)
    2 records, 1 bad
    ");
}

#[test]
fn lines_of_a_snapshot_that_are_not_what_they_should_be() {
    insta::assert_snapshot!(orders(br#"{"code":"1"}
{"code":"2","price":"jana@priklad.cz"}
{"code":"3"
{"email":"jana@priklad.cz"}
{"code":"5","items":[{"amount":1e999999}]}
{"code":"6","creationTime":"99999"}
"#), @r"
    order 1
    bad 2 2: an attribute is of an unexpected type or too large, at column 37 (line 2)
    bad 3 3: it is not valid JSON, at column 11 (line 3)
    bad 4 : the order code is missing (line 4)
    bad 5 5: it is not valid JSON, at column 39 (line 5)
    bad 6 6: creationTime is not a date (line 6)
    6 records, 5 bad
    ");
    insta::assert_snapshot!(customers(br#"{"guid":"1","accounts":[]}
{"accounts":[]}
{"guid":"3","accounts":{"email":"jana@priklad.cz"}}
{"guid":"4","creationTime":"soon"}
nonsense
"#), @r"
    customer 1
    bad 2 : the guid is missing (line 2)
    bad 3 3: an attribute is of an unexpected type or too large, at column 23 (line 3)
    bad 4 4: creationTime is not a date (line 4)
    bad 5 : it is not valid JSON, at column 2 (line 5)
    5 records, 4 bad
    ");
}

/// A line that is no JSON any more still says which record it is, as far as its brackets are in order.
#[test]
fn the_key_of_a_broken_line_is_its_own() {
    for (line, key) in [
        (r#"{"guid":"g-7","remark":"a "quote""}"#, "g-7"),
        (r#"{"remark":nothing,"guid" : "g-7"}"#, "g-7"),
        (
            r#"{"accounts":[{"guid":"a-1","phone":00420}],"guid":"g-7"}"#,
            "g-7",
        ),
        (r#"{"remark":"a \" and \\","x":,"guid":"g-7"}"#, "g-7"),
        (r#"{"remark":"\u0000","guid":"g-7"}"#, "g-7"),
        (r#"{"guid":77,"x":}"#, "77"),
        // Somebody else's, or nobody's.
        (r#"{"accounts":[{"guid":"a-1"}],"x":}"#, ""),
        (r#"{"x":{}},"guid":"a-1","x":}"#, ""),
        (r#"{"x":["guid","guid":"a-1"]}"#, ""),
        (r#"{"x":"guid":"a-1"}"#, ""),
        (r#"{"remark":"guid","x":"a-1","x":}"#, ""),
        (r#"{"guid":"a\u002d1","x":}"#, ""),
        (r#"{"guid":"jana@priklad.cz","x":}"#, ""),
        (r#"{"guid":"unclosed"#, ""),
        (r#"{"guid":null,"x":}"#, ""),
    ] {
        let told = customers(format!("{line}\n{{\"guid\":\"2\"}}\n").as_bytes());
        let begins = format!("bad 1 {key}: ");
        assert!(
            told.starts_with(&begins) && told.contains("2 records, 1 bad"),
            "{line}: {told}"
        );
    }
    let large = format!("{{\"guid\":\"g-7\",\"remark\":\"{}\"}}\n", "x".repeat(5 << 20));
    let told = customers(large.as_bytes());
    assert!(told.starts_with("bad 1 g-7: the line is larger"), "{told}");
}

/// Two documents of one shop may each have a record without a key at the same place.
#[test]
fn records_without_a_key_are_told_apart_by_what_they_hold() {
    let imprint = |bytes: &[u8]| {
        let file = document(bytes);
        let mut imprints = Vec::new();
        read_orders(file.path(), &locale(), &mut |reading: Reading<Order>, _| {
            if let Reading::Bad(bad) = reading {
                imprints.push((bad.position, bad.imprint));
            }
            Ok(())
        })
        .unwrap();
        imprints
    };
    for (one, other) in [
        (
            "<ORDERS><ORDER><EMAIL>a@b.example</EMAIL></ORDER></ORDERS>",
            "<ORDERS><ORDER><EMAIL>c@b.example</EMAIL></ORDER></ORDERS>",
        ),
        ("{\"email\":\"a\"}\n", "{\"email\":\"c\"}\n"),
        ("code;email\n;a\n", "code;email\n;c\n"),
    ] {
        assert_eq!(imprint(one.as_bytes()), imprint(one.as_bytes()));
        let (one, other) = (imprint(one.as_bytes()), imprint(other.as_bytes()));
        assert_eq!((one[0].0, other[0].0), (1, 1));
        assert_ne!(one, other);
    }
}

#[test]
fn rows_that_are_not_what_they_should_be() {
    insta::assert_snapshot!(orders(b"code;remark;paid;\n1;x;1;\n2;a;b;1;\n3;x\n;x;1;\n5;x;perhaps;\n5;x;1;\n6;x;1\n"), @r"
    order 1
    bad 2 2: the row has more columns than the header (line 3)
    bad 3 3: the row has 2 columns, the header 3 (line 4)
    bad 4 : the order code is missing (line 5)
    bad 5 5: whether it is paid is neither yes nor no (line 6)
    order 6
    6 records, 4 bad
    ");
    insta::assert_snapshot!(customers(b"guid;email\n1;a@priklad.cz\n;b@priklad.cz\n3;c@priklad.cz\n"), @r"
    customer 1
    bad 2 : the guid is missing (line 3)
    customer 3
    3 records, 1 bad
    ");
}

#[test]
fn customers_of_an_xml_that_are_not_what_they_should_be() {
    insta::assert_snapshot!(customers(b"<CUSTOMERS><CUSTOMER><EMAIL>a@priklad.cz</EMAIL></CUSTOMER><CUSTOMER><GUID>2</GUID><REGISTRATION_DATE>x</REGISTRATION_DATE></CUSTOMER><CUSTOMER><GUID>3</GUID></CUSTOMER></CUSTOMERS>"), @r"
    bad 1 : the guid is missing (line 1)
    bad 2 2: the registration date is not a date (line 1)
    customer 3
    3 records, 2 bad
    ");
}

/// Both are yielded; what becomes of them is for those who see all of them.
#[test]
fn a_code_that_comes_twice() {
    insta::assert_snapshot!(orders(b"<ORDERS><ORDER><CODE>1</CODE></ORDER><ORDER><CODE>2</CODE></ORDER><ORDER><CODE>1</CODE></ORDER></ORDERS>"), @r"
    order 1
    order 2
    order 1
    3 records, 0 bad
    ");
    insta::assert_snapshot!(orders(b"code;itemName\n1;a\n1;b\n2;c\n1;d\n"), @r"
    order 1
    order 2
    order 1
    3 records, 0 bad
    ");
}

#[test]
fn markup_around_the_records_that_does_not_fit() {
    insta::assert_snapshot!(orders(b"<ORDERS><ORDER><CODE>1</CODE></ORDER></EXPORT>"), @r"
    order 1
    Damaged: an end tag in line 1 closes nothing that is open (nothing of it was used and it is not kept: run the command again, and if it stays so, look at what the address answers)
    ");
    insta::assert_snapshot!(orders(b"<ORDERS></ORDERS><ORDERS></ORDERS>"), @"Damaged: a second root element in line 1 (nothing of it was used and it is not kept: run the command again, and if it stays so, look at what the address answers)");
}

#[test]
fn a_detail_that_cannot_be_read() {
    let told = |error: Error| error.to_string();
    insta::assert_snapshot!(told(order_from_api(br#"{"email":"jana@priklad.cz"}"#, &locale()).unwrap_err()), @"reading an order of the API: the order code is missing (`shoptet-sync parked` lists it; it is tried again when the shop changes it)");
    insta::assert_snapshot!(told(customer_from_api(br#"{"guid":1e999999}"#, &locale()).unwrap_err()), @"reading a customer of the API: it is not valid JSON, at column 16 (`shoptet-sync parked` lists it; it is tried again when the shop changes it)");
}

#[test]
fn a_file_that_is_not_there() {
    let error = read_orders(Path::new("no/such/file.xml"), &locale(), &mut |_, _| Ok(())).unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
}

/// Damage of any kind ends in an error or a bad record, never in a panic or without an end.
#[test]
fn damaged_at_random() {
    const BYTES: &[u8] = b"<>&;\"'/\0\xff\n{}[]!-";
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut seed = 1_u64;
    let mut random = move |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(seed >> 33).unwrap() % below
    };
    for entry in std::fs::read_dir(fixtures).unwrap() {
        let whole = std::fs::read(entry.unwrap().path()).unwrap();
        for _ in 0..300 {
            let mut bytes = whole.clone();
            for _ in 0..=random(4) {
                let at = random(bytes.len());
                match random(3) {
                    0 => bytes[at] = BYTES[random(BYTES.len())],
                    1 => drop(bytes.drain(at..(at + random(40)).min(bytes.len()))),
                    _ => {
                        let piece = bytes[at..(at + random(200)).min(bytes.len())].to_vec();
                        bytes.splice(at..at, piece);
                    }
                }
                if bytes.is_empty() {
                    break;
                }
            }
            for told in [orders(&bytes), customers(&bytes)] {
                let quoted = told
                    .lines()
                    .any(|line| line.starts_with("bad") && line.contains('@'));
                assert!(!quoted, "{told}");
            }
        }
    }
}
