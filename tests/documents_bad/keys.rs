//! Which record it is, where the rest of it cannot be read.

use super::*;

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
