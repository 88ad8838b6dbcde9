//! What stands around and between the values: declarations, tags, bytes.

use super::*;

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
fn markup_around_the_records_that_does_not_fit() {
    insta::assert_snapshot!(orders(b"<ORDERS><ORDER><CODE>1</CODE></ORDER></EXPORT>"), @r"
    order 1
    Damaged: an end tag in line 1 closes nothing that is open (nothing of it was used and it is not kept: run the command again, and if it stays so, look at what the address answers)
    ");
    insta::assert_snapshot!(orders(b"<ORDERS></ORDERS><ORDERS></ORDERS>"), @"Damaged: a second root element in line 1 (nothing of it was used and it is not kept: run the command again, and if it stays so, look at what the address answers)");
}
